"""Shares in all areas of a level: a panel per indicator, a row per area with dot and interval.

All panels have one scale, and the areas stand in the same order in each: Swedish, never by value.
The dashed line is the share of the whole. A round mark is an area sampled at random, a diamond one
that wasn't, and a hollow mark an uncertain value: nothing is said by colour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from survey_lib.presentation import swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.marks import shown, uncertain_note
from survey_lib.presentation.charts.style import LIGHT, Layout
from survey_lib.presentation.phrases import HIDDEN_SHORT, UNCERTAIN, Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

ABREAST = {680: 3, 340: 1}  # panels beside each other, by the drawing's width
NAMES, GAP, VALUE = 158, 16, 42  # pixels: areas' names, between panels, the share's text
ROW, HEAD, BELOW = 19, 26, 22  # pixels: a row, below a panel's name (its axis), under a panel
LETTER = 8.2  # the width of a letter in a panel's name, in bold
NO_SURVEY, RANDOM = "ingen undersökning", "sannolikhet"


def across(
    rows: pd.DataFrame, whole: pd.DataFrame, words: Words, caption: str, areas: str
) -> Figure:
    """Panels in the order of ``whole``.

    ``rows``: one per indicator × area, with ``indicator, label, place, sampling, estimate, low,
    high, mark``; ``whole``: ``indicator, label, estimate`` of the whole. ``areas`` is what the
    areas are called, "stadsdelar".
    """
    from survey_lib.presentation.figure import Figure

    text = (
        f"Procent av {words.population}, med {words.level}-procentiga intervall. Streckad linje: "
        f"andelen i de undersökta delarna av {words.where}"
    )
    if (~rows["sampling"].isin(["", RANDOM])).any():
        text += ". Fyrkant: de svarande är inte slumpmässigt utvalda"
    return Figure(
        caption=caption,
        description=text + uncertain_note(rows, words),
        alt=alternative(rows, whole, areas),
        draw=lambda layout: _draw(rows, whole, layout),
        words=words,
    )


def alternative(rows: pd.DataFrame, whole: pd.DataFrame, areas: str) -> str:
    """Kind of chart, and for each indicator the span of the areas' shares."""
    count = rows["place"].nunique()
    parts = [f"Punktdiagram i {len(whole)} paneler, en per problem, med {count} {areas} i varje."]
    for row in whole.to_dict("records"):
        seen = rows[(rows["indicator"] == row["indicator"]) & shown(rows)]
        if seen.empty:
            continue
        low, high = seen["estimate"].min(), seen["estimate"].max()
        parts.append(f"{row['label']}: mellan {swedish.percent(low)} och {swedish.percent(high)}.")
    return " ".join(parts)


def _draw(rows: pd.DataFrame, whole: pd.DataFrame, layout: Layout) -> Drawing:
    places = list(rows["place"].drop_duplicates())
    abreast = min(ABREAST[layout.width], len(whole))
    width = (layout.right - NAMES - GAP * (abreast - 1)) / abreast
    panels = whole.to_dict("records")
    lines = [panels[start : start + abreast] for start in range(0, len(panels), abreast)]
    room = width if abreast > 1 else width + NAMES
    titles = {one["indicator"]: style.wrapped(one["label"], int(room / LETTER)) for one in panels}
    heads = [
        style.LINE * (1 + max(titles[one["indicator"]].count("\n") for one in line)) + HEAD
        for line in lines
    ]
    body = ROW * len(places)
    figure = style.canvas(layout, sum(heads) + (body + BELOW) * len(lines))
    highest = rows.loc[shown(rows), "high"].max()
    top = 0.0
    for line, head in zip(lines, heads, strict=True):
        for number, place in enumerate(places):
            look = {"size": style.SMALL, "color": LIGHT["ink"]}
            style.write(figure, 0, top + head + ROW * (number + 0.5), place, **look)
        for number, one in enumerate(line):
            left = NAMES + number * (width + GAP)
            name: dict[str, Any] = {"weight": "bold", "linespacing": 1.2, "va": "bottom"}
            start = left if abreast > 1 else 0
            style.write(figure, start, top + head - HEAD, titles[one["indicator"]], **name)
            axes = style.panel(figure, left, top + head, left + width - VALUE, top + head + body)
            _axis(axes, highest)
            part = rows[rows["indicator"] == one["indicator"]].set_index("place").loc[places]
            heights = [top + head + ROW * (k + 0.5) for k in range(len(places))]
            _panel(figure, axes, part.assign(y=heights), one["estimate"], left + width)
        top += head + body + BELOW
    return figure


def _axis(axes: Axes, highest: float) -> None:
    """From 0 to just above the highest limit, with two or three round percentages."""
    highest = highest if highest == highest else 0.1
    step = next(one for one in (0.05, 0.1, 0.2, 0.5) if highest / one < 3.5 or one == 0.5)
    ticks = [step * number for number in range(int(highest / step) + 1)]
    axes.set_xlim(0, 1.06 * highest)
    axes.set_xticks(
        ticks, [*(swedish.share(tick) for tick in ticks[:-1]), swedish.percent(ticks[-1])]
    )
    axes.xaxis.grid(True)
    axes.xaxis.tick_top()


def _panel(figure: Drawing, axes: Axes, rows: pd.DataFrame, whole: float, right: float) -> None:
    """One indicator's line of the whole, marks with intervals, and shares in figures."""
    import seaborn

    if whole == whole:
        axes.axvline(whole, color=LIGHT["rule"], lw=1, ls=(0, (4, 3)), zorder=1)
    seen = rows[shown(rows)]
    axes.hlines(seen["y"], seen["low"], seen["high"], lw=5, color=LIGHT["range"], zorder=2)
    if len(seen):
        seaborn.scatterplot(
            seen,
            x="estimate",
            y="y",
            hue=seen["mark"].eq(UNCERTAIN),
            palette={True: LIGHT["paper"], False: LIGHT["main"]},
            style=seen["sampling"].eq(RANDOM),
            markers={True: "o", False: "D"},
            s=34,
            edgecolor=LIGHT["main"],
            linewidth=1.6,
            zorder=3,
            legend=False,
            ax=axes,
        )
        axes.set(xlabel="", ylabel="")
    for row in rows.to_dict("records"):
        if row["estimate"] != row["estimate"]:
            why = NO_SURVEY if row["sampling"] == "" else HIDDEN_SHORT
            style.quietly(figure, right, row["y"], why, ha="right")
        else:
            style.write(
                figure, right, row["y"], swedish.percent(row["estimate"]), ha="right",
                size=style.SMALL,
            )  # fmt: skip
