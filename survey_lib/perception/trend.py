"""Every wave's shares in a row, and where the row is broken.

Two waves that follow each other in an area's row are joined only when they asked the same question
with the same answers, base and ages, in the same parts of the area, of samples of the same kind
(domain guide, 3.2 and 5.2). Nothing is tested here: what has changed säkerställt is told by the
contrasts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from survey_lib.perception.comparisons.waves import comparable_waves
from survey_lib.perception.estimates import Estimates
from survey_lib.perception.families import COVERAGE, SAMPLING, WORDING
from survey_lib.vocabulary import Parameters

FIRST = "first"  # state of the earliest value; "" is joined to the one before
KEYS = ["area", "indicator"]
COLUMNS = [*KEYS, "wave", "estimate", "low", "high", "n", "n_effective", "mark"]


def trend(
    waves: Sequence[Estimates], shown: Mapping[str, pd.DataFrame], parameters: Parameters
) -> pd.DataFrame:
    """The shares of whole areas in every wave, for what the last wave asked.

    Parameters
    ----------
    waves : in the order of their fieldwork.
    shown : the indicators of each wave by its id, after the door.

    Returns
    -------
    ``area, indicator, wave, estimate, low, high, n, n_effective, mark, state``: a row per wave that
    has the share, in order of time; ``state`` is "first", "" (joined to the row before), or why
    not: "wording", "coverage" or "sampling".
    """
    frames = []
    for place, one in enumerate(waves):
        rows = shown[one.wave.id]
        rows = rows[rows["group"] == ""]
        sampled = one.areas.set_index("area")[["sampling", "missing"]]
        frames.append(rows.assign(wave=one.wave.id, place=place).join(sampled, on="area"))
    every = pd.concat(frames, ignore_index=True)
    asked = pd.MultiIndex.from_frame(frames[-1][KEYS])
    every = every[pd.MultiIndex.from_frame(every[KEYS]).isin(asked)]
    every = every.sort_values([*KEYS, "place"], ignore_index=True)
    before = every.groupby(KEYS)[["place", "sampling", "missing"]].shift()
    every["state"] = ""
    every.loc[every["sampling"] != before["sampling"], "state"] = SAMPLING
    every.loc[every["missing"] != before["missing"], "state"] = COVERAGE
    pairs = pd.Series(
        list(zip(every["indicator"], before["place"], every["place"], strict=True)), every.index
    )
    known = pairs[before["place"].notna()]
    same = {
        (name, earlier, later): _same(name, waves[int(later)], waves[int(earlier)], parameters)
        for name, earlier, later in known.unique()
    }
    every.loc[known.index[~known.map(same).astype(bool)], "state"] = WORDING
    every.loc[before["place"].isna(), "state"] = FIRST
    return every[[*COLUMNS, "state"]]


def _same(name: str, now: Estimates, before: Estimates, parameters: Parameters) -> bool:
    indicator, waves = parameters.questionnaire.indicators[name], (now.wave, before.wave)
    alike = waves[0].age_span == waves[1].age_span
    return alike and comparable_waves(indicator, *waves, parameters)
