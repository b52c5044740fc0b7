"""Shares of a sample that no machine holds whole: sums of its parts, added up.

A part is an area, say, that was sampled and calibrated on its own: its strata and its calibration
variables have nothing to do with those of other parts (:func:`divide` refuses others). Then a
share p = Y/B, Y = Σ w y and B = Σ w b over persons of many parts, has the variance

    V = [C(Y, Y) - 2 p C(Y, B) + p² C(B, B)] / B²,

C the covariances of the two totals, calibration residuals in their place as everywhere
(:mod:`.variance`), and each of C, Y and B is a sum over the parts. So a part gives a few sums per
group and indicator and none of its persons (:func:`sums_of_part`), sums are added in any order, and
shares, covariances and differences come out as if the persons had been together: to rounding, those
of :mod:`.estimation`, :mod:`.covariance` and :mod:`.rest`, which a property test holds.

Sums are as confidential as a table of counts: they are for the machines before the door.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from survey_lib.statistics.answers import Answers
from survey_lib.statistics.arrays import Array, Codes, Floats
from survey_lib.statistics.codes import cross, squeeze
from survey_lib.statistics.comparison import Side, difference_frame
from survey_lib.statistics.design import Calibration, Design
from survey_lib.statistics.intervals import effective_size
from survey_lib.statistics.shares import EXPLAINED, Shares, share_of
from survey_lib.statistics.sums import Sums, sums_by, unit_totals

TABLES = "count", "n", "top", "total", "squares", "units", "strata"


@dataclass(frozen=True, eq=False)
class PartSums:
    """What one part says of K indicators in G groups; the sum of two is what both say together.

    Attributes
    ----------
    count, n : (G, K) persons in the numerator and in the base, unweighted.
    top, total : (G, K) Σ w y and Σ w b.
    squares : (G, K) Σ w² over the base.
    units, strata : (G, K) primary units and strata with somebody of the base.
    spread : (G, 2, 2, K) Σ a U U' of the two totals, neither calibrated nor centred.
    covariance : (G, 2 K, 2 K) of the totals of all numerators, then of all bases.
    shared : (G, G) bool, pairs of groups that have persons in one part.
    """

    count: Floats
    n: Floats
    top: Floats
    total: Floats
    squares: Floats
    units: Floats
    strata: Floats
    spread: Floats
    covariance: Floats
    shared: Array

    def __add__(self, other: PartSums) -> PartSums:
        return PartSums(
            *(getattr(self, field.name) + getattr(other, field.name) for field in fields(self))
        )

    @property
    def shares(self) -> Shares:
        """For :func:`.estimation.share_frame`."""
        share = share_of(self.top, self.total, self.count, self.n)
        kish = np.where((share == 0) | (share == 1), self._kish(), np.nan)
        df = np.maximum(self.units - self.strata, 1).astype(np.int64)
        n, count = self.n.astype(np.int64), self.count.astype(np.int64)
        return Shares(share, self._variance(share), n, count, self.total, kish, df)

    def covariance_of_shares(self, group: int) -> Floats:
        """(K, K) covariance of the shares in one group; NaN for those with nobody in the base."""
        share = share_of(self.top, self.total, self.count, self.n)[group]
        known = self.n[group] > 0
        scale = 1 / np.where(known, self.total[group], 1.0)
        of_totals = np.hstack([np.diag(scale), -np.diag(np.nan_to_num(share) * scale)])
        found = np.asarray(of_totals @ self.covariance[group] @ of_totals.T)
        found[~known, :] = found[:, ~known] = np.nan
        return found

    def compare_with_rest(self, *, confidence: float = 0.95) -> pd.DataFrame:
        """Each group against all others, as :func:`.rest.compare_with_rest`.

        Raises
        ------
        ValueError : two groups have persons in one part, so they may covary.
        """
        n_groups, k = self.n.shape
        if (self.shared & ~np.eye(n_groups, dtype=bool)).any():
            raise ValueError("groups that have persons in one part can't be compared by its sums")
        rests = _rests(self)
        sides = []
        for sums in (self, rests):
            share = share_of(sums.top, sums.total, sums.count, sums.n)
            variance, df = sums._variance(share), np.maximum(sums.units - sums.strata, 1)
            size = effective_size(share, variance, sums.n, sums._kish())
            sides.append(Side(*(one.T.ravel() for one in (share, variance, size, sums.n, df))))
        everyone = (self.units - self.strata).sum(axis=0)
        df = np.repeat(np.maximum(everyone, 1).astype(np.int64), n_groups)
        frame = difference_frame(sides[0], sides[1], np.zeros(n_groups * k), df, confidence)
        frame["indicator"] = np.repeat(np.arange(k), n_groups)
        frame.insert(1, "domain", np.tile(np.arange(n_groups), k))
        return frame

    def _variance(self, share: Floats) -> Floats:
        p = np.nan_to_num(share)
        of_totals = np.stack([np.ones_like(p), -p], axis=1)
        n_groups, k = p.shape
        pairs = self.covariance.reshape(n_groups, 2, k, 2, k)
        pairs = np.einsum("gikjk->gijk", pairs)
        variance, smallest = (
            np.einsum("gik,gijk,gjk->gk", of_totals, of, of_totals) for of in (pairs, self.spread)
        )
        variance[variance <= EXPLAINED * smallest] = 0.0
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.n > 0, variance / np.square(self.total), np.nan)

    def _kish(self) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.n * self.squares / np.square(self.total))


def sums_of_part(design: Design, answers: Answers, groups: Codes, n_groups: int) -> PartSums:
    """What one part gives to the whole.

    Parameters
    ----------
    design : of the part alone, with its own strata and calibration.
    groups : (n,) 0 … n_groups-1, or -1 for none; numbered alike in all parts. Groups may lie in
        many parts: a sex, the whole, an area that is several parts.

    Raises
    ------
    ValueError : the policy for lonely units is "average", which looks at all strata of the whole.
    """
    if design.lonely_psu == "average":
        raise ValueError("lonely_psu='average' needs the strata of all parts at once")
    k, linearised = answers.n_indicators, design.linearised
    scale, centring = design.stratum_factors
    table = {name: np.zeros((n_groups, k)) for name in TABLES}
    spread = np.zeros((n_groups, 2, 2, k))
    covariance = np.zeros((n_groups, 2 * k, 2 * k))
    for group in range(n_groups):
        rows = np.flatnonzero((groups == group) & (design.weights > 0))
        numerators, bases = answers.expanded(rows)
        w = design.weights[rows]
        table["count"][group], table["n"][group] = numerators.sum(axis=0), bases.sum(axis=0)
        table["top"][group], table["total"][group] = w @ numerators, w @ bases
        table["squares"][group] = np.square(w) @ bases
        _, persons = unit_totals(design.unit[rows], bases.astype(np.int64), design.clustered)
        own = Sums.of(linearised, rows, np.hstack([numerators, bases]).astype(float))
        present = sums_by(design.unit_stratum[own.units], persons > 0, design.n_strata)
        table["units"][group] = present.sum(axis=0)
        table["strata"][group] = (present > 0).sum(axis=0)
        halves = (array.reshape(len(array), 2, k) for array in (own.weighted, own.totals))
        spread[group] = np.einsum("jik,jlk->ilk", *halves)
        found = own.weighted.T @ own.totals - (own.strata.T * (scale * centring)) @ own.strata
        if fitted := linearised.unit_variables:
            mixed = own.beta.T @ own.mixed
            found += own.beta.T @ fitted.squares @ own.beta - mixed - mixed.T
        covariance[group] = found
    there = np.bincount(groups[(groups >= 0) & (design.weights > 0)], minlength=n_groups) > 0
    return PartSums(**table, spread=spread, covariance=covariance, shared=np.outer(there, there))


def divide(design: Design, parts: Codes, n_parts: int) -> Iterator[tuple[Codes, Design]]:
    """The rows and the design of each part of a sample.

    Parameters
    ----------
    parts : (n,) 0 … n_parts-1, the part of each person.

    Raises
    ------
    ValueError : a stratum, or a variable that the weights were calibrated on, has persons of two
        parts; then sums of the parts don't say what the whole says.
    """
    if len(cross((parts, n_parts), (design.stratum, design.n_strata))[1][0]) > design.n_strata:
        raise ValueError("a stratum has persons of two parts")
    calibration, used = design.calibration, 0
    for part in range(n_parts):
        rows = np.flatnonzero(parts == part)
        own = None
        if calibration is not None:
            cell, cells = squeeze(calibration.cell[rows], len(calibration.variables))
            columns = np.flatnonzero(calibration.variables[cells].any(axis=0))
            used += len(columns)
            variables = calibration.variables[np.ix_(cells, columns)]
            own = Calibration(cell, variables, calibration.start[rows])
        yield rows, _chosen(design, rows, own)
    if calibration is not None:
        occurring = np.unique(calibration.cell)
        if used > np.count_nonzero(calibration.variables[occurring].any(axis=0)):
            raise ValueError("the weights were calibrated on a variable of two parts")


def _chosen(design: Design, rows: Codes, calibration: Calibration | None) -> Design:
    given = {name: getattr(design, name) for name in ("strata", "psu", "fpc")}
    chosen = {name: None if values is None else values[rows] for name, values in given.items()}
    return Design(
        design.weights[rows],
        calibration=calibration,
        residuals=design.residuals,
        leverage_cap=design.leverage_cap,
        lonely_psu=design.lonely_psu,
        **chosen,
    )


def _rests(sums: PartSums) -> PartSums:
    """All other groups together, for each group."""
    made = {
        field.name: values if field.name == "shared" else values.sum(axis=0) - values
        for field in fields(sums)
        for values in [getattr(sums, field.name)]
    }
    return PartSums(**made)
