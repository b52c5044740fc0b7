"""Batches of reports beside the shell loop that everyone writes first, and beside the floor.

    python benchmarks/batches.py                       both notebooks, 10 and 100 reports
    python benchmarks/batches.py --reports 10 --shell 2

The same notebooks, areas and published store in every way; CPU seconds are user and system time of
the whole process tree, which a busy machine changes less than it does the wall clock.

- *shell*: ``papermill`` and then ``jupyter nbconvert`` per report, from the command line; and the
  same in two processes at a time. Of a few reports, scaled up.
- *forked*, *warm*: ours, by :mod:`survey_lib.batch.workers`, with kernels forked afresh or, as on
  Windows, one per worker cleaned between reports.
- *floor*: the same sections, pictures, page and workbook made in one process, with no notebook.
"""

from __future__ import annotations

import argparse
import ctypes
import itertools
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
WAVE, EARLIER = "2024", "2022"
STADSDEL, SIX = "2_stadsdel", "six charts"
SIX_CELLS = [
    f"next(report.{name}.charts())"
    for name in ("problems", "safety", "worry", "trust", "cohesion", "positives")
]
ADOPT = 36  # PR_SET_CHILD_SUBREAPER: orphans become ours, so that their time is counted


@dataclass(frozen=True)
class Batch:
    """One way at one size. ``seconds`` is None where only CPU was asked for; ``megabytes`` is the
    largest process, NaN where it says nothing."""

    notebook: str
    reports: int
    way: str
    cpu: float
    wall: float
    megabytes: float
    scaled_from: int | None = None


def measured(arguments: Sequence[str], kernels: str = "") -> tuple[float, float, float]:
    """CPU and wall seconds, and megabytes of the largest process, of a program with all that it
    starts; run by a process of its own that waits for them all."""
    watch = [sys.executable, __file__, "watch", *arguments]
    environment = os.environ | {"TRYGG_KERNELS": kernels, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        watch, check=True, stdout=subprocess.PIPE, encoding="utf-8", env=environment, cwd=ROOT
    )
    cpu, wall, megabytes = map(float, done.stdout.split()[-3:])
    return cpu, wall, megabytes


def watch(arguments: Sequence[str]) -> None:
    """Run a program, wait for all that comes of it, and print what it took."""
    ctypes.CDLL(None).prctl(ADOPT, 1, 0, 0, 0)
    begun = time.monotonic()
    program = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    if program.wait():
        raise SystemExit(f"failed: {arguments}")
    wall = time.monotonic() - begun
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


# -- the ways -----------------------------------------------------------------------------------


def areas(count: int, work: Path) -> list[str]:
    """Areas that were asked, districts first, as often as needed."""
    from survey_lib import open_report

    published = open_report(**values("sdn:angered", work)).results.published.areas
    asked = published.loc[published["sampling"] != "", "area"]
    names = sorted(area for area in asked if area.startswith(("sdn:", "so:")))
    return list(itertools.islice(itertools.cycle(names), count))


def values(area: str, work: Path) -> dict[str, str]:
    folders = {"parameters": str(ROOT / "parameters"), "reports": str(work / "reports")}
    return {"wave": WAVE, "area": area, "compare_with": EARLIER, **folders}


def notebook_for(name: str, work: Path) -> Path:
    """The shipped notebook, or one with its first cells and six charts."""
    source = ROOT / "notebooks" / f"{STADSDEL}.ipynb"
    if name == STADSDEL:
        return source
    found = json.loads(source.read_text(encoding="utf-8"))
    code = [cell for cell in found["cells"] if cell["cell_type"] == "code"]
    six = [
        {"cell_type": "code", "id": f"six{k}", "metadata": {}, "outputs": [], "source": text}
        | {"execution_count": None}
        for k, text in enumerate(SIX_CELLS)
    ]
    path = work / "six_charts.ipynb"
    path.write_text(json.dumps(found | {"cells": code[:2] + six}), encoding="utf-8")
    return path


def ours(name: str, count: int, workers: int, work: Path) -> None:
    """A batch by worker processes, each with its kernel."""
    from survey_lib.batch.execution import Job, Run, run
    from survey_lib.batch.workers import results
    from survey_lib.rendering.page import Page

    notebook, folder = notebook_for(name, work), work / "notebooks"
    folder.mkdir(exist_ok=True)
    jobs = [
        Job(area, area, f"{k}", notebook, values(area, work), folder, Page(area))
        for k, area in enumerate(areas(count, work))
    ]
    for job, result in results(jobs, run, workers):
        if not isinstance(result, Run) or result.error or result.page is None:
            raise SystemExit(f"{job.key}: {result}")


def floor(name: str, count: int, work: Path) -> None:
    """What the notebook's cells show, their files and the page, by plain calls."""
    from nbformat import read
    from nbformat.v4 import new_output

    from survey_lib import open_report
    from survey_lib.export import pictures, sheets
    from survey_lib.export.workbook import workbook
    from survey_lib.rendering.exporter import render

    template = notebook_for(name, work)
    for area in areas(count, work):
        notebook, report = read(template, as_version=4), open_report(**values(area, work))
        for cell in notebook.cells:
            if cell.cell_type != "code" or "report." not in cell.source:
                continue
            section = getattr(report, re.findall(r"report\.(\w+)", cell.source)[0])
            if "charts" in cell.source:
                shown: list[Any] = [{"text/html": next(section.charts())._repr_html_()}]
            else:
                shown = [{"text/html": section._repr_html_()}]
                if hasattr(section, "charts"):
                    shown += [pictures.bundle(section), sheets.bundle(section)]
                else:
                    shown.append(sheets.cover_bundle(section.cover))
            cell.outputs = [new_output("display_data", data) for data in shown]
        pictures.taken(notebook, area)
        book = sheets.taken(notebook)
        render(notebook, title=area)
        if book[0] is not None:
            workbook(*book)


def shell(name: str, count: int, processes: int, work: Path) -> None:
    """papermill and nbconvert per report, as anyone would; some at a time."""
    notebook, running = notebook_for(name, work), []
    programs = Path(sys.executable).parent
    for k, area in enumerate(areas(count, work)):
        given = " ".join(f'-r {key} "{value}"' for key, value in values(area, work).items())
        out = work / f"shell{k}.ipynb"
        line = (
            f'"{programs}/papermill" "{notebook}" "{out}" {given} --no-progress-bar && '
            f'"{programs}/jupyter" nbconvert --to html "{out}"'
        )
        running.append(subprocess.Popen(line, shell=True, stderr=subprocess.DEVNULL))
        if len(running) == processes:
            finish(running)
    finish(running)


def finish(running: list[subprocess.Popen[bytes]]) -> None:
    while running:
        if running.pop(0).wait():
            raise SystemExit("papermill or nbconvert failed")


WAYS = {"ours": ours, "floor": floor, "shell": shell}


# -- all of it ----------------------------------------------------------------------------------


def compare(name: str, counts: Sequence[int], few: int, work: Path) -> list[Batch]:
    """Every way with one notebook."""

    def measure(way: str, title: str, count: int, *more: Any, kernels: str = "") -> Batch:
        told = ["do", way, name, str(work), str(count), *map(str, more)]
        took = measured([sys.executable, __file__, *told], kernels)
        return Batch(name, count, title, *took)

    part = [
        measure("shell", "shell loop", few, 1),
        measure("shell", "shell loop, two processes", max(few, 2), 2),
    ]
    rows = []
    for count in counts:
        for one in part:
            times = count / one.reports
            scaled = (one.cpu * times, one.wall * times, one.megabytes, one.reports)
            rows.append(Batch(name, count, one.way, *scaled))
        rows += [
            measure("ours", "warm kernels, two workers", count, 2, kernels="warm"),
            measure("ours", "forked kernels, two workers", count, 2),
            measure("ours", "forked kernels, one worker", count, 1),
            measure("floor", "floor", count),
        ]
    return rows


def table(rows: Sequence[Batch]) -> str:
    """The batches as Markdown: CPU per report, over the floor's, and how many times the shell's."""
    head = "CPU s/report | over floor | × floor | wall s | shell loop's CPU | largest process MB"
    lines = [f"| notebook | reports | way | {head} |", "|---|--:|---|" + "--:|" * 6]
    for row in rows:
        same = [r for r in rows if (r.notebook, r.reports) == (row.notebook, row.reports)]
        least = next(r.cpu for r in same if r.way == "floor")
        loop = next(r.cpu for r in same if r.way == "shell loop")
        scaled = f" ({row.scaled_from} scaled)" if row.scaled_from else ""
        cells = [
            row.notebook,
            str(row.reports),
            row.way + scaled,
            f"{row.cpu / row.reports:.2f}",
            f"{(row.cpu - least) / row.reports:.2f}",
            f"{row.cpu / least:.2f}",
            f"{row.wall:.0f}",
            f"{loop / row.cpu:.1f} ×",
            f"{row.megabytes:.0f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def run(counts: Sequence[int], few: int, names: Sequence[str] = (STADSDEL, SIX)) -> str:
    """The table of all notebooks and sizes."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        floor(STADSDEL, 1, work)  # prepares the wave
        return table([row for name in names for row in compare(name, counts, few, work)])


def main() -> None:
    if sys.argv[1:2] == ["watch"]:
        return watch(sys.argv[2:])
    if sys.argv[1:2] == ["do"]:
        way, name, work, *numbers = sys.argv[2:]
        return WAYS[way](name, *map(int, numbers), Path(work))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reports", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--shell", type=int, default=2, help="reports of the shell loop")
    parser.add_argument("--notebook", nargs="+", default=[STADSDEL, SIX])
    arguments = parser.parse_args()
    print(run(arguments.reports, arguments.shell, arguments.notebook))


if __name__ == "__main__":
    main()
