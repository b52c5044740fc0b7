"""Ranked shares: a dot with its interval per row, largest first, and the places each can have.

The right panel is a scale of places from 1 to the number of ranked rows. A row's thick bar is the
places that are possible for itself, the thin line on both sides of it those that are possible when
all rows are judged at once, and its mark is the place by the estimates. The first three places lie
on a shaded band: what has a line that reaches into it can be among the three largest. Such a row
has a filled round mark and its places in bold, any other an upright dash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.marks import dots, intervals, shown, uncertain_note
from survey_lib.presentation.charts.style import LIGHT, Layout
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.ranks import listed, possible

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

HEAD = 48  # pixels above the first row
VALUE, VALUES = 44, 98  # from the shares' panel to the end of the share, and of its interval
BESIDE, PLACES = 180, 50  # all of the places, the numbers at their right
NARROW_BESIDE = 116
GAP = 24  # before the places
TOP = 3


def ranked(frame: pd.DataFrame, words: Words, caption: str, description: str = "") -> Figure:
    """Dots with intervals in the frame's order.

    ``frame``: one row per indicator, largest first, with ``label, estimate, low, high, mark``; for
    ranked rows ``rank, rank_low, rank_high, rank_low_all, rank_high_all, best``.
    """
    from survey_lib.presentation.figure import Figure

    return Figure(
        caption=caption,
        description=(description or f"Procent av {words.population}, med {words.ki}")
        + uncertain_note(frame, words)
        + _place_note(frame, words),
        alt=alternative(frame, words),
        draw=lambda layout: _draw(frame, words, layout),
        words=words,
    )


def alternative(rows: pd.DataFrame, words: Words) -> str:
    """Kind of chart, the three uppermost with intervals and places, the last, which can be among
    the three largest, and how many aren't shown."""
    seen, places = rows[shown(rows)], _has_places(rows)
    parts = [f"Punktdiagram med {len(rows)} rader och {words.level}-procentiga intervall."]
    named = [
        f"{row['label']} {swedish.percent(row['estimate'])} "
        f"({swedish.interval(row['low'], row['high'])}"
        f"{f', plats {possible(row)}' if places else ''})"
        for row in seen.head(3).to_dict("records")
    ]
    if named:
        parts.append(f"Överst: {swedish.listing(named)}.")
    if len(seen) > len(named):
        last = seen.iloc[-1]
        parts.append(f"Nederst: {last['label']} {swedish.percent(last['estimate'])}.")
    if places and len(seen) > TOP:
        among = [swedish.lower_first(str(label)) for label in seen[_among_top(seen)]["label"]]
        parts.append(f"Kan vara bland de tre största: {listed(among)}.")
    if len(seen) < len(rows):
        parts.append(f"Rader där värdet inte redovisas: {len(rows) - len(seen)}.")
    return " ".join(parts)


def _has_places(rows: pd.DataFrame) -> bool:
    return "best" in rows and bool(rows["best"].notna().any())


def _among_top(rows: pd.DataFrame) -> pd.Series:
    """Which rows can be among the three largest, where that says anything."""
    return rows["best"] <= (TOP if rows["best"].notna().sum() > TOP else 0)


def _place_note(rows: pd.DataFrame, words: Words) -> str:
    if not _has_places(rows):
        return ""
    sure = f"med {words.level} procents säkerhet" if words.probability else "enligt en modell"
    note = (
        f". Möjliga platser {sure}: tjock stapel för problemet för sig, tunn linje för alla "
        "problem samtidigt"
    )
    if _among_top(rows).any():
        note += ". Fylld rund markering: kan vara bland de tre största"
    return note


def _draw(frame: pd.DataFrame, words: Words, layout: Layout) -> Drawing:
    rows = style.Rows.of(layout, list(frame["label"]), HEAD, padding=12, marks=24)
    placed = frame.assign(y=rows.centres)
    places = _has_places(frame)
    beside = (NARROW_BESIDE if layout.stacked else BESIDE) if places else 0
    right = layout.right - VALUES - beside

    figure = style.canvas(layout, rows.bottom + style.EDGE)
    seen = shown(placed)
    axes = style.panel(figure, layout.left, HEAD, right, rows.bottom)
    style.percent_axis(axes, placed["high"].max())
    rows.write(figure)
    intervals(axes, placed[seen])
    dots(axes, placed[seen])
    for row in placed[~seen].itertuples():
        style.quietly(figure, layout.left + 6, row.y, phrases.HIDDEN_SHORT)
    style.quietly(figure, right + VALUE, 16, "Andel", ha="right")
    heading = words.ki if words.probability else "Intervall"
    style.quietly(figure, right + VALUES, 16, heading, ha="right")
    for row in placed[seen].itertuples():
        value, bounds = swedish.percent(row.estimate), swedish.interval(row.low, row.high)
        style.write(figure, right + VALUE, row.y, value, ha="right", weight="bold")
        style.quietly(figure, right + VALUES, row.y, bounds, ha="right")
    if places:
        _places(figure, placed[seen], right + VALUES + GAP, layout, rows)
    return figure


def _places(
    figure: Drawing, seen: pd.DataFrame, left: float, layout: Layout, rows: style.Rows
) -> None:
    """The places that each row can have: bars on a scale of places, and the numbers at the right
    where there is room for both."""
    right = layout.right if layout.stacked else layout.right - PLACES
    last = int(seen["rank_high_all"].max())
    axes = style.panel(figure, left, HEAD, right, rows.bottom)
    axes.set_xlim(0.5, last + 0.5)
    ticks = [1, TOP, last] if last > TOP + 1 else [1, last]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.xaxis.tick_top()
    among = _among_top(seen)
    if among.any():
        axes.axvspan(0.5, TOP + 0.5, color=LIGHT["grid"], lw=0, zorder=0)
    low, high, y = seen["rank_low"], seen["rank_high"], seen["y"]
    least, most = seen["rank_low_all"], seen["rank_high_all"]
    axes.hlines(y, low - 0.4, high + 0.4, lw=9, color=LIGHT["range"], zorder=2)
    axes.hlines(y, least - 0.4, most + 0.4, lw=2, color=LIGHT["rule"], zorder=1)
    axes.scatter(seen["rank"][among], y[among], s=64, color=LIGHT["main"], zorder=3)
    axes.vlines(seen["rank"][~among], y[~among] - 7, y[~among] + 7, lw=2.5, color=LIGHT["main"])
    style.quietly(figure, layout.right, 16, "Möjliga platser", ha="right")
    if layout.stacked:
        return
    for row in seen.assign(among=among).to_dict("records"):
        bold = {"weight": "bold", "color": LIGHT["ink"]} if row["among"] else {}
        style.quietly(figure, layout.right, row["y"], possible(row), ha="right", **bold)
