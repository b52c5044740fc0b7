"""True answers of a wave: latent scores cut where the declared shares say.

A cut is an order statistic of the scores in the area, so a declared share is met to within one
person of tens of thousands, whatever effects the scores carry. Between two waves only the cuts
move.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from survey_lib.demo.people import People, holds, stream
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.demo import (
    Change,
    DemoPlan,
    Question,
    Reason,
    Ticks,
    end_of_order,
)
from survey_lib.vocabulary.questionnaire import DONT_KNOW, NOT_APPLICABLE, OUTSIDE_SCALE


def true_answers(
    parameters: Parameters, plan: DemoPlan, people: People, wave: str, seed: int
) -> pd.DataFrame:
    """What everyone in an area would answer: (n,) int8 codes per answer column of the wave.

    An item with several ticks has one 0/1 column per option, ``<item>_<option>``. Code 99 never
    occurs: leaving a question blank is part of answering, not of the truth.
    """
    asked = parameters.waves[wave]
    n = len(people.background)
    columns: dict[str, np.ndarray] = {}
    known: dict[str, Any] = dict(people.background.items())
    for item_id, item in parameters.questionnaire.items.items():
        if item_id in asked.not_asked or item_id in columns:
            continue
        if question := plan.truth.questions.get(item_id):
            mine = np.ones(n, dtype=bool)
            if item.asked_if:
                mine = holds(item.asked_if, known, parameters.areas.members, n)
            variable = asked.variables.get(item_id)
            shares = question.shares
            if variable is not None and variable.scale in question.other_scales:
                shares = question.other_scales[variable.scale]
            beyond = _shares_beyond(parameters, plan, people.area, item_id, shares, wave, seed)
            answers = _answer(people, item_id, question, list(shares), beyond, mine)
            if question.outside and (reason := question.outside.reason):
                share = question.outside.share
                answers, reasons = _split_reason(people, item_id, answers, share, reason, mine)
                known[reason.item] = columns[reason.item] = reasons
            known[item_id] = columns[item_id] = answers
        elif ticks := plan.truth.ticks.get(item_id):
            columns |= _tick(people, item_id, ticks, item.at_most, plan.truth.spread, seed)
    return pd.DataFrame(columns, copy=False)


def _answer(
    people: People,
    item: str,
    question: Question,
    order: list[int],
    beyond: np.ndarray,
    asked: np.ndarray,
) -> np.ndarray:
    """97 where not asked, then 96 (unless a reason hides it), 98, and the scale among the rest."""
    answers = np.full(len(asked), NOT_APPLICABLE, dtype=np.int8)
    rest = np.flatnonzero(asked)
    if question.outside and not question.outside.reason:
        away = _highest(people.away[item][rest], question.outside.share)
        answers[rest[away]] = OUTSIDE_SCALE
        rest = rest[~away]
    if question.dont_know:
        unsure = _highest(people.unsure[item][rest], question.dont_know)
        answers[rest[unsure]] = DONT_KNOW
        rest = rest[~unsure]
    scores = people.scores[item][rest]
    places = np.zeros(len(rest), dtype=np.int8)
    for share in beyond:
        places += _highest(scores, share)
    answers[rest] = np.array(order, dtype=np.int8)[places]
    return answers


def _split_reason(
    people: People,
    item: str,
    answers: np.ndarray,
    share: float,
    reason: Reason,
    asked: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Those who are readiest to stay away answer 96 instead, with what they hide as their reason:
    the share "unsafe, or away for fear" is the share declared for the scale."""
    rest = np.flatnonzero(asked & (answers != DONT_KNOW))
    away = rest[_highest(people.away[item][rest], share * asked.sum() / len(rest))]
    reasons = np.full(len(answers), NOT_APPLICABLE, dtype=np.int8)
    afraid = np.isin(answers[away], reason.unsafe_codes)
    reasons[away] = np.where(afraid, reason.for_fear, reason.otherwise)
    answers = answers.copy()
    answers[away] = OUTSIDE_SCALE
    return answers, reasons


def _tick(
    people: People, item: str, ticks: Ticks, at_most: int | None, spread: float, seed: int
) -> dict[str, np.ndarray]:
    """0/1 per option: those whose score passes the option's cut, at most the strongest few.

    Who would tick nothing ticks the option for that, or else the strongest option: a form without
    a tick is a question left blank.
    """
    options = [option for option in ticks.shares if option != ticks.none]
    eager = np.empty((len(people.background), len(options)), dtype=np.float32)
    for k, option in enumerate(options):
        column = f"{item}_{option}"
        own = stream(seed, people.area, "spread", column).normal(0, spread)
        share = float(_expit(_logit(ticks.shares[option]) + own))
        eager[:, k] = people.scores[column] - _cut(people.scores[column], share)
    ticked: np.ndarray = eager >= 0
    if at_most is not None and at_most < len(options):
        last = np.partition(eager, -at_most, axis=1)[:, -at_most]
        ticked &= eager >= last[:, None]
    nothing = np.asarray(~ticked.any(axis=1))
    if ticks.none is None:
        ticked[np.flatnonzero(nothing), eager[nothing].argmax(axis=1)] = True
    columns = {f"{item}_{option}": ticked[:, k] for k, option in enumerate(options)}
    if ticks.none is not None:
        columns[f"{item}_{ticks.none}"] = nothing
    return {column: values.astype(np.int8) for column, values in columns.items()}


def _highest(scores: np.ndarray, share: float) -> np.ndarray:
    """(n,) bool: the ``share`` of persons with the highest scores, to the nearest person."""
    return np.asarray(scores >= _cut(scores, share))


def _cut(scores: np.ndarray, share: float) -> float:
    """The lowest score among the ``share`` with the highest; infinite when that is nobody."""
    lower = len(scores) - round(float(share) * len(scores))
    return np.inf if lower >= len(scores) else float(np.partition(scores, lower)[lower])


def _shares_beyond(
    parameters: Parameters,
    plan: DemoPlan,
    area: str,
    item: str,
    shares: dict[int, float],
    wave: str,
    seed: int,
) -> np.ndarray:
    """Shares, among those who take a stand, that lie beyond each cut of the item's order.

    A declared level fixes the area's shift; then comes the wave's drift; then declared changes.
    Changes and levels are shares among all in the base, and don't-knows stay in the base.
    """
    truth, question = plan.truth, plan.truth.questions[item]
    order = list(question.shares)
    stand = 1 - question.dont_know
    before = 1 - np.cumsum(list(question.shares.values()))[:-1]

    shift = truth.area_shifts.get(area, {}).get(question.dimension, 0.0)
    shift += stream(seed, area, "spread", item).normal(0, truth.spread)
    for level in truth.levels:
        if level.area == area and level.item == item:
            cut, safe = end_of_order(order, level.codes)
            share = level.share / stand
            shift = float(_logit(1 - share if safe else share) - _logit(before[cut]))
    shift += truth.drift.get(wave, {}).get(question.dimension, 0.0)
    for change in _changes_until(parameters, truth.changes, area, item, wave):
        cut, safe = end_of_order(order, change.codes)
        now = _expit(_logit(before[cut]) + shift)
        then = now + (-1 if safe else 1) * change.change / stand
        shift += float(_logit(then) - _logit(now))
    edges = 1 - np.cumsum(list(shares.values()))[:-1]
    return _expit(_logit(edges) + shift)


def _changes_until(
    parameters: Parameters, changes: list[Change], area: str, item: str, wave: str
) -> list[Change]:
    order = sorted(parameters.waves, key=lambda one: parameters.waves[one].fieldwork)
    return [
        change
        for change in changes
        if (change.area, change.item) == (area, item)
        and order.index(change.wave) <= order.index(wave)
    ]


def _logit(share: ArrayLike) -> np.ndarray:
    return np.asarray(np.log(share) - np.log1p(-np.asarray(share, dtype=float)))


def _expit(value: ArrayLike) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-np.asarray(value, dtype=float))))
