"""Estimates with standard errors and intervals, as one tidy frame per call.

Columns of every frame of estimates: ``indicator`` and ``domain`` (positions), ``estimate``, ``se``,
``low``, ``high``, ``n`` (unweighted base), ``count`` (unweighted numerator), ``total`` (weighted
base), ``n_effective``, ``deff``, ``df``, ``interval`` (which interval was taken).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from survey_lib.statistics import intervals
from survey_lib.statistics.answers import Answers
from survey_lib.statistics.arrays import Array, Codes, Flags
from survey_lib.statistics.design import Design
from survey_lib.statistics.shares import Shares, shares_in_groups


def estimate_shares(
    design: Design,
    numerators: ArrayLike,
    bases: ArrayLike,
    groups: ArrayLike | None = None,
    n_groups: int | None = None,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Shares of K indicators in G groups, given person by person.

    Parameters
    ----------
    numerators, bases : (n, K) bool: who counts in the numerator and in the base of each indicator.
    groups : (n,) group of each person, 0 … n_groups-1, -1 for none; None for one group of all.

    Returns
    -------
    K × G rows, ordered by indicator, then group. A group with nobody in the base has
    ``n`` 0 and NaN for the rest.

    See Also
    --------
    estimate_answers : the same from coded answers; faster, since categories of one question share
        one pass over the persons.
    """
    answers = Answers.from_indicators(np.asarray(numerators), np.asarray(bases))
    return estimate_answers(design, answers, groups, n_groups, confidence=confidence)


def estimate_answers(
    design: Design,
    answers: Answers,
    groups: ArrayLike | None = None,
    n_groups: int | None = None,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Shares of K indicators in G groups, from coded answers; parameters and result as
    :func:`estimate_shares`.
    """
    if len(answers.codes) != design.size:
        raise ValueError(f"answers have {len(answers.codes)} rows, weights {design.size}")
    codes, n_groups = checked_groups(groups, n_groups, design.size)
    return share_frame(shares_in_groups(design.linearised, answers, codes, n_groups), confidence)


def share_frame(shares: Shares, confidence: float = 0.95) -> pd.DataFrame:
    """Shares (G, K) as the tidy frame, with the interval of the rule in :mod:`.intervals`."""
    n_groups, k = shares.share.shape
    column = {name: np.ascontiguousarray(values.T).ravel() for name, values in vars(shares).items()}
    share, n, df = column["share"], column["n"], column["df"]
    n_effective = intervals.effective_size(share, column["variance"], n, column["kish"])
    low, high = intervals.share_limits(share, n_effective, n, df, confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        deff = n / n_effective
    chosen = intervals.uses_korn_graubard(share, n).astype(np.int8)
    return pd.DataFrame(
        {
            "indicator": np.repeat(np.arange(k), n_groups),
            "domain": np.tile(np.arange(n_groups), k),
            "estimate": share,
            "se": np.sqrt(column["variance"]),
            "low": low,
            "high": high,
            "n": n,
            "count": column["count"],
            "total": column["total"],
            "n_effective": n_effective,
            "deff": deff,
            "df": df,
            "interval": pd.Categorical.from_codes(
                chosen, [intervals.WILSON, intervals.KORN_GRAUBARD]
            ),
        },
        copy=False,
    )


def covariance_of_shares(
    design: Design, numerators: ArrayLike, bases: ArrayLike, members: ArrayLike | None = None
) -> tuple[Array, Array]:
    """Shares of K indicators in one domain, (K,), and their covariance matrix, (K, K).

    Parameters
    ----------
    members : (n,) bool, who belongs to the domain; None for everyone.

    Notes
    -----
    An indicator with nobody in its base has share NaN, and NaN in its row and column.
    """
    inside: Flags = np.asarray(bases, dtype=bool)
    if members is not None:
        inside = inside & np.asarray(members, dtype=bool)[:, None]
    share, influence = share_influence(design, np.asarray(numerators, dtype=bool), inside)
    covariance = design.linearised.covariance(influence)
    empty = np.isnan(share)
    covariance[empty, :] = covariance[:, empty] = np.nan
    return share, covariance


def share_influence(design: Design, numerators: Flags, bases: Flags) -> tuple[Array, Array]:
    """Shares (K,) and influence values (n, K): (y - b p)/Σ w b, 0 where nobody is in the base."""
    w = design.weights
    total = w @ bases
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total > 0, (w @ (numerators & bases)) / total, np.nan)
    influence = bases * ((numerators - np.nan_to_num(share)) / np.where(total > 0, total, np.inf))
    return share, influence


def checked_groups(groups: ArrayLike | None, n_groups: int | None, size: int) -> tuple[Codes, int]:
    """Group codes as integers and their number; None is one group of everyone."""
    if groups is None:
        return np.zeros(size, dtype=np.intp), 1
    codes = np.asarray(groups)
    if codes.dtype.kind not in "iu" or codes.shape != (size,):
        raise ValueError(f"groups must be {size} integers")
    codes = codes.astype(np.intp, copy=False)
    largest = int(codes.max(initial=-1))
    if n_groups is None:
        n_groups = largest + 1
    if largest >= n_groups or int(codes.min(initial=0)) < -1:
        raise ValueError(f"groups must lie in -1 … {n_groups - 1}")
    return codes, n_groups
