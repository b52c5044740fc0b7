"""Batches of reports beside the shell loop that everyone writes first, and beside the floor.

    python benchmarks/batches.py                   all of it, and its part of docs/benchmarks.md
    python benchmarks/batches.py --reports 2 --no-page        little of it, printed only

Two notebooks: the shipped ``2_stadsdel`` with all its sections, files for slides and workbook, and
``six_charts.ipynb``, one without this library's drawing. The same notebooks, areas and tables in
every way. CPU seconds are user and system time of the whole process tree, which a busy machine
changes less than it does the wall clock.

- *shell*: ``papermill`` and then ``jupyter nbconvert`` per report, from the command line; and the
  same in two processes at a time. Of a few reports, scaled up: each begins anew.
- *forked*, *warm*: ours, by :mod:`survey_lib.workers`, with kernels forked afresh or, as on
  Windows, one per worker cleaned between reports; pages of ``2_stadsdel`` are held against the
  store too.
- *floor*: the same cells' computing and drawing, page and files by plain calls, with no notebook;
  in as many processes, each of which imports what it needs.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import page
import psutil
from ways import ROOT, SIX, STADSDEL, prepared

WAYS = Path(__file__).with_name("ways.py")
SIZES = {STADSDEL: [10], SIX: [10, 100]}
SHELL = {STADSDEL: 2, SIX: 10}  # reports of the shell loop
ADOPT = 36  # PR_SET_CHILD_SUBREAPER: orphans become ours, so that their time is counted
LOOK = 1.0  # seconds between looks at memory


@dataclass(frozen=True)
class Batch:
    """One way at one size: CPU and wall seconds, and the most memory, MB, of all that the program
    had started."""

    notebook: str
    reports: int
    processes: int
    way: str
    cpu: float
    wall: float
    megabytes: float
    scaled_from: int = 0


def measured(arguments: Sequence[str], kernels: str = "") -> tuple[float, float, float]:
    """CPU and wall seconds and megabytes of a program with all that it starts; run by a process of
    its own that waits for them all."""
    watch = [sys.executable, __file__, "watch", *arguments]
    environment = os.environ | {
        "TRYGG_KERNELS": kernels, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1",
    }  # fmt: skip
    done = subprocess.run(
        watch, check=True, stdout=subprocess.PIPE, encoding="utf-8", env=environment, cwd=ROOT
    )
    cpu, wall, megabytes = map(float, done.stdout.split()[-3:])
    return cpu, wall, megabytes


def watch(arguments: Sequence[str]) -> None:
    """Run a program, wait for all that comes of it, and print what it took."""
    ctypes.CDLL(None).prctl(ADOPT, 1, 0, 0, 0)
    begun, most, ended = time.monotonic(), [0.0], threading.Event()
    program = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)

    def look() -> None:
        while not ended.wait(LOOK):
            most[0] = max(most[0], memory_below(program.pid))

    watcher = threading.Thread(target=look)
    watcher.start()
    failed = program.wait()
    ended.set()
    watcher.join()
    if failed:
        raise SystemExit(f"failed: {arguments}")
    wall = time.monotonic() - begun
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(used.ru_utime + used.ru_stime, wall, most[0])


def memory_below(pid: int) -> float:
    """MB of all that a process has started; what they share is counted once."""
    used = 0.0
    try:
        for one in psutil.Process(pid).children(recursive=True):
            used += one.memory_full_info().pss / 1e6
    except psutil.Error:  # one of them has just ended
        return 0.0
    return used


def compare(name: str, counts: Sequence[int], few: int, work: Path) -> list[Batch]:
    """Every way with one notebook."""

    def measure(way: str, title: str, count: int, processes: int, kernels: str = "") -> Batch:
        told = [way, name, str(work), str(count), str(processes)]
        took = measured([sys.executable, str(WAYS), *told], kernels)
        print(name, title, count, processes, *took, file=sys.stderr, flush=True)
        return Batch(name, count, processes, title, *took)

    few = min(few, max(counts))
    loops = [measure("shell", "shell loop", few, processes) for processes in (1, 2)]
    rows = []
    for count in counts:
        rows += [scaled(one, count) for one in loops]
        rows += [
            measure("ours", "warm kernels", count, 2, "warm"),
            measure("ours", "forked kernels", count, 2),
            measure("floor", "floor", count, 2),
        ]
    return rows


def scaled(one: Batch, count: int) -> Batch:
    """A loop's cost for more reports: each costs the same, since each begins anew."""
    times = count / one.reports
    cpu, wall = one.cpu * times, one.wall * times
    return replace(one, reports=count, cpu=cpu, wall=wall, scaled_from=one.reports)


def table(rows: Sequence[Batch]) -> str:
    """The batches as Markdown: CPU per report, over the floor's, and how many times the shell's."""
    head = "CPU s/report | over floor | × floor | wall s | loop's wall | MB per process"
    lines = [f"| notebook | reports | processes | way | {head} |", "|---|--:|--:|---|" + "--:|" * 6]
    for row in rows:
        same = [r for r in rows if (r.notebook, r.reports) == (row.notebook, row.reports)]
        loop = next(r.wall for r in same if r.way == "shell loop" and r.processes == 1)
        least = next(r for r in same if r.way == "floor")
        told = f" ({row.scaled_from} scaled)" if row.scaled_from not in (0, row.reports) else ""
        cells = [
            row.notebook,
            str(row.reports),
            str(row.processes),
            row.way + told,
            f"{row.cpu / row.reports:.2f}",
            f"{(row.cpu - least.cpu) / row.reports:.2f}",
            f"{row.cpu / least.cpu:.2f}",
            f"{row.wall:.0f}",
            f"{loop / row.wall:.1f} ×",
            f"{row.megabytes / row.processes:.0f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def conclusions(rows: Sequence[Batch]) -> str:
    """What each further report costs, where two sizes tell it without the cost of the start."""
    lines = []
    for name in dict.fromkeys(row.notebook for row in rows):
        ways = {
            way: each_more([r for r in rows if (r.notebook, r.way) == (name, way)])
            for way in ("floor", "forked kernels", "warm kernels")
        }
        floor = ways.pop("floor")
        for way, took in ways.items():
            if took is not None and floor is not None:
                told = f"{took:.2f} CPU s, {took - floor:.2f} more than the floor's {floor:.2f}"
                lines.append(f"- {name}, {way}: each further report costs {told}.")
    return "\n".join(lines) + "\n"


def each_more(sizes: Sequence[Batch]) -> float | None:
    """CPU seconds of each report by which the largest batch is larger than the smallest."""
    few, many = sizes[0], sizes[-1]
    more = many.reports - few.reports
    return (many.cpu - few.cpu) / more if more else None


def run(sizes: Mapping[str, Sequence[int]] = SIZES) -> str:
    """The tables of all notebooks and sizes, and what follows from them."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in sizes:
            prepared(name, work)
        rows = [row for name in sizes for row in compare(name, sizes[name], SHELL[name], work)]
    day = datetime.now(UTC).date()
    return f"Measured on {day}.\n\n{table(rows)}\n{conclusions(rows)}"


def main() -> None:
    if sys.argv[1:2] == ["watch"]:
        return watch(sys.argv[2:])
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reports", type=int, nargs="+", help="of both notebooks")
    parser.add_argument("--notebook", nargs="+", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--no-page", action="store_true", help="leave docs/benchmarks.md as it is")
    arguments = parser.parse_args()
    text = run({name: arguments.reports or SIZES[name] for name in arguments.notebook})
    print(text)
    if not arguments.no_page:
        page.write_reports(text)


if __name__ == "__main__":
    main()
