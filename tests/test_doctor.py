"""``trygg doctor``: all that a machine may lack is told with what to do, never a traceback."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import ROOT

from survey_lib import cli, doctor, pipeline, platforms
from survey_lib.doctor import Finding

HIDE = """
import os, sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in os.environ["HIDDEN"].split():
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hidden())
"""


def test_a_machine_without_packages_is_told_of_each(tmp_path: Path) -> None:
    """Not even the command line's own package is there, nor the statistics."""
    (tmp_path / "sitecustomize.py").write_text(HIDE, encoding="utf-8")
    hidden = "typer numpy docx"
    done = subprocess.run(
        [sys.executable, "-m", "survey_lib.cli", "reports"],
        cwd=tmp_path,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]), "HIDDEN": hidden},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    wrong = [line for line in done.stdout.splitlines() if line.startswith("WRONG")]
    for name in ("typer", "numpy", "python-docx", "pandas"):  # the last can't do without numpy
        assert any(f"package {name}: " in line and "can't be loaded" in line for line in wrong), (
            name
        )
    assert f"{len(wrong)} to mend before reports can be made" in done.stdout
    assert done.stdout.count("do this:") >= len(wrong)


@pytest.mark.evidence  # all packages are loaded
def test_this_machine_can_make_reports(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.app(["doctor"])
    said = capsys.readouterr().out
    assert ended.value.code == 0, said
    assert "WRONG" not in said and said.endswith("ready to make reports\n")


@pytest.fixture
def well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which all is well, without the time that loading everything takes."""
    (tmp_path / "parameters").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(doctor, "_tried", lambda asked: ({}, sys.executable))
    monkeypatch.setattr(platforms, "browsers", lambda: iter(["chromium"]))
    return tmp_path


def found(folder: Path) -> list[Finding]:
    """What is wrong or missing."""
    return [one for one in doctor.examine(folder / "parameters", folder / "reports") if one.action]


def one(folder: Path, what: str) -> Finding:
    (finding,) = found(folder)
    assert what in finding.what, finding
    return finding


def asked(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: list(lines))


def test_where_all_is_well_nothing_is_to_do(well: Path) -> None:
    assert found(well) == []
    assert not (well / "reports").exists() and not (well / ".trygg").exists()


def test_a_package_that_is_not_there(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(monkeypatch, "pandas>=3.1", "no-such-package>=1.2")
    finding = one(well, "no-such-package")
    assert finding.needed and '-m pip install "no-such-package>=1.2"' in finding.action


def test_a_package_that_is_too_old(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(monkeypatch, "pandas>=300.1", "numpy>=2")
    assert "where >=300.1 is asked for" in one(well, "pandas").found


def test_what_only_an_extra_needs_can_be_done_without(
    well: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(monkeypatch, "pandas>=3.1", "no-such-package>=1; extra == 'map'")
    finding = one(well, "maps of real borders, package no-such-package")
    assert not finding.needed


def test_a_package_that_cannot_be_loaded(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        doctor, "_tried", lambda asked: ({"scipy": "ImportError: DLL load failed"}, sys.executable)
    )
    finding = one(well, "package scipy")
    assert "DLL load failed" in finding.found and "--force-reinstall scipy" in finding.action


def test_a_python_that_dies_of_a_package(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(doctor, "TRY", "import os; os._exit(3)")
    failing, _ = doctor._tried([])
    assert "Python stopped or took too long" in failing["loading them all"]


@pytest.mark.parametrize("least", [">=3.99", ">=4"])
def test_an_old_python(least: str, well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    about = SimpleNamespace(json={"requires_python": least})
    monkeypatch.setattr(doctor.metadata, "metadata", lambda name: about)
    assert f"where {least} is asked for" in one(well, "Python").found


def test_files_that_were_never_installed(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "NAME", "no-such-project")
    assert "pip install -e ." in one(well, "no-such-project").action


@pytest.mark.parametrize(
    ("tried", "told"),
    [
        (({"the kernel of notebooks": "NoSuchKernel: python3"}, ""), "they have no kernel"),
        (({}, str(Path("/no/such/python").absolute())), "their kernel is another Python"),
    ],
)
def test_notebooks_in_another_python(
    tried: Any, told: str, well: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_tried", lambda asked: tried)
    assert told in one(well, "notebooks in JupyterLab").found


def test_a_folder_that_may_not_be_written_to(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (well / "reports").write_bytes(b"")
    assert "a file in the place of a folder" in one(well, "folder for reports").found
    (well / "reports").unlink()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    wrong = found(well)
    assert len(wrong) == 3 and all("no permission to write" in f.found for f in wrong), wrong
    assert errno.EACCES and all(f.needed for f in wrong)


def test_a_full_disk(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = SimpleNamespace(free=5 * 10**6)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage)
    assert "5 MB" in one(well, "room on the disk").found


def test_letters(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "ascii")
    finding = one(well, "letters")
    assert finding.needed and "PYTHONUTF8" in finding.action
    monkeypatch.undo()
    assert doctor._holds("å", "cp1252") and not doctor._holds("å", "no such encoding")


def test_no_browser_and_no_survey_are_no_obstacle(
    well: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(platforms, "browsers", lambda: iter([]))
    (well / "parameters").rmdir()
    assert doctor.report(well / "parameters", well / "reports") == 0
    said = capsys.readouterr().out
    assert "without  PDF of reports (--pdf): no browser" in said
    assert "without  a survey here: no folder parameters" in said and "trygg demo FOLDER" in said


def test_git_that_keeps_results(well: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], check=True)
    (well / ".gitattributes").write_text(
        "# filter=none\n*.ipynb filter=strips diff=x\n", encoding="utf-8"
    )
    finding = one(well, "committing notebooks without results")
    assert not finding.needed and "git doesn't know the filter strips" in finding.found
    subprocess.run(["git", "config", "filter.strips.clean", "cat"], check=True)
    assert found(well) == []


def test_what_it_says_by_itself_is_what_others_say() -> None:
    """Names that it can't take from modules that may not load."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == doctor.OLDEST_PYTHON
    assert project["name"] == doctor.NAME
    extras = project["optional-dependencies"]
    assert doctor.EXTRAS.keys() == extras.keys()
    asked = [*project["dependencies"], *(one for extra in extras.values() for one in extra)]
    assert all(line.count(">=") == 1 and "," not in line for line in asked)
    source = Path(doctor.__file__).read_text(encoding="utf-8")
    assert json.dumps(pipeline.PRIVATE) in source


def test_it_loads_nothing_but_pythons_own_library() -> None:
    code = "import survey_lib.doctor, sys; print(*{n.partition('.')[0] for n in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    known = {*sys.stdlib_module_names, "survey_lib", "sitecustomize", "_distutils_hack"}
    loaded = {name for name in done.stdout.split() if not name.startswith("__")}
    assert loaded <= known, loaded - known
