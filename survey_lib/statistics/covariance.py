"""The covariance of any set of estimates: domains, indicators, waves with persons in common.

Three roads to one matrix:

- shares of all indicators in all groups at once: :func:`covariance_of_answers`;
- any estimates of one sample, by their influence values: ``Linearised(design).covariance(…)``;
- estimates of two samples that share units (a panel, or the same areas visited twice):
  :func:`stack` makes them one sample, in which a unit that was in both is one primary unit, so that
  the covariance between waves comes of itself.

A contrast of estimates and the joint test of several are then plain algebra: :func:`contrast`, and
:func:`survey_lib.statistics.association.wald`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy  # loads scipy.special at its first use
from numpy.typing import ArrayLike

from survey_lib.statistics.answers import Answers
from survey_lib.statistics.arrays import Array, Codes, Floats
from survey_lib.statistics.design import Calibration, Design
from survey_lib.statistics.estimation import checked_groups
from survey_lib.statistics.intervals import t_quantile
from survey_lib.statistics.shares import share_of
from survey_lib.statistics.sums import Sums


def covariance_of_answers(
    design: Design, answers: Answers, groups: ArrayLike | None = None, n_groups: int | None = None
) -> tuple[Floats, Floats]:
    """Shares of K indicators in G groups and the covariance of all of them.

    Parameters
    ----------
    groups : (n,) 0 … n_groups-1, -1 for none; None for one group of all.

    Returns
    -------
    shares : (K × G,), by indicator, then group: the rows of :func:`.estimation.estimate_answers`.
    covariance : (K × G, K × G); NaN for estimates with nobody in the base.

    Notes
    -----
    With U the unit totals of v u and P those of v x (see :mod:`.shares`), the matrix is
    U'aU - β'P'aU - (β'P'aU)' + β'P'aPβ less the strata's part. U is kept group by group, since u is
    0 outside: U'aU has entries between two groups only where they have units in common.
    """
    codes, n_groups = checked_groups(groups, n_groups, design.size)
    linearised, k = design.linearised, answers.n_indicators
    scale, centring = design.stratum_factors
    fitted = linearised.unit_variables

    size = n_groups * k
    shares = np.empty((n_groups, k))
    covariance, strata = np.zeros((size, size)), np.zeros((design.n_strata, size))
    beta, mixed = np.zeros((2, 0 if fitted is None else len(fitted.squares), size))
    seen: list[tuple[slice, Codes, Floats]] = []
    for group in range(n_groups):
        place = slice(group * k, (group + 1) * k)
        rows = np.flatnonzero((codes == group) & (design.weights > 0))
        numerators, bases = answers.expanded(rows)
        count, n = numerators.sum(axis=0), bases.sum(axis=0)
        top, total = (design.weights[rows] @ flags for flags in (numerators, bases))
        shares[group] = share_of(top, total, count, n)
        centred = numerators - bases * np.nan_to_num(shares[group])
        own = Sums.of(linearised, rows, centred / np.where(n > 0, total, 1.0))
        covariance[place, place] = own.weighted.T @ own.totals
        for other, units, totals in seen:
            _, mine, theirs = np.intersect1d(own.units, units, True, return_indices=True)
            covariance[place, other] = own.weighted[mine].T @ totals[theirs]
            covariance[other, place] = covariance[place, other].T
        if design.clustered:  # else groups have no units in common
            seen.append((place, own.units, own.totals))
        beta[:, place], mixed[:, place], strata[:, place] = own.beta, own.mixed, own.strata
    if fitted is not None:
        cross = beta.T @ mixed
        covariance += beta.T @ fitted.squares @ beta - cross - cross.T
    covariance -= (strata.T * (scale * centring)) @ strata
    by_indicator = np.arange(size).reshape(n_groups, k).T.ravel()
    shares = shares.ravel()[by_indicator]
    covariance = covariance[np.ix_(by_indicator, by_indicator)]
    covariance[np.isnan(shares), :] = covariance[:, np.isnan(shares)] = np.nan
    return shares, covariance


def stack(first: Design, second: Design, *, common: bool) -> Design:
    """Two samples as one, the persons of the second after those of the first.

    Each sample keeps its own calibration; the policies are those of the first. Use groups to say
    which sample an estimate is of.

    Parameters
    ----------
    common : True when the samples share units (a panel, or the same areas visited twice): units
        with the same stratum and unit label are then one primary unit, whose answers of both times
        are summed before squares are taken. For a panel of persons the unit label is the person's.
        False when they were drawn independently: strata and units are kept apart.
    """
    designs = first, second
    sizes = first.size, second.size
    if common and (first.psu is None or second.psu is None):
        raise ValueError("both designs need unit labels, to say which units they have in common")
    if common and (first.strata is None) != (second.strata is None):
        raise ValueError("both designs need strata, or neither")
    if first.fpc is not None or second.fpc is not None:
        raise ValueError("samples with a finite population correction cannot be stacked")
    if common:
        strata = None if first.strata is None else np.concatenate([first.strata, second.strata])
        psu: Array | None = np.concatenate([first.psu, second.psu])
    else:
        strata = np.concatenate([first.stratum, second.stratum + first.n_strata])
        clustered = first.clustered or second.clustered
        psu = np.concatenate([first.unit, second.unit + first.n_units]) if clustered else None
    calibration = None
    if first.calibration is not None or second.calibration is not None:
        parts = [
            design.calibration
            or Calibration(np.zeros(design.size, np.intp), np.zeros((1, 1)), design.weights)
            for design in designs
        ]
        members = [np.arange(sizes[0]), np.arange(sizes[0], sum(sizes))]
        calibration = Calibration.join(parts, members, sum(sizes))
    return Design(
        np.concatenate([first.weights, second.weights]),
        strata,
        psu,
        calibration=calibration,
        residuals=first.residuals,
        leverage_cap=first.leverage_cap,
        lonely_psu=first.lonely_psu,
    )


def contrast(
    estimates: ArrayLike,
    covariance: ArrayLike,
    coefficients: ArrayLike,
    df: float,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Linear combinations of estimates, with Wald intervals and t tests against 0.

    Parameters
    ----------
    estimates, covariance : (E,) and (E, E).
    coefficients : (C, E), or (E,) for one contrast.
    df : degrees of freedom of the design.

    Returns
    -------
    C rows: ``difference``, ``se``, ``low``, ``high``, ``p``, ``df``. For differences of two shares,
    :mod:`.comparison` has better intervals.
    """
    rows = np.atleast_2d(np.asarray(coefficients, dtype=float))
    value = rows @ np.asarray(estimates, dtype=float)
    variance = np.einsum("ce,ef,cf->c", rows, np.asarray(covariance, dtype=float), rows)
    se = np.sqrt(np.maximum(variance, 0))
    half = t_quantile(confidence, df) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * scipy.special.stdtr(df, -np.abs(value / se))
    return pd.DataFrame(
        {"difference": value, "se": se, "low": value - half, "high": value + half, "p": p, "df": df}
    )
