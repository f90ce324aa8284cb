"""Checks for chapter 02, ReLU in pure Python."""

import math

from relubook.exercises import NotYet, call, expect, require_function, show

NAN, INFINITY = math.nan, math.inf


def one_number(function):
    """02.1: ReLU of one number, without max."""
    require_function(function)
    for x in (1, -10, 0, 15, -20, 2.5, -0.001, 5e-324, -5e-324, INFINITY, -INFINITY):
        expect(function, [x], x if x > 0 else 0)
    expect(function, [NAN], NAN, hint="A missing value must stay visible: which way do you ask, x < 0 or x > 0?")
    return "11 numbers and NaN come out right."


def nested_list(function):
    """02.2: ReLU of lists nested to any depth."""
    require_function(function)
    cases = [
        ([1, -10, 0, 15, -20], [1, 0, 0, 15, 0]),
        ([[1.5, -2.0], [-3.0, 4.0]], [[1.5, 0], [0, 4.0]]),
        ([], []),
        ([[], [-1]], [[], [0]]),
        ([1, [-2, [3, [-4]]]], [1, [0, [3, [0]]]]),
        ([[[[-1.0]]]], [[[[0]]]]),
    ]
    for values, expected in cases:
        expect(function, [values], expected)
    return f"{len(cases)} lists come out right, empty and uneven ones among them, and none was changed."


def central_difference(function):
    """02.3: slope by central difference."""
    require_function(function)

    def square(x):
        return x * x

    def cube(x):
        return x * x * x

    def relu(x):
        return max(0.0, x)

    expect(function, [square, 3.0, 0.5], 6.0, tolerance=1e-12,
           hint="A central difference is exact for a parabola: one step to each side, divided by both.")
    expect(function, [cube, 0.0, 0.1], 0.01, tolerance=1e-12)
    expect(function, [relu, 2.0, 0.25], 1.0, tolerance=1e-12)
    expect(function, [relu, -2.0, 0.25], 0.0, tolerance=1e-12)
    expect(function, [relu, 0.0, 0.25], 0.5, tolerance=1e-12)
    return "Parabola, cubic and ReLU come out right; at the kink it says 0.5, halfway between the two slopes."


def leaky_slope(function):
    """02.4: the derivative of leaky ReLU."""
    require_function(function)
    for negative_slope in (0.01, 0.2, -0.5, 1.5):
        for x in (-20, -0.5, 0.5, 15, INFINITY, -INFINITY):
            expect(function, [x], 1 if x > 0 else negative_slope, negative_slope=negative_slope)
    expect(function, [-3.0], 0.01, hint="The default of negative_slope is 0.01.")
    at_zero = call(function, 0.0, negative_slope=0.2)
    if not 0.2 <= at_zero <= 1:
        raise NotYet(f"At 0 the slope is {show(at_zero)}; a subgradient there lies between 0.2 and 1.")
    return "Four slopes at seven inputs come out right, and the value at 0 is a subgradient."


def short_form_is_right(function):
    """02.5: for which slope is max(a * x, x) leaky ReLU?"""
    require_function(function)
    for negative_slope in (0.0, 0.01, 0.3, 0.999, 1.0, 1.001, 1.5, 30.0, -0.5, -7.0):
        got = call(function, negative_slope)
        wanted = negative_slope <= 1
        if not isinstance(got, bool) or got is not wanted:
            at = -2.0 if negative_slope > 1 else 2.0
            raise NotYet(
                f"{show(function)}({negative_slope}): expected {wanted}, got {show(got)}. "
                f"Try x = {at} and x = {-at}: "
                f"max gives {max(negative_slope * at, at):g} and {max(-negative_slope * at, -at):g}."
            )
    return "Ten slopes come out right, negative ones and those above 1 among them."


EXERCISES = {
    "02.1": one_number,
    "02.2": nested_list,
    "02.3": central_difference,
    "02.4": leaky_slope,
    "02.5": short_form_is_right,
}
