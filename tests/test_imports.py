"""Imports run downwards, ``import survey_lib`` is light, and code knows no place by name."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

SOURCES = sorted((ROOT / "survey_lib").rglob("*.py"))
HEAVY = {
    "IPython",
    "jupyter_client",
    "matplotlib",
    "nbclient",
    "nbconvert",
    "nbformat",
    "openpyxl",
    "papermill",
    "pyarrow",
    "pydantic",
    "pyreadstat",
    "rich",
    "ruamel",
    "scipy",
    "seaborn",
    "statsmodels",
}


def loaded_by(statement: str) -> set[str]:
    """Top-level modules in a fresh Python after one statement."""
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}\nimport sys; print(*sorted(sys.modules))"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("module", ["survey_lib", "survey_lib.files", "survey_lib.cli"])
def test_it_loads_nothing_heavy(module: str) -> None:
    assert not loaded_by(f"import {module}") & HEAVY - ({"pyarrow"} & loaded_by("import pandas"))


def test_help_is_given_without_the_library() -> None:
    """``trygg --help`` loads neither numpy nor pandas nor anything heavier."""
    loaded = loaded_by(
        "import sys; sys.argv = ['trygg', '--help']\n"
        "from survey_lib.cli import app\n"
        "import contextlib, io\n"
        "with contextlib.redirect_stdout(io.StringIO()): app(standalone_mode=False)"
    )
    assert not loaded & (HEAVY | {"numpy", "pandas"})


def test_imports_run_downwards() -> None:
    """The layers of pyproject.toml (import-linter)."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(program), "--no-cache"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_statistics_knows_numpy_scipy_and_pandas_only() -> None:
    allowed = {"numpy", "scipy", "pandas", "statsmodels", "survey_lib"} | sys.stdlib_module_names
    for path in (ROOT / "survey_lib" / "statistics").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [str(node.module)]
            for name in names:
                assert name.partition(".")[0] in allowed, f"{path.name}: {name}"
                assert not name.startswith("survey_lib.") or name.startswith(
                    ("survey_lib.statistics", "survey_lib.faults")
                ), f"{path.name}: {name}"


# One survey's words, which belong in parameters/. The notebook about an area has its name from the
# project's card.
WORDS = re.compile(r"göteborg|goteborg|stadsdel|stadsområd|16[–-]84|\bensu\b|inegi", re.IGNORECASE)
ALLOWED = re.compile(r"2_stadsdel")


def spoken(path: Path) -> list[str]:
    """What a file says: all of a template or notebook; of Python its names and strings, since
    docstrings and comments may give examples."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return text.splitlines()
    tree = ast.parse(text)
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    explained = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, holders) and node.body and isinstance(node.body[0], ast.Expr)
    }
    strings = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in explained
    ]
    names = [
        name
        for node in ast.walk(tree)
        for name in (getattr(node, "id", ""), getattr(node, "attr", ""), getattr(node, "arg", ""))
        if isinstance(name, str)
    ]
    return [*strings, *names]


def test_code_and_notebooks_know_no_place_and_no_age_span() -> None:
    files = [*SOURCES, *(ROOT / "notebooks").glob("*.ipynb")]
    files += [p for p in (ROOT / "survey_lib").rglob("*") if p.suffix in {".j2", ".css", ".html"}]
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:100]}"
        for path in files
        for line in spoken(path)
        if WORDS.search(ALLOWED.sub("", line))
    ]
    assert not found, "\n".join(found)


def test_no_module_is_without_a_subject() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not [path for path in SOURCES if path.stem in empty or path.parent.name in empty]


def test_an_unnamed_encoding_is_an_error_in_our_files(pytester: pytest.Pytester) -> None:
    """`make test` runs Python with the warning on; pytest's settings make it an error here."""
    import shutil

    shutil.copy(ROOT / "pyproject.toml", pytester.path)
    pytester.makepyfile(
        """
        def test_reads(tmp_path):
            (tmp_path / "x").write_text("x")
        """
    )
    pytester.mkdir("tests")
    result = pytester.run(
        sys.executable, "-X", "warn_default_encoding", "-m", "pytest", "-p", "no:cacheprovider", "."
    )
    result.stdout.fnmatch_lines(["*EncodingWarning*"])
    assert result.ret == 1
