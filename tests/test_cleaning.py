"""Every cleaning rule alone, and all of them together on random dirt."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from answers_survey import SECRETS, answers, deliver, faults_of, load, with_wave
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_coding import LOOP

from survey_lib.answers import Answers, clean, read_answers
from survey_lib.answers.cleaning import RULES
from survey_lib.answers.model import LOG_COLUMNS
from survey_lib.vocabulary import Parameters


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Parameters:
    return load(tmp_path_factory.mktemp("village"))


def cleaned(
    village: Parameters, columns: dict[str, list[Any]] | None = None, **wave: Any
) -> Answers:
    """The village's file with some columns holding other values, read and cleaned."""
    rows = max([len(values) for values in (columns or {}).values()], default=4)
    deliver(village.folder, answers(rows).assign(**(columns or {})))
    survey = with_wave(village, **wave)
    return clean(read_answers(survey, "1"), survey)


def row(result: Answers, rule: str) -> tuple[int, int, int]:
    """Answers changed, persons touched, persons removed by a rule."""
    one = result.log.set_index("rule").loc[rule]
    return int(one["answers"]), int(one["persons"]), int(one["removed"])


def check_log(log: pd.DataFrame) -> None:
    """What must hold for every log: from delivered to analysed, nothing disappears."""
    assert tuple(log.columns) == LOG_COLUMNS
    assert log["rule"].iloc[0] == "delivered" and log["rule"].iloc[-1] == "analysed"
    assert log["step"].tolist() == list(range(1, len(log) + 1))
    assert (log[["answers", "persons", "removed", "left"]] >= 0).all(axis=None)
    assert (
        log["left"].iloc[1:].to_numpy() == (log["left"].shift() - log["removed"]).iloc[1:]
    ).all()
    assert log["left"].iloc[0] - log["removed"].sum() == log["left"].iloc[-1]
    assert (log["persons"] <= log["left"] + log["removed"]).all()
    assert (log["removed"] <= log["persons"]).all()


def test_a_clean_file_loses_nothing_and_every_rule_has_its_row(village: Parameters) -> None:
    result = cleaned(village)
    check_log(result.log)
    assert len(result.frame) == 4
    assert set(result.log["rule"]) >= {rule.id for rule in RULES}
    assert result.log["rule"].is_unique
    changed = result.log.set_index("rule")[["answers", "persons", "removed"]]
    changed = changed[(changed != 0).any(axis=1)]
    assert set(changed.index) == {"labels", "texts_removed"}


def test_rules_are_named_in_swedish_and_documented() -> None:
    for rule in RULES:
        assert rule.label.endswith(".") and rule.label[0].isupper()
        assert rule.apply.__doc__


def test_the_given_frame_is_left_as_it_is(village: Parameters) -> None:
    deliver(village.folder, answers().assign(ute=["2", "", "96", "2"]))
    read = read_answers(village, "1")
    before = read.frame.copy()
    clean(read, village)
    pd.testing.assert_frame_equal(read.frame, before)


# -- persons ---------------------------------------------------------------------------------------


def test_of_duplicates_the_first_is_kept(village: Parameters) -> None:
    columns = {"respondent": ["a", "b", "a", "a"], "trygg": ["5", "1", "2", "3"]}
    result = cleaned(village, columns, cleaning={"duplicate": "first"})
    assert result.frame["trygg"].tolist() == [5, 1]
    assert row(result, "duplicates") == (0, 2, 2)


def test_persons_without_an_area(village: Parameters) -> None:
    result = cleaned(village, {"area": ["Norr", "", "Söder", " "]})
    assert result.frame["row"].tolist() == [1, 3]
    assert row(result, "no_area") == (0, 2, 2)


def test_ages_in_years_outside_the_span(village: Parameters) -> None:
    columns = {"alder": ["15", "16", "84", "85", ""]}
    result = cleaned(village, columns, variables={"alder": {"years": True}})
    assert result.frame["row"].tolist() == [2, 3, 5]  # an unknown age isn't outside
    assert row(result, "outside_age") == (0, 2, 2)
    assert "age" not in result.frame
    result = cleaned(village, columns, variables={"alder": {"years": True}}, age_span=(16, None))
    assert row(result, "outside_age") == (0, 1, 1)


def test_bands_outside_the_span(village: Parameters) -> None:
    columns = {"alder": ["16_44", "45_84", "", "45–84 år"]}
    assert row(cleaned(village, columns, age_span=(16, 44)), "outside_age") == (0, 2, 2)
    assert row(cleaned(village, columns, age_span=(18, 80)), "outside_age") == (0, 0, 0)
    assert row(cleaned(village, columns, age_span=(45, None)), "outside_age") == (0, 1, 1)
    assert row(cleaned(village, columns, age_span=(44, 45)), "outside_age") == (0, 0, 0)


def test_weeks_outside_fieldwork(village: Parameters) -> None:
    """Fieldwork is 2 September to 13 October 2024, weeks 36 to 41."""
    weeks = ["2024-W35", "2024-W36", "2024-W41", "2024-W42", ""]
    kept = cleaned(village, {"week": weeks})
    assert row(kept, "outside_fieldwork") == (0, 2, 0)
    removed = cleaned(village, {"week": weeks}, cleaning={"outside_fieldwork": "remove"})
    assert removed.frame["row"].tolist() == [2, 3, 5]
    assert row(removed, "outside_fieldwork") == (0, 2, 2)


def test_one_answer_in_every_row_is_flagged_and_kept(village: Parameters) -> None:
    rows = {
        "prob_skrap": ["2", "98", "2", ""],
        "prob_moped": ["2", "98", "2", ""],
        "prob_ljus": ["2", "98", "3", ""],
    }
    result = cleaned(village, rows)
    assert result.frame["same_answer"].tolist() == [True, True, False, False]
    assert row(result, "same_answer") == (0, 2, 0)


def test_a_form_with_more_than_half_of_its_core_items_blank(village: Parameters) -> None:
    """Core items are three problems, trygg, ute, viktigast. Three of six is not more than half."""
    blank = ["", "", "", ""]
    half = dict.fromkeys(("prob_skrap", "prob_moped"), blank)
    columns = {**half, "trygg": ["", "", "1", "1"], "ute": ["", "2", "2", "2"]}
    result = cleaned(village, {**columns, "orsak": ["97"] * 4, "skola": ["2", "97"] * 2})
    assert result.frame["row"].tolist() == [2, 3, 4]
    assert row(result, "mostly_blank") == (0, 1, 1)


def test_what_was_not_asked_is_not_blank(village: Parameters) -> None:
    """A core item with a filter counts only for those who were asked."""
    items = dict(village.questionnaire.items)
    items["skola"] = items["skola"].model_copy(update={"core": True})
    questionnaire = village.questionnaire.model_copy(update={"items": items})
    blank = ["", "", "1", "1"]
    columns = {"prob_skrap": blank, "prob_moped": blank, "prob_ljus": blank, "trygg": ["1"] * 4}
    columns |= {"skola": [""] * 4, "barn": ["1", "2"] * 2}
    deliver(village.folder, answers().assign(**columns))
    import dataclasses

    survey = dataclasses.replace(village, questionnaire=questionnaire)
    result = clean(read_answers(survey, "1"), survey)
    # four of seven blank in data row 1; three of six in data row 2, who has no child
    assert result.frame["row"].tolist() == [2, 3, 4]


def test_nobody_left(village: Parameters) -> None:
    problem = faults_of(cleaned, village, {"area": [""] * 4})
    assert "nobody is left after cleaning: of 4 rows were removed 4 by no_area" in str(problem)


# -- answers ---------------------------------------------------------------------------------------


def ticks(result: Answers) -> list[list[int]]:
    columns = [f"viktigast_prob_{option}" for option in ("skrap", "moped", "ljus")]
    return result.frame[columns].to_numpy().tolist()


def boxes(*rows: str) -> dict[str, list[str]]:
    """Columns of the ticks; "1-0" is ticked, blank, not ticked."""
    cells = [[{"-": ""}.get(one, one) for one in text] for text in rows]
    names = [f"viktigast_prob_{option}" for option in ("skrap", "moped", "ljus")]
    return {name: [cell[k] for cell in cells] for k, name in enumerate(names)}


def test_ticks(village: Parameters) -> None:
    result = cleaned(village, boxes("110", "111", "000", "---", "1--", "-0-"))
    assert ticks(result) == [
        [1, 1, 0],
        [99, 99, 99],  # three where two are allowed
        [99, 99, 99],
        [99, 99, 99],
        [1, 0, 0],
        [99, 99, 99],
    ]
    assert row(result, "too_many_ticks") == (1, 1, 0)
    assert row(result, "nothing_ticked") == (2, 2, 0)
    assert row(result, "blank_beside_tick") == (1, 1, 0)


def test_any_number_of_ticks_without_a_limit(village: Parameters) -> None:
    columns = {**LOOP, "ute": ["5", "5", "2", "2"], "orsak": ["97"] * 4}
    result = cleaned(village, columns | {"plats1_orsak_annat": ["1", "1", "", ""]})
    assert result.frame["plats1_orsak_morkt"].tolist() == [1, 1, 97, 97]


def test_filters(village: Parameters) -> None:
    columns = {
        "barn": ["1", "2", "2", "", "1", "1"],
        "skola": ["2", "97", "2", "2", "97", ""],
    }
    result = cleaned(village, columns)
    assert result.frame["skola"].tolist() == [2, 97, 97, 97, 99, 99]
    assert row(result, "filter_contradiction") == (1, 1, 0)
    assert row(result, "filter_unanswered") == (1, 1, 0)
    assert row(result, "asked_but_not_applicable") == (1, 1, 0)


def test_a_reason_without_96_is_ignored(village: Parameters) -> None:
    columns = {"ute": ["96", "2", "98", "", "96", "5"], "orsak": ["1", "1", "2", "", "", ""]}
    result = cleaned(village, columns)
    assert result.frame["orsak"].tolist() == [1, 97, 97, 99, 99, 97]
    assert row(result, "filter_contradiction") == (2, 2, 0)
    assert row(result, "filter_blank") == (1, 1, 0)


def test_a_filter_behind_a_filter(village: Parameters) -> None:
    columns = {
        "ute": ["96", "2", "", "2", "96", "96"],
        "orsak": ["1", "1", "1", "", "97", ""],
        "skydd": ["2", "2", "2", "", "1", "1"],
    }
    result = cleaned(village, columns)
    assert result.frame["orsak"].tolist() == [1, 97, 97, 97, 99, 99]
    assert result.frame["skydd"].tolist() == [2, 97, 97, 97, 97, 97]
    assert row(result, "filter_unanswered") == (2, 2, 0)
    assert row(result, "filter_contradiction") == (4, 3, 0)


def test_a_filter_that_was_not_asked_is_no_filter(village: Parameters) -> None:
    deliver(village.folder, answers().drop(columns="barn").assign(skola=["1", "2", "3", ""]))
    survey = with_wave(village, not_asked=["barn"])
    result = clean(read_answers(survey, "1"), survey)
    assert result.frame["skola"].tolist() == [1, 2, 3, 99]


def test_a_blank_row_in_a_battery_is_no_answer_and_counted(village: Parameters) -> None:
    columns = {"prob_skrap": ["1", "", "", "1"], "prob_moped": ["", "", "2", "1"]}
    result = cleaned(village, columns | {"prob_ljus": ["3", "", "", "2"]})
    assert result.frame["prob_moped"].tolist() == [99, 99, 2, 1]
    assert row(result, "blank_in_battery") == (3, 2, 0)


def test_texts_go_and_places_stay_as_ids(village: Parameters) -> None:
    texts = ["Torget i  NORR", SECRETS[1], "", "backen"]
    columns = {**LOOP, "ute": ["5", "4", "5", "2"], "plats1_text": texts}
    columns |= {"orsak": ["97"] * 4, "skydd": ["97"] * 4}
    result = cleaned(village, columns)
    assert result.frame["plats1_id"].astype(object).tolist()[:2] == ["plats:torget", "98"]
    assert result.frame["plats1_id"].isna().tolist() == [False, False, True, True]
    assert row(result, "places_coded") == (2, 2, 0)
    assert row(result, "places_unknown") == (1, 1, 0)
    assert row(result, "places_several") == (0, 0, 0)
    assert row(result, "filter_contradiction")[0] == 1  # a place from one who isn't unsafe outside
    assert "plats1_text" not in result.frame and "fritext" not in result.frame
    assert not result.frame.astype(str).isin(SECRETS).any(axis=None)


# -- all together ----------------------------------------------------------------------------------

SCALE = [
    "",
    "1",
    "2",
    "3",
    "4",
    "5",
    "96",
    "97",
    "98",
    "99",
    "0",
    "7",
    "3,0",
    "VET INTE",
    "Går inte ut",
]
POOLS: dict[str, list[str]] = {
    "respondent": [f"R{k}" for k in range(12)],
    "area": ["Norr", "del:soder", "gamla norr", "ängen", ""],
    "week": ["2024-W30", "2024-W37", "2024-09-20", ""],
    "kon": ["1", "2", "3", "kvinna", "", "8"],
    "alder": ["15", "16", "40", "45", "84", "85", "", "16_44"],
    "barn": ["1", "2", "", "9"],
    **{name: ["", "1", "2", "3", "98", "5"] for name in ("prob_skrap", "prob_moped", "prob_ljus")},
    "trygg": [text for text in SCALE if text != "Går inte ut"],
    "ute": SCALE,
    "orsak": ["", "1", "2", "97", "98", "3"],
    "skydd": ["", "1", "2", "97"],
    "skola": [text for text in SCALE if text != "Går inte ut"],
    **{
        f"viktigast_{n}": ["", "0", "1", "99", "5"]
        for n in ("prob_skrap", "prob_moped", "prob_ljus")
    },
    **{name: ["", "0", "1", "97"] for name in LOOP if name != "plats1_dagtyp"},
    "plats1_dagtyp": ["", "1", "2", "97"],
    "plats1_text": ["", "torget", SECRETS[0]],
    "fritext": ["", SECRETS[3]],
}

dirty = st.integers(1, 14).flatmap(
    lambda rows: st.fixed_dictionaries(
        {
            name: st.lists(st.sampled_from(pool), min_size=rows, max_size=rows)
            for name, pool in POOLS.items()
        }
    )
)


@settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))
@given(columns=dirty, fieldwork=st.sampled_from(["keep", "remove"]))
def test_whatever_the_dirt(
    village: Parameters, columns: dict[str, list[str]], fieldwork: str
) -> None:
    """Numbers add up, no unknown code remains, and cleaning twice is cleaning once."""
    from survey_lib.faults import BadInput

    choices = {"unknown_code": "no_answer", "duplicate": "first", "outside_fieldwork": fieldwork}
    survey = with_wave(village, cleaning=choices, variables={"alder": {"years": True}})
    deliver(village.folder, pd.DataFrame(columns))
    read = read_answers(survey, "1")
    try:
        result = clean(read, survey)
    except BadInput as problem:
        assert "nobody is left" in str(problem)
        return
    check_log(result.log)
    assert result.log["left"].iloc[0] == len(columns["area"])
    assert result.log["left"].iloc[-1] == len(result.frame)
    check_codes(result.frame, survey)
    again = clean(result, survey)
    pd.testing.assert_frame_equal(again.frame, result.frame)
    repeated = again.log.iloc[len(result.log) :]
    counted = ("blank_in_battery", "same_answer", "outside_fieldwork")
    assert (repeated.loc[~repeated["rule"].isin(counted), "persons"] == 0).all()
    assert (repeated["removed"] == 0).all()


def check_codes(frame: pd.DataFrame, survey: Parameters) -> None:
    """Only codes of the questionnaire, filters obeyed, ticks all or none, nothing in words."""
    questionnaire, wave = survey.questionnaire, survey.waves["1"]
    for name in (*questionnaire.items, *questionnaire.place_items, "kon", "barn"):
        variable = questionnaire.variable(name)
        kind = getattr(variable, "kind", "single")
        if kind in ("text", "place"):
            continue
        codes = frame[questionnaire.columns(name)]
        assert set(np.unique(codes)) <= set(questionnaire.codes(name, wave))
        if kind == "multiple":
            missing = codes.isin([97, 99])
            assert (missing.all(axis=1) | ~missing.any(axis=1)).all()
            assert (missing.any(axis=1) | codes.eq(1).any(axis=1)).all()
            assert variable.at_most is None or (codes.eq(1).sum(axis=1) <= variable.at_most).all()
        for other, allowed in (getattr(variable, "asked_if", None) or {}).items():
            asked = frame[other].isin(allowed)
            assert (codes[~asked & (frame[other] != 99)] == 97).all(axis=None)
            assert codes[frame[other] == 99].isin([97, 99]).all(axis=None)
            assert (codes[asked] != 97).all(axis=None)
    assert set(frame["alder"].cat.categories) == {"16_44", "45_84"}
    assert frame.select_dtypes(["object", "string"]).columns.tolist() == ["respondent"]
    assert not frame["respondent"].duplicated().any()
    assert not frame[["area", "stratum", "sampling"]].isna().any(axis=None)
