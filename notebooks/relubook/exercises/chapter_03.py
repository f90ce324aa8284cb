"""Checks for chapter 03, ReLU in NumPy."""

import numpy as np

from relubook.exercises import NotYet, call, require_function, show

NAN, INFINITY = np.nan, np.inf


def _same(got, expected):
    return np.array_equal(got, expected, equal_nan=expected.dtype.kind == "f")


def _expect_array(got, expected, question, hint=""):
    """Type, shape, dtype, then values; the message says what differs first."""
    hint = f" {hint}" if hint else ""
    if not isinstance(got, np.ndarray):
        raise NotYet(f"{question}: expected an array, got {show(got)}.")
    if got.shape != expected.shape:
        raise NotYet(f"{question}: expected the shape {expected.shape}, got {got.shape}.{hint}")
    if got.dtype != expected.dtype:
        raise NotYet(f"{question}: expected the dtype {expected.dtype}, got {got.dtype}.{hint}")
    if not _same(got, expected):
        raise NotYet(f"{question}: expected {show(expected.tolist())}, got {show(got.tolist())}.{hint}")


def leaky_relu(function):
    """03.1: leaky ReLU of an array, dtype and NaN kept."""
    require_function(function)
    values = [-8.0, -1.0, 0.0, 0.5, 4.0, -INFINITY, INFINITY, NAN]
    for dtype in (np.float64, np.float32, np.float16):
        for negative_slope in (0.25, 1.5, -0.5):
            x = np.array(values, dtype=dtype)
            wanted = np.array([v if not v < 0 else negative_slope * v for v in values], dtype=dtype)
            got = call(function, x, negative_slope=negative_slope)
            _expect_array(got, wanted, f"{x.dtype}, negative_slope={negative_slope}, x = {show(values)}")
    table = np.array([[-4.0, 2.0, -1.0], [3.0, -0.5, 0.0]], dtype=np.float64)
    _expect_array(call(function, table), np.where(table < 0, 0.01 * table, table), f"x = {show(table.tolist())}",
                  "The default of negative_slope is 0.01.")
    return "Three dtypes, three slopes and a table come out right, NaN and infinity among them."


def _arrays_to_rectify():
    """Each with its name, and the array that owns its memory."""
    for dtype in (np.float64, np.float32):
        row = np.array([1.5, -2.0, 0.0, -INFINITY, INFINITY, NAN, -0.25, 3.0], dtype=dtype)
        yield "a row", row, row
        table = row.reshape(2, 4).copy()
        yield "a table", table, table
        owner = np.repeat(row, 2)
        yield "every second element of an array", owner[::2], owner
        owner = row.reshape(2, 4).copy()
        yield "a turned table", owner.T, owner
        yield "a column of a table", owner[:, 1], owner
    point = np.array(-2.5, dtype=np.float64)
    yield "an array without axes", point, point
    nothing = np.zeros((0, 3), dtype=np.float64)
    yield "an empty array", nothing, nothing


def in_place(function):
    """03.2: the same object comes back, rectified, and nothing beside it has changed."""
    require_function(function)
    name = getattr(function, "__name__", "your function")
    tried = 0
    for what, x, owner in _arrays_to_rectify():
        before = x.copy()
        untouched = owner.copy()
        if not np.shares_memory(x, owner) and x.size:
            raise AssertionError(f"{what} is not a view")
        expected = np.where(before < 0, before.dtype.type(0), before)
        try:
            got = function(x)
        except Exception as error:  # whatever a reader's code can raise
            raise NotYet(f"{what}: {name} raised {type(error).__name__}: {error}") from error
        if got is None or got is Ellipsis:
            raise NotYet(f"{what}: {name} returned nothing; return the array that you were given.")
        if got is not x:
            raise NotYet(f"{what}: {name} returned another object than the one it was given.")
        if not _same(x, expected):
            became, wanted = show(x.tolist()), show(expected.tolist())
            raise NotYet(f"{what}: expected {show(before.tolist())} to become {wanted}, got {became}.")
        # Putting the old values back must restore the owner: then nothing beside x was written.
        x[...] = before
        if not _same(owner, untouched):
            raise NotYet(f"{what}: {name} changed elements that are not part of x.")
        tried += 1
    return f"{tried} arrays, views of several kinds among them, were rectified where they lie."


def zero_share(function):
    """03.3: for each unit the share of samples whose activation is 0."""
    require_function(function)
    cases = [
        [[1.0, -1.0, 0.0], [2.0, -2.0, 3.0]],
        [[-1.0, 0.0], [0.0, 0.0], [5.0, -0.0], [1.0, 2.0]],
        [[0.5, -0.5, -1.5, 2.5]],
        [[-1.0], [-2.0], [3.0], [0.0]],
        [[-1, 2], [0, 4], [3, -5], [-7, 6], [8, 9]],
    ]
    for case in cases:
        x = np.array(case, dtype=np.int64 if isinstance(case[0][0], int) else np.float64)
        wanted = np.array([sum(not v > 0 for v in column) / len(case) for column in zip(*case, strict=True)])
        got = call(function, x)
        question = f"pre_activation = {show(case)}"
        try:
            got = np.asarray(got, dtype=np.float64)
        except (TypeError, ValueError):
            raise NotYet(f"{question}: expected an array of numbers, got {show(got)}.") from None
        if got.shape != wanted.shape:
            raise NotYet(f"{question}: expected a number for each unit, shape {wanted.shape}, got shape {got.shape}.")
        if not np.allclose(got, wanted, rtol=0, atol=1e-12):
            raise NotYet(f"{question}: expected {show(wanted.tolist())}, got {show(got.tolist())}.")
    return f"{len(cases)} batches come out right, inputs that are exactly 0 among them."


def backward(function):
    """03.4: gradients pass where the input was positive, and nowhere else."""
    require_function(function)
    cases = [
        ("gradients of both signs", [1.0, -2.0, 3.0, -4.0], [2.0, 2.0, -2.0, -2.0], [1.0, -2.0, 0.0, 0.0]),
        ("inputs that are exactly 0", [5.0, -5.0], [0.0, -0.0], [0.0, 0.0]),
        ("tiny and infinite inputs", [1.0, 2.0, 3.0, 4.0], [1e-30, -1e-30, INFINITY, -INFINITY], [1.0, 0.0, 3.0, 0.0]),
        ("infinite gradients", [INFINITY, -INFINITY, INFINITY, NAN], [1.0, -1.0, -1.0, -1.0], [INFINITY, 0, 0, 0]),
        ("NaN at an open unit", [NAN, 2.0, NAN], [1.0, 1.0, -1.0], [NAN, 2.0, 0.0]),
        ("a batch", [[1.0, -1.0], [2.0, -2.0]], [[3.0, -3.0], [-3.0, 3.0]], [[1.0, 0.0], [0.0, -2.0]]),
    ]
    for dtype in (np.float64, np.float32):
        for what, grad, x, wanted in cases:
            got = call(function, np.array(grad, dtype=dtype), np.array(x, dtype=dtype))
            _expect_array(got, np.array(wanted, dtype=dtype),
                          f"{what}, {np.dtype(dtype)}: grad_output = {show(grad)}, pre_activation = {show(x)}")
    return f"{len(cases)} kinds of gradients come out right in two dtypes, infinite ones among them."


def relu_of_bits(function):
    """03.5: float16 ReLU on bit patterns, for all of them."""
    require_function(function)
    bits = np.arange(-2**15, 2**15, dtype=np.int16)
    got = call(function, bits)
    if not isinstance(got, np.ndarray) or got.shape != bits.shape or got.dtype != np.int16:
        raise NotYet(
            f"All {bits.size} patterns: expected an int16 array of the shape {bits.shape}, got "
            + (f"{got.dtype} of the shape {got.shape}." if isinstance(got, np.ndarray) else f"{show(got)}.")
        )
    x, y = bits.view(np.float16).astype(np.float64), got.view(np.float16).astype(np.float64)
    expected = np.where(x < 0, 0.0, x)
    right = (y == expected) | (np.isnan(y) & np.isnan(expected))
    if not right.all():
        i = int(np.argmin(right))
        raise NotYet(
            f"{np.count_nonzero(~right)} of {bits.size} patterns are wrong. The first: {bits[i]} stands for {x[i]:g}; "
            f"expected {expected[i]:g}, got {got[i]}, which stands for {y[i]:g}."
        )
    return f"All {bits.size} patterns come out right."


EXERCISES = {
    "03.1": leaky_relu,
    "03.2": in_place,
    "03.3": zero_share,
    "03.4": backward,
    "03.5": relu_of_bits,
}
