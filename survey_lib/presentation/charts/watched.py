"""Rolling windows watched for change: the share above, its change since a year earlier below.

Above, each dot is a window's share with its interval. Below, each dot is the change since the same
window a year earlier, the band what chance alone keeps it within; a change outside the band is a
signal, a diamond with the word beside it. Nothing is said by colour.
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

LEFT, SHARES, CHANGES, BETWEEN, BELOW = 46, 130, 104, 30, 44  # pixels
TICKS = {680: 6, 340: 3}  # windows named below a drawing of this width
LETTER = 8.6


def watched(rows: pd.DataFrame, words: Words, caption: str) -> Figure:
    """Two panels per indicator, in the rows' order.

    ``rows``: one per window, in order of time: ``indicator, label, wave_label`` (of its last
    survey), ``year`` (when, as a number), ``estimate, low, high, mark, difference, limit, signal``.
    """
    from survey_lib.presentation.figure import Figure

    text = f"Överst andelen i procent av {words.population}, med {words.level}-procentiga intervall"
    if rows["limit"].notna().any():
        text += (
            ". Under den förändringen sedan samma period året före, i procentenheter, och bandet "
            "som den ligger i när bara slumpen verkar. Fyrkant: signal"
        )
    return Figure(
        caption=caption,
        description=text + uncertain_note(rows, words),
        alt=alternative(rows),
        draw=lambda layout: _draw(rows, layout),
        words=words,
    )


def alternative(rows: pd.DataFrame) -> str:
    """Kind of chart; of each indicator the first and the last value, and its signals."""
    parts = ["Tidslinjer över rullande perioder, med intervall, och gränser för förändringar."]
    for label, part in rows.groupby("label", sort=False):
        seen = part[shown(part)]
        if seen.empty:
            parts.append(f"{label}: {HIDDEN_SHORT}.")
            continue
        first, last = seen.iloc[0], seen.iloc[-1]
        signals = list(part.loc[part["signal"].eq(True), "wave_label"])
        parts.append(
            f"{label}: {swedish.percent(first['estimate'])} till och med {first['wave_label']}, "
            f"{swedish.percent(last['estimate'])} till och med {last['wave_label']}. "
            f"{'Signal: ' + swedish.listing(signals) if signals else 'Ingen signal'}."
        )
    return " ".join(parts)


def _draw(rows: pd.DataFrame, layout: Layout) -> Drawing:
    parts = [part for _, part in rows.groupby("indicator", sort=False)]
    room = round(layout.right / LETTER)
    titles = [style.wrapped(part["label"].iloc[0], room) for part in parts]
    heads = [style.LINE * (1 + title.count("\n")) + 8 for title in titles]
    below = [BETWEEN + CHANGES + BELOW if part["limit"].notna().any() else BELOW for part in parts]
    figure = style.canvas(layout, sum(heads) + sum(below) + SHARES * len(parts))
    top = 0.0
    for part, title, head, under in zip(parts, titles, heads, below, strict=True):
        look = {"weight": "bold", "linespacing": 1.2, "va": "top"}
        style.write(figure, 0, top, title, **look)
        start = top + head
        axes = style.panel(figure, LEFT, start, layout.right, start + SHARES)
        _shares(axes, part)
        if under > BELOW:
            start += SHARES + BETWEEN
            axes = style.panel(figure, LEFT, start, layout.right, start + CHANGES)
            _changes(axes, part)
        _times(axes, part, TICKS[layout.width])
        top += head + SHARES + under
    return figure


def _shares(axes: Axes, rows: pd.DataFrame) -> None:
    seen = rows[shown(rows)]
    highest = 1.12 * float(seen["high"].max()) if len(seen) else 0.1
    axes.set_ylim(0, highest)
    axes.set_xlim(*_span(rows))
    step = next(one for one in (0.02, 0.05, 0.1, 0.2, 0.5) if highest / one < 4.5 or one == 0.5)
    ticks = [step * number for number in range(int(highest / step) + 1)]
    axes.set_yticks(ticks, [swedish.percent(tick) for tick in ticks])
    axes.tick_params(axis="y", labelsize=style.SMALL, labelcolor=LIGHT["muted"])
    axes.yaxis.grid(True)
    axes.set_xticks([])
    axes.plot(rows["year"], rows["estimate"], color=LIGHT["main"], lw=1.4, zorder=2)
    axes.vlines(seen["year"], seen["low"], seen["high"], lw=4, color=LIGHT["range"], zorder=1)
    faces = [LIGHT["paper" if mark == UNCERTAIN else "main"] for mark in seen["mark"]]
    look: dict[str, Any] = {"edgecolor": LIGHT["main"], "linewidth": 1.6, "zorder": 3}
    axes.scatter(seen["year"], seen["estimate"], s=34, c=faces, **look)


def _changes(axes: Axes, rows: pd.DataFrame) -> None:
    known = rows[rows["limit"].notna()]
    furthest = 1.35 * max(known["difference"].abs().max(), known["limit"].max())
    axes.set_ylim(-furthest, furthest)
    axes.set_xlim(*_span(rows))
    step = next(one for one in (0.01, 0.02, 0.05, 0.1, 0.2) if furthest / one < 2.9 or one == 0.2)
    ticks = [step * number for number in range(-int(furthest / step), int(furthest / step) + 1)]
    axes.set_yticks(ticks, [swedish.points(tick) for tick in ticks])
    axes.tick_params(axis="y", labelsize=style.SMALL, labelcolor=LIGHT["muted"])
    axes.axhline(0, color=LIGHT["rule"], lw=1, zorder=1)
    years, limit = known["year"], known["limit"]
    axes.fill_between(years, -limit, limit, color=LIGHT["grid"], lw=0, zorder=0)
    for side in (-1, 1):
        axes.plot(years, side * limit, color=LIGHT["rule"], lw=1, ls=(0, (4, 3)), zorder=1)
    signal = known["signal"].eq(True)
    for part, marker, area in ((known[~signal], "o", 30), (known[signal], "D", 52)):
        axes.scatter(
            part["year"], part["difference"], s=area, marker=marker, color=LIGHT["main"], zorder=3
        )
    for row in known[signal & ~signal.shift(fill_value=False)].to_dict("records"):
        above = row["difference"] > 0
        axes.annotate(
            "signal",
            (row["year"], row["difference"]),
            (0, 7 if above else -7),
            textcoords="offset points",
            ha="center",
            va="bottom" if above else "top",
            size=style.SMALL - 1,
        )


def _span(rows: pd.DataFrame) -> tuple[float, float]:
    first, last = float(rows["year"].min()), float(rows["year"].max())
    air = 0.05 * max(last - first, 0.5)
    return first - air, last + air


def _times(axes: Axes, rows: pd.DataFrame, most: int) -> None:
    """The names of some windows below the last panel, the latest always among them."""
    every = max(1, -(-len(rows) // most))
    named = rows.iloc[::-1].iloc[::every]
    if len(named) > 2:
        named = named.drop(named.index[1])  # it would meet the latest
    axes.set_xticks(named["year"], named["wave_label"])
    axes.get_xticklabels()[0].set_horizontalalignment("right")  # the latest stands at the edge
