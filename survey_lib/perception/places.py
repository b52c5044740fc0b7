"""Which places people name, when and why: the place loop as counts (domain guide 3.9).

A mention is a respondent who names a place: one respondent counts once per place, however often the
place stands in the loop, and with all times and reasons given for it. Mentions are unweighted and
no measure of prevalence: busy places get more.

A mention counts where the respondent lives. The loop asks about places "in the area", but people
name what is near them: a place that lies elsewhere is counted all the same, and its label says in
which area it lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from survey_lib.perception.indicators import areas_of
from survey_lib.vocabulary import Parameters, Questionnaire
from survey_lib.vocabulary.questionnaire import DONT_KNOW, Item

UNCODED = str(DONT_KNOW)  # named in words that can't be coded
PLACES = ["area", "place", "label", "mentions"]
ANSWERS = ["area", "place", "question", "answer", "label", "mentions"]
QUESTIONS = ("tid", "dagtyp", "orsak")  # about each place: columns plats<k>_<question>


def place_mentions(
    frame: pd.DataFrame, parameters: Parameters, levels: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Mentions of each place by the respondents of each area.

    Parameters
    ----------
    frame : the cleaned answers, a row per respondent.
    levels : levels of areas; those without reports are left out. (None for a pooled wave: its
        mentions less those of one of its parts would be the other's.)

    Returns
    -------
    places : a row per area × place that anybody there named, most mentions first: ``area, place,
        label, mentions``; place "98" holds what couldn't be coded.
    answers : a row per area × place of the gazetteer × answer, zeros included, in the order of the
        questionnaire: ``area, place, question, answer, label, mentions``.

    Both empty when the wave has no place loop.
    """
    asked = _answers(parameters.questionnaire)
    named = _named(frame, parameters.questionnaire)
    places, answers = [], []
    for level in levels:
        if named.empty or not parameters.areas.levels[level].reports:
            continue
        order = parameters.areas.of_level(level)
        home = areas_of(frame, level, parameters.areas, order)[named["person"]]
        here = named[home >= 0].drop(columns="person").assign(mentions=1)
        counts = here.groupby([home[home >= 0], "place"]).sum().reset_index(names=["area", "place"])
        counts["area"] = np.array(order, dtype=object)[counts["area"]]
        pairs = zip(counts["area"], counts["place"], strict=True)
        counts["label"] = [_label(place, area, parameters) for area, place in pairs]
        places.append(_in_order(counts[PLACES], parameters))
        answers.append(_long(counts[counts["place"] != UNCODED], asked))
    if not places:
        return pd.DataFrame(columns=PLACES), pd.DataFrame(columns=ANSWERS)
    return pd.concat(places, ignore_index=True), pd.concat(answers, ignore_index=True)


def single_choice(questionnaire: Questionnaire) -> list[str]:
    """The questions about a place to which there is one answer."""
    if questionnaire.places is None:
        return []
    return [name for name in QUESTIONS if _item(questionnaire, 1, name).kind != "multiple"]


def _item(questionnaire: Questionnaire, number: int, question: str) -> Item:
    return questionnaire.place_items[f"plats{number}_{question}"]


def _answers(questionnaire: Questionnaire) -> list[tuple[str, Any, str]]:
    """Every (question, answer, label) about a place, in order; none without a place loop."""
    if questionnaire.places is None:
        return []
    items = {name: _item(questionnaire, 1, name) for name in QUESTIONS}
    return [
        (name, answer, label)
        for name, item in items.items()
        for answer, label in (item.options or item.labels or {}).items()
    ]


def _named(frame: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    """A row per respondent and place named: ``person`` (row of the frame), ``place``, and a 0/1
    column per answer, numbered as in :func:`_answers`.

    Of several answers to a question with one answer, about one place, the first counts.
    """
    answers, single = _answers(questionnaire), single_choice(questionnaire)
    loops = []
    for name in [name for name in frame if name in questionnaire.place_items]:
        if questionnaire.place_items[name].kind == "place":
            person = np.flatnonzero(frame[name].notna())
            loops.append(_loop(frame.iloc[person], name.removesuffix("_id"), person, answers))
    if not loops:
        return pd.DataFrame()
    grouped = pd.concat(loops, ignore_index=True).groupby(["person", "place"], sort=False)
    first = grouped.first()  # of each column the first that isn't missing
    several = [k for k, (question, _, _) in enumerate(answers) if question not in single]
    first[several] = grouped[several].max()
    return first.fillna(0).astype(np.int64).reset_index()


def _loop(
    here: pd.DataFrame, loop: str, person: np.ndarray, answers: list[tuple[str, Any, str]]
) -> pd.DataFrame:
    """One turn of the loop for those who named a place in it; an unanswered question with one
    answer is missing in all its columns."""
    columns: dict[Any, Any] = {"person": person, "place": here[f"{loop}_id"].to_numpy(dtype=object)}
    for k, (question, answer, _) in enumerate(answers):
        column = f"{loop}_{question}"
        if column in here:
            known = [one for other, one, _ in answers if other == question]
            given = here[column]
            columns[k] = (given == answer).astype(float).where(given.isin(known)).to_numpy()
        else:
            ticked = here.get(f"{column}_{answer}")
            columns[k] = 0.0 if ticked is None else (ticked == 1).to_numpy(dtype=float)
    return pd.DataFrame(columns)


def _long(counts: pd.DataFrame, answers: list[tuple[str, Any, str]]) -> pd.DataFrame:
    """A row per area, place and answer."""
    repeated = counts.loc[counts.index.repeat(len(answers)), ["area", "place"]]
    question, answer, label = (list(one) * len(counts) for one in zip(*answers, strict=True))
    return repeated.assign(
        question=question,
        answer=[str(one) for one in answer],
        label=label,
        mentions=counts[list(range(len(answers)))].to_numpy().ravel(),
    )


def _label(place: str, area: str, parameters: Parameters) -> str:
    """The place's name, and the area it lies in when that is another."""
    if place == UNCODED:
        item = _item(parameters.questionnaire, 1, "id")
        return item.dont_know or parameters.questionnaire.special.get(DONT_KNOW, UNCODED)
    one, areas = parameters.places[place], parameters.areas
    if areas.contains(area, one.area) or areas.contains(one.area, area):
        return one.name
    elsewhere = areas.at_level(one.area, areas.level_of(area)) or one.area
    return f"{one.name} ({areas.name(elsewhere)})"


def _in_order(rows: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Area by area, most mentions first, ties in Swedish order; what couldn't be coded last."""
    names = dict(zip(rows["place"], rows["label"], strict=True))
    by_name = {place: rank for rank, place in enumerate(parameters.swedish_order(names))}
    keys = rows.assign(
        first=pd.factorize(rows["area"])[0],
        uncoded=rows["place"] == UNCODED,
        name=rows["place"].map(by_name),
    )
    order = keys.sort_values(
        ["first", "uncoded", "mentions", "name"], ascending=[True, True, False, True]
    )
    return order[list(rows.columns)].reset_index(drop=True)
