"""One margin of one area: where each respondent belongs, and how many inhabitants each cell has.

Small neighbouring cells are joined. An answer that is missing on a margin variable (a person who
states no sex) is never imputed: such a person counts partly in every cell that is possible (both
sexes of the age band), by the cells' share of the population, so that age margin and total hold
exactly and the rest meet what is left of the targets pro rata (domain guide, 5.1).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey_lib.faults import BadInput, Fault
from survey_lib.files import shown
from survey_lib.statistics.margins import Margin as MarginTotals
from survey_lib.vocabulary import Parameters, Wave
from survey_lib.vocabulary.waves import Margin

AREA_VARIABLE = "area:"  # a margin variable "area:<level>" is the respondent's area at that level

Categories = list[int | str]


def area_margin(
    frame: pd.DataFrame,
    area: str,
    margin: Margin,
    total: float,
    wave: Wave,
    parameters: Parameters,
) -> MarginTotals | None:
    """One margin of one area, small neighbours joined; None where the margin is left out there."""
    population = parameters.population(margin.population)
    population = population[population["id"] == area]
    if population.empty:
        return None
    positions, categories = _positions(frame, margin.variables, parameters, population)
    shape = [len(c) for c in categories]
    keys = list(pd.MultiIndex.from_product(categories))
    persons = population.set_index(margin.variables)["persons"]
    persons = persons * (total / persons.sum())  # published bands are rounded
    table = np.array([persons.get(k if len(k) > 1 else k[0], 0.0) for k in keys]).reshape(shape)
    known = np.all([p >= 0 for p in positions], axis=0)
    counts = np.zeros(shape)
    np.add.at(counts, tuple(p[known] for p in positions), 1)
    if margin.needs and (counts[table > 0] < margin.needs).any():
        return None
    if margin.needs:
        groups = np.arange(table.size).reshape(shape)
    else:
        _check_kinds(counts, table, margin, categories, area, wave, parameters)
        groups = collapse(counts, wave.weighting.collapse_below)
    names = pd.Series([" × ".join(map(str, key)) for key in keys])
    labels = names.groupby(groups.ravel()).agg(", ".join)
    codes, mixtures = _with_unknown(positions, table, groups)
    targets = np.bincount(groups.ravel(), weights=table.ravel())
    return MarginTotals(codes, targets, "*".join(margin.variables), list(labels), mixtures)


def crossed(frame: pd.DataFrame, names: list[str], parameters: Parameters) -> np.ndarray:
    """Cell of each person in a cross of variables; −1 where one of them is unknown."""
    positions, categories = _positions(frame, names, parameters)
    cell = np.ravel_multi_index([np.maximum(p, 0) for p in positions], [len(c) for c in categories])
    return np.where(np.all([p >= 0 for p in positions], axis=0), cell, -1)


def _positions(
    frame: pd.DataFrame,
    names: list[str],
    parameters: Parameters,
    population: pd.DataFrame | None = None,
) -> tuple[list[np.ndarray], list[Categories]]:
    found = (_position(frame, name, parameters, population) for name in names)
    positions, categories = zip(*found, strict=True)
    return list(positions), list(categories)


def _position(
    frame: pd.DataFrame, name: str, parameters: Parameters, population: pd.DataFrame | None
) -> tuple[np.ndarray, Categories]:
    """Place of each person among the variable's published categories; −1 for the others. The
    categories of an area variable are the areas with inhabitants, or without a population file
    those that somebody lives in."""
    if name.startswith(AREA_VARIABLE):
        level = name.removeprefix(AREA_VARIABLE)
        values = parameters.areas.at_level(frame["area"], level)
        present = set(values.dropna() if population is None else population[name])
        categories: Categories = [a for a in parameters.areas.of_level(level) if a in present]
    else:
        background = parameters.questionnaire.background[name]
        values = frame[name]
        categories = [code for code in background.codes if code not in background.unpublished]
    return pd.Index(categories).get_indexer(values.to_numpy()), categories


def _check_kinds(
    counts: np.ndarray,
    table: np.ndarray,
    margin: Margin,
    categories: list[Categories],
    area: str,
    wave: Wave,
    parameters: Parameters,
) -> None:
    """Joining neighbours would hide that nobody answered of a whole kind: no men at all."""
    for axis in range(1, counts.ndim):
        others = tuple(other for other in range(counts.ndim) if other != axis)
        nobody = np.logical_and(counts.sum(others) == 0, table.sum(others) > 0)
        if nobody.any():
            name, kind = margin.variables[axis], categories[axis][int(nobody.argmax())]
            background = parameters.questionnaire.background.get(name)
            told = f"{name} {kind}" + (f" {background.codes[kind]}" if background else "")
            raise recipe_fault(
                wave,
                parameters,
                f"key weighting.margins, {area}",
                f"nobody with {told} among the respondents of {area}, but among its inhabitants",
                "respondents of every kind that is weighted to",
                f"check {name} in the delivered file, or remove it from the margin",
            )


def collapse(counts: np.ndarray, smallest: int) -> np.ndarray:
    """Number the cells of a margin so that neighbours with few respondents share a number.

    Along the first variable, whose order means nearness (age bands), the smallest cell joins its
    smaller neighbour until every cell has ``smallest`` respondents or one is left; the other
    variables are kept apart as long as that is possible (guide 5.1, rule 3).

    Parameters
    ----------
    counts : respondents per cell, any shape; the first axis is ordered.
    smallest : respondents that a cell needs.

    Returns
    -------
    int array of the shape of ``counts``; equal numbers are one cell.
    """
    flat = counts.reshape(len(counts), -1)
    groups = np.zeros(flat.shape, dtype=np.int64)
    next_group = 0
    for column in range(flat.shape[1]):
        parts = [[row] for row in range(len(flat))]
        while len(parts) > 1:
            sizes = [flat[part, column].sum() for part in parts]
            small = int(np.argmin(sizes))
            if sizes[small] >= smallest:
                break
            beside = [i for i in (small - 1, small + 1) if 0 <= i < len(parts)]
            first, second = sorted((small, min(beside, key=lambda i: sizes[i])))
            parts[first : second + 1] = [parts[first] + parts[second]]
        for part in parts:
            groups[part, column] = next_group
            next_group += 1
    joined = np.bincount(groups.ravel(), weights=flat.ravel())
    if flat.shape[1] > 1 and (joined < smallest).any():  # a whole column is too small: join columns
        return np.repeat(collapse(flat.sum(1), smallest), flat.shape[1]).reshape(counts.shape)
    return groups.reshape(counts.shape)


def _with_unknown(
    positions: list[np.ndarray], table: np.ndarray, groups: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Cell of each person, and for each pattern of unknown variables the shares of the possible
    cells in the population; persons of pattern m have code (number of cells) + m."""
    cells = int(groups.max()) + 1
    known = np.all([p >= 0 for p in positions], axis=0)
    codes = groups[tuple(np.maximum(p, 0) for p in positions)]
    mixtures: list[np.ndarray] = []
    for pattern in sorted({tuple(int(p[i]) for p in positions) for i in np.flatnonzero(~known)}):
        members = np.all([p == v for p, v in zip(positions, pattern, strict=True)], axis=0)
        possible = tuple(slice(None) if v < 0 else v for v in pattern)
        persons = np.bincount(
            groups[possible].ravel(), weights=table[possible].ravel(), minlength=cells
        )
        codes[members] = cells + len(mixtures)
        mixtures.append(persons / persons.sum())
    return codes, np.array(mixtures).reshape(-1, cells)


def recipe_fault(wave: Wave, parameters: Parameters, *told: str) -> BadInput:
    """A fault in the wave's recipe."""
    return BadInput(Fault(shown(parameters.folder / "waves" / f"{wave.id}.yaml"), *told))
