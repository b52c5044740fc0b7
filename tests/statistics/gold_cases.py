"""The gold data sets as designs: the same ones that ``gold/make_gold.R`` makes with R's survey."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from survey_lib.statistics.design import Design
from survey_lib.statistics.generalised import calibrate
from survey_lib.statistics.margins import Margin
from survey_lib.statistics.raking import Raked, post_stratify, rake

GOLD = Path(__file__).parent / "gold"
STRATA = [12000, 15000, 9000, 26000, 18000]
AGES = [14000, 23000, 26000, 17000]
SEXES = [40500, 39500]


@cache
def table(name: str) -> pd.DataFrame:
    """One of the CSVs beside the R script."""
    return pd.read_csv(GOLD / f"{name}.csv", encoding="utf-8")


@cache
def gold() -> pd.DataFrame:
    """All gold values; empty domain and key are ""."""
    return pd.read_csv(
        GOLD / "gold.csv", encoding="utf-8", dtype={"key": str, "value": float}
    ).fillna({"domain": "", "key": ""})


def margins() -> list[Margin]:
    """The three margins of the made-up wave."""
    wave = table("wave")
    return [
        Margin(wave["stratum"].to_numpy() - 1, np.array(STRATA), "stratum"),
        Margin(wave["age"].to_numpy() - 1, np.array(AGES), "age"),
        Margin(wave["sex"].to_numpy() - 1, np.array(SEXES), "sex"),
    ]


@cache
def design(case: str) -> Design:
    """The design of a case of the R script, with plain residuals as R's ``calibrate`` has them."""
    if case in ("api_strat", "api_clus"):
        api = table(case)
        strata = api["stype"].to_numpy() if case == "api_strat" else None
        psu = api["dnum"].to_numpy() if case == "api_clus" else None
        return Design(api["pw"].to_numpy(), strata, psu, api["fpc"].to_numpy())
    wave = table("wave")
    start, stratum = wave["start"].to_numpy(), wave["stratum"].to_numpy()
    psu = wave["psu"].to_numpy()
    if case == "wave_weights":
        return Design(start)
    if case == "wave_strata":
        return Design(start, stratum)
    if case == "wave_psu":
        return Design(start, stratum, psu)
    calibrated = raked(case)
    clusters = psu if case in ("wave_raked_psu", "wave_bounded", "wave_continuous") else None
    return Design(
        calibrated.weights,
        stratum,
        clusters,
        calibration=calibrated.calibration,
        residuals="plain",
    )


@cache
def raked(case: str) -> Raked:
    """The calibration of a case of the R script."""
    wave = table("wave")
    start = wave["start"].to_numpy()
    if case in ("wave_raked", "wave_raked_psu"):
        return rake(start, margins(), tolerance=1e-13)
    if case == "wave_post":
        return post_stratify(start, margins()[1])
    if case == "wave_continuous":
        woman = (wave["sex"] == 2).to_numpy()
        income = wave["income"].to_numpy()
        variables = np.column_stack([np.ones(len(wave)), woman, income])
        totals = [80000, SEXES[1], 1.05 * (start @ income) / start.sum() * 80000]
        return calibrate(start, variables, totals, kind="raking", tolerance=1e-13)
    variables = np.hstack([np.eye(len(m.targets))[m.codes] for m in margins()])
    totals = np.concatenate([m.targets for m in margins()])
    kind, bounds = {
        "wave_linear": ("linear", None),
        "wave_logit": ("logit", (0.3, 3.0)),
        "wave_bounded": ("linear", (0.5, 1.6)),
    }[case]
    return calibrate(start, variables, totals, kind=kind, bounds=bounds, tolerance=1e-13)


def domain(case: str, name: str) -> np.ndarray:
    """(n,) bool members of a named domain; "" is everyone."""
    frame = table(case if case.startswith("api") else "wave")
    if name == "":
        return np.ones(len(frame), dtype=bool)
    if name == "awards_No":
        return (frame["awards"] == "No").to_numpy()
    if name == "stype_E":
        return (frame["stype"] == "E").to_numpy()
    if name == "group_12":
        return (frame["group"] < 3).to_numpy()
    column, level = name.rsplit("_", 1)
    return (frame[column] == int(level)).to_numpy()


def share(case: str, key: str) -> tuple[np.ndarray, np.ndarray]:
    """(n, 1) numerator and base of a share in the gold rows."""
    if case.startswith("api"):
        yes = (table(case)["sch.wide"] == "Yes").to_numpy()
        return yes[:, None], np.ones((len(yes), 1), dtype=bool)
    wave = table("wave")
    column, level = {"unsafe": ("unsafe", 1), "litter_3": ("litter", 3), "rare": ("rare", 1)}[key]
    values = wave[column]
    return (values == level).to_numpy()[:, None], values.notna().to_numpy()[:, None]
