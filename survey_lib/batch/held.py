"""The files of a page, or of a wave's folder, held against the wave's published store.

Pages, executed notebooks, workbooks, tables and documents of the joint picture, charts, PDFs and
the index say again what stands in the store. Here the sections of every page are made again from
the store, without running a notebook, and every line of a file that holds a number or a mark (a row
of a table, a sentence, a text alternative, a text in a chart) must be one of theirs. So what is
hidden in the store is hidden in every file, and a shown number stands everywhere as the store has
it. A batch holds what a notebook gave before it writes it; ``trygg audit`` holds all that lies
there.

A line counts with all its words: a number that was put in a mark's place, moved to another row or
given more decimals is found. Pixels (PNG) are not read; a PDF has no rows, so the percentages that
it says are counted against its page's. Nothing found is repeated.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_lib.batch.execution import ADDRESS, Job, Run, run_with_tables
from survey_lib.batch.from_store import (
    failed_page,
    front_page,
    joint_files,
    message_page,
    no_report,
    to_write_in,
)
from survey_lib.batch.made import FOLDER as MADE
from survey_lib.batch.made import Record, read_records
from survey_lib.batch.pages import WAVE_PAGES, area_of, kind_of
from survey_lib.batch.plan import INDEX, Plan, dated, notebook_file
from survey_lib.export import beside, sheets
from survey_lib.export.workbook import workbook
from survey_lib.files import ASIDE, find_upwards
from survey_lib.presentation import swedish
from survey_lib.presentation.section import Section, opener
from survey_lib.presentation.typesetting import plain, typeset
from survey_lib.publish import FOLDER, open_published
from survey_lib.report.area_report import Report
from survey_lib.report.follow_up import FollowUp
from survey_lib.report.joint_picture import JointPicture
from survey_lib.report.results import Heading, Results
from survey_lib.report.wave_report import WaveReport
from survey_lib.report.whole_report import WholeReport
from survey_lib.scan.lines import drawn, lines, markup, shares, whole
from survey_lib.selection import select
from survey_lib.vocabulary import load_parameters

if TYPE_CHECKING:
    from survey_lib.export.sheets import Cover, Sheet
    from survey_lib.presentation.figure import Figure
    from survey_lib.publish import Published
    from survey_lib.rendering.page import Page
    from survey_lib.vocabulary import Parameters

OPENED: dict[str, Any] = {
    beside.WAVE_PAGE: WaveReport,
    beside.WHOLE_PAGE: WholeReport,
    beside.FOLLOW_UP_PAGE: FollowUp,
}
ANOTHER = "says a number or a mark that the published store doesn't give it"
OLDER = "was made from another published store than the one beside it"
NOBODYS = "belongs to no page that a run of the reports has made"
PIXELS = ".png"

Finding = tuple[str, str, str]  # file, place, what is wrong


@dataclass(frozen=True)
class Held:
    """What came of it; ``read``: the number of files held against the store, pictures of pixels not
    counted."""

    findings: tuple[Finding, ...]
    read: int


def held(folder: Path, parameters: Parameters, published: Published, charts: bool = True) -> Held:
    """The files of a wave's folder, ``published`` being the store in it. Without ``charts``, what
    stands inside drawn charts is left out, and nothing is drawn: that is most of the time."""
    wave, compared = (published.manifest[name] for name in ("wave", "compare_with"))
    chosen = select(parameters, wave=wave, compare_with=compared or "")
    records = read_records(folder)
    pages = [record for record in records if record.outcome is not None]
    areas = (area_of(one.outcome.key, parameters.areas) for one in pages if one.outcome)
    chosen = replace(chosen, areas=list(dict.fromkeys(area for area in areas if area)))
    plan = Plan(parameters, chosen, folder.parent, published)
    findings = list(_of_index(plan, pages))
    known, read = {INDEX}, int((folder / INDEX).is_file())
    for record in records:
        known |= record.files.keys()
    for record in pages:
        read += sum(is_read(name, charts) for name in record.files)
        findings += _of_page(plan, record, charts)
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = path.relative_to(folder).as_posix()
        if name not in known and name.split("/")[0] not in (FOLDER, MADE) and ASIDE not in name:
            findings.append((name, "", NOBODYS))
    return Held(tuple(findings), read)


def is_read(name: str, charts: bool) -> bool:
    """Whether a file of this name is held against the store."""
    return not name.endswith(PIXELS if charts else (PIXELS, ".svg"))


def _of_index(plan: Plan, pages: Sequence[Record]) -> Iterator[Finding]:
    """Places of the wave's index that say something else than these pages' outcomes and the
    store."""
    path = plan.folder / INDEX
    if not path.is_file():
        return
    outcomes = [one.outcome for one in pages if one.outcome and one.outcome.page]
    states = {one.key: one for one in outcomes if (plan.folder / str(one.page)).is_file()}
    may: set[str] = set()
    for day in {"", *(str(one.inputs.get("date", "")) for one in pages)}:
        with dated(day):
            may |= _lines_of(INDEX, front_page(plan, states))
    yield from _strays(INDEX, path.read_bytes(), may)


def _strays(name: str, content: bytes, may: set[str], charts: bool = True) -> Iterator[Finding]:
    """Places of a file whose line is none of these."""
    for place, line in lines(name, content, charts):
        if line not in may:
            yield name, place, ANOTHER


def _of_page(plan: Plan, record: Record, charts: bool) -> Iterator[Finding]:
    assert record.outcome is not None
    key, page = record.outcome.key, record.outcome.page or ""
    if plan.area_of(key) is None and key not in WAVE_PAGES:
        yield page, "", OLDER
        return
    if record.inputs.get("tables") != plan.inputs(key)["tables"]:
        yield page, "", OLDER
        return
    there = [name for name in record.files if (plan.folder / name).is_file()]
    content = {name: (plan.folder / name).read_bytes() for name in there}
    with dated(str(record.inputs.get("date", ""))):
        if record.outcome.state == "failed":  # a line for readers in the report's place
            may = _lines_of(page, message_page(plan.page(key), failed_page(record.outcome.reason)))
            if not any(_strays(page, content.get(page, b""), may)):
                content.pop(page, None)
        yield from _differing(_Said(plan, key, plan.page(key), charts), content)


def run_held(job: Job) -> Run:
    """A notebook run, and where what it gave says something else than the store: for a worker,
    which opens parameters and store once. What stands inside charts is left to ``trygg audit``."""
    made, tables = run_with_tables(job)
    content = made.files(job)
    try:
        plan = _plan(find_upwards(str(job.parameters["parameters"]), job.folder), job.folder.parent)
        area = area_of(job.key, plan.parameters.areas)
        chosen = replace(plan.selection, areas=[area] if area else [])
        said = _Said(replace(plan, selection=chosen), job.key, job.page, charts=False)
        if tables == said.tables:  # which a workbook is made of, and of nothing else
            content.pop(beside.workbook_name(job.stem), None)
        found = dict.fromkeys(_differing(said, content))
    except Exception:
        if made.error is None:
            raise
        found = {(name, "", ANOTHER): None for name in content}  # what stopped it stops us too
    return replace(made, differs=tuple(found))


@cache
def _plan(parameters: Path, folder: Path) -> Plan:
    """The plan of the wave whose folder this is, without areas."""
    loaded, published = load_parameters(parameters), open_published(folder / FOLDER)
    wave, compared = (published.manifest[name] for name in ("wave", "compare_with"))
    chosen = select(loaded, wave=wave, compare_with=compared or "")
    return Plan(loaded, replace(chosen, areas=[]), folder.parent, published)


def _differing(said: _Said, content: Mapping[str, bytes]) -> Iterator[Finding]:
    """Places of a page and the files beside it, ``content`` by name, that say something else than
    the store gives them."""
    charts, stem = said.charts, said.plan.stem(said.key)
    for name in sorted(content):
        if not is_read(name, charts) or content[name] == said.file(name):
            continue
        if name == beside.pdf_name(stem):
            yield from _printed(name, content[name], content.get(beside.page_name(stem), b""))
        elif name.endswith(".svg"):
            if not said.draws(content[name].decode("utf-8", errors="replace")):
                yield name, "the whole drawing", ANOTHER
        else:
            yield from _strays(name, content[name], said.lines_of(name), charts)


def _printed(name: str, content: bytes, page: bytes) -> Iterator[Finding]:
    """Places of a PDF that say a percentage more often than its page does."""
    left = Counter(one for _, line in lines("page.html", page) for one in shares(line))
    for place, line in lines(name, content):
        for one in shares(line):
            left[one] -= 1
            if left[one] < 0:
                yield name, place, ANOTHER


def _lines_of(name: str, content: bytes) -> set[str]:
    return {line for _, line in lines(name, content)}


@dataclass(frozen=True, eq=False)
class _Said:
    """What the store gives a page and the files beside it, each made when it is asked for."""

    plan: Plan
    key: str
    page: Page
    charts: bool

    @cached_property
    def _shown(self) -> tuple[Any, list[Section | Heading]]:
        return _shown(self.plan, self.key)

    @property
    def _sections(self) -> list[Section]:
        return [one for one in self._shown[1] if isinstance(one, Section)]

    @cached_property
    def _charts(self) -> list[Figure]:
        return [chart for section in self._sections for chart in section.charts()]

    @cached_property
    def lines(self) -> set[str]:
        """Of the page and its notebook."""
        if self.key in self.plan.not_asked:
            return set()
        sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # as .execution
        from survey_lib.rendering.exporter import render

        notebook, shown = self._shown
        said = _lines(render(notebook, **vars(self.page)))
        for one in shown:
            undrawn = _undrawn(one) if isinstance(one, Section) else one
            said |= _lines(undrawn._repr_html_())
            said |= {line for _, line in whole(ADDRESS.sub("", repr(one)))}
        for table in [one for section in self._sections for one in section.every_table()]:
            said |= _lines(opener(table))
        for chart in self._charts:
            said |= _lines(chart.html() if self.charts else _in_words(chart))
        return said

    def lines_of(self, name: str) -> set[str]:
        """Of a file that is another than the store gives, or that it doesn't give."""
        given = self.file(name)
        return self.lines if given is None else _lines_of(name, given)

    def file(self, name: str) -> bytes | None:
        """A whole file, where the store gives one of this name."""
        if self.key not in self.plan.not_asked:
            if name.endswith((".html", ".ipynb", ".pdf", ".svg")):
                return None
            if name == beside.workbook_name(self.plan.stem(self.key)):
                return self._book
        return self._files.get(name)

    @cached_property
    def _sheets(self) -> tuple[Cover | None, list[Sheet]]:
        """The cover and the tables of the workbook."""
        shown = self._shown[1]
        covers = [one.cover for one in shown if isinstance(one, Heading)]
        tables = [sheet for section in self._sections for sheet in sheets.sheets_of(section)]
        return covers[-1] if covers else None, tables

    @property
    def tables(self) -> list[Any]:
        """All that the workbook is made of."""
        return sheets.told(*self._sheets)

    @cached_property
    def _book(self) -> bytes:
        return workbook(*self._sheets)

    @cached_property
    def _files(self) -> dict[str, bytes]:
        if self.key in self.plan.not_asked:
            return no_report(self.plan, self.key)
        return {**joint_files(self.plan, self.key), **to_write_in(self.plan, self.key)}

    @cached_property
    def _drawings(self) -> list[tuple[Counter[str], Counter[str]]]:
        """Of each chart the texts in it, as often as they stand there, and the words that its file
        says around it."""
        return [(Counter(drawn(one.svg())), _around(one)) for one in self._charts]

    def draws(self, svg: str) -> bool:
        """Whether a file is one of the charts with what stands around it."""
        found = Counter(drawn(svg))
        return any(
            chart <= found and Counter(" ".join((found - chart).elements()).split()) <= around
            for chart, around in self._drawings
        )


def _lines(source: str) -> set[str]:
    return {line for _, line in markup(source)}


def _undrawn(section: Section) -> Section:
    return replace(section, figures=(), parts=[_undrawn(part) for part in section.parts])


def _in_words(chart: Figure) -> str:
    """What a chart's figure says besides its picture."""
    demo = "DEMO " if chart.words.demo else ""
    title = f"{demo}{typeset(chart.caption)}{typeset(chart.description)}"
    return f'<p>{title}</p><img alt="{plain(chart.alt)}">'


def _around(chart: Figure) -> Counter[str]:
    """The words that a chart's file says around the chart: its caption twice, as a title too."""
    words = chart.words
    below = f"{swedish.upper_first(words.where)}. Källa: {words.source}"
    said = f"{chart.caption} {chart.caption} {chart.description} {below} {chart.alt}"
    return Counter(said.split())


def _shown(plan: Plan, key: str) -> tuple[Any, list[Section | Heading]]:
    """A page's notebook as it is before it is run, and what its cells show, made from the store."""
    from nbformat import read

    source = notebook_file(kind_of(key, plan.parameters.areas).notebook, plan.parameters.folder)
    notebook = read(source, as_version=4)
    opened = _opened(plan, key)
    shown = []
    for cell in [one for one in notebook.cells if one.cell_type == "code"]:
        cell.outputs = []
        shown += [_value(opened, call) for call in _calls(cell.source)]
    return notebook, [one for one in shown if isinstance(one, Section | Heading)]


def _opened(plan: Plan, key: str) -> Any:
    """What the notebook opens, over the store."""
    area = area_of(key, plan.parameters.areas)
    results = Results(plan.parameters, plan.published, area or plan.parameters.areas.whole)
    if area is None:
        return OPENED[key](results)
    return JointPicture(results) if key.endswith(beside.PICTURE) else Report(results)


def _calls(source: str) -> Iterator[ast.expr]:
    """What a cell's calls of ``show`` are given."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "show"
            and node.args
        ):
            yield node.args[0]


def _value(opened: Any, shown: ast.expr) -> Any:
    """``x.name``, or ``x.name(…)`` with plain values, of what the notebook opened; None for
    anything else: the store then gives none of its lines."""
    call = shown if isinstance(shown, ast.Call) else None
    named = call.func if call else shown
    found = getattr(opened, named.attr, None) if isinstance(named, ast.Attribute) else None
    if call is None or found is None:
        return found
    try:
        given = [ast.literal_eval(one) for one in call.args]
        by_name = {one.arg: ast.literal_eval(one.value) for one in call.keywords if one.arg}
    except ValueError:
        return None
    return found(*given, **by_name)
