"""Published rows -> accessible HTML tables (domain guide 6.2, 6.3 and 7).

A table is a caption, columns and rows of cells; a cell keeps both its Swedish text and its raw
value, so that a page and a workbook can be made from the same table. Every text is escaped.

The makers of the report's tables stand in :mod:`survey_lib.presentation.report_tables`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.notebook import styled
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.typesetting import plain, typeset
from survey_lib.presentation.verdicts import Comparison, Verdict, records

Row = Mapping[str, Any]
Unit = Literal["share", "points", "count"]
SHARE: Unit = "share"
POINTS: Unit = "points"
COUNT: Unit = "count"
COUNT_HEADING = "Antal svarande (oviktat)"
NOTHING = "\u2013"  # a cell with nothing to say


@dataclass(frozen=True)
class Cell:
    """``text`` is what is read, ``value`` the unrounded value (None when hidden), ``detail`` a
    second, smaller line, ``mark`` one of the published marks; ``strong`` is set in bold. What the
    detail says stands in ``bounds`` (unrounded, of the value's kind) and ``verdict`` too."""

    text: str
    value: float | str | None = None
    detail: str = ""
    mark: str = ""
    strong: bool = False
    bounds: tuple[float, float] | None = None
    verdict: str = ""


@dataclass(frozen=True)
class Column:
    """A heading and how a published row becomes a cell. ``numeric`` columns are set flush right.

    Attributes
    ----------
    unit : of values and bounds: SHARE and POINTS are fractions, COUNT whole numbers.
    decimals : of a value in COUNT that isn't whole.
    value_heading : what the values are called where a cell's text is something else, such as a name
        with its share.
    """

    heading: str
    cell: Callable[[Row], Cell]
    numeric: bool = True
    unit: Unit = COUNT
    decimals: int = 0
    value_heading: str = ""


def text(heading: str, key: str) -> Column:
    """The row's own text."""
    return Column(heading, lambda row: Cell(str(row[key]), str(row[key])), numeric=False)


def known(row: Row, key: str) -> float | None:
    """The number under a key; None when there is none."""
    found = row.get(key)
    return None if found is None or pd.isna(found) else float(found)


def _mark(row: Row, key: str) -> str:
    return str(row.get(key, "") or "")


def percent(
    heading: str, key: str = "estimate", mark: str = "mark", bounds: tuple[str, str] | None = None
) -> Column:
    """A share with its mark: "34 %", "34 % (osäkert)", "..". With the keys of its ``bounds``, the
    interval stands below."""

    def cell(row: Row) -> Cell:
        shown = percent_cell(known(row, key), _mark(row, mark))
        if bounds is None or shown.value is None:
            return shown
        low, high = known(row, bounds[0]), known(row, bounds[1])
        if low is None or high is None:
            return shown
        detail = f"{swedish.interval(low, high)} {shown.detail}".strip()
        return replace(shown, detail=detail, bounds=(low, high))

    return Column(heading, cell, unit=SHARE)


def percent_cell(value: float | None, mark: str = "") -> Cell:
    """A share as a cell: hidden, missing, uncertain or plain."""
    if mark in (phrases.HIDDEN, phrases.IMPOSSIBLE):
        return Cell(mark, None, mark=mark)
    if value is None or pd.isna(value):
        return Cell(NOTHING, None)
    detail = phrases.UNCERTAIN_MARK if mark == phrases.UNCERTAIN else ""
    return Cell(swedish.percent(value), float(value), detail, mark)


def interval(heading: str, low: str = "low", high: str = "high", mark: str = "mark") -> Column:
    """The bounds in percent: "30–38"; a hidden value has a hidden interval."""

    def cell(row: Row) -> Cell:
        hidden = _mark(row, mark)
        if hidden in (phrases.HIDDEN, phrases.IMPOSSIBLE):
            return Cell(hidden, None, mark=hidden)
        lower, upper = known(row, low), known(row, high)
        if lower is None or upper is None:
            return Cell(NOTHING, None)
        return Cell(swedish.interval(lower, upper), bounds=(lower, upper))

    return Column(heading, cell, unit=SHARE)


def count(heading: str = COUNT_HEADING, key: str = "n", mark: str = "mark") -> Column:
    """A number of persons; "–" where there is none. The door may have put words in its place."""

    def cell(row: Row) -> Cell:
        shown = _mark(row, mark)
        if shown in (phrases.HIDDEN, phrases.IMPOSSIBLE):
            return Cell(shown, None, mark=shown)
        found = row.get(key)
        if found is None or pd.isna(found):
            return Cell(NOTHING, None)
        words = isinstance(found, str) and not found.lstrip("-").isdigit()
        return Cell(str(found), None) if words else Cell(swedish.number(float(found)), float(found))

    return Column(heading, cell)


def rank(heading: str = "Plats", key: str = "rank") -> Column:
    """The rank and its confidence set on a second line: "2", "1–4"."""

    def cell(row: Row) -> Cell:
        place = known(row, key)
        if place is None:
            return Cell(NOTHING, None)
        low, high = known(row, f"{key}_low"), known(row, f"{key}_high")
        if low is None or high is None:
            return Cell(str(int(place)), place)
        possible = swedish.places(int(low), int(high))
        return Cell(str(int(place)), place, possible, bounds=(low, high))

    return Column(heading, cell)


def comparison(heading: str, kind: str, words: Words) -> Column:
    """A difference in percentage points, its interval and verdict below: "−6", "−10 till −2,
    säkerställd"."""

    def cell(row: Row) -> Cell:
        found = Comparison.of(row, kind)
        verdict = found.verdict(words)
        if verdict is Verdict.HIDDEN:
            return Cell(phrases.HIDDEN, None, mark=phrases.HIDDEN)
        if pd.isna(found.difference):
            return Cell(NOTHING, None, verdict.short, verdict=verdict.short)
        shown = swedish.points(found.difference, found.decimals)
        bounds = swedish.interval(found.low, found.high, found.decimals)
        return Cell(
            shown,
            found.difference,
            f"{bounds}, {verdict.short}",
            strong=verdict.secured,
            bounds=(found.low, found.high),
            verdict=verdict.short,
        )

    return Column(heading, cell, unit=POINTS)


def value(heading: str, kind: str) -> Column:
    """The row's own share, with as many decimals as its comparison needs."""

    def cell(row: Row) -> Cell:
        shown = percent_cell(known(row, "estimate"), _mark(row, "mark"))
        decimals = Comparison.of(row, kind).decimals
        if decimals and shown.value is not None:
            return replace(shown, text=swedish.percent(float(shown.value), decimals))
        return shown

    return Column(heading, cell, unit=SHARE)


def other_side(heading: str, kind: str, words: Words) -> Column:
    """The share compared with, its interval below; "–" across a changed question."""

    def cell(row: Row) -> Cell:
        found = Comparison.of(row, kind)
        if found.hidden:
            return Cell(phrases.HIDDEN, None, mark=phrases.HIDDEN)
        if pd.isna(found.second) or found.state in ("wording", "none"):
            return Cell(NOTHING, None)
        few = found.n_second < words.uncertain_below
        low, high = known(row, f"{kind}_second_low"), known(row, f"{kind}_second_high")
        bounds = None if low is None or high is None else (low, high)
        shown = swedish.interval(*bounds) if bounds else ""
        return Cell(
            swedish.percent(found.second, found.decimals),
            found.second,
            f"{shown} {phrases.UNCERTAIN_MARK}".strip() if few else shown,
            phrases.UNCERTAIN if few else "",
            bounds=bounds,
        )

    return Column(heading, cell, unit=SHARE)


def other_count(heading: str, kind: str) -> Column:
    """The unweighted base of the other side."""
    return count(heading, f"{kind}_n_second")


def decimal(heading: str, key: str, decimals: int) -> Column:
    """A plain number with decimals."""

    def cell(row: Row) -> Cell:
        found = known(row, key)
        if found is None:
            return Cell(NOTHING, None)
        return Cell(swedish.number(found, decimals), found)

    return Column(heading, cell, decimals=decimals)


@dataclass(frozen=True)
class HtmlTable:
    """A table ready to be shown.

    Attributes
    ----------
    caption : what the table shows; the accessible name.
    columns : the first one holds the row headings.
    rows : one sequence of cells per row.
    groups : a heading for each row, rows with the same one following each other; empty for none.
    notes : lines under the table ("Fråga: …").
    demo : made-up answers; the caption then says DEMO.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    groups: Sequence[str] = ()
    notes: Sequence[str] = field(default_factory=tuple)
    demo: bool = False

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        columns: Sequence[Column],
        caption: str,
        words: Words,
        *,
        notes: Iterable[str] = (),
        groups: str | None = None,
    ) -> HtmlTable:
        """The table of a published frame, its rows in the frame's order, with the marks that stand
        in it explained and the source last."""
        read = records(frame)
        rows = [[column.cell(row) for column in columns] for row in read]
        marks = {cell.mark for row in rows for cell in row} - {""}
        source = [f"Källa: {words.source}"] if words.source else []
        return cls(
            caption=caption,
            columns=columns,
            rows=rows,
            groups=[str(row[groups]) for row in read] if groups else (),
            notes=[*notes, *words.mark_notes(marks), *source],
            demo=words.demo,
        )

    @property
    def bases(self) -> str:
        """How many answered, "Antal svarande (oviktat): 45–120", by each column that tells it; ""
        where none does."""
        told = []
        for place, column in enumerate(self.columns):
            if column.heading.startswith(COUNT_HEADING):
                values = [row[place].value for row in self.rows]
                found = [one for one in values if isinstance(one, float)]
                if found:
                    ends = dict.fromkeys(swedish.number(end) for end in (min(found), max(found)))
                    told.append(f"{column.heading}: {swedish.EN_DASH.join(ends)}")
        return ". ".join(told)

    def html(self, identity: str = "tabell") -> str:
        """The table in a frame that scrolls by itself on a narrow screen; ids begin with
        ``identity``."""
        name = f"{identity}-namn"
        head = "".join(
            f'<th scope="col"{_right(column.numeric)}>{plain(column.heading)}</th>'
            for column in self.columns
        )
        demo = '<span class="demo">DEMO</span> ' if self.demo else ""
        notes = "".join(f"<li>{plain(note)}</li>" for note in self.notes)
        notes = f'<ul class="notes">{notes}</ul>' if notes else ""
        return (
            f'<div class="table" id="{identity}">'
            f'<div class="scroll" role="region" aria-labelledby="{name}" tabindex="0">'
            f'<table><caption id="{name}"><span class="title">{demo}{plain(self.caption)}'
            f"</span></caption>"
            f"<thead><tr>{head}</tr></thead>{self._body()}</table></div>{notes}</div>"
        )

    def _body(self) -> str:
        bodies: list[str] = []
        open_group: str | None = None
        for number, row in enumerate(self.rows):
            group = self.groups[number] if self.groups else ""
            if group != open_group:
                heading = f'<th scope="rowgroup" colspan="{len(self.columns)}">{plain(group)}</th>'
                bodies.append(f"<tbody><tr>{heading}</tr>" if group else "<tbody>")
                open_group = group
            bodies[-1] += self._row(row)
        return "".join(f"{body}</tbody>" for body in bodies) or "<tbody></tbody>"

    def _row(self, row: Sequence[Cell]) -> str:
        cells = [f'<th scope="row">{_content(row[0])}</th>']
        for column, cell in zip(self.columns[1:], row[1:], strict=True):
            cells.append(f"<td{_right(column.numeric)}>{_content(cell)}</td>")
        return f"<tr>{''.join(cells)}</tr>"

    def _repr_html_(self) -> str:
        return styled(self.html())


def _right(numeric: bool) -> str:
    return ' class="number"' if numeric else ""


_SPOKEN = {phrases.HIDDEN: phrases.HIDDEN_SHORT, phrases.IMPOSSIBLE: "kan inte förekomma"}


def _content(cell: Cell) -> str:
    """A mark made of dots is silent in a screen reader, so words stand beside it, out of sight."""
    if cell.text in _SPOKEN and cell.mark:
        spoken = _SPOKEN[cell.mark]
        return f'<span aria-hidden="true">{cell.text}</span><span class="unseen">{spoken}</span>'
    detail = f' <span class="detail">{typeset(cell.detail)}</span>' if cell.detail else ""
    return (
        f"<strong>{plain(cell.text)}{detail}</strong>" if cell.strong else plain(cell.text) + detail
    )
