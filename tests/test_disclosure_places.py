"""The door's rules for places, case by case, and an attacker who adds and subtracts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_lib.disclosure import HIDDEN
from survey_lib.disclosure.places import OTHER, Tree, protect_places
from survey_lib.vocabulary import Parameters

A, B, C = "sdn:angered", "sdn:ostra_goteborg", "sdn:centrum"
NORDOST, CITY = "so:nordost", "kommun:goteborg"
INSIDE = {A: [A], B: [B], C: [C], NORDOST: [A, B], CITY: [A, B, C]}
P, Q, R = "plats:nordstan", "plats:rymdtorget", "plats:avenyn"

Counts = dict[str, dict[str, int]]
"""Place -> stadsdel -> mentions by its respondents."""


def summed(counts: dict[str, int]) -> dict[str, int]:
    return {area: sum(counts.get(one, 0) for one in parts) for area, parts in INSIDE.items()}


def protected(
    parameters: Parameters,
    counts: Counts,
    answers: dict[tuple[str, str, str], dict[str, int]] | None = None,
    n: dict[str, int] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What leaves the door of places and (place, question, answer) named so often per stadsdel, out
    of ``n`` respondents, 500 unless told."""
    places = [
        (area, place, place, number)
        for place, mine in counts.items()
        for area, number in summed(mine).items()
        if number
    ]
    given = [
        (area, *key, key[2], number)
        for key, mine in (answers or {}).items()
        for area, number in summed(mine).items()
        if summed(counts[key[0]])[area]
    ]
    columns = ["area", "place", "question", "answer", "label", "mentions"]
    respondents = dict.fromkeys((A, B, C), 500) | (n or {})
    areas = pd.DataFrame(
        {"area": list(INSIDE), "n": [sum(respondents[one] for one in INSIDE[a]) for a in INSIDE]}
    )
    return protect_places(
        pd.DataFrame(places, columns=["area", "place", "label", "mentions"]),
        pd.DataFrame(given, columns=columns),
        areas,
        parameters,
    )


def shown(parameters: Parameters, counts: Counts, **other) -> dict[tuple[str, str], int]:
    """Of each row with a number."""
    places, _ = protected(parameters, counts, **other)
    assert (places["mentions"].isna() == (places["mark"] == HIDDEN)).all()
    places = places[places["mark"] != HIDDEN]
    return {(row.area, row.place): row.mentions for row in places.itertuples()}


def told(parameters: Parameters, counts: Counts, answers: dict, area: str = C) -> dict[str, float]:
    _, rows = protected(parameters, counts, answers)
    assert (rows["mentions"].isna() == (rows["mark"] == HIDDEN)).all()
    rows = rows[(rows["area"] == area) & (rows["mark"] != HIDDEN)]
    return dict(zip(rows["answer"], rows["mentions"], strict=True))


# -- places ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mentions", "seen"), [(4, False), (5, True)])
def test_a_place_needs_five_mentions(parameters: Parameters, mentions: int, seen: bool) -> None:
    assert ((C, P) in shown(parameters, {P: {C: mentions}})) is seen


def test_small_places_are_put_together_when_they_are_at_least_two_and_five_mentions(
    parameters: Parameters,
) -> None:
    assert shown(parameters, {P: {C: 9}, Q: {C: 3}, R: {C: 2}})[C, OTHER] == 5
    assert (C, OTHER) not in shown(parameters, {P: {C: 9}, Q: {C: 2}, R: {C: 2}})
    assert (C, OTHER) not in shown(parameters, {P: {C: 9}, Q: {C: 4}})  # alone


def test_what_could_not_be_coded_is_a_row_of_its_own_from_five(parameters: Parameters) -> None:
    assert shown(parameters, {P: {C: 9}, "98": {C: 5}})[C, "98"] == 5
    few = shown(parameters, {P: {C: 9}, "98": {C: 4}, Q: {C: 4}})
    assert (C, "98") not in few and (C, OTHER) not in few


def test_places_stand_first_then_the_others_then_what_could_not_be_coded(
    parameters: Parameters,
) -> None:
    places, _ = protected(parameters, {"98": {C: 50}, P: {C: 9}, Q: {C: 3}, R: {C: 4}})
    assert places[places["area"] == C]["place"].tolist() == [P, OTHER, "98"]
    assert places["mark"].eq("").all()


@pytest.mark.parametrize(("n", "seen"), [(29, False), (30, True)])
def test_an_area_with_too_few_respondents_shows_nothing(
    parameters: Parameters, n: int, seen: bool
) -> None:
    counts = {P: {C: 9, A: 9}, Q: {C: 3}, R: {C: 3}, "98": {C: 8}}
    found = shown(parameters, counts, n={C: n})
    assert any(area == C for area, _ in found) is seen


def test_a_small_area_can_not_be_had_from_the_city_without_the_others(
    parameters: Parameters,
) -> None:
    found = shown(parameters, {P: {C: 9, A: 20, B: 30}}, n={C: 29})
    assert found[NORDOST, P] == 50
    assert (CITY, P) not in found


def test_the_rest_of_a_larger_area_is_no_small_number(parameters: Parameters) -> None:
    """Nordost has 12, and 10 of them in Angered: Östra Göteborg's 2 would follow."""
    found = shown(parameters, {P: {A: 10, B: 2}})
    assert found[A, P] == 10
    assert (NORDOST, P) not in found and (CITY, P) not in found
    assert shown(parameters, {P: {A: 10, B: 5}})[NORDOST, P] == 15
    assert shown(parameters, {P: {A: 10}})[NORDOST, P] == 10  # the rest is nobody


def test_the_smaller_number_goes_when_it_is_a_small_part_and_no_more_than_needed(
    parameters: Parameters,
) -> None:
    found = shown(parameters, {P: {A: 6, B: 3, C: 20}})
    assert found == {(CITY, P): 29, (NORDOST, P): 9, (C, P): 20}


def test_a_number_that_is_hidden_for_another_s_sake_keeps_its_row(parameters: Parameters) -> None:
    places, _ = protected(parameters, {P: {A: 10, B: 2}, Q: {A: 60}, R: {A: 9, B: 1}})
    rows = places[places["area"] == NORDOST]
    assert rows["place"].tolist() == [Q, R, P]  # by name: plats:avenyn before plats:nordstan
    assert rows["mark"].tolist() == ["", HIDDEN, HIDDEN]


def test_others_that_would_give_a_place_away_are_not_shown(parameters: Parameters) -> None:
    """Both stadsdelar show only others, 6 and 5; Nordost shows P, 7. Together less P is Q's 2 and
    R's 2."""
    counts = {P: {A: 4, B: 3}, Q: {A: 2}, R: {B: 2}}
    found = shown(parameters, counts)
    assert found[NORDOST, P] == 7
    assert ((A, OTHER) in found) + ((B, OTHER) in found) < 2
    both = shown(parameters, counts | {Q: {A: 3}})
    assert both[A, OTHER] == 7 and both[B, OTHER] == 5


# -- times and reasons -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("yes", "seen"), [(0, False), (4, False), (5, True), (15, True), (16, False), (20, False)]
)
def test_a_time_needs_five_who_gave_it_and_five_who_did_not(
    parameters: Parameters, yes: int, seen: bool
) -> None:
    answers = {(P, "tid", "kvall"): {C: yes}}
    assert (told(parameters, {P: {C: 20}}, answers) == {"kvall": yes}) is seen


def test_a_time_in_one_area_can_not_be_had_from_another(parameters: Parameters) -> None:
    counts = {P: {A: 30, B: 30}}
    answers = {(P, "tid", "kvall"): {A: 12, B: 3}}
    assert told(parameters, counts, answers, A) == {"kvall": 12}
    assert told(parameters, counts, answers, NORDOST) == {}


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ((10, 10, 10), {"1", "2", "3"}),
        ((10, 10, 7), {"1", "2", "3"}),  # 0 are left
        ((20, 12, 3), {"1"}),  # 3 alone would follow: the next smallest goes too
        ((20, 12, 0), {"1", "2"}),  # and nobody is left
        ((30, 3, 3), {"1"}),
        ((30, 3, 0), set()),  # 30 of 33: the rest isolates three
    ],
)
def test_of_several_kinds_of_day_the_hidden_one_does_not_follow(
    parameters: Parameters, given: tuple[int, ...], seen: set[str]
) -> None:
    answers = {(P, "dagtyp", str(k + 1)): {C: number} for k, number in enumerate(given)}
    assert set(told(parameters, {P: {C: sum(given)}}, answers)) == seen


def test_who_did_not_answer_hides_a_small_kind_of_day(parameters: Parameters) -> None:
    answers = {(P, "dagtyp", str(k + 1)): {C: n} for k, n in enumerate((20, 12, 3))}
    assert set(told(parameters, {P: {C: 40}}, answers)) == {"1", "2"}


def test_what_is_left_of_a_kind_of_day_does_not_follow_from_a_larger_area(
    parameters: Parameters,
) -> None:
    """Nordost has 12 besides the first two, Angered 10: Östra Göteborg's 2 would follow."""
    counts = {P: {A: 30, B: 14}}
    answers = {(P, "dagtyp", "1"): {A: 10, B: 6}, (P, "dagtyp", "2"): {A: 10, B: 6}}
    assert set(told(parameters, counts, answers, A)) == {"1", "2"}
    assert told(parameters, counts, answers, B) == {}
    assert told(parameters, counts, answers, NORDOST) == {}


def test_the_most_common_answer_is_marked_only_when_it_is_shown(parameters: Parameters) -> None:
    def most(named: int, **times: int) -> set[str]:
        answers = {(P, "tid", time): {C: number} for time, number in times.items()}
        _, rows = protected(parameters, {P: {C: named}}, answers)
        return set(rows[(rows["area"] == C) & rows["most"]]["answer"])

    assert most(40, dag=8, kvall=20, natt=20) == {"kvall", "natt"}
    assert most(40, dag=8, kvall=38) == set()  # kvall is hidden, and dag isn't the most common
    assert most(40, dag=0, kvall=0) == set()


def test_nothing_named_nothing_shown(parameters: Parameters) -> None:
    places, answers = protected(parameters, {})
    assert places.empty and answers.empty
    assert list(places.columns) == ["area", "place", "label", "mentions", "mark"]
    assert {"most", "mark"} <= set(answers.columns)


# -- an attacker -----------------------------------------------------------------------------------

Door = Callable[..., tuple[pd.DataFrame, pd.DataFrame]]


@pytest.fixture(scope="module")
def door(parameters: Parameters) -> Door:
    return lambda *mentions: protected(parameters, *mentions)


def worked_out(sums: list[np.ndarray], counts: np.ndarray) -> list[int]:
    """Every number of mentions that follows from the sums: of all sets of cells (the columns), the
    sizes of those whose indicator is a combination of the sums. By trying all sets."""
    if not sums:
        return []
    basis = np.linalg.svd(np.array(sums, dtype=float))
    rank = int((basis[1] > 1e-9).sum())
    null = basis[2][rank:]
    sets = np.array(list(product((0, 1), repeat=len(counts))))
    known = np.abs(sets @ null.T).max(axis=1, initial=0) < 1e-9
    return sorted(set((sets[known] @ counts).tolist()))


def small(number: int) -> bool:
    return 1 <= number <= 4


MENTIONS = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 7, 9, 12, 20])


@settings(max_examples=80)
@given(st.lists(MENTIONS, min_size=9, max_size=9))
def test_no_few_mentions_of_places_can_be_worked_out(door: Door, numbers: list[int]) -> None:
    cells = list(product((P, Q, R), (A, B, C)))
    counts: Counts = {}
    for (place, area), number in zip(cells, numbers, strict=True):
        counts.setdefault(place, {})[area] = number
    places, _ = door(counts)
    rows = {(row.area, row.place): row.mentions for row in places.itertuples()}
    found = {key: number for key, number in rows.items() if number == number}
    sums = []
    for area, place in found:
        folded = [one for one in (P, Q, R) if (area, one) not in rows]
        here = folded if place == OTHER else [place]
        sums.append(np.array([p in here and a in INSIDE[area] for p, a in cells]))
    assert not [one for one in worked_out(sums, np.array(numbers)) if small(one)]
    for (area, place), number in found.items():
        assert number >= 5
        if place != OTHER:
            assert number == summed(counts[place])[area]


def _attacked(door: Door, question: str, table: dict[str, list[int]]) -> None:
    """One place, its mentions per stadsdel by answer, the last for no answer: all that follows."""
    kinds = len(table[A])
    cells = [(area, kind) for area in (A, B, C) for kind in range(kinds)]
    size = np.array([table[area][kind] for area, kind in cells])
    counts = {P: {area: sum(table[area]) for area in (A, B, C)}}
    answers = {
        (P, question, str(kind + 1)): {area: table[area][kind] for area in (A, B, C)}
        for kind in range(kinds - 1)
    }
    places, rows = door(counts, answers)
    sums = [
        np.array([area in INSIDE[row.area] for area, _ in cells])
        for row in places[(places["place"] == P) & (places["mark"] != HIDDEN)].itertuples()
    ]
    for row in rows[rows["mark"] != HIDDEN].itertuples():
        assert row.mentions >= 5
        kind = int(row.answer) - 1
        sums.append(np.array([a in INSIDE[row.area] and k == kind for a, k in cells]))
    assert not [one for one in worked_out(sums, size) if small(one)]


@settings(max_examples=50)
@given(st.lists(MENTIONS, min_size=12, max_size=12))
def test_no_few_mentions_of_a_kind_of_day_can_be_worked_out(door: Door, numbers: list[int]) -> None:
    table = {area: numbers[4 * k : 4 * k + 4] for k, area in enumerate((A, B, C))}
    _attacked(door, "dagtyp", table)


@settings(max_examples=50)
@given(st.lists(MENTIONS, min_size=6, max_size=6))
def test_no_few_mentions_of_a_time_can_be_worked_out(door: Door, numbers: list[int]) -> None:
    _attacked(door, "tid", {a: numbers[2 * k : 2 * k + 2] for k, a in enumerate((A, B, C))})


def test_the_parts_of_areas_inside_each_other(parameters: Parameters) -> None:
    n = pd.Series({A: 40, B: 50, NORDOST: 100, CITY: 100})  # ten of Nordost have no stadsdel
    tree = Tree.of(n, parameters.areas)
    assert tree.ids == [CITY, NORDOST, A, B]
    assert tree.own(tree.respondents).tolist() == [0, 10, 40, 50]
    parts = tree.parts(tree.respondents, np.array([True, False, True, False]))
    assert parts.tolist() == [60, 0, 40, 0]
