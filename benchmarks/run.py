"""Side by side on the same seeded survey: this project, the floor, and what else is installed.

    python benchmarks/run.py [--persons 12000 1000000] [--peers]

Times are the best of several runs of the public functions, checks and tidy frame included; results
are held to the floor's before they are printed. ``--peers`` also runs R's survey, if Rscript has
it, at up to 50 000 persons.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # faster for products of this size

import argparse
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import floor
import floor_wide
import numpy as np
import peers
from survey import CATEGORIES, DISTRICTS, Survey, make_survey

from survey_lib.statistics.answers import Answers
from survey_lib.statistics.covariance import covariance_of_answers
from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import estimate_answers
from survey_lib.statistics.margins import Margin
from survey_lib.statistics.raking import rake
from survey_lib.statistics.replicates import bootstrap, estimate_replicated_shares


def best(task: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Shortest wall time in seconds, and the last result."""
    shortest, result = np.inf, None
    for _ in range(times):
        start = time.perf_counter()
        result = task()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, result


def line(task: str, n: int, floor_time: float, ours: float, limit: float, wrong: float) -> None:
    verdict = "" if ours <= limit * floor_time else "  over the limit"
    print(
        f"{n:>9,}  {task:<44} floor {floor_time:8.4f} s   ours {ours:8.4f} s   "
        f"{ours / floor_time:5.2f} × (limit {limit:g} ×)   differs {wrong:.0e}{verdict}"
    )


def all_categories(s: Survey) -> Answers:
    """Every category of every item as an indicator."""
    question = np.repeat(np.arange(len(CATEGORIES)), CATEGORIES)
    codes = np.concatenate([np.arange(levels) for levels in CATEGORIES])
    numerator = codes[:, None] == np.arange(5)
    base = np.arange(5) < np.asarray(CATEGORIES)[question][:, None]
    return Answers(s.items, question, numerator, base)


def compare(n: int, times: int) -> None:
    """All tasks at one size."""
    s = make_survey(n)
    answers, groups = all_categories(s), s.district.astype(np.intp)
    margins = [Margin(*margin) for margin in s.margins]

    t0, (cell, levels, w) = best(lambda: floor.rake(s), times)
    t1, raked = best(lambda: rake(s.start, s.margins, tolerance=1e-6), times)
    line("rake to 1e-6", n, t0, t1, 3, np.abs(raked.weights / w - 1).max())

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
    line("180 categories × 10 districts, weights fixed", n, t0, t1, 2, difference(frame, share, se))

    t0, (share, se) = best(lambda: floor.shares(s, w, cell, levels, s.start), times)
    plain = Design(w, s.district, calibration=exact.calibration, residuals="plain")
    t1, frame = best(lambda: estimate_answers(plain, answers, groups, DISTRICTS), times)
    line("the same with residuals, plain", n, t0, t1, 2, difference(frame, share, se))
    default = Design(w, s.district, calibration=exact.calibration)
    t1, _ = best(lambda: estimate_answers(default, answers, groups, DISTRICTS), times)
    line("the same with residuals, leverage (default)", n, t0, t1, 2, np.nan)

    problems = answers.indicators(np.flatnonzero(np.diff(answers.question, prepend=-1))[:18])
    clustered = Design(w, s.district, s.psu)
    t0, expected = best(lambda: floor_wide.covariance(s, w, range(18)), times)
    t1, (_, found) = best(
        lambda: covariance_of_answers(clustered, problems, groups, DISTRICTS), times
    )
    off = np.abs(found - expected).max() / np.abs(expected).max()
    assert off < 1e-10, off
    line("covariance of 18 problems × 10, with units", n, t0, t1, 3, off)

    if n <= 50_000:
        t0, _ = best(lambda: floor_wide.bootstrap(s, 500), 1)
        base = Design(w, s.district, calibration=exact.calibration)
        t1, _ = best(
            lambda: estimate_replicated_shares(
                bootstrap(base, 500, 1, margins=margins), answers, groups, DISTRICTS
            ),
            1,
        )
        line("500 re-raked bootstrap replicates, all shares", n, t0, t1, 3, np.nan)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{n:>9,}  peak memory {memory:,.0f} MB, the floor's included")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, nargs="+", default=[12_000, 1_000_000])
    parser.add_argument("--peers", action="store_true", help="run R's survey too")
    arguments = parser.parse_args()
    for n in arguments.persons:
        compare(n, times=5 if n < 100_000 else 3)
    if arguments.peers:
        peers.run(arguments.persons)


if __name__ == "__main__":
    sys.exit(main())
