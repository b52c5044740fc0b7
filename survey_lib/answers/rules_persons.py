"""Rules about whole persons: who is counted twice, isn't in the population, or gave no answers.

Domain guide, 3.12.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from survey_lib.answers.rule import WORDS, Outcome, Survey, removal, rule
from survey_lib.vocabulary.questionnaire import NO_ANSWER, NOT_APPLICABLE


@rule("Dubbletter: bara den första raden per svarande behålls.")
def duplicates(survey: Survey) -> Outcome:
    """Only the first row of each delivered id is kept."""
    return removal(survey.frame["respondent"].duplicated().to_numpy())


@rule("Personer utan känt område tas bort.")
def no_area(survey: Survey) -> Outcome:
    """A person whose area or stratum isn't known stands for nobody."""
    return removal((survey.frame["area"].isna() | survey.frame["stratum"].isna()).to_numpy())


@rule("Personer utanför undersökningens åldrar tas bort.")
def outside_age(survey: Survey) -> Outcome:
    """Ages outside the wave's span aren't in its population: in years, or a band wholly outside."""
    first, end = survey.wave.age_span
    last = np.inf if end is None else end
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
    return removal(outside)


@rule("Svar från veckor utanför insamlingsperioden.")
def outside_fieldwork(survey: Survey) -> Outcome:
    """Answers from a week wholly before or after fieldwork: counted, and removed if the wave file
    says so."""
    if "week" not in survey.frame:
        return Outcome()
    weeks = survey.frame["week"]
    outside = [not _overlaps(week, *survey.wave.fieldwork) for week in weeks.cat.categories]
    who = np.array([*outside, False])[weeks.cat.codes.to_numpy()]
    if survey.wave.cleaning.outside_fieldwork == "remove":
        return removal(who)
    return Outcome(persons=int(who.sum()))


def _overlaps(week: str, first: date, last: date) -> bool:
    monday = date.fromisocalendar(int(week[:4]), int(week[-2:]), 1)
    return monday + timedelta(days=6) >= first and monday <= last


@rule("Samma svar på alla rader i en fråga: märks, tas inte bort.")
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


@rule("Formulär där mer än hälften av kärnfrågorna är tomma tas bort.")
def mostly_blank(survey: Survey) -> Outcome:
    """A form with more than half of its core items blank is out. Items not asked of the person
    don't count."""
    blank = np.zeros(len(survey.frame), dtype=np.int32)
    asked = np.zeros(len(survey.frame), dtype=np.int32)
    for name, item in survey.items.items():
        if not item.core or item.kind in WORDS:
            continue
        given = survey.answered(name)
        not_asked = np.ones(len(survey.frame), dtype=bool)
        for one in survey.columns(name):
            not_asked &= survey.codes(one) == NOT_APPLICABLE
        asked += ~not_asked
        blank += ~given & ~not_asked
    return removal(2 * blank > asked)
