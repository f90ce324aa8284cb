"""Answers to the exercises of chapter 10, seeing with ReLU: right ones and plausible wrong ones."""

import math

import numpy as np

NAN = math.nan


def places(size, kernel, padding, stride):
    """Walk along the image with its frame and count."""
    count, left = 0, -padding
    while left + kernel <= size + padding:
        count, left = count + 1, left + stride
    return count


def folded_by_points(scale, shift, W, b):
    """Find the affine map from its values."""

    def layer(x):
        return W @ (scale * x + shift) + b

    inputs = W.shape[1]
    bias = layer(np.zeros(inputs))
    return np.array([layer(unit) - bias for unit in np.eye(inputs)]).T, bias


def by_odds(sensitivity, specificity, prevalence):
    if specificity == 1 or prevalence == 1:
        return 1.0
    odds = prevalence / (1 - prevalence) * sensitivity / (1 - specificity)
    return odds / (1 + odds)


RIGHT = {
    "10.1": [
        [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
        [[1, 1, 1], [0, 0, 0], [-1, -1, -1]],
        np.array([[0.0, 0.5, 0.0], [0.0, 0.25, 0.0], [0.0, -0.75, 0.0]]) + np.array([[0.1], [0], [-0.1]])
        - np.array([[0, 0, 0], [0, 0, 0], [0, 0, 0]]),
        [[0, 1, 0], [0, 0, 0], [0, -1, 0]],
    ],
    "10.2": [
        lambda size, kernel, padding, stride: (size + 2 * padding - kernel) // stride + 1,
        lambda size, kernel, padding, stride: math.floor((size + 2 * padding - kernel) / stride + 1),
        places,
    ],
    "10.3": [
        lambda scale, shift, W, b: (W * scale, b + W @ shift),
        lambda scale, shift, W, b: (W @ np.diag(scale), W @ shift + b),
        folded_by_points,
    ],
    "10.4": [
        lambda se, sp, pr: se * pr / (se * pr + (1 - sp) * (1 - pr)),
        by_odds,
    ],
    "10.5": [381, 381.0, np.int64(381)],
}

WRONG = {
    "10.1": [
        [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],  # the sign forgotten
        [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],  # the chapter's own
        [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
        [[0, 0, 0], [0, 0, 0], [0, 0, 0]],
        [[1, 2, 1], [0, 0, 0], [-1, -2, 0]],
        [[1, 2, 1], [-2, -4, -2], [1, 2, 1]],  # answers to lines
        [[2, 1, 0], [1, 0, -1], [0, -1, -2]],  # answers to edges aslant, and to upright ones
        [[NAN, 2, 1], [0, 0, 0], [-1, -2, -1]],
        [[..., ...], [..., ...]],
        [1, 0, -1],
        None,
    ],
    "10.2": [
        lambda size, kernel, padding, stride: (size + 2 * padding - kernel) // stride,
        lambda size, kernel, padding, stride: (size + padding - kernel) // stride + 1,
        lambda size, kernel, padding, stride: size // stride,
        lambda size, kernel, padding, stride: math.ceil((size + 2 * padding - kernel) / stride) + 1,
        lambda size, kernel, padding, stride: (size + 2 * padding - kernel) / stride + 1,
        lambda size, kernel, padding, stride: NAN,
        lambda size, kernel, padding, stride: None,
    ],
    "10.3": [
        lambda scale, shift, W, b: (scale[:, None] * W, b + W @ shift),  # the fold from behind
        lambda scale, shift, W, b: (W * scale, b + shift.sum()),
        lambda scale, shift, W, b: (W * scale, b + (W * scale) @ shift),
        lambda scale, shift, W, b: (W * scale, b),
        lambda scale, shift, W, b: W * scale,
        lambda scale, shift, W, b: (W * NAN, b + W @ shift),
        lambda scale, shift, W, b: None,
    ],
    "10.4": [
        lambda se, sp, pr: se,
        lambda se, sp, pr: se * pr,
        lambda se, sp, pr: se * pr / (se * pr + sp * (1 - pr)),
        lambda se, sp, pr: se * pr / (se * pr + (1 - sp)),
        lambda se, sp, pr: NAN,
        lambda se, sp, pr: (se + sp) / 2,
    ],
    "10.5": [380, 382, 300, 38, 0, 381.5, -381, NAN, math.inf, ..., None, "many"],
}

# A wrong answer, and words that the message must hold.
MESSAGES = [
    ("10.1", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]], "bright above, dark below: expected a positive number, got -36"),
    (
        "10.2",
        lambda size, kernel, padding, stride: math.ceil((size + 2 * padding - kernel) / stride) + 1,
        "size 120, kernel 3, padding 1, stride 2: expected 60, got 61",
    ),
    ("10.5", 380, "the interval begins at 98.9992%, not above 99 %"),
]
