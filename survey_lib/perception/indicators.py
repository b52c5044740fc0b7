"""From coded answers to the arrays that shares are made of: who counts, among whom, where.

An indicator is a share: a numerator among a base (domain guide, 3.3). Base A ("answered") holds
everyone who answered: scale points, 96 and 98. Base D ("present") leaves out 96. A filtered item's
base holds those for whom the filter holds; an unanswered filter is outside the base. 98, *vet
inte*, stays in the denominator unless ``tables.yaml`` says ``dont_know: drop``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_lib.vocabulary import Areas, Indicator, Parameters, Questionnaire, Wave
from survey_lib.vocabulary.questionnaire import (
    DONT_KNOW,
    NO_ANSWER,
    NOT_APPLICABLE,
    OUTSIDE_SCALE,
)


@dataclass(frozen=True, eq=False)
class Domains:
    """Disjoint groups of persons: areas of one level, perhaps crossed with a reporting group.

    ``codes`` (n,) is each person's domain, −1 outside all; ``keys`` is one row per domain with
    ``area, group, category``. Persons in an unpublished category are in no domain.
    """

    codes: np.ndarray
    keys: pd.DataFrame


def asked(
    indicators: Sequence[Indicator], frame: pd.DataFrame, wave: Wave, questionnaire: Questionnaire
) -> list[Indicator]:
    """The indicators whose question was asked in this wave, on a scale they are defined for, and
    whose filter was: else nobody is in their base."""
    return [
        indicator
        for indicator in indicators
        if indicator.column in frame
        and set(questionnaire.items[indicator.item].asked_if or {}) <= set(frame)
        and questionnaire.numerator(indicator.id, wave) is not None
    ]


def indicator_arrays(
    frame: pd.DataFrame, indicators: Sequence[Indicator], wave: Wave, parameters: Parameters
) -> tuple[np.ndarray, np.ndarray]:
    """Numerator and base of each indicator for each person.

    Returns
    -------
    two bool arrays (persons, indicators); a numerator is never outside its base.
    """
    questionnaire = parameters.questionnaire
    outside = {NOT_APPLICABLE, NO_ANSWER}
    if parameters.tables.showing.dont_know == "drop":
        outside.add(DONT_KNOW)
    numerators = np.empty((len(frame), len(indicators)), dtype=bool, order="F")
    bases = np.empty_like(numerators)
    for k, indicator in enumerate(indicators):
        codes = frame[indicator.column].to_numpy()
        item = questionnaire.items[indicator.item]
        base = ~np.isin(codes, list(outside))
        if indicator.rule.base == "present":
            base &= codes != OUTSIDE_SCALE
        base &= _holds(frame, item.asked_if)
        counted = np.isin(codes, questionnaire.numerator(indicator.id, wave) or [])
        if indicator.rule.also:
            counted |= _holds(frame, indicator.rule.also)
        bases[:, k] = base
        numerators[:, k] = counted & base
    return numerators, bases


def answer_places(
    frame: pd.DataFrame, item: str, codes: Sequence[int | str], questionnaire: Questionnaire
) -> np.ndarray:
    """Each person's answer to one item, as its place among some codes.

    Returns
    -------
    (n,) 0 … len(codes)-1; len(codes) for any other answer, −1 outside the base. The base is always
    A: everyone who answered, so that all answers add up to one.
    """
    answers = frame[item].to_numpy()
    place = pd.Index(codes).get_indexer(answers)
    place[place < 0] = len(codes)
    base = ~np.isin(answers, (NOT_APPLICABLE, NO_ANSWER))
    base &= _holds(frame, questionnaire.items[item].asked_if)
    return np.where(base, place, -1).astype(np.int8)


def _holds(frame: pd.DataFrame, conditions: dict[str, list[int]] | None) -> np.ndarray:
    """Whether every condition (variable -> codes) holds; a variable not in the wave never holds."""
    holds = np.ones(len(frame), dtype=bool)
    for variable, codes in (conditions or {}).items():
        holds &= frame[variable].isin(codes).to_numpy() if variable in frame else False
    return holds


def domains(frame: pd.DataFrame, level: str, group: str | None, parameters: Parameters) -> Domains:
    """The domains of one table: a level's areas that have respondents, by one group or none."""
    area_ids = parameters.areas.of_level(level)
    area = areas_of(frame, level, parameters.areas, area_ids)
    present = [k for k in range(len(area_ids)) if (area == k).any()]
    area = np.where(area >= 0, np.searchsorted(present, area), -1)
    area_ids = [area_ids[k] for k in present]
    if group is None:
        keys = pd.DataFrame({"area": area_ids, "group": "", "category": ""})
        return Domains(area, keys)
    resolved = parameters.questionnaire.group(group)
    category = resolved.codes(frame)
    inside = (area >= 0) & (category >= 0)
    codes = np.where(inside, area * len(resolved.ids) + category, -1)
    names = ["area", "group", "category"]
    keys = pd.MultiIndex.from_product([area_ids, [group], resolved.ids], names=names)
    return Domains(codes, keys.to_frame(index=False))


def areas_of(frame: pd.DataFrame, level: str, areas: Areas, order: Sequence[str]) -> np.ndarray:
    """Place of each person's area of a level in ``order``; −1 for persons without one."""
    at_level = areas.at_level(frame["area"], level)
    return at_level.cat.set_categories(list(order)).cat.codes.to_numpy(np.int64)
