"""The marks that charts share: dots, hollow when uncertain, and their intervals.

``y`` is a column with each row's height in the drawing's pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from survey_lib.presentation import phrases
from survey_lib.presentation.charts.style import LIGHT, size
from survey_lib.presentation.phrases import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NOT_SHOWN = (phrases.HIDDEN, phrases.IMPOSSIBLE)


def shown(rows: pd.DataFrame) -> pd.Series:
    """Which rows have a value to draw."""
    return rows["estimate"].notna() & ~rows["mark"].isin(NOT_SHOWN)


def uncertain_note(rows: pd.DataFrame, words: Words) -> str:
    """What a hollow mark means, when there is one."""
    if not rows["mark"].eq(phrases.UNCERTAIN).any():
        return ""
    return f". Ihålig markering: {phrases.fill(phrases.OSAKERT, grans=words.uncertain_below)}"


def intervals(axes: Axes, rows: pd.DataFrame, colour: str = "range", width: float = 5) -> None:
    """A bar from ``low`` to ``high`` of each row that has them."""
    seen = rows[rows["low"].notna() & rows["high"].notna()]
    axes.hlines(seen["y"], seen["low"], seen["high"], lw=width, color=LIGHT[colour], zorder=2)


def dots(
    axes: Axes, rows: pd.DataFrame, colour: str = "main", marker: str = "o", area: float = 64
) -> None:
    """A mark at each shown ``estimate``; hollow when its ``mark`` says uncertain."""
    seen = rows[shown(rows)]
    faces = [LIGHT["paper" if mark == phrases.UNCERTAIN else colour] for mark in seen["mark"]]
    look: dict[str, Any] = {"marker": marker, "edgecolor": LIGHT[colour], "linewidth": 2}
    axes.scatter(seen["estimate"], seen["y"], s=area, color=faces, zorder=3, **look)


def key(figure: Figure, x: float, y: float, colour: str, marker: str) -> None:
    """One mark by itself, in pixels from the upper left, for a heading that explains it."""
    from matplotlib.lines import Line2D

    width, height = size(figure)
    points = 7 if marker == "D" else 9
    line = Line2D(
        [x / width], [1 - y / height], marker=marker, ms=points, color=LIGHT[colour], ls=""
    )
    figure.add_artist(line)
