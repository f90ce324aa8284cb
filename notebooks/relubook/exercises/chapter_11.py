"""Checks for chapter 11, leaky, parametric, randomised."""

import numpy as np

from relubook.exercises import NotYet, as_array, call, require_function, show


def visible_slope(function):
    """11.1: the smallest slope whose leak is as far from ReLU as the line is wide."""
    require_function(function)
    for lowest, units, pixels, width in [(-3, 6, 230, 3), (-1, 2, 100, 1), (-5, 0.1, 200, 2), (-0.5, 8, 400, 2.5)]:
        expected = width * units / (pixels * -lowest)
        got = call(function, lowest, units, pixels, width)
        try:
            number = float(got)
        except (TypeError, ValueError):
            raise NotYet(f"{show(function)}: return one number; got {show(got)}.") from None
        if not abs(number - expected) <= 1e-9 * expected:
            gap = number * -lowest / units * pixels
            raise NotYet(
                f"{show(function)}({lowest}, {units}, {pixels}, {width}): got {number:g}. With this slope, leaky ReLU "
                f"is {gap:g} pixels below ReLU at the left edge; the line is {width} wide."
            )
    return "Four figures come out right."


def slope_gradients(function):
    """11.2: the gradients of PReLU's slopes, one for each unit."""
    require_function(function)
    random = np.random.default_rng(112)
    for rows, units in [(2, 3), (4, 2), (1, 4), (5, 1), (3, 3)]:
        z = np.round(random.standard_normal((rows, units)), 1)
        z[0, 0] = 0.0
        upstream = np.round(random.standard_normal((rows, units)), 1)
        case = f"z = {show(z.tolist())}, upstream = {show(upstream.tolist())}"
        expected = (upstream * np.minimum(z, 0)).sum(axis=0)
        got = as_array(call(function, z, upstream), (units,), case)
        if not np.max(np.abs(got - expected)) <= 1e-9:
            raise NotYet(f"{case}: expected {show(expected.round(3).tolist())}, got {show(got.round(3).tolist())}.")
    return "Five layers come out right."


def _prelu(z, slope):
    return z if z > 0 else slope * z


def mirror(function):
    """11.3: PReLU as a multiple of a PReLU of -z."""
    require_function(function)
    for slope in (4.0, 0.25, 1.0, -1.0, -0.5, 3.0):
        got = call(function, slope)
        try:
            factor, other = (float(number) for number in got)
        except (TypeError, ValueError):
            raise NotYet(f"{show(function)}({slope}): return two numbers; got {show(got)}.") from None
        for z in (-1.0, 1.0, -2.5, 3.0):
            left, right = _prelu(z, slope), factor * _prelu(-z, other)
            if not abs(left - right) <= 1e-9:
                raise NotYet(
                    f"{show(function)}({slope}) gave ({factor:g}, {other:g}). At z = {z:g}, PReLU is {left:g}, and "
                    f"{factor:g} · PReLU({-z:g}, {other:g}) is {right:g}."
                )
    return "Six slopes, also negative ones, are mirrored."


def rrelu_by_divisors(function):
    """11.4: RReLU with divisors drawn evenly, and their mean in evaluation."""
    require_function(function)
    random = np.random.default_rng(114)

    def ask(z, low, high, seed):
        def at(z):
            return function(z, low, high, None if seed is None else np.random.default_rng(seed))

        at.__name__ = show(function)
        chance = "random=None" if seed is None else "a generator"
        case = f"{len(z.ravel())} numbers, low={low:g}, high={high:g}, {chance}"
        return as_array(call(at, z), z.shape, case), case

    for low, high, shape in [(3.0, 8.0, (4,)), (2.0, 4.0, (2, 3)), (5.0, 5.0, (3,))]:
        z = np.round(random.standard_normal(shape), 1) + 0.05
        got, case = ask(z, low, high, None)
        expected = np.where(z > 0, z, z / ((low + high) / 2))
        if not np.max(np.abs(got - expected)) <= 1e-9:
            raise NotYet(f"{case}, z = {show(z.tolist())}: expected {show(expected.round(3).tolist())}, got "
                         f"{show(got.round(3).tolist())}.")
    for low, high in [(3.0, 8.0), (2.0, 10.0)]:
        z = random.standard_normal((40, 500))
        got, case = ask(z, low, high, 1)
        if not np.array_equal(got[z > 0], z[z > 0]):
            raise NotYet(f"{case}: the positive numbers should stay as they are.")
        divisors = z[z < 0] / got[z < 0]
        if not (np.all(divisors > low - 1e-6) and np.all(divisors < high + 1e-6)):
            bad = divisors[~((divisors > low - 1e-6) & (divisors < high + 1e-6))][0]
            raise NotYet(f"{case}: a negative number was divided by {bad:g}.")
        if len(np.unique(divisors.round(9))) < 0.95 * len(divisors):
            raise NotYet(f"{case}: many numbers share their divisor; draw one for each number.")
        for share in (0.25, 0.5, 0.75):
            expected, found = low + share * (high - low), np.quantile(divisors, share)
            if abs(found - expected) > 0.04 * (high - low):
                raise NotYet(f"{case}: {share:.0%} of the divisors should be below {expected:g}, but that share is "
                             f"below {found:.2f}: they are not drawn evenly.")
        if not np.array_equal(ask(z, low, high, 1)[0], got):
            raise NotYet(f"{case}: two calls with equal generators differ; draw from the generator you are given.")
    return "Evaluation and training come out right, and the divisors are drawn evenly."


EXERCISES = {
    "11.1": visible_slope,
    "11.2": slope_gradients,
    "11.3": mirror,
    "11.4": rrelu_by_divisors,
}
