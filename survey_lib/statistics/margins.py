"""Margins: known totals of the population, and the cross of several of them.

Persons with the same levels in all margins are alike to every calibration to margins, so sums over
the cells of the cross are all that raking, its diagnostics and its variance need of the persons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from survey_lib.statistics.arrays import Array, Codes, Floats
from survey_lib.statistics.codes import cross
from survey_lib.statistics.errors import ContradictoryMargins, EmptyCell


@dataclass(frozen=True, eq=False)
class Margin:
    """The known totals of one classification of the population.

    Attributes
    ----------
    codes : (n,) level of each person, 0 … L-1; -1 for a person in no level of this margin, whose
        weight the margin leaves alone; L + m for a person in mixture m.
    targets : (L,) population totals, not negative. A target of 0 gives its level the weight 0.
    name : of the margin, for messages.
    level_names : (L,) names of the levels, for messages; None takes the numbers.
    mixtures : (M, L) rows of fractions that sum to 1: persons counted partly in several levels. A
        person of known age and unknown sex in a margin of age × sex belongs half to each sex of
        that age; the age's total then holds exactly and the sexes share the rest by their targets.
    """

    codes: Array
    targets: Array
    name: str = "margin"
    level_names: Sequence[str] | None = None
    mixtures: Array | None = None

    def __post_init__(self) -> None:
        codes = np.asarray(self.codes)
        targets = np.asarray(self.targets, dtype=float)
        mixtures = (
            np.zeros((0, len(targets)))
            if self.mixtures is None
            else np.asarray(self.mixtures, dtype=float)
        )
        if codes.dtype.kind not in "iu":
            raise ValueError(f"{self.name}: codes must be integers")
        if mixtures.ndim != 2 or mixtures.shape[1] != len(targets):
            raise ValueError(f"{self.name}: mixtures must have {len(targets)} columns")
        if (np.abs(mixtures.sum(axis=1) - 1) > 1e-9).any() or (mixtures < 0).any():
            raise ValueError(f"{self.name}: each mixture must be fractions that sum to 1")
        if codes.size and not -1 <= codes.min() <= codes.max() < len(targets) + len(mixtures):
            raise ValueError(f"{self.name}: codes must lie in -1 … {len(targets) - 1}")
        if not (np.isfinite(targets).all() and (targets >= 0).all()):
            raise ValueError(f"{self.name}: targets must be finite and not negative")
        if self.level_names is not None and len(self.level_names) != len(targets):
            raise ValueError(f"{self.name}: {len(self.level_names)} names, {len(targets)} targets")
        for name, value in (("codes", codes), ("targets", targets), ("mixtures", mixtures)):
            object.__setattr__(self, name, value)

    def level_name(self, level: int) -> str:
        return str(level) if self.level_names is None else str(self.level_names[level])

    @cached_property
    def covers_everyone(self) -> bool:
        """Whether no person is outside all levels."""
        return bool(self.codes.size == 0 or self.codes.min() >= 0)

    def membership(self) -> Floats:
        """(L + M + 1, L) part of each level that a code means; the last row is code -1."""
        levels = len(self.targets)
        mixtures = np.asarray(self.mixtures)
        return np.vstack([np.eye(levels), mixtures, np.zeros(levels)])


@dataclass(eq=False)
class Cross:
    """The cells of the cross of the margins, and sums over them.

    Attributes
    ----------
    cell : (n,) cell of each person.
    codes : for each margin the (cells,) row of its membership that a cell has.
    membership : for each margin the (L + M + 1, L) part of each level that a code means.
    """

    margins: Sequence[Margin]
    cell: Codes = field(init=False)
    codes: tuple[Codes, ...] = field(init=False)
    membership: list[Floats] = field(init=False)

    def __post_init__(self) -> None:
        self.membership = [margin.membership() for margin in self.margins]
        self.cell, self.codes = cross(
            *(
                (_rows(margin, len(rows)), len(rows))
                for margin, rows in zip(self.margins, self.membership, strict=True)
            )
        )

    @property
    def size(self) -> int:
        return len(self.codes[0])

    def variables(self) -> Floats:
        """(cells, q) the levels of all margins side by side."""
        return np.hstack(
            [rows[codes] for rows, codes in zip(self.membership, self.codes, strict=True)]
        )

    def totals(self, weights: Floats) -> Floats:
        """(cells,) sums of weights (n,)."""
        sums = np.bincount(self.cell, weights, minlength=self.size)
        return sums.astype(np.float64, copy=False)

    def achieved(self, m: int, cell_totals: Floats) -> Floats:
        """(L,) weighted total of each level of margin m."""
        rows = self.membership[m]
        by_code = np.bincount(self.codes[m], cell_totals, minlength=len(rows))
        levels = rows.shape[1]
        return np.asarray(by_code[:levels] + by_code[levels:] @ rows[levels:])

    def errors(self, m: int, cell_totals: Floats) -> Floats:
        """(L,) relative error of each level of margin m; absolute where the target is 0."""
        targets = self.margins[m].targets
        off = self.achieved(m, cell_totals) - targets
        return np.abs(off) / np.where(targets > 0, targets, 1.0)

    def factors(self, m: int, cell_totals: Floats) -> Floats:
        """(cells,) by which one step of raking multiplies, for margin m."""
        achieved, targets = self.achieved(m, cell_totals), self.margins[m].targets
        by_level = np.divide(targets, achieved, out=np.ones_like(targets), where=achieved > 0)
        rows = self.membership[m]
        mixed = rows[len(targets) : -1]
        # a mixture's factor is the product of its levels' factors to the power of its fractions
        with np.errstate(divide="ignore", invalid="ignore"):
            powers = np.where(mixed > 0, mixed * np.log(by_level), 0.0)
        by_code = np.concatenate([by_level, np.exp(powers.sum(axis=1)), [1.0]])
        return by_code[self.codes[m]]


def as_margins(margins: Sequence[Margin | tuple[Any, ...]]) -> list[Margin]:
    return [margin if isinstance(margin, Margin) else Margin(*margin) for margin in margins]


def check_targets(crossed: Cross, totals: Floats, tolerance: float) -> None:
    """Targets that can be met at all: nobody missing, sums that agree."""
    sums = []
    for m, margin in enumerate(crossed.margins):
        empty = (crossed.achieved(m, totals) <= 0) & (margin.targets > 0)
        if empty.any():
            level = int(empty.argmax())
            raise EmptyCell(
                f"margin {margin.name}: {int(empty.sum())} levels have a target but nobody in the "
                f"sample, the first {margin.level_name(level)} ({margin.targets[level]:g}); join "
                f"it with a neighbour"
            )
        if margin.covers_everyone:
            sums.append((float(margin.targets.sum()), margin.name))
    (lowest, first), (highest, second) = min(sums, default=(0.0, "")), max(sums, default=(0.0, ""))
    if highest - lowest > max(tolerance, 1e-12) * highest:
        raise ContradictoryMargins(
            f"margin {first} sums to {lowest:.10g}, margin {second} to {highest:.10g}; rescale one"
        )


def _rows(margin: Margin, size: int) -> Codes:
    """Rows of the membership matrix: the codes, the last row for those of no level."""
    codes = margin.codes.astype(np.intp, copy=False)
    return codes if margin.covers_everyone else np.where(codes < 0, size - 1, codes)
