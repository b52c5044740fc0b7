"""Random samples for the property tests, made by numpy from a seed that hypothesis chooses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from survey_lib.statistics.answers import Answers
from survey_lib.statistics.design import Design
from survey_lib.statistics.margins import Margin
from survey_lib.statistics.raking import rake, trim


@dataclass(frozen=True)
class Sample:
    design: Design
    answers: Answers
    groups: np.ndarray
    margins: tuple[Margin, ...]


def sample(
    seed: int, *, clustered: bool, weighting: str, residuals: str = "leverage", zeros: bool = False
) -> Sample:
    """150–400 persons; ``weighting`` is fixed, raked or trimmed."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(150, 400))
    strata = rng.integers(0, 4, n)
    psu = rng.integers(0, 9, n)
    groups = rng.integers(-1, 5, n)
    start = rng.uniform(0.5, 4, n) * np.array([30.0, 10, 50, 20])[strata]
    if zeros:
        start[rng.random(n) < 0.05] = 0
    margins = []
    for name, levels in (("area", 4), ("age", 3), ("sex", 2)):
        codes = strata if name == "area" else rng.integers(0, levels, n)
        change = rng.uniform(0.8, 1.25, levels)
        targets = np.bincount(codes, start, minlength=levels) * change
        margins.append(Margin(codes, targets / targets.sum() * start.sum(), name))
    weights, calibration = start, None
    if weighting != "fixed":
        raked = rake(start, margins)
        raked = trim(raked, margins, 0.3, 2.8, groups=strata) if weighting == "trimmed" else raked
        weights, calibration = raked.weights, raked.calibration
    codes = rng.integers(-1, 5, (n, 3)).astype(np.int8)
    base = rng.random((8, 5)) < 0.8
    base[0], base[1] = True, False
    numerator = base & (rng.random((8, 5)) < 0.4)
    numerator[2] = base[2]
    answers = Answers(codes, rng.integers(0, 3, 8), numerator, base)
    design = Design(
        weights, strata, psu if clustered else None, calibration=calibration, residuals=residuals,
        lonely_psu="adjust",
    )  # fmt: skip
    return Sample(design, answers, groups, tuple(margins))


seeds = st.integers(0, 2**32 - 1)
weightings = st.sampled_from(["fixed", "raked", "trimmed"])
