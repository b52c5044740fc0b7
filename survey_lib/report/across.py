"""Published rows of one level's areas side by side, for the page about the whole."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from survey_lib.perception.respondents import strata_of
from survey_lib.presentation.across import Places
from survey_lib.presentation.verdicts import KINDS
from survey_lib.report.results import Results

KEYS = ["indicator", "area"]


def places(results: Results, level: str) -> Places:
    """The nouns of a level."""
    told = results.parameters.areas.levels[level]
    return Places(told.singular, told.definite, told.plural, told.definite_plural)


def levels_inside(results: Results) -> list[str]:
    """The levels that have reports of their own, below the whole, from the largest areas on."""
    areas = results.parameters.areas
    top = areas.level_of(areas.whole)
    return [name for name, one in areas.levels.items() if one.reports and name != top]


def across(results: Results, indicators: Sequence[str], areas: Sequence[str]) -> pd.DataFrame:
    """Some indicators in some areas, indicator by indicator, each in the areas' order: the rows of
    :mod:`survey_lib.presentation.across`. Areas that weren't asked have rows without numbers."""
    published, known = results.published, results.parameters
    rows = published.indicators
    rows = rows[(rows["group"] == "") & rows["indicator"].isin(list(indicators))]
    index = pd.MultiIndex.from_product([indicators, areas], names=KEYS)
    frame = rows.set_index(KEYS).reindex(index)
    contrasts = published.contrasts
    contrasts = contrasts[contrasts["group"] == ""] if len(contrasts) else contrasts
    for kind in KINDS if len(contrasts) else ():
        own = contrasts[contrasts["comparison"] == kind]
        own = own.drop(columns=["comparison", "table", "group", "category", "family"])
        frame = frame.join(own.set_index(KEYS).add_prefix(f"{kind}_"))
        frame[f"{kind}_state"] = frame[f"{kind}_state"].fillna("none")
    frame = frame.reset_index()
    labels = {i: known.questionnaire.indicators[i].rule.label for i in indicators}
    sampling = published.areas.set_index("area")["sampling"]
    return frame.assign(
        label=frame["indicator"].map(labels),
        place=frame["area"].map(known.areas.name),
        sampling=frame["area"].map(sampling).fillna(""),
        mark=frame["mark"].fillna(""),
    )


def tests(results: Results, level: str) -> pd.DataFrame:
    """The published tests between the areas of a level, with ``label``."""
    rows = results.published.homogeneity
    rows = rows[rows["level"] == level] if len(rows) else rows
    labels = {i: r.rule.label for i, r in results.parameters.questionnaire.indicators.items()}
    return rows.assign(label=rows["indicator"].map(labels)).reset_index(drop=True)


def tree(results: Results) -> list[tuple[str, list[str]]]:
    """Each area of the largest level inside the whole, with those of the report level that lie in
    it; none where the report level is that level itself, or the two don't nest."""
    areas, level = results.parameters.areas, results.parameters.reports.level
    outer = levels_inside(results)[:1]
    if not outer or outer[0] == level:
        return []
    inside = areas.of_level(level)
    found = [
        (one, [part for part in inside if areas.contains(one, part)])
        for one in areas.of_level(outer[0])
    ]
    return found if sum(len(parts) for _, parts in found) == len(inside) else []


def asked_by_wave(results: Results, waves: Sequence[str]) -> pd.DataFrame:
    """How each area of the report level was sampled in some waves: ``place`` and a column per
    wave's label, "" where nobody was asked."""
    parameters = results.parameters
    areas = parameters.areas.of_level(parameters.reports.level)
    frame = pd.DataFrame({"place": [parameters.areas.name(area) for area in areas]})
    for name in waves:
        wave = parameters.waves[name]
        kinds = [
            sorted({one.sampling for one in strata_of(area, wave, parameters.areas).values()})
            for area in areas
        ]
        frame[wave.label] = ["+".join(kind) for kind in kinds]
    return frame
