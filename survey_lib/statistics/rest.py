"""Every group against the rest of its kind, at once: districts against the rest of the city.

The numbers are those of :func:`.comparison.compare_groups` called once per group, for about the
price of one call. Let p be the share in all reference groups together. Each indicator has two sums
in a group, E_g = Σ w (y - b p) and B_g = Σ w b, and E and B in all reference groups. With u(·) the
influence values of a sum, the shares p_g of the group and r of its rest have

    group: [u(E_g) + (p - p_g) u(B_g)] / B_g
    rest:  [u(E) - u(E_g) + (p - r) (u(B) - u(B_g))] / (B - B_g).

So the covariances of (E_g, B_g) with itself, of it with (E, B), and of (E, B) with itself, 2 × 2
each, give every variance and covariance (:mod:`.sums`). The group's own variance is the published
one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from survey_lib.statistics.answers import Answers
from survey_lib.statistics.arrays import Array, Codes, Flags, Floats
from survey_lib.statistics.comparison import Side, difference_frame
from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import checked_groups
from survey_lib.statistics.intervals import effective_size
from survey_lib.statistics.shares import share_of, shares_in_groups
from survey_lib.statistics.sums import Sums, sums_by, unit_totals

TABLE_SIZE = 4_000_000
"""Primary units × indicators worked on at a time, so that memory stays small."""


def compare_with_rest(
    design: Design,
    answers: Answers,
    groups: ArrayLike,
    n_groups: int | None = None,
    *,
    reference: ArrayLike | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Differences of shares between each group and the other reference groups together.

    Parameters
    ----------
    groups : (n,) 0 … n_groups-1, -1 for persons in no group, who are in no rest either.
    reference : (G,) bool, the groups that a rest is made of; None for all. A group that isn't one
        of them is compared with all of them.

    Returns
    -------
    K × G rows, ordered by indicator, then group: ``indicator``, ``domain`` and the other columns
    of :func:`.comparison.compare_groups`, the group first and its rest second.
    """
    if len(answers.codes) != design.size:
        raise ValueError(f"answers have {len(answers.codes)} rows, weights {design.size}")
    codes, n_groups = checked_groups(groups, n_groups, design.size)
    member = np.ones(n_groups, bool) if reference is None else np.asarray(reference, dtype=bool)
    if member.shape != (n_groups,):
        raise ValueError(f"reference must be {n_groups} flags")
    k = answers.n_indicators
    blocks = np.array_split(np.arange(k), min(k, 1 + k * design.n_units // TABLE_SIZE))
    frames = [
        _compare(design, answers.indicators(which), codes, member, confidence).assign(
            indicator=np.repeat(which, n_groups)
        )
        for which in blocks
    ]
    return pd.concat(frames, ignore_index=True)


def _compare(
    design: Design, answers: Answers, codes: Codes, member: Flags, confidence: float
) -> pd.DataFrame:
    n_groups, k = len(member), answers.n_indicators
    own = shares_in_groups(design.linearised, answers, codes, n_groups)
    top = np.nan_to_num(own.share) * own.total
    n, count, base, rest_top = (_of_rest(of, member) for of in (own.n, own.count, own.total, top))
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.nan_to_num(top[member].sum(axis=0) / own.total[member].sum(axis=0))
    share = share_of(rest_top, base, count, n)

    squares, units, joint_units, mine, shared, whole = _pass(design, answers, codes, member, centre)
    with np.errstate(invalid="ignore", divide="ignore"):
        of_group = (
            np.stack([np.ones((n_groups, k)), centre - own.share], axis=1) / own.total[:, None]
        )
        of_rest = np.stack([np.ones((n_groups, k)), centre - share], axis=1) / base[:, None]
        inside = member[:, None, None, None]
        rests = whole - inside * (shared + shared.swapaxes(1, 2) - mine)
        variance = np.maximum(np.einsum("gik,gijk,gjk->gk", of_rest, rests, of_rest), 0)
        covariance = np.einsum("gik,gijk,gjk->gk", of_group, shared - inside * mine, of_rest)
        kish = n * _of_rest(squares, member) / np.square(base)
    first = _side(own.share, own.variance, own.n, own.kish, own.df)
    second = _side(share, variance, n, kish, _degrees_of_freedom(units))
    joint = _degrees_of_freedom(joint_units)
    frame = difference_frame(first, second, covariance.T.ravel(), joint.T.ravel(), confidence)
    frame.insert(1, "domain", np.tile(np.arange(n_groups), k))
    return frame


def _pass(
    design: Design, answers: Answers, codes: Codes, member: Flags, centre: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """Each group's sums, and all reference groups' together, laid against each other.

    Returns
    -------
    squares : (G, K) Σ w² over the base.
    units, joint_units : (G, H, K) primary units per stratum with somebody of the base: of the
        group's rest, and of group and rest together.
    mine, shared : (G, 2, 2, K) covariances of the group's (E_g, B_g) with itself and with (E, B).
    whole : (2, 2, K) covariances of (E, B) with itself.
    """
    n_groups, k, weighted = len(member), answers.n_indicators, design.weights > 0
    squares = np.empty((n_groups, k))
    units, joint_units = np.empty((2, n_groups, design.n_strata, k))
    mine, shared = np.empty((2, n_groups, 2, 2, k))

    def sums(rows: Codes) -> tuple[Sums, Array, Array]:
        """Sums (E_g, B_g), persons in the bases per unit, and who is in which base."""
        numerators, bases = answers.expanded(rows)
        values = np.hstack([numerators - centre * bases, bases])
        _, persons = unit_totals(design.unit[rows], bases.astype(np.int64), design.clustered)
        return Sums.of(design.linearised, rows, values), persons, bases

    total, persons, _ = sums(np.flatnonzero((codes >= 0) & member[codes] & weighted))
    at_units = np.zeros((design.n_units, 2 * k))
    at_units[total.units] = total.totals
    present = np.zeros((design.n_units, k), dtype=np.int64)
    present[total.units] = persons
    all_units = sums_by(design.unit_stratum, present > 0, design.n_strata)
    whole = _covariances(design, total, total, total.totals)
    for g in range(n_groups):
        rows = np.flatnonzero((codes == g) & weighted)
        group, persons, bases = sums(rows)
        squares[g] = np.square(design.weights[rows]) @ bases
        mine[g] = _covariances(design, group, group, group.totals)
        shared[g] = _covariances(design, group, total, at_units[group.units])
        here = present[group.units]
        stratum = design.unit_stratum[group.units]
        only_here = (here > 0) & (here == persons) & member[g]
        units[g] = all_units - sums_by(stratum, only_here, design.n_strata)
        joint_units[g] = all_units + sums_by(stratum, (here == 0) & (persons > 0), design.n_strata)
    return squares, units, joint_units, mine, shared, whole


def _covariances(design: Design, first: Sums, second: Sums, at_units: Floats) -> Floats:
    """(2, 2, K) covariances of the two sums of ``first`` and of ``second``, indicator by indicator;
    ``at_units`` are the second's totals of the first's units."""

    k = at_units.shape[1] // 2

    def inner(a: Floats, b: Floats) -> Floats:
        halves = (array.reshape(len(array), 2, k) for array in (a, b))
        return np.asarray(np.einsum("jik,jlk->ilk", *halves))

    scale, centring = design.stratum_factors
    found = inner(first.weighted, at_units)
    found -= inner(first.strata * (scale * centring)[:, None], second.strata)
    if fitted := design.linearised.unit_variables:
        found -= inner(first.beta, second.mixed) + inner(first.mixed, second.beta)
        found += inner(first.beta, fitted.squares @ second.beta)
    return found


def _side(share: Floats, variance: Floats, n: Array, kish: Floats, df: Array) -> Side:
    """Arrays (G, K) as one side of K × G comparisons, by indicator, then group."""
    size = effective_size(share, variance, n, kish)
    return Side(share.T.ravel(), variance.T.ravel(), size.T.ravel(), n.T.ravel(), df.T.ravel())


def _of_rest(values: Array, member: Flags) -> Array:
    """(G, K) sums over the reference groups other than each, from those of each group (G, K)."""
    inside = np.where(member[:, None], values, 0)
    return np.asarray(inside.sum(axis=0) - inside)


def _degrees_of_freedom(units: Floats) -> Array:
    """(G, K) units less strata, at least 1, from units per stratum (G, H, K)."""
    df = units.sum(axis=1) - (units > 0).sum(axis=1)
    return np.asarray(np.maximum(df, 1), dtype=np.int64)
