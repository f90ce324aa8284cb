"""Checks for chapter 08, dying ReLU."""

import numpy as np

from relubook.exercises import NotYet, as_number, call, require_function, show


def share_dead(function):
    """08.1: the share of units that are silent for every sample."""
    require_function(function)
    random = np.random.default_rng(81)
    for samples, units, dead in [(4, 2, 1), (5, 4, 1), (50, 8, 6), (3, 5, 0), (2, 3, 3)]:
        z = -np.abs(np.round(random.standard_normal((samples, units)), 1)) - 0.1
        z[random.integers(samples, size=units), np.arange(units)] = 1.0  # every unit is active once, in any row,
        z[:, random.permutation(units)[:dead]] = -np.abs(z[:, :dead]) - 0.1  # but for the dead
        cases = [(z, dead / units, "")]
        if dead:
            edge = z.copy()
            edge[-1, np.all(z < 0, axis=0)] = 0.0
            cases.append((edge, dead / units, " A pre-activation of exactly 0 is silent too."))
        for given, expected, hint in cases:
            got = as_number(call(function, given), show(function))
            if not abs(got - expected) <= 1e-9:
                raise NotYet(
                    f"{samples} samples, {units} units, the pre-activations {show(given.tolist())}: expected "
                    f"{expected:g}, got {got:g}.{hint}"
                )
    return "Five arrays, with and without dead units, come out right."


def born_silent(function):
    """08.2: the probability of an all-zero layer for layers of different widths."""
    require_function(function)
    for widths in ([1], [2], [4, 4, 4], [8, 4, 2], [2, 4, 8], [3, 1], [16, 16], [5, 7, 2, 9]):
        expected = 1 - np.prod([1 - 0.5**width for width in widths])
        got = as_number(call(function, widths), show(function))
        if not abs(got - expected) <= 1e-9:
            raise NotYet(f"{show(function)}({widths}): expected {expected:.6g}, got {got:.6g}.")
    return "Eight networks, from one unit to four layers, come out right."


def width_needed(function):
    """08.3: the smallest width that keeps the probability below a bound."""
    require_function(function)
    for depth, p in [(1, 0.5), (1, 0.1), (10, 0.5), (20, 0.05), (100, 0.001), (3, 0.9), (1000, 0.01)]:
        # A hair's breadth, so that rounding in the last digit cannot decide.
        expected = next(n for n in range(1, 60) if 1 - (1 - 0.5**n) ** depth <= p * (1 + 1e-12))
        got = call(function, depth, p)
        whole = isinstance(got, (int, float, np.integer, np.floating)) and float(got).is_integer()
        if isinstance(got, (bool, np.bool_)) or not whole:
            raise NotYet(f"{show(function)}({depth}, {p}): expected a whole number, got {show(got)}.")
        if got != expected:
            chance = f"; with {got:g} units the probability is {1 - (1 - 0.5**got) ** depth:.3g}"
            chance = chance if 0 < got < 60 else ""
            raise NotYet(f"{show(function)}({depth}, {p}): expected {expected}, got {got:g}{chance}.")
    return "Seven depths and bounds come out right."


def deadly_bias(function):
    """08.4: the largest bias that silences a unit for all inputs between 0 and 1."""
    require_function(function)
    random = np.random.default_rng(84)
    for w in ([1.0, -2.0], [0.5, 0.25, -3.0], [-1.0, -1.0], [2.0], np.round(random.standard_normal(64), 2)):
        w = np.asarray(w, dtype=float)
        best_input = (w > 0).astype(float)
        expected, got = -float(w @ best_input), as_number(call(function, w), show(function))
        if abs(got - expected) <= 1e-9:
            continue
        shown = show(w.tolist())
        if not np.isfinite(got):
            raise NotYet(f"w = {shown}: expected {expected:g}, got {got}, which is no finite number.")
        if got > expected:
            raise NotYet(
                f"w = {shown}: got {got:g}, but the input {show(best_input.tolist())} then has the pre-activation "
                f"{w @ best_input + got:g} and wakes it; expected {expected:g}."
            )
        raise NotYet(f"w = {shown}: expected {expected:g}, got {got:g}, which kills it too but is not the largest.")
    return "Five units, with up to 64 weights, die where they should."


def _networks():
    """Hidden layers with dead units, and inputs for which they are dead."""
    random = np.random.default_rng(85)
    for inputs, units, outputs, number in [(2, 3, 1, 1), (4, 6, 3, 2), (5, 4, 2, 4), (3, 3, 2, 0)]:
        W_in, b = random.standard_normal((inputs, units)), random.standard_normal(units)
        W_out, fresh = random.standard_normal((units, outputs)), random.standard_normal((inputs, units))
        dead = np.zeros(units, dtype=bool)
        dead[random.permutation(units)[:number]] = True
        b[dead] = -50.0
        yield random.standard_normal((8, inputs)), W_in, b, W_out, dead, fresh


def recycle(function):
    """08.5: new weights for dead units, without a change of the outputs."""
    require_function(function)
    for x, W_in, b, W_out, dead, fresh in _networks():
        case = f"{W_in.shape[1]} hidden units, {dead.sum()} of them dead"
        try:
            new_in, new_b, new_out = (np.asarray(p, dtype=float) for p in call(function, W_in, b, W_out, dead, fresh))
        except (TypeError, ValueError):
            raise NotYet(f"{case}: return three arrays, W_in, b and W_out.") from None
        if (new_in.shape, new_b.shape, new_out.shape) != (W_in.shape, b.shape, W_out.shape):
            raise NotYet(f"{case}: expected the shapes {W_in.shape}, {b.shape} and {W_out.shape}, "
                         f"got {new_in.shape}, {new_b.shape} and {new_out.shape}.")
        for what, got, expected in [
            ("the weights into the dead units", new_in[:, dead], fresh[:, dead]),
            ("the weights into the living units", new_in[:, ~dead], W_in[:, ~dead]),
            ("the biases of the dead units", new_b[dead], np.zeros(dead.sum())),
            ("the biases of the living units", new_b[~dead], b[~dead]),
            ("the weights out of the living units", new_out[~dead], W_out[~dead]),
        ]:
            if not np.array_equal(got, expected):
                raise NotYet(f"{case}: {what}: expected {show(expected.tolist())}, got {show(got.tolist())}.")
        before = np.maximum(x @ W_in + b, 0) @ W_out
        after = np.maximum(x @ new_in + new_b, 0) @ new_out
        change = np.abs(after - before).max(axis=1)
        if not change.max() <= 1e-9:
            row = int(np.argmax(np.where(np.isnan(change), np.inf, change)))
            raise NotYet(f"{case}: for the input {show(x[row].round(2).tolist())} the outputs were "
                         f"{show(before[row].round(3).tolist())} and are now {show(after[row].round(3).tolist())}; "
                         "the next layer hears the new units, and should not.")
    return "Four hidden layers get their new units, and nobody notices."


EXERCISES = {
    "08.1": share_dead,
    "08.2": born_silent,
    "08.3": width_needed,
    "08.4": deadly_bias,
    "08.5": recycle,
}
