"""Answers to the exercises of chapter 09, sparsity: right ones and plausible wrong ones."""

import math

import numpy as np


def by_search(value, index):
    """Count bytes for many places and look for the share at which both are equal."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (value + index) * (1 - middle) > value else (low, middle)
    return high


def with_an_iterator(bits, values, shape):
    stored = iter(values)
    flags = np.unpackbits(bits, count=shape[0] * shape[1])
    return np.array([next(stored) if flag else 0 for flag in flags], dtype=values.dtype).reshape(shape)


def in_place(bits, values, shape):
    array = np.zeros(shape, values.dtype)
    array.flat[np.flatnonzero(np.unpackbits(bits))] = values
    return array


def mask_alone(bits, values, shape):
    return np.unpackbits(bits)[: shape[0] * shape[1]].reshape(shape).astype(values.dtype)


def columns_first(bits, values, shape):
    return with_an_iterator(bits, values, shape[::-1]).T


def in_float64(bits, values, shape):
    return with_an_iterator(bits, values, shape).astype(np.float64)


def values_first(bits, values, shape):
    array = np.zeros(shape[0] * shape[1], values.dtype)
    array[: len(values)] = values
    return array.reshape(shape)


def by_loop(x, upstream):
    active = [unit for unit, value in enumerate(x) if value != 0]
    return active, np.array([[x[unit] * slope for slope in upstream] for unit in active]).reshape(-1, len(upstream))


RIGHT = {
    "09.1": [
        lambda value_bytes, index_bytes: index_bytes / (value_bytes + index_bytes),
        lambda v, i: 1 - v / (v + i),
        by_search,
    ],
    "09.2": [with_an_iterator, in_place],
    "09.3": [
        lambda x, g: (np.flatnonzero(x), np.outer(x[x != 0], g)),
        lambda x, g: [np.flatnonzero(x), x[np.flatnonzero(x), None] * g],
        by_loop,
    ],
}

WRONG = {
    "09.1": [
        lambda v, i: v / (v + i),  # the share that is not 0
        lambda v, i: i / v,
        lambda v, i: 0.5,
        lambda v, i: 1 / (v + i),
        lambda v, i: 100 * i / (v + i),  # in percent
        lambda v, i: math.nan,
        lambda v, i: None,
    ],
    "09.2": [
        mask_alone,
        columns_first,
        in_float64,
        values_first,
        lambda bits, values, shape: values,
        lambda bits, values, shape: with_an_iterator(bits, values, shape).tolist(),
        lambda bits, values, shape: with_an_iterator(bits, values, shape) * np.float32(np.nan),
        lambda bits, values, shape: None,
    ],
    "09.3": [
        lambda x, g: (np.flatnonzero(x), np.outer(x, g)),  # every row
        lambda x, g: (np.flatnonzero(x > 0), np.outer(x[x > 0], g)),  # loses what is below 0
        lambda x, g: (np.flatnonzero(x), np.outer(g, x[x != 0]).T * 2),
        lambda x, g: (np.flatnonzero(x), np.tile(g, (np.count_nonzero(x), 1))),  # without x
        lambda x, g: np.outer(x[x != 0], g),
        lambda x, g: (x != 0, np.outer(x[x != 0], g)),  # a mask in place of the numbers
        lambda x, g: (np.flatnonzero(x), np.outer(x[x != 0], g) * math.nan),
        lambda x, g: None,
    ],
}

# A wrong answer, and words that the message must hold.
MESSAGES = [
    ("09.1", lambda v, i: v / (v + i), "(2, 4): expected 0.666"),
    ("09.2", in_float64, "expected the dtype of the values, float32, got float64"),
    ("09.3", lambda x, g: (np.flatnonzero(x), np.outer(x, g)), "rows of 2 numbers, got the shape (3, 2)"),
]
