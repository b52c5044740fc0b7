"""Respondents beside population: two dots per group, what the weights have to bridge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.marks import dots, shown
from survey_lib.presentation.phrases import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

CHARACTERS = 30
TOP, LEFT, VALUES, EDGE = 48, 230, 160, 8  # pixels


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
        draw=lambda: _draw(frame),
        demo=words.demo,
    )


def alternative(frame: pd.DataFrame) -> str:
    """Kind of chart, and the groups that differ most in either direction."""
    parts = [f"Punktdiagram som jämför de svarande med befolkningen i {len(frame)} grupper."]
    known = frame.dropna(subset=["unweighted", "population"])
    gap = known["unweighted"] - known["population"]
    for extreme, opening in ((gap.min(), "Färre än i befolkningen"), (gap.max(), "Fler")):
        if len(known) and abs(extreme) >= 0.005:
            row = known.loc[gap[gap == extreme].index[0]]
            parts.append(
                f"{opening}, mest i gruppen {row['label']}: {swedish.percent(row['unweighted'])} av "
                f"de svarande, {swedish.percent(row['population'])} av befolkningen."
            )
    return " ".join(parts)


def _draw(frame: pd.DataFrame) -> Drawing:
    labels, kinds = [], []
    for variable, part in frame.groupby("variable_label", sort=False):
        labels += [str(variable), *part["label"].astype(str)]
        kinds += [None, *part.index]
    rows = style.Rows.of(labels, TOP, CHARACTERS, padding=9)
    height = dict(zip(kinds, rows.centres, strict=True))
    placed = frame.assign(y=[height[index] for index in frame.index])
    answered = placed.assign(estimate=placed["unweighted"])
    people = placed.assign(estimate=placed["population"], mark="")

    figure = style.canvas(rows.bottom + EDGE)
    right = style.WIDTH - VALUES - EDGE
    axes = style.panel(figure, LEFT, TOP, right, rows.bottom)
    style.percent_axis(axes, pd.concat([frame["unweighted"], frame["population"]]).max())
    for label, kind, y in zip(rows.labels, kinds, rows.centres, strict=True):
        style.write(figure, 0, y, label, weight="bold" if kind is None else "normal")
    both = shown(answered) & shown(people)
    axes.hlines(
        placed["y"][both],
        answered["estimate"][both],
        people["estimate"][both],
        color=style.LIGHT["rule"],
        lw=2,
        zorder=1,
    )
    dots(axes, people, "other", marker="D", size=52)
    dots(axes, answered)
    _values(figure, answered, people, right)
    return figure


def _values(figure: Drawing, answered: pd.DataFrame, people: pd.DataFrame, right: float) -> None:
    """Both shares in columns of their own; the headings carry the marks, in place of a legend."""
    for rows, name, x, colour, marker in (
        (answered, "Svarande", right + 74, "main", "o"),
        (people, "Befolkningen", style.WIDTH - EDGE, "other", "D"),
    ):
        style.write(figure, x, 16, name, ha="right", size=style.SMALL, color=style.LIGHT["muted"])
        key = style.panel(figure, x - 20, 24, x, 40)
        key.set_xlim(0, 20)
        key.set_axis_off()
        dots(key, pd.DataFrame({"estimate": [14.0], "y": [32.0], "mark": [""]}), colour, marker)
        for row in rows.itertuples():
            hidden = row.mark == phrases.HIDDEN or pd.isna(row.estimate)
            text = phrases.HIDDEN if hidden else swedish.percent(row.estimate)
            style.write(figure, x, row.y, text, ha="right")
