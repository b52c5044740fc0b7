"""Change between two waves: two dots with their intervals per row, and what the change amounts to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.marks import dots, intervals, shown
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.verdicts import Comparison

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

CHARACTERS = 32
TOP, LEFT, VALUES, EDGE = 48, 262, 150, 8  # pixels
APART = 6.5  # the two waves stand above and below the row's middle, so that intervals are seen


def change(frame: pd.DataFrame, words: Words, caption: str, description: str = "") -> Figure:
    """Both waves of each indicator, in the frame's order.

    ``frame``: rows of :func:`survey_lib.presentation.verdicts.joined` with ``label, estimate, low,
    high, mark``, the ``change_`` columns and, for the earlier wave's own interval,
    ``change_second_low, change_second_high``.
    """
    from survey_lib.presentation.figure import Figure

    return Figure(
        caption=caption,
        description=description or f"Procent av {words.population}, med {words.level} % KI",
        alt=alternative(frame, words),
        draw=lambda: _draw(frame, words),
        demo=words.demo,
    )


def alternative(frame: pd.DataFrame, words: Words) -> str:
    """Kind of chart, every säkerställd change with its two values, and how many others there are."""
    parts = [f"Punktdiagram med {len(frame)} rader: {words.before} och {words.wave}."]
    named = []
    for row in frame.to_dict("records"):
        found = Comparison.of(row, "change")
        if found.verdict(words).secured:
            first, second = (
                swedish.percent(value, found.decimals) for value in (found.second, found.first)
            )
            named.append(f"{row['label']} från {first} till {second}")
    if named:
        parts.append(f"Säkerställd förändring: {swedish.listing(named)}.")
    rest = len(frame) - len(named)
    if rest:
        parts.append(f"Rader utan säkerställd förändring: {rest}.")
    return " ".join(parts)


def _draw(frame: pd.DataFrame, words: Words) -> Drawing:
    rows = style.Rows.of(list(frame["label"]), TOP, CHARACTERS, padding=18)
    placed = frame.assign(y=rows.centres)
    now = placed.assign(y=placed["y"] + APART)
    before = _earlier(placed, words)
    right = style.WIDTH - VALUES - EDGE

    figure = style.canvas(rows.bottom + EDGE)
    axes = style.panel(figure, LEFT, TOP, right, rows.bottom)
    highest = pd.concat([now["high"], before["high"], before["estimate"]]).max()
    style.percent_axis(axes, highest)
    rows.write(figure)
    both = shown(now) & shown(before)
    axes.plot(
        [before["estimate"][both], now["estimate"][both]],
        [before["y"][both], now["y"][both]],
        color=style.LIGHT["rule"],
        lw=1.2,
        zorder=1,
    )
    intervals(axes, before[shown(before)], "rule", width=2)
    intervals(axes, now[shown(now)])
    dots(axes, before, "rule", marker="D", size=40)
    dots(axes, now)
    _key(figure, words)
    quiet = {"size": style.SMALL, "color": style.LIGHT["muted"]}
    style.write(figure, style.WIDTH - EDGE, 16, "Förändring", ha="right", **quiet)
    style.write(figure, style.WIDTH - EDGE, 33, "procentenheter", ha="right", **quiet)
    for row in placed.to_dict("records"):
        found = Comparison.of(row, "change")
        verdict = found.verdict(words)
        if row["mark"] in (phrases.HIDDEN, phrases.IMPOSSIBLE):
            style.write(figure, LEFT + 6, row["y"], phrases.HIDDEN_SHORT, **quiet)
            continue
        measured = not pd.isna(found.difference) and verdict.short
        if measured:
            size = swedish.points(found.difference, found.decimals)
            weight = "bold" if verdict.secured else "normal"
            style.write(figure, style.WIDTH - EDGE, row["y"] - 8, size, ha="right", weight=weight)
        look = {**quiet, "color": style.LIGHT["ink"]} if verdict.secured else quiet
        y = row["y"] + (9 if measured else 0)
        style.write(figure, style.WIDTH - EDGE, y, verdict.short, ha="right", **look)
    return figure


def _earlier(placed: pd.DataFrame, words: Words) -> pd.DataFrame:
    """The earlier wave as rows of its own; nothing where the comparison can't be made."""
    rows = placed.to_dict("records")
    found = [Comparison.of(row, "change") for row in rows]
    usable = [not c.hidden and c.state not in ("wording", "none") for c in found]
    few = [c.n_second < words.uncertain_below for c in found]
    return pd.DataFrame(
        {
            "y": placed["y"] - APART,
            "estimate": [c.second if ok else None for c, ok in zip(found, usable, strict=True)],
            "low": [row.get("change_second_low") for row in rows],
            "high": [row.get("change_second_high") for row in rows],
            "mark": [phrases.UNCERTAIN if small else "" for small in few],
        },
        index=placed.index,
    ).astype({"estimate": float, "low": float, "high": float})


def _key(figure: Drawing, words: Words) -> None:
    """Which mark is which wave, above the labels."""
    axes = style.panel(figure, 0, 0, LEFT, TOP)
    axes.set_xlim(0, LEFT)
    axes.set_axis_off()
    first = pd.DataFrame({"estimate": [8.0], "y": [32.0], "mark": [""]})
    dots(axes, first, "rule", marker="D", size=40)
    dots(axes, first.assign(estimate=78.0))
    style.write(figure, 20, 32, str(words.before), size=style.SMALL)
    style.write(figure, 91, 32, words.wave, size=style.SMALL)
