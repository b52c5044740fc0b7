"""Ranked shares: a dot with its interval per row, largest first, rank sets beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.marks import dots, intervals, shown, uncertain_note
from survey_lib.presentation.charts.style import Layout
from survey_lib.presentation.phrases import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

TOP, VALUES, RANKS = 48, 104, 112  # pixels


def ranked(frame: pd.DataFrame, words: Words, caption: str, description: str = "") -> Figure:
    """Dots with intervals in the frame's order.

    ``frame``: one row per indicator, largest first, with ``label, estimate, low, high, mark`` and,
    when rank sets are published, ``rank, rank_low, rank_high``.
    """
    from survey_lib.presentation.figure import Figure

    return Figure(
        caption=caption,
        description=(description or f"Procent av {words.population}, med {words.ki}")
        + uncertain_note(frame, words),
        alt=alternative(frame, words),
        draw=lambda layout: _draw(frame, words, layout),
        words=words,
    )


def alternative(rows: pd.DataFrame, words: Words) -> str:
    """Kind of chart, the three uppermost with intervals, the last, and how many aren't shown."""
    seen = rows[shown(rows)]
    parts = [f"Punktdiagram med {len(rows)} rader och {words.level}-procentiga intervall."]
    named = [
        f"{row.label} {swedish.percent(row.estimate)} ({swedish.interval(row.low, row.high)})"
        for row in seen.head(3).itertuples()
    ]
    if named:
        parts.append(f"Överst: {swedish.listing(named)}.")
    if len(seen) > len(named):
        last = seen.iloc[-1]
        parts.append(f"Nederst: {last['label']} {swedish.percent(last['estimate'])}.")
    if len(seen) < len(rows):
        parts.append(f"Rader där värdet inte redovisas: {len(rows) - len(seen)}.")
    return " ".join(parts)


def _draw(frame: pd.DataFrame, words: Words, layout: Layout) -> Drawing:
    rows = style.Rows.of(layout, list(frame["label"]), TOP, padding=12, marks=24)
    placed = frame.assign(y=rows.centres)
    ranks = (
        not layout.stacked
        and {"rank_low", "rank_high"} <= set(frame)
        and bool(frame["rank_low"].notna().any())
    )
    right = layout.right - VALUES - (RANKS if ranks else 0)

    figure = style.canvas(layout, rows.bottom + style.EDGE)
    axes = style.panel(figure, layout.left, TOP, right, rows.bottom)
    style.percent_axis(axes, placed["high"].max())
    rows.write(figure)
    seen = shown(placed)
    intervals(axes, placed[seen])
    dots(axes, placed[seen])
    for row in placed[~seen].itertuples():
        style.quietly(figure, layout.left + 6, row.y, phrases.HIDDEN_SHORT)
    style.quietly(figure, right + 46, 16, "Andel", ha="right")
    heading = words.ki if words.probability else "Intervall"
    style.quietly(figure, right + VALUES, 16, heading, ha="right")
    for row in placed[seen].itertuples():
        value, bounds = swedish.percent(row.estimate), swedish.interval(row.low, row.high)
        style.write(figure, right + 46, row.y, value, ha="right", weight="bold")
        style.quietly(figure, right + VALUES, row.y, bounds, ha="right")
    if ranks:
        _rank_panel(figure, placed[seen], len(frame), right + VALUES + 30, layout.right, rows)
    return figure


def _rank_panel(
    figure: Drawing, seen: pd.DataFrame, last: int, left: float, right: float, rows: style.Rows
) -> None:
    """The places that each row can have, on a scale from 1 to the number of rows."""
    axes = style.panel(figure, left, TOP, right, rows.bottom)
    axes.set_xlim(0.5, last + 0.5)
    axes.set_xticks([1, last], ["1", str(last)])
    axes.xaxis.tick_top()
    axes.xaxis.grid(True)
    low, high, y = seen["rank_low"], seen["rank_high"], seen["y"]
    axes.hlines(y, low - 0.4, high + 0.4, lw=6, color=style.LIGHT["range"])
    axes.vlines(seen["rank"], y - 6, y + 6, lw=2.5, color=style.LIGHT["main"])
    style.quietly(figure, (left + right) / 2, 16, "Möjliga platser", ha="center")
