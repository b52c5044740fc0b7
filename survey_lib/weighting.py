"""Weights: from who answered to whom they stand for.

Every area of the recipe's level is weighted on its own: base weights by stratum, raking to the
declared margins, trimming, raking again (domain guide, 5.1). Or the weights come in the delivered
file and are taken as they are. Either way the result is a :class:`WeightedSurvey`: the coded frame
with its :class:`~survey_lib.statistics.design.Design`, from which everything is estimated.

An answer that is missing on a margin variable (a person who states no sex) is never imputed. It is
a cell of its own, which gets its base-weighted share of the cell that it surely belongs to (its age
band); the targets of the other cells are reduced pro rata, so that age margin and total still hold.
For the variance such a person counts in each cell by that cell's share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_lib.answers import Answers
from survey_lib.faults import BadInput, Fault
from survey_lib.statistics.calibration import EmptyCell, NotConverged, rake_and_trim
from survey_lib.statistics.design import Calibration, Design
from survey_lib.vocabulary import Parameters, Wave
from survey_lib.vocabulary.waves import Margin

AREA_VARIABLE = "area:"  # a margin variable "area:<level>" is the respondent's area at that level


@dataclass(frozen=True, eq=False)
class WeightedSurvey:
    """A cleaned wave with weights.

    Attributes
    ----------
    frame : one row per respondent, the cleaned answers.
    design : weights, strata, PSUs and what was calibrated to; arrays in the frame's row order.
    areas : one row per weighted area: ``area, respondents, population, smallest, largest, trimmed,
        kish_deff, sweeps, margin_error`` (weights relative to their mean).
    notes : sentences about the margins, for the method section.
    """

    wave: Wave
    frame: pd.DataFrame
    design: Design
    areas: pd.DataFrame
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Cells:
    """One margin in one area: the cell of each respondent and what each cell must sum to."""

    name: str
    labels: list[str]
    codes: np.ndarray  # (n,) cell of each respondent
    targets: np.ndarray  # (cells,) persons
    membership: np.ndarray  # (cells, known cells): 1 for a known cell, shares for an unknown one


def weight(answers: Answers, parameters: Parameters) -> WeightedSurvey:
    """Weight a cleaned wave by its recipe.

    Raises
    ------
    BadInput
        When a delivered weight is zero, negative or missing, a margin cell that has inhabitants has
        no respondents, or raking does not converge. There is no silent fallback to unweighted.
    """
    wave = parameters.waves[answers.wave]
    if wave.weighting.delivered:
        return _delivered(answers.frame, wave, parameters)
    return _raked(answers.frame, wave, parameters)


def _delivered(frame: pd.DataFrame, wave: Wave, parameters: Parameters) -> WeightedSurvey:
    weights = frame["weight"].to_numpy(float)
    unusable = ~(np.isfinite(weights) & (weights > 0))
    if unusable.any():
        raise BadInput(
            Fault(
                wave.file.path,
                f"column {wave.weighting.delivered}, row {frame['row'].to_numpy()[unusable][0]}",
                f"{unusable.sum()} weights that are zero, negative or missing",
                "a positive weight for every person",
                "ask the survey company for the weights, or leave these persons out of the file",
            )
        )
    calibration = None
    if wave.weighting.raked_to:
        columns = [_crossed(frame, names, parameters)[0] for names in wave.weighting.raked_to]
        calibration = _calibration(
            weights, [(codes, np.eye(codes.max() + 1)) for codes in columns]
        )
    design = _design(frame, weights, calibration)
    return WeightedSurvey(wave, frame, design, pd.DataFrame(), ())


def _raked(frame: pd.DataFrame, wave: Wave, parameters: Parameters) -> WeightedSurvey:
    recipe = wave.weighting
    totals = parameters.population(recipe.population).set_index("id")["persons"]
    base = _base_weights(frame, wave, totals)
    level_area = parameters.areas.at_level(frame["area"], recipe.by)
    weights = np.zeros(len(frame))
    areas, blocks = [], []
    for area in [a for a in parameters.areas.of_level(recipe.by) if (level_area == a).any()]:
        rows = np.flatnonzero(level_area == area)
        margins = [
            cells
            for margin in recipe.margins
            if (cells := _cells(frame.iloc[rows], base[rows], area, margin, totals[area], wave, parameters))
        ]
        result = _rake(base[rows], margins, area, wave)
        weights[rows] = result.weights
        relative = result.weights / result.weights.mean()
        areas.append(
            {
                "area": area,
                "respondents": len(rows),
                "population": totals[area],
                "smallest": relative.min(),
                "largest": relative.max(),
                "trimmed": result.trimmed,
                "kish_deff": (relative**2).mean(),
                "sweeps": result.iterations,
                "margin_error": result.margin_error,
            }
        )
        blocks.append((rows, margins))
    notes = tuple(margin.note for margin in recipe.margins if margin.note)
    design = _design(frame, weights, _calibration_of_areas(base, blocks))
    return WeightedSurvey(wave, frame, design, pd.DataFrame(areas), notes)


def _base_weights(frame: pd.DataFrame, wave: Wave, totals: pd.Series) -> np.ndarray:
    """Population over respondents for a probability sample, 1 where there are no probabilities."""
    stratum = frame["stratum"].astype(str)
    respondents = stratum.map(stratum.value_counts()).to_numpy(float)
    population = stratum.map(totals).to_numpy(float)
    probability = stratum.map(
        {key: value.sampling == "sannolikhet" for key, value in wave.strata.items()}
    ).to_numpy(bool)
    return np.where(probability, population / respondents, 1.0)


def _rake(base: np.ndarray, margins: list[_Cells], area: str, wave: Wave):
    try:
        return rake_and_trim(
            base,
            [(m.codes, m.targets, m.name, m.labels) for m in margins],
            bounds=wave.weighting.trim,
        )
    except (EmptyCell, NotConverged) as problem:
        raise BadInput(
            Fault(
                f"waves/{wave.id}.yaml",
                f"weighting, {area}",
                str(problem),
                "margins that the respondents can be weighted to",
                "merge categories of the margin, drop it, or check its population figures",
            )
        ) from problem


def _crossed(
    frame: pd.DataFrame, names: list[str], parameters: Parameters
) -> tuple[np.ndarray, list[tuple]]:
    """Cell of each person in a cross of variables, and the cells' categories; −1 is no category."""
    codes = np.zeros(len(frame), dtype=np.int64)
    cells: list[tuple] = [()]
    known = np.ones(len(frame), dtype=bool)
    for name in names:
        position, categories = _position(frame, name, parameters)
        codes = codes * len(categories) + position
        known &= position >= 0
        cells = [(*cell, category) for cell in cells for category in categories]
    return np.where(known, codes, -1), cells


def _position(
    frame: pd.DataFrame, name: str, parameters: Parameters
) -> tuple[np.ndarray, list[int | str]]:
    """Place of each person's category among the variable's published categories; −1 for the others."""
    if name.startswith(AREA_VARIABLE):
        level = name.removeprefix(AREA_VARIABLE)
        values = parameters.areas.at_level(frame["area"], level)
        categories: list[int | str] = [a for a in parameters.areas.of_level(level) if (values == a).any()]
    else:
        background = parameters.questionnaire.background[name]
        values = frame[name]
        categories = [code for code in background.codes if code not in background.unpublished]
    return pd.Categorical(values, categories=categories).codes.astype(np.int64), categories


def _cells(
    frame: pd.DataFrame,
    base: np.ndarray,
    area: str,
    margin: Margin,
    total: float,
    wave: Wave,
    parameters: Parameters,
) -> _Cells | None:
    """The cells of one margin in one area, or None where the margin is left out there."""
    population = parameters.population(margin.population)
    population = population[population["id"] == area]
    if population.empty:
        return None
    targets = population.set_index(margin.variables)["persons"]
    targets = targets * (total / targets.sum())  # published bands are rounded
    positions, categories = zip(
        *(_position(frame, name, parameters) for name in margin.variables), strict=True
    )
    shape = tuple(len(c) for c in categories)
    table = np.array(
        [targets.get(key if len(key) > 1 else key[0], 0.0) for key in _product(categories)]
    ).reshape(shape)
    counts = np.zeros(shape)
    known = np.all([p >= 0 for p in positions], axis=0)
    np.add.at(counts, tuple(p[known] for p in positions), 1)
    if margin.needs and (counts[table > 0] < margin.needs).any():
        return None
    groups = (
        np.arange(table.size).reshape(shape)
        if margin.needs
        else collapse(counts, wave.weighting.collapse_below)
    )
    return _with_unknown(margin, positions, categories, table, groups, base)


def _product(categories: tuple[list, ...]) -> list[tuple]:
    return list(pd.MultiIndex.from_product(categories))


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
    sizes = np.bincount(groups.ravel(), weights=flat.ravel())
    if flat.shape[1] > 1 and (sizes < smallest).any():  # a whole column is too small: join columns
        return np.repeat(collapse(flat.sum(1), smallest), flat.shape[1]).reshape(counts.shape)
    return groups.reshape(counts.shape)


def _with_unknown(
    margin: Margin,
    positions: tuple[np.ndarray, ...],
    categories: tuple[list, ...],
    table: np.ndarray,
    groups: np.ndarray,
    base: np.ndarray,
) -> _Cells:
    """Give persons with an unknown variable a cell of their own and reduce the others pro rata."""
    number = len(np.unique(groups))
    targets = np.bincount(groups.ravel(), weights=table.ravel(), minlength=number)
    names = [" × ".join(str(c) for c in key) for key in _product(categories)]
    labels = [", ".join(n for n, g in zip(names, groups.ravel(), strict=True) if g == k) for k in range(number)]
    membership = [row for row in np.eye(number)]
    known = np.all([p >= 0 for p in positions], axis=0)
    codes = np.full(len(base), -1)
    codes[known] = groups[tuple(p[known] for p in positions)]
    patterns = sorted({tuple(int(p[i]) for p in positions) for i in np.flatnonzero(~known)})
    full = targets.copy()
    for pattern in patterns:
        members = np.all([p == v for p, v in zip(positions, pattern, strict=True)], axis=0)
        inside = tuple(slice(None) if v < 0 else v for v in pattern)
        possible = np.bincount(groups[inside].ravel(), weights=table[inside].ravel(), minlength=number)
        same = np.all([(p == v) | (v < 0) for p, v in zip(positions, pattern, strict=True)], axis=0)
        target = possible.sum() * base[members].sum() / base[same].sum()
        share = possible / possible.sum()
        full -= share * target
        codes[members] = len(labels)
        labels.append(" × ".join("?" if v < 0 else str(c[v]) for c, v in zip(categories, pattern, strict=True)))
        targets = np.append(targets, target)
        membership.append(share)
    targets[:number] = full
    return _Cells(" × ".join(margin.variables), labels, codes, targets, np.array(membership))


def _calibration_of_areas(
    base: np.ndarray, blocks: list[tuple[np.ndarray, list[_Cells]]]
) -> Calibration | None:
    """Stack the areas' margins into one calibration: a column per area and known cell."""
    if not any(margins for _, margins in blocks):
        return None
    columns: list[tuple[np.ndarray, np.ndarray]] = []
    for place in range(max(len(margins) for _, margins in blocks)):
        codes = np.zeros(len(base), dtype=np.int64)
        members = [np.zeros((1, 0))]  # row 0: persons whom this margin says nothing about
        for rows, margins in blocks:
            if place < len(margins):
                codes[rows] = margins[place].codes + sum(len(m) for m in members)
                members.append(margins[place].membership)
        columns.append((codes, _block_diagonal(members)))
    return _calibration(base, columns)


def _block_diagonal(blocks: list[np.ndarray]) -> np.ndarray:
    shape = np.sum([b.shape for b in blocks], axis=0)
    result = np.zeros(shape)
    row = column = 0
    for block in blocks:
        result[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return result


def _calibration(start: np.ndarray, columns: list[tuple[np.ndarray, np.ndarray]]) -> Calibration:
    """Cells of the cross of all margins, and the calibration variables of each."""
    codes = np.column_stack([c for c, _ in columns])
    cells, cell = np.unique(codes, axis=0, return_inverse=True)
    variables = np.hstack([members[cells[:, k]] for k, (_, members) in enumerate(columns)])
    return Calibration(cell=cell.ravel(), variables=variables, start=start)


def _design(frame: pd.DataFrame, weights: np.ndarray, calibration: Calibration | None) -> Design:
    strata = pd.factorize(frame["stratum"], sort=True)[0] if "stratum" in frame else None
    psu = frame["psu"].to_numpy() if "psu" in frame else None
    return Design(weights=weights, strata=strata, psu=psu, calibration=calibration, lonely_psu="adjust")
