"""The ways to make many reports that :mod:`batches` compares, each by its own process.

python benchmarks/ways.py ours six_charts FOLDER 10 2
"""

from __future__ import annotations

import ast
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from survey_lib.batch.execution import Job

ROOT = Path(__file__).parent.parent
WAVE, EARLIER = "2024", "2022"
STADSDEL, SIX = "2_stadsdel", "six_charts"
PERSONS = 12_000  # of the answers to the six charts


# -- what is reported -----------------------------------------------------------------------------


def prepared(name: str, work: Path) -> None:
    """What the notebook reads: the wave's published store, or the answers to the six charts."""
    if name == STADSDEL:
        from survey_lib import open_report

        open_report(**values(STADSDEL, work)[0])
        return
    import pandas as pd
    from survey import make_survey

    made = make_survey(PERSONS)
    names = ("district", "age", "sex", "tenure")
    frame = pd.DataFrame({name: getattr(made, name) for name in names} | {"weight": made.start})
    problems = {f"problem{k:02d}": made.items[:, k] for k in range(12)}
    frame.assign(**problems).to_parquet(work / "answers.parquet")


def values(name: str, work: Path) -> list[dict[str, Any]]:
    """The parameters of one report after the other: all areas that were asked, in their order."""
    if name == SIX:
        return [{"answers": str(work / "answers.parquet"), "district": k} for k in range(10)]
    from survey_lib.vocabulary import load_parameters

    loaded = load_parameters(ROOT / "parameters")
    folders = {"parameters": str(ROOT / "parameters"), "reports": str(work / "reports")}
    common = {"wave": WAVE, "compare_with": EARLIER} | folders
    return [common | {"area": area} for area in loaded.waves[WAVE].strata]


def reports(name: str, numbers: range, work: Path) -> list[tuple[str, dict[str, Any]]]:
    """Names and parameters of some reports, by their numbers."""
    all_of_them = itertools.cycle(values(name, work))
    chosen = itertools.islice(all_of_them, numbers.stop)
    return [(f"{name}{k}", one) for k, one in enumerate(chosen) if k in numbers]


def notebook_for(name: str) -> Path:
    folder = Path(__file__).parent if name == SIX else ROOT / "notebooks"
    return folder / f"{name}.ipynb"


# -- the ways -----------------------------------------------------------------------------------


def ours(name: str, count: int, workers: int, work: Path) -> None:
    """A batch by worker processes, each with its kernel; a survey's pages are held against its
    store, as ``trygg reports`` does before it writes them."""
    from survey_lib.batch.execution import Run, run
    from survey_lib.batch.held import run_held
    from survey_lib.batch.reports import LOADED
    from survey_lib.workers import results

    jobs = survey_jobs(count, work) if name == STADSDEL else chart_jobs(name, count, work)
    do = run_held if name == STADSDEL else run
    for job, result in results(jobs, do, workers, loaded=LOADED):
        if not isinstance(result, Run) or result.error or result.page is None or result.differs:
            raise SystemExit(f"{job.key}: {result}")
        (work / f"{job.stem}.html").write_text(result.page, encoding="utf-8")
        (work / f"{job.stem}.ipynb").write_text(result.notebook, encoding="utf-8")


def chart_jobs(name: str, count: int, work: Path) -> list[Job]:
    from survey_lib.batch.execution import Job
    from survey_lib.rendering.page import Page

    folder = work / "notebooks"
    folder.mkdir(exist_ok=True)
    return [
        Job(key, key, key, notebook_for(name), given, folder, Page(key))
        for key, given in reports(name, range(count), work)
    ]


def survey_jobs(count: int, work: Path) -> list[Job]:
    """Those of ``trygg reports`` for as many areas."""
    from survey_lib.batch.plan import Plan
    from survey_lib.publish import FOLDER, open_published
    from survey_lib.selection import select
    from survey_lib.vocabulary import load_parameters

    loaded, output = load_parameters(ROOT / "parameters"), work / "reports"
    areas = [given["area"] for _, given in reports(STADSDEL, range(count), work)]
    chosen = select(loaded, wave=WAVE, compare_with=EARLIER, areas=areas)
    plan = Plan(loaded, chosen, output, open_published(output / WAVE / FOLDER))
    plan.notebooks.mkdir(exist_ok=True)
    return [job for job in plan.jobs() if job.key in areas]


def floor(name: str, count: int, processes: int, work: Path) -> None:
    """What the notebook's cells show, its files and pages, in processes of their own."""
    parts = [range(k * count // processes, (k + 1) * count // processes) for k in range(processes)]
    do = [sys.executable, __file__, "floor_of", name]
    finish([subprocess.Popen([*do, str(work), str(p.start), str(p.stop)]) for p in parts])


def floor_of(name: str, start: int, stop: int, work: Path) -> None:
    """Some of the reports, one after the other; without the import and the look at all inputs that
    ours does without."""
    from survey_lib.inputs import SETTLED

    os.environ[SETTLED] = "1"
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    from nbformat import read
    from nbformat.v4 import new_output

    from survey_lib.export import pictures, sheets
    from survey_lib.export.workbook import workbook
    from survey_lib.rendering.exporter import render

    template = read(notebook_for(name), as_version=4)
    show = shown_by_plain_code if name == SIX else shown_by_sections
    for key, given in reports(name, range(start, stop), work):
        for cell, outputs in show(template, given):
            cell.outputs = [new_output("display_data", **output) for output in outputs]
        pictures.taken(template, key)
        book = sheets.taken(template)
        (work / f"{key}.html").write_text(render(template, title=key), encoding="utf-8")
        if book[0] is not None:
            workbook(*book)


def shown_by_sections(template: Any, given: dict[str, Any]) -> Iterator[tuple[Any, list[Any]]]:
    """The cells of the shipped notebook, and what they show."""
    from survey_lib import open_report
    from survey_lib.export import pictures, sheets

    report = open_report(**given)
    for cell in template.cells:
        if cell.cell_type != "code" or "report." not in cell.source:
            continue
        section = getattr(report, re.findall(r"report\.(\w+)", cell.source)[0])
        shown: list[Any] = [{"text/html": section._repr_html_()}]
        if hasattr(section, "charts"):
            shown += [pictures.bundle(section), sheets.bundle(section)]
        else:
            shown.append(sheets.cover_bundle(section.cover))
        yield cell, [{"data": data} for data in shown]


def shown_by_plain_code(template: Any, given: dict[str, Any]) -> Iterator[tuple[Any, list[Any]]]:
    """The cells of the six charts run as plain Python, and what they display."""
    import IPython.display

    shown: list[Any] = []

    def display(figure: Any, metadata: Any) -> None:
        drawn = StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
        shown.append({"data": {"image/svg+xml": drawn.getvalue()}, "metadata": metadata})

    IPython.display.display = display
    names: dict[str, Any] = {}
    for cell in template.cells:
        if cell.cell_type != "code":
            continue
        if "parameters" in cell.metadata.get("tags", []):
            names |= given
            continue
        shown.clear()
        lines = [line for line in cell.source.splitlines() if not line.startswith("%")]
        *code, last = ast.parse("\n".join(lines)).body
        exec(compile(ast.Module(code, []), cell.id, "exec"), names)
        if isinstance(last, ast.Expr):
            result = eval(compile(ast.Expression(last.value), cell.id, "eval"), names)
            if hasattr(result, "_repr_html_"):
                shown.append({"data": {"text/html": result._repr_html_()}})
        else:
            exec(compile(ast.Module([last], []), cell.id, "exec"), names)
        yield cell, list(shown)


def shell(name: str, count: int, processes: int, work: Path) -> None:
    """papermill and nbconvert per report, as anyone would; some at a time."""
    running: list[subprocess.Popen[bytes]] = []
    programs = Path(sys.executable).parent
    for key, given in reports(name, range(count), work):
        # -r: papermill would make a number of the wave "2024"
        words = " ".join(
            f'{"-r" if isinstance(value, str) else "-p"} {key} "{value}"'
            for key, value in given.items()
        )
        out = work / f"shell_{key}.ipynb"
        line = (
            f'"{programs}/papermill" "{notebook_for(name)}" "{out}" {words} --no-progress-bar && '
            f'"{programs}/jupyter" nbconvert --to html "{out}"'
        )
        running.append(subprocess.Popen(line, shell=True, stderr=subprocess.DEVNULL))
        if len(running) == processes:
            finish(running)
    finish(running)


def finish(running: list[subprocess.Popen[bytes]]) -> None:
    while running:
        if running.pop(0).wait():
            raise SystemExit("one of the processes failed")


WAYS = {"ours": ours, "floor": floor, "floor_of": floor_of, "shell": shell}


if __name__ == "__main__":
    way, name, place, *numbers = sys.argv[1:]
    WAYS[way](name, *map(int, numbers), Path(place))
