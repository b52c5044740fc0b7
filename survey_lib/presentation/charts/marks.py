"""The marks that charts share: dots, hollow when uncertain, and their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from survey_lib.presentation import phrases
from survey_lib.presentation.charts.style import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOT_SHOWN = (phrases.HIDDEN, phrases.IMPOSSIBLE)


def shown(rows: pd.DataFrame, value: str = "estimate", mark: str = "mark") -> pd.Series:
    """Which rows have a value to draw."""
    return rows[value].notna() & ~rows[mark].isin(NOT_SHOWN)


def intervals(
    axes: Axes, rows: pd.DataFrame, low: str, high: str, y: str = "y", colour: str = "range",
    width: float = 5,
) -> None:  # fmt: skip
    """A bar from the lower to the upper bound of each row that has them."""
    seen = rows[rows[low].notna() & rows[high].notna()]
    axes.hlines(seen[y], seen[low], seen[high], lw=width, color=LIGHT[colour], zorder=2)


def dots(
    axes: Axes, rows: pd.DataFrame, value: str, mark: str = "mark", y: str = "y", colour: str = "main",
    marker: str = "o", hollow: bool = False, size: float = 62,
) -> None:  # fmt: skip
    """A mark at each shown value; hollow for an uncertain one, or for a whole series."""
    import seaborn

    seen = rows[shown(rows, value, mark)]
    uncertain = seen[mark].eq(phrases.UNCERTAIN) | hollow
    look: dict[str, Any] = {
        "y": y,
        "ax": axes,
        "marker": marker,
        "s": size,
        "zorder": 3,
        "legend": False,
    }
    for part, face in ((seen[~uncertain], LIGHT[colour]), (seen[uncertain], LIGHT["paper"])):
        if len(part):
            seaborn.scatterplot(
                part, x=value, color=face, edgecolor=LIGHT[colour], linewidth=2, **look
            )
    axes.set(xlabel="", ylabel="")
