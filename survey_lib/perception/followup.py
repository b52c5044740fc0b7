"""How it went with what was promised: each promise's indicators before and after (guide 1.5).

A wave follows up the promises whose follow-up wave it is, and those whose period it falls in. Each
change is the contrast that :func:`~survey_lib.perception.comparisons.compare_with_earlier` made
between the wave and the promise's baseline, with the same test: there it stands in the promise's
own family (Holm, one family per promise and area), whether or not the baseline is the wave that
the reports compare with. So no page can have another verdict on it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from survey_lib.perception import families
from survey_lib.perception.comparisons import CHANGE, NONE, WORDING, comparable_waves
from survey_lib.perception.estimates import Estimates
from survey_lib.perception.respondents import PROBABILITY
from survey_lib.vocabulary import Parameters

RIGHT, OTHER, UNCLEAR = "ratt", "annat", "ovisst"  # verdicts of guide 6.4; "" without a test
WANTED = {"upp": "up", "ned": "down"}

ABOUT = ["promise", "indicator", "area", "before", "after", "ongoing", "wanted", "probability"]
TEXTS = ["ages", "state"]
FLAGS = ["secured", "modes_differ", "seasons_differ"]
NAMES = ["table", "family", "comparison", "group", "category"]  # of a contrast, the same in all


def follow_up(
    estimates: Estimates, changes: Mapping[str, pd.DataFrame], parameters: Parameters
) -> pd.DataFrame:
    """A row per promise × area × indicator that the wave follows up.

    Parameters
    ----------
    changes : the wave's contrasts with each baseline, by its id.

    Returns
    -------
    ``promise, indicator, area``; ``before`` (the baseline, "" when no wave came before the
    promise) and ``after`` (this wave); ``ongoing`` (its fieldwork began inside the period);
    ``wanted`` ("up" or "down"); ``probability`` (this wave has a probability sample of the area);
    the columns of a contrast, empty but for ``state`` where there is none; ``verdict``. An area
    that the wave didn't ask in has no row.
    """
    frame = _promised(estimates, parameters)
    keys = ["before", "area", "indicator"]
    told = [c for c in families.COLUMNS if c not in (*keys, *NAMES)]
    contrasts = [rows.assign(before=wave) for wave, rows in changes.items() if len(rows)]
    if contrasts:
        rows = pd.concat(contrasts)[[*keys, *told]]
        frame = frame.merge(rows, on=keys, how="left", validate="m:1")
    frame = frame.reindex(columns=[*ABOUT, *told])
    untold = frame["state"].isna()
    frame["state"] = frame["state"].astype(object)
    frame.loc[untold, "state"] = [
        _no_contrast(row, estimates, parameters) for row in frame[untold].to_dict("records")
    ]
    frame = frame.assign(**{flag: frame[flag].eq(True) for flag in FLAGS})
    frame["ages"] = frame["ages"].fillna("").astype(object)
    numbers = [c for c in told if c not in (*TEXTS, *FLAGS)]
    frame = frame.astype(dict.fromkeys(numbers, float) | {"ongoing": bool, "probability": bool})
    return frame.assign(verdict=verdicts(frame), comparison=CHANGE, group="", category="")


def verdicts(frame: pd.DataFrame) -> np.ndarray:
    """What the test says of each row: secured in the wanted direction, secured in the other one, or
    neither; "" where there is no test."""
    wanted = (frame["difference"] > 0) == (frame["wanted"] == "up")
    cases = [frame["state"] != "", frame["secured"] & wanted, frame["secured"]]
    return np.select(cases, ["", RIGHT, OTHER], UNCLEAR).astype(object)


def _promised(estimates: Estimates, parameters: Parameters) -> pd.DataFrame:
    """A row per promise × area × indicator that the wave follows up and asked about."""
    wave = estimates.wave
    sampling = estimates.areas.set_index("area")["sampling"].to_dict()
    rows = [
        (
            name,
            indicator,
            area,
            promise.baseline or "",
            wave.id,
            promise.is_ongoing(wave),
            WANTED[promise.direction(indicator)],
            sampling[area] == PROBABILITY,
        )
        for name, promise in parameters.promises.items()
        if promise.is_shown_in(wave)
        for area in promise.areas
        if sampling.get(area)
        for indicator in promise.indicators
    ]
    return pd.DataFrame(rows, columns=ABOUT)


def _no_contrast(row: dict, estimates: Estimates, parameters: Parameters) -> str:
    """Why an indicator has no contrast with the baseline: it is another question now, or one of the
    two waves didn't ask it."""
    if not row["before"]:
        return NONE
    indicator = parameters.questionnaire.indicators[row["indicator"]]
    waves = estimates.wave, parameters.waves[row["before"]]
    asked = all(not {indicator.column, indicator.item} & set(wave.not_asked) for wave in waves)
    same = comparable_waves(indicator, *waves, parameters)
    return WORDING if asked and not same else NONE
