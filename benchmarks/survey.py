"""The seeded survey that every contestant gets: persons, weights, margins, answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DISTRICTS, AGES, SEXES, TENURES, BIRTHS = 10, 6, 2, 3, 3
CATEGORIES = [4] * 20 + [5] * 20  # of the 40 items


@dataclass(frozen=True, eq=False)
class Survey:
    """Arrays of n persons; codes count from 0. ``margins`` are (codes, population totals)."""

    start: np.ndarray
    district: np.ndarray
    age: np.ndarray
    sex: np.ndarray
    tenure: np.ndarray
    birth: np.ndarray
    psu: np.ndarray
    items: np.ndarray
    margins: list[tuple[np.ndarray, np.ndarray]]


def make_survey(n: int, seed: int = 1) -> Survey:
    """n persons in ten districts (strata, equally many in each), design weights times adults."""
    rng = np.random.default_rng(seed)
    district = np.sort(rng.integers(0, DISTRICTS, n)).astype(np.int8)
    age, sex, tenure, birth = (
        rng.integers(0, levels, n).astype(np.int8) for levels in (AGES, SEXES, TENURES, BIRTHS)
    )
    size = np.linspace(0.5, 1.5, DISTRICTS) * 42_000
    start = (size / np.bincount(district))[district] * rng.integers(1, 4, n)
    psu = district.astype(np.int32) * 10_000 + rng.integers(0, max(n // 200, 20), n, dtype=np.int32)
    items = np.empty((n, len(CATEGORIES)), dtype=np.int8, order="F")
    for item, levels in enumerate(CATEGORIES):
        tilt = 0.3 * tenure + 0.05 * district + 0.2 * sex
        items[:, item] = np.clip(
            rng.normal(levels / 2 - 0.5 + tilt - 0.6, 1.1, n).round(), 0, levels - 1
        )
    true = start * np.exp(0.25 * (tenure == 1) + 0.1 * age - 0.15 * sex + 0.2 * (birth == 2))
    wide = [part.astype(np.intp) for part in (district, age, sex, tenure, birth)]
    codes = [
        (wide[0] * AGES + wide[1]) * SEXES + wide[2],
        wide[0] * TENURES + wide[3],
        wide[0] * BIRTHS + wide[4],
        wide[1] * TENURES + wide[3],
    ]
    margins = [(code, np.bincount(code, true)) for code in codes]
    return Survey(start, district, age, sex, tenure, birth, psu, items, margins)
