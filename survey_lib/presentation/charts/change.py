"""Change between two waves: two dots with their intervals per row, and what the change is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.marks import dots, intervals, key, shown, uncertain_note
from survey_lib.presentation.charts.style import Layout
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.verdicts import (
    Comparison,
    Verdict,
    change_notes,
    interval_name,
    on_common_ages,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

TOP, VALUES = 48, 128  # pixels
APART = 6.5  # the waves stand above and below the row's middle, so that both intervals are seen
UNMEASURED = (Verdict.CHANGED, Verdict.COVERAGE, Verdict.NONE, Verdict.HIDDEN)


def change(frame: pd.DataFrame, words: Words, caption: str, description: str = "") -> Figure:
    """Both waves of each indicator, in the frame's order.

    ``frame``: rows of :func:`survey_lib.presentation.verdicts.joined` with ``label, estimate, low,
    high, n, mark``, the ``change_`` columns and, for the earlier wave's own interval,
    ``change_second_low, change_second_high``.
    """
    from survey_lib.presentation.figure import Figure

    frame = on_common_ages(frame)
    return Figure(
        caption=caption,
        description=(description or _description(frame, words)) + uncertain_note(frame, words),
        alt=alternative(frame, words),
        draw=lambda layout: _draw(frame, words, layout),
        words=words,
    )


def _description(frame: pd.DataFrame, words: Words) -> str:
    text = f"Procent av {words.population}, med {interval_name(frame, ['change'], words)}"
    return ". ".join([text, *change_notes(frame, words)]).rstrip(".")


def alternative(frame: pd.DataFrame, words: Words) -> str:
    """Kind of chart, every säkerställd change with its two values, the number of others."""
    parts = [f"Punktdiagram med {len(frame)} rader: {words.before} och {words.wave}."]
    named = []
    for row in frame.to_dict("records"):
        found = Comparison.of(row, "change")
        if found.verdict(words).secured:
            before = swedish.percent(found.second, found.decimals)
            now = swedish.percent(found.first, found.decimals)
            named.append(f"{row['label']} från {before} till {now}")
    if named:
        parts.append(f"Säkerställd förändring: {swedish.listing(named)}.")
    if not words.probability:
        parts.append("Skillnaderna prövas inte.")
    elif len(named) < len(frame):
        parts.append(f"Rader utan säkerställd förändring: {len(frame) - len(named)}.")
    return " ".join(parts)


def _draw(frame: pd.DataFrame, words: Words, layout: Layout) -> Drawing:
    rows = style.Rows.of(layout, list(frame["label"]), TOP, padding=21, marks=28)
    now = frame.assign(y=[centre + APART for centre in rows.centres])
    before = _earlier(frame, words).assign(y=[centre - APART for centre in rows.centres])
    right = layout.right - VALUES

    figure = style.canvas(layout, rows.bottom + style.EDGE)
    axes = style.panel(figure, layout.left, TOP, right, rows.bottom)
    style.percent_axis(axes, pd.concat([now["high"], before["high"], before["estimate"]]).max())
    rows.write(figure)
    both = shown(now) & shown(before)
    axes.plot(
        [before["estimate"][both], now["estimate"][both]],
        [before["y"][both], now["y"][both]],
        color=style.LIGHT["rule"],
        lw=1.2,
        zorder=1,
    )
    intervals(axes, before[shown(before)], "rule", width=2)
    intervals(axes, now[shown(now)])
    dots(axes, before, "rule", marker="D", area=40)
    dots(axes, now)
    line = 12 if layout.stacked else 32
    for x, colour, marker, name in ((8, "rule", "D", words.before), (88, "main", "o", words.wave)):
        key(figure, x, line, colour, marker)
        style.write(figure, x + 12, line, str(name), size=style.SMALL)
    _outcomes(figure, frame, rows, words)
    return figure


def _earlier(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """The earlier wave as rows of its own; nothing where the comparison can't be made."""
    records = frame.to_dict("records")
    found = [Comparison.of(row, "change") for row in records]
    usable = [c.verdict(words) not in UNMEASURED for c in found]
    few = [c.n_second < words.uncertain_below for c in found]
    parts = {
        "estimate": [c.second for c in found],
        "low": [row.get("change_second_low") for row in records],
        "high": [row.get("change_second_high") for row in records],
    }
    earlier = pd.DataFrame(parts, index=frame.index).astype(float)
    earlier[~pd.Series(usable, index=frame.index)] = float("nan")
    return earlier.assign(mark=[phrases.UNCERTAIN if small else "" for small in few])


def _outcomes(figure: Drawing, frame: pd.DataFrame, rows: style.Rows, words: Words) -> None:
    """The size of each change and its verdict, at the right edge."""
    edge = rows.layout.right
    style.quietly(figure, edge, 16, "Förändring", ha="right")
    style.quietly(figure, edge, 33, "procentenheter", ha="right")
    for row, y in zip(frame.to_dict("records"), rows.centres, strict=True):
        found = Comparison.of(row, "change")
        verdict = found.verdict(words)
        if verdict is Verdict.HIDDEN:
            style.quietly(figure, rows.layout.left + 6, y, phrases.HIDDEN_SHORT)
            continue
        if pd.isna(found.difference):
            style.quietly(figure, edge, y, verdict.short, ha="right")
            continue
        size = swedish.points(found.difference, found.decimals)
        weight, colour = ("bold", "ink") if verdict.secured else ("normal", "muted")
        style.write(figure, edge, y - 8, size, ha="right", weight=weight)
        style.quietly(figure, edge, y + 8, verdict.short, ha="right", color=style.LIGHT[colour])
