"""The family against its formulas (SymPy, mpmath), against PyTorch, and against its contract."""

import doctest
import functools
import inspect
import itertools
import json
import math
import re
import subprocess
import sys
import timeit

import mpmath
import numpy as np
import pytest
import scipy.integrate
import sympy
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from relubook import family
from relubook.family import ELEMENTWISE, FAMILY, GATED, contract, find, formulas, frameworks, moments
from relubook.figures import COLOURS, LINE_STYLES
from relubook.functions import leaky_relu, relu
from test_functions import VIEWS as FLAT_VIEWS

FLOATS = [np.float16, np.float32, np.float64]
# Beside the defaults, parameters that take every branch of the code.
OTHER_PARAMETERS = {
    "leaky_relu": [{"negative_slope": slope} for slope in (0.0, 0.3, 1.0, 1.5, -0.5)],
    "prelu": [{"slope": slope} for slope in (0.0, 1.5, -0.5)],
    "rrelu": [{"lower": 0.1, "upper": 0.1}, {"lower": -0.5, "upper": 0.2}],
    "thresholded_relu": [{"theta": 0.0}, {"theta": 0.3}],
    "elu": [{"alpha": 0.3}, {"alpha": 2.5}, {"alpha": -1.5}, {"alpha": 0.0}],
    "celu": [{"alpha": 0.3}, {"alpha": 2.5}],
    "softplus": [{"beta": 0.3}, {"beta": 7.0}],
    "silu": [{"beta": 0.3}, {"beta": 5.0}, {"beta": -0.7}, {"beta": 0.0}],
}
CASES = [(name, {}) for name in ELEMENTWISE]
CASES += [(name, parameters) for name, cases in OTHER_PARAMETERS.items() for parameters in cases]


def label(case):
    name, parameters = case
    return "-".join([name, *(f"{key}={value}" for key, value in parameters.items())])


every_case = pytest.mark.parametrize(("name", "parameters"), CASES, ids=map(label, CASES))
every_function = pytest.mark.parametrize("name", ELEMENTWISE)
every_member = pytest.mark.parametrize("name", FAMILY)


def with_defaults(function, parameters):
    return {p.name: parameters.get(p.name, p.default) for p in function.parameters}


# --- accuracy, against the formula that the book prints -----------------------------------------------------------


@functools.cache
def reference(name, what):
    """The formula, differentiated by SymPy as often as ``what`` says or by the parameter it names, for mpmath."""
    function = ELEMENTWISE[name]
    expression = formulas.expression(function.formula, exact=True)
    names = ["x", *(p.name for p in function.parameters), *function.constants]
    symbols = [sympy.Symbol(each, real=True) for each in names]
    if isinstance(what, str):
        expression = sympy.diff(expression, symbols[names.index(what)])
    elif what:
        expression = sympy.diff(expression, symbols[0], what)
    # A kink's own contribution is left out; the kinks are not among the points.
    return sympy.lambdify(symbols, expression, [{"DiracDelta": lambda *_: 0}, "mpmath"])


def points(dtype, count):
    """Numbers of every size, of both signs: tiny, around 1, in the tails, where exponentials vanish, huge."""
    random, limits = np.random.default_rng(0), np.finfo(dtype)
    largest = math.log10(float(limits.max)) - 0.1
    sizes = [
        10 ** random.uniform(-4, 0, 2 * count),
        random.uniform(0, 4, 3 * count),
        random.uniform(4, 40, 2 * count),
        10 ** random.uniform(1.6, min(2.9, largest), count),
        10 ** random.uniform(-largest, -4, count),
        10 ** random.uniform(min(3, largest - 1), largest, count),
        [float(limits.smallest_normal), float(limits.smallest_subnormal), float(limits.max)],
    ]
    x = np.concatenate([part for size in sizes for part in (np.array(size), -np.array(size))]).astype(dtype)
    return x[(x != 0) & np.isfinite(x)]


def digits(name, x, values):
    """How many decimal digits the formula as printed needs: 1 + tanh(…) is 1e-300 in the tail."""
    size = abs(x)
    if size > 1000:  # exponentials are 0 there in every dtype; what a power leaves over is not
        return 50 + int({"softsign": 2, "softplus": 4}.get(name, 0) * math.log10(size))
    scale = max([1.0, *map(abs, values), *(1 / abs(value) for value in values if value)])
    needed = size * scale
    if name == "gelu":
        needed = max(needed, size**2 / 4)
    if name == "gelu_tanh":
        needed = max(needed, size**4 / 30)
    return 50 + int(min(needed, 700)) + int(max(0, -3 * math.log10(size)))


def true_values(name, what, x, parameters):
    function = ELEMENTWISE[name]
    values = list(with_defaults(function, parameters).values())
    constants = [value for _, value in function.constants.values()]
    formula = reference(name, what)
    for each in x:
        with mpmath.workdps(digits(name, float(each), values)):
            yield formula(*map(mpmath.mpf, (float(each), *values, *constants)))


def unit(true, dtype):
    """One unit in the last place of ``true``; below 1024 times the smallest normal number, that of this bound."""
    limits = np.finfo(dtype)
    size = max(abs(true), 1024 * mpmath.mpf(float(limits.smallest_normal)))
    return mpmath.ldexp(mpmath.mpf(float(limits.eps)), int(mpmath.floor(mpmath.log(size, 2))))


def worst(ours, true, x, dtype, roots=()):
    """The largest error in units in the last place, and where it is."""
    errors = [(0.0, None)]
    for each, value, exact in zip(x, ours, true, strict=True):
        one = unit(exact, dtype)
        if any(abs(float(each) - root) < 0.25 for root in roots):
            one = max(one, mpmath.mpf(float(np.finfo(dtype).eps)) / 8)
        if np.isfinite(value):
            error = abs(mpmath.mpf(float(value)) - exact) / one
        else:  # only what is beyond the largest float may become infinite
            error = 0 if abs(exact) > float(np.finfo(dtype).max) and np.sign(value) == mpmath.sign(exact) else math.inf
        errors.append((float(error), float(each)))
    return max(errors, key=lambda pair: pair[0])


@every_case
def test_accuracy(name, parameters):
    function = ELEMENTWISE[name]
    roots = function.facts.roots
    roots = roots(**with_defaults(function, parameters)) if callable(roots) else roots
    counts = {np.float64: 4} if parameters else {np.float64: 7, np.float32: 5, np.float16: 3}
    for dtype, count in counts.items():
        x = points(dtype, count)
        x = x[~np.isin(x, function.kinks(**parameters))]
        ours = [function(x, **parameters), *(function.derivative(x, order, **parameters) for order in (1, 2))]
        for order, values in enumerate(ours):
            bound = function.accuracy_ulp[order] + (1 if parameters else 0)
            if dtype == np.float16 or (dtype == np.float32 and order):
                bound = min(bound, 0.51)  # computed with more digits, and rounded once
            error, where = worst(
                values, true_values(name, order, x, parameters), x, dtype, ((), *roots)[order]
            )
            assert error <= bound, f"order {order}, {np.dtype(dtype).name}: {error:.3g} units at {where}"


@every_case
def test_parameter_derivatives_follow_from_the_formula(name, parameters):
    function = ELEMENTWISE[name]
    x = points(np.float64, 3)
    x = x[~np.isin(x, function.kinks(**parameters))]
    for parameter in function.parameters:
        ours = function.parameter_derivative(x, parameter.name, **parameters)
        error, where = worst(ours, true_values(name, parameter.name, x, parameters), x, np.float64)
        assert error <= 8, f"{parameter.name}: {error:.3g} units at {where}"


@every_case
def test_parameter_derivatives_equal_finite_differences(name, parameters):
    function = ELEMENTWISE[name]
    x = np.linspace(-6.03, 6.01, 101)
    x = x[np.min([abs(x - kink) for kink in (*function.kinks(**parameters), np.inf)], axis=0) > 0.01]
    values, h = with_defaults(function, parameters), 2.0**-13
    for parameter in function.parameters:
        key = parameter.name
        if key == "upper" or not parameter.accepts(np.array(values[key] - h)):
            values = {**values, key: values[key] + h}  # keeps lower ≤ upper, and what must be positive so
        ours = function.parameter_derivative(x, key, **values)
        below, above = ({**values, key: values[key] + step} for step in (-h, h))
        if key == "lower" and above["lower"] > above["upper"]:
            below, above = ({**values, key: values[key] - step} for step in (2 * h, 0))
        measured = (function(x, **above) - function(x, **below)) / (above[key] - below[key])
        np.testing.assert_allclose(ours, measured, rtol=1e-6, atol=1e-6)


@every_case
def test_derivatives_equal_finite_differences(name, parameters):
    function = ELEMENTWISE[name]
    x, h = np.linspace(-6.03, 6.01, 201), 2.0**-13
    x = x[np.min([abs(x - kink) for kink in (*function.kinks(**parameters), np.inf)], axis=0) > 0.01]
    first = (function(x + h, **parameters) - function(x - h, **parameters)) / (2 * h)
    np.testing.assert_allclose(function.derivative(x, **parameters), first, rtol=1e-5, atol=1e-6)
    second = (function.derivative(x + h, **parameters) - function.derivative(x - h, **parameters)) / (2 * h)
    np.testing.assert_allclose(function.derivative(x, 2, **parameters), second, rtol=1e-5, atol=1e-5)


# --- the ends of the line, NaN, and everything that a float can be ------------------------------------------------


@every_case
@pytest.mark.parametrize("dtype", FLOATS)
def test_limits_at_infinity(name, parameters, dtype):
    function = ELEMENTWISE[name]
    ends = np.array([-np.inf, np.inf], dtype)
    np.testing.assert_array_equal(function(ends, **parameters), np.array(function.limits(**parameters), dtype))
    if not parameters.get("beta", 1):
        return
    far = np.array([-1e150, 1e150])  # there every first and second derivative is that of infinity, within 1e-149
    for order in (1, 2):
        at_ends = function.derivative(ends, order, **parameters)
        expected = function.derivative(far, order, **parameters)
        if name == "squared_relu" and order == 1:
            expected[1] = np.inf
        np.testing.assert_allclose(at_ends, expected.astype(dtype), atol=1e-149)


@every_case
@pytest.mark.parametrize("dtype", FLOATS)
def test_nan_stays_and_nothing_else_becomes_nan(name, parameters, dtype):
    """Every warning is an error in these tests; no kernel may hide a wrong result behind an ignored one."""
    function = ELEMENTWISE[name]
    limits = np.finfo(dtype)
    half = [0.0, limits.smallest_subnormal, limits.smallest_normal, limits.eps, 1.0, 3.0, 6.0, 19.0, 90.0, limits.max]
    x = np.array([np.nan, *half, np.inf, *(-np.array(half)), -np.inf], dtype)
    with np.errstate(all="raise"):
        results = [function(x, **parameters)]
        results += [function.derivative(x, order, **parameters) for order in (1, 2)]
        results += [function.parameter_derivative(x, p.name, **parameters) for p in function.parameters]
    for result in results:
        assert result.dtype == dtype
        assert np.isnan(result).tolist() == np.isnan(x).tolist()


@every_function
def test_extreme_parameters_give_no_nan(name):
    function = ELEMENTWISE[name]
    x = np.array([-np.inf, -1e308, -1e3, -1.0, -1e-308, 0.0, 1e-308, 1.0, 1e3, 1e308, np.inf])
    for parameter in function.parameters:
        for value in (1e-300, 1e300, -1e-300, -1e300):
            if not parameter.accepts(np.array(value)):
                continue
            given_values = {parameter.name: value}
            if name == "rrelu":
                given_values = {"lower": min(value, 0.2), "upper": max(value, 0.2)}
            results = [function(x, **given_values), function.derivative(x, **given_values)]
            results += [function.derivative(x, 2, **given_values)]
            results += [function.parameter_derivative(x, parameter.name, **given_values)]
            assert not np.isnan(results).any(), (value, results)


def test_kinks_follow_the_convention():
    at_zero = {"relu": 0, "leaky_relu": 0.01, "prelu": 0.25, "squared_relu": 0, "elu": 1, "celu": 1, "softsign": 1}
    at_zero |= {"rrelu": (1 / 8 + 1 / 3) / 2, "selu": FAMILY["selu"].derivative(-1e-300)}
    for name, slope in at_zero.items():
        assert FAMILY[name].derivative(np.array([0.0, -0.0])).tolist() == [slope, slope], name
    assert FAMILY["elu"].derivative(0.0, alpha=2.0) == 2
    for name, ends, slopes in [
        ("relu6", [0.0, 6.0], [0, 0]),
        ("hard_tanh", [-1.0, 1.0], [0, 0]),
        ("hard_sigmoid", [-3.0, 3.0], [0, 0]),
        ("hard_swish", [-3.0, 3.0], [0, 1]),
        ("thresholded_relu", [1.0], [0]),
    ]:
        assert FAMILY[name].derivative(ends).tolist() == slopes, name
    for function in ELEMENTWISE.values():
        assert function.derivative(list(function.kinks()) or [np.inf], 2).tolist() == [0] * len(function.kinks() or "1")


# --- one door for everything --------------------------------------------------------------------------------------


@every_function
def test_numbers_lists_and_integers(name):
    function = ELEMENTWISE[name]
    x = [-3.5, -1.0, 0.0, 1.0, 2.0, 7.0]
    expected = function(np.array(x))
    assert expected.dtype == np.float64
    for call in (function, function.derivative, functools.partial(function.derivative, order=2)):
        one_by_one = [call(each) for each in x]
        assert all(isinstance(each, np.float64) for each in one_by_one)
        np.testing.assert_array_equal(one_by_one, call(x))
        np.testing.assert_array_equal(call(np.array(x)[1:].astype(np.int8)), call(x[1:]))
        np.testing.assert_array_equal(call([True, False]), call([1.0, 0.0]))
        np.testing.assert_array_equal(call(np.array(-3.5)), call(-3.5))
        assert call(np.float32(2)).dtype == np.float32
        for shape in [(0,), (0, 3), (2, 0)]:
            assert call(np.zeros(shape, np.float16)).shape == shape
        assert call([]).dtype == np.float64
        assert call([[1, 2], [3, 4]]).shape == (2, 2)


# One more than two axes, for what is done axis by axis.
VIEWS = FLAT_VIEWS | {"three axes": lambda a: a[:30_000].reshape(10, 30, 100).swapaxes(0, 1)}


@every_function
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_every_layout(name, view):
    function = ELEMENTWISE[name]
    x = view(3 * np.random.default_rng(1).standard_normal(36_000))
    before = x.copy()
    x.flags.writeable = False
    for call in (function, function.derivative):
        result = call(x)
        assert result.shape == x.shape
        assert result.dtype == np.float64
        assert result.flags.writeable
        assert not np.shares_memory(result, x)
        np.testing.assert_array_equal(result.ravel(), call(x.astype(np.float64).ravel()))
    np.testing.assert_array_equal(x, before)


@every_function
@pytest.mark.parametrize("dtype", FLOATS)
def test_pieces_of_large_arrays(name, dtype):
    """A size on each side of the pieces that arrays are cut into; every element as if it came alone."""
    function = ELEMENTWISE[name]
    x = (3 * np.random.default_rng(2).standard_normal(2 * contract.CHUNK + 5)).astype(dtype)
    for size in (contract.CHUNK, contract.CHUNK + 1, x.size):
        for call in (function, function.derivative):
            result = call(x[:size])
            assert result.dtype == dtype
            at = [0, contract.CHUNK - 1, size - 1]
            # A vectorised exp and the one for what is left over may differ by a unit in the last place.
            np.testing.assert_allclose(result[at], call(x[at]), rtol=4 * float(np.finfo(dtype).eps))


@every_member
def test_bad_input_is_named(name):
    function = FAMILY[name]
    arguments = [1.0] if name in GATED else []
    for bad, error, named in [
        ("7", TypeError, "'7'"),
        (None, TypeError, "None"),
        (1j, TypeError, "complex128"),
        ([1, [2, 3]], ValueError, "ragged"),
        ([1, None], TypeError, "None"),
        (np.longdouble(1), TypeError, "longdouble|float128|float64"),
        ([2**70], TypeError, "objects"),
        (np.datetime64("2020-01-01"), TypeError, "datetime64"),
    ]:
        if isinstance(bad, np.longdouble) and np.dtype(np.longdouble) == np.float64:
            continue  # no wider float on this platform
        for call in (function, function.derivative):
            with pytest.raises(error, match=rf"^{name}: .*({named}).*allowed"):
                call(bad, *arguments)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: FAMILY["softplus"](1.0, beta=0), ValueError, "softplus: beta is 0; allowed is a finite .* above 0"),
        (lambda: FAMILY["softplus"](1.0, beta=-1), ValueError, "softplus: beta is -1; allowed"),
        (lambda: FAMILY["celu"](1.0, alpha=0.0), ValueError, "celu: alpha is 0.0; allowed"),
        (lambda: FAMILY["elu"](1.0, alpha=np.inf), ValueError, "elu: alpha is inf; allowed is a finite number"),
        (lambda: FAMILY["elu"](1.0, alpha=math.nan), ValueError, "elu: alpha is nan; allowed"),
        (lambda: FAMILY["elu"](1.0, alpha="1"), TypeError, "elu: alpha is '1'; allowed"),
        (lambda: FAMILY["elu"](1.0, alpha=None), TypeError, "elu: alpha is None; allowed"),
        (lambda: FAMILY["elu"](1.0, alpha=1j), TypeError, "elu: alpha is 1j; allowed"),
        (lambda: FAMILY["elu"](1.0, alpha=[1.0, 2.0]), TypeError, "elu: alpha is .*one number"),
        (lambda: FAMILY["elu"](1.0, beta=1), TypeError, "elu: there is no parameter 'beta'; allowed are alpha"),
        (lambda: FAMILY["relu"](1.0, alpha=1), TypeError, "relu: there is no parameter 'alpha'; it has no parameters"),
        (lambda: FAMILY["relu"].range(alpha=1), TypeError, "relu: there is no parameter 'alpha'"),
        (lambda: FAMILY["elu"].parameter_derivative(1.0, "beta"), ValueError, "no parameter 'beta'; allowed are alpha"),
        (lambda: FAMILY["relu"].parameter_derivative(1.0, "beta"), ValueError, "it has no parameters"),
        (lambda: FAMILY["swiglu"].parameter_derivative(1.0, 1.0, "b"), ValueError, "allowed are beta"),
        (lambda: FAMILY["rrelu"](1.0, lower=0.5), ValueError, r"lower is 0.5 and upper is 0.33.*; allowed is lower ≤"),
        (lambda: FAMILY["thresholded_relu"](1.0, theta=-1), ValueError, "theta is -1; allowed .* 0 or more"),
        (lambda: FAMILY["prelu"](np.ones((2, 3)), slope=[1, 2]), ValueError, r"slope has shape \(2,\); allowed"),
        (lambda: FAMILY["prelu"](np.ones(2), slope=[1, np.nan]), ValueError, "slope is .*; allowed"),
        (lambda: FAMILY["prelu"].gain(slope=[1, 2]), TypeError, "slope is .*allowed is one number"),
        (lambda: FAMILY["gelu"].derivative(1.0, 3), ValueError, "gelu: order is 3; allowed are 1 and 2"),
        (lambda: FAMILY["gelu"].derivative(1.0, True), ValueError, "gelu: order is True; allowed"),
        (lambda: FAMILY["glu"].derivative(1.0, 1.0, 0), ValueError, "glu: order is 0; allowed are 1 and 2"),
        (lambda: FAMILY["glu"](np.ones(2), np.ones(3)), ValueError, r"glu: value has shape \(2,\) and gate .*allowed"),
        (lambda: FAMILY["rrelu"].train(1.0, 7), TypeError, "rrelu: generator is a int; allowed is a numpy.random.Gen"),
        (lambda: find("leeky"), KeyError, "find: name is 'leeky'; allowed are sigmoid"),
        (lambda: find(3), TypeError, "find: name is a int; allowed is a string"),
    ],
)  # fmt: skip
def test_bad_parameters_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_legal_parameters_that_look_odd():
    assert FAMILY["silu"]([-2.0, 3.0], beta=0).tolist() == [-1, 1.5]
    assert FAMILY["silu"]([-np.inf, np.inf], beta=-1).tolist() == [-np.inf, 0]
    assert FAMILY["prelu"]([-2.0, 3.0], slope=-0.5).tolist() == [1, 3]
    assert FAMILY["elu"](np.array([-np.inf]), alpha=-2).tolist() == [2]


def test_a_slope_for_each_channel():
    prelu = FAMILY["prelu"]
    x = np.random.default_rng(3).standard_normal((4, 3, 2))
    slope = np.array([0.1, 0.0, -0.5])[:, None]
    expected = np.where(x > 0, x, slope * x)
    np.testing.assert_array_equal(prelu(x, slope=slope), expected)
    np.testing.assert_array_equal(prelu(np.asfortranarray(x), slope=slope), expected)
    weight = torch.from_numpy(slope.ravel())
    np.testing.assert_array_equal(expected, F.prelu(torch.from_numpy(x), weight).numpy())
    np.testing.assert_array_equal(prelu.derivative(x, slope=slope), np.where(x > 0, 1, slope + 0 * x))
    np.testing.assert_array_equal(prelu.parameter_derivative(x, "slope", slope=slope), np.minimum(x, 0))
    assert prelu(np.float32([-2, 3]), slope=[0.5, 0.5]).dtype == np.float32
    ends = prelu(np.array([-np.inf, np.inf, np.nan, -np.inf]), slope=np.array([0.0, 0.0, 0.0, 2.0]))
    np.testing.assert_array_equal(ends, [0, np.inf, np.nan, -np.inf])


def test_rrelu_draws_slopes_in_training_only():
    rrelu = FAMILY["rrelu"]
    x = np.random.default_rng(4).standard_normal((200, 50)).astype(np.float32)
    values, slopes = rrelu.train(x, np.random.default_rng(0))
    again, _ = rrelu.train(x, np.random.default_rng(0))
    np.testing.assert_array_equal(values, again)
    assert values.dtype == slopes.dtype == np.float32
    below = slopes[x < 0]
    assert (slopes[x > 0] == 1).all()
    assert below.min() >= 1 / 8
    assert below.max() <= np.float32(1 / 3)
    assert below.std() == pytest.approx((1 / 3 - 1 / 8) / math.sqrt(12), rel=0.05)
    np.testing.assert_allclose(values, np.where(x > 0, x, slopes * x), rtol=1e-6)
    np.testing.assert_allclose(rrelu(x), np.where(x > 0, x, x * np.float32(11 / 48)), rtol=1e-6)
    assert rrelu.train(-1.0, np.random.default_rng(0), lower=0.5, upper=0.5) == (-0.5, 0.5)


def test_float32_with_parameters():
    """0.3 is no float32 number: exp(0.3·x) in float32 would be off by dozens of units in the tail."""
    for name in ("softplus", "silu"):
        x = np.linspace(-250, -50, 40, dtype=np.float32)
        ours = FAMILY[name](x, beta=0.3)
        error, where = worst(ours, true_values(name, 0, x, {"beta": 0.3}), x, np.float32)
        assert error <= 0.51, f"{name}: {error:.3g} units at {where}"


# --- against PyTorch ----------------------------------------------------------------------------------------------

TORCH = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softsign": F.softsign,
    "relu": torch.relu,
    "relu6": F.relu6,
    "hard_tanh": F.hardtanh,
    "leaky_relu": lambda t, negative_slope=0.01: F.leaky_relu(t, negative_slope),
    "prelu": lambda t, slope=0.25: F.prelu(t, torch.tensor(slope, dtype=t.dtype)),
    "rrelu": lambda t, lower=1 / 8, upper=1 / 3: F.rrelu(t, lower, upper),
    "thresholded_relu": lambda t, theta=1.0: F.threshold(t, theta, 0.0),
    "elu": lambda t, alpha=1.0: F.elu(t, alpha),
    "celu": lambda t, alpha=1.0: F.celu(t, alpha),
    "selu": F.selu,
    "softplus": lambda t, beta=1.0: F.softplus(t, beta),
    "gelu": F.gelu,
    "gelu_tanh": lambda t: F.gelu(t, approximate="tanh"),
    "gelu_sigmoid": lambda t: t * torch.sigmoid(1.702 * t),
    "silu": lambda t, beta=1.0: F.silu(t) if beta == 1 else t * torch.sigmoid(beta * t),
    "mish": F.mish,
    "hard_sigmoid": F.hardsigmoid,
    "hard_swish": F.hardswish,
    "squared_relu": lambda t: torch.relu(t).square(),
}
# Units of eps, for sizes up to 1, that PyTorch's value, gradient and second gradient may lie apart from ours.
# PyTorch multiplies and subtracts in the dtype itself, and in float16 more than once.
APART = {
    "softplus": (8, 8, 16), "gelu": (8, 16, 16), "gelu_tanh": (8, 32, 64), "gelu_sigmoid": (8, 16, 32),
    "silu": (8, 40, 60), "mish": (8, 40, 60),
}  # fmt: skip


def torch_derivatives(name, x, parameters):
    """Value, gradient and, where there is one, second gradient."""
    leaf = torch.from_numpy(np.array(x)).requires_grad_()
    value = TORCH[name](leaf, **parameters)
    (first,) = torch.autograd.grad(value.sum(), leaf, create_graph=True)
    results = [value, first]
    if name != "hard_sigmoid":
        if first.requires_grad:
            results += torch.autograd.grad(first.sum(), leaf)
        else:
            results += [torch.zeros_like(leaf)]
    return [result.detach().numpy() for result in results]


def reach(dtype, name, order):
    """How far from 0 the two are compared: beyond, PyTorch has the slips that are listed below."""
    if order == 2 and name in ("mish", "gelu_tanh", "gelu"):
        return 8.0
    return 18.0


@every_case
@settings(deadline=None)
@given(data=st.data())
def test_equals_pytorch(name, parameters, data):
    function = ELEMENTWISE[name]
    dtype = data.draw(st.sampled_from(FLOATS))
    width = 8 * np.dtype(dtype).itemsize
    elements = st.floats(-18, 18, width=width) | st.sampled_from([-3.0, -1.0, -0.0, 0.0, 1.0, 3.0, 6.0])
    shapes = npst.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=9)
    x = np.asarray(data.draw(npst.arrays(dtype, shapes, elements=elements)))
    for order, theirs in enumerate(torch_derivatives(name, x, parameters)):
        ours = function.derivative(x, order, **parameters) if order else function(x, **parameters)
        ours = np.asarray(ours)
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        near = abs(x) <= reach(dtype, name, order)
        scale = max([1.0, *map(abs, with_defaults(function, parameters).values())]) ** 2
        eps = float(np.finfo(dtype).eps)
        tolerance = APART.get(name, (2, 4, 8))[order] * eps * scale
        if order and dtype == np.float64:
            tolerance = max(tolerance, {"hard_sigmoid": 1e-8, "celu": parameters.get("alpha", 1) and 1e-7}.get(name, 0))
        if name == "softplus":
            near &= x * parameters.get("beta", 1.0) <= 18
        np.testing.assert_allclose(ours[near], theirs[near], rtol=tolerance, atol=tolerance)


def derivative(function, x, order=1, dtype=torch.float64):
    leaf = torch.tensor(x, dtype=dtype, requires_grad=True)
    result = function(leaf)
    for _ in range(order):
        (result,) = torch.autograd.grad(result.sum(), leaf, create_graph=True)
    return result.item()


def value(function, x, dtype=torch.float64):
    return function(torch.tensor(x, dtype=dtype)).item()


INF = math.inf
single = torch.float32
# What PyTorch 2.13 gets wrong, or defines differently: each is (what, PyTorch's result, ours). The first list is of
# results that are NaN; where one is mended, the test goes red, and the entry and its explanation can go.
NAN_SLIPS = {
    # 0 · infinity: the function multiplies x by a factor that has become 0.
    "GELU at -inf": (lambda: value(F.gelu, -INF), lambda: FAMILY["gelu"](-INF), 0),
    "tanh GELU at -inf": (lambda: value(TORCH["gelu_tanh"], -INF), lambda: FAMILY["gelu_tanh"](-INF), 0),
    "SiLU at -inf": (lambda: value(F.silu, -INF), lambda: FAMILY["silu"](-INF), 0),
    "Mish at -inf": (lambda: value(F.mish, -INF), lambda: FAMILY["mish"](-INF), 0),
    "hard swish at -inf": (lambda: value(F.hardswish, -INF), lambda: FAMILY["hard_swish"](-INF), 0),
    "leaky ReLU of slope 0 at -inf": (
        lambda: value(lambda t: F.leaky_relu(t, 0.0), -INF), lambda: FAMILY["leaky_relu"](-INF, negative_slope=0), 0
    ),
    # infinity / infinity
    "softsign at -inf": (lambda: value(F.softsign, -INF), lambda: FAMILY["softsign"](-INF), -1),
    "softsign at inf": (lambda: value(F.softsign, INF), lambda: FAMILY["softsign"](INF), 1),
    # The same in gradients.
    "gradient of GELU at inf": (lambda: derivative(F.gelu, INF), lambda: FAMILY["gelu"].derivative(INF), 1),
    "gradient of SiLU at inf": (lambda: derivative(F.silu, INF), lambda: FAMILY["silu"].derivative(INF), 1),
    "gradient of Mish at inf": (lambda: derivative(F.mish, INF), lambda: FAMILY["mish"].derivative(INF), 1),
    # x² or x³ overflows, and is multiplied by a factor that has become 0.
    "gradient of tanh GELU at 1e200": (
        lambda: derivative(TORCH["gelu_tanh"], 1e200), lambda: FAMILY["gelu_tanh"].derivative(1e200), 1
    ),
    "second gradient of GELU at 1e200": (
        lambda: derivative(F.gelu, 1e200, 2), lambda: FAMILY["gelu"].derivative(1e200, 2), 0
    ),
    "second gradient of Mish at 800": (
        lambda: derivative(F.mish, 800.0, 2), lambda: FAMILY["mish"].derivative(800.0, 2), 0
    ),
}  # fmt: skip
VALUE_SLIPS = {
    # Above β·x = 20, softplus returns x.
    "softplus just above 20": (
        lambda: value(F.softplus, 20.001), 20.001, lambda: FAMILY["softplus"](20.001), 20.001 + 2.059e-9
    ),
    # x · 6 / 6 overflows.
    "hard swish of the largest float": (
        lambda: value(F.hardswish, 1.5e308), INF, lambda: FAMILY["hard_swish"](1.5e308), 1.5e308
    ),
    # 1 + erf and 1 + tanh are 0 where the tail is not.
    "GELU at -10": (lambda: value(F.gelu, -10.0), 0, lambda: FAMILY["gelu"](-10.0), -7.619853024160527e-23),
    "tanh GELU at -10": (
        lambda: value(TORCH["gelu_tanh"], -10.0), 0, lambda: FAMILY["gelu_tanh"](-10.0), -1.2040923482098059937e-37
    ),
    # s·(1 - s) and 1 - t² are 0 where the slope is not.
    "gradient of the sigmoid at 40": (
        lambda: derivative(torch.sigmoid, 40.0), 0, lambda: FAMILY["sigmoid"].derivative(40.0), 4.248354255291589e-18
    ),
    "gradient of tanh at 20": (
        lambda: derivative(torch.tanh, 20.0), 0, lambda: FAMILY["tanh"].derivative(20.0), 1.6993417021166355e-17
    ),
    # The constant is a float32.
    "gradient of the hard sigmoid in float64": (
        lambda: derivative(F.hardsigmoid, 0.0), float(np.float32(1 / 6)),
        lambda: FAMILY["hard_sigmoid"].derivative(0.0), 1 / 6,
    ),
    "gradient of CELU in float64": (
        lambda: derivative(lambda t: F.celu(t, 0.3), -0.0), 0.3 / float(np.float32(0.3)),
        lambda: FAMILY["celu"].derivative(-0.0, alpha=0.3), 1,
    ),
    # A comparison decides, and NaN compares as False.
    "gradient of ReLU at NaN": (
        lambda: derivative(torch.relu, math.nan), 1, lambda: FAMILY["relu"].derivative(math.nan), math.nan
    ),
    "gradient of ELU at NaN": (
        lambda: derivative(F.elu, math.nan), 1, lambda: FAMILY["elu"].derivative(math.nan), math.nan
    ),
    "gradient of hard swish at NaN": (
        lambda: derivative(F.hardswish, math.nan), 1, lambda: FAMILY["hard_swish"].derivative(math.nan), math.nan
    ),
}  # fmt: skip


@pytest.mark.parametrize("slip", NAN_SLIPS)
def test_pytorchs_nan(slip):
    theirs, ours, right = NAN_SLIPS[slip]
    assert math.isnan(theirs()), "PyTorch has mended this: strike it from the list"
    assert ours() == right


@pytest.mark.parametrize("slip", VALUE_SLIPS)
def test_pytorchs_other_slips(slip):
    theirs, wrong, ours, right = VALUE_SLIPS[slip]
    assert theirs() == pytest.approx(wrong, rel=1e-14, abs=0), "PyTorch has changed this: strike it from the list"
    assert ours() == pytest.approx(right, rel=1e-13, abs=0, nan_ok=True)


def test_pytorchs_hard_sigmoid_has_no_second_gradient():
    with pytest.raises(RuntimeError, match="hardsigmoid_backward is not implemented"):
        derivative(F.hardsigmoid, 1.0, 2)
    assert FAMILY["hard_sigmoid"].derivative(1.0, 2) == 0


# --- facts --------------------------------------------------------------------------------------------------------


def grid(function, parameters):
    """Dense where the function bends, and far out."""
    kinks = np.array([0.0, *function.kinks(**parameters)])
    beside = np.concatenate([kinks - 1e-9, kinks, kinks + 1e-9])
    return np.unique(np.concatenate([np.linspace(-12, 12, 48_001), beside, np.linspace(-700, 700, 2001)]))


@every_case
def test_range_and_limits(name, parameters):
    function = ELEMENTWISE[name]
    low, high = function.range(**parameters)
    ends = function([-np.inf, np.inf], **parameters)
    y = np.concatenate([function(grid(function, parameters), **parameters), ends])
    assert y.min() >= low - 1e-15
    assert y.max() <= high + 1e-15
    assert y.min() == pytest.approx(low, abs=1e-6)
    assert y.max() == pytest.approx(high, abs=1e-6)
    assert tuple(ends) == tuple(function.limits(**parameters))


@every_case
def test_lipschitz_constant(name, parameters):
    function = ELEMENTWISE[name]
    constant = function.lipschitz(**parameters)
    if constant == np.inf:  # a jump, or slopes without bound
        x = np.array([1e9, *function.kinks(**parameters)])
        step = 1e-9 * np.maximum(x, 1)
        assert max((function(x + step, **parameters) - function(x - step, **parameters)) / (2 * step)) > 1e8
    else:
        x = np.linspace(-12, 12, 48_001)
        slopes = abs(np.diff(function(x, **parameters))) / np.diff(x)
        assert slopes.max() <= constant * (1 + 1e-9)
        slopes = abs(function.derivative(grid(function, parameters), **parameters))
        assert slopes.max() <= constant * (1 + 1e-12)
        assert slopes.max() == pytest.approx(constant, rel=1e-6)


@every_case
def test_monotone_minimum_and_convex(name, parameters):
    function = ELEMENTWISE[name]
    x = np.linspace(-12, 12, 24_001)
    y = function(x, **parameters)
    assert function.monotone(**parameters) == bool((np.diff(y) >= 0).all())
    chords = y[:-2] + y[2:] - 2 * y[1:-1]
    assert function.convex(**parameters) == bool((chords >= -1e-13).all())
    minimum = function.minimum(**parameters)
    if function.monotone(**parameters) or function.range(**parameters)[0] == -np.inf:
        assert minimum is None
    else:
        where, lowest = minimum
        assert function(where, **parameters) == pytest.approx(lowest, abs=1e-16)
        assert lowest == function.range(**parameters)[0]
        assert y.min() >= lowest - 1e-16
        assert abs(x[y.argmin()] - where) < 2e-3


@every_case
def test_roots_and_kinks(name, parameters):
    function = ELEMENTWISE[name]
    roots = function.facts.roots
    roots = roots(**with_defaults(function, parameters)) if callable(roots) else roots
    kinks = function.kinks(**parameters)
    for order in (1, 2):
        x = np.linspace(-9.003, 9.001, 6001)
        y = function.derivative(x, order, **parameters)
        crossings = x[:-1][y[:-1] * y[1:] < 0]
        for crossing in crossings:
            assert any(abs(crossing - place) < 0.01 for place in (0.0, *roots[order - 1], *kinks)), (order, crossing)
        for root in roots[order - 1]:
            assert abs(function.derivative(root, order, **parameters)) < 1e-14
    for kink in kinks:  # something jumps there
        sides = np.array([kink - 1e-9, kink + 1e-9])
        jumps = [abs(np.diff(function(sides, **parameters)))]
        jumps += [abs(np.diff(function.derivative(sides, order, **parameters))) for order in (1, 2)]
        assert max(jumps) > 0.05 or parameters in ({"negative_slope": 1.0}, {"theta": 0.0, "x": 1})


CLOSED_MOMENTS = {
    "relu": (1 / math.sqrt(2 * math.pi), 0.5),
    "leaky_relu": (0.99 / math.sqrt(2 * math.pi), (1 + 0.01**2) / 2),
    "prelu": (0.75 / math.sqrt(2 * math.pi), (1 + 0.25**2) / 2),
    "squared_relu": (0.5, 1.5),
    "sigmoid": (0.5, None),
    "tanh": (0.0, None),
    "hard_sigmoid": (0.5, None),
    "hard_tanh": (0.0, 1 - 2 * math.exp(-0.5) / math.sqrt(2 * math.pi)),
    "gelu": (1 / (2 * math.sqrt(math.pi)), None),
    "selu": (0.0, 1.0),
    "elu": (
        1 / math.sqrt(2 * math.pi) + math.exp(0.5) * math.erfc(math.sqrt(0.5)) / 2 - 0.5,
        1 + math.exp(2) * math.erfc(math.sqrt(2)) / 2 - math.exp(0.5) * math.erfc(math.sqrt(0.5)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CLOSED_MOMENTS)
def test_moments_with_a_closed_form(name):
    for ours, exact in zip(FAMILY[name].moments(), CLOSED_MOMENTS[name], strict=True):
        if exact is not None:
            assert ours == pytest.approx(exact, abs=1e-12)


@every_case
def test_moments_equal_another_quadrature(name, parameters):
    function = ELEMENTWISE[name]
    breaks = sorted({-13.0, *(k for k in function.kinks(**parameters)), 0.0, 13.0})
    for power, ours in enumerate(function.moments(**parameters), start=1):
        def integrand(z, power=power):
            return function(z, **parameters) ** power * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

        pieces = [
            scipy.integrate.quad(integrand, low, high, epsabs=1e-13, epsrel=1e-12, limit=200)[0]
            for low, high in itertools.pairwise(breaks)
        ]
        assert ours == pytest.approx(math.fsum(pieces), abs=1e-10)
    assert function.gain(**parameters) == pytest.approx(1 / math.sqrt(ours), rel=1e-14)


def test_moments_of_sharp_functions():
    """Within a millionth of 0 these bend from one straight line to another."""
    for sharp in (FAMILY["softplus"].moments(beta=1e6), FAMILY["silu"].moments(beta=1e6)):
        np.testing.assert_allclose(sharp, FAMILY["relu"].moments(), atol=1e-10)
    np.testing.assert_allclose(FAMILY["celu"].moments(alpha=1e-7), FAMILY["relu"].moments(), atol=1e-7)
    assert moments.expectation(lambda z: z**8) == pytest.approx(105, rel=1e-13)


def test_gain_beside_pytorchs():
    gain = torch.nn.init.calculate_gain
    assert FAMILY["relu"].gain() == pytest.approx(gain("relu"), rel=1e-12)
    for slope in (0.01, 0.3, 1.0):
        assert FAMILY["leaky_relu"].gain(negative_slope=slope) == pytest.approx(gain("leaky_relu", slope), rel=1e-12)
    # These three keep something else than the second moment.
    assert gain("tanh") == 5 / 3
    assert FAMILY["tanh"].gain() == pytest.approx(1.5925374197, rel=1e-10)
    assert gain("selu") == 3 / 4
    assert FAMILY["selu"].gain() == pytest.approx(1, rel=1e-12)
    assert gain("sigmoid") == 1
    assert FAMILY["sigmoid"].gain() == pytest.approx(1.8462285453, rel=1e-10)


def test_selu_has_its_fixed_point():
    assert FAMILY["selu"].moments() == pytest.approx((0, 1), abs=1e-14)


# --- gated --------------------------------------------------------------------------------------------------------


def gated_torch(name, v, g):
    activate = {"glu": torch.sigmoid, "bilinear": lambda t: t, "reglu": torch.relu, "geglu": F.gelu, "swiglu": F.silu}
    return v * activate[name](g)


@pytest.mark.parametrize("name", GATED)
@pytest.mark.parametrize("dtype", FLOATS)
def test_gated_units_equal_pytorch(name, dtype):
    random = np.random.default_rng(5)
    v, g = (2 * random.standard_normal((2, 30, 7))).astype(dtype)
    unit_ = GATED[name]
    value_, gate = (torch.from_numpy(each.copy()).requires_grad_() for each in (v, g))
    result = gated_torch(name, value_, gate)
    firsts = torch.autograd.grad(result.sum(), (value_, gate), create_graph=True)
    tolerance = {"rtol": 0, "atol": 40 * float(np.finfo(dtype).eps)}
    ours = unit_(v, g)
    assert ours.dtype == dtype
    np.testing.assert_allclose(ours, result.detach().numpy(), **tolerance)
    for mine, theirs in zip(unit_.derivative(v, g), firsts, strict=True):
        np.testing.assert_allclose(mine, theirs.detach().numpy(), **tolerance)
    twice, mixed, gate_twice = unit_.derivative(v, g, 2)
    assert not twice.any()
    np.testing.assert_array_equal(mixed, unit_.derivative(np.ones_like(v), g)[1])
    (second,) = torch.autograd.grad(firsts[1].sum(), gate, allow_unused=True)
    np.testing.assert_allclose(gate_twice, 0 if second is None else second.numpy(), **tolerance)


@pytest.mark.parametrize("name", GATED)
def test_accuracy_of_gated_units(name):
    """By value, by gate, and twice: each a product with what is tested above, to one more rounding."""
    unit_ = GATED[name]
    random = np.random.default_rng(8)
    v = random.uniform(-3, 3, 60)
    g = np.concatenate([random.uniform(-6, 6, 30), random.uniform(-30, 30, 20), 10 ** random.uniform(-9, -1, 10)])
    symbols = sympy.symbols("value gate beta", real=True)
    expression = formulas.expression(unit_.formula, exact=True)
    by_value, by_gate = (sympy.diff(expression, symbol) for symbol in symbols[:2])
    wanted = [(0, [expression]), (1, [by_value, by_gate]), (2, [sympy.diff(by_gate, each) for each in symbols[:2]])]
    for order, expressions in wanted:
        ours = unit_.derivative(v, g, order) if order else (unit_(v, g),)
        for mine, each in zip(ours[-2:], expressions, strict=True):
            exact = sympy.lambdify(symbols, each, [{"DiracDelta": lambda *_: 0}, "mpmath"])
            with mpmath.workdps(500):
                true = [exact(*map(mpmath.mpf, (*pair, 1.0))) for pair in zip(v.tolist(), g.tolist(), strict=True)]
            roots = () if unit_.gate is None else unit_.gate.facts.roots
            roots = roots(beta=1.0) if callable(roots) else roots
            error, where = worst(mine, true, g, np.float64, [root for each in roots for root in each])
            assert error <= unit_.accuracy_ulp[order], f"order {order}: {error:.3g} units at gate {where}"


@pytest.mark.parametrize("name", GATED)
def test_gated_units_are_products(name):
    unit_ = GATED[name]
    v, g = np.linspace(-3, 3, 41)[:, None], np.linspace(-5, 5, 31)
    activated = g if unit_.gate is None else unit_.gate(g)
    np.testing.assert_array_equal(unit_(v, g), v * activated)
    expression = sympy.lambdify(
        sympy.symbols("value gate beta", real=True), formulas.expression(unit_.formula), ["numpy", "scipy"]
    )
    np.testing.assert_allclose(unit_(v, g), expression(v, g, 1.0), rtol=1e-12, atol=1e-14)
    assert unit_(2, 3).shape == ()
    assert unit_(np.float32([1, 2]), np.float16([1, 2])).dtype == np.float32
    assert unit_(np.zeros((0, 3)), np.zeros(3)).shape == (0, 3)
    mean, second = unit_.moments()
    assert mean == 0
    assert second == (1 if unit_.gate is None else unit_.gate.moments()[1])
    assert unit_.gain() == 1 / math.sqrt(second)
    assert unit_.range() == (-np.inf, np.inf)
    assert unit_.lipschitz() == np.inf


def test_swiglus_parameter():
    swiglu = FAMILY["swiglu"]
    v, g, h = np.linspace(-3, 3, 40), np.linspace(-4, 5, 40), 2.0**-13
    measured = (swiglu(v, g, beta=1.5 + h) - swiglu(v, g, beta=1.5 - h)) / (2 * h)
    np.testing.assert_allclose(swiglu.parameter_derivative(v, g, "beta", beta=1.5), measured, atol=1e-7)
    np.testing.assert_allclose(swiglu(v, g, beta=1.5), v * FAMILY["silu"](g, beta=1.5), rtol=1e-15)


# --- names, formulas, frameworks ----------------------------------------------------------------------------------


def test_the_family_in_reading_order():
    assert " ".join(FAMILY) == (
        "sigmoid tanh softsign relu relu6 hard_tanh leaky_relu prelu rrelu thresholded_relu elu celu selu softplus "
        "gelu gelu_tanh gelu_sigmoid silu mish hard_sigmoid hard_swish squared_relu glu bilinear reglu geglu swiglu"
    )
    assert [function.name for function in FAMILY.values()] == list(FAMILY)
    assert {**ELEMENTWISE, **GATED} == FAMILY


def test_every_name_finds_its_function():
    for function in FAMILY.values():
        assert isinstance(function.aliases, tuple), "a string would be taken for a list of letters"
        for name in (function.name, function.title, *function.aliases):
            for spelt in (name, name.upper(), name.replace("_", " ").replace("-", "")):
                assert find(spelt) is function
    for name, function in [("Swish", "silu"), ("SiLU", "silu"), ("LReLU", "leaky_relu"), ("hard-swish", "hard_swish")]:
        assert find(name) is FAMILY[function]


def test_every_function_has_its_colour():
    assert set(FAMILY) <= set(COLOURS) & set(LINE_STYLES)


def test_relubooks_functions_are_not_defined_twice():
    x = np.random.default_rng(6).standard_normal(40_000).astype(np.float32)
    np.testing.assert_array_equal(FAMILY["relu"](x), relu(x))
    np.testing.assert_array_equal(FAMILY["leaky_relu"](x, negative_slope=0.3), leaky_relu(x, negative_slope=0.3))


@every_member
def test_what_the_page_shows(name, root):
    function = FAMILY[name]
    expression = formulas.expression(function.formula)
    names = {"value", "gate"} if name in GATED else {"x"}
    names |= {p.name for p in function.parameters} | set(function.constants)
    assert {symbol.name for symbol in expression.free_symbols} == names == set(formulas.names(function.formula))
    latex = function.latex
    words = set(re.findall(r"(?<!\\)\b[a-z_]{3,}", re.sub(r"\\(text|begin|end|operatorname)\{\w+\}", "", latex)))
    assert not words, f"{latex} shows {words}"
    assert not re.search(r"(?<![\w.])1 \\frac", latex), f"{latex} multiplies by 1"
    for parameter in function.parameters:
        assert formulas.LATEX.get(parameter.symbol, parameter.symbol) in latex
    papers = (root / "book/references.bib").read_text(encoding="utf-8")
    entry = re.search(rf"^@\w+{{{function.paper},(.*?)^}}", papers, re.DOTALL | re.MULTILINE)
    assert entry, f"references.bib lacks {function.paper}"
    assert int(re.search(r"year\s*= {(\d+)}", entry[1])[1]) == function.year
    assert len(function.when) > 30
    for parameter in function.parameters:
        low, high, step = parameter.slider
        assert low <= parameter.default <= high
        assert step > 0
        parameter.check(low, name)
        parameter.check(high, name)
    assert set(function.calls) == set(frameworks.CALLS[name])
    assert set(function.calls) <= set(frameworks.VERSIONS)
    assert set(function.defaults) <= set(function.calls)


@every_member
def test_pytorchs_lines_run_and_agree(name):
    x = torch.linspace(-4, 4, 33, dtype=torch.float64)
    known = {"torch": torch, "x": x, "value": x.flip(0), "gate": x, "weight": torch.tensor(0.25, dtype=x.dtype)}
    function = FAMILY[name]
    ours = function(x.numpy()[::-1], x.numpy()) if name in GATED else function(x.numpy())
    for line in function.calls["PyTorch"]:
        result = eval(line, known)
        if isinstance(result, torch.nn.Module):
            result = result.double().eval()(torch.cat([known["value"], x]) if name == "glu" else x)
        np.testing.assert_allclose(result.detach().numpy(), ours, atol=1e-12)


@every_member
def test_pytorchs_defaults_are_those_installed(name):
    for path, defaults in FAMILY[name].defaults.get("PyTorch", {}).items():
        signature = inspect.signature(eval(path, {"torch": torch}))
        for parameter, default in defaults.items():
            assert signature.parameters[parameter].default == default, path
    assert torch.__version__.startswith(frameworks.VERSIONS["PyTorch"])


def test_only_numpy_is_needed():
    """In a page there is no SciPy and no SymPy, and no chapter should wait for them."""
    code = (
        "import sys; from relubook.family import FAMILY; FAMILY['silu'](1.0); FAMILY['selu'].gain();"
        "FAMILY['relu'].calls; bad = {'scipy', 'sympy', 'mpmath', 'matplotlib', 'torch', 'IPython'} & set(sys.modules);"
        "assert not bad, bad; FAMILY['gelu'](1.0); assert 'scipy' in sys.modules"
    )
    folder = family.__path__[0] + "/../.."
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)


@pytest.mark.parametrize("module", ["contract", "gated", "moments", "piecewise", "smooth", "formulas", "frameworks"])
def test_examples_in_the_documentation(module):
    module = getattr(family, module)
    results = doctest.testmod(module, extraglobs={"FAMILY": FAMILY, "np": np})
    assert results.failed == 0


def test_examples_of_the_package():
    results = doctest.testmod(family)
    assert results.attempted >= 4
    assert results.failed == 0


# --- speed --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "copies"), [("relu", 3), ("leaky_relu", 4)])
def test_takes_few_copies(name, copies):
    """Both are timed in turn, and the quickest round counts: others may be using the machine."""
    function = FAMILY[name]
    x = np.random.default_rng(7).standard_normal(1_000_000).astype(np.float32)
    rounds = []
    for _ in range(15):
        copying = timeit.timeit(x.copy, number=2)
        rounds.append(timeit.timeit(lambda: function(x), number=2) / copying)
    assert min(rounds) <= copies


def test_stored_speeds_cover_the_family(root):
    stored = json.loads((root / "notebooks/relubook/family/speed.json").read_text(encoding="utf-8"))
    assert list(stored["functions"]) == list(FAMILY)
    for name, ratios in stored["functions"].items():
        assert all(0 < ratios[key] < 1000 for key in ("copies", "pytorch"))
        assert FAMILY[name].speed == ratios
        assert len(FAMILY[name].cost) > 20
    assert stored["elements"] == 1_000_000
