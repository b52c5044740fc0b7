"""What the documents say is there: links, files, commands, layers, numbers, the reference."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import tomllib
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
from conftest import ROOT
from ruamel.yaml import YAML

import survey_lib

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "parameters" / "README.md",
]
FOLDERS = r"notebooks|survey_lib|parameters|tests|docs|benchmarks|statistics|\.ci"
MADE = ("docs/api/",)  # written by a command, not kept
WANTED = ("2026", "2025_")  # files of waves to come, in examples

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    plain = re.sub(r"[`*]|\$[^$]*\$", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {slug(one) for one in re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)}


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", text_of(page)):
        link = target[0] or target[1]
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), link
        assert not anchor or anchor in anchors(there), link


@each_page
def test_files_that_are_named_exist(page: Path) -> None:
    text = re.sub(r"\*\*/|\s+", " ", text_of(page))
    for name in re.findall(rf"`((?:{FOLDERS})/[^`\s]*)`", text):
        if name.startswith(MADE) or re.search(r"[<>…*]", name) or any(w in name for w in WANTED):
            continue
        homes = (ROOT, ROOT / "survey_lib", ROOT / "tests")
        assert any((home / name).exists() for home in homes), name


@each_page
def test_pictures_are_small_and_have_words(page: Path) -> None:
    text = text_of(page)
    pictures = [(path, alt) for alt, path in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", text)]
    for tag in re.findall(r"<img [^>]*>", text):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        pictures.append((found["src"], found["alt"]))
    for path, alt in pictures:
        assert len(alt) > 20, path
        assert (page.parent / path).stat().st_size <= 150_000, path


def commands() -> dict[str, set[str]]:
    """Every command of trygg with its options."""
    import typer

    from survey_lib.cli import app

    group = typer.main.get_command(app)
    return {
        name: {opt for parameter in command.params for opt in parameter.opts} | {"--help"}
        for name, command in group.commands.items()  # type: ignore[attr-defined]
    }


@each_page
def test_commands_and_their_options_exist(page: Path) -> None:
    known = commands()
    text = text_of(page)
    blocks = [line for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
              for line in block.splitlines()]  # fmt: skip
    for line in [*re.findall(r"`([^`\n]+)`", text), *blocks]:
        for name, rest in re.findall(r"(?:^|\s)trygg ([a-z][\w-]*)([^|]*)", line.split("#")[0]):
            if line.startswith(("conda ", "wave ")):  # an environment's name; what a command says
                continue
            assert name in known, line
            assert set(re.findall(r"--[a-z][\w-]*", rest)) <= known[name], line
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert set(re.findall(r"`make ([a-z]+)", text)) <= targets


def test_the_guide_and_the_readme_tell_every_command() -> None:
    told = text_of(ROOT / "README.md")
    assert not [name for name in commands() if f"`trygg {name}" not in told]


def test_the_picture_of_the_layers_is_the_contract() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = contract["tool"]["importlinter"]["contracts"][0]["layers"]
    picture = text_of(ROOT / "CONTRIBUTING.md").split("```mermaid")[1].split("```")[0]
    drawn = dict(re.findall(r'(l\d+)\["([^"]+)"\]', picture))
    arrows = re.findall(r"(l\d+)(?:\[[^\]]*\])? --> (l\d+)", picture)
    names = list(drawn)
    assert arrows == list(pairwise(names)), "each layer points to the next"
    expected = [{part.strip() for part in layer.split("|")} for layer in layers]
    assert [{part.strip() for part in layer.split("·")} for layer in drawn.values()] == expected, (
        "draw the layers of pyproject.toml in CONTRIBUTING.md"
    )


def rows_of(section: str) -> list[list[str]]:
    """The cells of the tables in a section of the method report."""
    text = text_of(ROOT / "docs" / "metod.md")
    part = re.split(r"^## ", text, flags=re.MULTILINE)
    (found,) = [one for one in part if one.startswith(section)]
    lines = [line for line in found.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_numbers_of_the_method_are_those_of_the_code() -> None:
    showing = YAML(typ="safe").load(ROOT / "parameters" / "tables.yaml")["showing"]
    told = [row for row in rows_of("16 ") if row[0].startswith("`")]
    assert len(told) >= 20
    for name, value, _ in told:
        module, _, attribute = name.strip("`").rpartition(".")
        if module == "showing":
            found = showing[attribute]
        elif module.endswith("Design"):
            found = importlib.import_module("survey_lib.statistics.design").Design.leverage_cap
        else:
            found = getattr(importlib.import_module(f"survey_lib.{module}"), attribute)
        assert float(value) == float(found), name


def test_what_is_told_of_simulations_is_what_they_found() -> None:
    page = text_of(ROOT / "docs" / "simulation.md")
    simulated = [row for row in rows_of("14 ") if len(row) == 4 and row[3].isdigit()]
    assert len(simulated) >= 8
    for _, _, measured, section in simulated:
        part = "".join(re.findall(rf"^## {section} .*?(?=^## |\Z)", page, re.M | re.S))
        assert re.search(rf"(?<![\d.]){re.escape(measured.replace(',', '.'))}(?!\d)", part), (
            f"{measured} is not in section {section} of docs/simulation.md"
        )


def test_gold_values_are_as_many_as_told() -> None:
    folder = ROOT / "tests" / "statistics" / "gold"
    number = sum(len(text_of(path).splitlines()) - 1 for path in folder.glob("gold*.csv"))
    told = f"{number:,}"
    assert told.replace(",", "\u00a0") in text_of(ROOT / "docs" / "metod.md")
    assert told.replace(",", " ") in text_of(ROOT / "README.md")


def test_the_version_is_told_alike() -> None:
    citation = YAML(typ="safe").load(ROOT / "CITATION.cff")
    latest = re.findall(r"^## (\d+\.\d+\.\d+)", text_of(ROOT / "CHANGELOG.md"), re.MULTILINE)[0]
    assert str(citation["version"]) == latest == survey_lib.__version__


@pytest.fixture(scope="module")
def api() -> ModuleType:
    """The script behind ``make docs``."""
    spec = importlib.util.spec_from_file_location("api", ROOT / ".ci" / "api.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_has_every_module(api: ModuleType) -> None:
    files = {path.relative_to(ROOT) for path in (ROOT / "survey_lib").rglob("*.py")}
    names = {".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in files}
    assert {name for name in names if "._" not in name} == set(api.modules())


def test_the_reference_is_written(api: ModuleType, tmp_path: Path) -> None:
    api.write(["survey_lib", "survey_lib.statistics.intervals"], tmp_path)
    page = (tmp_path / "survey_lib" / "statistics" / "intervals.html").read_text(encoding="utf-8")
    assert "Wilson" in page and "korn_graubard" in page
    assert "open_report" in (tmp_path / "survey_lib.html").read_text(encoding="utf-8")


def test_every_module_says_what_it_holds() -> None:
    for path in (ROOT / "survey_lib").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert not source.strip() or ast.get_docstring(ast.parse(source)), path
