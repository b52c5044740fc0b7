"""Respondents beside population: two dots per group, what the weights have to bridge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from survey_lib.presentation import swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.marks import dots, key, shown
from survey_lib.presentation.charts.style import Layout
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.tables import percent_cell

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

TOP, VALUES = 48, 152  # pixels


def profile(frame: pd.DataFrame, words: Words, caption: str, description: str = "") -> Figure:
    """Share of each group among the respondents and in the population.

    ``frame``: a row per category with ``variable_label, label, unweighted, population, mark``; the
    categories of one variable follow each other.
    """
    from survey_lib.presentation.figure import Figure

    return Figure(
        caption=caption,
        description=description or "Procent, före viktning",
        alt=alternative(frame),
        draw=lambda layout: _draw(frame, layout),
        words=words,
    )


def alternative(frame: pd.DataFrame) -> str:
    """Kind of chart, and the groups that are furthest below and above their part of the people."""
    parts = [f"Punktdiagram som jämför de svarande med befolkningen i {len(frame)} grupper."]
    known = frame.dropna(subset=["unweighted", "population"])
    gap = known["unweighted"] - known["population"]
    for extreme, opening in ((gap.min(), "Färre än i befolkningen"), (gap.max(), "Fler")):
        if len(known) and abs(extreme) >= 0.005:
            row = known.loc[gap[gap == extreme].index[0]]
            parts.append(
                f"{opening}, mest i gruppen {row['label']}: {swedish.percent(row['unweighted'])} "
                f"av de svarande, {swedish.percent(row['population'])} av befolkningen."
            )
    return " ".join(parts)


def _draw(frame: pd.DataFrame, layout: Layout) -> Drawing:
    labels: list[str] = []
    kinds: list[object] = []  # the frame's index, None for a heading
    for variable, part in frame.groupby("variable_label", sort=False):
        labels += [str(variable), *part["label"].astype(str)]
        kinds += [None, *part.index]
    headings = [number for number, kind in enumerate(kinds) if kind is None]
    rows = style.Rows.of(layout, labels, TOP, padding=9, marks=20, bold=headings)
    height = dict(zip(kinds, rows.centres, strict=True))
    placed = frame.assign(y=[height[index] for index in frame.index])
    answered = placed.assign(estimate=placed["unweighted"])
    people = placed.assign(estimate=placed["population"], mark="")

    figure = style.canvas(layout, rows.bottom + style.EDGE)
    axes = style.panel(figure, layout.left, TOP, layout.right - VALUES, rows.bottom)
    style.percent_axis(axes, pd.concat([frame["unweighted"], frame["population"]]).max())
    rows.write(figure)
    both = shown(answered) & shown(people)
    axes.hlines(
        placed["y"][both],
        answered["estimate"][both],
        people["estimate"][both],
        color=style.LIGHT["rule"],
        lw=2,
        zorder=1,
    )
    dots(axes, people, "other", marker="D", area=52)
    dots(axes, answered)
    _values(figure, answered, layout.right - 86, "Svarande", "main", "o")
    _values(figure, people, layout.right, "Befolkningen", "other", "D")
    return figure


def _values(
    figure: Drawing, rows: pd.DataFrame, x: float, name: str, colour: str, marker: str
) -> None:
    """A column of shares; its heading carries the mark, in place of a legend."""
    style.quietly(figure, x, 16, name, ha="right")
    key(figure, x - 6, 33, colour, marker)
    for row in rows.itertuples():
        style.write(figure, x, row.y, percent_cell(row.estimate, row.mark).text, ha="right")
