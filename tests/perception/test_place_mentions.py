"""Mentions of places: who counts, how often, where, and with which times and reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey_lib.perception.places import ANSWERS, PLACES, place_mentions
from survey_lib.vocabulary import Parameters

NORDSTAN, TORGET, SELMA = "plats:nordstan", "plats:jarntorget", "plats:selma_lagerlofs_torg"
LEVELS = ["kommun", "so", "sdn", "del"]


def answered(*persons: dict) -> pd.DataFrame:
    """Respondents of sdn:centrum unless told; ``p1=`` is the first place, ``t1="dag kvall"`` its
    times, ``d1`` its kind of day and ``o1`` its reasons; a question not given is unanswered."""
    rows = []
    for person in persons:
        row = {"area": person.get("area", "sdn:centrum")}
        for k in (1, 2, 3):
            row[f"plats{k}_id"] = person.get(f"p{k}", np.nan)
            row[f"plats{k}_dagtyp"] = person.get(f"d{k}", 99)
            for question, options in (("tid", "dag kvall"), ("orsak", "morker trafik")):
                given = person.get(f"{question[0]}{k}")
                for option in options.split():
                    ticked = 99 if given is None else int(option in given.split())
                    row[f"plats{k}_{question}_{option}"] = ticked
        rows.append(row)
    frame = pd.DataFrame(rows)
    return frame.astype({"area": "category"} | {f"plats{k}_id": "category" for k in (1, 2, 3)})


def mentions(parameters: Parameters, *persons: dict) -> dict[tuple[str, str], int]:
    places, _ = place_mentions(answered(*persons), parameters, LEVELS)
    return places.set_index(["area", "place"])["mentions"].to_dict()


def given(parameters: Parameters, *persons: dict, area: str = "sdn:centrum") -> dict[str, int]:
    """Mentions of the answers about the only place, those without any left out."""
    _, answers = place_mentions(answered(*persons), parameters, LEVELS)
    rows = answers[(answers["area"] == area) & (answers["mentions"] > 0)]
    assert rows["place"].nunique() == 1
    return rows.set_index("answer")["mentions"].to_dict()


def test_a_respondent_counts_once_per_place_and_for_each_place(parameters: Parameters) -> None:
    found = mentions(
        parameters,
        {"p1": NORDSTAN, "p2": TORGET, "p3": NORDSTAN},
        {"p2": NORDSTAN},
        {},
    )
    assert found["sdn:centrum", NORDSTAN] == 2
    assert found["sdn:centrum", TORGET] == 1


def test_times_and_reasons_of_one_place_named_twice_are_put_together(
    parameters: Parameters,
) -> None:
    found = given(
        parameters,
        {"p1": NORDSTAN, "t1": "kvall", "o1": "morker",
         "p2": NORDSTAN, "t2": "kvall dag", "o2": "trafik"},
    )  # fmt: skip
    assert found == {"dag": 1, "kvall": 1, "morker": 1, "trafik": 1}


def test_of_two_kinds_of_day_for_one_place_the_first_answer_counts(parameters: Parameters) -> None:
    assert given(parameters, {"p1": NORDSTAN, "d1": 2, "p2": NORDSTAN, "d2": 1}) == {"2": 1}
    assert given(parameters, {"p1": NORDSTAN, "d1": 99, "p2": NORDSTAN, "d2": 1}) == {"1": 1}


def test_no_answer_is_no_mention_of_an_answer(parameters: Parameters) -> None:
    persons = [{"p1": NORDSTAN, "t1": "kvall"}, {"p1": NORDSTAN, "d1": 98}, {"p1": NORDSTAN}]
    assert given(parameters, *persons) == {"kvall": 1}


def test_a_mention_counts_where_the_respondent_lives_at_every_level(
    parameters: Parameters,
) -> None:
    found = mentions(parameters, {"p1": NORDSTAN}, {"area": "del:angered_hjallbo", "p1": NORDSTAN})
    assert found == {
        ("kommun:goteborg", NORDSTAN): 2,
        ("so:centrum", NORDSTAN): 1,
        ("so:nordost", NORDSTAN): 1,
        ("sdn:centrum", NORDSTAN): 1,
        ("sdn:angered", NORDSTAN): 1,
    }  # and no delområde: no report is made for one


def test_a_place_elsewhere_says_where_it_lies(parameters: Parameters) -> None:
    places, _ = place_mentions(answered({"p1": SELMA}), parameters, LEVELS)
    assert places.set_index("area")["label"].to_dict() == {
        "kommun:goteborg": "Selma Lagerlöfs torg",
        "so:centrum": "Selma Lagerlöfs torg (Hisingen)",
        "sdn:centrum": "Selma Lagerlöfs torg (Norra Hisingen)",
    }


def test_most_mentions_first_and_what_was_not_coded_last(parameters: Parameters) -> None:
    persons = [{"p1": "98"}] * 9 + [{"p1": TORGET}] * 2 + [{"p1": "plats:avenyn"}] * 2
    persons += [{"p1": NORDSTAN}] * 3
    places, answers = place_mentions(answered(*persons), parameters, ["sdn"])
    assert places["place"].tolist() == [NORDSTAN, "plats:avenyn", TORGET, "98"]
    assert places["label"].iloc[-1] == "Går inte att koda"
    assert "98" not in set(answers["place"])


def test_answers_are_in_the_order_of_the_questionnaire_with_their_zeros(
    parameters: Parameters,
) -> None:
    _, answers = place_mentions(answered({"p1": NORDSTAN, "t1": "natt"}), parameters, ["sdn"])
    asked = parameters.questionnaire.places
    assert asked is not None
    labels = [*asked.times.values(), *asked.day_types.values(), *asked.reasons.values()]
    assert answers["label"].tolist() == labels
    assert answers["mentions"].eq(0).all()


def test_the_loop_only_partly_in_the_file(parameters: Parameters) -> None:
    frame = answered({"p1": NORDSTAN, "p2": TORGET})[["area", "plats1_id"]]
    places, answers = place_mentions(frame, parameters, ["sdn"])
    assert places["place"].tolist() == [NORDSTAN]
    assert answers["mentions"].eq(0).all()


@pytest.mark.parametrize("columns", [["area"], ["area", "plats1_id"]])
def test_nobody_asked_or_nobody_who_named_a_place(
    parameters: Parameters, columns: list[str]
) -> None:
    places, answers = place_mentions(answered({}, {})[columns], parameters, LEVELS)
    assert list(places.columns) == PLACES
    assert list(answers.columns) == ANSWERS
    assert places.empty and answers.empty
