"""A change beside the same change elsewhere: two marks with their intervals per row, about 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from survey_lib.presentation import swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.marks import dots, intervals, key
from survey_lib.presentation.charts.style import Layout
from survey_lib.presentation.phrases import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

TOP, VALUES = 52, 128  # pixels
LETTER = 6.6  # the width that a letter of the key needs, on average
APART = 6.5  # the two changes stand above and below the row's middle
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
HERE = {"estimate": "difference", "low": "low", "high": "high"}
REST = {"estimate": "rest_difference", "low": "rest_low", "high": "rest_high"}


def beside(rows: pd.DataFrame, words: Words, caption: str) -> Figure:
    """``rows``: published rows of a promise, with ``label``, that have a rest
    (:func:`survey_lib.presentation.beside.with_rest`)."""
    from survey_lib.presentation.figure import Figure

    return Figure(
        caption=caption,
        description=f"Förändring sedan {words.before} i procentenheter, med {words.ki}",
        alt=alternative(rows, words),
        draw=lambda layout: _draw(rows, words, layout),
        words=words,
    )


def alternative(rows: pd.DataFrame, words: Words) -> str:
    """Kind of chart, and both changes of every row."""
    told = [
        f"{row.label} {swedish.points(row.difference)} och {swedish.points(row.rest_difference)}"
        for row in rows.itertuples()
    ]
    return (
        f"Punktdiagram med förändringen i {words.where} och i {words.rest}, i procentenheter: "
        f"{swedish.listing(told)}."
    )


def _draw(rows: pd.DataFrame, words: Words, layout: Layout) -> Drawing:
    lines = style.Rows.of(layout, list(rows["label"]), TOP, padding=21, marks=28)
    here = _side(rows, HERE, [centre - APART for centre in lines.centres])
    rest = _side(rows, REST, [centre + APART for centre in lines.centres])
    right = layout.right - VALUES

    figure = style.canvas(layout, lines.bottom + style.EDGE)
    axes = style.panel(figure, layout.left, TOP, right, lines.bottom)
    ends = pd.concat([here, rest])
    _axis(axes, float(ends["low"].min()), float(ends["high"].max()))
    lines.write(figure)
    intervals(axes, rest, "rule", width=2)
    intervals(axes, here)
    dots(axes, rest, "rule", marker="D", area=40)
    dots(axes, here)
    x = 8.0
    for colour, marker, name in (("main", "o", words.area), ("rule", "D", words.rest)):
        key(figure, x, 12, colour, marker)
        style.write(figure, x + 12, 12, name, size=style.SMALL)
        x += 40 + LETTER * len(name)
    style.quietly(figure, layout.right, 12 if not layout.stacked else 33, "Skillnad", ha="right")
    for row, y in zip(rows.itertuples(), lines.centres, strict=True):
        size = swedish.points(row.beyond)
        style.write(figure, layout.right, y - 8, size, ha="right")
        bounds = swedish.interval(row.beyond_low, row.beyond_high)
        style.quietly(figure, layout.right, y + 8, bounds, ha="right")
    return figure


def _side(rows: pd.DataFrame, names: dict[str, str], y: list[float]) -> pd.DataFrame:
    return pd.DataFrame({to: rows[of] for to, of in names.items()}).assign(mark="", y=y)


def _axis(axes: Axes, low: float, high: float) -> None:
    """From a round number below to one above, 0 among them and marked by a line."""
    low, high = min(low, 0.0), max(high, 0.0)
    room = max(3, int(axes.bbox.width // (style.TICK + 6)))
    step = next((one for one in STEPS if (high - low) / one + 2 <= room), STEPS[-1])
    first, last = int(low // step), -int(-high // step)
    ticks = [step * number for number in range(first, last + 1)]
    axes.set_xlim(ticks[0], ticks[-1])
    axes.set_xticks(ticks, [swedish.points(tick) for tick in ticks])
    axes.xaxis.grid(True)
    axes.xaxis.tick_top()
    axes.axvline(0, color=style.LIGHT["rule"], lw=1.2, zorder=1)
