"""A share area by area on a map: tiles placed like the city, or the areas' real borders.

One hue in at most four steps, and the number itself in every area, so nothing hangs on colour.
Where names have no room in their areas, numbers lead to a list. The list is in Swedish order: a map
says where, it doesn't rank.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.style import LIGHT, Layout
from survey_lib.presentation.phrases import Words
from survey_lib.vocabulary.polygons import Polygons
from survey_lib.vocabulary.swedish_order import swedish_key
from survey_lib.vocabulary.tiles import Tile

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    from survey_lib.presentation.figure import Figure

NO_SURVEY, UNKNOWN = "ingen undersökning", "uppgift saknas"
HATCHES = {phrases.HIDDEN_SHORT: "////", NO_SURVEY: "\\\\\\\\", UNKNOWN: "----"}
# where words have no room
SIGNS = {
    phrases.HIDDEN_SHORT: phrases.HIDDEN,
    NO_SURVEY: "–",
    UNKNOWN: "–",
}  # where words don't fit

ROLES = {1: (2,), 2: (2, 3), 3: (1, 2, 3), 4: (1, 2, 3, 4)}  # of 1 to 4 classes
STEPS = (5, 10, 20, 25)  # percent that a class can hold
FEW = 6  # codes of polygons that are no area: more are counted
MANY = 12  # areas: more aren't read out one by one

_PIECE = re.compile(r"[^ -]+-?")  # of a text, what can't be broken over two lines

LETTER = 7.6  # pixels, of a small letter in the widest font
TOP, GAP, WIDEST, TALLEST = 36, 4, 164, 460  # pixels: the key, between tiles, a tile, a map
BESIDE = 28  # pixels: a number before its name in the list, and the air after a column


def area_map(
    rows: pd.DataFrame,
    words: Words,
    caption: str,
    shapes: Mapping[str, Tile] | Polygons,
    description: str = "",
) -> Figure:
    """A share in every area of a level.

    ``rows``: ``area, label, sampling, estimate, mark``, a row per area; ``sampling`` is "" where
    there was no survey. ``shapes``: the areas' tiles or polygons, by area id.
    """
    from survey_lib.presentation.figure import Figure

    order = sorted(rows.index, key=lambda index: swedish_key(str(rows["label"][index])))
    places = [_Place.of(row) for row in rows.loc[order].to_dict("records")]
    return Figure(
        caption=caption,
        description=" ".join(filter(None, [description, explained(places, shapes)])),
        alt=alternative(places, isinstance(shapes, Polygons)),
        draw=lambda layout: _draw(places, shapes, layout),
        words=words,
    )


@dataclass(frozen=True)
class _Place:
    """One area: its share in whole percent as it is written, or the words in its place."""

    area: str
    name: str
    text: str
    percent: int | None

    @classmethod
    def of(cls, row: dict[Any, Any]) -> _Place:
        known, hidden = not pd.isna(row["estimate"]), row["mark"] == phrases.HIDDEN
        if row["sampling"] == "":
            text = NO_SURVEY
        elif hidden or not known:
            text = phrases.HIDDEN_SHORT if hidden else UNKNOWN
        else:
            value = float(row["estimate"])
            percent = int(swedish.rounded(100 * value))
            return cls(row["area"], str(row["label"]), swedish.percent(value), percent)
        return cls(row["area"], str(row["label"]), text, None)


def explained(places: list[_Place], shapes: Mapping[str, Tile] | Polygons) -> str:
    """What the drawing doesn't show."""
    if not isinstance(shapes, Polygons):
        return "Varje ruta är ett område. Rutorna ligger ungefär där områdena ligger."
    missing = [place.name for place in places if place.area not in shapes.shapes]
    parts = [f"Gränser saknas på kartan för {swedish.listing(missing)}."] if missing else []
    if shapes.strangers:
        codes = swedish.listing(code or "utan kod" for code in shapes.strangers[:FEW])
        more = len(shapes.strangers) - FEW
        rest = f" och {more} till" if more > 0 else ""
        parts.append(f"Utanför kartan: ytor som inte hör till något område ({codes}{rest}).")
    return " ".join(parts)


def alternative(places: list[_Place], borders: bool) -> str:
    """Kind of map, and every area's value in Swedish order; of very many the span of values."""
    kind = "med områdenas gränser" if borders else "av rutor"
    parts = [f"Karta {kind} med {len(places)} områden."]
    known = [place.percent for place in places if place.percent is not None]
    if len(places) <= MANY:
        parts.append(", ".join(f"{place.name} {place.text}" for place in places) + ".")
    else:
        if known:
            low, high = min(known), max(known)
            parts.append(f"Lägst {low}{swedish.NO_BREAK}%, högst {high}{swedish.NO_BREAK}%.")
        for words in HATCHES:
            names = [place.name for place in places if place.text == words]
            if names:
                parts.append(f"{swedish.upper_first(words)}: {swedish.listing(names)}.")
    return " ".join(parts)


def classes(percents: list[int]) -> list[tuple[int, int]]:
    """At most four classes of whole percent, first and last, that hold all of them."""
    low, high = min(*percents, 99), min(max(percents), 99)
    for step in STEPS:
        first = low // step * step
        count = high // step - low // step + 1
        if count <= len(ROLES):
            break
    bounds = [(first + step * k, first + step * (k + 1) - 1) for k in range(count)]
    return [(start, 100 if end == 99 else end) for start, end in bounds]


def _draw(places: list[_Place], shapes: Mapping[str, Tile] | Polygons, layout: Layout) -> Drawing:
    known = [place.percent for place in places if place.percent is not None]
    steps = classes(known) if known else []
    colours = dict(zip(steps, (f"class_{k}" for k in ROLES.get(len(steps), ())), strict=True))
    top = TOP if steps else style.EDGE
    if isinstance(shapes, Polygons):
        outlines, bottom = _borders(shapes, layout, top)
        numbered = True
    else:
        outlines, bottom, numbered = _tiles(places, shapes, layout, top)
    entries = _List.of(places, layout, bottom + 16) if numbered else None
    figure = style.canvas(layout, (entries.bottom if entries else bottom) + style.EDGE)
    axes = style.panel(figure, 0, 0, *style.size(figure))
    axes.set_xlim(0, layout.width)
    axes.set_xticks([])
    _key(figure, axes, colours)
    for number, place in enumerate(places, start=1):
        if place.area not in outlines:
            continue
        outline = outlines[place.area]
        role = next((r for (a, b), r in colours.items() if _within(place.percent, a, b)), "")
        _fill(axes, outline.rings, role, place.text)
        _label(figure, place, outline, role, number if numbered else None)
    if entries:
        entries.write(figure)
    return figure


def _within(percent: int | None, first: int, last: int) -> bool:
    return percent is not None and first <= percent <= last


@dataclass(frozen=True)
class _Outline:
    """An area in the drawing's pixels; ``width`` is the room for words at its ``centre``, 0 where
    only a number has room."""

    rings: list[np.ndarray]
    centre: tuple[float, float]
    width: float


def _tiles(
    places: list[_Place], tiles: Mapping[str, Tile], layout: Layout, top: float
) -> tuple[dict[str, _Outline], float, bool]:
    """The tiles, where they end, and whether their names had no room."""
    used = [tiles[place.area] for place in places]
    left, first = (min(tile[k] for tile in used) for k in (0, 1))
    columns = max(tile.column for tile in used) - left + 1
    width = min(WIDEST, (layout.right - 1 + GAP) / columns - GAP)
    room = int((width - 8) / LETTER)
    pieces = [piece for place in places for piece in _PIECE.findall(f"{place.name} {place.text}")]
    numbered = max(map(len, pieces)) > room
    lines = max(_lines(place.name, room) + _lines(place.text, room) for place in places)
    height = 46 if numbered else max(56, 20 + style.LINE * lines)
    outlines = {}
    for place, tile in zip(places, used, strict=True):
        x, y = 1 + (tile.column - left) * (width + GAP), top + (tile.row - first) * (height + GAP)
        ring = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)])
        centre = (x + width / 2, y + height / 2)
        outlines[place.area] = _Outline([ring], centre, 0 if numbered else width)
    last = max(tile.row for tile in used) - first + 1
    return outlines, top + last * (height + GAP) - GAP, numbered


def _lines(text: str, room: int) -> int:
    return style.wrapped(text, room).count("\n") + 1


def _borders(polygons: Polygons, layout: Layout, top: float) -> tuple[dict[str, _Outline], float]:
    """The borders in pixels, as large as there is room for, and where they end."""
    points = np.vstack([ring for shape in polygons.shapes.values() for ring in shape.rings])
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    scale = min(layout.right / (east - west), TALLEST / (north - south))

    def placed(at: np.ndarray) -> np.ndarray:
        return np.column_stack([(at[:, 0] - west) * scale + 1, top + (north - at[:, 1]) * scale])

    outlines = {}
    for area, shape in polygons.shapes.items():
        ((x, y),) = placed(np.array([shape.inside]))
        outlines[area] = _Outline([placed(ring) for ring in shape.rings], (x, y), 0)
    return outlines, top + (north - south) * scale


def _fill(axes: Axes, rings: list[np.ndarray], role: str, text: str) -> None:
    """The area's surface: its step of the hue, or a hatch that goes with the words."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    path = Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))
    face = LIGHT[role] if role else LIGHT["paper"]
    hatch = None if role else HATCHES[text]
    look = {"facecolor": face, "edgecolor": LIGHT["rule"], "hatch": hatch, "linewidth": 1}
    axes.add_patch(PathPatch(path, **look))


def _label(
    figure: Drawing, place: _Place, outline: _Outline, role: str, number: int | None
) -> None:
    """Name and value in an area, or its number and value where there is no room for names."""
    x, y = outline.centre
    look: dict[str, Any] = {"ha": "center", "linespacing": 1.2}
    on_colour = role and len(outline.rings) == 1 and len(outline.rings[0]) == 5
    if on_colour:
        look["color"] = LIGHT["on_deep" if role in ("class_3", "class_4") else "on_pale"]
    else:
        look["bbox"] = {"facecolor": LIGHT["paper"], "edgecolor": "none", "pad": 2}
    if number is None:
        room = int((outline.width - 8) / LETTER)
        name, value = style.wrapped(place.name, room), style.wrapped(place.text, room)
        up, down = (style.LINE * (text.count("\n") + 1) for text in (name, value))
        middle = y + (up - down) / 2
        style.write(figure, x, middle - up / 2, name, size=style.SMALL, **look)
        weight = "bold" if place.percent is not None else "normal"
        style.write(figure, x, middle + down / 2, value, size=style.SMALL, weight=weight, **look)
    elif on_colour or not role:
        value = SIGNS.get(place.text, place.text)
        style.write(figure, x, y - 9, str(number), size=style.SMALL, **look)
        style.write(figure, x, y + 9, value, size=style.SMALL, **look)
    else:
        style.write(figure, x, y, str(number), size=style.SMALL, **look)


def _key(figure: Drawing, axes: Axes, colours: dict[tuple[int, int], str]) -> None:
    """The steps of the hue, from the smallest share."""
    x = 1.0
    for (first, last), role in colours.items():
        ring = np.array([(x, 6), (x + 14, 6), (x + 14, 20), (x, 20), (x, 6)])
        _fill(axes, [ring], role, "")
        text = f"{swedish.span(str(first), str(last))}{swedish.NO_BREAK}%"
        style.quietly(figure, x + 20, 13, text)
        x += 20 + LETTER * len(text) + 12


@dataclass(frozen=True)
class _List:
    """Every area with its number and value, in Swedish order down the columns; ``entries`` are
    (number, name on its lines, area, left, right, middle)."""

    entries: list[tuple[int, str, _Place, float, float, float]]
    bottom: float

    @classmethod
    def of(cls, places: list[_Place], layout: Layout, top: float) -> _List:
        columns = 1 if layout.stacked else 2
        tall, width = ceil(len(places) / columns), layout.right / columns
        entries, bottom, y = [], top, top
        for number, place in enumerate(places):
            column, row = divmod(number, tall)
            left = column * width
            right = left + width - (BESIDE if column < columns - 1 else 0)
            room = int((right - left - 1.5 * BESIDE) / LETTER) - len(place.text)
            name = style.wrapped(place.name, room)
            height = 5 + style.LINE * _lines(place.name, room)
            y = top if row == 0 else y
            entries.append((number + 1, name, place, left, right, y + height / 2))
            y += height
            bottom = max(bottom, y)
        return cls(entries, bottom)

    def write(self, figure: Drawing) -> None:
        for number, name, place, left, right, y in self.entries:
            weight = "bold" if place.percent is not None else "normal"
            style.quietly(figure, left + 20, y, str(number), ha="right")
            style.write(figure, left + BESIDE, y, name, size=style.SMALL, linespacing=1.2)
            style.write(figure, right, y, place.text, size=style.SMALL, weight=weight, ha="right")
