"""ReLU and leaky ReLU in NumPy, with their derivatives.

Chapters 02 and 03 build these functions step by step and show that they agree with the
final forms kept here.
"""

import functools

import numpy as np

# NumPy's buffer, in elements. Asked once: the question takes as long as copying 10,000 numbers.
_ROW = np.getbufsize()
_PIECE = 16384


def _as_numeric_array(x, function):
    """Return ``x`` as an array of numbers, or say what is wrong with it."""
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise ValueError(
            f"{function}: x is a ragged list, {_shortened(x)}; allowed are numbers, arrays of "
            "numbers, and nested lists whose rows all have the same length"
        ) from error
    if array.dtype.kind == "O":
        _reject_non_numbers(array, function)
    elif array.dtype.kind not in "biuf":
        raise TypeError(
            f"{function}: x has dtype {array.dtype}, given {_shortened(x)}; allowed are real numbers: "
            "bool, integers, floats, or objects such as Fraction and Decimal"
        )
    return array


def _reject_non_numbers(array, function):
    """Object arrays may hold anything: every element must compare with 0."""
    for element in array.flat:
        try:
            comparable = isinstance(element < 0, (bool, np.bool_))
        except (TypeError, ArithmeticError):  # a string; Decimal("NaN"), which refuses to be compared
            comparable = False
        if not comparable:
            raise TypeError(
                f"{function}: x contains {_shortened(element)} of type {type(element).__name__}; "
                "allowed are real numbers that compare with 0"
            )


def _shortened(value, limit=60):
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _finite_number(value, name, function):
    """Return ``value`` as a float, or say which argument is wrong."""
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{function}: {name} is {_shortened(value)}; allowed is one real number"
        ) from error
    if not np.isfinite(number):
        raise ValueError(f"{function}: {name} is {number}; allowed is a finite number")
    return number


def relu(x, *, out=None):
    """Rectified linear unit: each negative element becomes 0, the others stay.

    Parameters
    ----------
    x : number, nested list or array of real numbers, any shape
        bool, integer, float or object dtype (``Fraction``, ``Decimal``).
    out : array, optional
        Where to write the result; same shape and dtype as ``x``. ``relu(x, out=x)`` works
        in place and needs no second array.

    Returns
    -------
    array (or NumPy scalar, where ``x`` is a single number) of the shape and dtype of ``x``.
    NaN stays NaN, infinity stays infinity. The sign of a zero in the result is unspecified.

    Raises
    ------
    TypeError
        ``x`` is not made of real numbers, or ``out`` is not an array of the dtype of ``x``.
    ValueError
        ``x`` is a ragged list, or ``out`` has another shape.

    Source
    ------
    Nair and Hinton (2010), *Rectified linear units improve restricted Boltzmann machines*.

    Examples
    --------
    >>> relu([-10, 0, 15])
    array([ 0,  0, 15])
    """
    x = _as_numeric_array(x, "relu")
    result = np.empty_like(x, subok=False) if out is None else _checked_out(out, x)
    apart = out is None or out is x or not np.may_share_memory(x, out)
    if x.dtype.kind == "O":
        np.copyto(result, x)
        with np.errstate(invalid="ignore"):  # NaN < 0 is False, and warns among objects only
            np.copyto(result, 0, where=(x < 0).astype(bool))  # np.maximum would lose NaN here
    elif _flat_alike(x, result) and apart:
        _maximum_with_zeros(x.ravel(order="K"), result.ravel(order="K"))
    else:
        np.maximum(x, x.dtype.type(0), out=result)
    return result[()] if out is None else out


def _checked_out(out, x):
    if not isinstance(out, np.ndarray):
        raise TypeError(f"relu: out is a {type(out).__name__}; allowed is a NumPy array")
    if out.dtype != x.dtype:
        raise TypeError(f"relu: out has dtype {out.dtype}; allowed is the dtype of x, {x.dtype}")
    if out.shape != x.shape:
        raise ValueError(f"relu: out has shape {out.shape}; allowed is the shape of x, {x.shape}")
    return out


def _flat_alike(x, result):
    """Whether both can be seen as flat arrays whose elements stand in the same order."""
    return x.strides == result.strides and (x.flags.c_contiguous or x.flags.f_contiguous)


def _maximum_with_zeros(x, result):
    """``result = maximum(x, 0)`` for flat contiguous arrays, by way of one short row of zeros.

    ``np.maximum`` has a vectorised loop for two contiguous arrays and none for an array and a
    scalar, which is several times slower. So the array is seen as rows, and each row meets the same
    zeros, which stay in the cache. A row shorter than NumPy's buffer would be copied into that
    buffer first. Chapter 03 measures all of this.
    """
    row = _ROW
    zeros = _zeros(row, x.dtype)
    whole = x.size - x.size % row
    if whole:
        np.maximum(x[:whole].reshape(-1, row), zeros, out=result[:whole].reshape(-1, row))
    np.maximum(x[whole:], zeros[: x.size - whole], out=result[whole:])


@functools.cache
def _zeros(size, dtype):
    zeros = np.zeros(size, dtype)
    zeros.flags.writeable = False
    return zeros


def relu_derivative(x, *, at_zero=0.0):
    """Slope of ReLU: 0 for negative elements, 1 for positive ones, ``at_zero`` at the kink.

    Parameters
    ----------
    x : number, nested list or array of real numbers, any shape
    at_zero : number from 0 to 1
        Which subgradient stands for the slope at 0. The default, 0, is what PyTorch's ``relu``
        and most libraries use.

    Returns
    -------
    array (or NumPy scalar) of the shape of ``x``; float dtypes are kept, all others give
    float64. NaN stays NaN.

    Raises
    ------
    TypeError, ValueError
        as for :func:`relu`; ``at_zero`` is not a number from 0 to 1.

    Examples
    --------
    >>> relu_derivative([-10.0, 0.0, 15.0])
    array([0., 0., 1.])
    """
    at_zero = _finite_number(at_zero, "at_zero", "relu_derivative")
    if not 0 <= at_zero <= 1:
        raise ValueError(
            f"relu_derivative: at_zero is {at_zero}; allowed is a number from 0 to 1, the slopes that "
            "a line touching ReLU from below can have at 0"
        )
    return _leaky_derivative(_as_numeric_array(x, "relu_derivative"), 0.0, at_zero)


def leaky_relu(x, *, negative_slope=0.01):
    """Leaky ReLU: positive elements stay, the others are multiplied by ``negative_slope``.

    Parameters
    ----------
    x : number, nested list or array of real numbers, any shape
    negative_slope : finite number
        The slope below 0, often written alpha. Any finite value is allowed, also negative ones and
        ones above 1.

    Returns
    -------
    array (or NumPy scalar) of the shape of ``x``; float dtypes are kept, all others give
    float64. NaN stays NaN.

    Raises
    ------
    TypeError, ValueError
        as for :func:`relu`; ``negative_slope`` is not a finite number.

    Source
    ------
    Maas, Hannun and Ng (2013), *Rectifier nonlinearities improve neural network acoustic models*.

    Examples
    --------
    >>> leaky_relu([-10.0, 0.0, 15.0], negative_slope=0.1)
    array([-1.,  0., 15.])
    """
    negative_slope = _finite_number(negative_slope, "negative_slope", "leaky_relu")
    x = _as_float_array(_as_numeric_array(x, "leaky_relu"))
    if negative_slope == 0:
        return relu(x)  # -inf * 0 would be NaN
    result = np.empty_like(x, subok=False)
    with np.errstate(over="ignore"):  # slope * x may overflow where x is the one to choose
        if _flat_alike(x, result):
            flat, target = x.ravel(order="K"), result.ravel(order="K")
            for start in range(0, x.size, _PIECE):  # short enough to stay in the cache between the two steps
                piece = slice(start, start + _PIECE)
                _choose_line(flat[piece], negative_slope, target[piece])
        else:
            _choose_line(x, negative_slope, result)
    return result[()]


def _choose_line(x, slope, out):
    """Write leaky ReLU of ``x`` into ``out``, for a slope that is not 0.

    The two lines x and slope * x cross at 0. The higher one is the right one where the slope is below 1, the lower
    one where it is above, and choosing between two arrays is what NumPy has a vectorised loop for.
    """
    np.multiply(x, slope, out=out)
    (np.maximum if slope <= 1 else np.minimum)(x, out, out=out)


def leaky_relu_derivative(x, *, negative_slope=0.01, at_zero=None):
    """Slope of leaky ReLU: ``negative_slope`` for negative elements, 1 for positive ones.

    Parameters
    ----------
    x : number, nested list or array of real numbers, any shape
    negative_slope : finite number
    at_zero : finite number, optional
        The slope to report at 0; by default ``negative_slope``, as PyTorch does.

    Returns
    -------
    array (or NumPy scalar) of the shape of ``x``; float dtypes are kept, all others give
    float64. NaN stays NaN.

    Raises
    ------
    TypeError, ValueError
        as for :func:`relu`; a parameter is not a finite number.

    Examples
    --------
    >>> leaky_relu_derivative([-10.0, 15.0], negative_slope=0.1)
    array([0.1, 1. ])
    """
    negative_slope = _finite_number(negative_slope, "negative_slope", "leaky_relu_derivative")
    at_zero = negative_slope if at_zero is None else _finite_number(
        at_zero, "at_zero", "leaky_relu_derivative"
    )
    return _leaky_derivative(
        _as_numeric_array(x, "leaky_relu_derivative"), negative_slope, at_zero
    )


def _as_float_array(x):
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def _leaky_derivative(x, below, at_zero):
    """1 above 0, ``below`` under it, ``at_zero`` at it, NaN where ``x`` is NaN."""
    x = _as_float_array(x)
    slope = np.where(x > 0, x.dtype.type(1), x.dtype.type(below))
    slope[x == 0] = at_zero
    slope[np.isnan(x)] = np.nan
    return slope[()]
