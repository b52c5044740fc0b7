"""The rows of a wave's front page: the whole map, and the files that lie beside each report."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from small_survey import made_up

from survey_lib.batch.index_rows import index_rows
from survey_lib.batch.reports import Outcome
from survey_lib.export.beside import page_stem
from survey_lib.vocabulary.tiles import Tile


@pytest.fixture
def plan(tmp_path: Path) -> Any:
    parameters = made_up(tmp_path)
    parameters.tiles = {"sdn:a": Tile(1, 1), "sdn:b": Tile(2, 1), "sdn:o": Tile(1, 2)}
    slug = parameters.areas.slug
    return SimpleNamespace(
        parameters=parameters,
        folder=tmp_path,
        stem=lambda key: page_stem(slug(key), True),
        respondents={"sdn:a": 50, "sdn:o": 0},
    )


def outcome(key: str, state: Any = "ready", reason: str = "") -> Outcome:
    return Outcome(key, key.upper(), state, f"{key}.html", reason)


def test_areas_without_a_report_are_on_the_map_of_their_level_only(plan: Any) -> None:
    states = {key: outcome(key) for key in ("underlag", "so:n", "sdn:b")}
    rows = {row.area_id: row for row in index_rows(plan, states)}
    assert list(rows) == ["so:n", "sdn:b", "sdn:a", "sdn:o", "underlag"]
    assert [row.state for row in rows.values()] == ["ready", "ready", "not_made", "not_made",
                                                    "ready"]  # fmt: skip
    assert rows["sdn:a"].href is None and rows["sdn:a"].tile == (1, 1)
    assert rows["so:n"].tile is None and rows["so:n"].group == "Delar"
    plan.parameters.tiles = {}
    assert [row.area_id for row in index_rows(plan, states)] == ["so:n", "sdn:b", "underlag"]


def test_only_files_that_are_there_are_linked(plan: Any, tmp_path: Path) -> None:
    states = {key: outcome(key) for key in ("sdn:a", "underlag")}
    assert not any(row.files for row in index_rows(plan, states))
    for name in ("DEMO_sdn_a_gemensam_bild.csv", "DEMO_sdn_a.pdf", "DEMO_underlag.xlsx"):
        (tmp_path / name).touch()
    files = {row.area_id: row.files for row in index_rows(plan, states) if row.files}
    assert files == {
        "sdn:a": [("DEMO_sdn_a_gemensam_bild.csv", "CSV"), ("DEMO_sdn_a.pdf", "PDF")],
        "underlag": [("DEMO_underlag.xlsx", "Excel")],
    }


def test_a_reason_is_one_line(plan: Any) -> None:
    plan.parameters.tiles = {}
    (row,) = index_rows(plan, {"sdn:a": outcome("sdn:a", "failed", "Filen saknas.\nMer")})
    assert (row.state, row.reason) == ("failed", "Filen saknas.")
