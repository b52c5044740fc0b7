"""Reads ``areas.yaml`` and ``areas.csv`` into :class:`Areas`, and the gazetteer ``places.csv``."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from survey_lib.vocabulary.areas import ID, Area, Areas, Level, PolygonsFile, plain
from survey_lib.vocabulary.csv_files import CsvRow, read_csv_rows
from survey_lib.vocabulary.gazetteer import PLACE_ID, Place, spelling
from survey_lib.vocabulary.model import Model
from survey_lib.vocabulary.polygons import check_polygons_file
from survey_lib.vocabulary.source import Source
from survey_lib.vocabulary.validation import Names, did_you_mean, listed, validated
from survey_lib.vocabulary.yaml_files import read_yaml

COLUMNS = ["id", "name", "part_of", "alias"]
PLACE_COLUMNS = ["id", "name", "area", "alias"]


class AreasFile(Model):
    """``areas.yaml`` as it is written."""

    whole: str
    rest: str
    levels: dict[str, Level]
    map: PolygonsFile | None = None


def read_areas(folder: Path) -> tuple[list[Source], Areas | None, set[str]]:
    """All areas of a parameters folder, without the rows at fault, and the names that went with
    them; None when nothing usable is left."""
    source = read_yaml(folder / "areas.yaml")
    words, gone = validated(AreasFile, source)
    table, _, rows = read_csv_rows(folder / "areas.csv", COLUMNS)
    if words is None or not rows:
        return [source, table], None, gone
    gone |= {row.cells["id"] for row in rows} | table.lost
    areas = _areas(rows, words, table, Names(frozenset(gone)))
    gone -= set(areas)
    lines = {row.cells["id"]: row.line for row in reversed(rows)}
    names = Names(frozenset(gone))
    areas = _with_parents(areas, lines, list(words.levels), table, names)
    _check_names(areas, lines, table)
    if not names.require(source, ("whole",), "area", words.whole, areas):
        return [source, table], None, gone
    whole = Areas(
        whole=words.whole, rest=words.rest, levels=words.levels, areas=areas, map=words.map
    )
    if words.map is not None:
        check_polygons_file(words.map, source, whole, names)
    return [source, table], whole, gone


def _areas(rows: list[CsvRow], words: AreasFile, table: Source, names: Names) -> dict[str, Area]:
    areas: dict[str, Area] = {}
    for row in rows:
        area = row.cells["id"]
        level = area.partition(":")[0]
        place = f"line {row.line}, column id"
        if not ID.fullmatch(area):
            table.at(place, repr(area), "level:name in a–z, 0–9, _ and -", "mend the id")
        elif level not in words.levels:
            if level not in names.left_out:
                hint = did_you_mean(level, words.levels) or f"one of {listed(words.levels)}"
                action = "mend the id, or add the level to areas.yaml"
                table.at(place, f"the unknown level {level!r} in {area}", hint, action)
        elif area in areas:
            table.at(place, f"the area {area} again", "each area once", "remove one of the rows")
        else:
            if not row.cells["name"]:
                place = f"line {row.line}, column name"
                table.at(place, "an empty name", "the area's name", "fill it in")
            areas[area] = Area(
                id=area,
                level=level,
                name=row.cells["name"],
                part_of=_parts(row.cells["part_of"]),
                alias=_parts(row.cells["alias"]),
            )
    return areas


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]


def _with_parents(
    areas: dict[str, Area], lines: dict[str, int], levels: list[str], table: Source, names: Names
) -> dict[str, Area]:
    """The areas with those parents that exist, are not of a smaller level and make no circle."""
    checked: dict[str, Area] = {}
    for area in areas.values():
        place = f"line {lines[area.id]}, column part_of"
        parents = [parent for parent in area.part_of if parent in areas]
        for parent in area.part_of:
            if parent not in areas and parent not in names.left_out:
                hint = did_you_mean(parent, areas) or "an id of this file"
                action = "mend the id, or add the area"
                table.at(place, f"the unknown area {parent!r}", hint, action)
        for parent in parents:
            if levels.index(areas[parent].level) > levels.index(area.level):
                found = f"{area.id} in {parent}, whose level is smaller"
                expected = f"levels from large to small: {', '.join(levels)}"
                table.at(place, found, expected, "turn the two round")
        checked[area.id] = area.model_copy(update={"part_of": parents})
    while circle := _circle(checked):
        found = f"a circle: {' in '.join([*circle, circle[0]])}"
        expected = "an area lies in a larger one, never in itself"
        place = f"line {lines[circle[0]]}, column part_of"
        table.at(place, found, expected, "remove one of the links")
        checked |= {one: checked[one].model_copy(update={"part_of": []}) for one in circle}
    return checked


def _circle(areas: dict[str, Area]) -> list[str]:
    """Areas that lie in each other, from the one first in the file; [] when there are none."""
    try:
        TopologicalSorter({area.id: area.part_of for area in areas.values()}).prepare()
    except CycleError as error:
        circle = error.args[1][:0:-1]  # told from the outside in, the first again at the end
        first = circle.index(min(circle, key=list(areas).index))
        return [*circle[first:], *circle[:first]]
    return []


def _check_names(areas: dict[str, Area], lines: dict[str, int], table: Source) -> None:
    """Within a level a name or alias leads to one area only."""
    taken: dict[tuple[str, str], str] = {}
    for area in areas.values():
        for text in dict.fromkeys([area.name, *area.alias]):
            first = taken.setdefault((area.level, plain(text)), area.id)
            if text and first != area.id:
                table.at(
                    f"line {lines[area.id]}, column name or alias",
                    f"{text!r}, which also names {first}",
                    "names and aliases that differ within a level",
                    "make the two tell apart",
                )


def read_places(path: Path, areas: Areas | None) -> tuple[Source, dict[str, Place]]:
    """``places.csv``: the gazetteer. Ids are ``plats:<slug>``, each place lies in a known area."""
    source, _, rows = read_csv_rows(path, PLACE_COLUMNS)
    places: dict[str, Place] = {}
    taken: dict[str, str] = {}
    for row in rows:
        place, area = row.cells["id"], row.cells["area"]
        if not PLACE_ID.fullmatch(place):
            source.at(
                f"line {row.line}, column id",
                repr(place),
                "plats:name in a–z, 0–9, _ and -",
                "mend the id",
            )
            continue
        if place in places:
            source.at(
                f"line {row.line}, column id",
                f"the place {place} again",
                "each place once",
                "remove one of the rows",
            )
            continue
        if not row.cells["name"]:
            source.at(
                f"line {row.line}, column name", "an empty name", "the place's name", "fill it in"
            )
        if areas is not None and area not in areas.areas:
            hint = did_you_mean(area, areas.areas) or "an id of areas.csv"
            source.at(
                f"line {row.line}, column area", f"the unknown area {area!r}", hint, "mend the id"
            )
        one = Place(id=place, name=row.cells["name"], area=area, alias=_parts(row.cells["alias"]))
        for text in dict.fromkeys([one.name, *one.alias]):
            first = taken.setdefault(spelling(text), place)
            if text and first != place:
                source.at(
                    f"line {row.line}, column name or alias",
                    f"{text!r}, which also names {first}",
                    "spellings that lead to one place",
                    "make the two tell apart",
                )
        places[place] = one
    return source, places
