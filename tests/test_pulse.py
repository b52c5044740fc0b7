"""A pulse watched: windows of published waves, signals where the truth has changed, and breaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey_lib.demo import write_pulse
from survey_lib.faults import BadInput
from survey_lib.presentation import phrases
from survey_lib.report.area_report import Report
from survey_lib.report.results import Results
from survey_lib.report.rolling import watched
from survey_lib.statistics.rolling import rolling_shares, watched_changes
from survey_lib.vocabulary import Parameters, load_parameters
from survey_lib.vocabulary.reports import Watch

AREA, ITEMS = "sdn:angered", ["prob_narkotika_stort", "trygg_omrade"]
MONTHS = 27
NAMES = ["jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"]


def month(number: int) -> tuple[int, int]:
    return 2023 + number // 12, 1 + number % 12


def pulse(parameters: Parameters, shares: dict[str, np.ndarray], **changed: Any) -> Results:
    """Monthly waves of one area, as they leave the door; ``changed``: columns of all rows."""
    waves, rows = {}, []
    for number in range(MONTHS):
        year, nth = month(number)
        name = f"{year}_{nth:02}"
        waves[name] = parameters.waves["2024"].model_copy(
            update={
                "id": name,
                "label": f"{NAMES[nth - 1]} {year}",
                "fieldwork": (date(year, nth, 1), date(year, nth, 25)),
            }
        )
        for indicator, values in shares.items():
            p = values[number]
            rows.append((AREA, indicator, name, p, p - 0.1, p + 0.1, 100.0, 80.0, "", ""))
    columns = ["area", "indicator", "wave", "estimate", "low", "high", "n", "n_effective", "mark",
               "state"]  # fmt: skip
    trend = pd.DataFrame(rows, columns=columns)
    trend.loc[trend["wave"] == "2023_01", "state"] = "first"
    for column, values in changed.items():
        trend[column] = values
    sampling = changed.get("sampling", "sannolikhet")
    published = SimpleNamespace(
        trend=trend,
        answers=pd.DataFrame(),
        areas=pd.DataFrame([{"area": AREA, "level": "sdn", "sampling": sampling}]),
        manifest={"wave": name, "compare_with": None},
    )
    return Results(replace(parameters, waves=waves), published, AREA)  # type: ignore[arg-type]


def flat(share: float = 0.2) -> np.ndarray:
    return np.full(MONTHS, share)


def risen() -> np.ndarray:
    """A step of 25 percentage points in the last seven months."""
    return np.where(np.arange(MONTHS) >= MONTHS - 7, 0.45, 0.2)


def cells(section: Any, heading: str) -> list[str]:
    table = section.tables[0]
    place = [column.heading for column in table.columns].index(heading)
    return [row[place].text for row in table.rows]


def test_table_chart_and_sentences_are_those_of_the_windows(parameters: Parameters) -> None:
    section = watched(pulse(parameters, {ITEMS[0]: risen()}), ITEMS[:1], 3, 12, 0.05)
    size = np.full(MONTHS, 80.0)
    windows = rolling_shares(risen(), size, np.full(MONTHS, 100.0), 3)
    changes = watched_changes(risen(), size, 3, 12)
    assert len(section.tables[0].rows) == len(windows) == MONTHS - 2
    assert cells(section, "Andel")[-1] == "45\u00a0%" and cells(section, "Period")[0] == (
        "jan 2023 – mars 2023"
    )
    signals = cells(section, "Signal")
    assert signals == ["–"] * 12 + ["signal" if one else "nej" for one in changes["signal"]]
    assert signals[-1] == "signal" and "nej" in signals
    assert "Signal: " in section.figures[0].alt
    points = section.sentences[2]
    assert "Signal för perioderna till och med" in points[0].text
    assert "säkerställd" not in points[0].text
    assert section.figures[0].svg().count(">signal<") == 1  # once for a row of them


def test_several_indicators_share_the_year_s_risk(parameters: Parameters) -> None:
    alone = watched(pulse(parameters, {ITEMS[0]: flat()}), ITEMS[:1], 3, 12, 0.05)
    both = pulse(parameters, {name: flat() for name in ITEMS})
    together = watched(both, ITEMS, 3, 12, 0.05)
    assert "de två måtten tillsammans" in str(together.sentences[1])
    limits = [cells(one, "Gränser (p.e.)")[-1] for one in (alone, together)]
    widths = [int(text.split(" till ")[1]) for text in limits]
    assert widths[1] > widths[0]
    assert "Ingen signal." in together.sentences[2][0].text


def test_a_hidden_month_is_in_no_window_and_a_break_begins_the_row_anew(
    parameters: Parameters,
) -> None:
    hidden = flat()
    hidden[5] = np.nan
    section = watched(pulse(parameters, {ITEMS[0]: hidden}), ITEMS[:1], 3, 12, 0.05)
    assert cells(section, "Andel").count("..") == 3
    states = np.array(["", *[""] * (MONTHS - 1)], dtype=object)
    states[0], states[10] = "first", "wording"
    broken = watched(pulse(parameters, {ITEMS[0]: flat()}, state=states), ITEMS[:1], 3, 12, 0.05)
    assert len(broken.tables[0].rows) == MONTHS - 10 - 2
    assert cells(broken, "Period")[0].startswith("nov 2023")


def test_too_short_a_row_and_a_quota_sample_have_values_and_no_limits(
    parameters: Parameters,
) -> None:
    states = np.array([""] * MONTHS, dtype=object)
    states[MONTHS - 10] = "coverage"
    short = watched(pulse(parameters, {ITEMS[0]: risen()}, state=states), ITEMS[:1], 3, 12, 0.05)
    assert set(cells(short, "Signal")) == {"–"} and "15 undersökningar" in str(short.sentences[1])
    quota = watched(pulse(parameters, {ITEMS[0]: risen()}, sampling="kvot"), ITEMS[:1], 3, 12, 0.05)
    assert set(cells(quota, "Signal")) == {"–"} and phrases.KVOT in str(quota.sentences[-1])
    assert "KI" not in quota.tables[0].html()


def test_reports_watch_what_the_parameters_say(parameters: Parameters) -> None:
    """Nothing is shown without ``watch``, nor of what three surveys don't have."""
    results = pulse(parameters, {ITEMS[0]: risen()})
    assert not Report(results).rolling
    watch = Watch(indicators=ITEMS, window=3, year=12, rate=0.05)
    told = replace(
        results.parameters, reports=results.parameters.reports.model_copy(update={"watch": watch})
    )
    section = Report(replace(results, parameters=told)).rolling
    assert set(section.tables[0].groups) == {"Öppen narkotikahandel"}
    assert "signal" in cells(section, "Signal")


def test_a_made_up_pulse_is_a_folder_of_valid_parameters(
    parameters: Parameters, tmp_path: Path
) -> None:
    assert parameters.demo is not None and parameters.demo.pulse is not None
    plan = parameters.demo.pulse.model_copy(update={"surveys": 14, "changes": []})
    few = replace(parameters, demo=parameters.demo.model_copy(update={"pulse": plan}))
    made = load_parameters(write_pulse(few, tmp_path))
    assert list(made.waves) == [f"2024_{k:02}" for k in range(1, 13)] + ["2025_01", "2025_02"]
    assert made.waves["2025_02"].label == "februari 2025" and made.waves["2025_02"].demo
    assert (made.reports.wave, made.reports.compare_with) == ("2025_02", "2024_02")
    assert made.reports.watch is not None
    assert made.reports.watch.indicators == plan.indicators
    with pytest.raises(BadInput, match="nothing there"):
        write_pulse(few, tmp_path)


def test_what_cannot_be_watched_is_told_at_once(parameters: Parameters) -> None:
    results = pulse(parameters, {ITEMS[0]: flat()})
    gap = results.published.trend[results.published.trend["wave"] != "2023_06"]
    results = replace(
        results, published=SimpleNamespace(**vars(results.published) | {"trend": gap})
    )
    with pytest.raises(BadInput) as caught:
        watched(results, [ITEMS[0], "prob_narkotka"], 13, 12, 0.05)
    assert [fault.place for fault in caught.value.faults] == ["indicators", "window", "2025_03"]
    assert "missing" in caught.value.faults[2].found
