"""Shares over all waves: a panel per indicator, a dot with its interval per wave.

A line joins two waves only where they can be compared; elsewhere it is broken, and a short word
says why. The line claims no change: what is säkerställt stands in the sentences and tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.marks import shown, uncertain_note
from survey_lib.presentation.charts.style import LIGHT, Layout
from survey_lib.presentation.phrases import HIDDEN_SHORT, UNCERTAIN, Words
from survey_lib.presentation.timeline import BROKEN

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

ABREAST = {680: 2, 340: 1}  # panels beside each other, by the drawing's width
GAP, BODY, BELOW, HEAD = 28, 118, 40, 10  # pixels: between panels, the lines, waves' names, air
MOST = 8  # waves whose names and values have room; of more, the first and the last are written
LETTER = 8.6  # the width of a letter in an indicator's name, in bold


def timeline(rows: pd.DataFrame, words: Words, caption: str) -> Figure:
    """One panel per indicator, in the rows' order, all with one scale.

    ``rows``: one per indicator × wave, in order of time, with ``indicator, label, wave_label,
    year`` (when it was, as a number), ``estimate, low, high, n, mark, state``.
    """
    from survey_lib.presentation.figure import Figure

    text = f"Procent av {words.population}, med {words.level}-procentiga intervall"
    if rows["state"].isin(list(BROKEN)).any():
        text += ". Där linjen är bruten kan undersökningarna inte jämföras"
    return Figure(
        caption=caption,
        description=text + uncertain_note(rows, words),
        alt=alternative(rows, words),
        draw=lambda layout: _draw(rows, layout),
        words=words,
    )


def alternative(rows: pd.DataFrame, words: Words) -> str:
    """Kind of chart, and every indicator's values from the first wave to the last."""
    names = list(dict.fromkeys(rows["indicator"]))
    panels = "en panel" if len(names) == 1 else f"{len(names)} paneler"
    parts = [f"Tidslinjer i {panels}, med {words.level}-procentiga intervall."]
    for name in names:
        own = rows[rows["indicator"] == name]
        told = []
        for row in own.to_dict("records"):
            hidden = pd.isna(row["estimate"])
            value = HIDDEN_SHORT if hidden else swedish.percent(row["estimate"])
            why = f" ({BROKEN[row['state']]})" if row["state"] in BROKEN else ""
            told.append(f"{row['wave_label']} {value}{why}")
        parts.append(f"{own['label'].iloc[0]}: {swedish.listing(told)}.")
    return " ".join(parts)


def _draw(rows: pd.DataFrame, layout: Layout) -> Drawing:
    names = list(dict.fromkeys(rows["indicator"]))
    labels = dict(zip(rows["indicator"], rows["label"], strict=True))
    abreast = min(ABREAST[layout.width], len(names))
    width = (layout.right - GAP * (abreast - 1)) / abreast
    broken = {n: style.wrapped(labels[n], round(width / LETTER)) for n in names}
    lines = [names[start : start + abreast] for start in range(0, len(names), abreast)]
    heads = [HEAD + style.LINE * (1 + max(broken[n].count("\n") for n in line)) for line in lines]
    figure = style.canvas(layout, sum(heads) + (BODY + BELOW) * len(lines))
    air = 1.6 if rows["state"].isin(list(BROKEN)).any() else 1.25  # above: why a line is broken
    highest = air * float(rows["high"].max()) if shown(rows).any() else 0.1
    top = 0.0
    for line, head in zip(lines, heads, strict=True):
        for number, name in enumerate(line):
            left = number * (width + GAP)
            look = {"weight": "bold", "linespacing": 1.2, "va": "baseline"}
            style.write(figure, left, top + head - HEAD, broken[name], **look)
            start = top + head
            axes = style.panel(figure, left + 8, start, left + width, start + BODY)
            axes.set_ylim(-0.04 * highest, highest)
            _panel(axes, rows[rows["indicator"] == name], rows["year"])
        top += head + BODY + BELOW
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, years: pd.Series) -> None:
    """One indicator: its base line, dots with intervals and values, lines between what is alike."""
    span = max(float(years.max() - years.min()), 1.0)
    axes.set_xlim(years.min() - 0.12 * span, years.max() + 0.16 * span)
    axes.axhline(0, color=LIGHT["rule"], lw=1, zorder=0)
    names = rows.drop_duplicates("wave_label")
    if many := len(names) > MOST:
        names = names.iloc[[0, -1]]
    axes.set_xticks(names["year"], names["wave_label"])
    told = set(names["wave_label"])  # the table has all the others
    seen = shown(rows)
    axes.vlines(rows["year"][seen], rows["low"][seen], rows["high"][seen], lw=5,
                color=LIGHT["range"], zorder=2)  # fmt: skip
    before = None
    for row in rows.to_dict("records"):
        x, y = row["year"], row["estimate"]
        if pd.isna(y) or row["mark"] in (phrases.HIDDEN, phrases.IMPOSSIBLE):
            look: dict[str, Any] = {"size": style.SMALL, "color": LIGHT["muted"], "ha": "center"}
            axes.text(x, 0.02 * axes.get_ylim()[1], phrases.HIDDEN, va="bottom", **look)
            before = None
            continue
        if row["state"] == "" and before is not None:
            axes.plot([before[0], x], [before[1], y], color=LIGHT["main"], lw=1.6, zorder=1)
        if row["state"] in BROKEN and before is not None:
            axes.axvline(
                (before[0] + x) / 2, color=LIGHT["rule"], lw=1, ls=(0, (3, 3)), ymax=0.74, zorder=0
            )
            look = {"size": style.SMALL - 1, "color": LIGHT["muted"], "ha": "center"}
            look |= {"va": "top", "linespacing": 1.1}
            why = BROKEN[row["state"]].replace(" ", "\n")
            axes.text((before[0] + x) / 2, axes.get_ylim()[1], why, **look)
        face = LIGHT["paper"] if row["mark"] == UNCERTAIN else LIGHT["main"]
        axes.scatter(
            [x],
            [y],
            s=24 if many else 50,
            color=face,
            edgecolor=LIGHT["main"],
            linewidth=2,
            zorder=3,
        )
        above: dict[str, Any] = {
            "textcoords": "offset points",
            "ha": "center",
            "va": "bottom",
            "size": style.SMALL,
        }
        if row["wave_label"] in told:
            axes.annotate(swedish.percent(y), (x, row["high"]), (0, 3), **above)
        before = (x, y)
