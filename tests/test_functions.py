"""relubook's functions against PyTorch, an independent implementation, and against their contract."""

import timeit
import tracemalloc
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from relubook.functions import leaky_relu, leaky_relu_derivative, relu, relu_derivative

FLOATS = [np.float16, np.float32, np.float64]
INTEGERS = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]
FUNCTIONS = [relu, relu_derivative, leaky_relu, leaky_relu_derivative]


def special_values(dtype):
    """Every kind of float there is: zeros, subnormals, ordinary numbers, the largest, infinities, NaN of both signs."""
    limits = np.finfo(dtype)
    half = [0.0, limits.smallest_subnormal, limits.smallest_normal, limits.eps, 1.0, 3.5, limits.max, np.inf, np.nan]
    return np.array([*half, *(-np.array(half, dtype))], dtype)


def assert_same(ours, reference):
    """Equal values and NaN in the same places; the sign of a zero is unspecified and not compared."""
    reference = reference.numpy() if isinstance(reference, torch.Tensor) else reference
    assert ours.dtype == reference.dtype
    np.testing.assert_array_equal(ours, reference)


def arrays(dtypes, max_side=40):
    return st.sampled_from(dtypes).flatmap(
        lambda dtype: npst.arrays(dtype, npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=max_side))
    )


def torch_gradient(function, x):
    leaf = torch.from_numpy(x.copy()).requires_grad_()
    function(leaf).sum().backward()
    return leaf.grad


@pytest.mark.parametrize("dtype", FLOATS)
def test_relu_equals_pytorch_at_special_values(dtype):
    x = special_values(dtype)
    assert_same(relu(x), torch.relu(torch.from_numpy(x)))


# One size on each side of the rows that relu works in, and sizes that are not whole rows.
@pytest.mark.parametrize("size", [1, 8191, 8192, 8193, 40_000])
@pytest.mark.parametrize("dtype", FLOATS)
def test_relu_equals_pytorch_at_every_size(dtype, size):
    x = np.random.default_rng(size).standard_normal(size).astype(dtype)
    x[:: max(1, size // 7)] = np.nan
    assert_same(relu(x), torch.relu(torch.from_numpy(x)))


@given(arrays(FLOATS))
def test_relu_equals_pytorch(x):
    assert_same(np.asarray(relu(x)), torch.relu(torch.from_numpy(np.asarray(x))))


@given(arrays(INTEGERS))
def test_relu_keeps_integer_types(x):
    result = np.asarray(relu(x))
    assert result.dtype == x.dtype
    assert result.tolist() == np.where(x < 0, 0, x).tolist()


@given(arrays(FLOATS), st.sampled_from([0.0, 0.01, 0.25, 1.0, 1.5, -0.5]))
def test_leaky_relu_equals_pytorch(x, negative_slope):
    with np.errstate(over="ignore"):  # 1.5 times the largest float is infinite, here and there
        ours = np.asarray(leaky_relu(x, negative_slope=negative_slope))
    reference = torch.nn.functional.leaky_relu(torch.from_numpy(np.asarray(x)), negative_slope).numpy()
    if negative_slope == 0:  # PyTorch multiplies -inf by 0 and gets NaN; ReLU of -inf is 0
        reference = np.where(np.isneginf(x), np.asarray(x).dtype.type(0), reference)
    assert ours.dtype == reference.dtype
    # PyTorch multiplies float16 in float32 and rounds once, NumPy rounds the slope first: one unit in the last place.
    tolerance = np.finfo(x.dtype).eps if x.dtype == np.float16 else 0
    np.testing.assert_allclose(ours, reference, rtol=2 * tolerance, atol=tolerance * np.finfo(x.dtype).smallest_normal)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_leaky_relu_equals_pytorch_at_special_values(dtype):
    x = special_values(dtype)
    reference = torch.nn.functional.leaky_relu(torch.from_numpy(x), 0.25)
    assert_same(leaky_relu(x, negative_slope=0.25), reference)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_leaky_relu_with_slope_0_is_relu_at_special_values(dtype):
    x = special_values(dtype)
    assert_same(leaky_relu(x, negative_slope=0.0), relu(x))


@given(arrays([np.float32, np.float64]))
def test_derivatives_equal_pytorchs_gradients(x):
    x = np.asarray(x)
    finite = ~np.isnan(x)  # PyTorch's gradients at NaN are 1 and the slope; ours are NaN
    for ours, function in [
        (relu_derivative(x), torch.relu),
        (leaky_relu_derivative(x, negative_slope=0.25), lambda t: torch.nn.functional.leaky_relu(t, 0.25)),
    ]:
        reference = torch_gradient(function, x).numpy()
        assert np.asarray(ours).dtype == x.dtype
        np.testing.assert_array_equal(np.asarray(ours)[finite], reference[finite])
        assert np.isnan(np.asarray(ours)[~finite]).all()


def test_derivatives_at_the_kink():
    zeros = np.array([0.0, -0.0])
    assert relu_derivative(zeros).tolist() == [0, 0]
    assert relu_derivative(zeros, at_zero=0.5).tolist() == [0.5, 0.5]
    assert leaky_relu_derivative(zeros, negative_slope=0.2).tolist() == [0.2, 0.2]
    assert leaky_relu_derivative(zeros, negative_slope=0.2, at_zero=1.0).tolist() == [1, 1]


def test_derivatives_equal_slopes_measured_beside_the_kink():
    x, h = np.array([-3.0, -0.5, 0.5, 3.0]), 2.0**-10
    for function, derivative in [(relu, relu_derivative), (leaky_relu, leaky_relu_derivative)]:
        np.testing.assert_allclose(derivative(x), (function(x + h) - function(x - h)) / (2 * h), rtol=1e-12)


@pytest.mark.parametrize(
    ("given_x", "expected", "dtype"),
    [
        (3, 3, np.int64),
        (-3.5, 0, np.float64),
        (True, True, np.bool_),
        ([], [], np.float64),
        ([[-1, 2], [3, -4]], [[0, 2], [3, 0]], np.int64),
        (np.array(-2.0, np.float32), 0, np.float32),
        (np.zeros((0, 3), np.float16), np.zeros((0, 3)).tolist(), np.float16),
        ([Fraction(-1, 2), Fraction(1, 3)], [0, Fraction(1, 3)], object),
        ([Decimal("-0.5"), Decimal(4)], [0, Decimal(4)], object),
        ([2**70, -(2**70)], [2**70, 0], object),
    ],
)
def test_one_door_for_everything(given_x, expected, dtype):
    result = np.asarray(relu(given_x))
    # A list of Python integers becomes NumPy's default integer, which is 32 bits wide on some platforms.
    assert result.dtype == (np.asarray(given_x).dtype if dtype is np.int64 else dtype)
    assert result.tolist() == expected


def test_nan_stays_among_objects():
    result = relu(np.array([float("nan"), -1.0, 2.0], dtype=object))
    assert np.isnan(result[0])
    assert result[1:].tolist() == [0, 2.0]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("bad", "error", "named"),
    [
        ("7", TypeError, "'7'"),
        (["a", 1], TypeError, "'a'"),
        (None, TypeError, "NoneType"),
        (1j, TypeError, "complex128"),
        ([1, [2, 3]], ValueError, "ragged"),
        ([1, None], TypeError, "None"),
        ([Decimal("NaN")], TypeError, "NaN"),
        (np.datetime64("2020-01-01"), TypeError, "datetime64"),
    ],
)
def test_bad_input_is_named(function, bad, error, named):
    with pytest.raises(error, match=rf"^{function.__name__}: x .*{named}.*allowed"):
        function(bad)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: relu_derivative(1.0, at_zero=1.5), ValueError, "at_zero is 1.5; allowed"),
        (lambda: relu_derivative(1.0, at_zero="a"), TypeError, "at_zero is 'a'; allowed"),
        (lambda: leaky_relu(1.0, negative_slope=np.inf), ValueError, "negative_slope is inf; allowed"),
        (lambda: leaky_relu(1.0, negative_slope=[0.1, 0.2]), TypeError, "negative_slope is .*; allowed"),
        (lambda: leaky_relu_derivative(1.0, at_zero=np.nan), ValueError, "at_zero is nan; allowed"),
        (lambda: relu(np.ones(3), out=[0, 0, 0]), TypeError, "out is a list; allowed"),
        (lambda: relu(np.ones(3), out=np.ones(3, np.float32)), TypeError, "out has dtype float32; allowed"),
        (lambda: relu(np.ones(3), out=np.ones(4)), ValueError, r"out has shape \(4,\); allowed"),
    ],
)
def test_bad_parameters_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_input_is_not_changed(function):
    x = np.array([-1.0, 0.0, np.nan, 2.0])
    before = x.copy()
    function(x)
    np.testing.assert_array_equal(x, before)


def test_result_is_a_new_array():
    x = np.array([1.0, 2.0])
    assert not np.shares_memory(relu(x), x)
    assert not np.shares_memory(leaky_relu(x), x)


VIEWS = {
    "every second": lambda a: a[::2],
    "backwards": lambda a: a[::-1],
    "transposed": lambda a: a.reshape(100, -1).T,
    "Fortran order": lambda a: np.asfortranarray(a.reshape(100, -1)),
    "a column": lambda a: a.reshape(100, -1)[:, 3],
    "other byte order": lambda a: a.astype(a.dtype.newbyteorder()),
    "read only": lambda a: np.broadcast_to(a[:50], (3, 50)),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_every_layout(view):
    x = view(np.random.default_rng(2).standard_normal(20_000))
    result = relu(x)
    assert result.dtype == x.dtype
    np.testing.assert_array_equal(result, np.where(x < 0, 0, x))


@pytest.mark.parametrize("dtype", [*FLOATS, np.int32])
def test_in_place(dtype):
    x = (10 * np.random.default_rng(3).standard_normal(30_000)).astype(dtype)
    expected = relu(x)
    assert relu(x, out=x) is x
    np.testing.assert_array_equal(x, expected)


def test_in_place_in_a_view():
    whole = np.random.default_rng(4).standard_normal((200, 200))
    expected = whole.copy()
    expected[:, 50:60] = np.maximum(expected[:, 50:60], 0)
    part = whole[:, 50:60]
    relu(part, out=part)
    np.testing.assert_array_equal(whole, expected)


def test_out_that_overlaps():
    """The result must not depend on what has already been overwritten, not even at the end of the rows."""
    for shift in (1, 100, 9000):
        buffer = np.random.default_rng(5).standard_normal(30_000)
        expected = np.maximum(buffer[:-shift], 0)
        relu(buffer[:-shift], out=buffer[shift:])
        np.testing.assert_array_equal(buffer[shift:], expected)


def test_in_place_takes_no_second_array():
    x = np.random.default_rng(6).standard_normal(1_000_000)
    tracemalloc.start()
    relu(x, out=x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < x.nbytes / 50


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [100_000, 1_000_000])
def test_relu_takes_at_most_three_copies(size, dtype):
    """Both are timed in turn, and the quickest round counts: others may be using the machine."""
    x = np.random.default_rng(7).standard_normal(size).astype(dtype)
    target = np.empty_like(x)
    calls = 2_000_000 // size
    in_place, anew = [], []
    for _ in range(15):
        copying = timeit.timeit(lambda: np.copyto(target, x), number=calls)
        in_place.append(timeit.timeit(lambda: relu(x, out=x), number=calls) / copying)
        copying = timeit.timeit(x.copy, number=calls)
        anew.append(timeit.timeit(lambda: relu(x), number=calls) / copying)
    assert min(in_place) <= 3
    assert min(anew) <= 3
