"""Answers to the exercises of chapter 01, why a network needs a bend: right ones and plausible wrong ones."""

import math

import numpy as np


def collapse_by_points(W1, b1, W2, b2):
    """Find the affine map from its values."""
    inputs = W1.shape[1]
    bias = W2 @ (W1 @ np.zeros(inputs) + b1) + b2
    columns = [W2 @ (W1 @ np.eye(inputs)[i] + b1) + b2 - bias for i in range(inputs)]
    return np.array(columns).T, bias


def collapse_with_lists(W1, b1, W2, b2):
    W = [[sum(W2[i][k] * W1[k][j] for k in range(len(W1))) for j in range(len(W1[0]))] for i in range(len(W2))]
    b = [sum(W2[i][k] * b1[k] for k in range(len(b1))) + b2[i] for i in range(len(W2))]
    return W, b


def hinges_by_search(tolerance):
    n = 1
    while (2 * math.pi / n) ** 2 / 8 > tolerance:
        n += 1
    return n


RIGHT = {
    "01.1": [lambda W1, b1, W2, b2: (W2 @ W1, W2 @ b1 + b2), collapse_by_points, collapse_with_lists],
    "01.2": [
        ([[1, -1], [-1, 1]], [0, 0], [1, 1], 0),
        ([[2, -2], [-2, 2]], [0, 0], [0.5, 0.5], 0),
        ([[-1, -1], [1, 1]], [1, -1], [-1, -1], 1),
        (np.array([[2, 2], [-1, -1]]), np.array([-2, 1]), np.array([-0.5, -1]), 1),
    ],
    "01.3": [
        [(1, 0, 1), (-1, 0, 1)],
        [(-2, 0, 0.5), (4, 0, 0.25)],
        np.array([[1, 0, 1], [-1, 0, 1]]),
    ],
    "01.4": [
        [(1, 0, 1), (1, -1, -2), (1, -2, 1)],
        [(2, 0, 0.5), (1, -2, 1), (4, -4, -0.5)],
        [(-1, 0, 1), (-1, 1, -2), (-1, 2, 1)],  # seen from the right
    ],
    "01.5": [
        lambda t: int(np.ceil(2 * np.pi / np.sqrt(8 * t))),
        lambda t: np.ceil(2 * np.pi / np.sqrt(8 * t)),  # a whole number, as a float
        hinges_by_search,
    ],
}

WRONG = {
    "01.1": [
        lambda W1, b1, W2, b2: (W2 @ W1, b1 + b2),  # the slip named in the solution
        lambda W1, b1, W2, b2: (W1 @ W2, W2 @ b1 + b2),
        lambda W1, b1, W2, b2: (W2 @ W1, W2 @ b1),
        lambda W1, b1, W2, b2: (W2 + W1, b1 + b2),
        lambda W1, b1, W2, b2: (W2 @ W1, np.nan * b2),
        lambda W1, b1, W2, b2: W2 @ W1,
        lambda W1, b1, W2, b2: None,
    ],
    "01.2": [
        ([[1, 1], [1, 1]], [0, -1], [1, -2], 0),  # the chapter's own
        ([[1, 1], [1, 1]], [-1, 0], [-2, 1], 0),  # with its units swapped
        ([[2, 2], [1, 1]], [0, -1], [0.5, -2], 0),  # rescaled
        ([[1, 1], [1, 1]], [0.5, -1], [1, -2], -0.5),  # shifted
        ([[-1, -1], [-1, -1]], [2, 1], [1, -2], 0),  # mirrored
        ([[1, -1], [1, -1]], [2, 0], [-1, 2], 2),  # along the other diagonal, but both the same way
        ([[1, -1], [-1, 1]], [0, 0], [1, 1], math.nan),
        ([[1, -1], [-1, 1]], [0, math.nan], [1, 1], 0),
        ([[1, -1], [-1, 1]], [0, 0], [1, math.inf], 0),
        ([[1, 1], [1, 1]], [0, 0], [1, -2], 0),
        ([[1, 0], [0, 1]], [0, 0], [1, 1], 0),
        ([[1, -1], [-1, 1]], [0, 0], [1, -1], 0),
        ([[1, -1]], [0], [1], 0),
        ([[..., ...], [..., ...]], [..., ...], [..., ...], 0),
        None,
    ],
    "01.3": [
        [(1, 0, 1), (-1, 0, -1)],
        [(1, 0, 1)],
        [(1, 0, 1), (1, 0, 1)],
        [(1, 0, 2), (-1, 0, 1)],
        [(1, 0, 1), (-1, 0, 1), (1, -9, 0)],  # one unit too many
        [(1, 0), (-1, 0)],
        [(math.nan, math.nan, math.nan)],
        [(1, 0, 1), (-1, 0, math.nan)],
        [(math.inf, 0, 1), (-1, 0, 1)],
        [...],
        [],
    ],
    "01.4": [
        [(1, 0, 1), (1, -1, -2)],  # falls for ever
        [(1, 0, 1), (1, -1, -1), (1, -2, 1)],
        [(1, 0, 1), (1, 1, -2), (1, 2, 1)],  # the signs of the biases
        [(1, 0, 1), (1, -1, -2), (1, -2, 1), (1, -9, 0)],
        [(math.nan, math.nan, math.nan)],
        [(1, 0, 1), (1, -1, -2), (1, math.nan, 1)],
        "a hat",
    ],
    "01.5": [
        lambda t: int(2 * np.pi / np.sqrt(8 * t)),  # rounded down
        lambda t: 2 * np.pi / np.sqrt(8 * t),
        lambda t: int(np.ceil(1 / np.sqrt(8 * t))),  # the interval forgotten
        lambda t: int(np.ceil(2 * np.pi / (8 * t))),
        lambda t: 0,
        lambda t: True,
        lambda t: math.nan,
        lambda t: math.inf,
        lambda t: np.ceil(2 * np.pi / np.sqrt(8 * t)) + 1.0,
        lambda t: np.ceil(2 * np.pi / np.sqrt(8 * t)) + 0j,
    ],
}

# A wrong answer, and words that the message must hold.
MESSAGES = [
    (
        "01.2",
        ([[1, -1], [-1, 1]], [0, 0], [1, -1], 0),
        "x = (0, 1): hidden units [0.0, 1.0], output expected 1, got -1",
    ),
    ("01.3", [(1, 0, 1)], "At x = -3: expected 3, got 0"),
    (
        "01.1",
        lambda W1, b1, W2, b2: (W2 @ W1, b1 + b2),
        "With W1 = [[-3]], b1 = [-3], W2 = [[2]], b2 = [0], x = [1], the two layers give [-12], your one layer [-9].",
    ),
    ("01.1", lambda W1, b1, W2, b2: (W1 @ W2, W2 @ b1 + b2), "is the order of the matrices right? (W1 is 3 by 2"),
    ("01.1", lambda W1, b1, W2, b2: W2 @ W1, "1 input, 1 hidden unit, 1 output: return two arrays"),
    ("01.2", ([[1, 1], [1, 1]], [-1, 0], [-2, 1], 0), "both units look in the same direction"),
    ("01.2", ([[1, -1], [-1, 1]], [0, 0], [1, 1], math.nan), "must be finite"),
    ("01.3", [(1, 0, 1), (-1, 0, 1), (1, -9, 0)], "Use at most 2 units; you gave 3."),
    ("01.3", [(math.nan, math.nan, math.nan)], "must be finite"),
    ("01.5", lambda t: 7.5, "expected a whole number, got 7.5"),
]
