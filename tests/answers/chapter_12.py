"""Answers to the exercises of chapter 12, exponential and self-normalising: right ones and plausible wrong ones."""

import math

import numpy as np

FLOOR = -1.7580993408473766


def leaky_by_mask(x, slope):
    out = np.array(x, dtype=float)
    below = out <= 0
    negative = out[below]
    out[below] = np.expm1(negative)
    if slope != 0:
        out[below] += slope * negative
    return out


def leaky_by_loop(x, slope):
    def one(v):
        if v > 0:
            return v
        return math.expm1(v) + (slope * v if slope else 0)

    return np.vectorize(one, otypes=[float])(x)


def leaky_with_where(x, slope):
    negative = np.minimum(x, 0)
    leak = slope * negative if slope else 0
    return np.where(x > 0, x, leak + np.expm1(negative))


def by_quadrature(f):
    z, w = np.polynomial.hermite_e.hermegauss(200)
    w = w / w.sum()
    shift = w @ f(z)
    return (w @ (f(z) - shift) ** 2) ** -0.5, shift


def by_grid(f):
    z = np.linspace(-7, 7, 20001)
    w = np.exp(-z * z / 2)
    w = w / w.sum()
    shift = float(w @ f(z))
    return 1 / math.sqrt(float(w @ f(z) ** 2) - shift**2), shift


def as_array(p):
    a = ((1 - p) * (1 + p * FLOOR**2)) ** -0.5
    return np.array([a, -a * p * FLOOR])


def written_out(p):
    mean = p * FLOOR
    variance = 1 - p + p * FLOOR**2 - mean**2
    return variance**-0.5, -mean * variance**-0.5


def in_place(y):
    y += 1
    return y


RIGHT = {
    "12.1": [leaky_by_mask, leaky_by_loop, leaky_with_where],
    "12.2": [by_grid, by_quadrature, lambda f: list(by_grid(f)), lambda f: np.array(by_grid(f))],
    "12.3": [written_out, as_array],
    "12.4": [
        lambda y: y + np.log(-np.expm1(-y)),
        lambda y: np.where(y > 30, y, np.log(np.expm1(np.minimum(y, 30)))),
        lambda y: [v + math.log(-math.expm1(-v)) for v in y],
    ],
}

WRONG = {
    "12.1": [
        lambda x, slope: np.where(x > 0, x, slope * x + np.exp(x) - 1),  # overflow
        lambda x, slope: np.where(x > 0, x, slope * x + np.exp(np.minimum(x, 0)) - 1),  # digits
        lambda x, slope: np.where(x > 0, x, slope * np.minimum(x, 0) + np.expm1(np.minimum(x, 0))),  # 0 · ∞
        lambda x, slope: np.where(x > 0, x, slope * np.expm1(np.minimum(x, 0))),  # the leak as a factor
        lambda x, slope: np.expm1(np.minimum(x, 0)),
        lambda x, slope: np.maximum(x, np.expm1(np.minimum(x, 0))),
        lambda x, slope: leaky_by_mask(x, slope).sum(),
        lambda x, slope: leaky_by_mask(x, slope)[:-1],
        lambda x, slope: np.full_like(x, np.nan),
        lambda x, slope: "nothing",
        lambda x, slope: None,
        0.5,
    ],
    "12.2": [
        lambda f: (by_grid(f)[0], 0.0),
        lambda f: (1.0, by_grid(f)[1]),
        lambda f: by_grid(f)[::-1],
        lambda f: (-by_grid(f)[0], by_grid(f)[1]),
        lambda f: (by_grid(f)[0] ** 2, by_grid(f)[1]),
        lambda f: (1 / math.sqrt(np.mean(f(np.linspace(-3, 3, 601)) ** 2)), 0.0),
        lambda f: (float("nan"), 0.0),
        lambda f: (float("inf"), 0.0),
        lambda f: 1.0,
        lambda f: (1.0, 2.0, 3.0),
        lambda f: None,
        (1.0, 0.0),
    ],
    "12.3": [
        lambda p: (1 / (1 - p), 0.0),  # plain dropout
        lambda p: ((1 - p + p * FLOOR**2) ** -0.5, 0.0),  # the mean forgotten
        lambda p: (written_out(p)[0], -p * FLOOR),  # b not scaled
        lambda p: (written_out(p)[0], -written_out(p)[1]),
        lambda p: (written_out(p)[0] ** 2, written_out(p)[1]),
        lambda p: written_out(1 - p),  # kept and dropped exchanged
        lambda p: tuple(-v for v in written_out(p)),
        lambda p: (float("nan"), float("nan")),
        lambda p: 1.0,
        lambda p: None,
    ],
    "12.4": [
        lambda y: np.log(np.exp(y) - 1),
        lambda y: np.log(np.expm1(y)),  # overflow
        lambda y: y + np.log(1 - np.exp(-y)),  # digits, −∞ at 1e-20
        lambda y: y + np.log1p(-np.exp(-y)),
        lambda y: np.log1p(np.exp(-y)) + y,  # Softplus itself
        lambda y: np.log(y),
        lambda y: y,
        lambda y: float("nan") * y,
        lambda y: (y + np.log(-np.expm1(-y))).sum(),
        in_place,
        lambda y: None,
    ],
}

# A wrong answer, and words that the message must hold.
MESSAGES = [
    ("12.1", lambda x, slope: np.where(x > 0, x, slope * x + np.exp(x) - 1), "FloatingPointError: overflow"),
    (
        "12.1",
        lambda x, slope: np.where(x > 0, x, slope * x + np.exp(np.minimum(x, 0)) - 1),
        "Digits were lost: look at what stands near 0",
    ),
    ("12.2", lambda f: (1.0, by_grid(f)[1]), "f = relu: with scale 1 and shift 0.3989 the mean is"),
    ("12.3", lambda p: (1 / (1 - p), 0.0), "p = 0.05: with a = 1.053 and b = 0 the mean becomes -0.0925"),
    ("12.4", lambda y: y, "y = 1e-20: expected -46.0517018598809, got 1e-20"),
]
