"""Checks for chapter 10, seeing with ReLU."""

import math

import numpy as np

from relubook.exercises import NotYet, call, require_function, show


def _number(got, question):
    """The answer as a finite float, or what is wrong with it."""
    try:
        number = float(got)
    except (TypeError, ValueError):
        raise NotYet(f"{question}: expected one number, got {show(got)}.") from None
    if not math.isfinite(number):
        raise NotYet(f"{question}: expected a finite number, got {show(got)}.")
    return number


def kernel_for_edges(answer):
    """10.1: a kernel that answers to darker from top to bottom and to nothing else."""
    try:
        kernel = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        raise NotYet("Put nine numbers in place of the three dots.") from None
    if kernel.shape != (3, 3):
        raise NotYet(f"Expected three rows of three numbers, got the shape {kernel.shape}.")
    if not np.all(np.isfinite(kernel)):
        raise NotYet("Every number of the kernel must be finite.")
    windows = [
        ("a flat area", [[4, 4, 4], [4, 4, 4], [4, 4, 4]], 0),
        ("bright on the left, dark on the right", [[9, 9, 0], [9, 9, 0], [9, 9, 0]], 0),
        ("dark on the left, bright on the right", [[0, 9, 9], [0, 9, 9], [0, 9, 9]], 0),
        ("a bright line straight down", [[0, 9, 0], [0, 9, 0], [0, 9, 0]], 0),
        ("bright above, dark below", [[9, 9, 9], [9, 9, 9], [0, 0, 0]], 1),
        ("bright above, dark from the middle on", [[9, 9, 9], [0, 0, 0], [0, 0, 0]], 1),
        ("dark above, bright below", [[0, 0, 0], [0, 0, 0], [9, 9, 9]], -1),
    ]
    for what, window, sign in windows:
        got = float(np.sum(kernel * np.array(window, dtype=float)))
        wanted = {0: "0", 1: "a positive number", -1: "a negative number"}[sign]
        right = abs(got) <= 1e-9 * max(1, np.abs(kernel).max()) if sign == 0 else got * sign > 1e-9
        if not right:
            raise NotYet(f"{what}: expected {wanted}, got {got:g}.")
    return "Seven windows get the right sign, and 0 where nothing changes downwards."


def output_size(function):
    """10.2: the size of a convolution's output."""
    require_function(function)
    settings = [
        (120, 3, 0, 1), (120, 3, 1, 1), (120, 5, 2, 1), (120, 3, 1, 2), (121, 3, 1, 2), (120, 7, 3, 2),
        (8, 3, 1, 1), (28, 5, 0, 1), (224, 7, 3, 2), (10, 3, 0, 3), (11, 3, 0, 3), (12, 3, 0, 3), (9, 4, 2, 3),
        (3, 3, 0, 2),
    ]
    for size, kernel, padding, stride in settings:
        # Count the places, one after the other.
        expected = len(range(0, size + 2 * padding - kernel + 1, stride))
        question = f"size {size}, kernel {kernel}, padding {padding}, stride {stride}"
        got = _number(call(function, size, kernel, padding, stride), question)
        if got != expected:
            raise NotYet(f"{question}: expected {expected}, got {got:g}.")
    return "Fourteen settings come out right, those where the stride leaves pixels over too."


def fold_before(function):
    """10.3: a scale and a shift in front of a plain layer."""
    require_function(function)
    random = np.random.default_rng(103)
    for inputs, outputs in [(1, 1), (3, 2), (2, 4), (3, 3)]:
        # Small whole numbers, so that a right answer is right to the last digit.
        scale, shift = random.integers(1, 5, inputs), random.integers(-3, 4, inputs)
        W, b = random.integers(-3, 4, (outputs, inputs)), random.integers(-3, 4, outputs)
        x = random.integers(-3, 4, (inputs, 5))
        sizes = f"W of the shape {W.shape}"
        result = call(function, scale, shift, W, b)
        try:
            weights, biases = (np.asarray(part, dtype=float) for part in result)
        except (TypeError, ValueError):
            raise NotYet(f"{sizes}: return two arrays, the weights and the biases of the one layer.") from None
        if weights.shape != W.shape or biases.shape != b.shape:
            raise NotYet(f"{sizes}: expected shapes {W.shape} and {b.shape}, got {weights.shape} and {biases.shape}.")
        expected = W @ (scale[:, None] * x + shift[:, None]) + b[:, None]
        got = weights @ x + biases[:, None]
        for i in range(5):
            if not np.array_equal(got[:, i], expected[:, i]):
                raise NotYet(
                    f"{sizes}, scale {show(scale.tolist())}, shift {show(shift.tolist())}, "
                    f"x = {show(x[:, i].tolist())}: expected {show(expected[:, i].tolist())}, "
                    f"got {show(got[:, i].tolist())}."
                )
    return "Four layers with their norms in front fold exactly."


def chance_if_alarm(function):
    """10.4: Bayes' rule for an alarm."""
    require_function(function)
    cases = [
        (0.9, 0.9, 0.5), (0.98, 0.82, 0.37), (0.98, 0.82, 0.01), (0.5, 0.99, 0.2), (1.0, 0.5, 0.1), (0.7, 1.0, 0.3),
        (0.8, 0.6, 1.0), (0.8, 0.6, 0.0),
    ]
    for sensitivity, specificity, prevalence in cases:
        # Count a million people.
        ill = 1e6 * prevalence
        true_alarms, false_alarms = ill * sensitivity, (1e6 - ill) * (1 - specificity)
        expected = true_alarms / (true_alarms + false_alarms)
        question = f"sensitivity {sensitivity}, specificity {specificity}, prevalence {prevalence}"
        got = _number(call(function, sensitivity, specificity, prevalence), question)
        if not abs(got - expected) <= 1e-9:
            raise NotYet(f"{question}: expected {expected:.9g}, got {got:.9g}.")
    return "Eight pairs of test and population come out right."


def none_missed(answer):
    """10.5: how many malignant tumours, none missed, prove a sensitivity above 99 %."""
    got = _number(answer, "The number of tumours") if answer is not ... and answer is not None else None
    if got is None:
        raise NotYet("Put a number in place of the three dots.")
    z_squared = 1.959963984540054**2
    lower = got / (got + z_squared) if got > 0 else 0.0
    if got != int(got) or got < 1:
        raise NotYet(f"Tumours come in whole numbers from 1 on; got {show(answer)}.")
    if lower <= 0.99:
        raise NotYet(f"With {got:g} tumours, none missed, the interval begins at {lower:.4%}, not above 99 %.")
    if (got - 1) / (got - 1 + z_squared) > 0.99:
        raise NotYet(f"{got:g} are enough, the interval begins at {lower:.4%}; fewer are enough, too.")
    return "One fewer, and the interval would reach down to 99 %."


EXERCISES = {
    "10.1": kernel_for_edges,
    "10.2": output_size,
    "10.3": fold_before,
    "10.4": chance_if_alarm,
    "10.5": none_missed,
}
