"""Gallring: what the program made of a wave's answers goes, what was published stays."""

from __future__ import annotations

import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from survey_lib import pipeline, platforms
from survey_lib.faults import BadInput
from survey_lib.forget import forget
from survey_lib.frozen import Publication


def survey(folder: Path, demo: bool = True) -> Any:
    """Two waves and one that pools them, with a private store of each and published tables."""

    def wave(name: str, *parts: str) -> Any:
        file = SimpleNamespace(path=f"../data/{name}.csv")
        return SimpleNamespace(id=name, demo=demo, parts=list(parts) or [name], file=file)

    waves = {"1": wave("1"), "2": wave("2"), "1_2": wave("2", "1", "2"), "3": wave("3")}
    for name in waves:
        for place in (f".trygg/parameters/{name}/estimates", f"reports/{name}/published"):
            (folder / place).mkdir(parents=True)
            (folder / place / "x.parquet").write_text("x", encoding="utf-8")
    (folder / ".trygg/parameters/.unfinished-abc").mkdir()
    (folder / "data").mkdir()
    for name in ("1", "2", "3"):
        (folder / f"data/{name}.csv").write_text("x", encoding="utf-8")
    (folder / "parameters").mkdir()
    return SimpleNamespace(folder=folder / "parameters", waves=waves)


def left(folder: Path) -> list[str]:
    return sorted(
        one.relative_to(folder).as_posix()
        for one in folder.rglob("*")
        if one.is_file() and not one.name.startswith(".") and "lock" not in one.name
    )


def test_every_trace_goes_and_what_was_published_stays(tmp_path: Path) -> None:
    parameters = survey(tmp_path)
    removed = forget(parameters, "1", tmp_path / "reports")
    assert {one.relative_to(tmp_path).as_posix() for one in removed} == {
        ".trygg/parameters/1", ".trygg/parameters/1_2", ".trygg/parameters/.unfinished-abc",
        "parameters/../data/1.csv",
    }  # fmt: skip
    assert left(tmp_path) == [
        ".trygg/parameters/2/estimates/x.parquet", ".trygg/parameters/3/estimates/x.parquet",
        "data/2.csv", "data/3.csv", "reports/1/published/x.parquet",
        "reports/1_2/published/x.parquet", "reports/2/published/x.parquet",
        "reports/3/published/x.parquet",
    ]  # fmt: skip
    assert forget(parameters, "1", tmp_path / "reports") == []


def test_a_delivered_file_is_not_ours_to_remove(tmp_path: Path) -> None:
    parameters = survey(tmp_path, demo=False)
    forget(parameters, "1_2", tmp_path / "reports")
    assert {"data/1.csv", "data/2.csv"} <= set(left(tmp_path))
    assert not any(".trygg/parameters/2" in one for one in left(tmp_path))


@pytest.mark.skipif(platforms.on_windows(), reason="POSIX permission bits")
def test_what_is_kept_of_a_publication_is_for_its_owner_only(tmp_path: Path) -> None:
    frame = pd.DataFrame({"person": [1, 2], "share ": [0, 0]})
    cells = pd.DataFrame({"area": ["a"], "group": "", "category": "", "indicator": ""})
    folder = tmp_path / ".trygg/parameters/1/frozen"
    pipeline._keep(Publication(frame, cells), folder)
    pipeline._keep(Publication(frame, cells.assign(area="b")), folder)
    (kept,) = pipeline._kept(folder).values()
    assert kept.cells["area"].tolist() == ["a", "b"]
    for path in (tmp_path / ".trygg/parameters").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_what_another_program_holds_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: object, **__: object) -> None:
        raise PermissionError(13, "used by another process")

    parameters = survey(tmp_path)
    monkeypatch.setattr("shutil.rmtree", held)
    with pytest.raises(BadInput) as caught:
        forget(parameters, "1", tmp_path / "reports")
    (fault,) = caught.value.faults
    assert fault.found == "it can't be removed (used by another process)"
    assert fault.action == "close the program that has it open, and run the same command again"
