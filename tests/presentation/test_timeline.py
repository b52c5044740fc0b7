"""All waves in a row: the chart, its text alternative and its table say the same."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from survey_lib.presentation import charts
from survey_lib.presentation.charts.style import NARROW, WIDE
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.timeline import timeline_table

WORDS = Words(
    area="Norra", place="stadsdelen", rest="övriga staden", people="boende", age="16–84 år",
    wave="2024",
)  # fmt: skip


@pytest.fixture
def rows() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "indicator": ["a"] * 4,
            "label": ["Trygga på kvällen"] * 4,
            "wave_label": ["2018", "2020", "2022", "2024"],
            "year": [2018.7, 2020.7, 2022.7, 2024.7],
            "estimate": [0.31, np.nan, 0.27, 0.24],
            "low": [0.28, np.nan, 0.22, 0.21],
            "high": [0.34, np.nan, 0.32, 0.27],
            "n": [900, np.nan, 80, 950],
            "mark": ["", "..", "osakert", ""],
            "state": ["first", "", "wording", ""],
        }
    )


def lines(svg: str) -> int:
    """Lines between two waves, told from all others by their width."""
    return len(re.findall(r"stroke-width: 1\.6", svg))


def test_the_alternative_has_every_value_and_says_where_the_row_is_broken(rows: pd.DataFrame):
    said = charts.timeline(rows, WORDS, "Trygghet").alt.replace("\u00a0", " ")
    assert "2018 31 %, 2020 redovisas inte, 2022 27 % (frågan ändrad) och 2024 24 %" in said


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_a_line_joins_only_waves_that_can_be_compared(rows: pd.DataFrame, layout):
    svg = charts.timeline(rows, WORDS, "Trygghet").svg(layout)
    assert "31 %" in svg.replace("\u00a0", " ") and ".." in svg
    whole = rows.assign(estimate=rows["estimate"].fillna(0.3), mark="", state="")
    joined = charts.timeline(whole, WORDS, "Trygghet").svg(layout)
    assert (lines(svg), lines(joined)) == (1, 3)
    broken = charts.timeline(whole.assign(state="wording"), WORDS, "Trygghet").svg(layout)
    assert lines(broken) == 0 and "frågan" in broken and "ändrad" in broken


def test_the_table_has_value_interval_base_and_whether_waves_can_be_compared(rows: pd.DataFrame):
    table = timeline_table(rows, WORDS, "Trygghet")
    shown = [[cell.text.replace("\u00a0", " ") for cell in row] for row in table.rows]
    assert shown[0] == ["2018", "31 %", "28–34", "–", "900"]
    assert shown[1] == ["2020", "..", "..", "ja", ".."]
    assert shown[2][3] == "nej, frågan ändrad" and table.rows[2][1].mark == "osakert"
    assert shown[3] == ["2024", "24 %", "21–27", "ja", "950"]
    assert any(".. =" in note for note in table.notes)
