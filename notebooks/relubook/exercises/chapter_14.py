"""Checks for chapter 14, choosing an activation."""

import math
import warnings

import numpy as np

from relubook.exercises import NotYet, as_array, as_number, call, require_function, show

NAN = math.nan


def _array(function, shape, *arguments):
    """Call the reader's function and insist on an array of real numbers, computed without a warning."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        got = call(function, *arguments)
    values = as_array(got, shape, show(function))
    return values, next((str(one.message) for one in said if issubclass(one.category, RuntimeWarning)), None)


def honest_accuracy(function):
    """14.1: the test accuracy at the learning rate that validation chose."""
    require_function(function)
    cases = [
        ([[0.5, 0.7], [0.9, 0.8], [0.6, 0.6]], [[0.5, 0.6], [0.8, 0.7], [0.9, 0.9]], ""),
        ([[0.90, 0.90], [0.99, 0.70]], [[0.80, 0.90], [0.95, 0.65]], " One good seed is not the best mean."),
        ([[0.8, 0.8, 0.8], [0.9, 0.9, 0.1]], [[0.7, 0.7, 0.7], [0.9, 0.9, 0.1]],
         " One bad seed counts as well: take the mean, not the median."),
        ([[0.8, 0.8], [0.95, NAN], [NAN, NAN]], [[0.7, 0.8], [0.9, NAN], [NAN, NAN]],
         " A network that diverged (NaN) is right on nothing: count it as 0."),
        ([[0.7, 0.7, NAN, 0.7], [0.9, 0.9, 0.9, NAN]], [[0.6, 0.7, NAN, 0.5], [0.9, 0.8, 0.7, NAN]],
         " A network that diverged counts as 0 in the test as well."),
        ([[0.6], [0.7], [0.65]], [[0.9], [0.5], [0.95]], " The test must not choose."),
    ]  # fmt: skip
    for validation, test, hint in cases:
        validation, test = np.array(validation), np.array(test)
        best = np.nan_to_num(validation).mean(axis=1).argmax()
        expected, got = np.nan_to_num(test)[best].mean(), as_number(call(function, validation, test), show(function))
        if not abs(got - expected) <= 1e-9:
            raise NotYet(
                f"validation {show(validation.tolist())}, test {show(test.tolist())}: expected {expected:.6g}, "
                f"got {got:.6g}.{hint}"
            )
    return "Six grids, with diverged networks among them, come out right."


def confidence_each(function):
    """14.2: the confidence of each of several intervals that are to hold together."""
    require_function(function)
    for together, comparisons in [(0.95, 1), (0.95, 13), (0.99, 13), (0.9, 2), (0.95, 78), (0.5, 4)]:
        got = as_number(call(function, together, comparisons), show(function))
        lowest, highest = together ** (1 / comparisons), 1 - (1 - together) / comparisons
        if not lowest - 1e-9 <= got <= highest + 1e-9:
            wrong = 1 - got
            raise NotYet(
                f"{show(function)}({together}, {comparisons}): expected {highest:.6f}, got {got:.6f}. "
                + (f"{comparisons} intervals that are each wrong with probability {wrong:.3g} may add up to "
                   f"{comparisons * wrong:.3g}; allowed is {1 - together:.3g}." if 0 < got < 1 else "")
            )  # fmt: skip
    return "Six families of comparisons come out right."


def log_sigmoid(function):
    """14.3: log σ(z) for every logit."""
    require_function(function)
    z = np.array([0.0, 1.0, -1.0, 5.0, -5.0, 40.0, -40.0, 20.0, -20.0, 700.0, -700.0, 800.0, -800.0, 1e4, -1e4])
    expected = np.array([-max(-value, 0.0) - math.log1p(math.exp(-abs(value))) for value in z])
    got, warning = _array(function, z.shape, z)
    for value, e, g in zip(z, expected, got, strict=True):
        # At 40 the answer is -4e-18: the digits have to be right there too.
        if not abs(g - e) <= 1e-9 * abs(e) + 1e-300:
            lost = value >= 20 and g == 0
            hint = " The logarithm of a number that was rounded to 1 is 0: log1p helps." if lost else ""
            raise NotYet(f"{show(function)}({value:g}): expected {e:.6g}, got {g:.6g}.{hint}")
    if warning:
        raise NotYet(
            f"Every value is right, but NumPy warned on the way: {warning}. Give exp no argument above 0, "
            "not even where the result is thrown away."
        )
    return "Fifteen logits from −10 000 to 10 000 come out right, without a warning."


def cross_entropy(function):
    """14.4: the cross-entropy of several rows of logits."""
    require_function(function)
    cases = [
        ([[0.0, 0.0, 0.0]], [1], ""),
        ([[2.0, 1.0, 0.0], [0.0, 3.0, -1.0]], [0, 2], ""),
        ([[1000.0, 0.0, -1000.0]], [0], " Subtract the row's largest logit first."),
        ([[1000.0, 0.0, -1000.0]], [2], " Take the logarithm of the sum, not of a quotient that is 0."),
        ([[-1000.0, -1001.0], [5.0, 4.0], [800.0, 801.0]], [1, 0, 0], " Each row has its own largest logit."),
        ([[0.0, 50.0]], [1], " A loss of 2e-22 may come out as 0."),
    ]
    for logits, labels, hint in cases:
        logits, labels = np.array(logits), np.array(labels)
        top = logits.max(axis=1)
        total = np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top
        expected = total - logits[np.arange(len(labels)), labels]
        got, warning = _array(function, expected.shape, logits, labels)
        if not np.all(np.abs(got - expected) <= 1e-9 * np.maximum(1, np.abs(expected))):
            raise NotYet(
                f"logits {show(logits.tolist())}, labels {labels.tolist()}: expected "
                f"{np.round(expected, 6).tolist()}, got {np.round(got, 6).tolist()}.{hint}"
            )
        if warning:
            raise NotYet(f"logits {show(logits.tolist())}: the value is right, but NumPy warned: {warning}.")
    return "Six batches, with logits of ±1000, come out right, without a warning."


EXERCISES = {
    "14.1": honest_accuracy,
    "14.2": confidence_each,
    "14.3": log_sigmoid,
    "14.4": cross_entropy,
}
