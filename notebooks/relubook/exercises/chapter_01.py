"""Checks for chapter 01, why a network needs a bend."""

import numbers

import numpy as np

from relubook.exercises import NotYet, call, require_function, show
from relubook.functions import relu


def collapse(function):
    """01.1: two affine layers as one."""
    require_function(function)
    random = np.random.default_rng(11)
    for inputs, hidden, outputs in [(1, 1, 1), (2, 3, 1), (3, 2, 4), (4, 4, 2)]:
        # Small whole numbers, so that a right answer is right to the last digit.
        W1, b1 = random.integers(-3, 4, (hidden, inputs)), random.integers(-3, 4, hidden)
        W2, b2 = random.integers(-3, 4, (outputs, hidden)), random.integers(-3, 4, outputs)
        sizes = f"{_count(inputs, 'input')}, {_count(hidden, 'hidden unit')}, {_count(outputs, 'output')}"
        try:
            W, b = (np.asarray(part, dtype=float) for part in _call_with_layers(function, W1, b1, W2, b2))
        except (TypeError, ValueError):
            raise NotYet(f"{sizes}: return two arrays, the weights and the biases of the one layer.") from None
        if W.shape != (outputs, inputs) or b.shape != (outputs,):
            raise NotYet(
                f"{sizes}: expected shapes {(outputs, inputs)} and {(outputs,)}, got {W.shape} and {b.shape}."
            )
        x = random.integers(-3, 4, inputs)
        expected, got = W2 @ (W1 @ x + b1) + b2, W @ x + b
        if not np.array_equal(expected, got):
            given = {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "x": x}
            shown = ", ".join(f"{name} = {show(value.tolist())}" for name, value in given.items())
            came = "[" + ", ".join(f"{value:g}" for value in got) + "]"
            raise NotYet(f"With {shown}, the two layers give {expected.tolist()}, your one layer {came}.")
    return "Four pairs of layers of different sizes collapse exactly."


def _count(number, thing):
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _call_with_layers(function, W1, b1, W2, b2):
    """Call, and say in plain words when the shapes of the reader's arrays do not fit."""
    try:
        return call(function, W1, b1, W2, b2)
    except NotYet as reason:
        words = ("matmul", "not aligned", "broadcast")
        if isinstance(reason.__cause__, ValueError) and any(word in str(reason.__cause__) for word in words):
            shapes = f"W1 is {_by(W1)}, b1 has {len(b1)}, W2 is {_by(W2)}, b2 has {len(b2)}"
            raise NotYet(f"The shapes do not fit; is the order of the matrices right? ({shapes}.)") from None
        raise


def _by(matrix):
    return " by ".join(map(str, matrix.shape))


def _require_finite(*arrays):
    """NaN compares false with everything, so it would pass as "not too far off"."""
    if not all(np.isfinite(array).all() for array in arrays):
        raise NotYet("Every number must be finite; NaN or infinity is among yours.")


def xor_network(answer):
    """01.2: XOR by two ReLU units that look in different directions."""
    try:
        W, b, v, c = (np.asarray(part, dtype=float) for part in answer)
    except (TypeError, ValueError):
        raise NotYet(
            "Give four things, W (2 by 2), b (2), v (2) and c, with a number in place of each three dots."
        ) from None
    if (W.shape, b.shape, v.shape, c.shape) != ((2, 2), (2,), (2,), ()):
        shapes = f"{W.shape}, {b.shape}, {v.shape} and {c.shape}"
        raise NotYet(f"Expected the shapes (2, 2), (2,), (2,) and (); got {shapes}.")
    _require_finite(W, b, v, c)
    for x, expected in [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)]:
        hidden = relu(W @ np.array(x, dtype=float) + b)
        got = float(v @ hidden + c)
        if not abs(got - expected) <= 1e-9:
            units = show(hidden.tolist())
            raise NotYet(f"x = {x}: hidden units {units}, output expected {expected}, got {got:g}.")
    first, second = W / np.linalg.norm(W, axis=1, keepdims=True)  # no row is 0: one unit cannot solve XOR
    if np.allclose(first, second, rtol=0, atol=1e-9):
        raise NotYet(
            "The outputs are right, but both units look in the same direction, as the chapter's do: one row of W "
            "is a multiple of the other. Find two that look in different directions."
        )
    return "All four inputs come out right, with a first layer of your own."


def _units(answer, most):
    """The answer as rows (w, b, v), or what is wrong with it."""
    if answer is None or answer is Ellipsis or (isinstance(answer, list) and answer in ([], [...])):
        raise NotYet("Put your units, each a triple (w, b, v), into the list in place of the three dots.")
    try:
        units = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        raise NotYet(f"Every unit is a triple of numbers (w, b, v); got {show(answer)}.") from None
    if units.ndim != 2 or units.shape[1] != 3:
        raise NotYet(f"Every unit is a triple of numbers (w, b, v); got {show(answer)}.")
    if len(units) > most:
        raise NotYet(f"Use at most {most} units; you gave {len(units)}.")
    _require_finite(units)
    return units


def _compare_curve(units, curve, points):
    w, b, v = units.T
    for x in points:
        got, expected = float(relu(w * x + b) @ v), float(curve(x))
        if not abs(got - expected) <= 1e-9:
            raise NotYet(f"At x = {x:g}: expected {expected:g}, got {got:g}.")


def absolute_value(answer):
    """01.3: |x| from two units."""
    units = _units(answer, most=2)
    _compare_curve(units, abs, [-3, -1.5, -0.25, 0, 0.25, 1.5, 3])
    return "The two units add up to |x| at seven points."


def hat(answer):
    """01.4: a hat of height 1 from 0 over 1 to 2, from three units."""
    units = _units(answer, most=3)
    _compare_curve(units, lambda x: max(0.0, 1 - abs(x - 1)), [-2, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 10])
    return "The units add up to the hat, also far to its right."


def hinges_needed(function):
    """01.5: how many pieces bring the error of sin below a tolerance?"""
    require_function(function)
    for tolerance in (0.1, 0.01, 1e-3, 1e-4, 1e-6):
        got = call(function, tolerance)
        bound = np.pi * np.sqrt(1 / (2 * tolerance))  # (2 pi / n)^2 / 8 = tolerance, solved for n
        expected = int(np.ceil(bound))
        is_number = isinstance(got, numbers.Real) and not isinstance(got, bool)
        if not is_number or not float(got).is_integer():  # 8.0, as np.ceil returns it, is whole too
            raise NotYet(f"{show(function)}({tolerance:g}): expected a whole number, got {show(got)}.")
        if got != expected:
            raise NotYet(
                f"{show(function)}({tolerance:g}): expected {expected}, got {got:g}; with {got:g} pieces the bound "
                f"is {(2 * np.pi / got) ** 2 / 8:.3g}." if got > 0 else f"Expected a positive number, got {got:g}."
            )
    return "Five tolerances, from 0.1 to a millionth, come out right."


EXERCISES = {
    "01.1": collapse,
    "01.2": xor_network,
    "01.3": absolute_value,
    "01.4": hat,
    "01.5": hinges_needed,
}
