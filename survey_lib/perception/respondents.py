"""Who answered: how each area was sampled, who took part, and how they resemble the population."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from survey_lib.perception.indicators import areas_of
from survey_lib.vocabulary import Areas, Parameters
from survey_lib.vocabulary.waves import Stratum, Wave
from survey_lib.weighting import WeightedSurvey

PROBABILITY = "sannolikhet"
UNKNOWN = Stratum(sampling="sannolikhet")  # invites and answers not known


def area_sampling(
    survey: WeightedSurvey, parameters: Parameters, levels: list[str]
) -> pd.DataFrame:
    """How each area of the levels was sampled, and who answered.

    Returns
    -------
    one row per area: ``area, level, sampling`` (one kind, several joined by "+", "" when nobody
    answered), ``modes`` (how those who answered did so, joined by "|"), ``missing`` (ids of its
    strata areas that were not asked, joined by "|"), ``invited, responding`` (NaN when the wave
    doesn't say), ``n`` (analysed) and ``response_rate``.
    """
    areas = parameters.areas
    rows = []
    for level in levels:
        order = areas.of_level(level)
        place = areas_of(survey.frame, level, areas, order)
        counts = np.bincount(place + 1, minlength=len(order) + 1)
        for area, n in zip(order, counts[1:], strict=True):
            strata = strata_of(area, survey.wave, areas)
            used = _modes(survey, place == order.index(area))
            own = strata.values() if _whole(area, survey.wave, strata, areas) else [UNKNOWN]
            invited = _sum(stratum.invited for stratum in own)
            responding = _sum(stratum.responding for stratum in own)
            kinds = sorted({stratum.sampling for stratum in strata.values()}) if n else []
            rows.append(
                {
                    "area": area,
                    "level": level,
                    "sampling": "+".join(kinds),
                    "modes": "|".join(used),
                    "missing": "|".join(not_asked(area, survey.wave, areas)),
                    "invited": invited,
                    "responding": responding,
                    "n": int(n),
                    "response_rate": responding / invited,
                }
            )
    return pd.DataFrame(rows)


def strata_of(area: str, wave: Wave, areas: Areas) -> dict[str, Stratum]:
    """The wave's strata that lie in an area, or that the area lies in. Strata that are not areas
    (codes of a delivered design) belong to every area."""
    if wave.strata_level is None:
        return dict(wave.strata)
    return {
        key: stratum
        for key, stratum in wave.strata.items()
        if areas.contains(area, key) or areas.contains(key, area)
    }


def not_asked(area: str, wave: Wave, areas: Areas) -> list[str]:
    """The areas of the stratum level, in or around this area, that had no survey in this wave."""
    if wave.strata_level is None:
        return []
    return [
        key
        for key in areas.of_level(wave.strata_level)
        if key not in wave.strata and (areas.contains(area, key) or areas.contains(key, area))
    ]


def random_in_both(candidates: Iterable[str], now: Wave, before: Wave, areas: Areas) -> list[str]:
    """Those of some areas that both waves sampled with probabilities, in the areas' order."""
    return [one for one in candidates if all(_random(one, wave, areas) for wave in (now, before))]


def _random(area: str, wave: Wave, areas: Areas) -> bool:
    strata = strata_of(area, wave, areas).values()
    return bool(strata) and all(stratum.sampling == PROBABILITY for stratum in strata)


def _modes(survey: WeightedSurvey, here: np.ndarray) -> list[str]:
    """How the persons of an area answered: by the file where it says, else the wave's modes."""
    if "mode" not in survey.frame:
        return list(survey.wave.modes)
    found = set(survey.frame.loc[here, "mode"].dropna())
    return [mode for mode in survey.wave.modes if mode in found]


def _whole(area: str, wave: Wave, strata: dict[str, Stratum], areas: Areas) -> bool:
    """Whether the strata's numbers are the area's own, and not those of something larger."""
    if wave.strata_level is None or not strata:
        return False
    return all(areas.contains(area, key) for key in strata)


def _sum(numbers) -> float:
    """Sum in which a missing part makes the whole missing, never zero."""
    return float(sum(np.nan if number is None else number for number in numbers))


def respondent_profile(
    survey: WeightedSurvey, parameters: Parameters, levels: list[str]
) -> pd.DataFrame:
    """Respondents beside population, for every variable in ``tables.yaml: profile``.

    Returns
    -------
    one row per area × variable × category, of levels that are split: ``n`` respondents, their
    ``unweighted`` and ``weighted`` share, and the ``population`` share (NaN where the population
    files don't have it). Respondents with another or no answer are left out of the shares.
    """
    frames = []
    for variable in parameters.tables.profile:
        background = parameters.questionnaire.background[variable]
        codes = [code for code in background.codes if code not in background.unpublished]
        position = pd.Index(codes).get_indexer(survey.frame[variable].to_numpy())
        for level in filter(parameters.tables.splits, levels):
            order = parameters.areas.of_level(level)
            area = areas_of(survey.frame, level, parameters.areas, order)
            inside = (area >= 0) & (position >= 0)
            cell = area[inside] * len(codes) + position[inside]
            size = len(order) * len(codes)
            n = np.bincount(cell, minlength=size).reshape(len(order), len(codes))
            weighted = np.bincount(cell, weights=survey.design.weights[inside], minlength=size)
            weighted = weighted.reshape(n.shape)
            population = np.array(
                [_population(one, variable, codes, survey.wave, parameters) for one in order]
            )
            names = ["area", "variable", "category"]
            keys = pd.MultiIndex.from_product([order, [variable], codes], names=names)
            with np.errstate(invalid="ignore"):
                frame = keys.to_frame(index=False).assign(
                    label=keys.get_level_values("category").map(background.codes),
                    n=n.ravel(),
                    unweighted=(n / n.sum(1, keepdims=True)).ravel(),
                    weighted=(weighted / weighted.sum(1, keepdims=True)).ravel(),
                    population=population.ravel(),
                )
            answered = [a for a, total in zip(order, n.sum(1), strict=True) if total]
            frames.append(frame[frame["area"].isin(answered)])
    columns = {"area": str, "variable": str, "category": str, "label": str, "n": int}
    columns |= dict.fromkeys(["unweighted", "weighted", "population"], float)
    none = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    return pd.concat(frames or [none], ignore_index=True).astype({"category": str})


def _population(
    area: str, variable: str, codes: list, wave: Wave, parameters: Parameters
) -> np.ndarray:
    """Share of each category in the population of the parts of an area that were asked, from the
    margins of the weighting."""
    for margin in wave.weighting.margins:
        if variable not in margin.variables:
            continue
        persons = parameters.population(margin.population)
        absent = not_asked(area, wave, parameters.areas)
        here = parameters.areas.members(area).difference(absent)
        parts = persons[persons["id"].isin(here)]
        if len(parts):
            sums = parts.groupby(variable)["persons"].sum().reindex(codes)
            return (sums / sums.sum()).to_numpy()
    return np.full(len(codes), np.nan)
