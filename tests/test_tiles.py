"""``tiles.csv``: a whole place for every area of a level, or a fault that says where."""

from __future__ import annotations

from pathlib import Path

import pytest
from vocabulary_world import write_world

from survey_lib.faults import BadInput
from survey_lib.vocabulary import Parameters, load_parameters

HEADER = "id;column;row\n"
WHOLE = HEADER + "del:a;1;1\ndel:b;2;1\n"


def loaded(text: str | bytes, tmp_path: Path) -> Parameters:
    return load_parameters(write_world(tmp_path, {"tiles.csv": text}))


def test_tiles_are_read_and_may_be_left_out(tmp_path: Path) -> None:
    tiles = loaded(WHOLE + "stad:nora;1;1\n", tmp_path).tiles
    assert tiles == {"del:a": (1, 1), "del:b": (2, 1), "stad:nora": (1, 1)}  # levels are apart
    (tmp_path / "tiles.csv").unlink()
    assert load_parameters(tmp_path).tiles == {}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("del:a;1;1\ndel:c;2;1\ndel:b;2;1\n", ["line 3, column id: the unknown area 'del:c'"]),
        ("del:a;1;1\ndel:b;1;1\n", ["line 3, column column: column 1, row 1, where del:a stands"]),
        ("del:a;1;1\ndel:b;1,5;0\n", ["line 3, column column: '1,5'", "line 3, column row: '0'"]),
        ("del:a;1;1\ndel:b;;1\n", ["line 3, column column: an empty cell"]),
        ("del:a;1;1\ndel:b;2;1\ndel:a;3;1\n", ["line 4, column id: the area del:a again"]),
        ("del:a;1;1\n", [": no row for del:b"]),
        ("del:a;1\ndel:b;2;1\n", ["line 2: 2 columns"]),
    ],
)
def test_a_fault_at_its_place(rows: str, told: list[str], tmp_path: Path) -> None:
    with pytest.raises(BadInput) as problem:
        loaded(HEADER + rows, tmp_path)
    faults = problem.value.faults
    assert [f"{fault.place}: {fault.found}" for fault in faults] == told
    assert all(fault.file.endswith("tiles.csv") and fault.action for fault in faults)


def test_the_default_has_a_tile_for_every_area_of_three_levels(parameters: Parameters) -> None:
    levels = {parameters.areas.level_of(area) for area in parameters.tiles}
    for level, count in {"so": 4, "sdn": 10, "mo": 36}.items():
        areas = parameters.areas.of_level(level)
        assert len(areas) == count and set(areas) <= set(parameters.tiles)
    assert levels == {"so", "sdn", "mo"}
