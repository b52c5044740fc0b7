"""From delivered texts to the questionnaire's codes, one distinct value at a time.

A value that is neither a code, a label, nor mapped in the wave file is a fault, unless the wave
file says ``cleaning: unknown_code: no_answer``: then a *number* outside the scale is no answer, and
counted. An unknown *word* is always a fault: a mapping is missing, and an answer would be lost.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from survey_lib.answers.codebook import Code, Codebook, How, as_told, quoted
from survey_lib.answers.columns import Column
from survey_lib.answers.gazetteer import place_category
from survey_lib.answers.matching import whole_number
from survey_lib.answers.model import Faults, Touched
from survey_lib.answers.raw import Raw, distinct
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.gazetteer import place_names, places_meant
from survey_lib.vocabulary.questionnaire import (
    NO_ANSWER,
    NOT_APPLICABLE,
    Background,
    Item,
)
from survey_lib.vocabulary.waves import Wave

_MOST_VALUES, _MOST_ROWS = 10, 5  # unknown values, and rows of each, told in one message
OLDEST = 120  # an age above this is a mistake
_BOOLEANS = {"true": 1, "false": 0}  # as Excel and parquet deliver ticks

STEPS = {
    How.LABEL: ("labels", "Svar levererade som text i stället för kod lästes som koder."),
    How.SPELLING: (
        "spelling",
        "Svarstexter med avvikande versaler, mellanslag eller bokstavskodning lästes som enkätens.",
    ),
    How.DECIMAL: ("decimals", "Koder skrivna som decimaltal, till exempel 3,0, lästes som heltal."),
    How.MISSING: (
        "declared_missing",
        "Värden som filen själv anger som saknade räknas som ej svar.",
    ),
    How.UNKNOWN: ("unknown_code", "Koder utanför svarsskalan räknas som ej svar."),
}


class Tally:
    """How many answers and persons each way of understanding a value touched."""

    def __init__(self, persons: int):
        self._answers = dict.fromkeys(STEPS, 0)
        self._persons = {how: np.zeros(persons, dtype=bool) for how in STEPS}

    def add(self, how: How, rows: np.ndarray) -> None:
        """Counts the rows (n,) bool in which a value was understood this way."""
        self._answers[how] += int(rows.sum())
        self._persons[how] |= rows

    def touched(self, how: How) -> Touched:
        return Touched(self._answers[how], int(self._persons[how].sum()))


class Coder:
    """Codes the answer columns and background variables of one raw file."""

    def __init__(self, raw: Raw, parameters: Parameters, wave: Wave, faults: Faults):
        self.raw, self.wave, self.faults = raw, wave, faults
        self.questionnaire = parameters.questionnaire
        self._gazetteer = place_names(parameters.places)
        self.tally = Tally(len(raw.frame))
        self._told: set[tuple[str, str]] = set()  # owners of whose unknown words was told

    def coded(self, column: Column, name: str) -> dict[str, object]:
        """Our columns made of the delivered column ``name``: one, or band and ``age``."""
        variable = self.questionnaire.variable(column.owner)
        if isinstance(variable, Item) and variable.kind == "text":
            return {column.name: self._texts(name)}
        if isinstance(variable, Item) and variable.kind == "place":
            return {column.name: self._places(column, name)}
        if isinstance(variable, Background) and column.spec.years:
            return self._banded(column, name, variable)
        codes = self.questionnaire.codes(column.owner, self.wave)
        also: Mapping[str, Code] = {}
        if isinstance(variable, Item) and variable.kind == "multiple":
            also = {
                (variable.options or {})[column.name.removeprefix(f"{column.owner}_")]: 1,
                **_BOOLEANS,
            }
        return {column.name: self._column(column, name, codes, also)}

    def _texts(self, name: str) -> object:
        values = self.raw.frame[name].astype("str")
        return values.mask(values.str.strip() == "").array

    def _book(
        self, column: Column, name: str, codes: Mapping[Code, str], also: Mapping[str, Code]
    ) -> Codebook:
        labels, missing = self.raw.labels.get(name), self.raw.missing.get(name, frozenset())
        return Codebook(codes, column.spec.values, also, labels, missing)

    def _places(self, column: Column, name: str) -> pd.Categorical:
        """Places of the gazetteer, delivered by id or name; 98 as text. Anything else could be what
        a person wrote, and stops here."""
        book = self._book(column, name, self.questionnaire.codes(column.owner, self.wave), {})
        texts, places = distinct(self.raw.frame[name])
        found, unknown = [], []
        for k, text in enumerate(texts):
            meaning = book.meaning(text)
            (place,) = named if len(named := places_meant(text, self._gazetteer)) == 1 else (None,)
            if place is None and meaning.how in (How.UNKNOWN, How.LABELLED):
                unknown.append(k)
            found.append(place or ("" if meaning.code == NO_ANSWER else str(meaning.code)))
        at = self.raw.frame.index.to_numpy()[np.isin(places, unknown)]
        if len(at):
            self.faults.note(
                f'column "{name}"',
                f"no place of the gazetteer in {rows_told(at)}",
                "an id or name in places.csv, or " + book.described(),
                "add the places to places.csv, or list the column under not_asked:",
            )
        return place_category(found, places)

    def _column(
        self, column: Column, name: str, codes: Mapping[Code, str], also: Mapping[str, Code]
    ) -> object:
        book = self._book(column, name, codes, also)
        texts, places = distinct(self.raw.frame[name])
        meanings = [book.meaning(text) for text in texts]
        self._count(column, name, book, [meaning.how for meaning in meanings])
        return as_codes([meaning.code for meaning in meanings], places, codes)

    def _banded(self, column: Column, name: str, variable: Background) -> dict[str, object]:
        """Ages in years into bands. An age outside all bands has no band; cleaning decides."""
        book = self._book(column, name, self.questionnaire.codes(column.owner, self.wave), {})
        bands = {
            age: band
            for band, (first, last) in (variable.years or {}).items()
            for age in range(first, (OLDEST if last is None else last) + 1)
        }
        texts, places = distinct(self.raw.frame[name])
        codes: list[Code] = []
        ages, hows = np.full(len(texts) + 1, np.nan, dtype=np.float32), []
        for k, text in enumerate(texts):
            meaning, age = book.meaning(text), whole_number(text)
            if (
                meaning.how in (How.UNKNOWN, How.CODE, How.DECIMAL)
                and age is not None
                and 0 <= age <= OLDEST
            ):
                ages[k] = age
                codes.append(bands.get(age, NO_ANSWER))
                hows.append(How.CODE)
            else:
                codes.append(meaning.code)
                hows.append(meaning.how)
        self._count(column, name, book, hows)
        return {column.name: as_codes(codes, places, variable.codes), "age": ages[places]}

    def _count(self, column: Column, name: str, book: Codebook, hows: list[How]) -> None:
        texts, places = distinct(self.raw.frame[name])
        used = np.bincount(places + 1, minlength=len(texts) + 1)[1:] > 0
        unknown, words = [], []
        for k, how in enumerate(hows):
            if not used[k]:
                continue
            if how is How.LABELLED:
                words.append(k)
            elif how is How.UNKNOWN:
                is_number = whole_number(texts[k]) is not None
                if is_number and self.wave.cleaning.unknown_code == "no_answer":
                    self.tally.add(how, places == k)
                else:
                    unknown.append(k)
        for how in (How.LABEL, How.SPELLING, How.DECIMAL, How.MISSING):
            if how in hows:
                mine = np.array([one is how for one in hows] + [False])
                self.tally.add(how, mine[places])
        if unknown:
            self._note_unknown(column, name, book, unknown)
        if words:
            self._note_labelled(column, name, book, [texts[k] for k in words])

    def _note_unknown(self, column: Column, name: str, book: Codebook, unknown: list[int]) -> None:
        texts, places = distinct(self.raw.frame[name])
        rows = self.raw.frame.index.to_numpy()
        parts, lines = [], []
        for k in unknown[:_MOST_VALUES]:
            at = rows[places == k]
            told = as_told(texts[k], len(at), book.codes.values())
            parts.append(f"{told} in {rows_told(at)}")
            lines.append(_line(quoted(told), book.closest(texts[k]) or NO_ANSWER))
        if more := len(unknown) - len(parts):
            parts.append(f"and {more} more values")
        line = f"values: {{{', '.join(dict.fromkeys(lines))}}}"
        action = self.faults.under(f"variables: {column.name}", line)
        action += "  (or the code it stands for; 99 is no answer)"
        if all(whole_number(texts[k]) is not None for k in unknown):
            action += ", or under cleaning:, the line  unknown_code: no_answer"
        found = f"not an answer to {column.owner}: " + "; ".join(parts)
        self.faults.note(f'column "{name}"', found, book.described(), action)

    def _note_labelled(self, column: Column, name: str, book: Codebook, values: list[str]) -> None:
        """The file labels a value with words that the questionnaire doesn't have."""
        labels = {value: self.raw.labels[name][value] for value in values[:_MOST_VALUES]}
        told = "; ".join(f'{value} = "{label}"' for value, label in labels.items())
        if (column.owner, told) in self._told:  # the other options of the same item say the same
            return
        self._told.add((column.owner, told))
        lines = [_line(value, book.closest(label) or "?") for value, label in labels.items()]
        line = f"values: {{{', '.join(lines)}}}"
        action = self.faults.under(f"variables: {column.owner}", line)
        self.faults.note(
            f'column "{name}"',
            f"labels in the file that are no answers to {column.owner}: {told}",
            book.described(),
            action + "  (for each the code it stands for)",
        )


def _line(value: str, code: Code) -> str:
    return f'"{value}": "{code}"' if isinstance(code, str) and code != "?" else f'"{value}": {code}'


def as_codes(codes: list[Code], places: np.ndarray, declared: Mapping[Code, str]) -> object:
    """Codes of the distinct values, spread over the rows; a row without a value has no answer.

    Returns int8 (n,) with 99 for no answer, or for text codes a category of all declared codes in
    order with NaN.
    """
    if any(isinstance(code, str) for code in declared):
        order = [code for code in declared if code not in (NO_ANSWER, NOT_APPLICABLE)]
        place = {code: k for k, code in enumerate(order)}
        lookup = np.array([place.get(code, -1) for code in codes] + [-1])
        return pd.Categorical.from_codes(lookup[places], categories=pd.Index(order, dtype="str"))
    kind = np.int8 if max(map(int, declared)) <= np.iinfo(np.int8).max else np.int16
    return np.array([*codes, NO_ANSWER], dtype=kind)[places]


def rows_told(rows: np.ndarray) -> str:
    """``12 data rows (first 3, 9, 14)``; the first row below the header is 1."""
    first = ", ".join(str(row) for row in rows[:_MOST_ROWS])
    if len(rows) == 1:
        return f"data row {first}"
    return f"{len(rows)} data rows ({'first ' if len(rows) > _MOST_ROWS else ''}{first})"
