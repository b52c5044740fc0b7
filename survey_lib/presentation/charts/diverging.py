"""Answers on a scale as bars that part at its middle: one side to the left, the other to the right.

The middle answer (*varken*) lies across the centre line and is counted on neither side. Answers
outside the scale (96 is not there, 98 does not know) stand apart, at the right, on the same scale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.style import Layout
from survey_lib.presentation.phrases import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

APART, BAR = 74, 24  # width of the space for an answer outside the scale, height of a bar; pixels
FIRST_SPECIAL = 90  # codes from here are not points of the scale
DIGIT, LETTER = 9, 7.0  # widths, at most, of a character in a bar and in the key

# colours from the ends of a scale inwards
FIRST, LAST = ("first_strong", "first"), ("last_strong", "last")
ON = {"first_strong": "on_strong", "last_strong": "on_strong", "middle": "on_middle"}


def diverging(frame: pd.DataFrame, words: Words, caption: str, description: str = "") -> Figure:
    """All answers to one or more questions with the same scale, or of one question in many groups.

    ``frame``: a row per question and answer with ``row`` (what the bar is called), ``answer`` (its
    code), ``label`` (the answer's label), ``estimate, mark``; a scale has two to five points.
    """
    from survey_lib.presentation.figure import Figure

    return Figure(
        caption=caption,
        description=description or f"Procent av {words.population}",
        alt=alternative(frame),
        draw=lambda layout: _draw(frame, layout),
        words=words,
    )


def alternative(frame: pd.DataFrame) -> str:
    """Kind of chart, and every answer's share for the first and the last bar."""
    names = list(frame["row"].drop_duplicates())
    parts = [f"Stapeldiagram med {len(names)} {'stapel' if len(names) == 1 else 'staplar'}."]
    for name in dict.fromkeys([*names[:1], *names[-1:]]):
        shares = [
            f"{swedish.lower_first(str(row.label))} {swedish.percent(row.estimate)}"
            for row in frame[frame["row"] == name].itertuples()
            if not pd.isna(row.estimate)
        ]
        parts.append(f"{name}: {swedish.listing(shares) or phrases.HIDDEN_SHORT}.")
    return " ".join(parts)


def colours(scale: list[int]) -> dict[int, str]:
    """The colour's role for each point of a scale, in order; an odd scale has a middle."""
    half = len(scale) // 2
    roles = dict.fromkeys(scale, "middle")
    for codes, side in ((scale[:half], FIRST), (scale[::-1][:half], LAST)):
        roles.update(zip(codes, side, strict=False))
    return roles


def _draw(frame: pd.DataFrame, layout: Layout) -> Drawing:
    frame = frame.assign(code=frame["answer"].astype(int)).sort_values("code", kind="stable")
    labels = {code: str(label) for code, label in zip(frame["code"], frame["label"], strict=True)}
    scale = [code for code in labels if code < FIRST_SPECIAL]
    special = [code for code in labels if code >= FIRST_SPECIAL]
    names = list(dict.fromkeys(frame.sort_index()["row"]))
    shares = frame.pivot(index="row", columns="code", values="estimate").loc[names]
    roles = colours(scale)

    columns = [] if layout.stacked else special  # a phone has them as words under the bar
    heads = {code: style.wrapped(labels[code], 11) for code in columns}
    key = _key_places([labels[code] for code in scale], layout.right - APART * len(columns))
    tall = max([0, *(head.count("\n") + 1 for head in heads.values())])
    top = 18 + max(20 * (max(line for line, _ in key) + 1), 15 * tall)
    under = 20 if layout.stacked and special else 0
    rows = style.Rows.of(layout, names, top, padding=20, marks=BAR + under + 8)
    figure = style.canvas(layout, rows.bottom + style.EDGE)
    rows.write(figure)
    _draw_key(figure, [labels[code] for code in scale], [roles[code] for code in scale], key)

    right = layout.right - APART * len(columns)
    starts = _starts(shares, scale)
    low, high = starts.min().min(), (starts + shares[scale]).max().max()
    axes = style.panel(figure, layout.left, top, right, rows.bottom)
    axes.set_xticks([])
    axes.set_xlim(low, high) if low < high else axes.set_xlim(-0.5, 0.5)
    pixels = (right - layout.left) / (axes.get_xlim()[1] - axes.get_xlim()[0])
    for name, y in zip(names, rows.centres, strict=True):
        bar = y - under / 2 + (4 if layout.stacked else 0)
        if shares.loc[name, scale].isna().all():
            style.quietly(figure, layout.left + 6, bar, phrases.HIDDEN_SHORT)
            continue
        _bar(axes, shares.loc[name], starts.loc[name], roles, bar, pixels)
        if under:
            style.quietly(figure, layout.left, bar + 22, _said(shares.loc[name, special], labels))
    for number, code in enumerate(columns):
        x = right + APART * number + 16
        style.quietly(figure, x, top - 8, heads[code], va="bottom", linespacing=1.2)
        for name, y in zip(names, rows.centres, strict=True):
            _apart(figure, shares.loc[name, code], x, y, pixels)
    return figure


def _starts(shares: pd.DataFrame, scale: list[int]) -> pd.DataFrame:
    """Where each segment begins, so that the middle of the scale lies at 0."""
    half = len(scale) // 2
    left = shares[scale[:half]].sum(axis=1)
    if len(scale) % 2:
        left = left + shares[scale[half]] / 2
    return shares[scale].cumsum(axis=1).sub(shares[scale]).sub(left, axis=0)


def _bar(
    axes: Axes, shares: pd.Series, starts: pd.Series, roles: dict[int, str], y: float, pixels: float
) -> None:
    """One bar across the centre line, its segments with their numbers where there is room."""
    axes.vlines(0, y - BAR / 2 - 4, y + BAR / 2 + 4, color=style.LIGHT["rule"], lw=1.5, zorder=1)
    for code, role in roles.items():
        share = shares[code]
        if pd.isna(share) or share <= 0:
            continue
        axes.barh(
            y,
            share,
            left=starts[code],
            height=BAR,
            color=style.LIGHT[role],
            edgecolor=style.LIGHT["rule" if role == "middle" else "paper"],
            linewidth=1 if role == "middle" else 1.5,
            zorder=2.5 if role == "middle" else 2,
        )
        text = swedish.share(share)
        if share * pixels >= DIGIT * len(text) + 4:
            on = ON.get(role, "on_mid")
            look: dict[str, Any] = {
                "size": style.SMALL,
                "color": style.LIGHT[on],
                "ha": "center",
                "va": "center",
            }
            axes.text(starts[code] + share / 2, y, text, zorder=3, **look)


def _apart(figure: Drawing, share: float, x: float, y: float, pixels: float) -> None:
    """A small open bar on the same scale, with its number after it."""
    if pd.isna(share):
        return
    length = share * pixels
    _box(figure, x, y, length, BAR - 8, facecolor="none", edgecolor=style.LIGHT["rule"], lw=1.5)
    style.write(figure, x + length + 6, y, swedish.share(share), size=style.SMALL)


def _said(shares: pd.Series, labels: dict[int, str]) -> str:
    """The answers outside the scale in words."""
    known = shares.dropna()
    return ", ".join(f"{labels[code]} {swedish.share(share)}" for code, share in known.items())


def _key_places(labels: list[str], width: float) -> list[tuple[int, float]]:
    """Line and place of each entry of the key."""
    placed, line, x = [], 0, 0.0
    for label in labels:
        needed = 19 + LETTER * len(label)
        if x and x + needed > width:
            line, x = line + 1, 0.0
        placed.append((line, x))
        x += needed + 16
    return placed


def _draw_key(
    figure: Drawing, labels: list[str], roles: list[str], places: list[tuple[int, float]]
) -> None:
    """The answers in questionnaire order above the bars."""
    for label, role, (line, x) in zip(labels, roles, places, strict=True):
        y = 14 + 20 * line
        edge = style.LIGHT["rule" if role == "middle" else role]
        _box(figure, x, y, 12, 12, facecolor=style.LIGHT[role], edgecolor=edge, lw=1)
        style.write(figure, x + 19, y, label, size=style.SMALL)


def _box(figure: Drawing, x: float, y: float, width: float, height: float, **look: Any) -> None:
    """A rectangle from ``x``, centred on ``y``; pixels from the upper left."""
    from matplotlib.patches import Rectangle

    across, down = style.size(figure)
    corner = x / across, 1 - (y + height / 2) / down
    figure.add_artist(Rectangle(corner, width / across, height / down, **look))
