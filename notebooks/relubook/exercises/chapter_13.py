"""Checks for chapter 13, smooth and gated."""

import math

import numpy as np

from relubook.exercises import NotYet, as_array, call, require_function, show


def _compare(array, expected, inputs, case):
    """Raise NotYet at the first place where two arrays differ."""
    wrong = ~(np.abs(array - expected) <= 1e-6)
    if wrong.any():
        at = tuple(np.argwhere(wrong)[0])
        where = ", ".join(f"{name} = {values[at]:g}" for name, values in inputs.items())
        raise NotYet(f"{case}: for {where} expected {expected[at]:.6g}, got {array[at]:.6g}.")


def swish_slope(function):
    """13.1: the derivative of x·σ(βx)."""
    require_function(function)
    x = np.array([-7.0, -2.4, -1.278, -0.5, 0.0, 0.3, 1.0, 2.4, 6.0])
    for beta in (1.0, 0.0, 0.5, 1.702, 3.0, -0.7):
        gate = 1 / (1 + np.exp(-beta * x))
        case = f"{show(function)}(x, {beta:g})"
        got = as_array(call(function, x, beta), x.shape, case)
        _compare(got, gate + beta * x * gate * (1 - gate), {"x": x}, case)
    return "Nine inputs with six values of β come out right."


def swish_minimum(function):
    """13.2: where x·σ(βx) is lowest, and how low that is."""
    require_function(function)
    place = -1.2784645427610738  # of β = 1; its value there is 1 + place
    for beta in (1.0, 2.0, 0.5, 1.702, 10.0, 0.1):
        case = f"{show(function)}({beta:g})"
        got = call(function, beta)
        try:
            x, value = (float(number) for number in got)
        except (TypeError, ValueError):
            raise NotYet(f"{case}: return two numbers, the place and the value; got {show(got)}.") from None
        if not abs(x * beta - place) <= 0.01:
            raise NotYet(f"{case}: the lowest point is not at x = {x:.4g}; β·x would be {beta * x:.4g}.")
        expected = (1 + place) / beta
        if not abs(value - expected) * beta <= 1e-3:
            raise NotYet(f"{case}: x is right; the value there is {expected:.4g}, got {value:.4g}.")
    return "Six values of β come out right."


def gate_slopes(function):
    """13.3: what goes back through a ReGLU."""
    require_function(function)
    random = np.random.default_rng(133)
    for shape in ((4,), (2, 3), (1,), (3, 2, 2)):
        value, gate, upstream = np.round(random.uniform(-2, 2, (3, *shape)), 2)
        gate[gate == 0] = 0.5
        case = f"{show(function)}, arrays of shape {shape}"
        got = call(function, value, gate, upstream)
        if not isinstance(got, (tuple, list)) or len(got) != 2:
            raise NotYet(f"{case}: return two arrays, for the value and for the gate; got {show(got)}.")
        inputs = {"value": value, "gate": gate, "upstream": upstream}
        to_value = as_array(got[0], shape, f"{case}, first result")
        _compare(to_value, upstream * np.maximum(gate, 0), inputs, f"{case}, slope in the value")
        to_gate = as_array(got[1], shape, f"{case}, second result")
        _compare(to_gate, upstream * value * (gate > 0), inputs, f"{case}, slope in the gate")
    return "Four shapes come out right, for the value and for the gate."


def gated_hidden(function):
    """13.4: the width of a gated layer with as many parameters, rounded up to a multiple."""
    require_function(function)
    for hidden, multiple in ((192, 1), (3072, 1), (5, 1), (3072, 64), (16384, 256), (20480, 256), (100, 8)):
        expected = multiple * math.ceil(2 * hidden / (3 * multiple))
        case = f"{show(function)}({hidden}, {multiple})"
        got = call(function, hidden, multiple)
        whole = isinstance(got, (int, float, np.integer, np.floating)) and float(got).is_integer()
        if isinstance(got, (bool, np.bool_)) or not whole:
            raise NotYet(f"{case}: expected a whole number, got {show(got)}.")
        if got != expected:
            raise NotYet(f"{case}: two thirds are {2 * hidden / 3:.1f}; expected {expected}, got {got:g}.")
    return "Seven widths come out right, two of them those of LLaMA."


EXERCISES = {
    "13.1": swish_slope,
    "13.2": swish_minimum,
    "13.3": gate_slopes,
    "13.4": gated_hidden,
}
