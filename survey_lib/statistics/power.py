"""What change two samples can show: power, the smallest change found, the size needed.

For planning, before there is a second sample. Shares p₁ (first) and p₂ (second) have effective
sizes n₁ and n₂ (persons over design effect), and the test is two-sided with level α/k, k the tests
of its family. That is what a single true change meets, whether the family is adjusted by Holm or by
Benjamini–Hochberg, as long as none of the others is called; so the power said here is never more
than the adjusted test's own. With p̄ the mean of the two shares, weighted by their sizes,

    power = Φ[(|p₂ - p₁| - z √(p̄(1 - p̄)(1/n₁ + 1/n₂))) / √(p₁(1 - p₁)/n₁ + p₂(1 - p₂)/n₂)],

z the normal quantile of 1 - α/2k (Fleiss, Levin & Paik 2003, Statistical Methods for Rates and
Proportions, section 4.2; R's ``power.prop.test`` where n₁ = n₂). A change called in the wrong
direction counts as not found. All functions work elementwise on arrays that broadcast together.
"""

from __future__ import annotations

import numpy as np
import scipy  # loads scipy.special at its first use
from numpy.typing import ArrayLike

from survey_lib.statistics.arrays import Array, Floats

HALVINGS = 60
"""Steps of the search for a change: its last bit."""


def power(
    first: ArrayLike,
    second: ArrayLike,
    n_first: ArrayLike,
    n_second: ArrayLike,
    *,
    alpha: float = 0.05,
    family: ArrayLike = 1,
) -> Array:
    """How often the change from one share to another is found, in its own direction.

    Parameters
    ----------
    first, second : true shares.
    n_first, n_second : effective sizes.
    alpha : level of the family; ``family`` : the number of tests in it.
    """
    p1, p2 = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    n1, n2 = np.asarray(n_first, dtype=float), np.asarray(n_second, dtype=float)
    mean = (n1 * p1 + n2 * p2) / (n1 + n2)
    unchanged = np.sqrt(mean * (1 - mean) * (1 / n1 + 1 / n2))
    changed = np.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = (np.abs(p2 - p1) - _quantile(alpha, family) * unchanged) / changed
    return np.asarray(scipy.special.ndtr(distance))


def detectable_change(
    share: ArrayLike,
    n_first: ArrayLike,
    n_second: ArrayLike,
    *,
    up: ArrayLike,
    alpha: float = 0.05,
    family: ArrayLike = 1,
    target: float = 0.8,
) -> Array:
    """The smallest change from a share, upwards or downwards, whose power is ``target``.

    Returns
    -------
    a positive size; NaN where not even a change to 0 or 1 is found so often.
    """
    share, up, n1, n2, family = np.broadcast_arrays(
        np.asarray(share, dtype=float), np.asarray(up, dtype=bool), n_first, n_second, family
    )
    sign, most = np.where(up, 1, -1), np.where(up, 1 - share, share)

    def found(change: Floats) -> Array:
        return power(share, share + sign * change, n1, n2, alpha=alpha, family=family) >= target

    low, high = np.zeros(share.shape), most.astype(float)
    possible = found(high)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        enough = found(middle)
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(possible, high, np.nan)


def needed_size(
    first: ArrayLike,
    second: ArrayLike,
    *,
    alpha: float = 0.05,
    family: ArrayLike = 1,
    target: float = 0.8,
) -> Array:
    """The effective size that each of two equally large samples needs, for a change to be found
    with power ``target``. Infinite for no change; NaN for a share outside 0 … 1."""
    p1, p2 = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    inside = (p1 >= 0) & (p1 <= 1) & (p2 >= 0) & (p2 <= 1)
    mean = (p1 + p2) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        unchanged = _quantile(alpha, family) * np.sqrt(2 * mean * (1 - mean))
        changed = scipy.special.ndtri(target) * np.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
        size = np.square((unchanged + changed) / (p2 - p1))
    return np.where(inside, size, np.nan)


def _quantile(alpha: float, family: ArrayLike) -> Array:
    """z of the two-sided test of one among a family."""
    return np.asarray(-scipy.special.ndtri(alpha / (2 * np.asarray(family, dtype=float))))
