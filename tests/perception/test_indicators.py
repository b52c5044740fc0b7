"""Who counts, among whom: the bases of the guide (3.3), by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_lib.perception.indicators import answer_places, domains, indicator_arrays


def counted(parameters, frame, indicator):
    rule = parameters.questionnaire.indicators[indicator]
    wave = parameters.waves["2024"]
    numerators, bases = indicator_arrays(frame, [rule], wave, parameters)
    return numerators[:, 0].astype(int).tolist(), bases[:, 0].astype(int).tolist()


def test_base_a_keeps_dont_know_and_leaves_out_no_answer(parameters):
    frame = pd.DataFrame({"trygg_omrade": np.array([1, 2, 3, 4, 5, 98, 97, 99], dtype=np.int8)})
    assert counted(parameters, frame, "trygg_omrade") == (
        [1, 1, 0, 0, 0, 0, 0, 0],
        [1, 1, 1, 1, 1, 1, 0, 0],
    )
    assert counted(parameters, frame, "otrygg_omrade")[0] == [0, 0, 0, 1, 1, 0, 0, 0]


def test_dont_know_leaves_the_base_where_the_office_says_so(parameters):
    showing = parameters.tables.showing.model_copy(update={"dont_know": "drop"})
    tables = parameters.tables.model_copy(update={"showing": showing})
    frame = pd.DataFrame({"trygg_omrade": np.array([1, 5, 98], dtype=np.int8)})
    assert counted(replace(parameters, tables=tables), frame, "trygg_omrade")[1] == [1, 1, 0]


def test_those_who_stay_in_out_of_fear_are_unsafe(parameters):
    """96 with reason 1 is in the numerator; with another or no reason only in the base."""
    frame = pd.DataFrame(
        {
            "trygg_ute_kvall": np.array([1, 4, 96, 96, 96, 98, 99], dtype=np.int8),
            "ute_kvall_orsak": np.array([97, 97, 1, 2, 99, 97, 97], dtype=np.int8),
        }
    )
    assert counted(parameters, frame, "otrygg_ute_kvall") == (
        [0, 1, 1, 0, 0, 0, 0],
        [1, 1, 1, 1, 1, 1, 0],
    )
    assert counted(parameters, frame, "trygg_ute_kvall")[0] == [1, 0, 0, 0, 0, 0, 0]


def test_base_d_leaves_out_those_who_are_never_there(parameters):
    frame = pd.DataFrame({"trygg_hallplats_kvall": np.array([1, 5, 96, 98, 99], dtype=np.int8)})
    assert counted(parameters, frame, "otrygg_hallplats_kvall") == (
        [0, 1, 0, 0, 0],
        [1, 1, 0, 1, 0],
    )


def test_a_filtered_base_is_those_for_whom_the_filter_holds(parameters):
    frame = pd.DataFrame(
        {
            "trygg_barn_skola": np.array([4, 4, 4, 97], dtype=np.int8),
            "barn_skola": np.array([1, 2, 99, 2], dtype=np.int8),
        }
    )
    assert counted(parameters, frame, "otrygg_barn_skola") == ([1, 0, 0, 0], [1, 0, 0, 0])


def test_an_option_of_a_multiple_question_is_a_share_of_all_who_answered_it(parameters):
    frame = pd.DataFrame({"tryggt_av_belysning": np.array([1, 0, 99], dtype=np.int8)})
    assert counted(parameters, frame, "tryggt_av_belysning") == ([1, 0, 0], [1, 1, 0])


CODES = st.sampled_from([1, 2, 3, 4, 5, 96, 97, 98, 99])


@given(st.lists(st.tuples(CODES, st.sampled_from([1, 2, 97, 99])), min_size=1, max_size=30))
def test_a_numerator_lies_in_its_base_and_all_answers_share_one_base(parameters, answers):
    frame = pd.DataFrame(answers, columns=["trygg_ute_kvall", "ute_kvall_orsak"], dtype=np.int8)
    questionnaire, wave = parameters.questionnaire, parameters.waves["2024"]
    rules = [questionnaire.indicators[i] for i in ("otrygg_ute_kvall", "trygg_ute_kvall")]
    numerators, bases = indicator_arrays(frame, rules, wave, parameters)
    assert not (numerators & ~bases).any()
    codes = list(questionnaire.answers("trygg_ute_kvall", wave))
    places = answer_places(frame, "trygg_ute_kvall", codes, questionnaire)
    assert np.array_equal(places >= 0, bases[:, 0])
    assert (places < len(codes)).all()
    answers = frame["trygg_ute_kvall"].to_numpy()[places >= 0]
    assert np.array_equal(np.array(codes)[places[places >= 0]], answers)
    some = answer_places(frame, "trygg_ute_kvall", codes[1:2], questionnaire)
    assert np.array_equal(some >= 0, places >= 0)
    assert np.array_equal(some == 0, places == 1)


def test_domains_of_a_cross_and_the_unpublished_sex(parameters):
    frame = pd.DataFrame(
        {
            "area": ["sdn:centrum", "del:angered_hjallbo", "sdn:centrum", "sdn:angered"],
            "kon": np.array([1, 2, 3, 1], dtype=np.int8),
        }
    )
    where = domains(frame, "sdn", "kon", parameters)
    keys = where.keys.iloc[where.codes[[0, 1, 3]]]
    assert keys["area"].tolist() == ["sdn:centrum", "sdn:angered", "sdn:angered"]
    assert keys["category"].tolist() == ["1", "2", "1"]
    assert where.codes[2] == -1
    assert "3" not in set(where.keys["category"])
    whole = domains(frame, "kommun", None, parameters)
    assert (whole.codes == 0).all()


@pytest.mark.parametrize("level", ["so", "sdn"])
def test_every_person_is_in_at_most_one_area_of_a_level(parameters, level):
    order = parameters.areas.of_level("del")
    frame = pd.DataFrame({"area": order})
    where = domains(frame, level, None, parameters)
    assert (where.codes == 0).all() and len(where.keys) == 1
