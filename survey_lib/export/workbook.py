"""All tables of a report as one workbook (.xlsx) that a person and a program can read.

After the UK Government Analysis Function's guidance *Releasing statistics in spreadsheets*: a cover
with contents, a sheet of notes, then one table per sheet, each a named Excel table from its title
in A1 down, with one row of headings, no merged or empty cells, and numbers that are numbers. The
same tables give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from math import ceil
from typing import TYPE_CHECKING, Any

from survey_lib.export.joint_table import guarded
from survey_lib.export.sheets import TEXT, TO_FILL_IN, Cover, Sheet, SheetColumn, Value
from survey_lib.export.timeless import timeless
from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.tables import COUNT, NOTHING, POINTS, SHARE

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

COVER, NOTES = "Innehåll", "Noter"
LANGUAGE = "sv"
FONT, SIZE = "Arial", 12
LINE, LETTER = 16, 1.25  # points of a line; width of a letter, in the unit of columns
NARROWEST, WIDEST, WIDE = 14, 60, 90  # characters in a column; WIDE on the cover and among notes
NOTHING_NOTE = f"{NOTHING} = uppgift saknas eller är inte tillämplig"
ONE_TABLE = "Bladet innehåller en tabell."
SPLIT = (
    "Det som på rapportens sida står under ett värde eller inom parentes efter det har här egna "
    "kolumner: undre gräns, övre gräns och prövning."
)
REMARKS = "Kolumnen Anmärkning säger i ord vad märkena i en rad betyder; Ingen = inget att anmärka."
ROUNDED = (
    "Andelar och skillnader har en decimal. På rapportens sida är de oftast avrundade till heltal."
)
FILL_IN = f"{TO_FILL_IN} = tomt på rapportens sida; den som har mötet skriver här"
MADE_UP = "DEMO: "


def workbook(cover: Cover | None, sheets: Sequence[Sheet]) -> bytes:
    """The file, or b"" when there is no table."""
    from openpyxl import Workbook

    if cover is None or not sheets:
        return b""
    book = Workbook()
    title = f"{MADE_UP if cover.demo else ''}{guarded(cover.title)}"
    book.properties.title = title
    book.properties.language = LANGUAGE
    book.properties.creator = cover.publisher
    for style in _styles():
        book.add_named_style(style)
    first: Any = book.active
    first.title = COVER
    _cover(first, cover, title, sheets)
    _notes(book.create_sheet(NOTES), cover, sheets)
    for number, sheet in enumerate(sheets, start=1):
        _table_sheet(book.create_sheet(name(number)), sheet, number)
    written = BytesIO()
    book.save(written)
    return timeless(written.getvalue())


def name(number: int) -> str:
    """A sheet's name: that of its table on the report's page."""
    return f"Tabell {number}"


# -- sheets ---------------------------------------------------------------------------------------


def _cover(on: Worksheet, cover: Cover, title: str, sheets: Sequence[Sheet]) -> None:
    lines = [f"{term}: {text}" for term, text in cover.facts]
    lines += [ROUNDED, f"Antal tabeller: {len(sheets)}. Bladet {NOTES} förklarar märken och ord."]
    row = _head(on, title, lines, cover.demo)
    places = [NOTES, *map(name, range(1, len(sheets) + 1))]
    shown = ["Märken, ord och anmärkningar", *(_titled(sheet) for sheet in sheets)]
    columns = [
        SheetColumn("Tabell", TEXT, 0, shown),
        SheetColumn("Avsnitt", TEXT, 0, ["Alla tabeller", *(sheet.section for sheet in sheets)]),
        SheetColumn("Blad", TEXT, 0, places),
    ]
    _table(on, row, columns, "Innehall")
    for place, target in enumerate(places, start=row + 1):
        _link(on, place, 3, target)
    _widths(on, (WIDE, 50, NARROWEST))


def _notes(on: Worksheet, cover: Cover, sheets: Sequence[Sheet]) -> None:
    """What holds for all tables, then every note below a table with the tables that have it."""
    general = [*cover.notes, NOTHING_NOTE, SPLIT, REMARKS]
    about: dict[str, list[str]] = {note: ["Alla tabeller"] for note in general}
    for number, sheet in enumerate(sheets, start=1):
        for note in _own_notes(sheet):
            if note not in general:
                about.setdefault(note, []).append(name(number))
    columns = [
        SheetColumn("Not", TEXT, 0, list(about)),
        SheetColumn("Gäller", TEXT, 0, [", ".join(dict.fromkeys(one)) for one in about.values()]),
    ]
    row = _head(on, "Märken, ord och anmärkningar", [ONE_TABLE], cover.demo)
    _link(on, row, 1, COVER, "Till innehållet")
    _table(on, row + 1, columns, "Noter")
    _widths(on, (WIDE, 50))


def _table_sheet(on: Worksheet, sheet: Sheet, number: int) -> None:
    lines = [ONE_TABLE, *_own_notes(sheet)]
    row = _head(on, f"{name(number)}. {_titled(sheet)}", lines, sheet.demo)
    _link(on, row, 1, COVER, "Till innehållet")
    label = swedish.slug(sheet.caption).replace("-", "_")[:200]
    _table(on, row + 1, sheet.columns, f"Tabell_{number}_{label}")
    _widths(on, [_width(column, first) for first, column in _numbered(sheet.columns)])
    on.page_setup.orientation = "landscape"


def _own_notes(sheet: Sheet) -> list[str]:
    """The table's notes, and what its cells have that the page's don't."""
    cells = {value for column in sheet.columns for value in column.values}
    extra = [(NOTHING in cells, NOTHING_NOTE), (TO_FILL_IN in cells, FILL_IN)]
    return [*sheet.notes, *(note for there, note in extra if there)]


def _titled(sheet: Sheet) -> str:
    return f"{MADE_UP if sheet.demo else ''}{guarded(sheet.caption)}"


def _head(on: Worksheet, title: str, lines: Sequence[str], demo: bool) -> int:
    """The title in A1 and lines below it; the first row after them."""
    _write(on, 1, 1, title, "Bladets rubrik")
    said = [phrases.DEMO, *lines] if demo else lines
    for row, line in enumerate(said, start=2):
        _write(on, row, 1, line, "Löptext")
    return len(said) + 2


def _table(on: Worksheet, row: int, columns: Sequence[SheetColumn], label: str) -> None:
    """The columns from a row on, as an Excel table; with one row of marks when there are none."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.table import Table, TableStyleInfo

    for place, (column, heading) in enumerate(zip(columns, _headings(columns), strict=True), 1):
        _write(on, row, place, heading, "Kolumnens rubrik")
        style = _style_of(column)
        for below, value in enumerate(column.values or [NOTHING], start=row + 1):
            _write(on, below, place, value, style)
    last = f"{get_column_letter(len(columns))}{on.max_row}"
    table = Table(displayName=label, ref=f"A{row}:{last}")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    on.add_table(table)
    on.print_title_rows = f"{row}:{row}"
    on.sheet_properties.pageSetUpPr.fitToPage = True
    on.page_setup.fitToHeight = 0


def _headings(columns: Sequence[SheetColumn]) -> Iterator[str]:
    """Each heading once, as an Excel table wants them, whatever its letters' case."""
    taken: set[str] = set()
    for column in columns:
        heading = wanted = guarded(column.heading)
        number = 2
        while heading.casefold() in taken:
            heading, number = f"{wanted} ({number})", number + 1
        taken.add(heading.casefold())
        yield heading


# -- cells ----------------------------------------------------------------------------------------


def _write(on: Worksheet, row: int, column: int, value: Value, style: str) -> None:
    """One cell. A text is a text, whatever it begins with."""
    cell = on.cell(row, column)
    if isinstance(value, str):
        cell.value = guarded(value) or NOTHING
        cell.data_type = "s"
    else:
        cell.value = int(value) if value == int(value) else value
    cell.style = style


def _link(on: Worksheet, row: int, column: int, target: str, text: str = "") -> None:
    from openpyxl.worksheet.hyperlink import Hyperlink

    _write(on, row, column, text or target, "Länk")
    location = f"'{target}'!A1"
    on.cell(row, column).hyperlink = Hyperlink(ref="", location=location, display=text or target)


def _style_of(column: SheetColumn) -> str:
    if column.unit == COUNT and column.decimals:
        return f"Tal med {column.decimals} decimaler"
    return {TEXT: "Löptext", SHARE: "Andel", POINTS: "Procentenheter", COUNT: "Antal"}[column.unit]


def _styles() -> Iterator[Any]:
    """Every look that a cell can have, by name; none of them means anything."""
    from openpyxl.styles import Alignment, Font, NamedStyle

    body, bold = Font(name=FONT, size=SIZE), Font(name=FONT, size=SIZE, bold=True)
    link = Font(name=FONT, size=SIZE, underline="single", color="FF0B4F8A")
    text = Alignment(wrap_text=True, vertical="top")
    number = Alignment(horizontal="right", vertical="top")
    formats = {"Andel": "0.0%", "Procentenheter": "+0.0;\u22120.0;0.0", "Antal": "#,##0"}
    formats |= {f"Tal med {n} decimaler": f"0.{'0' * n}" for n in (1, 2, 3)}
    title = Font(name=FONT, size=16, bold=True)
    yield NamedStyle("Bladets rubrik", font=title, alignment=Alignment(vertical="top"))
    yield NamedStyle("Löptext", font=body, alignment=text)
    yield NamedStyle("Kolumnens rubrik", font=bold, alignment=text)
    yield NamedStyle("Länk", font=link, alignment=text)
    for label, look in formats.items():
        yield NamedStyle(label, font=body, alignment=number, number_format=look)


def _numbered(columns: Sequence[SheetColumn]) -> Iterator[tuple[bool, SheetColumn]]:
    return ((place == 0, column) for place, column in enumerate(columns))


def _width(column: SheetColumn, first: bool) -> int:
    """Wide enough for the longest text, within bounds; the first column holds the notes too."""
    longest = max((len(value) for value in column.values if isinstance(value, str)), default=0)
    longest = max(longest, max(map(len, column.heading.split()), default=0))
    return min(max(longest + 3, 50 if first else NARROWEST), WIDEST)


def _widths(on: Worksheet, widths: Sequence[int]) -> None:
    """Columns as wide as told, rows as high as their wrapped texts then need: not every program
    finds that out by itself."""
    from openpyxl.utils import get_column_letter

    for place, width in enumerate(widths, start=1):
        on.column_dimensions[get_column_letter(place)].width = width
    on.row_dimensions[1].height = 1.5 * LINE
    for row in on.iter_rows(min_row=2):
        lines = (ceil(LETTER * len(str(c.value or "")) / widths[c.column - 1]) for c in row)
        on.row_dimensions[row[0].row].height = LINE * max(lines)
