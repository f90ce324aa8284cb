"""Answers to the exercises of chapter 03, ReLU in NumPy: right ones and plausible wrong ones."""

import numpy as np


def leak_by_copy(x, negative_slope=0.01):
    result = x.copy()
    result[x < 0] *= negative_slope
    return result


def leak_by_factor(x, negative_slope=0.01):
    return np.where(x < 0, x.dtype.type(negative_slope), x.dtype.type(1)) * x


def leak_that_writes(x, negative_slope=0.01):
    x[x < 0] *= negative_slope
    return x


def rectify_by_mask(x):
    x[x < 0] = 0
    return x


def rectify_and_copy_back(x):
    x[...] = np.maximum(x, 0)
    return x


def rectify_along_an_axis(x):
    x[:] = np.maximum(x, 0)
    return x


def rectify_by_multiplying(x):
    with np.errstate(invalid="ignore"):
        x *= x > 0
    return x


def rectify_flat(x):
    flat = x.reshape(-1)
    np.maximum(flat, 0, out=flat)
    return x


def rectify_without_nan(x):
    return np.fmax(x, 0, out=x)


def rectify_a_name(x):
    x = np.maximum(x, 0)
    return x


def backward_into_a_copy(grad_output, pre_activation):
    grad = grad_output.copy()
    grad[~(pre_activation > 0)] = 0
    return grad


def backward_in_place(grad_output, pre_activation):
    grad_output[pre_activation <= 0] = 0
    return grad_output


def backward_by_multiplying(grad_output, pre_activation):
    with np.errstate(invalid="ignore"):
        return grad_output * (pre_activation > 0)


def backward_that_cleans_up(grad_output, pre_activation):
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(grad_output * (pre_activation > 0), nan=0, posinf=np.inf, neginf=-np.inf)


def bits_through_floats(bits):
    x = bits.view(np.float16)
    return np.where(x < 0, np.float16(0), x).view(np.int16)


def bits_in_place(bits):
    bits[bits <= -1024] = 0
    return bits


RIGHT = {
    "03.1": [lambda x, negative_slope=0.01: np.where(x < 0, negative_slope * x, x), leak_by_copy, leak_by_factor],
    "03.2": [lambda x: np.maximum(x, 0, out=x), rectify_by_mask, rectify_and_copy_back],
    "03.3": [
        lambda z: (np.maximum(z, 0) == 0).mean(axis=0),
        lambda z: 1 - (z > 0).mean(axis=0),
        lambda z: [sum(v <= 0 for v in column) / len(z) for column in z.T],
    ],
    "03.4": [lambda g, z: np.where(z > 0, g, 0), backward_into_a_copy],
    "03.5": [
        lambda bits: bits * (bits > -1024),
        lambda bits: np.where(bits > -1024, bits, np.int16(0)),
        bits_through_floats,
    ],
}

WRONG = {
    "03.1": [
        lambda x, negative_slope=0.01: np.maximum(negative_slope * x, x),  # wrong above 1
        lambda x, negative_slope=0.01: np.where(x > 0, negative_slope * x, x),
        lambda x, negative_slope=0.01: np.where(x < 0, np.float64(negative_slope) * x, x),  # float32 is lost
        lambda x, negative_slope=0.01: np.where(x < 0, negative_slope, 1) * x,  # of two Python numbers: float64
        lambda x, negative_slope=0.01: np.where(x < 0, 0.01 * x, x),
        lambda x, negative_slope=0.1: np.where(x < 0, negative_slope * x, x),
        lambda x, negative_slope=0.01: np.where(x < 0, negative_slope * x, np.nan_to_num(x)),
        lambda x, negative_slope=0.01: np.where(x < 0, negative_slope * x, x).tolist(),
        leak_that_writes,
    ],
    "03.2": [
        rectify_a_name,
        rectify_by_multiplying,  # NaN at minus infinity
        rectify_flat,  # writes into a copy of a turned table
        rectify_without_nan,
        rectify_along_an_axis,  # there may be none
        lambda x: np.maximum(x, 0),
        lambda x: np.abs(x, out=x),
        lambda x: np.maximum(x, 0, out=x).copy(),  # in place, and then another object
        lambda x: x,
    ],
    "03.3": [
        lambda z: (z < 0).mean(axis=0),  # inputs that are exactly 0
        lambda z: (z <= 0).mean(axis=1),
        lambda z: (z <= 0).mean(),
        lambda z: (z <= 0).sum(axis=0),
        lambda z: (z > 0).mean(axis=0),
        lambda z: "all",
    ],
    "03.4": [
        backward_by_multiplying,  # the slip named in the solution
        backward_in_place,
        backward_that_cleans_up,  # hides the NaN of an open unit
        lambda g, z: np.where(z >= 0, g, 0),
        lambda g, z: np.where(g > 0, g, 0),  # masks the gradient in place of the input
        lambda g, z: np.where((z > 0) & (g > 0), g, 0),
        lambda g, z: np.where(z > 0, z, 0),
        lambda g, z: np.where(z > 0, g, 0).astype(np.float64),
    ],
    "03.5": [
        lambda bits: np.maximum(bits, 0),  # loses the NaNs with a sign
        lambda bits: bits * (bits >= -1024),
        lambda bits: bits * (bits > -1023),
        lambda bits: bits & 0x7FFF,  # the absolute value
        lambda bits: np.maximum(bits.view(np.float16), 0),
        lambda bits: (bits * (bits > -1024)).astype(np.int64),
        bits_in_place,
    ],
}

# A wrong answer, and words that the message must hold.
MESSAGES = [
    ("03.1", WRONG["03.1"][2], "expected the dtype float32, got float64"),
    ("03.1", WRONG["03.1"][3], "expected the dtype float32, got float64"),
    ("03.2", rectify_along_an_axis, "an array without axes: rectify_along_an_axis raised IndexError"),
    ("03.2", rectify_by_multiplying, "a row: expected"),
    ("03.2", rectify_flat, "a turned table: expected"),
    ("03.3", WRONG["03.3"][0], "expected [0.0, 1.0, 0.5], got [0.0, 1.0, 0.0]"),
    ("03.4", backward_by_multiplying, "expected [inf, 0.0, 0.0, 0.0], got [inf, nan, nan, nan]"),
    ("03.4", backward_that_cleans_up, "NaN at an open unit, float64"),
    ("03.5", WRONG["03.5"][0], "1023 of 65536 patterns are wrong"),
]
