"""Checks for chapter 04, backpropagation by hand."""

import math
from decimal import Decimal, localcontext

import numpy as np

from relubook.exercises import NotYet, call, require_function, show


def _numbers(got, count, what):
    """What came back as ``count`` finite floats, or what is wrong with it."""
    if isinstance(got, (tuple, list)) and any(part is Ellipsis for part in got):
        raise NotYet(f"Write {what}, in place of the three dots.")
    try:
        found = [float(part) for part in got]
    except (TypeError, ValueError):
        raise NotYet(f"Return {what}, each a number; got {show(got)}.") from None
    if len(found) != count:
        raise NotYet(f"Return {what}; got {show(got)}.")
    return found


def slopes_of_a_unit(function):
    """04.1: the slopes of (ReLU(w x + b) - t)^2 in w and b."""
    require_function(function)
    cases = [(1.0, 0.0, 1.5, 3.0), (0.5, 1.0, 2.0, 1.0), (2.0, -1.0, -1.5, 4.0), (-1.0, 0.5, -2.0, 0.0),
             (-3.0, 1.0, 2.0, -1.0), (1.0, 2.0, 0.0, 5.0)]
    for w, b, x, target in cases:
        z = w * x + b
        in_z = 2 * (max(z, 0.0) - target) * (z > 0)
        expected = (in_z * x, in_z)
        got = _numbers(call(function, w, b, x, target), 2, "two slopes, in w and in b")
        for name, g, e in zip(("w", "b"), got, expected, strict=True):
            if not abs(g - e) <= 1e-9:
                state = "open" if z > 0 else "closed"
                raise NotYet(
                    f"w = {w:g}, b = {b:g}, x = {x:g}, target = {target:g} (the unit is {state}): "
                    f"the slope in {name} is {e:g}, got {g:g}."
                )
    return f"{len(cases)} units come out right, open and closed ones."


class _Number:
    """Stands in for the chapter's Value: it may be used, or only be named as a parent."""

    def __init__(self, data, parents=(), local_slopes=()):
        self.data, self.parents, self.local_slopes = data, parents, local_slopes
        self.grad, self.name = 0.0, ""

    def __add__(self, other):
        other = other if hasattr(other, "data") else _Number(float(other))
        return _Number(self.data + other.data, (self, other), (1.0, 1.0))

    def __sub__(self, other):
        other = other if hasattr(other, "data") else _Number(float(other))
        return _Number(self.data - other.data, (self, other), (1.0, -1.0))

    def __mul__(self, other):
        other = other if hasattr(other, "data") else _Number(float(other))
        return _Number(self.data * other.data, (self, other), (other.data, self.data))

    def relu(self):
        return _Number(max(self.data, 0.0), (self,), (1.0 if self.data > 0 else 0.0,))

    def __repr__(self):
        return f"Value({self.data})"


def _slope_in_the_input(result):
    """The sum over all paths from the result to the input of the products of local slopes."""
    if getattr(result, "is_input", False):
        return 1.0
    if not isinstance(result.parents, tuple) or not isinstance(result.local_slopes, tuple):
        raise NotYet("Parents and local slopes are tuples: (value,) and (slope,), with the comma.")
    if len(result.parents) != len(result.local_slopes):
        raise NotYet(f"{len(result.parents)} parents and {len(result.local_slopes)} local slopes; give one for each.")
    return sum(
        slope * _slope_in_the_input(parent)
        for parent, slope in zip(result.parents, result.local_slopes, strict=True)
    )


def leaky_for_the_autograd(function):
    """04.2: leaky ReLU as an operation on Values."""
    require_function(function)
    # The reader's own class where there is one: the chapter's Value takes no other.
    number = getattr(function, "__globals__", {}).get("Value", _Number)
    if not (isinstance(number, type) and hasattr(number, "relu")):
        number = _Number
    shown = type("Value", (number,), {"__repr__": lambda self: f"Value({self.data})"})
    for x in (-4.0, -0.5, 0.25, 3.0):
        expected, slope = (x, 1.0) if x > 0 else (0.1 * x, 0.1)
        start = shown(x)
        start.is_input = True
        result = call(function, start)
        if not all(hasattr(result, part) for part in ("data", "parents", "local_slopes")):
            raise NotYet(f"Value({x}): return a Value with data, parents and local slopes; got {show(result)}.")
        if not abs(result.data - expected) <= 1e-12:
            raise NotYet(f"Value({x}): expected the data {expected:g}, got {result.data}.")
        got = _slope_in_the_input(result)
        if not abs(got - slope) <= 1e-12:
            raise NotYet(f"Value({x}): the slope of the result in the value is {slope:g}; backward would find {got}.")
    return "Values and slopes come out right on both sides."


def loss_of_no(function):
    """04.3: log(1 + e^s) for every s."""
    require_function(function)
    scores = [0.0, 1.0, -1.0, 3.5, -20.0, 40.0, -40.0, -300.0, 300.0, 710.0, -745.0, 1000.0, -1000.0,
              5.0, 10.0, 15.0, 20.5, 25.5, 28.5, 30.1, 34.0, -5.0, -10.0, -25.0, -35.0]
    for score in scores:
        with localcontext(prec=60):
            expected = float((1 + Decimal(score).exp()).ln()) if score > -100 else math.exp(score)
        with np.errstate(all="ignore"):
            got = call(function, score)
        try:
            got = float(got)
        except (TypeError, ValueError):
            raise NotYet(f"A score of {score:g}: return one number; got {show(got)}.") from None
        if not abs(got - expected) <= 2e-15 * expected:
            raise NotYet(f"A score of {score:g}: expected {expected:.17g}, got {got:.17g}.")
    return f"{len(scores)} scores from −1000 to 1000 come out right to the last digits."


def slope_past_a_layer(function):
    """04.4: the slope in X of X + ReLU(X W^T)."""
    require_function(function)
    random = np.random.default_rng(44)
    for examples, units in [(1, 1), (1, 3), (4, 3), (5, 2)]:
        X, W = random.standard_normal((examples, units)), random.standard_normal((units, units))
        upstream = random.standard_normal((examples, units))
        if (examples, units) == (1, 3):
            W = -np.abs(W) * np.sign(X)  # every unit closed
        got = call(function, upstream, X, W)
        try:
            got = np.asarray(got, dtype=float)
        except (TypeError, ValueError):
            raise NotYet(f"Return one array; got {show(got)}.") from None
        sizes = " and ".join(
            f"{n} {word}{'s' * (n > 1)}" for n, word in ((examples, "example"), (units, "unit"))
        )
        if got.shape != X.shape:
            raise NotYet(f"{sizes}: expected the shape of X, {X.shape}, got {got.shape}.")
        expected = np.array([
            [g[i] + sum(g[k] * W[k, i] for k in range(units) if W[k] @ x > 0) for i in range(units)]
            for g, x in zip(upstream, X, strict=True)
        ])
        wrong = np.argwhere(~(np.abs(got - expected) <= 1e-10))
        if len(wrong):
            closed = ", all of them closed" if (examples, units) == (1, 3) else ""
            place = tuple(int(i) for i in wrong[0])
            raise NotYet(
                f"{sizes}{closed}: the slope in X{list(place)} is {expected[place]:.4g}, got {got[place]:.4g}."
            )
    return "Four batches come out right, one with every unit closed among them."


def weights_without_slope(function):
    """04.5: how many weights get no slope from one digit?"""
    require_function(function)
    cases = [
        ([0.0, 0.5, 1.0], [1.0, -1.0], 4),
        ([0.0, 0.0, 0.0, 0.25], [2.0, 3.0, -1.0], 10),
        ([0.5, 0.5], [1.0, 1.0], 0),
        ([0.0, 0.0], [1.0, 2.0, 3.0], 6),
        ([1.0, 0.5, 0.0], [-1.0, -2.0], 6),
        ([1.0, 0.0], [0.0, 2.0], 3),
    ]
    for pixels, z, expected in cases:
        got = call(function, np.array(pixels), np.array(z))
        whole = isinstance(got, (int, float, np.integer, np.floating)) and not isinstance(got, bool)
        if not whole or got != expected:
            got = got if whole else show(got)
            raise NotYet(f"pixels {pixels}, pre-activations {z}: expected {expected}, got {got}.")
    return f"{len(cases)} layers are counted right."


EXERCISES = {
    "04.1": slopes_of_a_unit,
    "04.2": leaky_for_the_autograd,
    "04.3": loss_of_no,
    "04.4": slope_past_a_layer,
    "04.5": weights_without_slope,
}
