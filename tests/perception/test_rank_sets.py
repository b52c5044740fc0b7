"""Places of the problems in each area: order, ties, who has a place, and sets by the covariance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey_lib.disclosure import hide, marks
from survey_lib.perception.indicators import domains, indicator_arrays
from survey_lib.perception.ranks import RANKS, ranks
from survey_lib.statistics.answers import Answers
from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import covariance_of_shares, estimate_answers
from survey_lib.statistics.ranking import rank_sets
from survey_lib.vocabulary import Parameters
from survey_lib.weighting import WeightedSurvey

LARGE, SMALL, FEW = "sdn:angered", "sdn:centrum", "sdn:askim_frolunda_hogsbo"
Drawn = tuple[pd.DataFrame, WeightedSurvey]
ITEMS = ["nedskrapning", "klotter", "skadegorelse", "belysning"]
STORT, NAGOT = ([f"prob_{item}_{kind}" for item in ITEMS] for kind in ("stort", "nagot"))


def ranked(
    parameters: Parameters, answers: dict[str, Any], area: list[str]
) -> tuple[pd.DataFrame, WeightedSurvey]:
    """Estimates of the problems in each stadsdel, with their ranks, from answers 1–3 per item."""
    frame = pd.DataFrame({f"prob_{item}": codes for item, codes in answers.items()}, dtype=np.int8)
    frame["area"] = pd.Categorical(area)
    weights = np.random.default_rng(0).lognormal(0, 0.3, len(frame))
    wave = parameters.waves["2024"]
    survey = WeightedSurvey(wave, frame, Design(weights), pd.DataFrame(), ())
    named = [i for i in [*STORT, *NAGOT] if i.rsplit("_", 1)[0] in frame]
    arrays = indicator_arrays(
        frame, [parameters.questionnaire.indicators[i] for i in named], wave, parameters
    )
    coded = Answers.from_indicators(*arrays)
    where = domains(frame, "sdn", None, parameters)
    shares = estimate_answers(survey.design, coded, where.codes, len(where.keys))
    rows = pd.concat(
        [shares, where.keys.iloc[shares["domain"]].reset_index(drop=True)], axis=1
    ).assign(indicator=np.array(named)[shares["indicator"]])
    rows["table"] = np.where(rows["indicator"].isin(STORT), "problems", "other")
    return pd.concat([rows, ranks(survey, rows, named, coded, parameters)], axis=1), survey


@pytest.fixture(scope="module")
def drawn(parameters: Parameters) -> tuple[pd.DataFrame, WeightedSurvey]:
    rng = np.random.default_rng(5)
    area = [LARGE] * 300 + [SMALL] * 60 + [FEW] * 25
    part = dict(zip(ITEMS, [0.3, 0.28, 0.06, 0.0], strict=True))
    answers = {item: np.where(rng.random(385) < p, 3, 1) for item, p in part.items()}
    return ranked(parameters, answers, area)


def test_only_ranked_tables_and_bases_that_may_be_shown_have_places(drawn: Drawn) -> None:
    rows, _ = drawn
    placed = rows[rows["rank"].notna()]
    assert set(placed["table"]) == {"problems"}
    assert set(placed["area"]) == {LARGE, SMALL}
    assert rows.loc[rows["rank"].isna(), RANKS].isna().all(axis=None)
    for _, part in placed.groupby("area"):
        assert sorted(part["rank"]) == [1, 2, 3, 4]
        assert part.sort_values("rank")["estimate"].is_monotonic_decreasing
        assert (part["rank_low_all"] <= part["rank_low"]).all()
        assert (part["rank_low"] <= part["rank"]).all()
        assert (part["rank"] <= part["rank_high"]).all()
        assert (part["rank_high"] <= part["rank_high_all"]).all()
        assert part["best"].equals(part["rank_low_all"])


def test_sets_come_from_the_areas_own_covariance(drawn: Drawn, parameters: Parameters) -> None:
    """The three that somebody names in the large area, far from the floor: as by hand."""
    rows, survey = drawn
    wanted = [parameters.questionnaire.indicators[i] for i in STORT]
    arrays = indicator_arrays(survey.frame, wanted, survey.wave, parameters)
    members = (survey.frame["area"] == LARGE).to_numpy()
    share, covariance = covariance_of_shares(survey.design, *arrays, members)
    covariance[3, 3] = 1e-4
    expected = rank_sets(share, covariance, 299)
    own = rows[rows["area"] == LARGE].set_index("indicator").loc[STORT]
    assert np.allclose(own["estimate"], share)
    found = own[["rank_low", "rank_high", "rank_low_all", "rank_high_all"]]
    assert np.array_equal(found, expected)
    assert own["rank_high"].tolist()[:2] == [2, 2], "the two largest can't be told apart"


def test_nobodys_problem_is_not_a_known_zero(drawn: Drawn) -> None:
    rows, _ = drawn
    own = rows[rows["area"] == SMALL].set_index("indicator").loc[STORT]
    assert own["estimate"].iloc[3] == 0 and own["se"].iloc[3] == 0
    assert own["rank_low"].iloc[3] <= 3, "it may be as large as the least of the others"


def test_ties_are_broken_by_the_other_share_then_by_name(parameters: Parameters) -> None:
    """All four alike as stora problem: vandalism first by its answers 2, then å, ä, ö order."""
    stort = np.repeat([3, 1, 1, 1], 25)
    answers = {item: stort.copy() for item in ITEMS}
    answers["skadegorelse"][30:60] = 2
    rows, _ = ranked(parameters, answers, [LARGE] * 100)
    own = rows[rows["table"] == "problems"].sort_values("rank")
    assert own["indicator"].tolist() == [
        "prob_skadegorelse_stort", "prob_belysning_stort", "prob_klotter_stort",
        "prob_nedskrapning_stort",
    ]  # fmt: skip
    assert (own["rank_low_all"] == 1).all() and (own["rank_high_all"] == 4).all()


def test_one_problem_and_one_that_nobody_answered(parameters: Parameters) -> None:
    stort = np.repeat([3, 1], 50)
    rows, _ = ranked(parameters, {"klotter": stort}, [LARGE] * 100)
    assert rows.loc[rows["table"] == "problems", RANKS].to_numpy().tolist() == [[1] * 6]
    unanswered = {"klotter": stort, "belysning": np.full(100, 99)}
    rows, _ = ranked(parameters, unanswered, [LARGE] * 100)
    assert rows.set_index("indicator")["rank"].dropna().to_dict() == {"prob_klotter_stort": 1}


def test_a_hidden_row_has_neither_place_nor_set(drawn: Drawn, parameters: Parameters) -> None:
    rows, _ = drawn
    nothing = pd.Series(False, index=rows.index)
    mark = marks(rows["n"], rows["count"], nothing, parameters.tables.showing)
    indicators = hide(rows, mark)
    hidden = indicators["mark"] == ".."
    assert hidden.any() and indicators.loc[hidden, RANKS].isna().all(axis=None)
    shown = indicators[~hidden & (indicators["table"] == "problems")]
    assert shown[RANKS].notna().all(axis=None)
