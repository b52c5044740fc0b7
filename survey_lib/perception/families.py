"""Families of contrasts, and what is säkerställt in them (domain guide, 5.2).

Säkerställd is an adjusted p below the significance level: Benjamini–Hochberg in the family of a
list or a group table, Holm in that of a promise or of a table that names a few indicators, none
where ``tables.yaml`` says so of a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from survey_lib.statistics.comparison import adjust
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.tables import Showing

REST, CHANGE, GROUP = "rest", "change", "group"
COMMON = "common"  # the whole's change over the parts that both waves drew at random
PROMISE = "promise "  # opens the family of a promise's changes

# Why a contrast has no test ("" when it has one).
WORDING = "wording"  # the question, its answers or its base have changed, or no ages are common
SAMPLING = "sampling"  # one side is not a probability sample
COVERAGE = "coverage"  # the waves asked in different parts of the area
NONE = "none"  # no reference, or a side with too few answers

NAMES = ["comparison", "table", "area", "group", "category", "indicator"]
OWN = ["estimate", "low", "high"]
FIRST = ["first", "first_low", "first_high"]
SECOND = ["second", "second_low", "second_high"]
DIFFERENCE = ["difference", "se", "low", "high"]
COLUMNS = [
    *NAMES, "family", *FIRST, *SECOND, *DIFFERENCE, "p", "p_adjusted", "n_first", "n_second",
    "secured", "state", "ages", "modes_differ", "seasons_differ", "count_first", "count_second",
    "n_beside_first", "n_beside_second", "count_beside_first", "count_beside_second",
]  # fmt: skip


def contrasts(names: pd.DataFrame, own: pd.DataFrame, difference: pd.DataFrame) -> pd.DataFrame:
    """Contrasts from their names, their first sides' published rows (``estimate, low, high``) and
    what the statistics say of the differences; all with one row per contrast, in one order."""
    firsts = {name: own[c].to_numpy(float) for name, c in zip(FIRST, OWN, strict=True)}
    told = difference[[*SECOND, *DIFFERENCE, "p", "n_first", "n_second"]]
    frame = pd.concat([names.reset_index(drop=True), told.reset_index(drop=True)], axis=1)
    return frame.assign(**firsts)


def decide(
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
    family = (frame["comparison"] + " " + frame["table"] + " " + frame["group"]).str.strip()
    keys = pd.MultiIndex.from_frame(frame[["area", "indicator"]])
    promise = pd.Series(keys.map(promised or {}), index=frame.index, dtype=object)
    frame["family"] = (PROMISE + promise).fillna(family)
    few = frame[["n_first", "n_second"]].min(axis=1) < showing.hide_below
    frame.loc[(frame["state"] == "") & (few | frame["difference"].isna()), "state"] = NONE
    frame.loc[frame["state"].isin([WORDING, COVERAGE]), [*SECOND, *DIFFERENCE]] = np.nan
    tables = parameters.tables.tables
    methods = frame["table"].map({t: spec.family for t, spec in tables.items()})
    methods = methods.mask((frame["comparison"] == GROUP) & (methods == "named"), "list")
    methods = methods.mask(frame["family"].str.startswith(PROMISE), "named")
    return secure(frame, methods, showing)


def together(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All contrasts of a wave in one frame; what is about changes only is empty for the others."""
    frame = pd.concat([pd.DataFrame(columns=COLUMNS), *(f for f in frames if len(f))])
    frame = frame.reset_index(drop=True)
    texts, flags = (
        [*NAMES, "family", "state", "ages"],
        ["secured", "modes_differ", "seasons_differ"],
    )
    frame[texts] = frame[texts].fillna("").astype(object)
    for flag in flags:
        frame[flag] = frame[flag].eq(True)
    return frame.astype({name: float for name in frame if name not in (*texts, *flags)})


def secure(frame: pd.DataFrame, methods: pd.Series | str, showing: Showing) -> pd.DataFrame:
    """Rows with ``p_adjusted`` and ``secured``: the tested ones, of state "", adjusted in the
    families that ``family`` and ``area`` name, by the method of each row or of all
    (:func:`~survey_lib.statistics.comparison.adjust`). The others lose their ``p``."""
    tested = (frame["state"] == "").to_numpy()
    p = np.where(tested, frame["p"].to_numpy(float), np.nan)
    adjusted = np.full(len(frame), np.nan)
    rows = np.flatnonzero(tested)
    named = pd.Series(methods, index=frame.index).to_numpy()
    families = frame[tested].groupby(["family", "area"], sort=False).indices
    for places in families.values():
        members = rows[places]
        adjusted[members] = adjust(p[members], method=named[members[0]])
    secured = adjusted < showing.significance
    return frame.assign(p=p, p_adjusted=adjusted, secured=secured)
