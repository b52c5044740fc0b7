"""Real borders: any system and type of code, mended polygons, nothing dropped in silence."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from vocabulary_world import WORLD, write_world

from survey_lib.faults import BadInput, Fault
from survey_lib.vocabulary import Areas, load_parameters
from survey_lib.vocabulary.polygons import Polygons, read_polygons

LONGITUDE, LATITUDE, STEP = 12.0, 57.7, 0.02
AREAS = """\
id;name;part_of;alias
stad:nora;Nora;;
del:0101;Åsen;stad:nora;Gamla åsen
del:102;Berget;stad:nora;
del:103;Dalen;stad:nora;
"""


def square(column: int, codes: dict[str, Any], bow_tie: bool = False) -> dict[str, Any]:
    """A feature: the square of a column, or the same corners in an order that crosses itself."""
    west, south = LONGITUDE + STEP * column, LATITUDE
    corners = [(0, 0), (1, 0), (1, 1), (0, 1)] if not bow_tie else [(0, 0), (1, 1), (1, 0), (0, 1)]
    ring = [[west + STEP * x, south + STEP * y] for x, y in [*corners, (0, 0)]]
    return {
        "type": "Feature",
        "properties": codes,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def collection(*codes: Any, **members: Any) -> dict[str, Any]:
    """One square per code, side by side from the west."""
    squares = [square(column, {"kod": code}) for column, code in enumerate(codes)]
    return {"type": "FeatureCollection", "features": squares, **members}


def world(folder: Path, geojson: Any, extra: str = "", code: str = "kod") -> Areas:
    map_ = f"map:\n  file: borders.geojson\n  code: {code}\n{extra}"
    files: dict[str, str | bytes | None] = {"areas.yaml": WORLD["areas.yaml"] + map_}
    replaced = {
        name: text.replace("del:a", "del:0101").replace("del:b", "del:102")
        for name, text in WORLD.items()
        if name.startswith(("population", "waves", "reports"))
    }
    kvarter = "kvarter:a1;Ettan;del:0101;\nkvarter:a2;Tvåan;del:0101;\n"
    files |= replaced | {"areas.csv": AREAS + kvarter}
    text = geojson if isinstance(geojson, str) else json.dumps(geojson)
    files["borders.geojson"] = text
    return load_parameters(write_world(folder, files)).areas


def read(folder: Path, geojson: Any, extra: str = "", code: str = "kod") -> Polygons:
    return read_polygons(folder, world(folder, geojson, extra, code), "del")


def fault(folder: Path, geojson: Any, code: str = "kod") -> Fault:
    areas = world(folder, geojson, code=code)
    with pytest.raises(BadInput) as problem:
        read_polygons(folder, areas, "del")
    (one,) = problem.value.faults
    assert one.file.endswith("borders.geojson") and one.action
    return one


EVERY = ["del:0101", "del:102", "del:103"]


@pytest.mark.parametrize(
    "codes",
    [
        (101, 102, 103),
        (101.0, 102.0, 103.0),
        (101.0, 102.0, 103.0, None),  # a missing one turns whole numbers into decimals
        ("0101", "102", " 103 "),
        ("101", "0102", "00103"),
        ("del:0101", "DEL:102", "del:103"),
        ("Åsen", "BERGET", "Dalen "),
        ("Gamla  åsen", "Berget", "Dalen"),
        ("A\u030asen", "Berget", "Dalen"),
    ],
)
def test_codes_of_any_type_find_their_areas(codes: tuple[Any, ...], tmp_path: Path) -> None:
    polygons = read(tmp_path, collection(*codes))
    assert sorted(polygons.shapes) == EVERY and polygons.missing == []
    assert polygons.strangers == ([""] if len(codes) > 3 else [])
    west = {area: shape.inside[0] for area, shape in polygons.shapes.items()}
    assert sorted(west, key=west.__getitem__) == EVERY  # each has its own square


def test_leading_zeros_are_not_dropped_when_that_could_mean_another_area(tmp_path: Path) -> None:
    """Of 0101 and 101 a bare number can be either: it is told, not guessed."""
    areas = world(tmp_path, collection(101.0, "0102", 103))
    both = Areas.model_validate(
        areas.model_dump()
        | {"areas": {**{k: v.model_dump() for k, v in areas.areas.items()},
                     "del:00101": areas.areas["del:0101"].model_dump() | {"id": "del:00101"}}}
    )  # fmt: skip
    polygons = read_polygons(tmp_path, both, "del")
    assert sorted(polygons.shapes) == ["del:102", "del:103"]
    assert polygons.strangers == ["101"]


def test_codes_of_their_own_lead_to_areas_and_several_make_one(tmp_path: Path) -> None:
    extra = '  codes: {7: del:0101, "08": del:0101, x: del:102}\n'
    polygons = read(tmp_path, collection(7.0, 8, "X", 103), extra)
    assert sorted(polygons.shapes) == EVERY
    (ring,) = polygons.shapes["del:0101"].rings  # two squares, one border
    width, height = np.ptp(ring, axis=0)
    assert width / height == pytest.approx(2 * np.cos(np.radians(LATITUDE)), rel=0.02)


def test_what_does_not_match_is_told(tmp_path: Path) -> None:
    areas = world(tmp_path, collection(101, "Havet", 999, 102))
    polygons = read_polygons(tmp_path, areas, "del")
    assert polygons.missing == ["del:103"] and polygons.strangers == ["999", "Havet"]
    assert polygons.account(areas) == (
        "2 areas have polygons; without polygon: Dalen; polygons without area: 999, Havet"
    )


def test_areas_of_another_level_are_strangers(tmp_path: Path) -> None:
    polygons = read(tmp_path, collection(101, "stad:nora", "Ettan"))
    assert list(polygons.shapes) == ["del:0101"]
    assert polygons.strangers == ["Ettan", "stad:nora"]


def test_the_same_picture_from_any_coordinate_system(tmp_path: Path) -> None:
    """EPSG:3007 in metres and EPSG:4326 in degrees are the same areas on the map."""
    import geopandas

    degrees = collection(101, 102, 103)
    frame = geopandas.GeoDataFrame.from_features(degrees["features"], crs=4326)
    metres = json.loads(frame.to_crs(3007).to_json())
    metres["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3007"}}
    assert metres["features"][0]["geometry"]["coordinates"][0][0][1] > 1e6
    ours = [read(tmp_path / str(n), one) for n, one in enumerate((degrees, metres))]
    for area in EVERY:
        first, second = (np.vstack(one.shapes[area].rings) for one in ours)
        assert np.ptp(first, axis=0) == pytest.approx(np.ptp(second, axis=0), rel=1e-3)
        assert first.mean(axis=0) == pytest.approx(second.mean(axis=0), abs=5)


def test_polygons_that_cross_themselves_are_mended(tmp_path: Path) -> None:
    features = [square(0, {"kod": 101}, bow_tie=True), square(1, {"kod": 102})]
    polygons = read(tmp_path, {"type": "FeatureCollection", "features": features})
    assert polygons.mended == 1
    assert len(polygons.shapes["del:0101"].rings) == 2  # the two triangles of a bow tie
    for ring in polygons.shapes["del:0101"].rings:
        assert len(ring) == 4 and (ring[0] == ring[-1]).all()


def test_holes_and_several_parts_are_kept(tmp_path: Path) -> None:
    outer, hole, island = (
        [[LONGITUDE + x * s + m, LATITUDE + y * s + m] for x, y in
         [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]]
        for s, m in ((0.03, 0), (0.01, 0.01), (0.01, 0.05))
    )  # fmt: skip
    shape = {"type": "MultiPolygon", "coordinates": [[outer, hole], [island]]}
    feature = {"type": "Feature", "properties": {"kod": 102}, "geometry": shape}
    polygons = read(tmp_path, {"type": "FeatureCollection", "features": [feature]})
    assert len(polygons.shapes["del:102"].rings) == 3


def test_a_fine_coast_line_becomes_a_small_drawing(tmp_path: Path) -> None:
    angles = np.linspace(0, 2 * np.pi, 20_000)
    radius = 0.05 + 0.0001 * np.sin(900 * angles)
    ring = np.column_stack(
        [LONGITUDE + radius * np.cos(angles), LATITUDE + radius * np.sin(angles)]
    )
    ring[-1] = ring[0]
    coast = {"type": "Polygon", "coordinates": [ring.tolist()]}
    feature = {"type": "Feature", "properties": {"kod": 102}, "geometry": coast}
    polygons = read(tmp_path, {"type": "FeatureCollection", "features": [feature]})
    assert 20 < sum(map(len, polygons.shapes["del:102"].rings)) < 1000


def test_a_missing_system_is_told(tmp_path: Path) -> None:
    """GeoJSON without a system is in degrees by its standard; metres can't be degrees."""
    metres = collection(101)
    for point in metres["features"][0]["geometry"]["coordinates"][0]:
        point[:] = [148_000 + point[0], 6_400_000 + point[1]]
    told = fault(tmp_path, metres)
    assert "148012, 6400058" in told.found and "no coordinate system" in told.found
    assert "EPSG:4326" in told.action


def test_bad_files_are_told(tmp_path: Path) -> None:
    points = collection(101)
    points["features"][0]["geometry"] = {"type": "Point", "coordinates": [12, 57]}
    assert fault(tmp_path, points).found == "no polygon"
    assert "can't be read" in fault(tmp_path, "{").found
    wrong = fault(tmp_path, collection(101), code="kdo")
    assert (wrong.found, wrong.expected) == ("no property 'kdo'", "did you mean kod?")
    alien = fault(tmp_path, collection(7, None))
    assert alien.found.startswith("7") and "del:0101" in alien.expected


def test_the_parameters_are_checked_without_reading_the_file(tmp_path: Path) -> None:
    for extra, found in {
        "  kode: x\n": "the unknown key kode",
        "  codes: {7: del:0102}\n": "the unknown area 'del:0102'",
    }.items():
        with pytest.raises(BadInput) as problem:
            world(tmp_path, collection(101), extra)
        (told,) = problem.value.faults
        assert told.found == found and told.place.startswith("line ")
    (tmp_path / "borders.geojson").unlink()
    with pytest.raises(BadInput) as problem:
        load_parameters(tmp_path)
    assert "no such file: borders.geojson" in problem.value.faults[0].found


def test_without_geopandas_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "geopandas", None)
    told = fault(tmp_path, collection(101))
    assert "pip install survey-lib[map]" in told.action


def test_check_tells_what_matched(tmp_path: Path) -> None:
    from survey_lib.batch.checking import check_waves

    world(tmp_path, collection(101, 999))
    lines = check_waves(load_parameters(tmp_path), [])
    assert next(lines) == (
        "map, level del: 1 areas have polygons; without polygon: Berget, Dalen; "
        "polygons without area: 999"
    )
