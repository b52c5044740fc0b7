"""Samples from populations whose truth is known: coverage, standard errors, false alarms.

Small sizes run in the tests; full sizes under the marker ``evidence``. The grid is fixed and no
point is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy import special

from survey_lib.statistics import intervals
from survey_lib.statistics.comparison import adjust, compare_independent
from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import covariance_of_shares, estimate_shares
from survey_lib.statistics.raking import rake
from survey_lib.statistics.ranking import rank_sets, with_floor

SIZES = (30, 60, 100, 150, 400, 1000)
SHARES = (0.01, 0.02, 0.05, 0.10, 0.25, 0.50)
EFFECTS = (1.0, 1.5)
RESIDUALS = ("leverage", "plain")

Limits = Callable[..., tuple[np.ndarray, np.ndarray]]


def wald(p, n_effective, n, df, confidence=0.95):
    half = intervals.t_quantile(confidence, df) * np.sqrt(p * (1 - p) / n_effective)
    return p - half, p + half


def logit(p, n_effective, n, df, confidence=0.95):
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = special.logit(p)
        half = intervals.t_quantile(confidence, df) / np.sqrt(p * (1 - p) * n_effective)
        low, high = special.expit(centre - half), special.expit(centre + half)
    inside = (p > 0) & (p < 1)
    return np.where(inside, low, p), np.where(inside, high, p)


def jeffreys(p, n_effective, n, df, confidence=0.95):
    tail = (1 - confidence) / 2
    a, b = n_effective * p + 0.5, n_effective * (1 - p) + 0.5
    return special.betaincinv(a, b, tail), special.betainccinv(a, b, tail)


def likelihood(p, n_effective, n, df, confidence=0.95):
    """Values whose likelihood ratio, on the effective n, is below the F quantile (by bisection)."""
    limit = np.square(intervals.t_quantile(confidence, df))

    def beyond(q):
        ratio = special.xlogy(p, p / q) + special.xlogy(1 - p, (1 - p) / (1 - q))
        return 2 * n_effective * ratio > limit

    ends = []
    for end in (0.0, 1.0):
        inner, outer = np.array(p), np.full_like(p, end)
        for _ in range(50):
            middle = np.clip((inner + outer) / 2, 1e-15, 1 - 1e-15)
            out = beyond(middle)
            inner, outer = np.where(out, inner, middle), np.where(out, middle, outer)
        ends.append(inner)
    return ends[0], ends[1]


RULES: dict[str, Limits] = {
    "rule": intervals.share_limits,
    "wald": wald,
    "logit": logit,
    "jeffreys": jeffreys,
    "likelihood": likelihood,
}


def coverage(draws: int, seed: int, rules: dict[str, Limits] = RULES) -> pd.DataFrame:
    """Coverage in percent and mean width of 95 % intervals at every point of the grid.

    Simple random samples with log-normal weights unrelated to the answer, whose 1 + CV² is the
    design effect.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for deff in EFFECTS:
        for n in SIZES:
            for p in SHARES:
                found = {rule: [0.0, 0.0] for rule in rules}
                for part in np.array_split(np.arange(draws), max(draws * n // 4_000_000, 1)):
                    shape = len(part), n
                    w = rng.lognormal(0, np.sqrt(np.log(deff)), shape)
                    y = rng.random(shape) < p
                    total, count = w.sum(axis=1), y.sum(axis=1)
                    share = np.where(count == n, 1.0, (w * y).sum(axis=1) / total)
                    square = np.square(w * (y - share[:, None])).sum(axis=1)
                    kish = n * np.square(w).sum(axis=1) / np.square(total)
                    variance = n / (n - 1) * square / np.square(total)
                    size = intervals.effective_size(share, variance, n, kish)
                    for rule, limits in rules.items():
                        low, high = limits(share, size, n, n - 1)
                        found[rule][0] += ((low <= p) & (p <= high)).sum()
                        found[rule][1] += (high - low).sum()
                for rule, (inside, width) in found.items():
                    rows.append((rule, deff, n, p, 100 * inside / draws, 100 * width / draws))
    return pd.DataFrame(rows, columns=["rule", "deff", "n", "share", "coverage", "width"])


def standard_errors(draws: int, seed: int, *, clustered: bool) -> pd.DataFrame:
    """Mean standard error over true spread after raking, for city, district and a cutting group,
    by either kind of residual.

    2 200 persons in ten districts, unequal start weights, 132 margin cells; in clusters of 11 with
    an intraclass correlation of about 0,03 where ``clustered``.
    """
    rng = np.random.default_rng(seed)
    n, districts, clusters = 2200, 10, 20
    district = np.repeat(np.arange(districts), n // districts)
    psu = np.repeat(np.arange(districts * clusters), n // (districts * clusters))
    adults = np.array([1.0, 2, 3, 4])
    share = np.linspace(0.6, 1.4, districts) / districts
    population = 400_000
    codes = [district * 12, district * 3]
    targets = [np.repeat(share, 12) / 12 * population, np.repeat(share, 3) / 3 * population]
    found = []
    for _ in range(draws):
        age, sex, birth = (rng.integers(0, k, n) for k in (6, 2, 3))
        size = rng.choice(4, n, p=[0.4, 0.35, 0.15, 0.1])
        start = share[district] * population / (n / districts) * adults[size]
        start *= population / start.sum()
        # larger households are drawn less often: the design weight restores them
        margins = [(codes[0] + age * 2 + sex, targets[0]), (codes[1] + birth, targets[1])]
        drift = rng.normal(0, 0.35, districts * clusters)[psu] if clustered else 0.0
        chance = special.expit(
            -1 + 0.3 * (age - 2.5) + 0.5 * sex + 0.4 * (birth == 2) + 0.08 * district + drift
        )
        y = (rng.random(n) < chance)[:, None]
        raked = rake(start, margins)
        groups = [np.zeros(n, int), np.where(district == 3, 0, -1), np.where(birth == 1, 0, -1)]
        row = []
        for residuals in RESIDUALS:
            design = Design(
                raked.weights, district, psu if clustered else None,
                calibration=raked.calibration, residuals=residuals,
            )  # fmt: skip
            frames = [estimate_shares(design, y, np.ones_like(y), group, 1) for group in groups]
            row.append([(frame["estimate"][0], frame["se"][0]) for frame in frames])
        found.append(row)
    values = np.array(found)  # draws × residuals × domains × (estimate, se)
    spread, mean = values[..., 0].std(axis=0, ddof=1), values[..., 1].mean(axis=0)
    domains = ["city", "district", "cutting group"]
    return pd.DataFrame((mean / spread).T, index=domains, columns=list(RESIDUALS))


def false_alarms(runs: int, seed: int, *, changed: int) -> tuple[float, float]:
    """Two waves of a list of 18 problems, Benjamini–Hochberg at 5 %.

    Returns the share of runs with any false "säkerställd", and the mean share of false among all.
    """
    rng = np.random.default_rng(seed)
    n, k = 500, 18
    everyone = np.ones((n, k), dtype=bool)
    alarms, false = 0, 0.0
    for _ in range(runs):
        before = rng.uniform(0.03, 0.4, k)
        after = before.copy()
        after[:changed] += 0.12
        waves = []
        for truth in (before, after):
            common = rng.normal(size=(n, 1))
            y = special.ndtr(np.sqrt(0.3) * common + np.sqrt(0.7) * rng.normal(size=(n, k))) < truth
            design = Design(rng.lognormal(0, 0.5, n), np.repeat(np.arange(5), n // 5))
            waves.append(estimate_shares(design, y, everyone))
        secured = adjust(compare_independent(*waves)["p"], "list") < 0.05
        alarms += secured[changed:].any()
        false += secured[changed:].sum() / max(secured.sum(), 1)
    return alarms / runs, false / runs


TRUTHS = {
    "apart": np.linspace(0.05, 0.50, 10),
    "near": np.r_[np.linspace(0.28, 0.32, 5), np.linspace(0.08, 0.12, 5)],
    "tied": np.repeat([0.05, 0.2, 0.35], [4, 3, 3]),
    "all equal": np.repeat(0.15, 10),
    "rare": np.r_[0.0, 0.0, 0.005, 0.01, 0.01, 0.02, 0.03, 0.05, 0.1, 0.3],
}
RANK_SIZES = (30, 100, 400, 1000)


def rank_coverage(
    draws: int, seed: int, truths: Sequence[str] = tuple(TRUTHS), sizes: Sequence[int] = RANK_SIZES
) -> pd.DataFrame:
    """How often the sets of ranks hold the truth, in percent: ten problems with a common cause,
    stratified samples whose weights give a design effect of 1,3.

    ``marginal`` is the mean over the ten and ``worst`` the least of them, ``all`` all sets at once;
    ``first`` and ``top three`` whether every problem that truly is the largest, or among the three
    largest, is in the confidence set. A set must hold every rank that ties allow.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for truth in truths:
        p = TRUTHS[truth]
        lowest = 1 + (p[None] > p[:, None]).sum(axis=1)
        highest = (p[None] >= p[:, None]).sum(axis=1)
        for n in sizes:
            found = []
            for _ in range(draws):
                common = rng.normal(size=(n, 1))
                latent = np.sqrt(0.3) * common + np.sqrt(0.7) * rng.normal(size=(n, len(p)))
                y = special.ndtr(latent) < p
                weights = rng.lognormal(0, np.sqrt(np.log(1.3)), n)
                design = Design(weights, np.repeat(np.arange(3), -(-n // 3))[:n])
                everyone = np.ones_like(y)
                frame = estimate_shares(design, y, everyone)
                share, covariance = covariance_of_shares(design, y, everyone)
                df = frame["df"].to_numpy()
                safe = with_floor(covariance, share, frame["low"], frame["high"], df)
                sets = rank_sets(share, safe, df.min())
                own = (sets["low"] <= lowest) & (sets["high"] >= highest)
                every = (sets["low_all"] <= lowest) & (sets["high_all"] >= highest)
                among = [(sets["low_all"][lowest <= t] <= t).all() for t in (1, 3)]
                found.append([*own, every.all(), *among])
            inside = 100 * np.mean(found, axis=0)
            marginal = inside[: len(p)]
            rows.append((truth, n, marginal.mean(), marginal.min(), *inside[len(p) :]))
    columns = ["truth", "n", "marginal", "worst", "all", "first", "top three"]
    return pd.DataFrame(rows, columns=columns)
