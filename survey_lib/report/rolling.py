"""A pulse: surveys each month or quarter, as rolling windows watched for change.

Made of what is published already: the shares of every wave (``Published.trend``), each of a sample
of its own. A window with a wave whose value is hidden has none, and after a break (another wording,
other parts of the area, another kind of sample) the row begins anew.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from survey_lib.faults import BadInput, Fault
from survey_lib.presentation import charts, phrases
from survey_lib.presentation.rolling import watched_table, watching
from survey_lib.presentation.section import Section
from survey_lib.report import notes
from survey_lib.report.results import Results
from survey_lib.statistics.rolling import rolling_shares, watched_changes

GAP = 1.5  # times the usual time between two waves: then one is missing
COLUMNS = ["difference", "limit", "signal"]


def watched(
    results: Results, indicators: Sequence[str], window: int, year: int, rate: float
) -> Section:
    """Some indicators of the area in windows of so many waves.

    Parameters
    ----------
    window, year : waves in a window, and in a year.
    rate : the chance of any false signal in a year, all the indicators together.

    Raises
    ------
    BadInput : an indicator that isn't published for the area, windows longer than a year, or waves
        at uneven times.
    """
    every = results.over_time(list(indicators))
    _check(results, every, indicators, window, year)
    frames = [
        _windows(results, part, window, year, rate / len(indicators))
        for _, part in every.groupby("indicator", sort=False)
    ]
    words, title = results.words, "Rullande bild"
    rows = pd.concat(frames, ignore_index=True)
    if rows.empty:
        return Section(title)
    caption = f"Rullande perioder till och med {rows['wave_label'].iloc[-1]}"
    under = notes.notes(results, rows.drop_duplicates("indicator"))
    return Section(
        title,
        watching(rows, words, window, year, rate),
        [charts.watched(rows, words, caption)],
        [watched_table(rows, words, caption, notes=under)],
    )


def _windows(
    results: Results, rows: pd.DataFrame, window: int, year: int, rate: float
) -> pd.DataFrame:
    """The windows of one indicator since its last break."""
    breaks = np.flatnonzero(rows["state"] != "")
    rows = rows.iloc[breaks[-1] if len(breaks) else 0 :].reset_index(drop=True)
    if len(rows) < window:
        return pd.DataFrame()
    showing = results.parameters.tables.showing
    estimate, size, n = (
        rows[name].to_numpy(float) for name in ("estimate", "n_effective", "n")
    )  # fmt: skip
    made = rolling_shares(estimate, size, n, window, confidence=showing.confidence)
    if results.words.probability:
        changes = watched_changes(estimate, size, window, year, rate=rate)
        made = made.merge(changes, on="last", how="left")
    made = made.reindex(columns=[*made.columns.union(COLUMNS, sort=False)])
    last = rows.iloc[made["last"]].reset_index(drop=True)
    first = rows.iloc[made["last"] - window + 1].reset_index(drop=True)
    hidden = made["estimate"].isna()
    few = made["n"] < showing.uncertain_below
    return made.assign(
        indicator=last["indicator"],
        label=last["label"],
        wave_label=last["wave_label"],
        first_label=first["wave_label"],
        year=last["year"],
        mark=np.select([hidden, few], [phrases.HIDDEN, phrases.UNCERTAIN], ""),
        signal=made["signal"].eq(True),
    )


def _check(
    results: Results, rows: pd.DataFrame, indicators: Sequence[str], window: int, year: int
) -> None:
    """Faults of what was asked for, and of the waves' times, all at once."""
    faults = []
    known = set(rows["indicator"])
    for name in indicators:
        if name not in known:
            faults.append(_fault("indicators", name, "one that three waves have in this area"))
    if not 1 <= window <= year:
        faults.append(_fault("window", str(window), f"1 to {year}, the waves of a year"))
    times = np.diff(np.sort(rows["year"].unique()))
    if len(times) and times.max() > GAP * np.median(times):
        found = "waves at uneven times, or one that is missing"
        faults.append(_fault(results.wave.id, found, "a wave in every period"))
    if faults:
        raise BadInput(faults)


def _fault(place: str, found: str, expected: str) -> Fault:
    return Fault("what was asked for", place, found, expected, "change it in the notebook's cell")
