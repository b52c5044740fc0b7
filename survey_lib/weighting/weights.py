"""Weights: from who answered to whom they stand for.

Every area of the recipe's level is weighted on its own: base weights by stratum, raking to the
declared margins, trimming, raking again (domain guide, 5.1). Or the weights come in the delivered
file and are taken as they are. Either way the result is a :class:`WeightedSurvey`: the coded frame
with its :class:`~survey_lib.statistics.design.Design`, from which everything is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_lib.answers import Answers
from survey_lib.statistics.design import Calibration, Design
from survey_lib.statistics.errors import StatisticsError
from survey_lib.statistics.margins import Margin as MarginTotals
from survey_lib.statistics.raking import Raked, declared, rake_and_trim
from survey_lib.vocabulary import Parameters, Wave
from survey_lib.weighting.margins import area_margin, crossed, recipe_fault


@dataclass(frozen=True, eq=False)
class WeightedSurvey:
    """A cleaned wave with weights.

    Attributes
    ----------
    frame : one row per respondent, the cleaned answers; of a pooled wave also ``wave``.
    design : weights, strata, PSUs and what was calibrated to; arrays in the frame's row order.
    areas : one row per weighted area: ``wave, area, margins, respondents, population, smallest,
        largest, trimmed, kish_deff, sweeps, margin_error, leverage_capped`` (weights relative to
        their mean); ``margins`` are those used there, joined by "|", each a cross of variables
        joined by "*"; ``leverage_capped`` counts those whose leverage the variance lowers to its
        cap.
    notes : sentences about the margins, for the method section.
    """

    wave: Wave
    frame: pd.DataFrame
    design: Design
    areas: pd.DataFrame
    notes: tuple[str, ...]


def weight(answers: Answers, parameters: Parameters) -> WeightedSurvey:
    """Weight a cleaned wave by its recipe.

    Raises
    ------
    BadInput
        When nobody answered of a kind that has inhabitants and no neighbours to be joined with (a
        sex), or raking does not converge. There is no silent fallback to unweighted.
    """
    wave = parameters.waves[answers.wave]
    if wave.weighting.delivered:
        return _delivered(answers.frame, wave, parameters)
    return _raked(answers.frame, wave, parameters)


def _delivered(frame: pd.DataFrame, wave: Wave, parameters: Parameters) -> WeightedSurvey:
    weights = frame["weight"].to_numpy(float)
    calibration = None
    if wave.weighting.raked_to:
        margins = [crossed(frame, names, parameters) for names in wave.weighting.raked_to]
        calibration = declared(weights, margins)
    design = _design(frame, weights, calibration)
    return WeightedSurvey(wave, frame, design, pd.DataFrame(), ())


def _raked(frame: pd.DataFrame, wave: Wave, parameters: Parameters) -> WeightedSurvey:
    recipe = wave.weighting
    assert recipe.by and recipe.population, (
        "held by the vocabulary: delivered, or by and population"
    )
    totals = parameters.population(recipe.population).set_index("id")["persons"]
    base = _base_weights(frame, wave, totals)
    level_area = parameters.areas.at_level(frame["area"], recipe.by)
    weights = np.zeros(len(frame))
    areas, members, calibrations = [], [], []
    present = set(level_area.dropna())
    for area in [a for a in parameters.areas.of_level(recipe.by) if a in present]:
        rows = np.flatnonzero(level_area == area)
        people = frame.iloc[rows]
        margins = [
            cells
            for margin in recipe.margins
            if (cells := area_margin(people, area, margin, totals[area], wave, parameters))
        ]
        if not margins:
            everybody = np.zeros(len(rows), dtype=np.int64)
            margins = [MarginTotals(everybody, np.array([totals[area]]), "")]
        raked = _rake(base[rows], margins, area, wave, parameters)
        weights[rows] = raked.weights
        members.append(rows)
        calibrations.append(raked.calibration)
        relative = raked.weights / raked.weights.mean()
        areas.append(
            {
                "wave": wave.id,
                "area": area,
                "margins": "|".join(margin.name for margin in margins),
                "respondents": len(rows),
                "population": totals[area],
                "smallest": relative.min(),
                "largest": relative.max(),
                "trimmed": raked.trimmed,
                "kish_deff": (relative**2).mean(),
                "sweeps": raked.iterations,
                "margin_error": raked.margin_error,
            }
        )
    used = {name for row in areas for name in row["margins"].split("|")}
    notes = tuple(m.note for m in recipe.margins if m.note and "*".join(m.variables) in used)
    design = _design(frame, weights, Calibration.join(calibrations, members, len(frame)))
    projection = design.linearised.projection
    assert projection is not None, "the design has just been given a calibration"
    capped = [int(projection.capped[rows].sum()) for rows in members]
    described = pd.DataFrame(areas).assign(leverage_capped=capped)
    return WeightedSurvey(wave, frame, design, described, notes)


def _base_weights(frame: pd.DataFrame, wave: Wave, totals: pd.Series) -> np.ndarray:
    """Population over respondents for a probability sample, 1 where there are no probabilities."""
    stratum = frame["stratum"].astype(str)
    respondents = stratum.map(stratum.value_counts()).to_numpy(float)
    population = stratum.map(totals).to_numpy(float)
    probability = stratum.map(
        {key: value.sampling == "sannolikhet" for key, value in wave.strata.items()}
    ).to_numpy(bool)
    return np.where(probability, population / respondents, 1.0)


def _rake(
    base: np.ndarray, margins: list[MarginTotals], area: str, wave: Wave, parameters: Parameters
) -> Raked:
    try:
        return rake_and_trim(base, margins, bounds=wave.weighting.trim)
    except StatisticsError as problem:
        raise recipe_fault(
            wave,
            parameters,
            f"key weighting, {area}",
            str(problem),
            "margins that the respondents can be weighted to",
            "raise collapse_below, remove the margin, widen trim, or check the population figures",
        ) from problem


def _design(frame: pd.DataFrame, weights: np.ndarray, calibration: Calibration | None) -> Design:
    strata = pd.factorize(frame["stratum"], sort=True)[0] if "stratum" in frame else None
    psu = frame["psu"].cat.codes.to_numpy() if "psu" in frame else None
    return Design(
        weights=weights, strata=strata, psu=psu, calibration=calibration, lonely_psu="adjust"
    )
