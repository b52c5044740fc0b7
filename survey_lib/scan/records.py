"""Tables and lists with a row per respondent.

Published tables have measured numbers in their cells and words of the report at their heads. A
table of respondents has the survey's own variables for columns, or rows of nothing but answers:
codes, or labels of answers. No single row is told from a published one with certainty, so it takes
several. A printed text is rows too: its lines, and the lists in it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from survey_lib.fingerprints import BREAK
from survey_lib.vocabulary import Parameters

ROWS, CELLS, PART = 5, 5, 0.6  # rows of answers, answers in a row, and their part of its cells
VARIABLES, NEAR = 3, 60  # variables with their answer within so many words
CODES = frozenset(map(str, [*range(11), 96, 97, 98, 99]))
_END = re.compile(rf"[\n{BREAK}]|[\])}}]\s*,")  # of a line, or of a list among others
_SIGNS = ";\t|"  # that part cells, and where there are none of them commas or spaces do
_SPACES = re.compile(r"[\s,]+|:(?=[\s\d\"'\[{])")
_AROUND = " \t\r,:[](){}\"'"


@dataclass(frozen=True)
class Asked:
    """What a survey's rows are made of: names of variables, and answers as they may be written."""

    variables: frozenset[str]
    answers: frozenset[str]

    @classmethod
    def of(cls, parameters: Parameters) -> Asked:
        questionnaire = parameters.questionnaire
        names = {*questionnaire.items, *questionnaire.place_items, *questionnaire.background}
        columns = {one for name in names for one in questionnaire.columns(name)}
        for wave in parameters.waves.values():
            own = {name: spec.column for name, spec in wave.variables.items() if name in names}
            columns |= {column for column in own.values() if column}
        labels: set[str] = set()
        for name in (*questionnaire.items, *questionnaire.background):
            for wave in parameters.waves.values():
                labels |= set(questionnaire.codes(name, wave).values())
        return cls(
            frozenset(one.casefold() for one in columns),
            frozenset(one.casefold() for one in labels) | CODES,
        )

    def is_head(self, cells: Collection[str]) -> bool:
        """Whether several cells of a row are names of variables."""
        names = {cell.strip().casefold() for cell in cells}
        return len(names & self.variables) >= VARIABLES

    def row_of(self, rows: Sequence[Sequence[str]]) -> int | None:
        """The first row, from 1, of what looks like respondents in a table; None when it doesn't.

        A head counts only with something below it, one inside a table with an answer."""
        return self._row(rows, self.answers)

    def in_text(self, text: str) -> int | None:
        """The place where a text begins to look like rows of codes; None when it doesn't. Labels
        of answers stand together in texts about questions."""
        row = self._row([list(_cells(line)) for line in _END.split(text)], CODES)
        if row is None:
            return None
        return next((one.end() for k, one in enumerate(_END.finditer(text), 2) if k == row), 0)

    def _row(self, rows: Sequence[Sequence[str]], answers: frozenset[str]) -> int | None:
        first, count = None, 0
        for number, cells in enumerate(rows, start=1):
            below = rows[number : number + 2]
            head = bool(below) and self.is_head(cells)
            if head and (number == 1 or any(_given(row, answers) for row in below)):
                return number
            given = _given(cells, answers)
            if given >= CELLS and given >= PART * sum(map(bool, map(str.strip, cells))):
                first = first or number
                count += max(_given(cells, CODES) // CELLS, 1)  # a wide row counts as several
        return first if count >= ROWS else None

    def in_words(self, words: Sequence[str]) -> int | None:
        """The place of the first of several variables that stand near each other, each with an
        answer beside it, as when a row is printed; None when there are none."""
        if len(self.variables.intersection(words)) < VARIABLES:
            return None
        near: list[tuple[int, str]] = []
        for place, word in enumerate(words[:-1]):
            if word in self.variables and words[place + 1] in CODES and words[place + 1] != "0":
                near = [one for one in near if place - one[0] <= NEAR] + [(place, word)]
                if len({name for _, name in near}) >= VARIABLES:
                    return near[0][0]
        return None

    def in_frame(self, frame: pd.DataFrame) -> bool:
        """Whether the rows of a frame look like respondents."""
        if len(frame) < 2:
            return False
        if self.is_head([str(one) for one in frame.columns]):
            return True
        if len(frame) < ROWS or len(frame.columns) < CELLS:
            return False
        given = sum(self._all_answers(column) for _, column in frame.items())
        return given >= CELLS and given >= PART * len(frame.columns)

    def _all_answers(self, column: pd.Series) -> bool:
        values = column.dropna().unique()
        if not 0 < len(values) <= 30:
            return False
        return all(str(v).casefold().removesuffix(".0") in self.answers for v in values)


def _given(cells: Sequence[str], answers: frozenset[str]) -> int:
    """How many cells are answers."""
    return sum(cell.strip().casefold().removesuffix(".0") in answers for cell in cells)


def _cells(line: str) -> Iterator[str]:
    """The cells of a printed row."""
    sign = next((one for one in _SIGNS if line.count(one) >= 2), None)
    for cell in line.split(sign) if sign else _SPACES.split(line):
        yield cell.strip(_AROUND)
