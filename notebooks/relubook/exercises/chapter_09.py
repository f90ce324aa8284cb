"""Checks for chapter 09, sparsity."""

import numpy as np

from relubook.exercises import NotYet, call, require_function, show


def break_even(function):
    """09.1: the share of zeros at which CSR takes the bytes of the dense array."""
    require_function(function)
    for value_bytes, index_bytes in [(4, 4), (8, 4), (2, 4), (1, 4), (4, 8), (2, 2), (4, 1), (3, 5)]:
        expected = index_bytes / (value_bytes + index_bytes)
        got = call(function, value_bytes, index_bytes)
        try:
            number = float(got)
        except (TypeError, ValueError):
            raise NotYet(f"{show(function)}: return one number; got {show(got)}.") from None
        if not abs(number - expected) <= 1e-6:
            csr = 1000 * (1 - number) * (value_bytes + index_bytes)
            raise NotYet(
                f"{show(function)}({value_bytes}, {index_bytes}): got {number:g}; of 1000 numbers, dense takes "
                f"{1000 * value_bytes} bytes, and CSR at this share {csr:g}."
            )
    return "Eight pairs of sizes come out right."


def unpack(function):
    """09.2: the array behind a bit mask and its values."""
    require_function(function)
    random = np.random.default_rng(92)
    for shape, share, dtype in [((2, 4), 0.5, "float32"), ((3, 5), 0.6, "float64"), ((7,), 0.3, "float32"),
                                ((2, 3, 3), 0.8, "float32"), ((4, 4), 1.0, "float32"), ((5, 3), 0.0, "float16")]:
        a = np.round(random.uniform(-1, 1, shape), 2).astype(dtype)
        a[a == 0] = 1
        a[random.random(shape) < share] = 0
        case = f"{show(a.tolist())}, shape {shape}, {dtype}"
        got = call(function, np.packbits(a != 0), a[a != 0], shape)
        if not isinstance(got, np.ndarray):
            raise NotYet(f"{case}: return a NumPy array; got {show(got)}.")
        if got.shape != shape:
            raise NotYet(f"{case}: expected the shape {shape}, got {got.shape}.")
        if got.dtype != a.dtype:
            raise NotYet(f"{case}: expected the dtype {a.dtype}, got {got.dtype}.")
        if not np.array_equal(got, a):
            raise NotYet(f"{case}: got {show(got.tolist())}.")
    return "Six arrays come back as they were, of one to three dimensions."


def skipping_product(function):
    """09.3: a product that leaves out inputs that are 0 for all rows, and its multiplications."""
    require_function(function)
    random = np.random.default_rng(93)
    for rows, inputs, units, silent in [(2, 3, 2, 1), (4, 6, 3, 3), (1, 5, 2, 2), (3, 4, 5, 0), (3, 3, 2, 3)]:
        a = np.round(random.uniform(0.1, 1, (rows, inputs)), 2)
        W = np.round(random.standard_normal((inputs, units)), 2)
        a[:, random.permutation(inputs)[:silent]] = 0
        if rows > 1 and silent < inputs:
            a[0, np.flatnonzero(a[0])[0]] = 0  # silent for one row is not silent for all
        awake = int((a != 0).any(axis=0).sum())
        case = f"a = {show(a.tolist())}, {units} units"
        got = call(function, a.copy(), W.copy())
        try:
            product, count = got
            product, count = np.asarray(product, dtype=float), float(count)
        except (TypeError, ValueError):
            raise NotYet(f"{case}: return two things, the product and a number; got {show(got)}.") from None
        if product.shape != (rows, units):
            raise NotYet(f"{case}: expected a product of shape {(rows, units)}, got {product.shape}.")
        if not np.max(np.abs(product - a @ W)) <= 1e-9:
            raise NotYet(f"{case}: the product is not a @ W.")
        if not count == rows * awake * units:
            raise NotYet(
                f"{case}: {awake} of {inputs} inputs are not silent for all rows; expected "
                f"{rows * awake * units} multiplications, got {count:g}."
            )
    return "Five products come out right, with no multiplication too many."


def largest_batch(function):
    """09.4: how many independent tokens leave a share of the units idle."""
    require_function(function)
    for zeros, spare in [(0.5, 0.5), (0.97, 0.5), (0.5, 0.6), (0.9, 0.1), (0.99, 0.9), (0.3, 0.01), (0.5, 0.125)]:
        # A hair's breadth, so that rounding in the last digit cannot decide.
        expected = next(n for n in range(1000) if zeros ** (n + 1) < spare - 1e-12)
        got = call(function, zeros, spare)
        whole = isinstance(got, (int, float, np.integer, np.floating)) and float(got).is_integer()
        if isinstance(got, (bool, np.bool_)) or not whole:
            raise NotYet(f"{show(function)}({zeros}, {spare}): expected a whole number, got {show(got)}.")
        if got != expected:
            idle = f"; of {got:g} tokens, {zeros**got:.3g} of the units are idle for all" if 0 < got < 1000 else ""
            raise NotYet(f"{show(function)}({zeros}, {spare}): expected {expected}, got {got:g}{idle}.")
    return "Seven pairs of shares come out right."


EXERCISES = {
    "09.1": break_even,
    "09.2": unpack,
    "09.3": skipping_product,
    "09.4": largest_batch,
}
