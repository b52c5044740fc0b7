"""ENSU's pages by the same command as everybody's: about their own cities, in their own words.

No page may hold a place, an administration or an age span of another survey, in text, attribute or
picture, and what stands in it is INEGI's own published share, rounded.
"""

from __future__ import annotations

import base64
import html
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from surveys.ensu import official
from surveys.ensu.official import DATA, needs_data

from survey_lib.vocabulary import Parameters, load_parameters

ROOT = Path(__file__).parent.parent
SURVEY = ROOT / "tests" / "surveys" / "ensu"
WAVE = "2024_09"
ELSEWHERE = re.compile(
    r"göteborg|stadsdel|stadsområde|socialförvaltning|16\s*[–-]\s*84", re.IGNORECASE
)
SVG = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")


def made(output: Path, areas: list[str], parameters: Path = SURVEY) -> dict[str, str]:
    """What `trygg reports` makes of these areas (all cities when none is named): file name -> text,
    entities resolved, with the text of every picture in the page's own."""
    command = [sys.executable, "-m", "survey_lib.cli", "reports", *areas]
    options = ["--parameters", str(parameters), "--output", str(output), "--workers", "2"]
    done = subprocess.run(
        [*command, *options], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {page.stem: _text(page) for page in (output / WAVE).glob("*.html")}


def _text(page: Path) -> str:
    written = page.read_text(encoding="utf-8")
    pictures = [base64.b64decode(found).decode("utf-8") for found in SVG.findall(written)]
    return html.unescape("\n".join([SVG.sub("", written), *pictures]))


def assert_about(page: str, area: str, parameters: Parameters, table: pd.DataFrame) -> None:
    """A page about its own city, in its own words, with INEGI's own numbers rounded."""
    name = parameters.areas.name(area)
    assert f"<h1>{name}" in page or f">{name}</h1>" in page
    assert "18 år" in page
    assert "INEGI" in page
    found = ELSEWHERE.search(page)
    assert found is None, f"{name}: {found and page[max(found.start() - 60, 0) : found.end() + 60]}"
    for row in table[table["city"] == name].itertuples():
        label = {"Seguro": "Tryggt", "Inseguro": "Otryggt"}[row.line] + " att bo i staden"
        line = re.search(rf"<th[^>]*>\s*{label}\s*</th>\s*<td[^>]*>\s*([0-9]+)\s%", page)
        assert line is not None, f"{name}: no row {label}"
        assert int(line[1]) == int(row.percent + 0.5)


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return load_parameters(SURVEY)


@needs_data
def test_pages_are_about_their_own_city(parameters: Parameters, tmp_path: Path) -> None:
    """Groups of the whole country only: those of 90 cities take minutes to protect."""
    few = Path(shutil.copytree(SURVEY, tmp_path / "parameters"))
    for file, old, new in (
        (f"waves/{WAVE}.yaml", "../../../../shared/data", os.path.relpath(DATA.parent, few)),
        ("tables.yaml", "\ntables:", "\nsplit_levels: [mx]\ntables:"),
    ):
        text = (few / file).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (few / file).write_text(text.replace(old, new), encoding="utf-8")
    areas = ["stad:la_laguna", "kommun:torreon", "stad:tuxtla_gutierrez"]
    pages = made(tmp_path / "reports", areas, few)
    table = official.read_table(DATA, "1.7")
    for area in areas:
        assert_about(pages[parameters.areas.slug(area)], area, parameters, table)
    assert "kommunen" in pages["kommun_torreon"]
    for name, page in pages.items():
        assert ELSEWHERE.search(page) is None, name


@needs_data
@pytest.mark.evidence
def test_pages_of_all_cities(parameters: Parameters, tmp_path: Path) -> None:
    pages = made(tmp_path / "reports", [])
    table = official.read_table(DATA, "1.7")
    areas = parameters.areas.of_level("stad")
    assert len(areas) == 90
    for area in areas:
        assert_about(pages[parameters.areas.slug(area)], area, parameters, table)
        assert parameters.areas.name(area) in pages["index"]
    for name, page in pages.items():
        assert ELSEWHERE.search(page) is None, name
