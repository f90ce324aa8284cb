"""Checks for chapter 09, sparsity."""

import numpy as np

from relubook.exercises import NotYet, call, expect, require_function, show


def csr_break_even(function):
    """09.1: the share of zeros from which CSR is smaller than the dense array."""
    require_function(function)
    cases = [(4, 4), (2, 4), (2, 2), (8, 4), (4, 8), (1, 4), (4, 2)]
    for value, index in cases:
        # v = (v + i) (1 - s)
        expect(function, (value, index), 1 - value / (value + index), tolerance=1e-9)
    return f"{len(cases)} formats get the right share."


def unpack(function):
    """09.2: an array from its bit mask and its values."""
    require_function(function)
    random = np.random.default_rng(92)
    cases = [(1, 1, 1.0), (2, 4, 0.5), (3, 5, 0.5), (4, 8, 0.0), (3, 3, 1.0), (7, 3, 0.8)]
    for rows, columns, share in cases:
        array = random.integers(1, 99, (rows, columns)).astype(np.float32)
        array[random.random((rows, columns)) < share] = 0
        got = call(function, np.packbits(array != 0), array[array != 0], (rows, columns))
        question = f"{rows} rows of {columns}, {np.count_nonzero(array)} of them not 0"
        if not isinstance(got, np.ndarray) or got.shape != array.shape:
            shape = f"the shape {got.shape}" if isinstance(got, np.ndarray) else show(got)
            raise NotYet(f"{question}: expected an array of the shape {array.shape}, got {shape}.")
        if got.dtype != array.dtype:
            raise NotYet(f"{question}: expected the dtype of the values, {array.dtype}, got {got.dtype}.")
        if not np.array_equal(got, array):
            raise NotYet(f"{question}: expected {show(array.tolist())}, got {show(got.tolist())}.")
    return f"{len(cases)} arrays come back as they were."


def sparse_slope(function):
    """09.3: the slope in a weight matrix, for the units that are not 0 alone."""
    require_function(function)
    random = np.random.default_rng(93)
    for units, outputs, share in [(3, 2, 0.5), (4, 1, 0.25), (5, 3, 0.0), (2, 4, 0.5), (3, 2, 1.0)]:
        x = random.standard_normal(units).round(2)
        x[: round(share * units)] = 0
        random.shuffle(x)
        upstream = random.standard_normal(outputs).round(2)
        got = call(function, x, upstream)
        question = f"x = {x.tolist()}, upstream = {upstream.tolist()}"
        if isinstance(got, (tuple, list)) and any(part is Ellipsis for part in got):
            raise NotYet("Write the numbers of the units and their rows of the slope in place of the three dots.")
        if not isinstance(got, (tuple, list)) or len(got) != 2:
            raise NotYet(f"{question}: return two things, the units and their rows; got {show(got)}.")
        try:
            found, rows = np.asarray(got[0]), np.asarray(got[1], dtype=float)
        except (TypeError, ValueError):
            raise NotYet(f"{question}: return two arrays; got {show(got)}.") from None
        wanted = [unit for unit in range(units) if x[unit] != 0]
        if found.ndim != 1 or found.tolist() != wanted:
            raise NotYet(f"{question}: the units that are not 0 are {wanted}, got {show(found.tolist())}.")
        if rows.shape != (len(wanted), outputs):
            raise NotYet(
                f"{question}: expected {len(wanted)} rows of {outputs} numbers, got the shape {rows.shape}."
            )
        for row, unit in zip(rows, wanted, strict=True):
            right = [x[unit] * slope for slope in upstream]
            if not np.all(np.abs(row - right) <= 1e-9):
                raise NotYet(f"{question}: the row of unit {unit} is {show(np.round(right, 4).tolist())}, "
                             f"got {show(row.round(4).tolist())}.")
    return "Five rows get the slopes that they need, and no others."


EXERCISES = {
    "09.1": csr_break_even,
    "09.2": unpack,
    "09.3": sparse_slope,
}
