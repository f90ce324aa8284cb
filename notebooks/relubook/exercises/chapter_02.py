"""Checks for chapter 02, ReLU in pure Python."""

import math
import numbers
from decimal import Decimal
from fractions import Fraction

import numpy as np

from relubook.exercises import NotYet, call, expect, require_function, same, show, shown_call

NAN, INFINITY = math.nan, math.inf


def one_number(function):
    """02.1: ReLU of one number, by max, with NaN and the type kept."""
    require_function(function)
    values = (1, -10, 0, 15, -20, 2.5, -0.001, 5e-324, -5e-324, INFINITY, -INFINITY)
    for x in values:
        reason = "Infinity minus infinity is NaN, and so is 0 times infinity." if x == -INFINITY else ""
        expect(function, [x], x if x > 0 else 0, hint=reason)
    expect(function, [NAN], NAN,
           hint="NaN must stay visible: max keeps its first argument unless a later one is greater.")
    others = (True, False, Fraction(-1, 3), Fraction(7, 2), Decimal("-0.5"), Decimal(4))
    for x in (*values, NAN, *others):
        expect(function, [x], type(x)(0) if x < 0 else x, exact_type=True,
               hint="Whichever of the two wins, it must have the type of x.")
    return f"{len(values) + len(others)} numbers of 5 types and NaN come out right, each with its own type."


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


def jump(function):
    """02.3: by how much the slope jumps at a point."""
    require_function(function)

    def square(x):
        return x * x

    def relu(x):
        return max(0.0, x)

    def roof(x):
        return -abs(x - 1.0)

    expect(function, [relu, 0.0, 0.25], 1.0, tolerance=1e-12,
           hint="To the right of 0 the slope is 1, to the left 0.")
    for x, slope in ((2.0, 1), (-2.0, 0)):
        expect(function, [relu, x, 0.25], 0.0, tolerance=1e-12, hint=f"On both sides of {x:g} the slope is {slope}.")
    expect(function, [abs, 0.0, 0.25], 2.0, tolerance=1e-12, hint="To the right the slope is 1, to the left -1.")
    expect(function, [roof, 1.0, 0.25], -2.0, tolerance=1e-12,
           hint="roof(x) is -abs(x - 1): to the right the slope is -1, to the left 1.")
    expect(function, [square, 3.0, 0.5], 1.0, tolerance=1e-12,
           hint="square(x) is x * x: with this step the slope is 6.5 to the right and 5.5 to the left.")
    return "ReLU, a corner that points down, one that points up and a parabola come out right."


def leaky_slope(function):
    """02.4: the derivative of leaky ReLU."""
    require_function(function)
    slopes = (0.01, 0.2, 0.9, -0.5, 1.5)
    for negative_slope in slopes:
        for x in (-20, -0.5, 0.5, 15, INFINITY, -INFINITY):
            got = call(function, x, negative_slope=negative_slope)
            value = x if x > 0 else negative_slope * x
            hint = "That is the function's value, not its slope." if same(got, value) else ""
            expect(function, [x], 1 if x > 0 else negative_slope, hint=hint, negative_slope=negative_slope)
    expect(function, [-3.0], 0.01, hint="The default of negative_slope is 0.01.")
    expect(function, [NAN], NAN, hint="NaN must stay visible: neither x > 0 nor x <= 0 is true of it.")
    for negative_slope in slopes:
        at_zero = call(function, 0.0, negative_slope=negative_slope)
        low, high = min(negative_slope, 1), max(negative_slope, 1)
        if not isinstance(at_zero, numbers.Real) or not low <= at_zero <= high:
            shown = shown_call(function, [0.0], {"negative_slope": negative_slope})
            raise NotYet(f"{shown}: got {show(at_zero)}; right is a number between the two slopes, {low} and {high}.")
    return "Five slopes at six inputs come out right, so does NaN, and the value at 0 lies between the two slopes."


def short_form_is_right(function):
    """02.5: for which slope is max(a * x, x) leaky ReLU, for finite x?"""
    require_function(function)
    for negative_slope in (0.0, 0.01, 0.3, 0.999, 1.0, 1.001, 1.5, 30.0, -0.5, -7.0):
        got = call(function, negative_slope)
        wanted = negative_slope <= 1
        if not isinstance(got, (bool, np.bool_)) or bool(got) is not wanted:
            raise NotYet(
                f"{show(function)}({negative_slope}): expected {wanted}, got {show(got)}. "
                + " ".join(_both_forms(negative_slope, x) for x in (2.0, -2.0))
            )
    return "Ten slopes come out right, negative ones and those above 1 among them."


def _both_forms(negative_slope, x):
    # Adding 0.0 turns -0.0 into 0.0.
    leaky = (x if x > 0 else negative_slope * x) + 0.0
    short = max(negative_slope * x, x) + 0.0
    return f"At x = {x:g} leaky ReLU is {leaky:g} and max gives {short:g}."


EXERCISES = {
    "02.1": one_number,
    "02.2": nested_list,
    "02.3": jump,
    "02.4": leaky_slope,
    "02.5": short_form_is_right,
}
