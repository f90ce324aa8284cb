"""Checks for chapter 06, training a ReLU network."""

import math

import numpy as np

from relubook.exercises import NotYet, call, expect, require_function, same, show


def confusion(function):
    """06.1: true labels against answers."""
    require_function(function)
    for labels, answers, classes, expected in [
        ([0, 1, 1], [0, 0, 1], 2, [[1, 0], [1, 1]]),
        ([2, 2, 2, 0], [0, 2, 0, 0], 3, [[1, 0, 0], [0, 0, 0], [2, 0, 1]]),
        ([], [], 2, [[0, 0], [0, 0]]),
        ([3], [1], 4, [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0]]),
    ]:
        got = call(function, labels, answers, classes)
        if not (isinstance(got, list) and all(isinstance(row, list) for row in got)):
            raise NotYet(f"Return a list of lists; got {show(got)}.")
        if not same(got, expected):
            turned = [list(column) for column in zip(*expected, strict=True)]
            hint = " Rows are true labels, columns are answers." if same(got, turned) else ""
            raise NotYet(
                f"labels {labels}, answers {answers}, {classes} classes: expected {expected}, got {show(got)}.{hint}"
            )
    return "Four lists of labels and answers are counted right."


def schedule(function):
    """06.2: up, level, down."""
    require_function(function)
    for steps, warm in [(100, 10), (40, 5), (60, 0)]:
        for step in sorted({0, warm // 2, warm, steps // 4, steps // 2, steps // 2 + 1, 3 * steps // 4, steps - 1}):
            expected = min(step / warm if warm else 1.0, 1.0, (steps - step) / (steps / 2))
            expect(function, (step, steps, warm), expected, tolerance=1e-9)
    return "Three schedules come out right at every step that was looked at, also without a warm-up."


def stop(function):
    """06.3: the last epoch that is run, and the one that is kept."""
    require_function(function)
    nan = float("nan")
    for losses, patience, least, expected in [
        ([3.0, 2.0, 1.0], 2, 0.0, (2, 2)),
        ([3.0, 1.0, 2.0, 2.0, 0.5], 2, 0.0, (3, 1)),
        ([3.0, 1.0, 2.0, 2.0, 0.5], 3, 0.0, (4, 4)),
        ([1.0, 1.0, 1.0, 1.0], 2, 0.0, (2, 0)),
        ([2.0, 1.75, 1.5, 1.25], 1, 0.25, (1, 0)),
        ([2.0, 1.75, 1.5, 1.25], 2, 0.25, (3, 2)),
        ([2.0, nan, 1.0, 3.0], 2, 0.0, (3, 2)),
        ([2.0, 1.0, nan, nan, nan], 2, 0.0, (3, 1)),
        ([nan, 2.0, 1.0], 2, 0.0, (2, 2)),
        ([5.0, 4.0, 6.0, 3.0, 9.0, 9.0, 9.0], 1, 0.0, (2, 1)),
    ]:
        got = call(function, losses, patience, least)
        pair = tuple(got) if isinstance(got, (list, tuple, np.ndarray)) else ()
        if len(pair) != 2 or not all(same(one, wanted) for one, wanted in zip(pair, expected, strict=True)):
            raise NotYet(
                f"losses {show(losses)}, patience {patience}, least {least:g}: expected the last epoch {expected[0]} "
                f"and the kept epoch {expected[1]}, got {show(got)}."
            )
    return "Ten runs stop where they should and keep the right weights."


def clip(function):
    """06.4: one factor for all layers."""
    require_function(function)
    for gradients, limit in [
        ([np.array([3.0]), np.array([[4.0]])], 1.0),
        ([np.array([0.3, -0.4]), np.array([0.0])], 1.0),
        ([np.array([[30.0, 0.0], [0.0, 40.0]]), np.array([120.0])], 13.0),
        ([np.zeros(3), np.zeros((2, 2))], 1.0),
        ([np.array([1e-3, 2e-3])], 1e-3),
    ]:
        got = call(function, gradients, limit)
        length = math.sqrt(sum(float(np.sum(g**2)) for g in gradients))
        factor = limit / length if length > limit else 1.0
        if not isinstance(got, (list, tuple)) or len(got) != len(gradients):
            raise NotYet(f"Return a list of {len(gradients)} arrays, one for each given; got {show(got)}.")
        for gradient, one in zip(gradients, got, strict=True):
            expected = gradient * factor
            if np.shape(one) != expected.shape or not np.allclose(one, expected, rtol=1e-9, atol=1e-15):
                wanted, came = show(expected.round(6).tolist()), show(np.asarray(one).round(6).tolist())
                raise NotYet(
                    f"gradients {show([g.tolist() for g in gradients])}, length {length:.3g}, limit {limit:g}: "
                    f"expected {wanted}, got {came}."
                )
    return "Five sets of gradients come out right, also one that is all zeros."


def first_look(function):
    """06.5: a word for ten steps."""
    require_function(function)
    calm, falling, nan = [0.01] * 10, [2.0, 1.5, *[1.0] * 8], float("nan")
    for loss, ratio, expected in [
        (falling, calm, "fine"),
        (falling, [0.01] * 9 + [0.1], "too high"),
        ([2.3] * 10, [5e-5] * 10, "too low"),
        ([2.3] * 10, [5e-5] * 9 + [2e-4], "fine"),
        ([2.3, 7.0] + [nan] * 8, [0.5] + [nan] * 9, "diverged"),
        ([2.3] * 9 + [math.inf], [0.5] * 10, "diverged"),
        ([-math.inf] + [2.3] * 9, calm, "diverged"),
        ([2.3] * 10, [nan] + [0.5] * 9, "too high"),
        ([2.3] * 10, [5e-5] * 9 + [nan], "fine"),
        ([2.3] * 10, [0.5] + [5e-5] * 9, "too high"),
        ([2.3] * 10, [1e-4] * 10, "fine"),
        ([2.3] * 10, [0.0] * 10, "too low"),
    ]:
        got = call(function, loss, ratio)
        if got != expected:
            raise NotYet(f"loss {show(loss)}, update_ratio {show(ratio)}: expected {expected!r}, got {show(got)}.")
    return "Twelve runs get the right word."


EXERCISES = {
    "06.1": confusion,
    "06.2": schedule,
    "06.3": stop,
    "06.4": clip,
    "06.5": first_look,
}
