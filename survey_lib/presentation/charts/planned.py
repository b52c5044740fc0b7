"""How far a share must go to be seen: today's value, and where it must be next time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from survey_lib.presentation import swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.marks import dots, key
from survey_lib.presentation.charts.style import Layout
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.planning import rounded_up

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

TOP, VALUES, VALUE = 52, 130, 58  # pixels
TOLD = 5
UP, DOWN = ">", "<"  # triangles


def planned(rows: pd.DataFrame, words: Words, caption: str) -> Figure:
    """``rows``: of :func:`survey_lib.report.planning.planned`."""
    from survey_lib.presentation.figure import Figure

    description = (
        f"Procent av {words.population}. Linjen går från andelen {words.wave} till den andel som "
        "måste nås för att förändringen ska synas: pilen för en fråga i löftet, strecket för tre. "
        "Till höger står hur stor förändringen är, i procentenheter"
    )
    return Figure(
        caption=caption,
        description=description,
        alt=alternative(rows, words),
        draw=lambda layout: _draw(rows, words, layout),
        words=words,
    )


def alternative(rows: pd.DataFrame, words: Words) -> str:
    """Kind of chart, and the least and the most that is needed."""
    seen = rows.assign(one=_reached(rows, 1)).dropna(subset="one").head(TOLD)
    told = [
        f"{row['label']} från {swedish.percent(row['estimate'])} till {swedish.percent(row['one'])}"
        for row in seen.to_dict("records")
    ]
    parts = [f"Diagram med {len(rows)} rader: andelen {words.wave} och den som måste nås."]
    if told:
        parts.append(f"Överst, med en fråga i löftet: {swedish.listing(told)}.")
    return " ".join(parts)


def _reached(rows: pd.DataFrame, family: int) -> pd.Series:
    """The shares that must be reached, with so many questions in the promise."""
    change = rows[f"smallest_{family}"]
    return rows["estimate"] + change.where(rows["up"], -change)


def _draw(rows: pd.DataFrame, words: Words, layout: Layout) -> Drawing:
    lines = style.Rows.of(layout, list(rows["label"]), TOP, padding=14, marks=24)
    placed = rows.assign(y=lines.centres, one=_reached(rows, 1), three=_reached(rows, 3))
    right = layout.right - VALUES

    figure = style.canvas(layout, lines.bottom + style.EDGE)
    axes = style.panel(figure, layout.left, TOP, right, lines.bottom)
    style.percent_axis(axes, placed[["estimate", "one", "three"]].max(axis=None))
    lines.write(figure)
    seen = placed.dropna(subset="one")
    axes.hlines(
        seen["y"], seen["estimate"], seen["one"], lw=2, color=style.LIGHT["range"], zorder=2
    )
    far = placed.dropna(subset="three")
    axes.hlines(far["y"], far["one"], far["three"], lw=1.2, color=style.LIGHT["rule"], zorder=1)
    axes.vlines(far["three"], far["y"] - 6, far["y"] + 6, lw=2, color=style.LIGHT["rule"], zorder=2)
    for up, marker in ((True, UP), (False, DOWN)):
        part = seen[seen["up"] == up]
        axes.scatter(
            part["one"], part["y"], marker=marker, s=60, color=style.LIGHT["other"], zorder=3
        )
    dots(axes, placed, area=48)
    key(figure, 8, 12, "main", "o")
    style.write(figure, 20, 12, str(words.wave), size=style.SMALL)
    key(figure, 78, 12, "other", DOWN)
    style.write(figure, 90, 12, "måste nås", size=style.SMALL)
    head = 12 if not layout.stacked else 33
    style.quietly(figure, right + VALUE, head, "En fråga", ha="right")
    style.quietly(figure, layout.right, head, "Tre frågor", ha="right")
    for row in placed.itertuples():
        for x, value, weight in (
            (right + VALUE, row.smallest_1, "bold"),
            (layout.right, row.smallest_3, "normal"),
        ):
            style.write(figure, x, row.y, _size(value), ha="right", weight=weight)
    return figure


def _size(change: float) -> str:
    return "syns inte" if pd.isna(change) else swedish.number(100 * rounded_up(change), 1)
