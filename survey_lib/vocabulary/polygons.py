"""The areas' real borders, from a file of polygons that ``areas.yaml: map`` names.

Any file and any coordinate system that GeoPandas reads. Codes are matched whatever type the file
gives them (131, 131.0, "0131"); polygons that cross themselves are mended; several polygons of one
area are joined. What doesn't match is told, never dropped in silence: see :class:`Polygons`.

GeoPandas is needed here only, and installed by ``pip install survey-lib[map]``.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_lib.faults import BadInput, Fault
from survey_lib.files import shown
from survey_lib.vocabulary.areas import Areas, PolygonsFile, plain
from survey_lib.vocabulary.source import Source
from survey_lib.vocabulary.validation import Names, did_you_mean, listed

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

_WHOLE = re.compile(r"^(\d+)\.0+$")  # a whole number that was read as a decimal one
FINEST = 500  # steps that a border is drawn with across the whole map: finer can't be seen


@dataclass(frozen=True)
class Shape:
    """An area on the map. ``rings`` are closed lines, (points × 2) in metres to the east and the
    north: borders run anticlockwise, holes clockwise. ``inside`` is a point in the area, where its
    number can stand."""

    rings: list[np.ndarray]
    inside: tuple[float, float]


@dataclass(frozen=True)
class Polygons:
    """The borders of a level's areas.

    Attributes
    ----------
    shapes : by area id.
    missing : areas without a polygon.
    strangers : codes of the polygons that are no area of the level, as the file writes them.
    mended : how many polygons crossed themselves, and were mended.
    """

    shapes: dict[str, Shape]
    missing: list[str]
    strangers: list[str]
    mended: int

    def account(self, areas: Areas) -> str:
        """What was matched and what wasn't, in one line for the person at the console."""
        parts = [f"{len(self.shapes)} areas have polygons"]
        if self.missing:
            parts.append(f"without polygon: {listed(map(areas.name, self.missing), 40)}")
        if self.strangers:
            parts.append(f"polygons without area: {listed(self.strangers, 40)}")
        if self.mended:
            parts.append(f"polygons mended: {self.mended}")
        return "; ".join(parts)


def check_polygons_file(map_: PolygonsFile, source: Source, areas: Areas, names: Names) -> None:
    """The file is there and the codes lead to areas. What is in it is read when it is drawn."""
    path = source.path.parent / map_.file
    if not path.is_file():
        source.fault(
            ("map", "file"),
            f"no such file: {map_.file}",
            "a file of polygons, from the parameters folder",
            "mend the name, or remove map: (the tiles are then drawn)",
        )
    for code, area in map_.codes.items():
        names.require(source, ("map", "codes", code), "area", area, areas.areas)


def read_polygons(folder: Path, areas: Areas, level: str) -> Polygons:
    """The polygons of a level's areas. ``folder`` is that of the parameters, ``areas.map`` is set.

    Raises
    ------
    BadInput : GeoPandas isn't installed; the file can't be read, has no such property, doesn't say
        its coordinate system, or holds no polygon of any area of the level.
    """
    assert areas.map is not None
    path = folder / areas.map.file
    frame = _projected(_read(path, areas.map), path)
    crossed = ~frame.geometry.is_valid
    frame = frame.set_geometry(frame.geometry.make_valid(method="structure", keep_collapsed=False))
    found = _Codes(areas, level)
    area = [found.area(value) for value in frame[areas.map.code]]
    frame = frame.assign(area=np.array(area, dtype=object))
    known = frame[frame["area"].notna()]
    if known.empty:
        codes = listed(dict.fromkeys(_text(value) for value in frame[areas.map.code]))
        expected = f"ids, names or aliases of the level {level}: {listed(areas.of_level(level))}"
        action = "name another property in areas.yaml, map: code, or lead codes to ids in codes:"
        place = f"property {areas.map.code}"
        raise BadInput(Fault(shown(path), place, codes, expected, action))
    joined = known.dissolve(by="area").geometry
    west, south, east, north = joined.total_bounds
    drawn = joined.simplify_coverage(max(east - west, north - south) / FINEST)
    shapes = {area: _shape(geometry) for area, geometry in drawn.items()}
    strange = frame.loc[frame["area"].isna(), areas.map.code]
    return Polygons(
        shapes={area: shapes[area] for area in areas.of_level(level) if area in shapes},
        missing=[area for area in areas.of_level(level) if area not in shapes],
        strangers=sorted({_text(value) for value in strange}),
        mended=int(crossed.sum()),
    )


def _read(path: Path, map_: PolygonsFile) -> GeoDataFrame:
    """The file's polygons as they are written, with the property that holds their codes."""
    file = shown(path)
    try:
        import geopandas
    except ImportError as problem:
        found = "GeoPandas is not installed, and areas.yaml names a map of polygons"
        action = "run `pip install survey-lib[map]`, or remove map: (the tiles are then drawn)"
        raise BadInput(Fault(file, "", found, "the package geopandas", action)) from problem
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of codes that are numbers in one row, text in another
            frame = geopandas.read_file(path)
    except Exception as problem:
        told = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        expected, action = "a file of polygons such as GeoJSON", "export the file again"
        raise BadInput(Fault(file, "", f"can't be read: {told}", expected, action)) from problem
    columns = [name for name in frame.columns if name != "geometry"]
    if map_.code not in columns:
        expected = did_you_mean(map_.code, columns) or f"one of {listed(columns)}"
        action = "mend map: code in areas.yaml"
        raise BadInput(Fault(file, "", f"no property {map_.code!r}", expected, action))
    flat = frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"]) & ~frame.geometry.is_empty
    if not flat.any():
        expected, action = "polygons", "export the areas' borders as polygons"
        raise BadInput(Fault(file, "", "no polygon", expected, action))
    return frame[flat]


def _projected(frame: GeoDataFrame, path: Path) -> GeoDataFrame:
    """In metres, true to shape where the areas lie. A GeoJSON that names no system is in degrees by
    its standard; coordinates that can't be degrees show that it isn't."""
    west, south, east, north = frame.total_bounds
    in_degrees = max(-west, east) <= 180 and max(-south, north) <= 90
    if frame.crs is None or (frame.crs.is_geographic and not in_degrees):
        found = f"coordinates as {west:.0f}, {south:.0f}, and no coordinate system that fits them"
        expected = "a file that names its coordinate system (crs)"
        action = "export it again with its system, or in WGS 84 (EPSG:4326)"
        raise BadInput(Fault(shown(path), "", found, expected, action))
    return frame.to_crs(frame.to_crs(4326).estimate_utm_crs())


def _shape(geometry: Any) -> Shape:
    """Borders and holes of everything in a geometry that has a surface."""
    from shapely.geometry.polygon import orient

    pieces = getattr(geometry, "geoms", [geometry])
    surfaces = [piece for part in pieces for piece in getattr(part, "geoms", [part])]
    surfaces = [orient(piece) for piece in surfaces if piece.geom_type == "Polygon"]
    rings = [
        np.asarray(ring.coords)[:, :2]
        for piece in surfaces
        for ring in (piece.exterior, *piece.interiors)
    ]
    point = max(surfaces, key=lambda piece: piece.area).representative_point()
    return Shape(rings, (point.x, point.y))


def _text(value: object) -> str:
    """A code as text: 131.0 and 131 are "131". Nothing is ""."""
    if value is None or value != value:
        return ""
    return _WHOLE.sub(r"\1", str(value).strip())


class _Codes:
    """Which area of a level a code means."""

    def __init__(self, areas: Areas, level: str) -> None:
        assert areas.map is not None
        self.areas, self.level = areas, level
        self.given = {plain(code): area for code, area in areas.map.codes.items()}
        self.exact = {area.partition(":")[2]: area for area in areas.of_level(level)}
        self.numbers = _unambiguous(self.exact | self.given)

    def area(self, value: object) -> str | None:
        """The area; None when none or several fit. A code written as a number has lost its leading
        zeros, so they count only where a code without them means another area."""
        text = plain(_text(value))
        found = (
            self.given.get(text)
            or self.exact.get(text)
            or self.areas.find(text, self.level)
            or self.numbers.get(text.lstrip("0"))
        )
        return found if found and Areas.level_of(found) == self.level else None


def _unambiguous(codes: dict[str, str]) -> dict[str, str]:
    """Codes of digits without their leading zeros, where that leads to one area."""
    bare: dict[str, set[str]] = {}
    for code, area in codes.items():
        if code.isdigit():
            bare.setdefault(code.lstrip("0"), set()).add(area)
    return {code: areas.pop() for code, areas in bare.items() if len(areas) == 1}
