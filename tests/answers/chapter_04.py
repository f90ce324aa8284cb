"""Answers to the exercises of chapter 04, backpropagation by hand: right ones and plausible wrong ones."""

import math

import numpy as np


def slopes_by_nudging(w, b, x, target):
    def loss(w, b):
        return (max(w * x + b, 0.0) - target) ** 2

    h = 2.0**-20
    return (loss(w + h, b) - loss(w - h, b)) / (2 * h), (loss(w, b + h) - loss(w, b - h)) / (2 * h)


def slopes_by_cases(w, b, x, target):
    z = w * x + b
    if z <= 0:
        return [0, 0]
    return [2 * (z - target) * x, 2 * (z - target)]


class Value:
    """Only what a reader's function needs of the chapter's class."""

    def __init__(self, data, parents=(), local_slopes=(), name=""):
        self.data, self.parents, self.local_slopes, self.name = data, parents, local_slopes, name

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(float(other))
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __sub__(self, other):
        other = other if isinstance(other, Value) else Value(float(other))
        return Value(self.data - other.data, (self, other), (1.0, -1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(float(other))
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def relu(self):
        return Value(max(self.data, 0.0), (self,), (1.0 if self.data > 0 else 0.0,))


def leaky_by_cases(value):
    if value.data > 0:
        return Value(value.data, (value,), (1.0,))
    return Value(0.1 * value.data, (value,), (0.1,))


def leaky_from_parts(value):
    return value * 0.1 + value.relu() * 0.9


def stable_by_cases(score):
    return score + math.log1p(math.exp(-score)) if score > 0 else math.log1p(math.exp(score))


def slope_by_loops(upstream, X, W):
    slope = upstream.copy()
    for i, x in enumerate(X):
        for k, weights in enumerate(W):
            if weights @ x > 0:
                slope[i] += upstream[i, k] * weights
    return slope


def count_by_loops(pixels, pre_activations):
    return sum(1 for z in pre_activations for p in pixels if z <= 0 or p == 0)


RIGHT = {
    "04.1": [slopes_by_nudging, slopes_by_cases],
    "04.2": [
        leaky_by_cases,
        leaky_from_parts,
        lambda v: v.relu() - (Value(0.0) - v).relu() * 0.1,
    ],
    "04.3": [stable_by_cases, lambda s: np.logaddexp(0, s), lambda s: max(s, 0) + np.log1p(np.exp(-abs(s)))],
    "04.4": [slope_by_loops, lambda g, X, W: g + (g * (X @ W.T > 0)) @ W],
    "04.5": [count_by_loops, lambda p, z: float(p.size * z.size - (p != 0).sum() * (z > 0).sum())],
}

WRONG = {
    "04.1": [
        lambda w, b, x, t: (2 * (w * x + b - t) * x, 2 * (w * x + b - t)),  # no ReLU
        lambda w, b, x, t: (2 * (max(w * x + b, 0) - t) * x, 2 * (max(w * x + b, 0) - t)),  # mask forgotten
        lambda w, b, x, t: tuple(reversed(slopes_by_cases(w, b, x, t))),
        lambda w, b, x, t: tuple(s / 2 for s in slopes_by_cases(w, b, x, t)),
        lambda w, b, x, t: tuple(-s for s in slopes_by_cases(w, b, x, t)),
        lambda w, b, x, t: (math.nan, math.nan),
        lambda w, b, x, t: (..., ...),
        lambda w, b, x, t: slopes_by_cases(w, b, x, t)[0],
        lambda w, b, x, t: (*slopes_by_cases(w, b, x, t), 0.0),
    ],
    "04.2": [
        lambda v: Value(v.data if v.data > 0 else 0.1 * v.data, (v,), (1.0,)),
        lambda v: Value(v.data if v.data > 0 else 0.1 * v.data, (v,), (v.data,)),
        lambda v: Value(v.data if v.data > 0 else 0.1 * v.data),  # no parents: a constant
        lambda v: Value(v.data if v.data > 0 else 0.01 * v.data, (v,), (1.0 if v.data > 0 else 0.01,)),
        lambda v: Value(v.data if v.data > 0 else 0.1 * v.data, (v), (1.0 if v.data > 0 else 0.1)),  # no commas
        lambda v: Value(math.nan, (v,), (math.nan,)),
        lambda v: v.relu(),
        lambda v: v,
        lambda v: 0.1 * v.data,
        lambda v: None,
    ],
    "04.3": [
        lambda s: np.log(1 + np.exp(s)),
        lambda s: np.log1p(np.exp(s)),
        lambda s: s if s > 30 else np.log(1 + np.exp(s)),  # loses a small e^s
        lambda s: s if s > 4 else math.log1p(math.exp(s)),
        lambda s: s if s > 20 else math.log1p(math.exp(s)),
        lambda s: s if s > 25 else math.log1p(math.exp(s)),
        lambda s: s if s > 28 else np.log1p(np.exp(s)),
        lambda s: max(s, 0.0),
        lambda s: -np.log(1 - 1 / (1 + np.exp(-s))),
        lambda s: np.log1p(np.exp(-abs(s))),
        lambda s: math.nan,
        lambda s: ...,
    ],
    "04.4": [
        lambda g, X, W: np.where(X @ W.T > 0, g, 0.0) @ W,  # one path only
        lambda g, X, W: g + np.where(X @ W.T > 0, g, 0.0) @ W.T,
        lambda g, X, W: g + g @ W,  # no mask
        lambda g, X, W: g + np.where(g > 0, g, 0.0) @ W,
        lambda g, X, W: 1 + np.where(X @ W.T > 0, g, 0.0) @ W,
        lambda g, X, W: np.full_like(X, np.nan),
        lambda g, X, W: (g + np.where(X @ W.T > 0, g, 0.0) @ W).T,
        lambda g, X, W: None,
    ],
    "04.5": [
        lambda p, z: (p != 0).sum() * (z > 0).sum(),  # the others
        lambda p, z: (p == 0).sum() * z.size + (z <= 0).sum() * p.size,  # both reasons counted twice
        lambda p, z: (p == 0).sum() * (z <= 0).sum(),
        lambda p, z: (z <= 0).sum() * p.size,
        lambda p, z: p.size * z.size - (p != 0).sum() * (z >= 0).sum(),  # a unit at 0 counted as open
        lambda p, z: math.nan,
        lambda p, z: True,
        lambda p, z: None,
    ],
}

# A wrong answer, and words that the message must hold.
MESSAGES = [
    ("04.1", lambda w, b, x, t: (0.0, 0.0), "(the unit is open): the slope in w is -4.5, got 0"),
    ("04.2", lambda v: Value(v.data if v.data > 0 else 0.1 * v.data), "backward would find 0"),
    ("04.3", lambda s: np.log(1 + np.exp(s)), "A score of -20: expected 2.0611536"),
    ("04.4", lambda g, X, W: np.where(X @ W.T > 0, g, 0.0) @ W, "1 example and 1 unit: the slope in X[0, 0] is"),
]
