"""The cleaning rules, one small function each, in the order in which they are used.

Every rule has an id, a Swedish sentence for the log, and a function that looks at the coded frame
and says what it found; nothing else changes answers or removes persons. A rule that finds nothing
still gets its row in the log. Rules know no item by name: batteries, filters, the number of ticks
allowed and which items are core come from the questionnaire. Domain guide, 3.1, 3.3, 3.5, 3.12.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from graphlib import TopologicalSorter

import numpy as np
import pandas as pd

from survey_lib.answers.gazetteer import coded_places, place_names
from survey_lib.answers.model import Touched
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.questionnaire import NO_ANSWER, NOT_APPLICABLE, Item
from survey_lib.vocabulary.waves import Wave

_WORDS = ("text", "place")  # kinds of items without number codes


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a rule found: columns with new values, persons to remove, and how much that is.

    Attributes
    ----------
    columns : new values of columns; None takes a column away.
    removed : persons to remove, (n,) bool, or None.
    answers : answers changed (or looked at, for a rule that only counts).
    persons : persons touched.
    """

    columns: dict[str, object] = field(default_factory=dict)
    removed: np.ndarray | None = None
    answers: int = 0
    persons: int = 0

    @property
    def touched(self) -> Touched:
        removed = 0 if self.removed is None else int(self.removed.sum())
        return Touched(self.answers, self.persons, removed)


class Survey:
    """A wave's coded frame beside what was asked in it: what rules look at."""

    def __init__(self, frame: pd.DataFrame, wave: Wave, parameters: Parameters):
        self.frame, self.wave, self.parameters = frame, wave, parameters
        self.questionnaire = parameters.questionnaire

    @cached_property
    def items(self) -> dict[str, Item]:
        """Items, place items included, that this wave's frame holds."""
        every = {**self.questionnaire.items, **self.questionnaire.place_items}
        return {name: item for name, item in every.items() if self.columns(name)}

    def columns(self, name: str) -> list[str]:
        """The answer columns of an item or variable that the frame holds."""
        return [one for one in self.questionnaire.columns(name) if one in self.frame]

    def codes(self, column: str) -> np.ndarray:
        """A column of whole-number codes, (n,)."""
        return self.frame[column].to_numpy()

    def answered(self, name: str) -> np.ndarray:
        """Who gave any answer to an item, (n,) bool; where several ticks are possible, a tick."""
        kind, columns = self.items[name].kind, self.columns(name)
        if kind in _WORDS:
            return self.frame[columns[0]].notna().to_numpy()
        if kind == "multiple":
            return np.any([self.codes(one) == 1 for one in columns], axis=0)
        return ~np.isin(self.codes(columns[0]), (NOT_APPLICABLE, NO_ANSWER))

    def filtered(self) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Each filtered item with who was not asked it, and whose filter is unanswered, (n,) bool.

        Filters come before what they filter. A condition on something that the wave didn't ask is
        no filter.
        """
        conditions = {
            name: {one: codes for one, codes in item.asked_if.items() if one in self.frame}
            for name, item in self.items.items()
            if item.asked_if
        }
        order = TopologicalSorter({name: set(needs) for name, needs in conditions.items()})
        for name in order.static_order():
            if not conditions.get(name):
                continue
            not_asked = np.zeros(len(self.frame), dtype=bool)
            unanswered = np.zeros(len(self.frame), dtype=bool)
            for variable, codes in conditions[name].items():
                given = self.codes(variable)
                unanswered |= given == NO_ANSWER
                not_asked |= ~np.isin(given, codes) & (given != NO_ANSWER)
            yield name, not_asked, unanswered & ~not_asked


Rule = Callable[[Survey], Outcome]


def duplicates(survey: Survey) -> Outcome:
    """Only the first row of each delivered id is kept."""
    return _remove(survey.frame["respondent"].duplicated().to_numpy())


def no_area(survey: Survey) -> Outcome:
    """A person whose area or stratum isn't known stands for nobody."""
    return _remove((survey.frame["area"].isna() | survey.frame["stratum"].isna()).to_numpy())


def outside_age(survey: Survey) -> Outcome:
    """Ages outside the wave's span aren't in its population: in years, or a band wholly outside."""
    first, last = survey.wave.age_span
    last = np.inf if last is None else last
    outside = np.zeros(len(survey.frame), dtype=bool)
    if "age" in survey.frame:
        age = survey.frame["age"].to_numpy()
        outside |= (age < first) | (age > last)
    for name, background in survey.questionnaire.background.items():
        if background.years and name in survey.frame:
            bands = [
                band
                for band, (youngest, oldest) in background.years.items()
                if youngest > last or (oldest is not None and oldest < first)
            ]
            outside |= survey.frame[name].isin(bands).to_numpy()
    return _remove(outside)


def outside_fieldwork(survey: Survey) -> Outcome:
    """Answers from a week wholly before or after fieldwork: counted, and removed if the wave file
    says so."""
    if "week" not in survey.frame:
        return Outcome()
    weeks = survey.frame["week"]
    outside = [not _overlaps(week, *survey.wave.fieldwork) for week in weeks.cat.categories]
    who = np.array([*outside, False])[weeks.cat.codes.to_numpy()]
    if survey.wave.cleaning.outside_fieldwork == "remove":
        return _remove(who)
    return Outcome(persons=int(who.sum()))


def _overlaps(week: str, first: date, last: date) -> bool:
    year, number = int(week[:4]), int(week[-2:])
    return (
        date.fromisocalendar(year, number, 7) >= first
        and date.fromisocalendar(year, number, 1) <= last
    )


def blank_beside_tick(survey: Survey) -> Outcome:
    """In an item with several ticks, a blank box beside a ticked one wasn't chosen."""

    def change(ticks: np.ndarray, item: Item) -> tuple[np.ndarray, int]:
        blank = np.isin(ticks, (NOT_APPLICABLE, NO_ANSWER))
        return blank & (ticks == 1).any(axis=1)[:, None], 0

    return _change_ticks(survey, change)


def too_many_ticks(survey: Survey) -> Outcome:
    """More ticks than the question allows is no answer."""

    def change(ticks: np.ndarray, item: Item) -> tuple[np.ndarray, int]:
        most = np.inf if item.at_most is None else item.at_most
        return np.broadcast_to(((ticks == 1).sum(axis=1) > most)[:, None], ticks.shape), NO_ANSWER

    return _change_ticks(survey, change)


def nothing_ticked(survey: Survey) -> Outcome:
    """An item with several ticks of which none is made, not even "none of these", is no answer."""

    def change(ticks: np.ndarray, item: Item) -> tuple[np.ndarray, int]:
        return (ticks == 0) & ~(ticks == 1).any(axis=1)[:, None], NO_ANSWER

    return _change_ticks(survey, change)


def _change_ticks(
    survey: Survey, change: Callable[[np.ndarray, Item], tuple[np.ndarray, int]]
) -> Outcome:
    columns: dict[str, object] = {}
    touched, answers = np.zeros(len(survey.frame), dtype=bool), 0
    for name, item in survey.items.items():
        if item.kind != "multiple":
            continue
        names = survey.columns(name)
        ticks = np.column_stack([survey.codes(one) for one in names])
        where, code = change(ticks, item)
        rows = where.any(axis=1)
        if rows.any():
            changed = np.where(where, np.int8(code), ticks).astype(np.int8)
            columns |= {one: changed[:, k] for k, one in enumerate(names)}
            touched |= rows
            answers += int(rows.sum())
    return Outcome(columns, answers=answers, persons=int(touched.sum()))


def filter_contradiction(survey: Survey) -> Outcome:
    """An answer to a question that the person's own filter says wasn't asked is ignored: 97."""
    return _unasked(survey, lambda not_asked, unanswered, given: not_asked & given)


def filter_unanswered(survey: Survey) -> Outcome:
    """An answer whose filter is unanswered is outside the question's base: 97."""
    return _unasked(survey, lambda not_asked, unanswered, given: unanswered & given)


def filter_blank(survey: Survey) -> Outcome:
    """A blank where the filter says that the question wasn't asked is not missing: 97."""
    return _unasked(survey, lambda not_asked, unanswered, given: not_asked & ~given)


def _unasked(
    survey: Survey, who: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
) -> Outcome:
    """Sets 97, and takes words away. What is so changed may itself be a filter, so each item is
    settled before the next."""
    changed: dict[str, object] = {}
    touched, answers = np.zeros(len(survey.frame), dtype=bool), 0
    now = Survey(survey.frame.copy(deep=False), survey.wave, survey.parameters)
    for name, not_asked, unanswered in now.filtered():
        names = survey.columns(name)
        rows = who(not_asked, unanswered, now.answered(name))
        if survey.items[name].kind in _WORDS:
            rows &= survey.frame[name].notna().to_numpy()
            values = [survey.frame[name].mask(rows)]
        else:
            codes = np.column_stack([now.codes(one) for one in names])
            rows &= (codes != NOT_APPLICABLE).any(axis=1)
            codes[rows] = NOT_APPLICABLE
            values = list(codes.T)
        if rows.any():
            for one, column in zip(names, values, strict=True):
                now.frame[one] = changed[one] = column
            touched |= rows
            answers += int(rows.sum())
    return Outcome(changed, answers=answers, persons=int(touched.sum()))


def asked_but_not_applicable(survey: Survey) -> Outcome:
    """97 though the filter says that the question was asked is no answer."""
    columns: dict[str, object] = {}
    touched, answers = np.zeros(len(survey.frame), dtype=bool), 0
    for name, not_asked, unanswered in survey.filtered():
        if survey.items[name].kind in _WORDS:
            continue
        rows = np.zeros(len(survey.frame), dtype=bool)
        for one in survey.columns(name):
            codes = survey.codes(one)
            mine = (codes == NOT_APPLICABLE) & ~not_asked & ~unanswered
            if mine.any():
                columns[one] = np.where(mine, np.int8(NO_ANSWER), codes).astype(np.int8)
                rows |= mine
        touched |= rows
        answers += int(rows.sum())
    return Outcome(columns, answers=answers, persons=int(touched.sum()))


def blank_in_battery(survey: Survey) -> Outcome:
    """A blank row in a battery in which other rows are answered is no answer, never the first
    option. Reading gave it 99 already; here it is counted."""
    touched, answers = np.zeros(len(survey.frame), dtype=bool), 0
    for battery in survey.questionnaire.batteries.values():
        rows = [one for one in battery.items if one in survey.frame]
        given = np.zeros(len(survey.frame), dtype=bool)
        for one in rows:
            given |= survey.answered(one)
        for one in rows:
            blank = given & (survey.codes(one) == NO_ANSWER)
            answers += int(blank.sum())
            touched |= blank
    return Outcome(answers=answers, persons=int(touched.sum()))


def same_answer(survey: Survey) -> Outcome:
    """Persons with one and the same answer in every row of a battery are flagged, not removed."""
    flagged = np.zeros(len(survey.frame), dtype=bool)
    for battery in survey.questionnaire.batteries.values():
        rows = [one for one in battery.items if one in survey.frame]
        if not battery.flag_same_answer or len(rows) < 2:
            continue
        first = survey.codes(rows[0])
        same = ~np.isin(first, (NOT_APPLICABLE, NO_ANSWER))
        for one in rows[1:]:
            same &= survey.codes(one) == first
        flagged |= same
    return Outcome({"same_answer": flagged}, persons=int(flagged.sum()))


def mostly_blank(survey: Survey) -> Outcome:
    """A form with more than half of its core items blank is out. Items not asked of the person
    don't count."""
    blank = np.zeros(len(survey.frame), dtype=np.int32)
    asked = np.zeros(len(survey.frame), dtype=np.int32)
    for name, item in survey.items.items():
        if not item.core or item.kind in _WORDS:
            continue
        given = survey.answered(name)
        not_asked = np.ones(len(survey.frame), dtype=bool)
        for one in survey.columns(name):
            not_asked &= survey.codes(one) == NOT_APPLICABLE
        asked += ~not_asked
        blank += ~given & ~not_asked
    return _remove(2 * blank > asked)


def places_coded(survey: Survey) -> Outcome:
    """What people wrote about places becomes ids of the gazetteer; "98" fits no place."""
    columns: dict[str, object] = {}
    touched, answers = np.zeros(len(survey.frame), dtype=bool), 0
    names = place_names(survey.parameters.places)
    for name, item in survey.items.items():
        coded = name.removesuffix("_text") + "_id"
        if item.kind != "text" or coded not in survey.questionnaire.place_items:
            continue
        if coded not in survey.frame:
            columns[coded] = coded_places(survey.frame[name], names)
            written = survey.frame[name].notna().to_numpy()
            touched |= written
            answers += int(written.sum())
    return Outcome(columns, answers=answers, persons=int(touched.sum()))


def texts_removed(survey: Survey) -> Outcome:
    """Texts and age in years go no further."""
    columns: dict[str, object] = {}
    touched, answers = np.zeros(len(survey.frame), dtype=bool), 0
    for name, item in survey.items.items():
        if item.kind == "text":
            written = survey.frame[name].notna().to_numpy()
            columns[name] = None
            touched |= written
            answers += int(written.sum())
    if "age" in survey.frame:
        columns["age"] = None
    return Outcome(columns, answers=answers, persons=int(touched.sum()))


def _remove(who: np.ndarray) -> Outcome:
    return Outcome(removed=who, persons=int(who.sum()))


RULES: tuple[tuple[str, str, Rule], ...] = (
    ("duplicates", "Dubbletter: bara den första raden per svarande behålls.", duplicates),
    ("no_area", "Personer utan känt område tas bort.", no_area),
    (
        "outside_age",
        "Personer utanför undersökningens åldrar tas bort.",
        outside_age,
    ),
    ("outside_fieldwork", "Svar från veckor utanför insamlingsperioden.", outside_fieldwork),
    (
        "blank_beside_tick",
        "Tomma rutor bredvid ett kryss lästes som inte valda.",
        blank_beside_tick,
    ),
    ("too_many_ticks", "Fler kryss än frågan tillåter räknas som ej svar.", too_many_ticks),
    (
        "filter_unanswered",
        "Svar på följdfrågor vars filterfråga är obesvarad räknas inte.",
        filter_unanswered,
    ),
    (
        "filter_contradiction",
        "Svar på följdfrågor som enligt filterfrågan inte ställts räknas inte.",
        filter_contradiction,
    ),
    (
        "filter_blank",
        "Tomma följdfrågor som enligt filterfrågan inte ställts är ej aktuella.",
        filter_blank,
    ),
    (
        "asked_but_not_applicable",
        "Ej aktuell på en följdfråga som enligt filterfrågan ställts räknas som ej svar.",
        asked_but_not_applicable,
    ),
    ("nothing_ticked", "Kryssfrågor utan något kryss räknas som ej svar.", nothing_ticked),
    (
        "blank_in_battery",
        "Tomma rader i frågor med flera rader räknas som ej svar, aldrig som första alternativet.",
        blank_in_battery,
    ),
    ("same_answer", "Samma svar på alla rader i en fråga: märks, tas inte bort.", same_answer),
    (
        "mostly_blank",
        "Formulär där mer än hälften av kärnfrågorna är tomma tas bort.",
        mostly_blank,
    ),
    ("places_coded", "Platser i egna ord kodades mot platsregistret.", places_coded),
    ("texts_removed", "Svar i egna ord följer inte med i det rensade materialet.", texts_removed),
)
