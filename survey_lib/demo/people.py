"""The persons of the made-up population: background, and a latent score for every question.

One area is simulated at a time, each variable from a random stream of its own, named by seed, area
and variable: another item or area in ``demo.yaml`` leaves all other answers as they were. Persons
and scores are the same in every wave, so a share that isn't declared to change does not change at
all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd

from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.demo import Code, DemoPlan, Effect, Mix

AREA = "area"  # the column with the finest area known of a person

Columns = Mapping[str, Any]  # of persons: a frame, or a dict of its columns and others
Inside = Callable[[str], set[str]]  # the areas within an area, itself included


@dataclass(frozen=True, eq=False)
class People:
    """All persons of one area, row by row.

    Attributes
    ----------
    area : id of the area.
    background : one categorical column per background variable, and ``area``, the finest known.
    scores : item, or item and option -> (n,) float32, higher is less safe.
    unsure : item -> (n,) float32, higher is readier to say "don't know".
    away : item -> (n,) float32, higher is readier to answer outside the scale (96).
    """

    area: str
    background: pd.DataFrame
    scores: dict[str, np.ndarray]
    unsure: dict[str, np.ndarray]
    away: dict[str, np.ndarray]


def simulate_people(parameters: Parameters, plan: DemoPlan, area: str, seed: int) -> People:
    """Everyone who lives in ``area``, one of the areas of the plan's population file."""
    background = _background(parameters, plan, area, seed)
    n = len(background)
    inside = parameters.areas.members

    def noise(*names: str) -> np.ndarray:
        return stream(seed, area, *names).standard_normal(n, dtype=np.float32)

    def shifts(effects: list[Effect]) -> np.ndarray:
        return total_shift(effects, background, inside, n)

    general, hesitation = noise("general"), noise("hesitation")
    factors, dimension_shifts = {}, {}
    for name, dimension in plan.truth.dimensions.items():
        factors[name] = _mix(dimension.general, general, noise("dimension", name))
        dimension_shifts[name] = shifts(dimension.effects)

    scores, unsure, away = {}, {}, {}
    for item, question in plan.truth.questions.items():
        dimension = plan.truth.dimensions[question.dimension]
        own = _mix(dimension.loading, factors[question.dimension], noise(item))
        scores[item] = own + dimension_shifts[question.dimension] + shifts(question.effects)
        if question.dont_know:
            unsure[item] = _mix(0.5, hesitation, noise(item, "dont_know"))
        if question.outside:
            away[item] = _mix(question.outside.lean, _standard(scores[item]), noise(item, "away"))
            away[item] += shifts(question.outside.effects)

    for item, ticks in plan.truth.ticks.items():
        factor = factors[ticks.dimension] if ticks.dimension else general
        for option in ticks.shares:
            score = _mix(ticks.loading, factor, noise(item, option))
            if ticks.follows and option in scores:
                score = _mix(ticks.follows, _standard(scores[option]), score)
            scores[f"{item}_{option}"] = score
    return People(area, background, scores, unsure, away)


def stream(seed: int, *names: str) -> np.random.Generator:
    """The random stream with this name: independent of all others, the same on every machine."""
    return np.random.default_rng([seed, *(crc32(name.encode("utf-8")) for name in names)])


def holds(
    condition: Mapping[str, Sequence[Code]], columns: Columns, inside: Inside, n: int
) -> np.ndarray:
    """(n,) bool: for whom every part of the condition is true; KeyError for a variable that isn't
    among the columns."""
    mask = np.ones(n, dtype=bool)
    for variable, codes in condition.items():
        wanted: set[Code] = set(codes)
        if variable == AREA:
            wanted = {one for area in codes for one in inside(str(area))}
        mask &= _is_among(columns[variable], wanted)
    return mask


def total_shift(effects: list[Effect], columns: Columns, inside: Inside, n: int) -> np.ndarray:
    """(n,) float32: the sum of the shifts of all effects whose condition is true."""
    total = np.zeros(n, dtype=np.float32)
    for effect in effects:
        total[holds(effect.when, columns, inside, n)] += np.float32(effect.shift)
    return total


def draw_mixes(
    mixes: list[Mix], columns: Columns, inside: Inside, n: int, random: np.random.Generator
) -> pd.Categorical:
    """One code per person, from the last mix whose condition is true for the person."""
    codes = list(dict.fromkeys(code for mix in mixes for code in mix.shares))
    which = np.full(n, -1)
    for k, mix in enumerate(mixes):
        which[holds(mix.when, columns, inside, n)] = k
    uniform = random.random(n)
    drawn = np.full(n, -1, dtype=np.int8)
    for k, mix in enumerate(mixes):
        places = np.array([codes.index(code) for code in mix.shares], dtype=np.int8)
        edges = np.cumsum(list(mix.shares.values()))[:-1]
        mine = which == k
        drawn[mine] = places[np.searchsorted(edges, uniform[mine], side="right")]
    return pd.Categorical.from_codes(drawn, categories=codes)


def whole_numbers(persons: np.ndarray) -> np.ndarray:
    """Round to whole persons so that the rounded total is kept (largest remainders)."""
    floors: np.ndarray = np.floor(persons).astype(int)
    missing = round(float(persons.sum())) - int(floors.sum())
    largest = np.argsort(-(persons - floors), kind="stable")[:missing]
    floors[largest] += 1
    return floors


def _background(parameters: Parameters, plan: DemoPlan, area: str, seed: int) -> pd.DataFrame:
    cells = parameters.population(plan.persons.cells)
    cells = cells[cells["id"] == area]
    counts = whole_numbers(cells["persons"].to_numpy(float))
    n = int(counts.sum())
    columns: dict[str, pd.Categorical] = {}
    for variable in cells.columns.difference(["id", "persons"]):
        codes = list(parameters.questionnaire.background[variable].codes)
        values = pd.Categorical(cells[variable], categories=codes)
        columns[variable] = values.repeat(counts)
    columns[AREA] = _finest_areas(parameters, plan, area, n, seed)
    frame = pd.DataFrame(columns)
    inside = parameters.areas.members
    for variable, mixes in plan.persons.background.items():
        random = stream(seed, area, "background", variable)
        frame[variable] = draw_mixes(mixes, frame, inside, n, random)
    return frame


def _finest_areas(
    parameters: Parameters, plan: DemoPlan, area: str, n: int, seed: int
) -> pd.Categorical:
    """Subareas in proportion to their population, or the area itself when it has none."""
    subareas, persons = [area], np.ones(1)
    if plan.persons.subareas:
        rows = parameters.population(plan.persons.subareas)
        rows = rows[rows["id"] == area]
        if len(rows):
            (column,) = rows.columns.difference(["id", "persons"])
            subareas, persons = list(rows[column]), rows["persons"].to_numpy(float)
    counts = whole_numbers(persons * (n / persons.sum()))
    codes = np.repeat(np.arange(len(counts), dtype=np.int8), counts)
    stream(seed, area, "subarea").shuffle(codes)
    return pd.Categorical.from_codes(codes, categories=subareas)


def _is_among(column: Any, wanted: Collection[Code]) -> np.ndarray:
    if isinstance(getattr(column, "dtype", None), pd.CategoricalDtype):
        series = pd.Series(column)
        among: np.ndarray = np.append(series.cat.categories.isin(list(wanted)), False)
        codes = series.cat.codes.to_numpy()  # of a missing value -1: the last, False
        return np.asarray(among[codes])
    return np.isin(np.asarray(column), list(wanted))


def _mix(weight: float, shared: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Two standard normals into one that has correlation ``weight`` with the first."""
    return np.float32(weight) * shared + np.float32(np.sqrt(1 - weight**2)) * own


def _standard(score: np.ndarray) -> np.ndarray:
    return np.asarray((score - score.mean()) / score.std())
