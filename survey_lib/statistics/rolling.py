"""Rolling windows over repeated surveys, and limits for a chart that watches them for change.

Let p_1 … p_T be the shares of successive periods (months, quarters) with covariance V: diagonal
where each period has a sample of its own, full where the same persons or areas are visited again. A
window of m periods has the mean of their shares, every period weighing alike; with A the matrix
whose rows hold 1/m for a window's periods, the windows' covariance is A V A'. Two windows with k
periods in common share these k periods' variance, so their difference is that of the others.

Each window is compared with the same window a year earlier, d_t = r_t - r_{t-y}, so that seasons
cancel. With C the matrix of these contrasts, the d_t of a year have the covariance C V C', and are
strongly correlated. They are watched with limits ± c se(d_t), c such that

    P(any of y successive |d_t|/se(d_t) > c  |  no change) = the stated rate,

the quantile of a maximum of correlated normal variables, found by simulation from C C' (periods of
equal variance; a seed of its own, so that c is the same everywhere). With c from a single test, or
from Bonferroni's inequality, the year's rate would be several times too high, or too low. This is a
Shewhart chart of moving averages (Roberts 1959, Technometrics 1, 239–250) with limits for a year's
family instead of an average run length; the baseline's own uncertainty is in se(d_t).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from survey_lib.statistics.arrays import Floats
from survey_lib.statistics.intervals import share_limits

DRAWS, SEED = 400_000, 20240901  # the rate is then right to ±0.0007, at 5 %


def window_weights(periods: int, length: int) -> Floats:
    """(periods - length + 1, periods): a row per window of ``length`` periods, the first first."""
    if not 1 <= length <= periods:
        raise ValueError(f"windows of {length} periods out of {periods}")
    windows = periods - length + 1
    place = np.arange(periods) - np.arange(windows)[:, None]
    return np.asarray(((place >= 0) & (place < length)) / length)


def change_weights(periods: int, length: int, year: int) -> Floats:
    """(periods - length - year + 1, periods): each window less the same one a year earlier.

    Parameters
    ----------
    year : periods in a year, at least ``length``.
    """
    if year < length:
        raise ValueError(f"windows of {length} periods are longer than a year of {year}")
    weights = window_weights(periods, length)
    return np.asarray(weights[year:] - weights[:-year])


def rolling_shares(
    shares: ArrayLike,
    n_effective: ArrayLike,
    n: ArrayLike,
    length: int,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The share of each window of independent periods, with its interval.

    The variance of a window's share r is r(1 - r) Σ 1/n_eff / m², so that its effective n is
    m²/Σ 1/n_eff; the interval is that of any share (:mod:`.intervals`).

    Parameters
    ----------
    shares, n_effective, n : (T,) of each period: share, p(1 - p)/V, unweighted base. NaN where a
        period isn't known.

    Returns
    -------
    T - length + 1 rows: ``last`` (the window's last period), ``estimate, low, high, n,
    n_effective``; NaN for a window with an unknown period.
    """
    p, size, base = (np.asarray(one, dtype=float) for one in (shares, n_effective, n))
    weights = window_weights(len(p), length)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = _over(weights, p)
        effective = 1 / _over(np.square(weights), 1 / size)
        total = _over(weights * length, base)
        low, high = share_limits(estimate, effective, total, total - length, confidence)
    return pd.DataFrame(
        {
            "last": np.arange(length - 1, len(p)),
            "estimate": estimate,
            "low": low,
            "high": high,
            "n": total,
            "n_effective": effective,
        }
    )


def watched_changes(
    shares: ArrayLike,
    n_effective: ArrayLike,
    length: int,
    year: int,
    *,
    rate: float = 0.05,
    series: int = 1,
) -> pd.DataFrame:
    """Each window of independent periods against the same window a year earlier, with its limits.

    The variance of a difference is the null's: both windows have the share that they have together.

    Parameters
    ----------
    shares, n_effective : (T,) as of :func:`rolling_shares`.
    rate : the chance of any false signal in a year, in all ``series`` that are watched together.

    Returns
    -------
    T - length - year + 1 rows, none while there are fewer periods: ``last, difference, se, limit``
    (signals lie beyond ±limit) and ``signal``.
    """
    p, size = (np.asarray(one, dtype=float) for one in (shares, n_effective))
    if len(p) < length + year:
        return pd.DataFrame(columns=["last", "difference", "se", "limit", "signal"])
    weights = change_weights(len(p), length, year)
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = _over(weights, p)
        together = _over(np.abs(weights), p) / 2
        variance = together * (1 - together) * _over(np.square(weights), 1 / size)
    se = np.sqrt(np.maximum(variance, 0))
    limit = alarm_limit(length, year, rate / series) * se
    with np.errstate(invalid="ignore"):
        signal = np.abs(difference) > limit
    return pd.DataFrame(
        {
            "last": np.arange(length + year - 1, len(p)),
            "difference": difference,
            "se": se,
            "limit": limit,
            "signal": signal,
        }
    )


def _over(weights: Floats, values: Floats) -> Floats:
    """weights @ values; NaN only where a value that has a weight is."""
    unknown = np.isnan(values)
    total = weights @ np.where(unknown, 0.0, values)
    return np.where((weights != 0) @ unknown, np.nan, total)


@cache
def alarm_limit(length: int, year: int, rate: float) -> float:
    """c, in standard errors, that any of a year's successive changes exceeds with the stated
    probability when nothing changes.

    >>> round(alarm_limit(1, 1, 0.05), 1)
    2.0
    """
    weights = change_weights(2 * year + length - 1, length, year)
    covariance = weights @ weights.T
    scale = np.sqrt(np.diag(covariance))
    root = np.linalg.cholesky(covariance / np.outer(scale, scale) + 1e-12 * np.eye(year))
    normal = np.random.default_rng(SEED).standard_normal((DRAWS, year))
    largest = np.zeros(DRAWS)
    for row in root:  # a change at a time, so that memory stays small
        np.maximum(largest, np.abs(normal @ row), out=largest)
    return float(np.quantile(largest, 1 - rate))
