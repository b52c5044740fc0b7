"""Differences that may be spoken of: an area against the rest, a wave against an earlier one.

Each contrast (indicator × area × comparison) is tested once, in one family: the indicators of its
table in that area and comparison, or of the promise that it follows up. Whether it is *säkerställd*
is decided here and nowhere else: an adjusted p below the significance level (domain guide, 5.2).
Which words that earns is the business of the presentation.

A frame of contrasts has one row per ``comparison`` ("rest" or "change") × ``table`` × ``area`` ×
``group`` × ``category`` (both "" for the whole area) × ``indicator``: ``family`` (the name of the
one family it is adjusted in, together with its area), ``first`` and ``second`` (the two shares, the second with its interval
``second_low, second_high``), ``difference, se, low, high, p, p_adjusted, n_first, n_second``,
``secured`` and ``state``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from survey_lib.perception.estimates import Estimates
from survey_lib.perception.indicators import areas_of, indicator_arrays
from survey_lib.perception.respondents import PROBABILITY
from survey_lib.statistics.answers import Answers
from survey_lib.statistics.comparison import adjust, compare_independent
from survey_lib.statistics.rest import compare_with_rest as each_with_rest
from survey_lib.vocabulary import Indicator, Parameters, Wave
from survey_lib.vocabulary.promises import families
from survey_lib.weighting import WeightedSurvey

REST, CHANGE, GROUP = "rest", "change", "group"
PROMISE = "promise "  # opens the family of a promise's changes

# Why a contrast has no test ("" when it has one).
WORDING = "wording"  # the question, its answers or the ages asked have changed
SAMPLING = "sampling"  # one side is not a probability sample
COVERAGE = "coverage"  # the waves asked in different parts of the area
NONE = "none"  # no reference, or a side with too few answers

SECOND = ["second", "second_low", "second_high"]
DIFFERENCE = ["difference", "se", "low", "high"]


def compare_with_rest(
    survey: WeightedSurvey, estimates: Estimates, parameters: Parameters
) -> pd.DataFrame:
    """Each area against the other areas of its level, with the covariance of the two.

    The reference is never the whole with the area inside it, and it holds only areas that were
    sampled with probabilities. When fewer than half of the other areas are, there is no reference.
    """
    whole = estimates.indicators[estimates.indicators["group"] == ""]
    sampling = estimates.areas.set_index("area")["sampling"]
    frames = []
    for level in parameters.areas.levels:
        order = parameters.areas.of_level(level)
        if not parameters.areas.levels[level].reports or len(order) < 2:
            continue
        rows = whole[whole["area"].isin(order)]
        every = [parameters.questionnaire.indicators[i] for i in rows["indicator"].unique()]
        if not every:
            continue
        area = areas_of(survey.frame, level, parameters.areas, order)
        usable = np.array([sampling.get(a, "") == PROBABILITY for a in order])
        difference = each_with_rest(
            survey.design,
            Answers.from_indicators(
                *indicator_arrays(survey.frame, every, survey.wave, parameters)
            ),
            area,
            len(order),
            reference=usable,
            confidence=parameters.tables.showing.confidence,
        )
        answered = np.bincount(area[area >= 0], minlength=len(order)) > 0
        difference = difference[answered[difference["domain"]]]
        difference = difference.sort_values(["domain", "indicator"], ignore_index=True)
        place = difference.pop("domain").to_numpy()
        frame = pd.DataFrame(
            {
                "comparison": REST,
                "area": np.array(order, dtype=object)[place],
                "indicator": np.array([i.id for i in every], dtype=object)[difference["indicator"]],
            }
        )
        named = rows[["area", "indicator", "table", "estimate"]]
        frame = frame.merge(named, on=["area", "indicator"], how="left", validate="1:1")
        frame = _joined(frame, frame.pop("estimate"), difference)
        enough = (2 * (usable.sum() - usable) >= len(order) - 1)[place]
        frame.loc[~enough, difference.columns.intersection(frame.columns)] = np.nan
        frame.loc[~usable[place], DIFFERENCE] = np.nan  # another kind of sampling than the rest
        frame["state"] = np.select([~enough, ~usable[place]], [NONE, SAMPLING], "")
        frames.append(frame)
    return _decide(frames, parameters)


def compare_with_earlier(
    estimates: Estimates, earlier: Estimates, parameters: Parameters
) -> pd.DataFrame:
    """Each area's change since an earlier wave, the two drawn and weighted separately."""
    now = estimates.indicators[estimates.indicators["group"] == ""]
    before = earlier.indicators[earlier.indicators["group"] == ""]
    pairs = now.merge(before, on=["table", "area", "indicator"], suffixes=("", "_before"))
    first = pairs[[c for c in now.columns if c in pairs]]
    second = pairs[[f"{c}_before" if f"{c}_before" in pairs else c for c in now.columns]]
    second = second.set_axis(now.columns, axis=1)
    difference = compare_independent(first, second, confidence=parameters.tables.showing.confidence)
    frame = pairs[["table", "area", "indicator"]].assign(comparison=CHANGE)
    frame = _joined(frame, first["estimate"], difference)
    indicators = parameters.questionnaire.indicators
    comparable = {
        i: comparable_waves(indicators[i], estimates.wave, earlier.wave, parameters)
        for i in frame["indicator"].unique()
    }
    same = frame["indicator"].map(comparable)
    areas = [one.areas.set_index("area").loc[frame["area"]] for one in (estimates, earlier)]
    parts, kinds = ([one[name].to_numpy() for one in areas] for name in ("missing", "sampling"))
    moved, alike = parts[0] != parts[1], kinds[0] == kinds[1]
    untested = ~(alike & (kinds[0] == PROBABILITY))
    frame.loc[~alike, DIFFERENCE] = np.nan
    frame["state"] = np.select([~same, moved, untested], [WORDING, COVERAGE, SAMPLING], "")
    promised = families(parameters.promises, estimates.wave, earlier.wave.id)
    return _decide([frame], parameters, promised)


def _joined(frame: pd.DataFrame, estimate: pd.Series, difference: pd.DataFrame) -> pd.DataFrame:
    """A contrast's names, its two shares, and what the statistics say of their difference."""
    difference = difference.drop(columns=["indicator", "df"])
    return pd.concat([frame.assign(first=estimate.to_numpy(float)), difference], axis=1)


def comparable_waves(
    indicator: Indicator, wave: Wave, earlier: Wave, parameters: Parameters
) -> bool:
    """Whether question, answers and the ages asked are the same in two waves (guide 3.2)."""
    item, questionnaire = indicator.item, parameters.questionnaire
    return (
        questionnaire.scale_of(item, wave) == questionnaire.scale_of(item, earlier)
        and questionnaire.wording_of(item, wave) == questionnaire.wording_of(item, earlier)
        and wave.age_span == earlier.age_span
    )


def _decide(
    frames: list[pd.DataFrame],
    parameters: Parameters,
    promised: Mapping[tuple[str, str], str] | None = None,
) -> pd.DataFrame:
    """Adjust p within each family; what has no test loses its p, and across a changed question
    there is no difference either. ``promised`` are the (area, indicator) that are tested with a
    promise's instead of their table's (:func:`survey_lib.vocabulary.promises.families`)."""
    if not frames:
        return pd.DataFrame()
    showing = parameters.tables.showing
    frame = pd.concat(frames, ignore_index=True)
    for name in ("group", "category"):
        frame[name] = frame[name].fillna("") if name in frame else ""
    frame["family"] = (
        frame["comparison"] + " " + frame["table"] + " " + frame["group"]
    ).str.strip()
    keys = pd.MultiIndex.from_frame(frame[["area", "indicator"]])
    promise = pd.Series(keys.map(promised or {}), index=frame.index, dtype=object)
    frame["family"] = (PROMISE + promise).fillna(frame["family"])
    few = frame[["n_first", "n_second"]].min(axis=1) < showing.hide_below
    frame.loc[(frame["state"] == "") & (few | frame["difference"].isna()), "state"] = NONE
    frame.loc[frame["state"].isin([WORDING, COVERAGE]), [*SECOND, *DIFFERENCE]] = np.nan
    tested = frame["state"] == ""
    frame.loc[~tested, "p"] = np.nan
    frame["p_adjusted"] = np.nan
    for (name, _), family in frame[tested].groupby(["family", "area"], sort=False):
        table = parameters.tables.tables[family["table"].iloc[0]]
        method = "named" if name.startswith(PROMISE) else table.family
        frame.loc[family.index, "p_adjusted"] = adjust(family["p"].to_numpy(), method=method)
    frame["secured"] = frame["p_adjusted"] < showing.significance
    return frame
