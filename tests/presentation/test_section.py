"""A section: sentences, each chart followed by its numbers, the office's comment as data."""

from __future__ import annotations

import base64
import re

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from published_rows import WORDS, problems, sections

from survey_lib.presentation import charts, report_tables, tables
from survey_lib.presentation.section import Comment, Section
from survey_lib.presentation.sentences import Bullets, Point
from survey_lib.presentation.tables import HtmlTable
from survey_lib.presentation.typesetting import typeset


def test_each_chart_is_followed_by_its_table_folded_under_its_name_and_bases() -> None:
    for section in sections().values():
        soup = BeautifulSoup(section._repr_html_(), "html.parser")
        bases = {table.caption: table.bases for table in section.every_table()}
        for figure in soup("figure"):
            follower = figure.find_next_sibling()
            assert follower is not None and follower.name == "details"
            title = figure.figcaption.find(string=True, recursive=False)
            assert title == follower.caption.get_text()
            assert follower.summary.get_text() == f"Tabell: {title} {bases[title]}".strip()


def test_bases_are_the_fewest_and_the_most_of_each_column_that_tells_them() -> None:
    def table(*counts: str) -> HtmlTable:
        columns = [
            tables.text("Fråga", "label"),
            *(tables.count(COUNT + c, f"n{c}") for c in counts),
        ]
        frame = pd.DataFrame({"label": list("abc"), "n": [885.0, 1905, np.nan], "n 2022": 90.0})
        return HtmlTable.of(frame.assign(mark=["", "", ".."]), columns, "x", WORDS)

    COUNT = tables.COUNT_HEADING
    assert table("").bases == "Antal svarande (oviktat): 885–1\u202f905"
    assert table("", " 2022").bases.endswith(". Antal svarande (oviktat) 2022: 90")
    assert table().bases == ""


def test_what_is_folded_or_written_on_folds_no_table() -> None:
    table = report_tables.indicator_table(problems(), WORDS, "Ett")
    figure = charts.ranked(problems(), WORDS, "Ett")
    inside = Section("P", figures=[figure], tables=[table], folded=True)
    soup = BeautifulSoup(Section("Prov", parts=[inside]).html(), "html.parser")
    assert [one.summary.get_text() for one in soup("details")] == ["P"]
    sheet = Section("Blad", figures=[figure], tables=[table], paper="landscape")
    assert not BeautifulSoup(sheet.html(), "html.parser")("details")


def test_tables_without_a_chart_come_last_and_open() -> None:
    table = report_tables.indicator_table(problems(), WORDS, "Ett")
    section = Section("Prov", [], [charts.ranked(problems(), WORDS, "Ett")], [table, table])
    soup = BeautifulSoup(section.html(), "html.parser")
    assert [tag.name for tag in soup.select(".section > *")] == ["figure", "details", "div"]
    ids = [tag["id"] for tag in soup(id=True)]
    assert "prov-tabell-2" in ids and len(ids) == len(set(ids))


def test_sentences_become_paragraphs_and_lists() -> None:
    said = ["En <mening>.", Point("Buller", "Två."), [Point("A", "b.")], Bullets(["c."])]
    html = Section("Prov", said).html()
    assert "<ul><li>c.</li></ul>" in html
    assert "<p>En &lt;mening&gt;.</p>" in html
    assert "<p><strong>Buller:</strong> Två.</p>" in html
    assert "<ol><li><strong>A:</strong> b.</li></ol>" in html


def test_parts_stand_under_headings_or_folded_and_empty_ones_nowhere() -> None:
    table = report_tables.indicator_table(problems(), WORDS, "Ett")
    parts = [
        Section("Öppen <del>", ["Ja."], tables=[table], parts=[Section("Inre", ["Inne."])]),
        Section("Dold", tables=[table], folded=True),
        Section("Tom"),
    ]
    section = Section("Prov", tables=[table], parts=parts, files=[("a.csv", "Filen")])
    soup = BeautifulSoup(section.html(), "html.parser")
    assert [h.get_text() for h in soup("h3")] == ["Öppen <del>"]
    assert [h.get_text() for h in soup("h4")] == ["Inre"]
    assert soup.details.summary.get_text() == "Dold" and soup.details.table
    assert "Tom" not in soup.get_text()
    assert soup.select_one("a[href='a.csv']").get_text() == "Filen"
    ids = [tag["id"] for tag in soup(id=True)]
    assert len(ids) == len(set(ids)) == 6
    figure = charts.ranked(problems(), WORDS, "Ett")
    drawn = Section("Prov", figures=[None], parts=[Section("P", figures=[figure])])
    assert list(drawn.charts()) == [figure]


def test_a_section_with_nothing_inside_is_nothing() -> None:
    assert not Section("Prov", parts=[Section("Tom")])
    assert Section("Prov", parts=[Section("Del", ["Ja."])])
    assert Section("Prov", comment=Comment("Från", "ord"))


def test_a_comment_is_data_with_paragraphs() -> None:
    comment = Comment("Från <oss>", "Ett <b>ord</b>.\n\n\n<img src=x onerror=y>")
    soup = BeautifulSoup(Section("Prov", comment=comment).html(), "html.parser")
    assert not soup("b") and not soup("img")
    paragraphs = [p.get_text() for p in soup.select(".comment p")]
    assert paragraphs == ["Från <oss>", "Ett <b>ord</b>.", "<img src=x onerror=y>"]


def test_the_picture_is_inside_the_page_and_follows_its_colours() -> None:
    html = charts.ranked(problems(), WORDS, "Ett").html()
    pictures = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", html)
    assert len(pictures) == 2
    for picture in pictures:
        svg = base64.b64decode(picture).decode("utf-8")
        assert "prefers-color-scheme:dark" in svg and "var(--ink)" in svg
    soup = BeautifulSoup(html, "html.parser")
    assert soup.img["alt"] == charts.ranked(problems(), WORDS, "Ett").alt
    assert int(soup.img["width"]) == 680 and int(soup.source["width"]) == 340


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("KI 34–41)", 'KI <span class="together">34–41</span>)'),
        ("KI −3 till 5)", 'KI <span class="together">−3 till 5</span>)'),
        ("från 10 till 17 procent", "från 10 till 17 procent"),
        ("plats 1–3.", 'plats <span class="together">1–3</span>.'),
        ("\u202eab\x07", "ab"),
    ],
)
def test_ranges_stay_on_one_line(text: str, expected: str) -> None:
    assert typeset(text) == expected
