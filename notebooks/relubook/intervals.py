"""Intervals for what was counted or averaged."""

import math
import statistics


def wilson_interval(successes, trials, confidence=0.95):
    """Return the interval of true rates that agree with a count, after Wilson (1927).

    Parameters
    ----------
    successes, trials : int
        ``successes`` of ``trials`` independent tries; 0 <= successes <= trials, trials >= 1.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    (low, high), floats in [0, 1]. Never empty, also for 0 or ``trials`` successes.

    Raises
    ------
    ValueError
        Counts or a confidence out of range.

    Notes
    -----
    The rates p with ``|successes / trials - p| <= z * sqrt(p (1 - p) / trials)``, where z is the
    normal distribution's quantile. E. B. Wilson, Probable Inference, the Law of Succession, and
    Statistical Inference, JASA 22, 1927.
    """
    if not (trials >= 1 and 0 <= successes <= trials):
        raise ValueError(
            f"wilson_interval: {successes} successes in {trials} trials; allowed are 0 to trials, of at least 1"
        )
    if not 0 < confidence < 1:
        raise ValueError(f"wilson_interval: confidence is {confidence}; allowed is a number between 0 and 1")
    z = statistics.NormalDist().inv_cdf((1 + confidence) / 2)
    rate = successes / trials
    middle = (rate + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * math.sqrt(rate * (1 - rate) / trials + z**2 / (4 * trials**2))
    # Exactly 0 and 1 at the ends, which rounding would miss.
    low = 0.0 if successes == 0 else middle - half
    high = 1.0 if successes == trials else middle + half
    return low, high


def mean_interval(values, confidence=0.95):
    """Return the mean of independent values with Student's t interval: (low, mean, high).

    Give it the differences of pairs to compare two things that were measured together.

    Raises
    ------
    ValueError
        Fewer than two values, one that is not finite, or a confidence out of range.
    """
    values = [float(value) for value in values]
    if len(values) < 2 or not all(map(math.isfinite, values)):
        raise ValueError(f"mean_interval: got {values}; allowed are at least two finite numbers")
    if not 0 < confidence < 1:
        raise ValueError(f"mean_interval: confidence is {confidence}; allowed is a number between 0 and 1")
    from scipy.special import stdtrit  # SciPy is not everywhere that relubook is

    mean = statistics.fmean(values)
    half = float(stdtrit(len(values) - 1, (1 + confidence) / 2)) * statistics.stdev(values) / math.sqrt(len(values))
    return mean - half, mean, mean + half
