"""Coded answers, the indicators read from them, and their sums over cells in one pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_lib.statistics.arrays import Array, Codes, Floats
from survey_lib.statistics.codes import cross, sum_sorted

SEVERAL = 8
"""Persons per pattern of cell and weight from which counting by pattern pays."""

SAMPLE = 4096
"""Persons looked at first, to see whether weights are few."""


@dataclass(frozen=True, eq=False)
class Answers:
    """Coded answers to J questions and the K indicators read from them.

    Attributes
    ----------
    codes : (n, J) integers in 0 … C-1; a negative code is outside every base. Column-major
        (``order="F"``) is fastest.
    question : (K,) the column that each indicator reads.
    numerator, base : (K, C) which codes count in the numerator, and in the base. The numerator
        lies within the base.
    """

    codes: Array
    question: Array
    numerator: Array
    base: Array

    def __post_init__(self) -> None:
        for name, kind in (("question", np.intp), ("numerator", bool), ("base", bool)):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=kind))
        if self.codes.ndim != 2 or self.codes.dtype.kind not in "iu":
            raise ValueError("codes must be integers in two dimensions, persons × questions")
        if self.numerator.shape != self.base.shape or len(self.question) != len(self.base):
            raise ValueError("question, numerator and base must have one row per indicator")
        beyond = (self.numerator & ~self.base).any(axis=1)
        if beyond.any():
            raise ValueError(f"indicator {int(np.argmax(beyond))} counts a code outside its base")
        if self.codes.size and int(self.codes.max()) >= self.n_codes:
            raise ValueError(f"codes go to {int(self.codes.max())}, tables to {self.n_codes - 1}")

    @property
    def n_codes(self) -> int:
        """C, one more than the largest code."""
        return int(self.base.shape[1])

    @property
    def n_indicators(self) -> int:
        """K, the number of indicators."""
        return len(self.question)

    def indicators(self, which: Codes) -> Answers:
        """The same answers with some of the indicators."""
        return Answers(self.codes, self.question[which], self.numerator[which], self.base[which])

    def expanded(self, rows: Codes | slice = slice(None)) -> tuple[Array, Array]:
        """(n, K) bool numerators and (n, K) bool bases of some persons, written out."""
        codes = self.codes[rows][:, self.question].astype(np.intp)
        np.copyto(codes, self.n_codes, where=codes < 0)
        table = np.zeros((self.n_indicators, self.n_codes + 1), dtype=np.int8)
        table[:, :-1] = self.base.astype(np.int8) + self.numerator
        codes += np.arange(self.n_indicators) * (self.n_codes + 1)
        found = table.ravel()[codes]
        return found == 2, found > 0

    @staticmethod
    def from_indicators(numerators: Array, bases: Array) -> Answers:
        """Each indicator as a question of its own: 0 outside, 1 in the base, 2 in the numerator.

        Parameters
        ----------
        numerators, bases : (n, K) bool. Persons in the numerator but not in the base are outside.
        """
        numerators, bases = np.asarray(numerators, dtype=bool), np.asarray(bases, dtype=bool)
        if numerators.ndim != 2 or numerators.shape != bases.shape:
            raise ValueError("numerators and bases must have the same shape, persons × indicators")
        codes = np.asfortranarray(bases.astype(np.int8) + (bases & numerators))
        k = bases.shape[1]
        return Answers(
            codes,
            np.arange(k),
            np.tile([False, False, True], (k, 1)),
            np.tile([False, True, True], (k, 1)),
        )


class Division:
    """The persons divided into the cells of some classifications, with sums over cell and answer.

    Attributes
    ----------
    cell : (persons,) cell of each person.
    levels : for each classification, the (cells,) level of each cell. Cells that hold nobody do
        not exist; they are sorted by the first classification, then by the next.
    """

    def __init__(self, answers: Answers, rows: Codes | None, *classifications: tuple[Codes, int]):
        """``classifications`` are (codes of all persons, levels); ``rows`` None takes everyone."""
        self.answers, self.rows = answers, rows
        self.cell, self.levels = cross(
            *((self.pick(codes), size) for codes, size in classifications)
        )
        self.n_cells = len(self.levels[0])
        self._made: _Tables | None = None

    def pick(self, values: Array) -> Array:
        return values if self.rows is None else values[self.rows]

    def sums(
        self, indicators: Codes, weights: dict[str, Floats | None]
    ) -> dict[str, tuple[Floats, Floats]]:
        """Sums over numerators (cells, K) and over bases (cells, K) of each named weight.

        None as a weight counts persons. One array under two names is summed once.
        """
        distinct = {id(weight): weight for weight in weights.values()}
        tables = self._tables(distinct)
        shape = self.n_cells, len(indicators)
        found = {key: (np.empty(shape), np.empty(shape)) for key in distinct}
        asked = self.answers.question[indicators]
        for question in np.unique(asked):
            columns = np.flatnonzero(asked == question)
            top = self.answers.numerator[indicators[columns]].T.astype(float)
            bottom = self.answers.base[indicators[columns]].T.astype(float)
            for key, table in tables.of_question(question).items():
                found[key][0][:, columns] = table @ top
                found[key][1][:, columns] = table @ bottom
        return {name: found[id(weight)] for name, weight in weights.items()}

    def _tables(self, weights: dict[int, Floats | None]) -> _Tables:
        if self._made is None or self._made.weights.keys() != weights.keys():
            self._made = _Tables(self, weights)
        return self._made


class _Tables:
    """Sums of several weights per cell and answer, one question at a time.

    Where persons of a cell have few distinct weights (design weights by stratum and household, and
    what raking makes of them), they are counted per cell × weight, which takes one pass over the
    persons for all sums; else each weight takes a pass.
    """

    def __init__(self, division: Division, weights: dict[int, Floats | None]):
        self.division, self.weights = division, weights
        self.width = division.answers.n_codes + 1  # the last takes what is outside every base
        self.picked = {
            key: None if weight is None else division.pick(weight)
            for key, weight in weights.items()
        }
        self.pattern = self._patterns()
        self.offset = (division.cell if self.pattern is None else self.pattern[0]) * self.width

    def of_question(self, question: int) -> dict[int, Floats]:
        """For each weight the (cells, C) sums per cell and code."""
        index = self._index(question)
        size = self.division.n_cells
        if self.pattern is None:
            return {
                key: _counted(index, weight, size * self.width).reshape(size, self.width)[:, :-1]
                for key, weight in self.picked.items()
            }
        _, cell, values = self.pattern
        counts = _counted(index, None, len(cell) * self.width)
        counted = counts.reshape(len(cell), self.width)[:, :-1]
        return {
            key: sum_sorted(counted if value is None else counted * value, cell, size)
            for key, value in values.items()
        }

    def _patterns(self) -> tuple[Codes, Codes, dict[int, Floats | None]] | None:
        """Pattern of each person, cell of each pattern, and each weight's (patterns, 1) values."""
        cell, size = self.division.cell, self.division.n_cells
        given = [weight for weight in self.picked.values() if weight is not None]
        if len(cell) < SEVERAL * size or not given:
            return None
        if len(np.unique(given[-1][:SAMPLE])) > SAMPLE // SEVERAL:
            return None
        levels, distinct = pd.factorize(given[-1])
        if len(distinct) > len(cell) // SEVERAL:
            return None
        pattern, (owner, _) = cross((cell, size), (levels, len(distinct)))
        if len(owner) > len(cell) // SEVERAL:
            return None
        first = np.empty(len(owner), dtype=np.intp)
        first[pattern] = np.arange(len(pattern))  # any person of each pattern
        values: dict[int, Floats | None] = {}
        for key, weight in self.picked.items():
            values[key] = None if weight is None else weight[first][:, None]
            if weight is not None and not np.array_equal(weight[first][pattern], weight):
                return None
        return pattern, owner, values

    def _index(self, question: int) -> Codes:
        codes = self.division.pick(self.division.answers.codes[:, question])
        if codes.dtype.kind == "i" and codes.size and codes.min() < 0:
            codes = np.where(codes < 0, self.width - 1, codes)
        return self.offset + codes


def _counted(index: Codes, weight: Floats | None, size: int) -> Floats:
    return np.bincount(index, weight, minlength=size).astype(np.float64, copy=False)
