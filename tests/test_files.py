"""Files are written whole or not at all; a target that can't be written is one plain message."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from survey_lib import files, platforms
from survey_lib.faults import BadInput


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_text_is_utf8_with_its_own_line_ends(tmp_path: Path) -> None:
    files.write_text(tmp_path / "new" / "a.html", "å − ö\r\nx\n")
    assert (tmp_path / "new" / "a.html").read_bytes() == "å − ö\r\nx\n".encode()
    assert names(tmp_path / "new") == ["a.html"]


def test_a_new_file_has_the_usual_permissions_and_a_replaced_one_keeps_its_own(
    tmp_path: Path,
) -> None:
    ordinary, written = tmp_path / "ordinary", tmp_path / "written"
    ordinary.touch()
    files.write_bytes(written, b"")
    assert written.stat().st_mode == ordinary.stat().st_mode
    written.chmod(0o600)
    files.write_bytes(written, b"x")
    assert written.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    target = tmp_path / "a.html"
    files.write_text(target, "old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, failing, full)
    with pytest.raises(BadInput) as caught:
        files.write_text(target, "new")
    (fault,) = caught.value.faults
    assert fault.file == "a.html"
    assert "full" in fault.found
    assert target.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["a.html"]


def test_a_file_open_in_excel_is_one_message_that_says_close_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to replace an open file with PermissionError and its own number."""
    target = tmp_path / "tabell.xlsx"
    files.write_bytes(target, b"old")

    def locked(*_: object) -> None:
        error = PermissionError(errno.EACCES, "used by another process")
        error.winerror = platforms.SHARING_VIOLATION  # type: ignore[attr-defined]
        raise error

    monkeypatch.setattr(os, "replace", locked)
    with pytest.raises(BadInput) as caught:
        files.write_bytes(target, b"new")
    assert "close it in Excel" in caught.value.faults[0].action
    assert "run the same command again" in caught.value.faults[0].action
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["tabell.xlsx"]


def test_a_file_in_the_place_of_a_folder_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("", encoding="utf-8")
    with pytest.raises(BadInput):
        files.write_text(tmp_path / "reports" / "a.html", "x")


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "published"
    target.mkdir()
    (target / "old.parquet").touch()
    with files.replace_folder(target) as new:
        (new / "new.parquet").touch()
        assert names(target) == ["old.parquet"]
    assert names(target) == ["new.parquet"]
    assert names(tmp_path) == ["published"]


def test_a_folder_whose_filling_fails_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "published"
    target.mkdir()
    (target / "old.parquet").touch()
    with pytest.raises(KeyboardInterrupt), files.replace_folder(target) as new:
        (new / "half.parquet").touch()
        raise KeyboardInterrupt
    assert names(target) == ["old.parquet"]
    assert names(tmp_path) == ["published"]


@pytest.mark.parametrize("failing_move", [1, 2])
def test_a_folder_that_cannot_be_moved_away_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing_move: int
) -> None:
    target = tmp_path / "published"
    target.mkdir()
    (target / "old.parquet").touch()
    moves, replace = 0, os.replace

    def sometimes(source: Path, goal: Path) -> None:
        nonlocal moves
        moves += 1
        if moves == failing_move:
            raise PermissionError(errno.EACCES, "no")
        replace(source, goal)

    monkeypatch.setattr(os, "replace", sometimes)
    with pytest.raises(BadInput), files.replace_folder(target) as new:
        (new / "new.parquet").touch()
    assert names(target) == ["old.parquet"]
    assert names(tmp_path) == ["published"]


def test_paths_are_shown_from_the_working_folder(tmp_path: Path) -> None:
    assert files.shown(tmp_path / "parameters" / "x.yaml") == "parameters/x.yaml"
    assert files.shown(Path("parameters/x.yaml")) == "parameters/x.yaml"
    assert files.shown(tmp_path.parent) == tmp_path.parent.as_posix()


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("parameters", "parameters"),
        ("reports", "reports"),
        ("tests/surveys/other", "tests/surveys/other"),
        ("reports/2024/parameters", "parameters"),  # nearer than the project's own
        ("elsewhere/deep", "elsewhere/deep"),
    ],
)
def test_a_folder_is_found_from_a_report_by_its_shortest_name(
    tmp_path: Path, folder: str, name: str
) -> None:
    start = tmp_path / "reports" / "2024" / "notebooks"
    start.mkdir(parents=True)
    (tmp_path / "parameters").mkdir()
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    assert files.name_from(start, tmp_path / folder) == name
    assert files.find_upwards(name, start) == (tmp_path / folder)


def test_a_hidden_folder_gets_a_longer_name(tmp_path: Path) -> None:
    """The project's ``parameters`` can't be called so from a place with a nearer one."""
    start = tmp_path / "reports" / "2024"
    (start / "parameters").mkdir(parents=True)
    (tmp_path / "parameters").mkdir()
    name = files.name_from(start, tmp_path / "parameters")
    assert files.find_upwards(name, start).resolve() == tmp_path / "parameters"


def test_a_name_found_nowhere_comes_back_as_it_is() -> None:
    assert files.find_upwards("parametrar") == Path("parametrar")


@pytest.mark.parametrize("is_folder", [True, False])
def test_private_is_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_folder: bool
) -> None:
    path = tmp_path / "prepared"
    path.mkdir() if is_folder else path.touch()
    platforms.make_private(path)
    assert path.stat().st_mode & 0o777 == (0o700 if is_folder else 0o600)

    commands: list[list[str]] = []
    monkeypatch.setattr(platforms, "on_windows", lambda: True)
    monkeypatch.setenv("USERNAME", "anna")
    monkeypatch.setattr(platforms.subprocess, "run", lambda command, **_: commands.append(command))
    platforms.make_private(path)
    grant = "anna:(OI)(CI)F" if is_folder else "anna:F"
    assert commands == [["icacls", str(path), "/inheritance:r", "/grant:r", grant]]


def test_folders_are_not_opened_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platforms, "on_windows", lambda: True)
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("Windows can't open a folder"))
    platforms.sync_folder(tmp_path)


def test_a_redirected_console_on_windows_is_utf8(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platforms, "on_windows", lambda: True)
    with (tmp_path / "log.txt").open("w", encoding="cp1252") as stream:
        platforms.utf8_console([stream])
        stream.write("−8 procentenheter, Örgryte")
    assert (tmp_path / "log.txt").read_text(encoding="utf-8") == "−8 procentenheter, Örgryte"


def test_what_would_keep_a_folder_from_being_filled_is_told_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.check_folder(tmp_path / "a" / "b")
    (tmp_path / "svar").write_bytes(b"")
    for act in (files.check_folder, files.make_folder):
        with pytest.raises(BadInput) as caught:
            act(tmp_path / "svar" / "reports")
        assert caught.value.faults[0].found == "a file in the place of a folder"
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    with pytest.raises(BadInput) as caught:
        files.check_folder(tmp_path / "a" / "b")
    assert caught.value.faults[0].found == "no permission to write here"
    assert [path.name for path in tmp_path.iterdir()] == ["svar"]
    files.make_folder(tmp_path / "a" / "b")
    files.make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
