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

from survey_lib.perception.comparisons import NONE, WORDING, comparable_waves
from survey_lib.perception.estimates import Estimates
from survey_lib.perception.respondents import PROBABILITY
from survey_lib.vocabulary import Parameters

RIGHT, OTHER, UNCLEAR = "ratt", "annat", "ovisst"  # verdicts of guide 6.4; "" without a test
WANTED = {"upp": "up", "ned": "down"}

ABOUT = ["promise", "indicator", "area", "before", "after", "ongoing", "wanted"]
FLAGS = ["ongoing", "probability", "modes_differ", "seasons_differ", "secured"]
OWN = {"estimate": "first", "low": "first_low", "high": "first_high", "n": "n_first"}
CONTRAST = [
    "second", "second_low", "second_high", "n_second", "difference", "se", "low", "high", "p",
    "p_adjusted", "secured", "state",
]  # fmt: skip


def follow_up(
    estimates: Estimates,
    earlier: Mapping[str, Estimates],
    changes: Mapping[str, pd.DataFrame],
    parameters: Parameters,
) -> pd.DataFrame:
    """A row per promise × area × indicator that the wave follows up.

    Parameters
    ----------
    earlier : the estimates of every baseline, by wave.
    changes : the contrasts with each of them, by wave.

    Returns
    -------
    ``promise, indicator, area``; ``before`` (the baseline, "" when no wave came before the
    promise) and ``after`` (this wave); ``ongoing`` (its fieldwork began inside the period);
    ``wanted`` ("up" or "down"); this wave's share ``first, first_low, first_high, n_first``; the
    baseline's, the difference and its test as in the contrasts; ``probability`` (this wave has a
    probability sample of the area), ``modes_differ, seasons_differ`` (between the two waves);
    ``verdict``. An area that the wave didn't ask in has no row.
    """
    frame = _promised(estimates, parameters)
    whole = estimates.indicators[estimates.indicators["group"] == ""]
    own = whole[["area", "indicator", *OWN]].rename(columns=OWN)
    frame = frame.merge(own, on=["area", "indicator"], how="left", validate="m:1")
    contrasts = [rows.assign(before=wave) for wave, rows in changes.items() if len(rows)]
    keys = ["before", "area", "indicator"]
    if contrasts:
        compared = pd.concat(contrasts)[[*keys, *CONTRAST]]
        frame = frame.merge(compared, on=keys, how="left", validate="m:1")
    frame = frame.reindex(columns=[*ABOUT, *OWN.values(), *CONTRAST])
    untold = frame["state"].isna()
    frame.loc[untold, "state"] = [
        _no_contrast(row, estimates, parameters) for row in frame[untold].to_dict("records")
    ]
    frame = frame.assign(secured=frame["secured"].eq(True), **_sides(frame, estimates, earlier))
    frame["verdict"] = verdicts(frame)
    numbers = [c for c in (*OWN.values(), *CONTRAST) if c not in ("secured", "state")]
    return frame.astype(dict.fromkeys(FLAGS, bool) | dict.fromkeys(numbers, float))


def verdicts(frame: pd.DataFrame) -> np.ndarray:
    """What the test says of each row: secured in the wanted direction, secured in the other one, or
    neither; "" where there is no test."""
    secured, untested = frame["secured"].astype(bool), frame["state"] != ""
    wanted = (frame["difference"].astype(float) > 0) == (frame["wanted"] == "up")
    said = np.select([untested, secured & wanted, secured], ["", RIGHT, OTHER], UNCLEAR)
    return said.astype(object)


def _promised(estimates: Estimates, parameters: Parameters) -> pd.DataFrame:
    """A row per promise × area × indicator that the wave follows up and asked about."""
    wave = estimates.wave
    asked = set(estimates.areas.loc[estimates.areas["sampling"] != "", "area"])
    rows = [
        (
            name,
            indicator,
            area,
            promise.baseline or "",
            wave.id,
            promise.is_ongoing(wave),
            WANTED[promise.direction(indicator)],
        )
        for name, promise in parameters.promises.items()
        if promise.is_shown_in(wave)
        for area in promise.areas
        if area in asked
        for indicator in promise.indicators
    ]
    return pd.DataFrame(rows, columns=ABOUT)


def _no_contrast(row: dict, estimates: Estimates, parameters: Parameters) -> str:
    """Why an indicator has no contrast with the baseline: it is another question now, or one of the
    two waves didn't ask it."""
    if not row["before"] or np.isnan(row["first"]):
        return NONE
    indicator = parameters.questionnaire.indicators[row["indicator"]]
    baseline = parameters.waves[row["before"]]
    asked = not {indicator.column, indicator.item} & set(baseline.not_asked)
    same = comparable_waves(indicator, estimates.wave, baseline, parameters)
    return WORDING if asked and not same else NONE


def _sides(
    frame: pd.DataFrame, estimates: Estimates, earlier: Mapping[str, Estimates]
) -> dict[str, list[bool]]:
    """How this wave asked in each row's area, beside how its baseline did."""
    now = estimates.areas.set_index("area")
    before = {wave: one.areas.set_index("area")["modes"] for wave, one in earlier.items()}
    pairs = list(zip(frame["area"], frame["before"], strict=True))
    return {
        "probability": [now.at[area, "sampling"] == PROBABILITY for area, _ in pairs],
        "modes_differ": [
            bool(wave) and _modes(now["modes"], area) != _modes(before[wave], area)
            for area, wave in pairs
        ],
        "seasons_differ": [
            bool(wave) and earlier[wave].wave.season != estimates.wave.season for _, wave in pairs
        ],
    }


def _modes(modes: pd.Series, area: str) -> set[str]:
    return set(str(modes.get(area, "")).split("|"))
