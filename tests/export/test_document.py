"""The Word documents hold what the page's sections hold, accessibly, and always the same bytes."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from zipfile import ZipFile

import pandas as pd
import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from published_rows import WORDS, problems

from survey_lib.export import joint_table
from survey_lib.export.document import document
from survey_lib.export.sheets import Cover
from survey_lib.presentation import phrases
from survey_lib.presentation.agreement import party_told, pictures_table, pictures_told
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Bullets, Point
from survey_lib.presentation.tables import Cell, HtmlTable, text
from survey_lib.presentation.walk import BOX, about_table, walk_table
from survey_lib.presentation.working_sheet import TO_DECIDE, working_sheet

FRONT = Cover("Gemensam problembild: Ås", "Staden", [("Källa", "Undersökningen")], [], False)
PICTURES = {"Polisen": {"p0": 3, "p5": 1, "p1": 2}, "Staden": {"p2": "hög", "p4": "låg"}}


def joint(words=WORDS) -> pd.DataFrame:
    rows = problems()
    return joint_table(rows.assign(problem=[f"p{n}" for n in range(6)]), words, "sdn:as", "2024")


def sections(words=WORDS) -> list[Section]:
    rows = joint(words)
    said = pictures_told(rows, PICTURES, words)
    told = [party_told(rows, name, mine, words) for name, mine in PICTURES.items()]
    sheet = working_sheet(rows, problems(), {**PICTURES, "Skolan": None}, words, "Arbetsblad")
    steps = [["Första steget.", "Andra steget."], Bullets([Point("Polisen", "Ett ord.")])]
    return [
        Section("Var bilderna möts", said, parts=told),
        Section("Sida vid sida", tables=[pictures_table(rows, PICTURES, words, "Bilderna")],
                parts=[Section("Kommentarer", steps), Section("Gömt", ["Hemligt."], folded=True)]),
        Section("Arbetsblad", ["Fyll i."], tables=[sheet], paper="landscape"),
        walk(words),
    ]  # fmt: skip


def walk(words=WORDS) -> Section:
    places = pd.DataFrame(
        {
            "place": ["plats:torg", "plats:park", "other", "98"],
            "label": ["Torget", "Parken", "Övriga platser", "Går inte att koda"],
            "mentions": [42.0, 9.0, 7.0, 6.0],
            "mark": "",
        }
    )
    answers = pd.DataFrame(
        [
            ("plats:torg", "tid", "Kväll", 30.0, ""),
            ("plats:torg", "tid", "Natt", float("nan"), ".."),
            ("plats:torg", "orsak", "Mörkt", 12.0, ""),
            ("plats:torg", "orsak", "Skräp", 20.0, ""),
            ("plats:torg", "orsak", "Trafik", float("nan"), ".."),
            ("plats:park", "tid", "Kväll", float("nan"), ".."),
            ("plats:park", "orsak", "Mörkt", float("nan"), ".."),
            ("other", "orsak", "Mörkt", 7.0, ""),
        ],
        columns=["place", "question", "label", "mentions", "mark"],
    )
    tables = [about_table(words, "Om vandringen"), walk_table(places, answers, words, "Platser")]
    return Section("Vandring", tables=tables, paper="portrait")


def opened(*of: Section, cover: Cover = FRONT):
    return Document(BytesIO(document(cover, list(of) or sections())))


def every_text(made) -> str:
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in made.paragraphs), *cells])


# -- what it holds ---------------------------------------------------------------------------------


def test_every_table_holds_what_the_page_shows_cell_by_cell() -> None:
    for section in sections()[:3]:
        made, shown = opened(section), list(section.every_table())
        assert len(made.tables) == len(shown)
        for table, page in zip(made.tables, shown, strict=True):
            assert [c.text for c in table.rows[0].cells] == [c.heading for c in page.columns]
            for row, cells in zip(table.rows[1:], page.rows, strict=True):
                wanted = ["\n".join(filter(None, (c.text, c.detail))) for c in cells]
                assert [cell.text for cell in row.cells] == wanted


def test_what_is_hidden_is_hidden_and_the_meetings_columns_are_empty() -> None:
    (table,) = opened(sections()[2]).tables
    headings = [cell.text for cell in table.rows[0].cells]
    assert headings[-4:] == list(TO_DECIDE)
    last = [cell.text for cell in table.rows[-1].cells]
    assert last[1:3] == ["–", ".."]
    for row in table.rows[1:]:
        assert [cell.text for cell in row.cells][-5:] == [""] * 5  # Skolan and the meeting's


def test_sentences_lists_and_notes_are_there_and_folded_parts_are_not() -> None:
    made = opened()
    said = every_text(made)
    for sentence in pictures_told(joint(), PICTURES, WORDS):
        for one in [sentence] if isinstance(sentence, str | Point) else sentence:
            assert str(one) in said
    assert "Hemligt" not in said and "Gömt" not in said
    styles = {paragraph.text: paragraph.style.name for paragraph in made.paragraphs}
    assert styles["Första steget."] == "List Number"
    assert styles["Polisen: Ett ord."] == "List Bullet"


def test_the_checklist_holds_places_that_are_shown_with_boxes_to_tick() -> None:
    made = opened(walk())
    headings = [p.text for p in made.paragraphs if p.style.name == "Heading 2"]
    assert headings == [
        "Torget: 42 omnämnanden. Tider: kväll (30).",
        "Parken: 9 omnämnanden. Tider redovisas inte.",
    ]
    rows = [[cell.text for cell in row.cells] for table in made.tables[1:] for row in table.rows]
    ticked = [row[:2] for row in rows if BOX in row[2]]
    assert ticked == [
        ["Skräp", "20"], ["Mörkt", "12"], ["Något mer som vi ser", "–"],
        ["Något mer som vi ser", "–"],
    ]  # fmt: skip
    said = every_text(made)
    assert "Övriga platser" not in said and "Trafik" not in said and "Natt" not in said


def test_nothing_to_show_makes_no_file() -> None:
    folded = Section("Gömt", ["Text."], folded=True)
    assert document(FRONT, [Section("Tomt", parts=[folded]), Section("")]) == b""


# -- for everyone ----------------------------------------------------------------------------------


def test_it_is_swedish_with_a_title_and_headings_in_order() -> None:
    made = opened()
    assert made.core_properties.title == FRONT.title
    assert made.core_properties.language == "sv-SE"
    languages = made.styles.element.findall(f".//{qn('w:lang')}")
    assert languages and {one.get(qn("w:val")) for one in languages} == {"sv-SE"}
    names = [p.style.name for p in made.paragraphs if re.match("Title|Heading", p.style.name)]
    assert names[0] == "Title" and names.count("Title") == 1
    levels = [int(name[-1]) for name in names[1:]]
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_every_table_repeats_its_headings_has_a_description_and_no_merged_cells() -> None:
    for table in opened().tables:
        first, *rest = table.rows
        assert first._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:tblHeader")) is None for row in rest)
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
        assert table._tbl.tblPr.find(qn("w:tblDescription")).get(qn("w:val"))
        assert not table._tbl.findall(f".//{qn('w:gridSpan')}")
        assert not table._tbl.findall(f".//{qn('w:vMerge')}")


def test_paper_to_write_on_is_a4_lying_or_standing_and_columns_fit_on_it() -> None:
    made = opened()
    lying = [page.orientation == WD_ORIENT.LANDSCAPE for page in made.sections]
    assert lying == [False, True, False]
    for page in made.sections:
        sides = sorted(round(side.mm) for side in (page.page_width, page.page_height))
        assert sides == [210, 297]
        assert (page.page_width > page.page_height) == (page.orientation == WD_ORIENT.LANDSCAPE)
    for section in sections():
        made = opened(section)
        page = made.sections[0]
        room = page.page_width - page.left_margin - page.right_margin
        for table in made.tables:
            widths = [column.width for column in table.columns]
            assert min(widths) > 0 and 0.99 * room < sum(widths) < 1.001 * room


def test_made_up_answers_say_so_on_every_page() -> None:
    words = replace(WORDS, demo=True)
    made = opened(*sections(words), cover=replace(FRONT, demo=True))
    assert made.sections[0].header.paragraphs[0].text == phrases.DEMO
    assert all(page.header.is_linked_to_previous for page in list(made.sections)[1:])
    captions = [p.text for p in made.paragraphs if p.style.name == "Caption"]
    assert captions and all(caption.startswith("DEMO") for caption in captions)
    assert "DEMO" not in every_text(opened())


# -- the file --------------------------------------------------------------------------------------


def test_the_same_sections_give_the_same_bytes_without_a_time() -> None:
    first, second = (document(FRONT, sections()) for _ in range(2))
    assert first == second
    with ZipFile(BytesIO(first)) as made:
        assert {entry.date_time for entry in made.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        about = made.read("docProps/core.xml").decode("utf-8")
    assert "created" not in about and "modified" not in about and "python-docx" not in about


@settings(max_examples=20)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_text(one: str, other: str) -> None:
    table = HtmlTable(one or "x", [text(other or "y", "a")], [[Cell(one)], [Cell(other)]])
    made = opened(Section("Prov", [one, Point(one, other)], tables=[table]))
    assert len(made.tables[0].rows) == 3


@pytest.mark.parametrize("odd", ["<w:t>", "&amp;", "a\x00b\u202ec", "=1+1", "\n"])
def test_markup_and_control_characters_do_no_harm(odd: str) -> None:
    made = opened(Section("Prov", [odd]))
    assert "\x00" not in every_text(made) and "\u202e" not in every_text(made)
