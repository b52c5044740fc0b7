"""The files that set the project up say the same, and the tree holds nothing it shouldn't."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from conftest import ROOT
from ruamel.yaml import YAML

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lock() -> ModuleType:
    """The script behind ``make lock``."""
    spec = importlib.util.spec_from_file_location("lock", ROOT / ".ci" / "lock.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def locked_project() -> dict:
    (project,) = [p for p in LOCK["package"] if p["name"] == PROJECT["project"]["name"]]
    return project["metadata"]


def spelled(requirement: dict) -> str:
    return f"{requirement['name']}{requirement.get('specifier', '')}"


def test_the_lock_is_of_this_pyproject() -> None:
    """`make lock` was run after the last change of dependencies."""

    def plain(requirements: list[str]) -> set[str]:
        return {requirement.replace(" ", "") for requirement in requirements}

    meta = locked_project()
    extras = PROJECT["project"]["optional-dependencies"].values()
    asked = [*PROJECT["project"]["dependencies"], *(one for extra in extras for one in extra)]
    assert {spelled(r) for r in meta["requires-dist"]} == plain(asked)
    dev = meta["requires-dev"]["dev"]
    assert {spelled(r) for r in dev} == plain(PROJECT["dependency-groups"]["dev"])
    assert LOCK["requires-python"] == PROJECT["project"]["requires-python"]


def test_pip_gets_what_uv_gets() -> None:
    """requirements.txt holds the lock's packages, versions and hashes, no more and no fewer."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    entries = re.findall(r"^([\w.-]+)==(\S+)(.*)$", text, flags=re.MULTILINE)
    exported = {
        (name, version): set(re.findall(r"--hash=(\S+)", rest)) for name, version, rest in entries
    }
    wanted = {}
    for package in LOCK["package"]:
        if "registry" in package["source"]:
            files = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
            wanted[package["name"], package["version"]] = {file["hash"] for file in files}
    assert exported.keys() == wanted.keys()
    for package, hashes in exported.items():
        assert hashes and hashes <= wanted[package], package


def test_conda_gets_the_same_minor_versions(lock: ModuleType) -> None:
    written = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert written == lock.environment(PROJECT, LOCK), "run `make lock`"
    environment = YAML(typ="safe").load(written)
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    *conda, pip = environment["dependencies"]
    assert "-e ." in pip["pip"]
    renamed = {there: here for here, there in lock.CONDA_NAMES.items()}
    named = {re.split("=+", entry)[0] for entry in [*conda, *pip["pip"]]}
    asked = {renamed.get(name, name) for name in named} - {"python", "pip", "-e ."}
    assert asked == set(lock.direct(PROJECT))
    python = dict(entry.split("=") for entry in conda if "=" in entry)["python"]
    assert tuple(map(int, python.split("."))) >= (3, 11)


def test_conda_versions_are_those_installed_here(lock: ModuleType) -> None:
    """The set that conda gets is one that the tests have run with."""
    from importlib.metadata import version

    if sys.version_info[:2] != tuple(map(int, lock.CONDA_PYTHON.split("."))):
        pytest.skip(f"conda's Python is {lock.CONDA_PYTHON}")
    for name in lock.direct(PROJECT):
        assert lock.minor(version(name)) == lock.minor(lock.locked(LOCK)[name]), name


def tracked(*patterns: str) -> list[Path]:
    """The files of the tree, by git where there is one."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *patterns],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_path_of_one_machine_is_in_the_tree() -> None:
    folders = ["work", "tmp", "root", "home", "farm", "Users"]
    machine = re.compile(rf"(?<![\w.~/}}-])(?:[A-Z]:)?[\\/](?:{'|'.join(folders)})[\\/]\w")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if path.name not in {"uv.lock", Path(__file__).name}
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if machine.search(line)
    ]
    assert not found, "\n".join(found)


def test_file_names_work_on_windows() -> None:
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        assert not re.search(r'[:*?"<>|\\]|[. ]$', name), name
        assert name.isascii(), name


def test_the_tree_is_lint_clean() -> None:
    ruff = [sys.executable, "-m", "ruff", "check", "--quiet", "--output-format=concise", "."]
    checked = subprocess.run(ruff, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_types_are_right() -> None:
    # mypy is other people's: what is an error in our programs isn't one in it (-E)
    checked = subprocess.run(
        [sys.executable, "-E", "-m", "mypy", "--no-error-summary"],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_one_version() -> None:
    """It stands in `survey_lib/__init__.py`; others take it from there, or say the same."""
    from survey_lib import __version__

    assert PROJECT["project"]["dynamic"] == ["version"] and "version" not in PROJECT["project"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "survey_lib/__init__.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    citation = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == __version__
    said = [sys.executable, "-m", "survey_lib.cli", "--version"]
    told = subprocess.run(said, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert told.stdout == f"trygg {__version__}\n"


def test_what_runs_before_a_commit_is_there(tmp_path: Path) -> None:
    """Each hook's program takes a file of its kind; results go, and cells keep their names."""
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    (local,) = YAML(typ="safe").load(text)["repos"]
    entries = {hook["id"]: shlex.split(hook["entry"]) for hook in local["hooks"]}
    assert local["repo"] == "local" and {e[:2] == ["python", "-m"] for e in entries.values()} == {
        True
    }
    assert entries["mypy"] == ["python", "-m", "mypy"]  # as test_types_are_right
    cell = {"cell_type": "code", "id": "a-name", "metadata": {}, "source": "1 + 1"}
    ran = cell | {
        "execution_count": 3,
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "2"}],
    }
    notebook = {"cells": [ran], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    file = tmp_path / "a.ipynb"
    file.write_text(json.dumps(notebook), encoding="utf-8")
    subprocess.run([sys.executable, *entries["nbstripout"][1:], str(file)], check=True)
    (kept,) = json.loads(file.read_text(encoding="utf-8"))["cells"]
    assert (kept["id"], kept["outputs"], kept["execution_count"]) == ("a-name", [], None)
    code = tmp_path / "a.py"
    code.write_text("x = [1,2]\n", encoding="utf-8")
    for name in ("ruff-check", "ruff-format"):
        subprocess.run([sys.executable, *entries[name][1:], str(code)], cwd=ROOT, check=True)
    assert code.read_text(encoding="utf-8") == "x = [1, 2]\n"


def test_the_shell_scripts_are_executable_and_parse() -> None:
    for script in (ROOT / ".ci" / "run", ROOT / ".ci" / "install"):
        assert script.stat().st_mode & 0o111, script
        shell = script.read_text(encoding="utf-8").splitlines()[0].split("/")[-1].split()[-1]
        assert shutil.which(shell)
        subprocess.run([shell, "-n", str(script)], check=True)


@pytest.mark.parametrize("version", ["3.10.13", None])
def test_a_python_that_is_too_old_is_one_clear_message(tmp_path: Path, version: str | None) -> None:
    """`.ci/install` looks at nothing but PATH: one with an old Python is a machine with one."""
    for tool in ("sh", "echo"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    if version:
        old = tmp_path / "python3"
        old.write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && echo "Python {version}" || exit 1\n',
            encoding="utf-8",
        )
        old.chmod(0o755)
    done = subprocess.run(
        [str(ROOT / ".ci" / "install"), str(tmp_path / "venv"), str(tmp_path / "venv/bin/python")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 2
    assert "Python 3.11 or newer" in done.stderr
    assert (version or "no python3 at all") in done.stderr
    assert not (tmp_path / "venv").exists()


NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_thin_and_stored_without_results(path: Path) -> None:
    from survey_lib.batch.notebook_parameters import declared_parameters

    assert declared_parameters(path), "one cell tagged parameters, every line typed"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert "papermill" not in notebook["metadata"]
    identities = [cell["id"] for cell in notebook["cells"]]
    assert len(set(identities)) == len(identities)
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None, source
            lines = [line for line in source.splitlines() if line.strip()]
            assert len(lines) <= 5, source
            assert not re.search(r"^\s*(def|class|for|while|with|try)\b", source, re.MULTILINE), (
                source
            )
            assert not re.search(r"\bopen\(|read_csv|read_excel|read_parquet", source), source


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS
