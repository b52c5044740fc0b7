"""Confidence sets for ranks: which places an estimate can have, from estimates and covariance.

Rank 1 is the largest. For each ordered pair the hypothesis θ_a ≤ θ_b is tested by
T = (x_a - x_b)/σ_ab. What is rejected says that a lies above b, so the rank of j is at least 1 +
the number that lie above j, and at most K - the number that j lies above. The critical value is
the 95 % point of the largest T of the hypotheses left, simulated from the covariance; after
rejections it is simulated again for the rest, until nothing more is rejected (*stepwise*; the
one-step sets take the first critical value only).

- **marginal** (``low, high``): one family per j, the pairs that j is in. The set of this very j
  holds its true rank in 95 % of samples.
- **simultaneous** (``low_all, high_all``): all pairs are one family. All sets hold their true ranks
  at once in 95 % of samples. The family holds every lower bound, so the t best are, for all t at
  once, among those with ``low_all`` ≤ t: the confidence set of the t best.

Equal estimands are not told apart, by design: with ties θ_a = θ_b, every rank from the lowest to
the highest that a tied j can be given must be inside its set.

The covariance has the design's degrees of freedom, so the simulated vectors are multivariate t:
normal vectors with one common χ²/df each. ``df`` infinite gives the normal sets of the paper.

Source
------
Mogstad, M., Romano, J. P., Shaikh, A. M. & Wilhelm, D. (2024), Inference for Ranks with
Applications to Mobility across Neighbourhoods and Academic Achievement across Countries, Review of
Economic Studies 91, 476–518. Compared with results of the R package csranks in the tests.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from survey_lib.statistics.arrays import Codes, Flags, Floats
from survey_lib.statistics.intervals import t_quantile

DRAWS = 20_000
"""Simulated vectors: the critical value's own standard error is about 0,01 of about 3."""

SEED = 20_240_101

ALIKE = 1e-12
"""Part of two variances below which that of their difference is rounding: perfectly correlated."""


def rank_sets(
    estimates: ArrayLike,
    covariance: ArrayLike,
    df: float = np.inf,
    *,
    confidence: float = 0.95,
    stepdown: bool = True,
) -> pd.DataFrame:
    """Marginal and simultaneous confidence sets for the ranks of K estimates.

    Parameters
    ----------
    estimates : (K,); NaN for what has none, which is left out of the ranks.
    covariance : (K, K). For shares see :func:`with_floor`.
    df : degrees of freedom of the design.
    stepdown : False for the one-step sets, which are wider.

    Returns
    -------
    K rows: ``low, high`` (marginal) and ``low_all, high_all`` (simultaneous), whole numbers as
    floats; NaN where the estimate is NaN. The same input gives the same sets: draws are seeded.
    """
    x, sigma = np.asarray(estimates, dtype=float), np.asarray(covariance, dtype=float)
    known = np.flatnonzero(~np.isnan(x))
    order = known[np.lexsort((-sigma[known, known], -x[known]))]  # so that row order is no matter
    sets = np.full((len(x), 4), np.nan)
    sets[order] = _sets(x[order], sigma[np.ix_(order, order)], df, confidence, stepdown)
    return pd.DataFrame(sets, columns=["low", "high", "low_all", "high_all"])


def with_floor(
    covariance: ArrayLike,
    shares: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    df: ArrayLike,
    confidence: float = 0.95,
) -> Floats:
    """The covariance of shares in which no share is surer than its own interval says.

    A share that nobody or everybody makes up has an estimated variance of 0, and one of a few
    persons may have far too small a one by chance. The variance is therefore at least (reach/t)²
    with t the interval's quantile: the reach is half the interval's width, and at a share of 0 or
    1, where the interval has one side only, the whole width. What is added is independent of the
    other shares. A share fixed by the margins of a calibration has an interval without width and
    stays certain.

    Parameters
    ----------
    covariance : (K, K).
    shares, low, high : (K,), the shares and their intervals of :mod:`.intervals`; NaN stays NaN.
    df : (K,) or one number.
    """
    shares, width = np.asarray(shares, dtype=float), np.asarray(high) - np.asarray(low)
    reach = np.where((shares == 0) | (shares == 1), width, width / 2)
    result = np.array(covariance, dtype=float)
    least = np.square(reach / t_quantile(confidence, df))
    missing = np.nan_to_num(np.maximum(least - result.diagonal(), 0))
    result[np.diag_indices_from(result)] += missing
    return result


def _sets(x: Floats, sigma: Floats, df: float, confidence: float, stepdown: bool) -> Floats:
    """(K, 4) bounds of estimates in descending order: in each pair the first is the larger."""
    k = len(x)
    first, second = np.triu_indices(k, 1)
    variance = sigma.diagonal()[first] + sigma.diagonal()[second]
    rounding = ALIKE * variance
    variance = variance - 2 * sigma[first, second]
    spread = np.sqrt(np.where(variance > rounding, variance, 0))
    difference = x[first] - x[second]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(spread > 0, difference / spread, np.where(difference > ALIKE, np.inf, 0.0))
    opposite = _differences(sigma, spread, second, first, df)
    largest = np.abs(opposite)
    within = min(int(np.ceil(confidence * (DRAWS + 1))), DRAWS) - 1

    def above(family: Codes) -> Flags:
        """Which pairs of a family have their first proved larger."""
        rejected = np.zeros(len(family), dtype=bool)
        while not rejected.all():
            left = np.zeros(DRAWS, dtype=np.float32)
            for pair in family[~rejected]:
                np.maximum(left, largest[pair], out=left)
            for pair in family[rejected]:  # of a rejected pair the opposite hypothesis is left
                np.maximum(left, opposite[pair], out=left)
            critical = np.partition(left, within)[within]
            found = t[family] > critical
            if not (found & ~rejected).any():
                break
            rejected |= found
            if not stepdown:
                break
        return rejected

    sets = np.empty((k, 4))
    for j in range(k):
        family = np.flatnonzero((first == j) | (second == j))
        told = family[above(family)]
        sets[j, 0] = 1 + (second[told] == j).sum()
        sets[j, 1] = k - (first[told] == j).sum()
    told = np.flatnonzero(above(np.arange(len(t))))
    sets[:, 2] = 1 + np.bincount(second[told], minlength=k)
    sets[:, 3] = k - np.bincount(first[told], minlength=k)
    return sets


def _differences(
    sigma: Floats, spread: Floats, first: Codes, second: Codes, df: float
) -> NDArray[np.float32]:
    """(pairs, DRAWS) simulated differences over their standard errors; 0 where there is none."""
    values, vectors = np.linalg.eigh(sigma)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    with np.errstate(divide="ignore", invalid="ignore"):
        loading = np.where(spread[:, None] > 0, (root[first] - root[second]) / spread[:, None], 0)
    drawn = loading.astype(np.float32) @ _normal(len(sigma))
    if np.isfinite(df):
        chi_square = np.random.default_rng(SEED + 1).chisquare(df, DRAWS)
        drawn *= np.sqrt(df / chi_square).astype(np.float32)
    return np.asarray(drawn)


@lru_cache(maxsize=8)
def _normal(k: int) -> NDArray[np.float32]:
    """(k, DRAWS) standard normal numbers, the same at every call."""
    return np.random.default_rng(SEED).standard_normal((k, DRAWS), dtype=np.float32)
