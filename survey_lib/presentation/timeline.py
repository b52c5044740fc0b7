"""The table under a timeline, and the words for where the line is broken."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from survey_lib.presentation import tables
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.tables import Cell, Column, HtmlTable, Row

BROKEN = {"wording": "frågan ändrad", "coverage": "andra områden", "sampling": "annat urval"}


def timeline_table(
    rows: pd.DataFrame, words: Words, caption: str, *, notes: Sequence[str] = ()
) -> HtmlTable:
    """Every wave's share with its interval and base, indicator by indicator.

    ``rows``: those of :func:`survey_lib.presentation.charts.timeline.timeline`.
    """
    columns = [
        tables.text("Undersökning", "wave_label"),
        tables.percent("Andel"),
        tables.interval(f"{words.level} % intervall".replace(" ", "\u00a0", 1)),
        Column("Kan jämföras med den före", _joined, numeric=False),
        tables.count(),
    ]
    return HtmlTable.of(rows, columns, caption, words, notes=notes, groups="label")


def _joined(row: Row) -> Cell:
    state = str(row["state"])
    if state == "first":
        return Cell(tables.NOTHING, None)
    text = f"nej, {BROKEN[state]}" if state in BROKEN else "ja"
    return Cell(text, text)
