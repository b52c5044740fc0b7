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

import batches
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


def duel(floor_task: Callable[[], Any], task: Callable[[], Any]) -> tuple[Any, ...]:
    """Shortest wall times in seconds of both and their last results, run in turn so that a busy
    moment hits both: three times, then until a second has passed, at most 30 times."""
    shortest, results, began = [np.inf, np.inf], [None, None], time.perf_counter()
    for run in range(30):
        for k, call in enumerate((floor_task, task)):
            before = time.perf_counter()
            results[k] = call()
            shortest[k] = min(shortest[k], time.perf_counter() - before)
        if run >= 2 and time.perf_counter() - began > 1:
            break
    return *shortest, *results


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
    rows: list[Row] = []
    s = make_survey(n)
    answers, groups = all_categories(s), s.district.astype(np.intp)
    margins = [Margin(*margin) for margin in s.margins]

    def line(task, title, *numbers) -> None:
        rows.append(Row(task, title, n, *numbers))

    t0, t1, (cell, levels, w), raked = duel(
        lambda: floor.rake(s), lambda: rake(s.start, s.margins, tolerance=1e-6)
    )
    off = np.abs(raked.weights / w - 1).max()
    assert off < 1e-5, off
    line("rake", "rake to 1e-6", t0, t1, 3, off)

    # one set of weights for both, so that results can be equal
    exact = rake(s.start, s.margins, tolerance=1e-12)
    w = exact.weights

    def difference(frame, share, se) -> float:
        found = frame["estimate"].to_numpy(), frame["se"].to_numpy()
        off = [np.abs(a / b.ravel() - 1).max() for a, b in zip(found, (share, se), strict=True)]
        assert max(off) < 1e-8, off
        return max(off)

    fixed = Design(w, s.district)
    t0, t1, expected, frame = duel(
        lambda: floor.shares(s, w, cell),
        lambda: estimate_answers(fixed, answers, groups, DISTRICTS),
    )
    off = difference(frame, *expected)
    line("fixed", "180 categories × 10 districts, weights fixed", t0, t1, 2, off)

    plain = Design(w, s.district, calibration=exact.calibration, residuals="plain")
    t0, t1, expected, frame = duel(
        lambda: floor.shares(s, w, cell, levels, s.start),
        lambda: estimate_answers(plain, answers, groups, DISTRICTS),
    )
    line("residual", "the same with residuals, plain", t0, t1, 2, difference(frame, *expected))
    default = Design(w, s.district, calibration=exact.calibration)
    t0, t1, *_ = duel(
        lambda: floor.shares(s, w, cell, levels, s.start),
        lambda: estimate_answers(default, answers, groups, DISTRICTS),
    )
    line("leverage", "the same with residuals, leverage (default)", t0, t1, 2, np.nan)

    problems = answers.indicators(np.flatnonzero(np.diff(answers.question, prepend=-1))[:18])
    clustered = Design(w, s.district, s.psu)
    t0, t1, expected, (_, found) = duel(
        lambda: floor_wide.covariance(s, w, range(18)),
        lambda: covariance_of_answers(clustered, problems, groups, DISTRICTS),
    )
    off = np.abs(found - expected).max() / np.abs(expected).max()
    assert off < 1e-10, off
    line("covariance", "covariance of 18 problems × 10, with units", t0, t1, 3, off)

    if n <= 50_000:
        base = Design(w, s.district, calibration=exact.calibration)

        def replicated():
            made = bootstrap(base, 500, 1, margins=margins)
            return estimate_replicated_shares(made, answers, groups, DISTRICTS)

        t0, t1, *_ = duel(lambda: floor_wide.bootstrap(s, 500), replicated)
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
    text += page.REPORTS + batches.run()
    print(text)
    if not arguments.no_page:
        page.write(text)


if __name__ == "__main__":
    sys.exit(main())
