"""Every file of a wave's folder held against the wave's published store.

Pages, executed notebooks, workbooks, tables and documents of the joint picture, charts and PDFs say
again what stands in the store. Here the sections of every page are made again from the store,
without running a notebook, and every line of a file that holds a number or a mark (a row of a
table, a sentence, a text alternative, a text in a chart) must be one of theirs. So what is hidden
in the store is hidden in every file, and a shown number stands everywhere as the store has it.

A line counts with all its words: a number that was put in a mark's place, moved to another row or
given more decimals is found. Pixels (PNG) are not read; a PDF has no rows, so the percentages that
it says are counted against its page's. Nothing found is repeated.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_lib.batch.execution import ADDRESS
from survey_lib.batch.made import FOLDER as MADE
from survey_lib.batch.made import Record, read_records
from survey_lib.batch.pages import area_of, kind_of
from survey_lib.batch.plan import INDEX, Plan, notebook_file
from survey_lib.batch.reports import failed_page, joint_files, message_page, no_report, to_write_in
from survey_lib.export import beside
from survey_lib.export.sheets import sheets_of
from survey_lib.export.workbook import workbook
from survey_lib.files import ASIDE
from survey_lib.presentation import swedish
from survey_lib.presentation.section import Section, opener
from survey_lib.presentation.typesetting import plain, typeset
from survey_lib.publish import FOLDER
from survey_lib.report.area_report import Report
from survey_lib.report.follow_up import FollowUp
from survey_lib.report.joint_picture import JointPicture
from survey_lib.report.results import Heading, Results
from survey_lib.report.wave_report import WaveReport
from survey_lib.report.whole_report import WholeReport
from survey_lib.scan.lines import drawn, lines, markup, shares, whole
from survey_lib.selection import select

if TYPE_CHECKING:
    from survey_lib.presentation.figure import Figure
    from survey_lib.publish import Published
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
    plan = Plan(parameters, chosen, folder.parent, published)
    findings: list[Finding] = []
    known, read = {INDEX}, 0
    for record in read_records(folder):
        known |= record.files.keys()
        if record.outcome is not None:
            read += sum(_is_read(name, charts) for name in record.files)
            findings += _of_page(plan, record, charts)
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = path.relative_to(folder).as_posix()
        if name not in known and name.split("/")[0] not in (FOLDER, MADE) and ASIDE not in name:
            findings.append((name, "", NOBODYS))
    return Held(tuple(findings), read)


def _is_read(name: str, charts: bool) -> bool:
    return not name.endswith(PIXELS if charts else (PIXELS, ".svg"))


def _of_page(plan: Plan, record: Record, charts: bool) -> Iterator[Finding]:
    assert record.outcome is not None
    page = beside.page_name(plan.stem(record.outcome.key))
    if record.inputs.get("tables") != plan.inputs(record.outcome.key)["tables"]:
        yield page, "", OLDER
        return
    said = _Said.of(plan, record, charts)
    for name in sorted(record.files):
        path = plan.folder / name
        if not path.is_file() or not _is_read(name, charts):
            continue
        content = path.read_bytes()
        if content == said.files.get(name):
            continue
        if name == beside.pdf_name(plan.stem(record.outcome.key)):
            yield from _printed(name, content, (plan.folder / page).read_bytes())
            continue
        if name.endswith(".svg"):
            if not said.draws(content.decode("utf-8")):
                yield name, "the whole drawing", ANOTHER
            continue
        may = _lines_of(name, said.files[name]) if name in said.files else said.lines
        for place, line in lines(name, content, charts):
            if line not in may:
                yield name, place, ANOTHER


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


@dataclass(frozen=True)
class _Said:
    """What the store gives a page and the files beside it: ``lines`` of the page and its notebook,
    whole ``files`` by name, and of each of its ``charts`` the texts in it, as often as they stand
    there, and the words that its file says around it."""

    lines: set[str]
    files: Mapping[str, bytes] = field(default_factory=dict)
    charts: Sequence[tuple[Counter[str], Counter[str]]] = ()

    @classmethod
    def of(cls, plan: Plan, record: Record, charts: bool) -> _Said:
        assert record.outcome is not None
        key = record.outcome.key
        if record.outcome.state == "failed":
            page = message_page(plan.page(key), failed_page(record.outcome.reason))
            return cls(_lines_of("page.html", page))
        if key in plan.not_asked:
            return cls(set(), no_report(plan, key))
        sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # as .execution
        from survey_lib.rendering.exporter import render

        notebook, shown = _shown(plan, key)
        said = _lines(render(notebook, **vars(plan.page(key))))
        covers = [one.cover for one in shown if isinstance(one, Heading)]
        sections = [one for one in shown if isinstance(one, Section)]
        for one in shown:
            undrawn = _undrawn(one) if isinstance(one, Section) else one
            said |= _lines(undrawn._repr_html_())
            said |= {line for _, line in whole(ADDRESS.sub("", repr(one)))}
        for section in sections:
            said |= {line for table in section.every_table() for line in _lines(opener(table))}
        shown_charts = [chart for section in sections for chart in section.charts()]
        for chart in shown_charts:
            said |= _lines(chart.html() if charts else _in_words(chart))
        drawings = [(Counter(drawn(one.svg())), _around(one)) for one in shown_charts if charts]
        files = {**joint_files(plan, key), **to_write_in(plan, key)}
        if sheets := [sheet for section in sections for sheet in sheets_of(section)]:
            book = workbook(covers[-1] if covers else None, sheets)
            files[beside.workbook_name(plan.stem(key))] = book
        return cls(said, files, drawings)

    def draws(self, svg: str) -> bool:
        """Whether a file is one of the charts with what stands around it."""
        found = Counter(drawn(svg))
        return any(
            chart <= found and Counter(" ".join((found - chart).elements()).split()) <= around
            for chart, around in self.charts
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
