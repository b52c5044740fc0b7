"""docs/scale.md: what was measured, and what follows from it for a country."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime

MUNICIPALITIES, AREAS = 290, 10
LARGE = 200_000  # persons of the largest national wave
WORKERS = (1, 8, 64)


@dataclass(frozen=True)
class Preparing:
    """``trygg prepare`` of one wave and the three before it: persons of the wave, CPU seconds, the
    largest memory and the published store in MB."""

    persons: int
    seconds: float
    memory: float
    store: float


@dataclass(frozen=True)
class Reporting:
    """Reports on a cluster of one worker.

    Attributes
    ----------
    areas : how many areas were measured.
    jobs, wave_jobs : pages of an area, and pages about the wave.
    seconds : CPU seconds of the worker per area, all its pages.
    first : CPU seconds of the worker that are not an area's: its start, the pages about the wave.
    here : CPU seconds per area of the program that asks, Dask's scheduler in it.
    worker_memory : MB of one worker with all that it starts.
    luggage, result : MB that travel to each worker, and back for each area.
    """

    areas: int
    jobs: int
    wave_jobs: int
    seconds: float
    first: float
    here: float
    worker_memory: float
    luggage: float
    result: float

    @property
    def page(self) -> float:
        """CPU seconds per page; those about the wave are taken to cost as much as an area's."""
        return self.seconds / self.jobs

    @property
    def start(self) -> float:
        """CPU seconds of a worker before its first page."""
        return max(self.first - self.wave_jobs * self.page, 0.0)


def text(sizes: list[Preparing], one: Reporting) -> str:
    """The page."""
    prepared = "\n".join(
        f"| {size.persons:,} | {size.seconds:.0f} | {size.memory:.0f} | {size.store:.1f} |"
        for size in sizes
    )
    return PAGE.format(
        day=f"{datetime.now(UTC):%Y-%m-%d}",
        cores=os.cpu_count(),
        prepared=prepared,
        country="\n".join(_row(workers, one) for workers in WORKERS),
        hours=MUNICIPALITIES * sizes[0].seconds / 3600,
        municipalities=MUNICIPALITIES,
        each=AREAS,
        reports=MUNICIPALITIES * AREAS,
        busy=_busy(one),
        start=one.start,
        keeps_up=one.seconds / one.here,
        growth=_growth(sizes),
        **vars(one),
    )


def _row(workers: int, one: Reporting) -> str:
    """The country on some workers: hours, memory of all workers, gigabytes that travel."""
    used = min(workers, _busy(one))
    of_a_run = _busy(one) * one.page + used * one.start
    runs = max(1, round(workers / used))
    made = MUNICIPALITIES * of_a_run / workers / 3600
    written = MUNICIPALITIES * AREAS * one.here / runs / 3600  # a core for each run
    hours, limit = (made, "workers") if made > written else (written, "the one that asks")
    clock = f"{hours:.1f} h" if hours >= 1 else f"{60 * hours:.0f} min"
    out = MUNICIPALITIES * used * one.luggage / 1e3
    back = MUNICIPALITIES * AREAS * one.result / 1e3
    memory = workers * one.worker_memory / 1e3
    return f"| {workers} | {runs} | {clock} | {limit} | {memory:.0f} | {out:.1f} | {back:.1f} |"


def _busy(one: Reporting) -> int:
    """Workers that one municipality's run can keep busy: a page each."""
    return AREAS * one.jobs + one.wave_jobs


def _growth(sizes: list[Preparing]) -> str:
    """What larger waves cost, on the line through the smallest and the largest measured; in time no
    less than the largest: the more persons, the fewer values are hidden and guarded."""
    if len(sizes) < 2:
        return "Only one size was measured."
    first, last = sizes[0], sizes[-1]

    def at(small: float, large: float) -> float:
        return small + (large - small) * (LARGE - first.persons) / (last.persons - first.persons)

    seconds, memory = at(first.seconds, last.seconds), at(first.memory, last.memory) / 1e3
    seconds = max(seconds, last.seconds)
    return f"Computed from them for {LARGE:,} persons: {seconds:.0f} CPU s and {memory:.1f} GB."


PAGE = """\
# Scale

Made by `python benchmarks/scale.py`, which see: measured on {day}, {cores} cores, on the made-up
survey, CPU seconds of one core; everything called computed is worked out from those numbers in
`benchmarks/scale_page.py`. What a report costs on one computer, and beside what, is in
[benchmarks](benchmarks.md).

## Measured

`trygg prepare` of one wave with the three before it that it is compared with, all of the same size,
on the machine where the answers lie. The waves are the made-up one delivered several times over.

| persons in the wave | CPU s | memory, MB | published store, MB |
|--:|--:|--:|--:|
{prepared}

{growth}
The store hardly grows: it holds tables, not persons. A wave of NTU's size (75 000–200 000 answers)
is prepared on one ordinary computer.

Reports on a cluster of one worker (`--cluster local --workers 1`), {areas} areas with
{jobs} pages each and {wave_jobs} pages about the wave:

| what | measured |
|---|--:|
| CPU s of the worker per area | {seconds:.2f} |
| CPU s of the worker for its start and the pages about the wave | {first:.1f} |
| CPU s per area of the program that asks, with Dask's scheduler | {here:.3f} |
| memory of one worker with all that it starts, MB | {worker_memory:.0f} |
| to each worker: published store, parameters, notebooks, MB | {luggage:.1f} |
| back from it per area: pages, notebooks, workbooks, pictures, MB | {result:.2f} |

## Computed: {municipalities} municipalities × {each} areas

{reports} areas. Every municipality is a survey of its own with a store of its own, and a run of
its own, since a report opens its whole store; runs share the cluster. A run has {busy} pages and
keeps at most as many workers busy: with more workers several runs go on at once. A worker starts
anew for each run, which costs {start:.1f} CPU s when the pages about the wave are taken to cost as
much as an area's; that start is counted for every worker of every run.

| workers | runs at once | time | limited by | memory of all, GB | travels out, GB | back, GB |
|--:|--:|--:|---|--:|--:|--:|
{country}

Assumed: a core per worker and one per run for the program that asks, all equally fast, and a
network that isn't the limit. A program that asks keeps up with about {keeps_up:.0f} workers, since
it checks and writes every file; with more workers it is the limit, and more runs at once help.

Before that each municipality is prepared where its answers lie: {hours:.1f} hours of one core in
all, computed from the smallest wave above; nothing of it is shared, so it takes as much less as
there are machines. `--cluster` doesn't do this: workers get published tables only.

## A sample that no machine holds

`survey_lib.statistics.by_part` gives shares, their standard errors and intervals, the covariance of
several shares and every area against the rest from sums per part, added up; a part is an area with
strata and calibration of its own. The numbers are those of all persons at once to rounding (1e-12,
a property test; on the made-up wave by Dask workers in `tests/test_evidence_by_part.py`). So each
machine reads, cleans and weights the areas whose answers it holds, and sends sums.

What that does not cover: groups that share a part against each other, regression, small-area
models, replicate weights, changes between waves that have persons in common, and the wiring into
`trygg prepare`, which holds a wave in one computer's memory. The sums are confidential as tables of
small counts are, and go through the door like any estimate.

## Not measured

More than two cores, more than one machine, a real network, a store of many municipalities in one.
Workers that die, join and leave are tested with real Dask processes on one machine
(`tests/test_evidence_cluster.py`).
"""
