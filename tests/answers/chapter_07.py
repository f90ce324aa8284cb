"""Answers to the exercises of chapter 07, vanishing and exploding gradients: right ones and plausible wrong ones."""

import math

import numpy as np


def gain_by_bisection(share, layers):
    low, high = 0.0, 4.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (low, middle) if (middle**2 / 2) ** (layers / 2) >= share else (middle, high)
    return high


def floor_by_iteration(gain, bias_variance):
    q = 0.0
    for _ in range(20_000):
        before, q = q, gain**2 / 2 * q + bias_variance
        if q > 1e100:
            return math.inf
    return q if abs(q - before) <= 1e-12 * q else math.inf  # at a gain of √2 it grows evenly


def layers_by_angle(similarity):
    rho, layers = 0.0, 0
    if similarity < 0:
        return layers
    while not rho > similarity:
        theta = np.arccos(rho)
        rho = (np.sin(theta) + (np.pi - theta) * np.cos(theta)) / np.pi
        layers += 1
    return layers


def layers_recursive(similarity, rho=0.0):
    if rho > similarity:
        return 0
    theta = math.acos(min(rho, 1))
    return 1 + layers_recursive(similarity, (math.sin(theta) + (math.pi - theta) * rho) / math.pi)


def layers_that_keep_the_angle(similarity):
    """As the hint begins: the angle of a right angle is pi/2."""
    theta, layers = math.pi / 2, 0
    while math.cos(theta) <= similarity:
        theta = math.acos(min((math.sin(theta) + (math.pi - theta) * math.cos(theta)) / math.pi, 1))
        layers += 1
    return layers


def layers_and_one(similarity):
    return layers_by_angle(similarity) + 1


def layers_with_whole_angle(similarity):
    """pi + theta in place of pi - theta."""
    rho, layers = 0.0, 0
    while rho <= similarity and layers < 1000:
        theta = math.acos(min(rho, 1))
        rho = (math.sin(theta) + (math.pi + theta) * rho) / math.pi
        layers += 1
    return layers


RIGHT = {
    "07.1": [
        lambda share, layers: np.sqrt(2) * share ** (1 / layers),
        lambda share, layers: math.exp(math.log(2) / 2 + math.log(share) / layers),
        gain_by_bisection,
    ],
    "07.2": [
        lambda negative_slope: np.sqrt(2 / (1 + negative_slope**2)),
        lambda a: 1 / math.sqrt(0.5 + 0.5 * a * a),
    ],
    "07.3": [
        lambda gain, bias_variance: bias_variance / (1 - gain**2 / 2) if gain**2 < 2 else float("inf"),
        floor_by_iteration,
    ],
    "07.4": [layers_by_angle, layers_recursive, layers_that_keep_the_angle],
}

WRONG = {
    "07.1": [
        lambda share, layers: np.sqrt(2 * share ** (1 / layers)),  # the square of the length
        lambda share, layers: share ** (1 / layers),
        lambda share, layers: 2 * share ** (1 / layers),
        lambda share, layers: np.sqrt(2) * share ** (1 / (layers + 1)),
        lambda share, layers: np.sqrt(2) * share / layers,
        lambda share, layers: np.sqrt(2) * share**layers,
        lambda share, layers: math.nan,
        lambda share, layers: None,
    ],
    "07.2": [
        lambda a: np.sqrt(2),
        lambda a: 2 / (1 + a**2),  # no root
        lambda a: np.sqrt(2 / (1 + a)),
        lambda a: np.sqrt(1 / (1 + a**2)),
        lambda a: np.sqrt((1 + a**2) / 2),
        lambda a: math.nan,
        lambda a: np.array([1.0]),
    ],
    "07.3": [
        lambda gain, bias_variance: bias_variance / (1 - gain**2 / 2),  # negative where it grows
        lambda gain, bias_variance: bias_variance / (1 - gain / 2) if gain**2 < 2 else math.inf,
        lambda gain, bias_variance: bias_variance,
        lambda gain, bias_variance: 0.4,
        lambda gain, bias_variance: bias_variance / (1 - gain**2 / 2) if gain < 1.41 else math.inf,
        lambda gain, bias_variance: bias_variance / abs(1 - gain**2 / 2) if gain < 1.45 else math.inf,
        lambda gain, bias_variance: bias_variance / (1 - gain**2) if gain**2 < 1 else math.inf,
        lambda gain, bias_variance: math.inf,
        lambda gain, bias_variance: math.nan,
    ],
    "07.4": [
        layers_and_one,
        layers_with_whole_angle,
        lambda similarity: 30,
        lambda similarity: layers_by_angle(similarity) - 1 if similarity >= 0 else 0,
        lambda similarity: math.nan,
        lambda similarity: True,
        lambda similarity: 1 / (1 - similarity),
    ],
}

# A wrong answer, and words that the message must hold.
MESSAGES = [
    ("07.1", lambda share, layers: share ** (1 / layers), "(0.5, 1): expected 0.707107, got 0.5"),
    ("07.3", lambda gain, bias_variance: bias_variance / (1 - gain**2 / 2), "expected inf, got -0.8"),
    ("07.4", lambda similarity: 30, "(0.2): expected 1 layer, got 30"),
]
