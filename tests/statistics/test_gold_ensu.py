"""A real clustered survey against R: INEGI's ENSU of September 2024 (own processing of INEGI data).

The data are read from ``../shared`` and are not part of the repository; without them the tests are
skipped. The gold values are R's (``gold/make_gold_ensu.R``).
"""

from __future__ import annotations

import csv
import io
import zipfile
from functools import cache
from pathlib import Path

import gold_cases as cases
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from survey_lib.statistics import association, estimation, intervals
from survey_lib.statistics.design import Design
from survey_lib.statistics.variance import Linearised

ARCHIVE = (
    Path(__file__).parents[3] / "shared/data/ensu_2024_09/conjunto_de_datos_ensu_2024_3t_csv.zip"
)
INNER = "conjunto_de_datos_ensu_cb_0924/conjunto_de_datos/conjunto_de_datos_ensu_cb_0924.csv"
pytestmark = pytest.mark.skipif(
    not ARCHIVE.exists(), reason="needs INEGI's ENSU archive in ../shared, which is absent"
)
GOLD = pd.read_csv(cases.GOLD / "gold_ensu.csv", encoding="utf-8").fillna({"domain": ""})


@cache
def persons() -> pd.DataFrame:
    with zipfile.ZipFile(ARCHIVE) as archive:
        text = archive.read(INNER).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    columns = ["FAC_SEL", "EST_DIS", "UPM_DIS", "CD", "SEXO", "BP1_1"]
    rows = [[row[column] for column in columns] for row in csv.DictReader(io.StringIO(text))]
    return pd.DataFrame(rows, columns=columns).astype(
        {"FAC_SEL": float, "CD": int, "SEXO": int, "BP1_1": int}
    )


@cache
def design() -> Design:
    frame = persons()
    return Design(
        frame["FAC_SEL"].to_numpy(), frame["EST_DIS"].to_numpy(), frame["UPM_DIS"].to_numpy(),
        lonely_psu="certainty",
    )  # fmt: skip


def unsafe() -> np.ndarray:
    return (persons()["BP1_1"] == 2).to_numpy()[:, None]


@pytest.mark.parametrize(
    "domain", GOLD.loc[GOLD["subject"] == "estimation.estimate_shares", "domain"].unique()
)
def test_shares_and_intervals(domain):
    column, _, code = domain.partition("_")
    members = (
        np.ones(len(persons()), dtype=bool)
        if not domain
        else (persons()[{"city": "CD", "sex": "SEXO"}[column]] == int(code)).to_numpy()
    )
    everyone = np.ones_like(unsafe())
    groups = np.where(members, 0, -1)
    found = estimation.estimate_shares(design(), unsafe(), everyone, groups, 1).iloc[0]
    gold = GOLD[GOLD["domain"] == domain].set_index(["subject", "statistic"])["value"]
    for statistic, value in gold["estimation.estimate_shares"].items():
        assert_allclose(found[statistic], value, rtol=1e-8, err_msg=str(statistic))
    share, size, df = found["estimate"], found["n_effective"], found["df"]
    assert_allclose(intervals.wilson(share, size, df), gold["intervals.wilson"], rtol=1e-8)
    assert_allclose(
        intervals.korn_graubard(share, size, found["n"], df),
        gold["intervals.korn_graubard"],
        rtol=1e-5,
    )


def test_covariance_of_a_part_and_the_whole():
    everyone = np.ones_like(unsafe())
    men = (persons()["SEXO"] == 1).to_numpy()[:, None]
    influence = [
        estimation.share_influence(design(), unsafe(), bases)[1]
        for bases in (everyone & men, everyone)
    ]
    found = Linearised(design()).covariance(np.hstack(influence))
    gold = GOLD[GOLD["subject"] == "covariance.covariance"]["value"].to_numpy()
    assert_allclose(found[np.triu_indices(2)], gold, rtol=1e-8)


def test_rao_scott():
    found = association.rao_scott(design(), unsafe()[:, 0].astype(int), persons()["SEXO"] - 1)
    gold = GOLD[GOLD["subject"] == "association.rao_scott"]
    for statistic, value in zip(gold["statistic"], gold["value"], strict=True):
        tolerance = 1e-5 if statistic == "p" else 1e-8
        assert_allclose(getattr(found, statistic), value, rtol=tolerance, err_msg=statistic)
