"""Side by side on the same seeded survey: this project, the floor, and what else is installed.

    python benchmarks/run.py                             all of it, and docs/benchmarks.md anew
    python benchmarks/run.py --persons 12000 --no-page    one size, printed only

Times are the best of several runs of the public functions, checks and tidy frame included; results
are held to the floor's before anything is printed. R's survey is run where Rscript is found. svy
and samplics are run in a Python of their own, named by ``--peers`` or BENCHMARK_PEERS:

    python -m venv peers && peers/bin/pip install svy samplics polars
    python benchmarks/run.py --peers peers/bin/python
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # faster for products of this size

import argparse
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import floor
import floor_wide
import numpy as np
import page
import peers
import start
from survey import CATEGORIES, DISTRICTS, Survey, make_survey

from survey_lib.statistics.answers import Answers
from survey_lib.statistics.covariance import covariance_of_answers
from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import estimate_answers
from survey_lib.statistics.margins import Margin
from survey_lib.statistics.raking import rake
from survey_lib.statistics.replicates import bootstrap, estimate_replicated_shares
from survey_lib.statistics.rest import compare_with_rest


def best(task: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Shortest wall time in seconds, and the last result."""
    shortest, result = np.inf, None
    for _ in range(times):
        start = time.perf_counter()
        result = task()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, result


@dataclass(frozen=True)
class Row:
    """One task at one size: seconds of the floor and of ours, and how often the floor's is allowed.

    ``differs`` is the largest relative difference from the floor's results; NaN where they are
    random or another estimator's.
    """

    task: str
    title: str
    persons: int
    floor: float
    ours: float
    limit: float
    differs: float


def all_categories(s: Survey) -> Answers:
    """Every category of every item as an indicator."""
    question = np.repeat(np.arange(len(CATEGORIES)), CATEGORIES)
    codes = np.concatenate([np.arange(levels) for levels in CATEGORIES])
    numerator = codes[:, None] == np.arange(5)
    base = np.arange(5) < np.asarray(CATEGORIES)[question][:, None]
    return Answers(s.items, question, numerator, base)


def peak(n: int) -> float:
    """Peak memory in MB of a process that makes the survey and does all our tasks once."""
    s = make_survey(n)
    answers, groups = all_categories(s), s.district.astype(np.intp)
    raked = rake(s.start, s.margins)
    estimate_answers(Design(raked.weights, s.district), answers, groups, DISTRICTS)
    design = Design(raked.weights, s.district, calibration=raked.calibration)
    estimate_answers(design, answers, groups, DISTRICTS)
    clustered = Design(raked.weights, s.district, s.psu)
    problems = answers.indicators(np.flatnonzero(np.diff(answers.question, prepend=-1))[:18])
    covariance_of_answers(clustered, problems, groups, DISTRICTS)
    compare_with_rest(design, problems, groups, DISTRICTS)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def compare(n: int) -> list[Row]:
    """All tasks at one size."""
    times, rows = (9, []) if n < 100_000 else (5, [])
    s = make_survey(n)
    answers, groups = all_categories(s), s.district.astype(np.intp)
    margins = [Margin(*margin) for margin in s.margins]

    def line(task, title, *numbers) -> None:
        rows.append(Row(task, title, n, *numbers))

    t0, (cell, levels, w) = best(lambda: floor.rake(s), times)
    t1, raked = best(lambda: rake(s.start, s.margins, tolerance=1e-6), times)
    line("rake", "rake to 1e-6", t0, t1, 3, np.abs(raked.weights / w - 1).max())
    assert rows[-1].differs < 1e-5

    # one set of weights for both, so that results can be equal
    exact = rake(s.start, s.margins, tolerance=1e-12)
    w = exact.weights

    def difference(frame, share, se) -> float:
        found = frame["estimate"].to_numpy(), frame["se"].to_numpy()
        off = [np.abs(a / b.ravel() - 1).max() for a, b in zip(found, (share, se), strict=True)]
        assert max(off) < 1e-8, off
        return max(off)

    t0, (share, se) = best(lambda: floor.shares(s, w, cell), times)
    fixed = Design(w, s.district)
    t1, frame = best(lambda: estimate_answers(fixed, answers, groups, DISTRICTS), times)
    line(
        "fixed",
        "180 categories × 10 districts, weights fixed",
        t0,
        t1,
        2,
        difference(frame, share, se),
    )

    t0, (share, se) = best(lambda: floor.shares(s, w, cell, levels, s.start), times)
    plain = Design(w, s.district, calibration=exact.calibration, residuals="plain")
    t1, frame = best(lambda: estimate_answers(plain, answers, groups, DISTRICTS), times)
    line("residual", "the same with residuals, plain", t0, t1, 2, difference(frame, share, se))
    default = Design(w, s.district, calibration=exact.calibration)
    t1, _ = best(lambda: estimate_answers(default, answers, groups, DISTRICTS), times)
    line("leverage", "the same with residuals, leverage (default)", t0, t1, 2, np.nan)

    problems = answers.indicators(np.flatnonzero(np.diff(answers.question, prepend=-1))[:18])
    clustered = Design(w, s.district, s.psu)
    t0, expected = best(lambda: floor_wide.covariance(s, w, range(18)), times)
    t1, (_, found) = best(
        lambda: covariance_of_answers(clustered, problems, groups, DISTRICTS), times
    )
    off = np.abs(found - expected).max() / np.abs(expected).max()
    assert off < 1e-10, off
    line("covariance", "covariance of 18 problems × 10, with units", t0, t1, 3, off)

    if n <= 50_000:
        t0, _ = best(lambda: floor_wide.bootstrap(s, 500), 1)
        base = Design(w, s.district, calibration=exact.calibration)
        t1, _ = best(
            lambda: estimate_replicated_shares(
                bootstrap(base, 500, 1, margins=margins), answers, groups, DISTRICTS
            ),
            1,
        )
        line("replicates", "500 re-raked bootstrap replicates, all shares", t0, t1, 3, np.nan)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--persons", type=int, nargs="+", default=[12_000, 1_000_000])
    parser.add_argument("--peers", default=os.environ.get("BENCHMARK_PEERS"), metavar="PYTHON")
    parser.add_argument("--no-page", action="store_true", help="leave docs/benchmarks.md as it is")
    arguments = parser.parse_args()
    rows: list[Row] = []
    memory: dict[int, float] = {}
    for n in arguments.persons:
        rows += compare(n)
        with multiprocessing.get_context("spawn").Pool(1) as pool:  # a process of its own
            memory[n] = pool.apply(peak, (n,))
    others = peers.run(arguments.persons, arguments.peers)
    text = page.table(rows, others, memory, start.run())
    print(text)
    if not arguments.no_page:
        page.write(text)


if __name__ == "__main__":
    sys.exit(main())
