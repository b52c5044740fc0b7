"""What respondents write in words: named places, in many spellings, and free text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from survey_lib.demo.people import AREA, holds, stream
from survey_lib.demo.population import Population
from survey_lib.vocabulary.demo import PlaceAnswers
from survey_lib.vocabulary.questionnaire import NO_ANSWER, NOT_APPLICABLE

ZIPF = 0.9  # the place named in rank r is named in proportion to 1 / r ** ZIPF


def place_answers(
    population: Population, wave: str, codes: pd.DataFrame, writes: np.ndarray
) -> dict[str, np.ndarray]:
    """The columns of the place loop: places as written, times, kind of day and reasons.

    A few places of an area are named often and most seldom; nobody names one place twice.
    ``writes`` (n,) is False for those whose loop is left blank.
    """
    plan, asked = population.plan.delivery.places, population.parameters.questionnaire
    if plan is None or asked.places is None:
        return {}
    random, n = stream(population.seed, wave, "places"), len(codes)
    inside = population.parameters.areas.members
    texts = _texts(population, plan, codes[AREA].to_numpy(), asked.places.count, random)
    names_one = writes.copy()
    columns: dict[str, np.ndarray] = {}
    for k, condition in enumerate(asked.places.asked_if):
        here = holds(condition, codes, inside, n)
        names_one = names_one & here & (random.random(n) < (plan.further if k else 1 - 0.12))
        blank = np.where(here, NO_ANSWER, NOT_APPLICABLE)
        place = f"plats{k + 1}"
        columns[f"{place}_text"] = _where(names_one, texts[:, k])
        for key, shares in (("tid", plan.times), ("orsak", plan.reasons)):
            ticked = random.random((n, len(shares))) < list(shares.values())
            ticked[~ticked.any(axis=1), np.argmax(list(shares.values()))] = True
            for option, column in zip(shares, ticked.T, strict=True):
                columns[f"{place}_{key}_{option}"] = np.where(names_one, column, blank)
        days = random.choice(list(plan.day_types), n, p=list(plan.day_types.values()))
        columns[f"{place}_dagtyp"] = np.where(names_one, days, blank)
    return columns


def free_texts(population: Population, wave: str, writes: np.ndarray) -> dict[str, np.ndarray]:
    """One text of the plan's list for the share who write something, else None."""
    columns = {}
    for item, plan in population.plan.delivery.free_texts.items():
        random = stream(population.seed, wave, "free text", item)
        written = writes & (random.random(len(writes)) < plan.share)
        columns[item] = _where(written, random.choice(plan.texts, len(writes)))
    return columns


def _texts(
    population: Population,
    plan: PlaceAnswers,
    areas: np.ndarray,
    count: int,
    random: np.random.Generator,
) -> np.ndarray:
    """(n, count) places of each person's area as they would write them, all different."""
    parameters = population.parameters
    texts = np.full((len(areas), count), None, dtype=object)
    for area in dict.fromkeys(areas):
        mine = np.flatnonzero(areas == area)
        around = {area, *parameters.areas.ancestors(area)} & set(population.people)
        near = [
            place
            for place in parameters.places.values()
            if any(parameters.areas.contains(one, place.area) for one in around)
        ]
        weights = 1 / (1.0 + np.arange(len(near))) ** ZIPF
        spread = random.standard_exponential((len(mine), len(near))) / weights
        order = np.argsort(spread, axis=1)
        vague = random.random((len(mine), count)) < plan.uncodable_share
        for row, person in enumerate(mine):
            for k in range(count):
                if vague[row, k] or k >= len(near):
                    texts[person, k] = random.choice(plan.uncodable)
                else:
                    place = near[order[row, k]]
                    texts[person, k] = _as_written([place.name, *place.alias], random)
    return texts


def _where(here: np.ndarray, texts: np.ndarray) -> np.ndarray:
    return np.where(here, texts.astype(object), np.array(None, dtype=object))


def _as_written(names: Sequence[str], random: np.random.Generator) -> str:
    """The name or one of its other spellings, as people write on a phone or by hand."""
    text = names[0] if random.random() < 0.6 else names[int(random.integers(len(names)))]
    manner = random.random()
    if manner < 0.25:
        text = text.lower()
    elif manner < 0.31:
        text = text.upper()
    elif manner < 0.36:
        text = f"{text} "
    elif manner < 0.39:
        text = text.replace(" ", "  ")
    return text
