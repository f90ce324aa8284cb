"""Checks for chapter 07, vanishing and exploding gradients."""

import math
import numbers

from relubook.exercises import NotYet, call, require_function, show


def _number(function, *arguments):
    """Call the reader's function; it must return one real number."""
    got = call(function, *arguments)
    if isinstance(got, bool) or not (isinstance(got, numbers.Real) or (hasattr(got, "shape") and got.shape == ())):
        raise NotYet(f"{show(function)}{arguments}: expected a number, got {show(got)}.")
    return float(got)


def _compare(function, arguments, expected, hint=""):
    got = _number(function, *arguments)
    close = got == expected if math.isinf(expected) else abs(got - expected) <= 1e-9 * abs(expected)
    if not close:
        given = ", ".join(f"{a:.6g}" for a in arguments)
        raise NotYet(f"{show(function)}({given}): expected {expected:.6g}, got {got:.6g}.{hint}")


def smallest_gain(function):
    """07.1: the gain from which ReLU layers leave a share of a gradient's length."""
    require_function(function)
    for share, layers in [(0.5, 1), (1.0, 10), (0.001, 63), (0.25, 4), (2.0, 5), (1e-24, 64)]:
        _compare(function, (share, layers), math.sqrt(2 * math.exp(2 * math.log(share) / layers)))
    return "Six networks, from one layer to 64, come out right."


def leaky_gain(function):
    """07.2: the gain at which leaky ReLU keeps a gradient's length."""
    require_function(function)
    for slope in (0.0, 1.0, 0.01, 0.3, -0.5, 5.0):
        _compare(function, (slope,), 1 / math.sqrt((1 + slope**2) / 2))
    return "Six slopes come out right, a negative one among them."


def signal_floor(function):
    """07.3: where the second moment of a ReLU network's signal settles."""
    require_function(function)
    finite = [(1.0, 1.0), (1.0, 0.25), (0.5, 0.01), (math.sqrt(1 / 3), 1 / 300), (0.0, 0.2), (1.4, 0.1), (1.412, 0.1)]
    for gain, variance in finite:
        settled = 0.0
        for _ in range(20_000):
            settled = gain**2 / 2 * settled + variance
        _compare(function, (gain, variance), settled)
    for gain in (1.5, 2.0, math.sqrt(2)):
        _compare(function, (gain, 0.1), math.inf, " Iterate the formula: the signal grows for ever.")
    return "The floors of seven networks, and three that have none, come out right."


def layers_until(function):
    """07.4: ReLU layers until two inputs at right angles are more alike than a bound."""
    require_function(function)
    for bound in (0.2, 0.05, 0.5, 0.9, 0.99, -0.1):
        alike, expected = 0.0, 0
        while alike <= bound:
            angle = math.acos(alike)
            alike = min((math.sin(angle) + (math.pi - angle) * math.cos(angle)) / math.pi, 1.0)
            expected += 1
        got = _number(function, bound)
        if got != expected:
            layers = "1 layer" if expected == 1 else f"{expected} layers"
            raise NotYet(f"{show(function)}({bound:g}): expected {layers}, got {got:g}.")
    return "Six bounds come out right, up to 0.99."


EXERCISES = {
    "07.1": smallest_gain,
    "07.2": leaky_gain,
    "07.3": signal_floor,
    "07.4": layers_until,
}
