"""Residents beside other parties: where they agree, worked by hand, and what must always hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from published_rows import WORDS, problems

from survey_lib.export import joint_table
from survey_lib.export.sheets import sheet
from survey_lib.presentation import phrases
from survey_lib.presentation.agreement import (
    UNRAISED,
    Agreement,
    agreement,
    agreements,
    party_places,
    party_told,
    pictures_table,
    pictures_told,
)
from survey_lib.presentation.working_sheet import TO_DECIDE, working_sheet

POSSIBLE, HIGHER, LOWER, UNKNOWN = Agreement
KINDS = ["hög", "medel", "låg"]


def frame(*sets: tuple[int, int] | None) -> pd.DataFrame:
    """Problems p0, p1, … with these possible places; None for a share that isn't shown."""
    low, high = ([np.nan if s is None else s[end] for s in sets] for end in (0, 1))
    names = [f"p{number}" for number in range(len(sets))]
    return pd.DataFrame({"problem_id": names, "problem_sv": names, "rang_lag": low,
                         "rang_hog": high})  # fmt: skip


def found(rows: pd.DataFrame, given_: dict) -> list[Agreement]:
    return list(agreements(rows, given_).values())


# -- by hand --------------------------------------------------------------------------------------


def test_a_place_inside_the_possible_ones_is_no_disagreement() -> None:
    rows = frame((1, 2), (1, 3), (2, 4), (4, 4))
    assert found(rows, {"p0": 1, "p1": 2, "p2": 3, "p3": 4}) == [POSSIBLE] * 4
    assert found(rows, {"p1": 1, "p0": 2, "p3": 3, "p2": 4}) == [
        POSSIBLE, POSSIBLE, POSSIBLE, HIGHER,
    ]  # fmt: skip
    assert found(rows, {"p3": 1, "p2": 2, "p1": 3, "p0": 4}) == [LOWER, POSSIBLE, POSSIBLE, HIGHER]


def test_a_list_of_the_first_ones_says_of_the_others_that_they_come_after() -> None:
    rows = frame((1, 1), (2, 3), (2, 4), (3, 4), (5, 5))
    assert party_places({"p1": 2, "p4": 1}, list(rows["problem_id"])) == {
        "p0": (3, 5), "p1": (2, 2), "p2": (3, 5), "p3": (3, 5), "p4": (1, 1),
    }  # fmt: skip
    assert found(rows, {"p1": 2, "p4": 1}) == [LOWER, POSSIBLE, POSSIBLE, POSSIBLE, HIGHER]


def test_of_priorities_only_the_order_of_the_classes_counts() -> None:
    rows = frame((1, 1), (2, 4), (2, 4), (4, 5), (5, 6), (6, 6))
    given_ = {"p0": "medel", "p1": "medel", "p5": "hög", "p3": "låg"}
    assert party_places(given_, list(rows["problem_id"])) == {
        "p0": (2, 3), "p1": (2, 3), "p2": (5, 6), "p3": (4, 6), "p4": (5, 6), "p5": (1, 1),
    }  # fmt: skip
    assert found(rows, given_) == [LOWER, POSSIBLE, LOWER, POSSIBLE, POSSIBLE, HIGHER]
    assert found(rows, dict.fromkeys(rows["problem_id"], "hög")) == [POSSIBLE] * 6


def test_places_are_counted_among_the_problems_whose_place_is_shown() -> None:
    """The residents' places are counted so, and the party's 3 is then a 2."""
    rows = frame((1, 1), None, (2, 2))
    assert found(rows, {"p0": 1, "p1": 2, "p2": 3}) == [POSSIBLE, UNKNOWN, POSSIBLE]
    assert found(frame(None, None), {"p0": 1}) == [UNKNOWN, UNKNOWN]


def test_what_is_said_of_a_party() -> None:
    rows = frame((1, 1), (2, 3), (2, 4), (3, 4), (5, 5)).assign(
        problem_sv=["Skräp", "Buller", "Bränder", "Klotter", "Rån"]
    )
    said = party_told(rows, "Polisen", {"p1": 2, "p4": 1}, WORDS)
    assert said.title == "Polisen"
    told = [
        list(map(str, part)) if isinstance(part, list) else str(part) for part in said.sentences
    ]
    assert told == [
        "Bilden går att förena med svaren för 3 av 5 problem.",
        "Det här problemet placerar Polisen högre än boende.",
        ["Rån: plats 1; bland boende plats 5."],
        "Det här problemet placerar Polisen lägre än boende eller lyfter inte fram.",
        [f"Skräp: {UNRAISED}; bland boende plats 1."],
    ]
    assert not party_told(frame(None), "Polisen", {"p0": 1}, WORDS)


def test_what_all_pictures_can_have_first_is_named() -> None:
    rows = frame((1, 3), (2, 6), (6, 6), (4, 7), (6, 7), (3, 5), (1, 7))
    pictures = {"A": {"p0": 1, "p1": 2, "p2": 3}, "B": {"p0": "hög", "p6": "hög", "p1": "medel"}}
    said = pictures_told(rows, pictures, WORDS)
    assert said[-2:] == [
        "De här problemen kan höra till de fem första i alla bilder.",
        ["p0", "p1"],
    ]
    assert phrases.KVOT not in said
    assert phrases.KVOT in pictures_told(rows, pictures, replace(WORDS, probability=False))


# -- always ---------------------------------------------------------------------------------------


@st.composite
def cases(draw: st.DrawFn) -> tuple[pd.DataFrame, dict]:
    """Problems with any possible places, some hidden, and any picture that the reader lets in."""
    count = draw(st.integers(1, 9))
    shown = [number for number in range(count) if draw(st.integers(0, 4))]
    sets: list[tuple[int, int] | None] = [None] * count
    for number in shown:
        ends = sorted(draw(st.tuples(*[st.integers(1, len(shown))] * 2)))
        sets[number] = (ends[0], ends[1])
    names = draw(st.permutations([f"p{number}" for number in range(count)]))
    raised = names[: draw(st.integers(0, count))]
    if draw(st.booleans()):
        return frame(*sets), {problem: place for place, problem in enumerate(raised, start=1)}
    return frame(*sets), {problem: draw(st.sampled_from(KINDS)) for problem in raised}


@given(cases())
def test_never_a_disagreement_inside_the_uncertainty(case) -> None:
    """A party's own place among the problems that have one, inside the residents' set: possible."""
    rows, given_ = case
    shown = [p for p, low in zip(rows["problem_id"], rows["rang_lag"], strict=True) if low == low]
    kinds = agreements(rows, given_)
    for row in rows.itertuples():
        if row.problem_id not in shown:
            assert kinds[row.problem_id] is UNKNOWN
            continue
        assert kinds[row.problem_id] is not UNKNOWN
        if not isinstance(given_.get(row.problem_id), int):
            continue
        before = [p for p in shown if p in given_ and given_[p] < given_[row.problem_id]]
        place = 1 + len(before)
        inside = row.rang_lag <= place <= row.rang_hog
        assert (kinds[row.problem_id] is POSSIBLE) == inside


@given(cases())
def test_every_order_that_a_picture_allows_fits_its_places(case) -> None:
    """The raised ones first, by class or number, then the others: any such order fits."""
    rows, given_ = case
    names = list(rows["problem_id"])
    places = party_places(given_, names)
    words = {kind: number for number, kind in enumerate(KINDS)}
    last = 10**6

    def key(problem: str) -> float:
        mine = given_.get(problem)
        return (
            last if mine is None else words.get(str(mine), mine if mine in given_.values() else 0)
        )

    ties_turned = sorted(names, key=lambda one: (key(one), -names.index(one)))
    for order in (sorted(names, key=key), ties_turned):
        for place, problem in enumerate(order, start=1):
            low, high = places[problem]
            assert low <= place <= high <= len(names)


@given(cases(), st.randoms())
def test_the_order_of_rows_and_other_parties_change_nothing(case, random) -> None:
    rows, given_ = case
    shuffled = rows.sample(frac=1, random_state=random.randrange(1000))
    assert agreements(rows, given_) == agreements(shuffled, given_)


@given(st.tuples(*[st.integers(1, 9)] * 4))
def test_the_two_sides_are_told_apart(ends: tuple[int, int, int, int]) -> None:
    mine, theirs = tuple(sorted(ends[:2])), tuple(sorted(ends[2:]))
    other = {HIGHER: LOWER, LOWER: HIGHER, POSSIBLE: POSSIBLE}
    assert agreement(theirs, mine) is other[agreement(mine, theirs)]
    common = set(range(mine[0], mine[1] + 1)) & set(range(theirs[0], theirs[1] + 1))
    assert (agreement(mine, theirs) is POSSIBLE) == bool(common)


# -- as tables ------------------------------------------------------------------------------------


@pytest.fixture
def joint() -> pd.DataFrame:
    rows = problems()
    ids = [f"p{number}" for number in range(len(rows))]
    return joint_table(rows.assign(problem=ids), WORDS, "sdn:askim", "2024")


def test_the_residents_columns_are_theirs_whatever_others_say(joint: pd.DataFrame) -> None:
    """No average: the residents' cells are the same beside any picture, and a hidden one hidden."""
    other = {"p0": 3, "p5": 1, "p1": 2}
    alone = working_sheet(joint, problems(), {"Polisen": None}, WORDS, "x")
    beside = working_sheet(joint, problems(), {"Polisen": other}, WORDS, "x")
    table = pictures_table(joint, {"Polisen": other}, WORDS, "x")
    for mine, theirs, third in zip(alone.rows, beside.rows, table.rows, strict=True):
        assert mine[:4] == theirs[:4]
        assert mine[:3] == third[:3]
    hidden = beside.rows[5]
    assert [cell.text for cell in hidden[1:3]] == ["–", ".."]
    assert not any(cell.value for cell in hidden[1:4])
    assert table.rows[5][-1].text == "kan inte jämföras"
    assert [row[3].text for row in table.rows] == ["3", "2", UNRAISED, UNRAISED, UNRAISED, "1"]
    written = {column.heading: column.values for column in sheet(table, "Avsnitt").columns}
    assert written["Polisen"] == [3.0, 2.0, UNRAISED, UNRAISED, UNRAISED, 1.0]


def test_the_sheet_has_room_for_the_meeting(joint: pd.DataFrame) -> None:
    room = working_sheet(joint, problems(), {"Polisen": None, "Staden": {"p0": "hög"}}, WORDS, "x")
    headings = [column.heading for column in room.columns]
    assert headings[4:] == ["Polisen", "Staden", *TO_DECIDE]
    for row in room.rows:
        assert [cell.text for cell in row[6:]] == [""] * 4
        assert row[4].text == ""
    assert [row[5].text for row in room.rows] == ["hög", *[UNRAISED] * 5]


def test_no_word_of_a_test_or_a_sum_where_parties_are_compared(joint: pd.DataFrame) -> None:
    pictures = {"Polisen": {"p3": 1}, "Staden": {"p0": "hög", "p4": "låg"}}
    said = [*pictures_told(joint, pictures, WORDS)]
    for party, given_ in pictures.items():
        said += party_told(joint, party, given_, WORDS).sentences
    text = " ".join(str(part) for part in said) + " ".join(
        pictures_table(joint, pictures, WORDS, "x").notes
    )
    for word in ("säkerställ", "signifikant", "medelvärde", "fel bild", "poängsumma"):
        assert word not in text
