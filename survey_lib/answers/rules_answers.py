"""Rules about single answers: ticks, filters, batteries, and what people wrote in their own words.

No item is known by name: the number of ticks allowed, filters and batteries come from the
questionnaire. Domain guide, 3.1, 3.3, 3.5 and 3.12.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from survey_lib.answers.gazetteer import places_in
from survey_lib.answers.rule import WORDS, Outcome, Survey, rule
from survey_lib.vocabulary import Item
from survey_lib.vocabulary.gazetteer import place_names
from survey_lib.vocabulary.questionnaire import DONT_KNOW, NO_ANSWER, NOT_APPLICABLE


@rule("Tomma rutor bredvid ett kryss lästes som inte valda.")
def blank_beside_tick(survey: Survey) -> Outcome:
    """In an item with several ticks, a blank box beside a ticked one wasn't chosen."""

    def change(ticks: np.ndarray, item: Item) -> tuple[np.ndarray, int]:
        blank = np.isin(ticks, (NOT_APPLICABLE, NO_ANSWER))
        return blank & (ticks == 1).any(axis=1)[:, None], 0

    return _change_ticks(survey, change)


@rule("Fler kryss än frågan tillåter räknas som ej svar.")
def too_many_ticks(survey: Survey) -> Outcome:
    """More ticks than the question allows is no answer."""

    def change(ticks: np.ndarray, item: Item) -> tuple[np.ndarray, int]:
        most = np.inf if item.at_most is None else item.at_most
        return np.broadcast_to(((ticks == 1).sum(axis=1) > most)[:, None], ticks.shape), NO_ANSWER

    return _change_ticks(survey, change)


@rule("Kryssfrågor utan något kryss räknas som ej svar.")
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


@rule("Svar på följdfrågor som enligt filterfrågan inte ställts räknas inte.")
def filter_contradiction(survey: Survey) -> Outcome:
    """An answer to a question that the person's own filter says wasn't asked is ignored: 97."""
    return _unasked(survey, lambda not_asked, unanswered, given: not_asked & given)


@rule("Svar på följdfrågor vars filterfråga är obesvarad räknas inte.")
def filter_unanswered(survey: Survey) -> Outcome:
    """An answer whose filter is unanswered is outside the question's base: 97."""
    return _unasked(survey, lambda not_asked, unanswered, given: unanswered & given)


@rule("Tomma följdfrågor som enligt filterfrågan inte ställts är ej aktuella.")
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
        if survey.items[name].kind in WORDS:
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


@rule("Ej aktuell på en följdfråga som enligt filterfrågan ställts räknas som ej svar.")
def asked_but_not_applicable(survey: Survey) -> Outcome:
    """97 though the filter says that the question was asked is no answer."""
    columns: dict[str, object] = {}
    touched, answers = np.zeros(len(survey.frame), dtype=bool), 0
    for name, not_asked, unanswered in survey.filtered():
        if survey.items[name].kind in WORDS:
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


@rule("Tomma rader i frågor med flera rader räknas som ej svar, aldrig som första alternativet.")
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


@rule("Platser i egna ord kodades mot platsregistret.")
def places_coded(survey: Survey) -> Outcome:
    """What people wrote about places becomes ids of the gazetteer; "98" fits no place."""
    columns: dict[str, object] = {}
    touched, answers = np.zeros(len(survey.frame), dtype=bool), 0
    for coded, (codes, number) in _places_written(survey).items():
        if coded not in survey.frame:
            columns[coded] = codes
            touched |= number >= 0
            answers += int((number >= 0).sum())
    return Outcome(columns, answers=answers, persons=int(touched.sum()))


@rule("Platser i egna ord som inte finns i platsregistret kunde inte kodas.")
def places_unknown(survey: Survey) -> Outcome:
    """A text that fits no place has no id. Here it is counted."""
    return _places_counted(survey, lambda number: number == 0)


@rule("Svar i egna ord som passar flera platser i registret kunde inte kodas.")
def places_several(survey: Survey) -> Outcome:
    """A text that fits several places has no id, since which is meant would be a guess."""
    return _places_counted(survey, lambda number: number > 1)


def _places_counted(survey: Survey, which: Callable[[np.ndarray], np.ndarray]) -> Outcome:
    """Counts the texts without an id by how many places they name."""
    touched, answers = np.zeros(len(survey.frame), dtype=bool), 0
    for coded, (_, number) in _places_written(survey).items():
        rows = which(number) & (survey.frame[coded] == str(DONT_KNOW)).to_numpy()
        touched |= rows
        answers += int(rows.sum())
    return Outcome(answers=answers, persons=int(touched.sum()))


def _places_written(survey: Survey) -> dict[str, tuple[pd.Categorical, np.ndarray]]:
    """Column of place ids -> ids of what people wrote, and how many places each text names."""
    names = place_names(survey.parameters.places)
    return {
        name.removesuffix("_text") + "_id": places_in(survey.frame[name], names)
        for name, item in survey.items.items()
        if item.kind == "text" and name in survey.questionnaire.place_items
    }


@rule("Svar i egna ord följer inte med i det rensade materialet.")
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
