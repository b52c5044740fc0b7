"""What was measured as tables, printed and written to docs/benchmarks.md."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

import numpy as np

HEAD = """# Benchmarks

Made by `make bench` (`python benchmarks/run.py`), which see. Measured on {date}, {cores} cores,
{memory:.0f} GB of memory; seconds, the best of several runs. *Floor* is the task in plain numpy
without checks or frame; *ours* the public functions, checks and tidy frame included (`trygg
prepare` calls those that rake and tabulate; covariance and replicates have no caller yet), held to
the floor's results in the run where both compute the same number. BLAS on one thread.

"""

REPORTS = """
## Batches of reports

Made by `benchmarks/batches.py`, which says what each way is. CPU seconds are user and system time
of the whole process tree, start-up of workers and kernels included; *over floor* is what a report
costs beyond its computing, drawing and HTML; *loop's wall* how many times as long the shell loop
takes, one report after the other; memory at its most, what processes share counted once. To reach:
over floor 0.6 with forked and 1.5 with warm kernels; 1.3 × floor; 8 × on `six_charts`. Pages of
`2_stadsdel` are held against the store in the rows of *ours*. No row counts that a batch searches
each page's files for respondents, about 0.4 CPU s for an area with its 44 files.

"""
BEFORE = REPORTS.splitlines()[1]  # the heading that batches begin with
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def table(rows: list[Any], others: list[Any], memory: dict[int, float], starts: list[Any]) -> str:
    """Everything that was measured, as Markdown."""
    versions = {peer.package: peer.note for peer in others if peer.task == "version"}
    absent = {peer.package: peer for peer in others if peer.task in ("not installed", "failed")}
    packages = ["svy", "samplics", "R survey"]
    lines = [
        "| persons | task | floor | ours | ours/floor | differs | "
        + " | ".join(f"{package} {versions.get(package, '')}".strip() for package in packages)
        + " |",
        "|--:|---|--:|--:|--:|--:|" + "--:|" * len(packages),
    ]
    for row in rows:
        took = [
            next((p for p in others if (p.package, p.task, p.persons) == key), None)
            for key in ((package, row.task, row.persons) for package in packages)
        ]
        ratio = row.ours / row.floor
        within = "" if np.isnan(row.limit) else f" (≤ {row.limit:g})"
        over = " **over**" if ratio > row.limit else ""
        cells = [
            f"{row.persons:,}",
            row.title,
            f"{row.floor:.4f}",
            f"{row.ours:.4f}",
            f"{ratio:.2f}{within}{over}",
            "" if np.isnan(row.differs) else f"{row.differs:.0e}",
            *(
                "" if p is None else f"{p.seconds:.2f}{p.note} = {p.seconds / row.ours:.0f} × ours"
                for p in took
            ),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    lines.append("")
    for package, peer in absent.items():
        lines += [f"{package}: {peer.task} {peer.note}".strip(), ""]
    for n, peak in memory.items():
        told = f"Peak memory at {n:,} persons: {peak:,.0f} MB, all of our tasks and the survey."
        lines += [told, ""]
    lines += ["| start | seconds | to reach |", "|---|--:|---|"]
    lines += [f"| {what} | {took:.2f} | {goal} |" for what, took, goal in starts]
    return "\n".join(lines) + "\n"


def write(text: str) -> None:
    """docs/benchmarks.md, with date and size of the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    head = HEAD.format(date=datetime.date.today(), cores=os.cpu_count(), memory=memory)
    PAGE.write_text(head + text, encoding="utf-8", newline="\n")


def write_reports(text: str) -> None:
    """docs/benchmarks.md with other batches of reports, all else as it is."""
    rest, found, _ = PAGE.read_text(encoding="utf-8").partition(BEFORE)
    assert found, f"{PAGE} has no {BEFORE}"
    PAGE.write_text(rest.rstrip() + "\n" + REPORTS + text, encoding="utf-8", newline="\n")
