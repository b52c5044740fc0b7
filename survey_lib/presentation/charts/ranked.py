"""Ranked shares: a dot with its interval per row, largest first, rank sets beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.marks import NOT_SHOWN, dots, intervals, shown
from survey_lib.presentation.phrases import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

LABEL_CHARACTERS = 31
LEFT, VALUES, EDGE = 262, 96, 8
RANKS = 110  # width of the rank panel


def ranked(frame: pd.DataFrame, words: Words, caption: str, description: str = "") -> Figure:
    """Dots with intervals in the frame's order.

    ``frame``: one row per indicator, largest first, with ``label, estimate, low, high, mark`` and,
    when rank sets are published, ``rank, rank_low, rank_high``.
    """
    from survey_lib.presentation.figure import Figure

    rows = frame.reset_index(drop=True)
    return Figure(
        caption=caption,
        description=description or f"Procent av {words.population}, med {words.level} % KI",
        alt=alternative(rows, words),
        draw=lambda: _draw(rows, words),
        demo=words.demo,
    )


def alternative(rows: pd.DataFrame, words: Words) -> str:
    """Kind of chart, the three largest with intervals, the smallest, and how many aren't shown."""
    seen = rows[shown(rows)]
    parts = [f"Punktdiagram med {len(rows)} rader och {words.level}-procentiga intervall."]
    named = [
        f"{row.label} {swedish.percent(row.estimate)} ({swedish.interval(row.low, row.high)})"
        for row in seen.head(3).itertuples()
    ]
    if named:
        parts.append(f"Överst: {swedish.listing(named)}.")
    if len(seen) > 3:
        last = seen.iloc[-1]
        parts.append(f"Nederst: {last['label']} {swedish.percent(last['estimate'])}.")
    if len(seen) < len(rows):
        parts.append(f"För {len(rows) - len(seen)} av raderna redovisas inget värde.")
    parts.append("Alla värden står i tabellen efter diagrammet.")
    return " ".join(parts)


def _draw(rows: pd.DataFrame, words: Words) -> Drawing:
    labels = [style.wrapped(str(label), LABEL_CHARACTERS) for label in rows["label"]]
    heights = [12 + 16 * style.lines(label) for label in labels]
    top = 46
    bottom = top + sum(heights)
    figure = style.canvas(bottom + EDGE)
    ranks = {"rank_low", "rank_high"} <= set(rows) and rows["rank_low"].notna().any()
    right = style.WIDTH - VALUES - (RANKS if ranks else 0) - EDGE
    axes = style.panel(figure, LEFT, top, right, bottom)
    axes.set_ylim(bottom - top, 0)
    axes.set_yticks([])
    centres = [sum(heights[:i]) + heights[i] / 2 for i in range(len(rows))]
    style.percent_axis(axes, float(rows["high"].max()) if rows["high"].notna().any() else 0.1)

    placed = rows.assign(y=centres)
    intervals(axes, placed, "low", "high")
    dots(axes, placed, "estimate")
    for label, row in zip(labels, placed.itertuples(), strict=True):
        y = top + row.y
        style.write(figure, 0, y, label, linespacing=1.2)
        if row.mark in NOT_SHOWN:
            axes.text(
                0, row.y, "  " + phrases.HIDDEN_SHORT, va="center", color=style.LIGHT["muted"]
            )
            continue
        style.write(figure, right + 14, y, swedish.percent(row.estimate), weight="bold")
        style.write(
            figure, right + VALUES - 2, y, swedish.interval(row.low, row.high),
            ha="right", size=style.SMALL, color=style.LIGHT["muted"],
        )  # fmt: skip
    head = {"size": style.SMALL, "color": style.LIGHT["muted"]}
    style.write(figure, right + 14, 16, "Andel", **head)
    style.write(
        figure, right + VALUES - 2, 16, f"{words.level}{swedish.NO_BREAK}% KI", ha="right", **head
    )
    if ranks:
        _rank_panel(figure, placed, right + VALUES + 26, top, bottom)
    return figure


def _rank_panel(
    figure: Drawing, rows: pd.DataFrame, left: float, top: float, bottom: float
) -> None:
    """The places that each row can have, on a scale from 1 to the number of rows."""
    axes = style.panel(figure, left, top, style.WIDTH - EDGE, bottom)
    axes.set_ylim(bottom - top, 0)
    axes.set_xlim(0.5, len(rows) + 0.5)
    axes.set_yticks([])
    axes.set_xticks([1, len(rows)], ["1", str(len(rows))])
    axes.xaxis.tick_top()
    axes.xaxis.grid(True)
    seen = rows[shown(rows) & rows["rank_low"].notna()]
    axes.hlines(
        seen["y"], seen["rank_low"] - 0.4, seen["rank_high"] + 0.4, lw=7, color=style.LIGHT["range"]
    )
    axes.vlines(seen["rank"], seen["y"] - 6, seen["y"] + 6, lw=2.5, color=style.LIGHT["main"])
    style.write(
        figure, (left + style.WIDTH - EDGE) / 2, 16, "Möjliga platser", ha="center",
        size=style.SMALL, color=style.LIGHT["muted"],
    )  # fmt: skip
