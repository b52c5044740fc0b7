"""Sheets to write on: the working sheet is one A4 landscape page, the checklist stands on its own,
and both are accessible on the screen."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pikepdf
import pytest
from accessibility import check_accessibility
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pages import AROUND, shown
from published_rows import WORDS, indicators

from survey_lib.export import joint_table
from survey_lib.presentation.section import Section
from survey_lib.presentation.walk import about_table, walk_table
from survey_lib.presentation.working_sheet import working_sheet
from survey_lib.rendering.exporter import render

if TYPE_CHECKING:
    from playwright.sync_api import Browser

COUNT = 18  # problems in the embedded default
LONG = "Inbrott i bostad, källare, förråd eller fordon"  # among its longest names
A4 = (595, 842)  # points


def sections() -> list[Section]:
    words = replace(WORDS, demo=True)
    rows = indicators({f"{LONG} {number}": 0.6 - number / 40 for number in range(COUNT)})
    rows["rank"] = range(1, COUNT + 1)
    rows = rows.assign(rank_low=rows["rank"].clip(upper=10), rank_high=rows["rank"].clip(lower=17))
    rows["problem"] = [f"p{number}" for number in range(COUNT)]
    joint = joint_table(rows, words, "sdn:as", "2024")
    pictures = {
        "Polisen": {f"p{number}": number for number in range(1, 18)},
        "Stadsbyggnadsförvaltningen": {"p0": "hög", "p17": "medel"},
        "Bostadsbolaget": None,
    }
    sheet = working_sheet(joint, rows, pictures, words, "Problemen i området: arbetsblad")
    places = pd.DataFrame(
        {"place": [f"plats:{n}" for n in range(7)], "label": "Torget", "mentions": 30.0, "mark": ""}
    )
    answers = pd.DataFrame(
        [(f"plats:{n}", "orsak", f"Orsak {k}", 9.0, "") for n in range(7) for k in range(8)],
        columns=["place", "question", "label", "mentions", "mark"],
    )
    tables = [about_table(words, "Om vandringen"), walk_table(places, answers, words, "Platser")]
    return [
        Section("Var bilderna möts", ["Text."]),
        Section("Arbetsblad", ["Fyll i."], tables=[sheet], paper="landscape"),
        Section("Vandring", ["Gå."], tables=tables, paper="portrait"),
    ]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cells: list[Any] = []
    for section in sections():
        cells.append(new_markdown_cell(f"## {section.title}"))
        cells.append(new_code_cell("x", outputs=[shown({"text/html": section.html()})]))
    html = render(new_notebook(cells=cells), title="Gemensam problembild", demo=True, **AROUND)
    path = tmp_path_factory.mktemp("sheets") / "page.html"
    path.write_text(html, encoding="utf-8")
    return path


def test_the_working_sheet_is_one_page_of_lying_paper(browser: Browser, page: Path) -> None:
    opened = browser.new_page()
    opened.goto(page.as_uri())
    printed = opened.pdf(prefer_css_page_size=True)
    opened.close()
    with pikepdf.open(BytesIO(printed)) as made:
        sizes = [tuple(round(float(side)) for side in one.mediabox[2:]) for one in made.pages]
    assert sizes[:2] == [A4, A4[::-1]]
    assert set(sizes[2:]) == {A4}  # the checklist, from a page of its own
    assert len(sizes) >= 4


@pytest.mark.parametrize("width", [320, 1280])
def test_no_accessibility_violations(browser: Browser, page: Path, width: int) -> None:
    opened = browser.new_page(viewport={"width": width, "height": 800})
    opened.goto(page.as_uri())
    check_accessibility(opened)
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    opened.close()
