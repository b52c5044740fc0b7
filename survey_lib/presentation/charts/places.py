"""Places by time of day: a small bar with its number per place and time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.style import Layout
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.places import by_time

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

TOP, BAR = 32, 14  # pixels
NUMBER = 44  # width kept for the number after a bar


def places(
    places: pd.DataFrame, answers: pd.DataFrame, words: Words, caption: str, description: str = ""
) -> Figure:
    """How many name each place at each time of day, on one scale.

    ``places``: ``place, label, mentions, mark``; ``answers``: ``place, question, answer, label,
    mentions, most, mark``.
    """
    from survey_lib.presentation.figure import Figure

    rows, times = by_time(places, answers)
    return Figure(
        caption=caption,
        description=description
        or "Antal omnämnanden efter tid på dygnet. Flera tider kan anges för samma plats. "
        "Den vanligaste tiden har fet siffra",
        alt=alternative(rows, times),
        draw=lambda layout: _draw(rows, times, layout),
        words=words,
    )


def alternative(rows: pd.DataFrame, times: dict[str, str]) -> str:
    """Kind of chart, and the times of the three places that most name."""
    parts = [f"Stapeldiagram med {len(rows)} platser och {len(times)} tider på dygnet."]
    for row in rows.head(3).to_dict("records"):
        known = [
            f"{swedish.lower_first(name)} {swedish.number(row[time])}"
            for time, name in times.items()
            if not pd.isna(row[time])
        ]
        parts.append(f"{row['label']}: {swedish.listing(known) or phrases.HIDDEN_SHORT}.")
    return " ".join(parts)


def _draw(rows: pd.DataFrame, times: dict[str, str], layout: Layout) -> Drawing:
    placed = style.Rows.of(layout, list(rows["label"]), TOP, padding=16, marks=22)
    figure = style.canvas(layout, placed.bottom + style.EDGE)
    placed.write(figure)
    width = (layout.right - layout.left) / max(1, len(times))
    most = rows[list(times)].max().max() if times else 0
    for number, (time, name) in enumerate(times.items() if len(rows) else ()):
        left = layout.left + number * width
        style.quietly(figure, left, 14, name)
        axes = style.panel(figure, left, TOP, left + width - NUMBER, placed.bottom)
        axes.set_xlim(0, most if most > 0 else 1)
        axes.set_xticks([])
        y, half = np.array(placed.centres), BAR / 2
        axes.barh(y, rows[time].fillna(0), height=BAR, color=style.LIGHT["main"])
        axes.vlines(np.zeros(len(y)), y - half - 3, y + half + 3, color=style.LIGHT["rule"], lw=1)
        for row, centre in zip(rows.to_dict("records"), placed.centres, strict=True):
            _number(figure, row, time, centre, left, (width - NUMBER) / axes.get_xlim()[1])
    return figure


def _number(
    figure: Drawing, row: dict[Any, Any], time: str, y: float, left: float, pixels: float
) -> None:
    """The number after its bar, or the mark of what isn't shown."""
    if pd.isna(row[time]):
        style.quietly(figure, left + 6, y, phrases.HIDDEN)
        return
    x, text = left + row[time] * pixels + 5, swedish.number(row[time])
    if row[f"{time}_most"]:
        style.write(figure, x, y, text, size=style.SMALL, weight="bold")
    else:
        style.quietly(figure, x, y, text)
