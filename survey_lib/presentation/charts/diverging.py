"""Answers on a scale as bars that part at its middle: one side to the left, the other to the right.

The middle answer (*varken*) lies across the centre line and is counted on neither side. Answers
outside the scale (96 is not there, 98 does not know) stand apart, at the right, on the same scale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.phrases import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

CHARACTERS = 28
LEFT, APART, EDGE, BAR, ROW = 226, 74, 8, 24, 26  # pixels
FIRST_SPECIAL = 90  # codes from here are not points of the scale
LETTER = 6.9  # width of a small letter, at most, for breaking the key into lines

# colours by place on the scale, outermost first on either side
SIDES = {1: ("strong",), 2: ("strong", "mid")}
ROLES = {
    ("first", "strong"): "first_strong",
    ("first", "mid"): "first",
    ("last", "strong"): "last_strong",
    ("last", "mid"): "last",
}


def diverging(frame: pd.DataFrame, words: Words, caption: str, description: str = "") -> Figure:
    """All answers to one or more questions with the same scale, or of one question in many groups.

    ``frame``: a row per question and answer with ``row`` (what the bar is called), ``answer`` (its
    code), ``label`` (the answer's label), ``estimate, mark``; answers in questionnaire order. Two to
    five points of a scale.
    """
    from survey_lib.presentation.figure import Figure

    return Figure(
        caption=caption,
        description=description or f"Procent av {words.population}",
        alt=alternative(frame),
        draw=lambda: _draw(frame),
        demo=words.demo,
    )


def alternative(frame: pd.DataFrame) -> str:
    """Kind of chart, and every answer's share for the first and the last bar."""
    names = list(frame["row"].drop_duplicates())
    parts = [f"Stapeldiagram med {len(names)} {'stapel' if len(names) == 1 else 'staplar'}."]
    for name in dict.fromkeys([names[0], names[-1]] if names else []):
        shares = [
            f"{swedish.lower_first(str(row.label))} {swedish.percent(row.estimate)}"
            for row in frame[frame["row"] == name].itertuples()
            if not pd.isna(row.estimate)
        ]
        said = swedish.listing(shares) if shares else phrases.HIDDEN_SHORT
        parts.append(f"{name}: {said}.")
    return " ".join(parts)


def colours(scale: list[int]) -> dict[int, str]:
    """The role of each point of a scale, in order; an odd scale has a middle."""
    half = len(scale) // 2
    left, right = scale[:half], scale[len(scale) - half :]
    roles = dict.fromkeys(scale, "middle")
    for side, codes in (("first", left), ("last", right[::-1])):
        for code, strength in zip(codes, SIDES[half], strict=True):
            roles[code] = ROLES[side, strength]
    return roles


def _draw(frame: pd.DataFrame) -> Drawing:
    rows = frame.assign(code=frame["answer"].astype(int))
    labels = {
        int(code): str(label) for code, label in zip(rows["code"], rows["label"], strict=True)
    }
    scale = [code for code in labels if code < FIRST_SPECIAL]
    special = [code for code in labels if code >= FIRST_SPECIAL]
    shares = rows.pivot(index="row", columns="code", values="estimate")
    names = list(rows["row"].drop_duplicates())
    roles = colours(scale)

    key = _key_lines([labels[code] for code in scale])
    heads = {code: style.wrapped(labels[code], 11) for code in special}
    tall = max([0, *(head.count("\n") + 1 for head in heads.values())])
    top = 12 + max(20 * (max(line for line, _ in key) + 1), 15 * tall) + 8
    layout = style.Rows.of(names, top, CHARACTERS, padding=ROW - 4)
    figure = style.canvas(layout.bottom + EDGE)
    layout.write(figure)
    right = style.WIDTH - EDGE - APART * len(special)
    axes = style.panel(figure, LEFT, top, right, layout.bottom)
    _draw_key(figure, [labels[code] for code in scale], [roles[code] for code in scale], key)

    starts = _starts(shares, scale)
    low, high = min(0.0, starts.min().min()), (starts + shares[scale]).max().max()
    high = high if high > low else low + 1.0
    axes.set_xlim(low, high)
    axes.set_xticks([])
    axes.axvline(0, color=style.LIGHT["rule"], lw=1, zorder=1)
    pixels = (right - LEFT) / (high - low)
    for name, y in zip(names, layout.centres, strict=True):
        _bar(axes, shares.loc[name], starts.loc[name], scale, roles, y, pixels)
        if shares.loc[name, scale].isna().all():
            style.write(
                figure, LEFT + 6, y, phrases.HIDDEN_SHORT, size=style.SMALL,
                color=style.LIGHT["muted"],
            )  # fmt: skip
    for number, code in enumerate(special):
        x = right + APART * number + 16
        style.write(
            figure, x, top - 8, heads[code], va="bottom", size=style.SMALL,
            color=style.LIGHT["muted"], linespacing=1.2,
        )  # fmt: skip
        _apart(figure, shares[code], names, layout.centres, x, pixels)
    return figure


def _starts(shares: pd.DataFrame, scale: list[int]) -> pd.DataFrame:
    """Where each segment begins, so that the middle of the scale lies at 0."""
    half = len(scale) // 2
    left = shares[scale[:half]].sum(axis=1)
    if len(scale) % 2:
        left = left + shares[scale[half]] / 2
    return shares[scale].cumsum(axis=1).sub(shares[scale]).sub(left, axis=0)


def _bar(
    axes: Axes,
    shares: pd.Series,
    starts: pd.Series,
    scale: list[int],
    roles: dict[int, str],
    y: float,
    pixels: float,
) -> None:
    for code in scale:
        share = shares[code]
        if pd.isna(share) or share <= 0:
            continue
        role = roles[code]
        axes.barh(
            y, share, left=starts[code], height=BAR, color=style.LIGHT[role],
            edgecolor=style.LIGHT["paper"], linewidth=1.5, zorder=2,
        )  # fmt: skip
        text = swedish.share(share)
        if share * pixels >= 9 * len(text) + 4:
            on = "on_strong" if role.endswith("strong") else "on_mid"
            axes.text(
                starts[code] + share / 2, y, text, ha="center", va="center_baseline",
                size=style.SMALL, color=style.LIGHT[on], zorder=3,
            )  # fmt: skip


def _apart(
    figure: Drawing, shares: pd.Series, names: list[str], centres: list[float], x: float,
    pixels: float,
) -> None:  # fmt: skip
    """A small bar per row on the same scale, open, with its number after it."""
    from matplotlib.patches import Rectangle

    width, height = (float(inches) * 72 for inches in figure.get_size_inches())
    for name, y in zip(names, centres, strict=True):
        if pd.isna(shares[name]):
            continue
        length = shares[name] * pixels
        figure.add_artist(
            Rectangle(
                (x / width, 1 - (y + BAR / 2 - 4) / height), length / width, (BAR - 8) / height,
                facecolor="none", edgecolor=style.LIGHT["rule"], linewidth=1.5,
            )
        )  # fmt: skip
        style.write(figure, x + length + 6, y, swedish.share(shares[name]), size=style.SMALL)


def _key_lines(labels: list[str]) -> list[tuple[int, float]]:
    """Line and place of each entry of the key."""
    placed, line, x = [], 0, 0.0
    for label in labels:
        width = 20 + LETTER * len(label) + 16
        if x and x + width > style.WIDTH - 170:
            line, x = line + 1, 0.0
        placed.append((line, x))
        x += width
    return placed


def _draw_key(
    figure: Drawing, labels: list[str], roles: list[str], places: list[tuple[int, float]]
) -> None:
    """The answers in questionnaire order above the bars."""
    from matplotlib.patches import Rectangle

    width, height = (float(inches) * 72 for inches in figure.get_size_inches())
    for label, role, (line, x) in zip(labels, roles, places, strict=True):
        y = 14 + 20 * line
        figure.add_artist(
            Rectangle(
                (x / width, 1 - (y + 6) / height), 13 / width, 13 / height,
                facecolor=style.LIGHT[role], edgecolor="none",
            )
        )  # fmt: skip
        style.write(figure, x + 19, y, label, size=style.SMALL)
