"""Answers to the exercises of chapter 02, ReLU in pure Python: right ones and plausible wrong ones."""

import math

import numpy as np


def relu_by_sign(x):
    return x if x != x or x > 0 else type(x)(0)


def relu_without_a_return_for_some(x):
    if x > 0:
        return x


def relu_by_half_of_the_sum(x):
    return (x + abs(x)) / 2


def nested_with_a_loop(values):
    result = []
    for element in values:
        result.append(nested_with_a_loop(element) if isinstance(element, list) else max(element, 0))
    return result


def nested_by_comprehension(values):
    return [nested_by_comprehension(e) if isinstance(e, list) else max(0, e) for e in values]


def nested_that_keeps_lists_without_negatives(values):
    new = nested_with_a_loop(values)
    return values if new == values else new


def nested_in_place(values):
    for i, element in enumerate(values):
        values[i] = nested_in_place(element) if isinstance(element, list) else max(element, 0)
    return values


def nested_flattened(values):
    flat = []
    for element in values:
        flat.extend(nested_flattened(element) if isinstance(element, list) else [max(element, 0)])
    return flat


def leaky_slope_left_at_zero(x, negative_slope=0.01):
    if x > 0:
        return 1.0
    return negative_slope if x <= 0 else x


def leaky_slope_halfway_at_zero(x, negative_slope=0.01):
    if x == 0:
        return (1 + negative_slope) / 2
    return math.nan if math.isnan(x) else 1 if x > 0 else negative_slope


def leaky_slope_right_at_zero(x, negative_slope=0.01):
    return 1 if x >= 0 else negative_slope if x < 0 else math.nan


def leaky_slope_with(at_zero):
    """Right everywhere but at 0, where it is what is given."""
    return lambda x, negative_slope=0.01: at_zero if x == 0 else leaky_slope_left_at_zero(x, negative_slope)


RIGHT = {
    "02.1": [
        lambda x: max(x, type(x)(0)),
        lambda x: type(x)(0) if x < 0 else x,
        lambda x: max([x, type(x)()]),
        relu_by_sign,
    ],
    "02.2": [nested_with_a_loop, nested_by_comprehension, nested_that_keeps_lists_without_negatives],
    "02.3": [
        lambda f, x, h: (f(x + h) - f(x)) / h - (f(x) - f(x - h)) / h,
        lambda f, x, h: (f(x + h) - 2 * f(x) + f(x - h)) / h,
        lambda f, x, h: np.float64(f(x + h) + f(x - h) - 2 * f(x)) / h,
    ],
    "02.4": [leaky_slope_left_at_zero, leaky_slope_halfway_at_zero, leaky_slope_right_at_zero, leaky_slope_with(1)],
    "02.5": [
        lambda a: a <= 1,
        lambda a: not a > 1,
        lambda a: max(a * -3.0, -3.0) == a * -3.0,
        lambda a: np.float64(a) <= 1,
    ],
}

WRONG = {
    "02.1": [
        lambda x: x if x > 0 else 0,  # loses NaN
        lambda x: max(0, x),  # loses NaN
        lambda x: max(type(x)(0), x),  # loses NaN, keeps the type
        lambda x: max(x, 0),  # keeps NaN, loses the type
        lambda x: max(x, 0.0),
        lambda x: 0 if x < 0 else x,
        lambda x: float(max(x, 0)),
        lambda x: max(x, 0 * x),  # NaN at minus infinity
        relu_without_a_return_for_some,
        lambda x: abs(x),
        lambda x: min(0, x),
        lambda x: -x if x < 0 else x,
        lambda x: 0 if x <= 1 else x,
        lambda x: x * (x > 0),  # NaN at minus infinity
        relu_by_half_of_the_sum,  # NaN at minus infinity
        lambda x: None,
        lambda x: str(x),
        5,
    ],
    "02.2": [
        nested_in_place,
        nested_flattened,
        lambda v: [max(0, e) for e in v],  # one level only
        lambda v: v,
        lambda v: [[max(0, e) for e in row] for row in v],  # exactly two levels
        lambda v: tuple(nested_with_a_loop(v)),
    ],
    "02.3": [
        lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h),  # the central difference
        lambda f, x, h: (f(x + h) - f(x - h)) / h,
        lambda f, x, h: (f(x + h) - f(x)) / h,
        lambda f, x, h: (f(x) - f(x - h)) / h,
        lambda f, x, h: (2 * f(x) - f(x + h) - f(x - h)) / h,  # left minus right
        lambda f, x, h: abs(f(x + h) - 2 * f(x) + f(x - h)) / h,  # loses the sign
        lambda f, x, h: (f(x + h) - 2 * f(x) + f(x - h)) / (2 * h),
        lambda f, x, h: f(x + h) - 2 * f(x) + f(x - h),
        lambda f, x, h: (f(x + h) - 2 * f(x) + f(x - h)) / h**2,  # the second derivative
        lambda f, x, h: math.nan,
    ],
    "02.4": [
        lambda x, negative_slope=0.01: 1.0 if x > 0 else negative_slope,  # loses NaN
        lambda x, negative_slope=0.01: 1 if x >= 0 else negative_slope,  # loses NaN
        lambda x, negative_slope=0.01: negative_slope + (x > 0) * (1 - negative_slope),  # loses NaN
        lambda x, negative_slope=0.01: 1.0 if x > 0 else negative_slope * x,  # the slip named in the solution
        lambda x, negative_slope=0.01: x if x > 0 else negative_slope * x,
        lambda x, negative_slope=0.01: 1.0 if x > 0 else 0.0,
        lambda x, negative_slope=0.1: leaky_slope_left_at_zero(x, negative_slope),
        lambda x, negative_slope=0.01: leaky_slope_left_at_zero(x),
        lambda x, negative_slope=0.01: negative_slope if x > 0 else 1.0,
        lambda x, negative_slope=0.01: x if x > 0 else negative_slope,
        *map(leaky_slope_with, (0, 0.0, 0.01, 0.5, -1, 2, math.nan, math.inf, "0.5", [0.5], 0.5 + 0j)),
    ],
    "02.5": [
        lambda a: a < 1,
        lambda a: 0 <= a <= 1,  # negative slopes forgotten
        lambda a: a >= 1,
        lambda a: True,
        lambda a: 0 < a < 1,
        lambda a: abs(a) <= 1,
        lambda a: a <= 1 and a != 0,  # infinity is not asked for
        lambda a: "yes",
        lambda a: math.nan,
    ],
}

# A wrong answer, and words that the message must hold.
MESSAGES = [
    ("02.1", lambda x: x if x > 0 else 0, "(nan): expected nan, got 0"),
    ("02.1", lambda x: x * (x > 0), "(-inf): expected 0, got nan. Infinity minus infinity is NaN, and so is 0 times"),
    ("02.1", lambda x: (x + abs(x)) / 2, "(-inf): expected 0, got nan. Infinity minus infinity is NaN"),
    ("02.1", lambda x: max(x, 0), "expected 0.0 of type float, got 0 of type int. Whichever"),
    ("02.1", relu_without_a_return_for_some, "(-10) returned None. Replace the three dots, or check that every branch"),
    ("02.3", lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h), "(relu, 0.0, 0.25): expected 1.0, got 0.5. To the"),
    ("02.4", lambda x, negative_slope=0.01: negative_slope * x, "got -0.2. That is the function's value, not its"),
    ("02.4", lambda x, negative_slope=0.01: 1.0 if x > 0 else negative_slope, "(nan): expected nan, got 0.01. NaN"),
    ("02.4", leaky_slope_with("0.5"), "(0.0, negative_slope=0.01): got '0.5'; right is a number between"),
    ("02.5", lambda a: a < 1, "At x = -2 leaky ReLU is -2 and max gives -2."),
    ("02.5", lambda a: a <= 1 and a != 0, "At x = -2 leaky ReLU is 0 and max gives 0."),
    ("02.2", nested_in_place, "changed its input"),
    ("02.1", lambda x: 1 / 0, "raised ZeroDivisionError"),
    ("02.1", 5, "Give the function itself"),
    ("02.1", lambda x: ..., "returned nothing"),
]
