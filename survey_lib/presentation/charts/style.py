"""The house style: sizes, colours by role, and what turns a drawing into a page's picture.

One unit is one CSS pixel (72 dots per inch, sizes in points). Every colour is a role with a value
for light and one for dark; roles have different light values, so that a finished drawing can be
themed by exchanging them. Contrast: text at least 4,5:1, graphics at least 3:1, on both papers.
Blue against orange is told apart with every kind of colour blindness; what a colour says is always
said by position, shape or a label too.

Applied with ``rc_context`` around each drawing, never globally.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from survey_lib.presentation import swedish
from survey_lib.presentation.typesetting import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE, SMALL, LINE = 13, 12, 16.5  # letters, small letters, from line to line
TICK = 26  # pixels that a number on an axis needs
EDGE = 8  # empty right edge: an axis label may stand out over it

# role: (light, dark)
COLOURS = {
    "paper": ("#ffffff", "#15191e"),
    "ink": ("#1b2733", "#e8ecf0"),
    "muted": ("#55616d", "#adb8c2"),
    "grid": ("#dfe4e9", "#2f3841"),
    "rule": ("#7b8793", "#8793a0"),
    "main": ("#0b5c8a", "#74c0ec"),
    "range": ("#6e9dba", "#4a7d9b"),
    "other": ("#b4530a", "#f2a661"),
    "first_strong": ("#0b4f75", "#a5d8f3"),
    "first": ("#4b90b5", "#4f96bb"),
    "middle": ("#d2d8dd", "#3f4852"),  # always with an outline
    "last": ("#d0802f", "#cf7f2e"),
    "last_strong": ("#8a3d05", "#ffc58c"),
    "class_1": ("#eaf2f7", "#1e3442"),  # the steps of a map, always with an outline
    "class_2": ("#a2c9e0", "#2f5a75"),
    "class_3": ("#2a75a3", "#6fb0d6"),
    "class_4": ("#0a3d5e", "#cfe8f7"),
    "on_pale": ("#101921", "#f1f5f8"),
    "on_deep": ("#fefefe", "#0d1319"),
    "on_strong": ("#fdfdfd", "#10151a"),
    "on_mid": ("#111a22", "#111a21"),
    "on_middle": ("#121b24", "#e9edf1"),
}
LIGHT = {role: pair[0] for role, pair in COLOURS.items()}

_FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}

RC: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same measures on every machine
    "font.size": SIZE,
    "figure.dpi": 72,
    "savefig.dpi": 72,
    "figure.facecolor": LIGHT["paper"],
    "savefig.facecolor": LIGHT["paper"],
    "savefig.bbox": None,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.spines.bottom": False,
    "axes.grid": False,
    "axes.axisbelow": True,
    "text.color": LIGHT["ink"],
    "text.parse_math": False,  # a label with "$" is a label
    "xtick.color": LIGHT["muted"],
    "xtick.labelsize": SMALL,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "grid.color": LIGHT["grid"],
    "grid.linewidth": 1,
    "lines.solid_capstyle": "butt",
    "svg.fonttype": "none",
    "svg.hashsalt": "survey_lib",
    "path.simplify": False,
}


@dataclass(frozen=True)
class Layout:
    """A width to draw for. ``labels`` is the width of the label column at the left, ``characters``
    how much a line of it holds; with ``stacked`` each label stands above its marks instead."""

    width: int
    labels: int
    characters: int
    stacked: bool = False

    @property
    def left(self) -> int:
        """Where the marks begin."""
        return EDGE if self.stacked else self.labels

    @property
    def right(self) -> int:
        return self.width - EDGE


WIDE = Layout(680, 262, 32)
NARROW = Layout(340, 0, 44, stacked=True)  # a phone


@dataclass(frozen=True)
class Rows:
    """Rows with labels, each as high as its label needs; all in pixels from the top.

    ``centres`` is where a row's marks stand, ``places`` where its label does, ``bold`` the numbers
    of the rows that are headings and have no marks.
    """

    layout: Layout
    labels: list[str]
    edges: list[float]
    centres: list[float]
    places: list[float]
    bold: Collection[int] = ()

    @classmethod
    def of(
        cls,
        layout: Layout,
        labels: Sequence[str],
        top: float,
        *,
        padding: float,
        marks: float,
        bold: Collection[int] = (),
    ) -> Rows:
        """``padding`` is the air in a row beside its label, ``marks`` the height that its marks
        need when the label stands above them."""
        broken = [wrapped(str(label), layout.characters) for label in labels]
        texts = [LINE * (label.count("\n") + 1) for label in broken]
        below = [
            marks if layout.stacked and number not in bold else 0 for number in range(len(texts))
        ]
        heights = [padding + text + extra for text, extra in zip(texts, below, strict=True)]
        edges = [top + sum(heights[:number]) for number in range(len(heights) + 1)]
        middles = [(low + high) / 2 for low, high in pairwise(edges)]
        if not layout.stacked:
            return cls(layout, broken, edges, middles, middles, bold)
        places = [edge + (padding + text) / 2 for edge, text in zip(edges, texts, strict=False)]
        centres = [
            edge - (padding + extra) / 2 for edge, extra in zip(edges[1:], below, strict=True)
        ]
        return cls(layout, broken, edges, centres, places, bold)

    @property
    def bottom(self) -> float:
        return self.edges[-1]

    def write(self, figure: Figure) -> None:
        """The labels, with a thin line between rows that leads the eye to the marks."""
        from matplotlib.lines import Line2D

        width, height = size(figure)
        for edge in self.edges[1:-1]:
            y = 1 - edge / height
            figure.add_artist(
                Line2D([0, self.layout.right / width], [y, y], color=LIGHT["grid"], lw=1, zorder=0)
            )
        for number, (label, place) in enumerate(zip(self.labels, self.places, strict=True)):
            weight = "bold" if number in self.bold else "normal"
            write(figure, 0, place, label, linespacing=1.25, weight=weight)


def canvas(layout: Layout, height: float) -> Figure:
    """An empty drawing. No pyplot: nothing is kept after it is shown."""
    from matplotlib.figure import Figure

    return Figure(figsize=(layout.width / 72, height / 72), dpi=72)


def size(figure: Figure) -> tuple[float, float]:
    """Width and height in pixels."""
    width, height = figure.get_size_inches()
    return float(width) * 72, float(height) * 72


def panel(figure: Figure, left: float, top: float, right: float, bottom: float) -> Axes:
    """Axes between two corners, in pixels from the upper left: nothing is laid out twice. Their
    vertical scale is the drawing's own pixels."""
    width, height = size(figure)
    box = (left / width, 1 - bottom / height, (right - left) / width, (bottom - top) / height)
    axes = figure.add_axes(box)
    axes.set_ylim(bottom, top)
    axes.set_yticks([])
    return axes


def write(figure: Figure, x: float, y: float, text: str, **look: Any) -> None:
    """Text at a place in pixels from the upper left; vertically centred unless told."""
    width, height = size(figure)
    look.setdefault("va", "center")
    figure.text(x / width, 1 - y / height, visible(text), **look)


def quietly(figure: Figure, x: float, y: float, text: str, **look: Any) -> None:
    """Small text in a softer colour: headings of columns, bounds, remarks."""
    write(figure, x, y, text, **{"size": SMALL, "color": LIGHT["muted"], **look})


def wrapped(label: str, characters: int) -> str:
    """A label on as many lines as it needs; a hyphenated name breaks after its hyphens."""
    return "\n".join(textwrap.wrap(visible(label), characters)) or visible(label)


def percent_axis(axes: Axes, high: float) -> None:
    """A horizontal axis from 0 to a round percentage above ``high`` (a fraction), with grid; ends
    at 10 % when nothing has a value. A narrow one has fewer steps."""
    high = high if high == high else 0.1
    step = 0.05 if high <= 0.2 else 0.1 if high <= 0.5 else 0.2
    if axes.bbox.width < TICK * (high / step + 1):
        step *= 2
    count = max(1, -int(-(high - 1e-9) // step))
    ticks = [step * number for number in range(count + 1)]
    axes.set_xlim(0, ticks[-1])
    labels = [swedish.share(tick) for tick in ticks[:-1]] + [swedish.percent(ticks[-1])]
    axes.set_xticks(ticks, labels)
    axes.xaxis.grid(True)
    axes.xaxis.tick_top()


def plain(svg: str) -> str:
    """The SVG without what no reader needs, its fonts the reader's own, its size in pixels."""
    svg = re.sub(r"<\?xml.*?\?>\s*|<!DOCTYPE.*?>\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r" font-family: 'DejaVu Sans'[^;\"]*;", "", svg)
    svg = re.sub(
        r'width="([\d.]+)pt" height="([\d.]+)pt"',
        lambda found: (
            f'width="{float(found[1]):.0f}" height="{float(found[2]):.0f}" font-family="{_FONTS}"'
        ),
        svg,
        count=1,
    )
    svg = re.sub(r'(\s)transform="rotate\(-?0 [^"]*"', r"\1", svg)
    svg = re.sub(r"(\d\.\d\d)\d+", r"\1", svg)  # a hundredth of a pixel is enough
    return re.sub(r"\s*\n\s*", "\n", svg)


def themed(svg: str) -> str:
    """The same picture with CSS variables for colours, light unless the page is dark."""
    used = {role: pair for role, pair in COLOURS.items() if pair[0] in svg}
    for role, (light, _) in used.items():
        svg = svg.replace(light, f"var(--{role})")
    light = "".join(f"--{role}:{pair[0]};" for role, pair in used.items())
    dark = "".join(f"--{role}:{pair[1]};" for role, pair in used.items())
    rule = f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
    return re.sub(r"(<svg[^>]*>)", rf"\1<style>{rule}</style>", svg, count=1)
