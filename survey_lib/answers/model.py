"""What reading and cleaning give: one coded frame, and a log in which nothing disappears."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from survey_lib.answers.traces import Traces
from survey_lib.faults import BadInput, Fault

LOG_COLUMNS = ("step", "rule", "label", "answers", "persons", "removed", "left")


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers of one wave.

    Attributes
    ----------
    frame : one row per person.
        ``respondent`` a random token, never the delivered id (two rows of one delivered id share
        it until duplicates are removed); ``row`` the row in the delivered file, the first below
        the header is 1, for messages.
        Answer columns and whole-number background variables: int8 codes. Background variables
        with ids for codes: category of all declared codes in order, NaN = no answer. ``area``,
        ``stratum``, ``sampling``: category. ``psu`` (with its stratum), ``mode``, ``language``,
        ``week`` ("2024-W38") category, ``weight`` float, where delivered.
        Before cleaning also text items and ``age`` in years (where delivered so); after cleaning
        ``same_answer`` (bool: one answer to every row of a battery).
    wave : id of the wave.
    log : one row per rule, in order: ``step, rule, label`` (a Swedish sentence), ``answers``
        changed, ``persons`` touched, ``removed`` persons, ``left`` persons. The first row is
        "delivered"; after cleaning the last is "analysed". ``left`` is the row above's ``left``
        minus ``removed``. An item with several ticks counts as one answer.
    traces : what the persons could be known by, as fingerprints; None of a frame made by hand.
    """

    frame: pd.DataFrame
    wave: str
    log: pd.DataFrame
    traces: Traces | None = None


@dataclass(frozen=True)
class Touched:
    """What one rule did: answers changed, persons touched, persons removed."""

    answers: int = 0
    persons: int = 0
    removed: int = 0


class Log:
    """The log as it is written, row by row."""

    def __init__(self, begun: pd.DataFrame | None = None):
        self._rows = [] if begun is None else list(begun.itertuples(index=False, name=None))

    def add(
        self, rule: str, label: str, touched: Touched = Touched(), left: int | None = None
    ) -> None:
        """One more rule; ``left`` persons when it is the first row."""
        if left is None:
            left = self._rows[-1][-1] - touched.removed
        step = len(self._rows) + 1
        done = (touched.answers, touched.persons, touched.removed)
        self._rows.append((step, rule, label, *done, left))

    def frame(self) -> pd.DataFrame:
        """One row per rule, columns as in :class:`Answers`."""
        return pd.DataFrame(self._rows, columns=list(LOG_COLUMNS))


class Faults:
    """Faults of one delivered file, gathered so that all are told at once."""

    def __init__(self, shown: str, wave_file: str):
        self.shown, self.wave_file = shown, wave_file
        self.found: list[Fault] = []

    def note(self, place: str, found: str, expected: str, action: str) -> None:
        """Something wrong in the delivered file."""
        self.found.append(Fault(self.shown, place, found, expected, action))

    def note_wave(self, key: str, found: str, expected: str, action: str) -> None:
        """Something wrong in the wave file."""
        self.found.append(Fault(self.wave_file, f"key {key}", found, expected, action))

    def under(self, key: str, line: str) -> str:
        """The action "write this line": exactly what to write, and where in the wave file."""
        return f"write in {self.wave_file}, under {key}:, the line  {line}"

    def stop(self) -> None:
        """Raise all that was found, if anything was."""
        if self.found:
            raise BadInput(self.found)
