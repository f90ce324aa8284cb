"""Checks for chapter 12, exponential and self-normalising."""

import math
from decimal import Decimal, localcontext

import numpy as np

from relubook.exercises import NotYet, as_array, call, require_function, show


def _array(function, arguments, shape):
    """Call the reader's function with floating-point errors raised, and insist on an array of real numbers."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        got = call(function, *arguments)
    return as_array(got, shape, show(function))


def _pair(function, *arguments):
    """Call the reader's function and insist on two real numbers."""
    got = call(function, *arguments)
    try:
        first, second = (float(part) for part in got)
    except (TypeError, ValueError):
        raise NotYet(f"{show(function)}: return two numbers; got {show(got)}.") from None
    return first, second


def leaky_elu(function):
    """12.1: a leak plus an exponential, safe everywhere."""
    require_function(function)
    x = np.array([-800.0, -30.0, -2.0, -0.5, -1e-8, -1e-12, 0.0, 1e-12, 0.5, 3.0, 800.0])
    for slope in (0.1, 0.0, 0.5):
        given = x if slope else np.concatenate([[-np.inf], x])
        got = _array(function, (given, slope), given.shape)
        for one, value in zip(given, got, strict=True):
            expected = _leaky_elu_of(float(one), slope)
            if not abs(value - expected) <= 4e-15 * abs(expected):
                near_zero = 0 < abs(one) < 1e-6
                hint = " Digits were lost: look at what stands near 0." if near_zero else ""
                raise NotYet(f"x = {one:g}, slope {slope:g}: expected {expected:.12g}, got {value:.12g}.{hint}")
    square = np.array([[1.0, -1.0], [-3.0, 2.0]])
    _array(function, (square, 0.1), square.shape)
    return "Right for three slopes, from −∞ to 800, with all digits near 0."


def _leaky_elu_of(x, slope):
    if x > 0:
        return x
    return math.expm1(x) + (slope * x if slope else 0.0)


def normaliser(function):
    """12.2: scale and shift that give a function mean 0 and mean square 1."""
    require_function(function)
    z = np.linspace(-8, 8, 6400)
    bell = np.exp(-(z**2) / 2)
    bell /= bell.sum()

    def relu(x):
        return np.maximum(x, 0)

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    def square(x):
        return x**2

    def fall(x):
        return 3 - 2 * x

    for f in (relu, sigmoid, square, np.tanh, fall):
        scale, shift = _pair(function, f)
        if not (math.isfinite(scale) and math.isfinite(shift)):
            raise NotYet(f"f = {show(f)}: got {scale} and {shift}; allowed are finite numbers.")
        if not scale > 0:
            raise NotYet(f"f = {show(f)}: the scale is {scale:.4g}; it shall be positive.")
        new = scale * (f(z) - shift)
        mean, mean_square = float(bell @ new), float(bell @ new**2)
        if not (abs(mean) < 2e-3 and abs(mean_square - 1) < 4e-3):
            raise NotYet(f"f = {show(f)}: with scale {scale:.4g} and shift {shift:.4g} the mean is {mean:.3f} and "
                         f"the mean square {mean_square:.3f}; expected 0 and 1.")
    return "Five functions get mean 0 and mean square 1."


def alpha_dropout(function):
    """12.3: the affine map after alpha dropout."""
    require_function(function)
    floor = -1.7580993408473766  # minus λ α
    for p in (0.05, 0.1, 0.25, 0.5, 0.9):
        a, b = _pair(function, p)
        mean, square = p * floor, (1 - p) + p * floor**2
        new_mean = a * mean + b
        variance = a**2 * (square - mean**2)
        if not (a > 0 and abs(new_mean) < 1e-6 and abs(variance - 1) < 1e-6):
            raise NotYet(f"p = {p}: with a = {a:.4g} and b = {b:.4g} the mean becomes {new_mean:.4f} and the variance "
                         f"{variance:.4f}; expected 0 and 1, and a above 0.")
    return "Mean 0 and variance 1 come back for five rates of dropout."


def inverse_softplus(function):
    """12.4: the inverse of Softplus, stable at both ends."""
    require_function(function)
    y = np.array([1e-20, 1e-10, 1e-4, 0.3, math.log(2), 1.0, 5.0, 40.0, 710.0, 800.0])
    got = _array(function, (y,), y.shape)
    with localcontext() as context:
        context.prec = 400
        exact = [float((Decimal(float(one)).exp() - 1).ln()) for one in y]
    for one, value, expected in zip(y, got, exact, strict=True):
        if not abs(value - expected) <= 1e-14 * max(1.0, abs(expected)):
            hint = " Digits were lost." if math.isfinite(value) and abs(value - expected) < 0.1 else ""
            raise NotYet(f"y = {one:g}: expected {expected:.15g}, got {value:.15g}.{hint}")
    return "Right from 1e-20 up to 800."


EXERCISES = {
    "12.1": leaky_elu,
    "12.2": normaliser,
    "12.3": alpha_dropout,
    "12.4": inverse_softplus,
}
