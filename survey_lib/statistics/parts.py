"""Each part of a whole against all others in it: the women of a district against everyone else.

The numbers are those of :func:`.comparison.compare_groups` called once per part, for the price of
one pass over the persons. A part's share p and its complement's share r have influence values u
that are 0 outside the part and outside the complement; their covariance (:mod:`.shares`) is

    Σ a v² u_p u_r - β_p'Σ a v² x u_r - β_r'Σ a v² x u_p + β_p'(Σ a P P')β_r - Σ_h a_h c_h S_p S_r,

where the first sum is 0, since nobody is in both. Where persons were drawn one by one, all of it
comes from sums per cell of whole × calibration cross × stratum × part, and the complement's sums
are the whole's less the part's. Where they were drawn in primary units, :mod:`.rest` does it, whole
by whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from survey_lib.statistics.answers import Answers, Division
from survey_lib.statistics.arrays import Array, Codes, Floats
from survey_lib.statistics.comparison import Side, difference_frame
from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import checked_groups
from survey_lib.statistics.intervals import effective_size
from survey_lib.statistics.rest import compare_with_rest
from survey_lib.statistics.shares import EXPLAINED, share_of
from survey_lib.statistics.variance import Linearised

TABLE_SIZE = 2_000_000
"""Cells × indicators worked on at a time, so that memory stays small."""


def compare_parts(
    design: Design,
    answers: Answers,
    wholes: ArrayLike,
    n_wholes: int,
    parts: ArrayLike,
    n_parts: int,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Differences of shares between each part and everyone else in the same whole.

    Parameters
    ----------
    wholes : (n,) 0 … n_wholes-1, -1 for persons in none.
    parts : (n,) 0 … n_parts-1; -1 for persons in no part, who are in every complement.

    Returns
    -------
    K × G × C rows, ordered by whole, indicator and part: ``whole``, ``indicator``, ``part`` and the
    other columns of :func:`.comparison.compare_groups`, the part first and its complement second.
    """
    if len(answers.codes) != design.size:
        raise ValueError(f"answers have {len(answers.codes)} rows, weights {design.size}")
    whole, _ = checked_groups(wholes, n_wholes, design.size)
    part, _ = checked_groups(parts, n_parts, design.size)
    part = np.where(part < 0, n_parts, part)  # a part of its own, never compared
    frames = []
    if design.clustered:
        for g in range(n_wholes):
            inside = np.where(whole == g, part, -1)
            frame = compare_with_rest(design, answers, inside, n_parts + 1, confidence=confidence)
            frame = frame[frame["domain"] < n_parts].rename(columns={"domain": "part"})
            frames.append(frame.assign(whole=g))
        return pd.concat(frames, ignore_index=True)
    rows = np.flatnonzero((whole >= 0) & (design.weights > 0))
    cells = _Cells(design.linearised, answers, rows, (whole, n_wholes), (part, n_parts + 1))
    k = answers.n_indicators
    for which in np.array_split(np.arange(k), min(k, 1 + k * cells.size // TABLE_SIZE)):
        for g, sums in enumerate(cells.sums(which)):
            first, second, covariance, df = _sides(design.linearised, sums)
            frame = difference_frame(first, second, covariance.ravel(), df.ravel(), confidence)
            frame["indicator"] = np.repeat(which, n_parts)
            frames.append(frame.assign(whole=g, part=np.tile(np.arange(n_parts), len(which))))
    found = pd.concat(frames, ignore_index=True)
    return found.sort_values(["whole", "indicator", "part"], ignore_index=True)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums over the persons of one whole, by M cells of calibration cross × stratum.

    ``numerator`` and ``base`` map a weight's name to (M, K, C) sums, C counting those in no part
    last; ``cross`` and ``stratum`` say which each cell is.
    """

    cross: Codes
    stratum: Codes
    numerator: dict[str, Floats]
    base: dict[str, Floats]

    def sides(self) -> tuple[_Sums, _Sums]:
        """The parts, and their complements."""

        def others(sums: Floats) -> Floats:
            every: Floats = sums.sum(axis=-1, keepdims=True)
            return every - sums[..., :-1]

        both = self.numerator, self.base
        of_parts = ({name: sums[..., :-1] for name, sums in one.items()} for one in both)
        of_others = ({name: others(sums) for name, sums in one.items()} for one in both)
        return (
            _Sums(self.cross, self.stratum, *of_parts),
            _Sums(self.cross, self.stratum, *of_others),
        )


class _Cells:
    """The persons divided, once for all indicators."""

    def __init__(
        self,
        linearised: Linearised,
        answers: Answers,
        rows: Codes,
        wholes: tuple[Codes, int],
        parts: tuple[Codes, int],
    ):
        design, projection = linearised.design, linearised.projection
        cross = np.zeros(design.size, dtype=np.intp) if projection is None else projection.cell
        crosses = 1 if projection is None else len(projection.variables)
        self.division = Division(
            answers, rows, wholes, (cross, crosses), (design.stratum, design.n_strata), parts
        )
        self.n_wholes, self.n_parts = wholes[1], parts[1]
        w = design.weights
        v = w if projection is None else projection.multiplier
        self.weights: dict[str, Floats | None] = {"n": None, "w": w, "w²": w**2}
        self.weights |= {"v": v, "v²": v**2}
        if projection is not None:
            self.weights["d"] = projection.start
        self.size = self.division.n_cells

    def sums(self, which: Codes) -> list[_Sums]:
        """Of some indicators, whole by whole."""
        sums = self.division.sums(which, self.weights)
        whole, cross, stratum, part = self.division.levels
        found = []
        for g in range(self.n_wholes):
            here = np.flatnonzero(whole == g)
            new = np.diff(cross[here], prepend=-1) | np.diff(stratum[here], prepend=-1)
            place = np.cumsum(new != 0) - 1
            first = here[new != 0]
            both: tuple[dict[str, Floats], dict[str, Floats]] = ({}, {})
            for name, pair in sums.items():
                for made, values in zip(both, pair, strict=True):
                    made[name] = np.zeros((len(first), len(which), self.n_parts))
                    made[name][place, :, part[here]] = values[here]
            found.append(_Sums(cross[first], stratum[first], *both))
        return found


def _sides(linearised: Linearised, sums: _Sums) -> tuple[Side, Side, Floats, Array]:
    """Both sides of K × C comparisons, the covariance of their shares and its degrees of freedom,
    (K, C)."""
    parts, others = sums.sides()
    first, second = (_Side(linearised, side) for side in (parts, others))
    everyone = sums.base["n"].sum(axis=-1, keepdims=True)
    joint = _degrees_of_freedom(everyone, sums.stratum, linearised.design.n_strata)
    covariance = first.covariance(second)
    return (
        first.made(),
        second.made(),
        covariance,
        np.broadcast_to(joint, covariance.shape),
    )


class _Side:
    """Shares (K, C) of one side and the pieces of their variance and covariance."""

    def __init__(self, linearised: Linearised, sums: _Sums):
        design, projection = linearised.design, linearised.projection
        self.design = design
        self.n, count = (d["n"].sum(axis=0) for d in (sums.base, sums.numerator))
        top, total = (d["w"].sum(axis=0) for d in (sums.numerator, sums.base))
        self.share = share_of(top, total, count, self.n)
        self.p = np.nan_to_num(self.share)
        self.total = np.where(self.n > 0, total, np.inf)
        with np.errstate(invalid="ignore", divide="ignore"):
            self.kish = self.n * sums.base["w²"].sum(axis=0) / np.square(total)
        self.df = _degrees_of_freedom(sums.base["n"], sums.stratum, design.n_strata)
        scale, self.centring = design.stratum_factors[0], np.prod(design.stratum_factors, axis=0)
        a = scale[sums.stratum][:, None, None]
        top2, base2 = sums.numerator["v²"], sums.base["v²"]
        inside = top2 * np.square(1 - self.p) + (base2 - top2) * np.square(self.p)
        self.squares = (a * inside).sum(axis=0) / np.square(self.total)
        self.strata = np.zeros((design.n_strata, *self.p.shape))
        np.add.at(self.strata, sums.stratum, self._influence(sums, "v"))
        self.fitted = linearised.unit_variables
        if projection is not None and self.fitted is not None:
            x = projection.variables[sums.cross]
            columns = np.flatnonzero(x.any(axis=0))
            started = _product(x[:, columns].T, self._influence(sums, "d"))
            self.beta = _product(projection.inverse[:, columns], started)
            self.mixed = np.zeros_like(self.beta)
            self.mixed[columns] = _product(x[:, columns].T, a * self._influence(sums, "v²"))
            self.strata -= _product(self.fitted.by_stratum, self.beta)

    def _influence(self, sums: _Sums, weight: str) -> Floats:
        """Sums of u = (y - b p)/W per cell, (M, K, C)."""
        return (sums.numerator[weight] - self.p * sums.base[weight]) / self.total

    def covariance(self, other: _Side, squares: Floats | float = 0.0) -> Floats:
        """(K, C) covariances of the shares of two sides; ``squares`` is their Σ a v² u u."""
        found = squares - np.einsum("h,hkc,hkc->kc", self.centring, self.strata, other.strata)
        if self.fitted is not None:
            found -= (self.beta * other.mixed + other.beta * self.mixed).sum(axis=0)
            found += (self.beta * _product(self.fitted.squares, other.beta)).sum(axis=0)
        return np.asarray(found)

    def made(self) -> Side:
        variance = self.covariance(self, self.squares)
        variance[variance <= EXPLAINED * self.squares] = 0.0
        variance[self.n == 0] = np.nan
        size = effective_size(self.share, variance, self.n, self.kish)
        return Side(*(one.ravel() for one in (self.share, variance, size, self.n, self.df)))


def _product(matrix: Floats, values: Floats) -> Floats:
    """Of a matrix (r, m) and values (m, K, C), (r, K, C)."""
    flat = np.ascontiguousarray(values).reshape(len(values), prod(values.shape[1:]))
    return np.asarray(matrix @ flat).reshape(len(matrix), *values.shape[1:])


def _degrees_of_freedom(n: Floats, stratum: Codes, n_strata: int) -> Array:
    """(K, C) persons less strata, at least 1, from persons per cell (M, K, C)."""
    by_stratum = np.zeros((n_strata, *n.shape[1:]))
    np.add.at(by_stratum, stratum, n)
    df = by_stratum.sum(axis=0) - (by_stratum > 0).sum(axis=0)
    return np.asarray(np.maximum(df, 1), dtype=np.int64)
