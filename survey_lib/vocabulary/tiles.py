"""Where each area's tile stands on the map that is drawn by us: ``tiles.csv``.

One row per area, ``id;column;row``, counted from 1 at the upper left: a square per area, placed so
that neighbours stay neighbours as far as they can. Each level has a map of its own, of all its
areas or of none.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.csv_files import CsvRow, read_csv_rows
from survey_lib.vocabulary.source import Source
from survey_lib.vocabulary.validation import did_you_mean, listed

FILE = "tiles.csv"
_PLACE = re.compile(r"[1-9][0-9]?")


class Tile(NamedTuple):
    """A place on the map, from 1 at the upper left."""

    column: int
    row: int


def read_tiles(path: Path, areas: Areas | None) -> tuple[Source, dict[str, Tile]]:
    """The tiles by area id, without the rows at fault."""
    source, _, rows = read_csv_rows(path, ["id", "column", "row"])
    tiles: dict[str, Tile] = {}
    told: set[str] = set()
    taken: dict[tuple[str, Tile], str] = {}
    for row in rows:
        area = row.cells["id"]
        place = f"line {row.line}, column id"
        if areas is not None and area not in areas.areas:
            hint = did_you_mean(area, areas.areas) or "an id of areas.csv"
            source.at(place, f"the unknown area {area!r}", hint, "mend the id")
            continue
        if area in told:
            source.at(place, f"the area {area} again", "each area once", "remove one of the rows")
            continue
        told.add(area)
        column, line = (_number(row, name, source) for name in ("column", "row"))
        if column is None or line is None:
            continue
        tile = Tile(column, line)
        first = taken.setdefault((Areas.level_of(area), tile), area)
        if first != area:
            found = f"column {column}, row {line}, where {first} stands"
            expected = "one area of a level on each tile"
            source.at(f"line {row.line}, column column", found, expected, "move one of the two")
            continue
        tiles[area] = tile
    if areas is not None and not source.lost:
        _check_whole_levels(told, areas, source)
    return source, tiles


def _number(row: CsvRow, name: str, source: Source) -> int | None:
    text = row.cells[name]
    if _PLACE.fullmatch(text):
        return int(text)
    found = repr(text) if text else "an empty cell"
    expected = "a whole number, 1 to 99"
    source.at(f"line {row.line}, column {name}", found, expected, "fill in or mend the number")
    return None


def _check_whole_levels(told: set[str], areas: Areas, source: Source) -> None:
    """A map without one of its areas would hide it."""
    for level in dict.fromkeys(Areas.level_of(area) for area in sorted(told)):
        missing = [area for area in areas.of_level(level) if area not in told]
        if missing:
            found = f"no row for {listed(missing)}"
            expected = f"a tile for every area of the level {level}, or for none"
            source.at("", found, expected, "add the rows")
