"""A report's tables as plain columns: each number in a cell of its own, as a workbook wants them.

On the page an interval stands below its value and a verdict beside it. Here both have columns of
their own, a number that isn't shown is its mark, and a remark says in words what a mark says.

The kernel that runs a report's notebook has the tables, so it sends them along (:func:`bundle`) as
it does the pictures, and with the heading what the cover says (:func:`cover_bundle`); :func:`taken`
takes both out of the executed notebook again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.tables import COUNT, NOTHING, POINTS, Cell, Column, HtmlTable

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from survey_lib.presentation.section import Section

MIME = "application/vnd.trygg.tables+json"
COVER_MIME = "application/vnd.trygg.cover+json"
TEXT = "text"  # the unit of what is no number
TO_FILL_IN = "fylls i vid mötet"
NO_REMARK = "Ingen"
REMARK, HEADING = "Anmärkning", "Rubrik"
LOW, HIGH, TEST = "undre gräns", "övre gräns", "prövning"
SAID_OF_MARK = {
    phrases.UNCERTAIN: phrases.UNCERTAIN_MARK,
    phrases.HIDDEN: phrases.HIDDEN_SHORT,
    phrases.IMPOSSIBLE: "kan inte förekomma",
}
MARKS = (phrases.HIDDEN, phrases.IMPOSSIBLE)  # that stand in a number's place

Value = float | str


@dataclass(frozen=True)
class SheetColumn:
    """A heading and what stands below it: numbers of a ``unit``, and texts where there are none."""

    heading: str
    unit: str
    decimals: int
    values: Sequence[Value]


@dataclass(frozen=True)
class Sheet:
    """One table. ``section`` is the heading that it stands under; columns are equally long."""

    section: str
    caption: str
    columns: Sequence[SheetColumn]
    notes: Sequence[str]
    demo: bool

    @property
    def rows(self) -> list[tuple[Value, ...]]:
        return list(zip(*(column.values for column in self.columns), strict=True))


@dataclass(frozen=True)
class Cover:
    """What the first sheet says.

    Attributes
    ----------
    title : of the workbook and its document properties.
    publisher : who is responsible; the document's author.
    facts : terms and what they are: survey, period, source, contact.
    notes : what the marks and words in the tables mean, of all tables.
    demo : made-up answers.
    """

    title: str
    publisher: str
    facts: Sequence[tuple[str, str]]
    notes: Sequence[str]
    demo: bool


def published(value: float, unit: str, decimals: int = 0) -> float:
    """A number as files publish it: shares and differences with one decimal of a percent, shares as
    fractions, differences in percentage points, others with their ``decimals``.

    >>> published(0.41249, "share"), published(-0.0549, "points"), published(1.236, "count", 2)
    (0.412, -5.5, 1.24)
    """
    if unit == COUNT:
        return float(swedish.rounded(value, decimals))
    percent = swedish.rounded(100 * value, 1)
    return float(percent if unit == POINTS else percent / 100)


def sheet(table: HtmlTable, section: str) -> Sheet:
    """The table with every number in a column of its own."""
    columns = _grouped(table)
    for place, column in enumerate(table.columns):
        columns += _columns(column, [row[place] for row in table.rows])
    remarks = [_remark(table.columns, row) for row in table.rows]
    if any(remarks):
        said = [remark or NO_REMARK for remark in remarks]
        columns.append(SheetColumn(REMARK, TEXT, 0, said))
    return Sheet(section, table.caption, columns, list(table.notes), table.demo)


def sheets_of(section: Section) -> list[Sheet]:
    """Every table of a section, in the order of its page."""
    return [sheet(table, section.title) for table in section.every_table()]


def bundle(section: Section) -> dict[str, Any]:
    """A section's tables, as data that a notebook can hold."""
    return {MIME: [asdict(one) for one in sheets_of(section)]}


def cover_bundle(cover: Cover) -> dict[str, Any]:
    """What the cover says, as data that a notebook can hold."""
    return {COVER_MIME: asdict(cover)}


def told(cover: Cover | None, sheets: Sequence[Sheet]) -> list[Any]:
    """All that a workbook is made of, as plain data that can be compared."""
    return json.loads(json.dumps([cover and asdict(cover), *map(asdict, sheets)]))


def taken(notebook: NotebookNode) -> tuple[Cover | None, list[Sheet]]:
    """Take the cover and the tables out of an executed notebook, in the order of its page."""
    cover, sheets = None, []
    for told in _sent(notebook, COVER_MIME):
        facts = [(term, text) for term, text in told["facts"]]
        cover = Cover(**{**told, "facts": facts})
    for tables in _sent(notebook, MIME):
        for one in tables:
            columns = [SheetColumn(**column) for column in one["columns"]]
            sheets.append(Sheet(**{**one, "columns": columns}))
    return cover, sheets


def _sent(notebook: NotebookNode, mime: str) -> Iterator[Any]:
    for cell in notebook.cells:
        for output in [one for one in cell.get("outputs", []) if mime in one.get("data", {})]:
            cell.outputs.remove(output)
            yield output.data[mime]


# -- one column of the page -----------------------------------------------------------------------


def _grouped(table: HtmlTable) -> list[SheetColumn]:
    """The headings between the page's rows, as a column."""
    return [SheetColumn(HEADING, TEXT, 0, list(table.groups))] if any(table.groups) else []


def _columns(column: Column, cells: Sequence[Cell]) -> list[SheetColumn]:
    """What a column of the page holds: its text or value, then bounds and verdict if it has any."""
    heading, unit = column.heading, column.unit
    within = any(cell.bounds for cell in cells)
    numbers = any(_number(cell) is not None for cell in cells)

    def made(title: str, kind: str, values: list[Value]) -> SheetColumn:
        return SheetColumn(title, kind, column.decimals if kind == COUNT else 0, values)

    found = []
    if column.value_heading or not numbers:
        if not within or column.value_heading:
            found.append(made(heading, TEXT, [cell.text or TO_FILL_IN for cell in cells]))
    else:
        found.append(made(heading, unit, [_value(cell, column) for cell in cells]))
    if column.value_heading and numbers:
        values = [_value(cell, column) for cell in cells]
        found.append(made(f"{heading}: {column.value_heading}", unit, values))
    for end, name in enumerate((LOW, HIGH)) if within else ():
        bounds = [_bound(cell, column, end) for cell in cells]
        found.append(made(f"{heading}, {name}", unit, bounds))
    if any(cell.verdict for cell in cells):
        verdicts: list[Value] = [cell.verdict or _absent(cell) for cell in cells]
        found.append(made(f"{heading}, {TEST}", TEXT, verdicts))
    return found


def _number(cell: Cell) -> float | None:
    return None if cell.value is None or isinstance(cell.value, str) else float(cell.value)


def _value(cell: Cell, column: Column) -> Value:
    """The number as it is published, or what stands in its place: the cell's own words, unless
    they have a column of their own."""
    value = _number(cell)
    if value is None:
        return _absent(cell) if column.value_heading else cell.text
    return published(value, column.unit, column.decimals)


def _bound(cell: Cell, column: Column, end: int) -> Value:
    if cell.bounds is None:
        return _absent(cell)
    return published(cell.bounds[end], column.unit, column.decimals)


def _absent(cell: Cell) -> str:
    return cell.mark if cell.mark in MARKS else NOTHING


def _remark(columns: Sequence[Column], row: Sequence[Cell]) -> str:
    """What a row's marks say, in words: "(osäkert): Andel 2024"; of a whole row the words alone."""
    said = []
    for mark, words in SAID_OF_MARK.items():
        named = [c.heading for c, cell in zip(columns, row, strict=True) if cell.mark == mark]
        if len(named) == len(row) - 1:
            said.append(words)
        elif named:
            said.append(f"{words}: {swedish.listing(named)}")
    return "; ".join(said)
