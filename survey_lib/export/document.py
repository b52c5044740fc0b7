"""Sections as a Word document (.docx) to go on writing in: real headings, real tables, no layout.

What a page shows as text and tables stands here in the same words; charts, links and folded parts
don't. Made to be read with a screen reader too: Swedish as its language, heading styles in order,
tables with a repeated row of headings and a description, no merged cells. A section that is paper
of its own begins on a new page, landscape or portrait. The same sections give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, Any

from survey_lib.export.sheets import Cover
from survey_lib.export.timeless import timeless
from survey_lib.presentation import phrases
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Bullets, Point, Sentence
from survey_lib.presentation.tables import Cell, HtmlTable
from survey_lib.presentation.typesetting import visible

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

LANGUAGE = "sv-SE"
FONT, SIZE, SMALL, DENSE = "Arial", 11, 9, 8  # points: text, notes and tables, wide tables
WIDE = 6  # columns; tables with more are dense
MARGIN = 15  # mm
A4 = (210, 297)  # mm
LETTER = 0.58  # mean width of a letter, in its size
BORDERS = 3  # letters that a cell's own margins take
FIRST = 0.2  # the least part of the width for the rows' headings
TOGETHER = 12  # letters of a line that are kept together where they fit
TALL = 10  # mm, of rows to write in


def document(cover: Cover, sections: Sequence[Section]) -> bytes:
    """The file, or b"" when no section holds anything."""
    from docx import Document

    shown = [section for section in sections if _holds(section)]
    if not shown:
        return b""
    made = Document()
    _settings(made, cover)
    for number, section in enumerate(shown):
        _paper(made, section, first=number == 0)
        if number == 0:
            _opening(made, cover)
        _section(made, section, 1)
    written = BytesIO()
    made.save(written)
    return timeless(written.getvalue())


def _settings(made: Document, cover: Cover) -> None:
    """Language, fonts and properties; black headings, since colour means nothing."""
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    about = made.core_properties
    about.title, about.author, about.last_modified_by = visible(cover.title), cover.publisher, ""
    about.language, about.comments, about.subject = LANGUAGE, "", "DEMO" if cover.demo else ""
    for tag in made.styles.element.iter(qn("w:lang")):
        tag.set(qn("w:val"), LANGUAGE)
        tag.set(qn("w:eastAsia"), LANGUAGE)
    sizes = {"Normal": SIZE, "Title": 20, "Heading 1": 16, "Heading 2": 13, "Heading 3": SIZE}
    for name, size in (sizes | {"Caption": SIZE}).items():
        font: Any = made.styles[name].font
        font.name, font.size = FONT, Pt(size)
        font.color.rgb = RGBColor(0, 0, 0)
        fonts = made.styles[name].element.rPr.rFonts
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)


def _paper(made: Document, section: Section, first: bool) -> None:
    """A4, standing or lying; a new page wherever a section is paper of its own."""
    from docx.enum.section import WD_ORIENT, WD_SECTION
    from docx.shared import Mm

    if first:
        page = made.sections[0]
    elif section.paper:
        page = made.add_section(WD_SECTION.NEW_PAGE)
    else:
        return
    lying = section.paper == "landscape"
    page.orientation = WD_ORIENT.LANDSCAPE if lying else WD_ORIENT.PORTRAIT
    page.page_width, page.page_height = (Mm(side) for side in (A4[::-1] if lying else A4))
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(MARGIN)
    page.header_distance = page.footer_distance = Mm(6)


def _opening(made: Document, cover: Cover) -> None:
    from docx.shared import Pt

    made.add_paragraph(visible(cover.title), style="Title")
    if cover.demo:
        _bold(made.add_paragraph(), phrases.DEMO)
        made.sections[0].header.paragraphs[0].text = phrases.DEMO
    facts = made.add_paragraph(". ".join(f"{term}: {visible(text)}" for term, text in cover.facts))
    for run in facts.runs:
        run.font.size = Pt(SMALL)


# -- content --------------------------------------------------------------------------------------


def _section(made: Document, section: Section, level: int) -> None:
    made.add_heading(visible(section.title), level)
    for sentence in section.sentences:
        _sentence(made, sentence)
    for table in section.tables:
        _table(made, table, level, dense=section.paper == "landscape")
    for note in section.notes:
        _small(made, note)
    for part in section.parts:
        if _holds(part):
            _section(made, part, level + 1)


def _holds(section: Section) -> bool:
    """Whether a document shows anything of a section."""
    own = (section.sentences, section.tables, section.notes)
    return not section.folded and (any(own) or any(map(_holds, section.parts)))


def _sentence(made: Document, sentence: Sentence | Sequence[Sentence]) -> None:
    if isinstance(sentence, str | Point):
        _text(made.add_paragraph(), sentence)
        return
    style = "List Bullet" if isinstance(sentence, Bullets) else "List Number"
    for one in sentence:
        _text(made.add_paragraph(style=style), one)


def _text(paragraph: Paragraph, sentence: Sentence) -> None:
    if isinstance(sentence, Point):
        _bold(paragraph, f"{sentence.label}:")
        paragraph.add_run(f" {visible(sentence.text)}")
    else:
        paragraph.add_run(visible(sentence))


def _bold(paragraph: Paragraph, text: str) -> None:
    paragraph.add_run(visible(text)).bold = True


def _small(made: Document, text: str) -> None:
    from docx.shared import Pt

    paragraph = made.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(2)
    paragraph.add_run(visible(text)).font.size = Pt(SMALL)


# -- tables ---------------------------------------------------------------------------------------


def _table(made: Document, table: HtmlTable, level: int, dense: bool) -> None:
    """The table under its caption; one table for each group of rows, under the group's heading."""
    mark = "DEMO. " if table.demo else ""
    caption = made.add_paragraph(visible(f"{mark}{table.caption}"), style="Caption")
    caption.paragraph_format.keep_with_next = True
    for group, rows in _groups(table):
        if group:
            made.add_heading(visible(group), level + 1)
        _grid(made, table, rows, f"{table.caption}. {group}".strip(". "), dense)
    for note in [" ".join(map(_ended, table.notes))] if dense else table.notes:
        _small(made, note)


def _ended(note: str) -> str:
    return note if note.endswith(".") else f"{note}."


def _groups(table: HtmlTable) -> Iterator[tuple[str, list[Sequence[Cell]]]]:
    groups = table.groups or [""] * len(table.rows)
    pairs = zip(groups, table.rows, strict=True)
    for group, members in groupby(pairs, key=lambda pair: pair[0]):
        yield group, [row for _, row in members]


def _grid(
    made: Document, table: HtmlTable, rows: Sequence[Sequence[Cell]], name: str, dense: bool
) -> None:
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement
    from docx.shared import Mm

    size = DENSE if dense or len(table.columns) > WIDE else SMALL
    grid = made.add_table(1 + len(rows), len(table.columns), style="Table Grid")
    grid.autofit = False
    widths = _widths(made, table, size)
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    for number, line in enumerate(grid.rows):
        properties = line._tr.get_or_add_trPr()
        for tag in ["w:cantSplit", *(["w:tblHeader"] if number == 0 else [])]:
            properties.append(OxmlElement(tag))
        heads = [Cell(column.heading, strong=True) for column in table.columns]
        shown = rows[number - 1] if number else heads
        if not dense and not all(cell.text for cell in shown):
            line.height = Mm(TALL)
        for place, (box, cell) in enumerate(zip(line.cells, shown, strict=True)):
            box.width = widths[place]
            _cell(box.paragraphs[0], cell, size)
    described = grid._tbl.tblPr
    for tag in ("w:tblCaption", "w:tblDescription"):
        told = OxmlElement(tag)
        told.set(qn("w:val"), visible(name))
        described.append(told)


def _cell(paragraph: Paragraph, cell: Cell, size: int) -> None:
    from docx.shared import Pt

    paragraph.paragraph_format.space_after = Pt(0)
    for text in filter(None, (cell.text, cell.detail)):
        if paragraph.runs:
            paragraph.add_run().add_break()
        run = paragraph.add_run(visible(text))
        run.font.size, run.bold = Pt(size), cell.strong or None


def _widths(made: Document, table: HtmlTable, size: int) -> list[Any]:
    """The paper's width shared out: a column of figures gets what its longest word needs, and what
    is left goes to the rows' headings and the columns to write in."""
    from docx.shared import Pt

    page: Any = made.sections[-1]
    room = page.page_width - page.left_margin - page.right_margin
    letters = [_letters(table, place) for place in range(len(table.columns))]
    needed = [Pt(size) * LETTER * (BORDERS + count) if count else 0 for count in letters]
    shares = [0.0 if count else 1.5 if place == 0 else 1 for place, count in enumerate(letters)]
    if (most := room * (1 - FIRST)) < sum(needed):
        needed = [own * most / sum(needed) for own in needed]
    left = room - sum(needed)
    return [
        int(own + left * share / sum(shares)) for own, share in zip(needed, shares, strict=True)
    ]


def _letters(table: HtmlTable, place: int) -> int:
    """How many letters a column must have room for beside each other; 0 for one that takes what is
    left."""
    cells = [row[place] for row in table.rows]
    if place == 0 or not any(cell.text for cell in cells):
        return 0
    lines = [line for cell in cells for line in (cell.text, cell.detail)]
    words = [word for line in (table.columns[place].heading, *lines) for word in line.split()]
    return max(max(map(len, words)), min(TOGETHER, max(map(len, lines))))
