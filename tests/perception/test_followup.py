"""What was promised, before and after: families, verdicts and what is hidden."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from survey_lib.disclosure import HIDDEN, protect, protect_contrasts, protect_promises
from survey_lib.perception.beside import OF_REST
from survey_lib.perception.comparisons import compare_with_earlier, together
from survey_lib.perception.estimates import Estimates
from survey_lib.perception.followup import follow_up
from survey_lib.vocabulary.check_promises import SAFER
from survey_lib.vocabulary.promises import Promise

AREA, QUOTA, WIDER = "sdn:angered", "sdn:lundby", "so:nordost"
NOW, BEFORE, LONG_AGO = "2024", "2022", "2018"
TABLES = {
    "problems": ["prob_moped_stort", "prob_narkotika_stort", "prob_klotter_stort"],
    "trust": ["fort_polis", "fort_stad"],
    "safety": ["otrygg_ute_kvall", "trygg_omrade"],
    "exposure_person": ["uts_vald"],
}


def promise(indicators: dict, baseline: str | None = BEFORE, **other) -> Promise:
    said = {
        "level": "sdn", "areas": [AREA], "text": "Löfte.", "wanted": "ned", "source": "Källa",
        "period": (date(2023, 1, 1), date(2023, 12, 31)), "indicators": indicators,
        "baseline": baseline, "follow_up": NOW,
    }  # fmt: skip
    return Promise(**(said | other))


def estimates(
    parameters, wave: str, shares: dict | None = None, n: dict | None = None
) -> Estimates:
    """A wave's estimates of a few indicators: shares 0,30 of 900 respondents unless told."""
    rows = []
    for area in (AREA, QUOTA, WIDER):
        for table, indicators in TABLES.items():
            for indicator in indicators:
                p = (shares or {}).get(indicator, 0.30)
                size = (n or {}).get(indicator, 900)
                rows.append(
                    {
                        "table": table, "indicator": indicator, "area": area, "group": "",
                        "category": "", "estimate": p, "se": np.sqrt(p * (1 - p) / size),
                        "low": max(p - 0.03, 0), "high": min(p + 0.03, 1), "n": size,
                        "count": round(p * size), "n_effective": size, "df": size - 1.0,
                    }
                )  # fmt: skip
    areas = pd.DataFrame(
        {
            "area": [AREA, QUOTA, WIDER],
            "sampling": ["sannolikhet", "kvot", "sannolikhet"],
            "modes": "post|webb",
            "missing": "",
        }
    )
    others = {f.name: pd.DataFrame() for f in fields(Estimates)}
    own = {"wave": parameters.waves[wave], "indicators": pd.DataFrame(rows), "areas": areas}
    return Estimates(**(others | own))


def followed(parameters, promises: dict, now: Estimates, *earlier: Estimates):
    """The rows about promises and the wave's contrasts with the first of the earlier waves."""
    parameters = replace(parameters, promises=promises)
    changes = {one.wave.id: compare_with_earlier(now, one, parameters) for one in earlier}
    frame = follow_up(now, changes, parameters)
    return frame.set_index(["promise", "area", "indicator"]), changes[earlier[0].wave.id]


# -- verdicts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("indicator", "wanted", "before", "now", "verdict"),
    [
        ("prob_moped_stort", "ned", 0.40, 0.30, "ratt"),
        ("prob_moped_stort", "ned", 0.30, 0.40, "annat"),
        ("prob_moped_stort", "ned", 0.30, 0.31, "ovisst"),
        ("prob_moped_stort", "ned", 0.30, 0.30, "ovisst"),
        ("fort_polis", "upp", 0.40, 0.30, "annat"),
        ("fort_polis", "upp", 0.30, 0.40, "ratt"),
        ("fort_polis", "upp", 0.30, 0.29, "ovisst"),
    ],
)
def test_the_verdict_follows_the_test_and_the_wanted_direction(
    parameters, indicator, wanted, before, now, verdict
):
    rows, _ = followed(
        parameters,
        {"p": promise({indicator: wanted})},
        estimates(parameters, NOW, {indicator: now}),
        estimates(parameters, BEFORE, {indicator: before}),
    )
    row = rows.loc[("p", AREA, indicator)]
    assert row["verdict"] == verdict and row["wanted"] == {"upp": "up", "ned": "down"}[wanted]
    assert row["secured"] == (verdict != "ovisst")
    assert (row["first"], row["second"]) == (now, before)
    assert (row["before"], row["after"], row["ongoing"]) == (BEFORE, NOW, False)


def test_what_is_not_tested_has_no_verdict(parameters):
    """Another wording, a quota sample, few answers, no wave before: a state, never a verdict."""
    promises = {
        "p": promise({"fort_stad": "upp", "prob_moped_stort": None}, LONG_AGO),
        "quota": promise({"prob_moped_stort": None}, areas=[QUOTA]),
        "new": promise({"fort_polis": "upp"}, None),
        "few": promise({"prob_klotter_stort": None}),
    }
    rows, _ = followed(
        parameters,
        promises,
        estimates(parameters, NOW, {"prob_moped_stort": 0.1}, {"prob_klotter_stort": 29}),
        estimates(parameters, BEFORE),
        estimates(parameters, LONG_AGO, {"fort_stad": 0.6}),
    )
    states = rows["state"].to_dict()
    assert states == {
        ("p", AREA, "fort_stad"): "wording",
        ("p", AREA, "prob_moped_stort"): "",
        ("quota", QUOTA, "prob_moped_stort"): "sampling",
        ("new", AREA, "fort_polis"): "none",
        ("few", AREA, "prob_klotter_stort"): "none",
    }
    untested = rows[rows["state"] != ""]
    assert (untested["verdict"] == "").all() and not untested["secured"].any()
    assert untested["p"].isna().all()
    changed = rows.loc[("p", AREA, "fort_stad")]
    assert np.isnan(changed["second"]) and np.isnan(changed["difference"])


def test_a_wave_inside_the_period_shows_the_promise_so_far(parameters):
    period = (date(2024, 1, 1), date(2025, 12, 31))
    ongoing = promise({"prob_moped_stort": None}, follow_up=None, period=period)
    now, before = estimates(parameters, NOW), estimates(parameters, BEFORE)
    rows, changes = followed(parameters, {"p": ongoing}, now, before)
    assert rows["ongoing"].all() and (changes["family"] == "promise p").sum() == 1
    over = ongoing.model_copy(update={"period": (date(2021, 1, 1), date(2021, 12, 31))})
    rows, changes = followed(parameters, {"p": over}, now, before)
    assert rows.empty and not changes["family"].str.startswith("promise").any()


def test_an_area_that_was_not_asked_has_no_row(parameters):
    now = estimates(parameters, NOW)
    now.areas.loc[now.areas["area"] == AREA, "sampling"] = ""
    rows, _ = followed(
        parameters,
        {"p": promise({"prob_moped_stort": None}, areas=[AREA, QUOTA])},
        now,
        estimates(parameters, BEFORE),
    )
    assert list(rows.index) == [("p", QUOTA, "prob_moped_stort")]


def test_modes_and_seasons_that_differ_are_told(parameters):
    now, before = estimates(parameters, NOW), estimates(parameters, BEFORE)
    before = replace(before, wave=before.wave.model_copy(update={"season": "vår"}))
    before.areas.loc[before.areas["area"] == AREA, "modes"] = "telefon"
    rows, _ = followed(parameters, {"p": promise({"fort_polis": "upp"})}, now, before)
    assert rows[["modes_differ", "seasons_differ"]].all(axis=None)


# -- families -----------------------------------------------------------------------------------

SHARES = st.floats(0.05, 0.6)
CHOSEN = [i for table in TABLES.values() for i in table if i != "fort_stad"]


def adjusted(p: pd.Series, method: str) -> np.ndarray:
    with patch("gc.collect"):  # statsmodels' Holm collects garbage at every call
        return multipletests(p, method=method)[1]


@settings(max_examples=25)
@given(
    now=st.lists(SHARES, min_size=7, max_size=7),
    split=st.lists(st.sampled_from(["a", "b", ""]), min_size=7, max_size=7),
    baseline=st.sampled_from([BEFORE, LONG_AGO]),
)
def test_every_change_is_tested_in_one_family(parameters, now, split, baseline):
    """Promises take their indicators out of the tables' families, whatever they are; Holm and
    Benjamini–Hochberg as statsmodels has them; the two frames agree."""
    indicators = parameters.questionnaire.indicators
    wanted = {i: SAFER[indicators[i].rule.better or ""] for i in CHOSEN}
    chosen = list(zip(CHOSEN, split, strict=True))
    promises = {
        name: promise(
            {i: wanted[i] for i, its in chosen if its == name}, baseline, areas=[AREA, WIDER]
        )
        for name in set(split) - {""}
    }
    rows, changes = followed(
        parameters,
        promises,
        estimates(parameters, NOW, dict(zip(CHOSEN, now, strict=True))),
        estimates(parameters, BEFORE),
        estimates(parameters, LONG_AGO, dict(zip(CHOSEN, now[::-1], strict=True))),
    )
    assert not changes.duplicated(["area", "indicator"]).any()
    assert (changes["secured"] == (changes["p_adjusted"] < 0.05)).all()
    tested = changes[changes["state"] == ""]
    for (family, _), part in tested.groupby(["family", "area"]):
        method = "holm" if family.startswith("promise") else "fdr_bh"
        expected = adjusted(part["p"], method)
        np.testing.assert_allclose(part["p_adjusted"], expected, rtol=1e-12)
    own = {
        (name, a, i) for name, one in promises.items() for a in one.areas for i in one.indicators
    }
    assert set(rows.index) == own
    for _, part in rows.groupby(level=["promise", "area"]):
        expected = adjusted(part["p"], "holm")
        np.testing.assert_allclose(part["p_adjusted"], expected, rtol=1e-12)
    in_promises = changes[changes["family"].str.startswith("promise")]
    if baseline != BEFORE:  # another wave than the reports': the tables' families are whole
        assert in_promises.empty
        return
    keys = zip(in_promises["family"].str.removeprefix("promise "), in_promises["area"],
               in_promises["indicator"], strict=True)  # fmt: skip
    assert set(keys) == own
    for one in in_promises.to_dict("records"):
        row = rows.loc[(one["family"].removeprefix("promise "), one["area"], one["indicator"])]
        for number in ("first", "second", "difference", "p", "p_adjusted", "secured", "state"):
            assert row[number] == one[number]


# -- the door -----------------------------------------------------------------------------------


def behind_the_door(parameters, promises, now: Estimates, *earlier: Estimates, hidden=()):
    """Promises and contrasts as published; the door has also hidden some (wave, indicator)."""
    parameters = replace(parameters, promises=promises)
    changes = {one.wave.id: compare_with_earlier(now, one, parameters) for one in earlier}
    rows = follow_up(now, changes, parameters)
    rows = rows.assign(rest_areas="", **dict.fromkeys(OF_REST, np.nan))  # no rest: test_beside
    nothing = pd.DataFrame(columns=["item", "n", "count"])
    shown = {
        one.wave.id: protect(one.indicators, nothing, parameters)[0] for one in (now, *earlier)
    }
    for wave, indicator in hidden:
        rows_of = shown[wave]["indicator"] == indicator
        shown[wave].loc[rows_of, "mark"] = HIDDEN
        shown[wave].loc[rows_of, ["estimate", "low", "high", "n"]] = np.nan
    return protect_promises(rows, shown[now.wave.id], shown, parameters), protect_contrasts(
        together([changes[earlier[0].wave.id]]), shown[now.wave.id], shown[earlier[0].wave.id],
        parameters,
    )  # fmt: skip


DIFFERENCE = ["difference", "se", "low", "high", "p", "p_adjusted"]
SECOND = ["second", "second_low", "second_high", "n_second"]
FIRST = ["first", "first_low", "first_high", "n_first"]


def test_a_hidden_baseline_takes_the_difference_with_it(parameters):
    """Three victims of violence in 2022: neither the share nor what would tell it; the share of
    2024 is published anyway."""
    now = estimates(parameters, NOW, {"uts_vald": 0.10})
    before = estimates(parameters, BEFORE, {"uts_vald": 3 / 900})
    promises = {"p": promise({"uts_vald": None, "fort_polis": "upp"})}
    rows, contrasts = behind_the_door(parameters, promises, now, before)
    row = rows.set_index("indicator").loc["uts_vald"]
    assert row[[*DIFFERENCE, *SECOND]].isna().all()
    assert (row["second_mark"], row["mark"]) == (HIDDEN, "")
    assert row[FIRST].tolist() == pytest.approx([0.10, 0.07, 0.13, 900])
    assert (row["verdict"], row["secured"], row["state"]) == ("", False, "none")
    same = contrasts.query("area == @AREA and indicator == 'uts_vald'").iloc[0]
    assert np.isnan(same["difference"]) and same["family"] == "promise p"
    assert rows.set_index("indicator").loc["fort_polis", "verdict"] == "ovisst"
    assert not [c for c in rows if c.startswith(("count", "n_beside"))]


@pytest.mark.parametrize("wave", [NOW, BEFORE])
def test_what_is_hidden_for_the_sake_of_others_is_hidden_here_too(parameters, wave):
    """Secondary suppression: nothing is small in the row itself."""
    waves = estimates(parameters, NOW), estimates(parameters, BEFORE)
    promises = {"p": promise({"fort_polis": "upp"})}
    rows, _ = behind_the_door(parameters, promises, *waves, hidden=[(wave, "fort_polis")])
    side = FIRST if wave == NOW else SECOND
    assert rows.iloc[0][[*DIFFERENCE, *side]].isna().all() and rows.iloc[0]["verdict"] == ""


def test_a_hidden_value_now_takes_everything_with_it(parameters):
    now = estimates(parameters, NOW, {"uts_vald": 3 / 900})
    rows, _ = behind_the_door(
        parameters, {"p": promise({"uts_vald": None})}, now, estimates(parameters, BEFORE)
    )
    assert rows.iloc[0][[*DIFFERENCE, *FIRST]].isna().all()
    assert (rows.iloc[0]["mark"], rows.iloc[0]["verdict"]) == (HIDDEN, "")


def test_no_promises_leave_an_empty_frame_with_all_columns(parameters):
    now, before = estimates(parameters, NOW), estimates(parameters, BEFORE)
    none, _ = behind_the_door(parameters, {}, now, before)
    some, _ = behind_the_door(parameters, {"p": promise({"fort_polis": "upp"})}, now, before)
    assert none.empty and list(none.columns) == list(some.columns)
    assert none.dtypes[FIRST].eq(float).all() and none["secured"].dtype.kind == "b"


def test_a_promise_without_a_wave_before_shows_the_value_alone(parameters):
    rows, _ = behind_the_door(
        parameters,
        {"p": promise({"fort_polis": "upp"}, None)},
        estimates(parameters, NOW),
        estimates(parameters, BEFORE),
    )
    row = rows.iloc[0]
    assert (row["before"], row["state"], row["verdict"]) == ("", "none", "")
    assert (
        row[FIRST].tolist() == pytest.approx([0.30, 0.27, 0.33, 900]) and row[SECOND].isna().all()
    )
