"""Each area's change since an earlier wave, and when two waves may be compared at all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey_lib.perception.ages import BESIDE, INSIDE, Span, all_inside, common_ages, name_of
from survey_lib.perception.estimates import Estimates
from survey_lib.perception.families import (
    CHANGE,
    COVERAGE,
    DIFFERENCE,
    SAMPLING,
    WORDING,
    contrasts,
    decide,
)
from survey_lib.perception.respondents import PROBABILITY
from survey_lib.perception.two_waves import TwoWaves
from survey_lib.statistics.comparison import compare_independent
from survey_lib.vocabulary import Indicator, Parameters, Questionnaire, Wave
from survey_lib.vocabulary.promises import families

KEYS = ["table", "area", "indicator"]


def compare_with_earlier(
    estimates: Estimates,
    earlier: Estimates,
    parameters: Parameters,
    two: TwoWaves | None = None,
) -> pd.DataFrame:
    """Each area's change since an earlier wave, the two weighted separately, and drawn separately
    unless ``tables.yaml`` says that they share primary units: then ``two`` must be given.

    Where the waves asked different ages, both shares are those of the ages that they have in
    common, which ``ages`` names.
    """
    waves = estimates.wave, earlier.wave
    span = common_ages(*waves, parameters.questionnaire)
    first, second = _pairs(*(_on(one, span) for one in (estimates, earlier)))
    names = first[KEYS].assign(comparison=CHANGE, group="", category="")
    confidence = parameters.tables.showing.confidence
    if parameters.tables.shared_units:
        assert two is not None, "waves that share units are compared by their answers"
        difference = two.changes(names)
    else:
        difference = compare_independent(first, second, confidence=confidence)
    frame = contrasts(names, first, difference)
    frame["ages"] = name_of(span) if span and waves[0].age_span != waves[1].age_span else ""
    for side, rows in (("first", first), ("second", second)):
        for name in ("count", "n_beside", "count_beside"):
            frame[f"{name}_{side}"] = rows[name].to_numpy()
    indicators = parameters.questionnaire.indicators
    comparable = {
        i: comparable_waves(indicators[i], *waves, parameters) for i in frame["indicator"].unique()
    }
    same = frame["indicator"].map(comparable).astype(bool)
    areas = [one.areas.set_index("area").loc[frame["area"]] for one in (estimates, earlier)]
    parts, kinds = ([one[name].to_numpy() for one in areas] for name in ("missing", "sampling"))
    moved, alike = parts[0] != parts[1], kinds[0] == kinds[1]
    untested = ~(alike & (kinds[0] == PROBABILITY))
    frame.loc[~alike, DIFFERENCE] = np.nan
    frame["state"] = np.select([~same, moved, untested], [WORDING, COVERAGE, SAMPLING], "")
    modes = [[set(str(m).split("|")) for m in one["modes"]] for one in areas]
    frame["modes_differ"] = [now != before for now, before in zip(*modes, strict=True)]
    frame["seasons_differ"] = waves[0].season != waves[1].season
    return decide([frame], parameters, families(parameters.promises, waves[0], waves[1].id))


def comparable_waves(
    indicator: Indicator, wave: Wave, earlier: Wave, parameters: Parameters
) -> bool:
    """Whether question, answers and base are the same in two waves, and some ages in common
    (guide 3.2 and 5.2)."""
    questionnaire = parameters.questionnaire
    now, before = (_asked(indicator, one, questionnaire) for one in (wave, earlier))
    return now == before and common_ages(wave, earlier, questionnaire) is not None


def _asked(indicator: Indicator, wave: Wave, questionnaire: Questionnaire) -> tuple:
    """What an indicator is made of in a wave: scale, wording and numerator of its question, the
    options beside it, and of every other question that its base or numerator rests on whether it
    was asked, and how."""
    names = [indicator.item, *_resting_on(indicator, questionnaire)]
    versions = [
        (
            name,
            questionnaire.scale_of(name, wave),
            questionnaire.wording_of(name, wave),
            [c for c in questionnaire.columns(name) if not {c, name} & set(wave.not_asked)],
        )
        for name in names
    ]
    return versions, questionnaire.numerator(indicator.id, wave)


def _resting_on(indicator: Indicator, questionnaire: Questionnaire) -> list[str]:
    """The variables of an indicator's filter, of that one's own filter, and of its numerator."""
    found: list[str] = []
    asked = [*(indicator.rule.also or {}), indicator.item]
    while asked:
        name = asked.pop()
        if name in found:
            continue
        found.append(name)
        asked += getattr(questionnaire.variable(name), "asked_if", None) or {}
    return [name for name in found if name != indicator.item]


def _on(estimates: Estimates, span: Span | None) -> pd.DataFrame:
    """A wave's shares for whole areas on some ages, with the bases of those left out."""
    if span is None or all_inside(estimates.wave, span):
        whole = estimates.indicators[estimates.indicators["group"] == ""]
        return whole.assign(n_beside=0, count_beside=0)
    rows = estimates.ages[estimates.ages["ages"] == name_of(span)]
    inside, beside = (rows[rows["category"] == side] for side in (INSIDE, BESIDE))
    left = beside[[*KEYS, "n", "count"]]
    return inside.merge(left, on=KEYS, suffixes=("", "_beside"), validate="1:1")


def _pairs(now: pd.DataFrame, before: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that both waves have, in one order."""
    before = before.set_index(KEYS)
    now = now[pd.MultiIndex.from_frame(now[KEYS]).isin(before.index)].reset_index(drop=True)
    before = before.loc[pd.MultiIndex.from_frame(now[KEYS])].reset_index()
    return now, before
