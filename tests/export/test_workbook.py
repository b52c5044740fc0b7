"""The workbook holds what the page shows, and keeps every rule of the guidance on accessible
spreadsheets (UK Government Analysis Function, *Releasing statistics in spreadsheets*)."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from io import BytesIO
from zipfile import ZipFile

import pytest
from bs4 import BeautifulSoup
from nbformat import v4
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from published_rows import WORDS, sections

from survey_lib.export import sheets as export
from survey_lib.export.sheets import Cover, Sheet, SheetColumn, published, sheets_of, taken
from survey_lib.export.workbook import COVER, NOTES, workbook
from survey_lib.presentation import phrases, swedish, tables
from survey_lib.presentation.section import Section
from survey_lib.presentation.tables import Cell, Column, HtmlTable
from survey_lib.rendering.exporter import render

DEMO = replace(WORDS, demo=True)
FRONT = Cover(
    "Askim-Frölunda-Högsbo, Undersökning 2024",
    "Staden",
    [("Undersökning", "Undersökning 2024"), ("Kontakt", "Trygg, trygg@example.org")],
    [*WORDS.mark_notes(set(phrases.MARK_NOTES)), phrases.POINTS_NOTE, WORDS.interval_phrase()],
    False,
)
EVIL = [
    "=1+1",
    "+46",
    "-2",
    "@SUM(A1)",
    "<script>",
    "#N/A",
    "'",
    "\u202eabc",
    " =2",
    "\t=3",
    "a\nb",
]


@cache
def made(words=WORDS) -> list[Sheet]:
    return [one for section in sections(words).values() for one in sheets_of(section)]


def opened(sheets: list[Sheet], cover: Cover = FRONT) -> Workbook:
    return load_workbook(BytesIO(workbook(cover, sheets)))


@pytest.fixture(scope="module")
def book() -> Workbook:
    return opened(made())


def body(on: Worksheet) -> list[list]:
    """The cells of a sheet's one table, headings first."""
    (table,) = on.tables.values()
    return [list(row) for row in on[table.ref]]


def sheet_of(rows: list[Cell], column: Column) -> Sheet:
    table = HtmlTable("Prov", [tables.text("Namn", "x"), column], [[Cell("a"), r] for r in rows])
    return export.sheet(table, "Avsnitt")


# -- the guidance, rule by rule -------------------------------------------------------------------


def test_a_cover_then_notes_then_one_sheet_per_table_in_the_order_of_the_page(book: Workbook):
    assert book.sheetnames[:2] == [COVER, NOTES]
    assert book.sheetnames[2:] == [f"Tabell {n}" for n in range(1, len(made()) + 1)]
    for sheet, expected in zip(book.worksheets[2:], made(), strict=True):
        assert sheet["A1"].value == f"{sheet.title}. {expected.caption}"


def test_sheet_names_are_ones_that_every_program_takes(book: Workbook):
    names = book.sheetnames
    assert len({name.casefold() for name in names}) == len(names)
    assert all(len(name) <= 31 and not re.search(r"[\[\]:*?/\\']", name) for name in names)


def test_each_sheet_has_one_named_table_its_title_first_and_nothing_else(book: Workbook):
    labels = set()
    for sheet in book.worksheets:
        assert len(sheet.tables) == 1, sheet.title
        (table,) = sheet.tables.values()
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", table.displayName)
        assert len(table.displayName) <= 255
        labels.add(table.displayName.casefold())
        cells = body(sheet)
        assert (cells[-1][-1].row, cells[-1][-1].column) == (sheet.max_row, sheet.max_column)
        above = list(sheet.iter_rows(max_row=cells[0][0].row - 1))
        assert all(row[0].value for row in above)  # no empty row between title and table
        assert not any(cell.value for row in above for cell in row[1:])
        assert sheet["A1"].font.size > 12 and sheet["A1"].font.bold
    assert len(labels) == len(book.worksheets)
    assert all(sheet["A2"].value == "Bladet innehåller en tabell." for sheet in book.worksheets[1:])
    assert any(f"Antal tabeller: {len(made())}" in str(row[0].value) for row in book[COVER].rows)


def test_no_merged_hidden_frozen_or_empty_cells_and_one_row_of_headings(book: Workbook):
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges
        assert sheet.freeze_panes is None and sheet.sheet_state == "visible"
        assert not any(one.hidden for one in sheet.column_dimensions.values())
        assert not any(one.hidden for one in sheet.row_dimensions.values())
        (table,) = sheet.tables.values()
        headings, *rows = body(sheet)
        assert table.headerRowCount == 1 and rows
        assert all(isinstance(cell.value, str) and cell.value.strip() for cell in headings)
        folded = [cell.value.casefold() for cell in headings]
        assert len(set(folded)) == len(folded)
        assert [column.name for column in table.tableColumns] == [h.value for h in headings]
        for row in rows:
            assert all(cell.value is not None and str(cell.value).strip() for cell in row)


def test_every_cell_is_sans_serif_of_at_least_twelve_points_and_no_colour_means_anything(
    book: Workbook,
):
    for sheet in book.worksheets:
        for cell in (cell for row in sheet.rows for cell in row if cell.value is not None):
            assert (cell.font.name, cell.font.size >= 12) == ("Arial", True)
            assert cell.fill.fill_type is None
            assert cell.font.color is None or cell.hyperlink
        (table,) = sheet.tables.values()
        assert not table.tableStyleInfo.showRowStripes


def test_columns_are_wide_enough_for_their_longest_word(book: Workbook):
    for sheet in book.worksheets:
        for column in zip(*body(sheet), strict=True):
            width = sheet.column_dimensions[column[0].column_letter].width
            longest = max(len(word) for cell in column for word in str(cell.value).split())
            assert min(longest, 60) <= width


def test_rows_are_high_enough_for_their_wrapped_texts(book: Workbook):
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_row=2):
            height = sheet.row_dimensions[row[0].row].height
            for cell in row:
                width = sheet.column_dimensions[cell.column_letter].width
                assert height / 16 >= len(str(cell.value or "")) / width


def test_contents_link_to_every_sheet_and_every_sheet_back(book: Workbook):
    goals = [cell.hyperlink.location for row in book[COVER].rows for cell in row if cell.hyperlink]
    assert goals == [f"'{name}'!A1" for name in book.sheetnames[1:]]
    for sheet in book.worksheets[1:]:
        back = [cell.hyperlink.location for row in sheet.rows for cell in row if cell.hyperlink]
        assert back == [f"'{COVER}'!A1"]
    listed = [row[0].value for row in body(book[COVER])[2:]]
    assert listed == [one.caption for one in made()]


def test_cover_and_properties_tell_what_it_is(book: Workbook):
    text = "\n".join(str(row[0].value) for row in book[COVER].rows)
    assert text.startswith(FRONT.title)
    assert "Kontakt: Trygg, trygg@example.org" in text
    assert book.properties.title == FRONT.title
    assert (book.properties.language, book.properties.creator) == ("sv", "Staden")


def test_every_note_and_mark_is_explained_once_among_the_notes_and_on_its_own_sheet(book: Workbook):
    notes = {row[0].value: row[1].value for row in body(book[NOTES])[1:]}
    assert {*FRONT.notes} <= set(notes)
    for number, one in enumerate(made(), start=1):
        sheet = book[f"Tabell {number}"]
        above = [row[0].value for row in sheet.rows][: body(sheet)[0][0].row]
        for note in one.notes:
            note = " ".join(note.split())  # plain spaces, for programs
            assert note in above
            assert notes[note] == "Alla tabeller" or f"Tabell {number}" in notes[note].split(", ")
        marks = {cell.value for row in body(sheet)[1:] for cell in row} & {"..", ".", "–"}
        for mark in marks:
            assert any(note.startswith(f"{mark} = ") for note in above), (sheet.title, mark)


# -- what stands in it ----------------------------------------------------------------------------


def row_of(caption: str, label: str) -> dict[str, object]:
    (found,) = (one for one in made() if one.caption == caption)
    (row,) = (row for row in found.rows if label in row)
    return dict(zip((column.heading for column in found.columns), row, strict=True))


def test_numbers_intervals_and_verdicts_have_columns_of_their_own():
    row = row_of("Stora problem", "Nedskräpning")
    assert row["Andel 2024"] == 0.412
    assert (row["Plats"], row["Plats, undre gräns"], row["Plats, övre gräns"]) == (1, 1, 2)
    ki = "95\u00a0%\u00a0KI"
    assert (row[f"{ki}, undre gräns"], row[f"{ki}, övre gräns"]) == (0.38, 0.444)
    change = "Förändring sedan 2022 (p.e.)"
    found = [row[change + end] for end in ("", ", undre gräns", ", övre gräns", ", prövning")]
    assert found == [-8, -12, -4, "säkerställd"]
    assert row["Antal svarande (oviktat)"] == 900
    assert row["Anmärkning"] == "Ingen"


def test_what_is_hidden_is_its_mark_everywhere_and_in_words():
    row = row_of("Stora problem", "Anlagda bränder")
    assert not [value for value in row.values() if isinstance(value, float)]
    assert {row["Andel 2024"], row["Andel 2022, övre gräns"], row["Antal svarande (oviktat)"]} == {
        phrases.HIDDEN
    }
    assert str(row["Anmärkning"]).startswith("redovisas inte: Andel 2022, Andel 2024")
    uncertain = row_of("Stora problem", "Inbrott i bostad, källare, förråd eller fordon")
    assert uncertain["Anmärkning"] == "(osäkert): Andel 2024"
    assert uncertain["Andel 2024"] == 0.22


def test_numbers_are_numbers_in_their_format(book: Workbook):
    (sheet,) = (s for s in book.worksheets[2:] if s["A1"].value.endswith(". Stora problem"))
    headings, first, *_ = body(sheet)
    formats = {h.value: c.number_format for h, c in zip(headings, first, strict=True)}
    assert formats["Andel 2024"] == formats["95 % KI, undre gräns"] == "0.0%"
    assert formats["Förändring sedan 2022 (p.e.)"] == "+0.0;−0.0;0.0"
    assert formats["Antal svarande (oviktat)"] == formats["Plats"] == "#,##0"
    for heading, cell in zip(headings, first, strict=True):
        words = "prövning" in heading.value or heading.value in ("Fråga", "Anmärkning")
        assert (cell.data_type == "s") == words, heading.value


def test_the_workbook_never_knows_more_than_the_page():
    """Every number of a sheet, rounded as the page rounds, stands in the page's own table."""
    for section in sections(WORDS).values():
        for table, one in zip(section.every_table(), sheets_of(section), strict=True):
            for place, row in enumerate(one.rows):
                shown = " ".join(f"{cell.text} {cell.detail}" for cell in table.rows[place])
                shown = shown.replace(swedish.THOUSANDS, "")
                numbers = {n.replace(",", ".") for n in re.findall(r"\d+(?:,\d+)?", shown)}
                for column, value in zip(one.columns, row, strict=True):
                    if isinstance(value, float):
                        size = abs(value) * (100 if column.unit == "share" else 1)
                        near = [n for n in numbers if abs(float(n) - size) <= 0.51]
                        assert near, (one.caption, column.heading, value, shown)


def test_one_rule_rounds():
    assert published(0.41249, "share") == 0.412
    assert published(0.9995, "share") == 1.0
    assert published(-0.05451, "points") == -5.5
    assert (published(1.236, "count", 2), published(941.4, "count")) == (1.24, 941)


def test_groups_of_rows_and_names_beside_values_are_columns():
    rows = [one for one in made() if one.columns[0].heading == "Rubrik"]
    assert rows and all(all(column.values) for one in rows for column in one.columns)
    column = Column("Plats 1", str, numeric=False, unit="share", value_heading="andel")
    named = sheet_of(
        [Cell("Buller", 0.3, "30 % (25–35)", bounds=(0.25, 0.35)), Cell("..", None, mark="..")],
        column,
    )
    assert [c.heading for c in named.columns[1:5]] == [
        "Plats 1", "Plats 1: andel", "Plats 1, undre gräns", "Plats 1, övre gräns",
    ]  # fmt: skip
    assert named.rows[0][1:5] == ("Buller", 0.3, 0.25, 0.35)
    assert named.rows[1][1:] == ("..", "..", "..", "..", "redovisas inte")


def test_a_value_without_interval_doesnt_lend_its_own_to_the_bounds():
    cells = [Cell("1", 1.0, "1–2", bounds=(1, 2)), Cell("4", 4.0)]
    assert sheet_of(cells, Column("Plats", str)).rows[1] == ("a", 4.0, "–", "–")


def test_room_for_the_meeting_says_that_it_is_to_be_filled_in():
    one = sheet_of([Cell("")], Column("Polisens bild", str, numeric=False))
    assert one.rows == [("a", "fylls i vid mötet")]
    notes = [row[0].value for row in opened([one])["Tabell 1"].rows]
    assert any(str(note).startswith("fylls i vid mötet = ") for note in notes)


def test_a_table_without_rows_has_one_that_says_so():
    table = HtmlTable("Tom", [tables.text("Namn", "x")], [])
    assert body(opened([export.sheet(table, "A")])["Tabell 1"])[1][0].value == "–"


def test_made_up_answers_say_so_on_every_sheet_and_in_the_properties():
    book = opened(made(DEMO), replace(FRONT, demo=True))
    assert book.properties.title.startswith("DEMO")
    for sheet in book.worksheets:
        assert sheet["A2"].value == phrases.DEMO
    for sheet in book.worksheets[2:]:
        assert "DEMO" in sheet["A1"].value
    real = opened(made())
    said = [str(c.value) for sheet in real.worksheets for row in sheet.rows for c in row]
    assert not [text for text in said if "DEMO" in text]


def test_texts_from_files_are_texts_and_never_formulas():
    columns = [
        SheetColumn("=A1", "text", 0, EVIL),
        SheetColumn("=a1", "text", 0, EVIL),
        SheetColumn("+n", "count", 0, [1.0] * len(EVIL)),
    ]
    evil = Sheet("@avsnitt", "=HYPERLINK(1)", columns, ["-not", "=not"], False)
    cover = Cover("=titel", "=1", [("=a", "=b")], ["@not"], False)
    content = workbook(cover, [evil, evil])
    for sheet in load_workbook(BytesIO(content)).worksheets:
        for cell in (cell for row in sheet.rows for cell in row if isinstance(cell.value, str)):
            assert cell.data_type == "s"
            assert not cell.value.startswith(("=", "+", "-", "@", "\t")), cell.value
            assert not re.search("[\u202a-\u202e\n]", cell.value)
    with ZipFile(BytesIO(content)) as parts:
        assert not [n for n in parts.namelist() if b"<f>" in parts.read(n)]
        assert not [n for n in parts.namelist() if b"<script>" in parts.read(n)]


def test_the_same_tables_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch):
    import time

    first = workbook(FRONT, made())
    monkeypatch.setattr(time, "localtime", lambda *_: (2001, 2, 3, 4, 5, 6, 0, 0, 0))
    assert workbook(FRONT, made()) == first
    with ZipFile(BytesIO(first)) as parts:
        assert b"dcterms" not in parts.read("docProps/core.xml").split(b">", 2)[2]
        assert {info.date_time[0] for info in parts.infolist()} == {1980}


def test_no_tables_no_workbook():
    assert workbook(FRONT, []) == b""
    assert workbook(None, made()) == b""


# -- the way from the notebook --------------------------------------------------------------------


def test_tables_leave_the_notebook_numbered_as_on_the_page():
    cells = [v4.new_code_cell("heading")]
    cells[0].outputs = [v4.new_output("display_data", export.cover_bundle(FRONT))]
    for title, section in sections(WORDS).items():
        folded = Section(title, parts=[replace(section, folded=True), Section("Tom")])
        cell = v4.new_code_cell("x")
        cell.outputs = [
            v4.new_output("display_data", {"text/html": folded.html()}),
            v4.new_output("display_data", export.bundle(folded)),
        ]
        cells += [v4.new_markdown_cell(f"## {title}"), cell]
    notebook = v4.new_notebook(cells=cells)
    cover, sheets = taken(notebook)
    assert cover == FRONT
    assert [one.rows for one in sheets] == [one.rows for one in made()]
    assert not [o for cell in notebook.cells for o in cell.get("outputs", []) if "vnd" in str(o)]
    soup = BeautifulSoup(render(notebook, title="Prov"), "html.parser")
    captions = [" ".join(caption.get_text(" ").split()) for caption in soup("caption")]
    assert captions == [f"Tabell {n}. {one.caption}" for n, one in enumerate(sheets, start=1)]
