"""Intervals against SciPy's."""

import math

import numpy as np
import pytest
from relubook.intervals import mean_interval, wilson_interval
from scipy import stats


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
@pytest.mark.parametrize("trials", [1, 2, 7, 42, 569])
def test_wilson_equals_scipy(trials, confidence):
    for successes in range(trials + 1):
        reference = stats.binomtest(successes, trials).proportion_ci(confidence, method="wilson")
        got = wilson_interval(successes, trials, confidence)
        assert got == pytest.approx((reference.low, reference.high), abs=1e-12)
        assert 0 <= got[0] < got[1] <= 1


def test_wilson_reaches_its_ends_exactly():
    assert wilson_interval(0, 42)[0] == 0
    assert wilson_interval(42, 42)[1] == 1


WRONG = [(-1, 5), (6, 5), (0, 0), (1, math.nan), (1, 5, 1.0), (1, 5, 0), (1, 5, math.nan)]


@pytest.mark.parametrize("arguments", WRONG)
def test_wilson_refuses_what_is_no_count(arguments):
    with pytest.raises(ValueError, match=r"wilson_interval: .*allowed"):
        wilson_interval(*arguments)


@pytest.mark.parametrize("confidence", [0.5, 0.95])
@pytest.mark.parametrize("size", [2, 3, 14, 100])
def test_mean_interval_equals_scipy(size, confidence):
    values = np.random.default_rng(size).standard_normal(size)
    low, high = stats.t.interval(confidence, size - 1, loc=values.mean(), scale=stats.sem(values))
    assert mean_interval(values, confidence) == pytest.approx((low, values.mean(), high), rel=1e-12)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, math.nan], [1.0, math.inf]])
def test_mean_interval_refuses_what_has_no_spread(values):
    with pytest.raises(ValueError, match="at least two finite numbers"):
        mean_interval(values)
    with pytest.raises(ValueError, match="between 0 and 1"):
        mean_interval([1.0, 2.0], 1.5)
