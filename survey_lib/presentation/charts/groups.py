"""Shares by group, small multiples: a panel per indicator, the same groups in the same order.

Every panel has the same scale, a dot with its interval per group, the share beside it, and a
broken line down to the whole area's share, which stands below. What differs säkerställt from
everyone else in the area has its share in bold, so that nothing is told by colour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.marks import dots, intervals, shown, uncertain_note
from survey_lib.presentation.charts.style import LIGHT, Layout
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.verdicts import Comparison, records

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

LABELS, GAP, VALUES = 150, 20, 44  # pixels: the groups' names, between panels, a share
ABREAST = {680: 2, 340: 1}  # panels beside each other, by the drawing's width
ROW, AXIS, UNDER = 25, 26, 20  # a group; the scale; empty below a panel
LETTER = 8.6  # the width of a letter in an indicator's name, in bold


def groups(rows: pd.DataFrame, words: Words, caption: str, description: str = "") -> Figure:
    """One panel per indicator, in the rows' order; one to six of them read well.

    ``rows``: one per indicator × category with ``indicator, label, category_label, estimate, low,
    high, n, mark``, ``whole`` (the share in the whole area) and ``group_secured, group_state, …``.
    """
    from survey_lib.presentation.figure import Figure

    return Figure(
        caption=caption,
        description=(description or _description(rows, words)) + uncertain_note(rows, words),
        alt=alternative(rows, words),
        draw=lambda layout: _draw(rows, words, layout),
        words=words,
    )


def _description(rows: pd.DataFrame, words: Words) -> str:
    text = f"Procent av {words.population} i varje grupp, med {words.ki}. Streckad linje: "
    text += f"hela {words.place}"
    secured = any(_secured(row, words) for row in records(rows))
    return f"{text}. Fet stil: säkerställd skillnad mot övriga" if secured else text


def _secured(row: dict, words: Words) -> bool:
    return Comparison.of(row, "group").verdict(words).secured


def alternative(rows: pd.DataFrame, words: Words) -> str:
    """Kind of chart; for each panel the highest and the lowest share, and how many aren't shown."""
    names = list(dict.fromkeys(rows["label"]))
    size = len(dict.fromkeys(rows["category_label"]))
    parts = [
        f"Punktdiagram med {size} grupper i {len(names)} "
        f"{'panel' if len(names) == 1 else 'paneler'} och {words.level}-procentiga intervall."
    ]
    for name in names:
        panel = rows[rows["label"] == name]
        seen = panel[shown(panel)].sort_values("estimate", ascending=False)
        ends = [seen.iloc[place] for place in ((0, -1) if len(seen) > 1 else range(len(seen)))]
        told = [f"{row['category_label']} {swedish.percent(row['estimate'])}" for row in ends]
        said = f"{name}: {f'från {told[-1]} till {told[0]}' if len(told) > 1 else ''.join(told)}"
        parts.append(f"{said if told else f'{name}: {phrases.HIDDEN_SHORT}'}.")
    if (hidden := int((~shown(rows)).sum())) > 0:
        parts.append(f"Värden som inte redovisas: {hidden}.")
    return " ".join(parts)


def _draw(rows: pd.DataFrame, words: Words, layout: Layout) -> Drawing:
    names = list(dict.fromkeys(rows["indicator"]))
    titles = dict(zip(rows["indicator"], rows["label"], strict=True))
    categories = list(dict.fromkeys(rows["category_label"]))
    abreast = min(ABREAST[layout.width], len(names))
    width = (layout.right - LABELS - GAP * (abreast - 1)) / abreast
    broken = {n: style.wrapped(titles[n], round(width / LETTER)) for n in names}
    lines = [names[start : start + abreast] for start in range(0, len(names), abreast)]
    heads = [style.LINE * (1 + max(broken[n].count("\n") for n in line)) + AXIS for line in lines]
    body = ROW * (len(categories) + 1)
    height = sum(heads) + (body + UNDER) * len(lines)
    highest = pd.concat([rows["high"], rows["whole"]]).max()
    place = {name: body_row for body_row, name in enumerate(categories)}

    figure = style.canvas(layout, height)
    top = 0.0
    below = f"Hela {words.place}"
    for line, head in zip(lines, heads, strict=True):
        start = top + head
        for name in categories:
            y = start + ROW * (place[name] + 0.5)
            style.write(figure, 0, y, style.wrapped(name, 20), size=style.SMALL, linespacing=1.05)
        style.quietly(figure, 0, start + body - ROW / 2, below)
        for number, indicator in enumerate(line):
            left = LABELS + number * (width + GAP)
            bottom = top + head - AXIS - 2
            look = {"weight": "bold", "linespacing": 1.2, "va": "baseline"}
            style.write(figure, left, bottom, broken[indicator], **look)
            own = rows[rows["indicator"] == indicator]
            own = own.assign(y=start + ROW * (own["category_label"].map(place) + 0.5))
            _panel(figure, own, words, (left, start, left + width - VALUES, start + body), highest)
        top = start + body + UNDER
    return figure


def _panel(
    figure: Drawing,
    rows: pd.DataFrame,
    words: Words,
    box: tuple[float, float, float, float],
    highest: float,
) -> None:
    """One indicator: the whole area's line, then dots with intervals, and the shares at the right.

    ``box`` is left, top, right and bottom in pixels from the upper left."""
    left, _, right, bottom = box
    axes = style.panel(figure, *box)
    style.percent_axis(axes, highest)
    if right - left < 160:  # room for the ends of the scale
        ticks = axes.get_xticks()
        axes.set_xticks([ticks[0], ticks[-1]], ["0", swedish.percent(ticks[-1])])
    axes.hlines(rows["y"], 0, axes.get_xlim()[1], color=LIGHT["grid"], lw=1, zorder=0)
    whole, below = rows["whole"].iloc[0], bottom - ROW / 2
    if not pd.isna(whole):
        axes.axvline(whole, color=LIGHT["rule"], lw=1.5, ls=(0, (4, 3)), zorder=1)
        share = swedish.percent(whole)
        style.quietly(figure, right + VALUES, below, share, ha="right")
    seen = shown(rows)
    intervals(axes, rows[seen], width=5)
    dots(axes, rows[seen], area=46)
    for row in records(rows):
        if pd.isna(row["estimate"]) or row["mark"] in (phrases.HIDDEN, phrases.IMPOSSIBLE):
            style.quietly(figure, left + 4, row["y"], phrases.HIDDEN_SHORT)
            continue
        secured = _secured(row, words)
        look = {"weight": "bold"} if secured else {"color": LIGHT["muted"]}
        text = swedish.percent(row["estimate"])
        style.write(figure, right + VALUES, row["y"], text, size=style.SMALL, ha="right", **look)
