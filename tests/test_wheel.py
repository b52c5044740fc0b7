"""What is installed from a wheel works where there is no checkout: the demo survey laid out and
checked, and a report made (of a village, which takes seconds)."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT
from test_setup import tracked
from village import village

from survey_lib import platforms

# As on anybody's computer: an unnamed encoding of other people's is no error there.
TESTING = ("PYTHONPATH", "PYTHONWARNDEFAULTENCODING")
USUAL = {name: value for name, value in os.environ.items() if name not in TESTING}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the tree as it is, built by what pip and uv would fetch to build it with."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, env=USUAL, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.evidence
def test_the_wheel_holds_all_that_reports_are_made_of(wheel: Path) -> None:
    """Library, templates, types, parameters and notebooks, and nothing else."""
    names = {one for one in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in one}
    wanted = set()
    for path in tracked("survey_lib", "parameters", "notebooks"):
        name = path.relative_to(ROOT).as_posix()
        wanted.add(name if name.startswith("survey_lib/") else f"survey_lib/along/{name}")
    assert names == wanted
    assert "survey_lib/py.typed" in names


@pytest.mark.evidence
def test_from_a_wheel_to_a_report(wheel: Path, tmp_path: Path) -> None:
    """In an environment of its own, which has the libraries of this one but not this project."""
    environment = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    scheme = sysconfig.get_preferred_scheme("prefix")
    own = Path(sysconfig.get_path("purelib", scheme, {"base": str(environment)}))
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(own)
    # Not by a .pth file: those of this environment would bring the checkout along.
    there = os.pathsep.join([str(own), sysconfig.get_path("purelib")])
    python = environment / ("Scripts/python.exe" if platforms.on_windows() else "bin/python")
    shared = Path(sys.prefix) / "share" / "jupyter"  # where libraries put files that are no modules
    told = {"PYTHONPATH": there, "JUPYTER_PATH": str(shared), "PYTHONDONTWRITEBYTECODE": "1"}

    def trygg(*arguments: str, folder: Path) -> str:
        done = subprocess.run(
            [str(python), "-m", "survey_lib.cli", *arguments],
            cwd=folder,
            env=USUAL | told,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert str(ROOT / "survey_lib") not in done.stdout + done.stderr
        return done.stdout

    office = tmp_path / "kontor å"
    office.mkdir()
    where = [str(python), "-c", "import survey_lib; print(survey_lib.__file__)"]
    found = subprocess.run(
        where, cwd=office, env=USUAL | told, capture_output=True, encoding="utf-8", check=True
    )
    assert Path(found.stdout.strip()).is_relative_to(own)
    assert "now go there" in trygg("demo", "prov", folder=office)
    assert "2024: " in trygg("check", "--wave", "2024", folder=office / "prov")
    small = tmp_path / "by"
    village(small)
    trygg("reports", "del:norr", folder=small)
    assert "Norr" in (small / "reports" / "2" / "del_norr.html").read_text(encoding="utf-8")
