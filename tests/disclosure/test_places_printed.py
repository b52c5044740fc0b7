"""What a reader of the printed section of places can work out, from its texts alone.

Random mentions go through the door and are printed for every area: sentences, tables, the chart's
alternative and the checklist to walk with. Then the numbers are read out of the texts again, as a
reader would, and added and subtracted in every way. A door that is broken on purpose is found out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published_rows import WORDS
from test_disclosure_places import INSIDE, A, B, C, Counts, P, Q, R, protected, small, worked_out

from survey_lib.disclosure import places as door
from survey_lib.presentation.charts.places import alternative
from survey_lib.presentation.places import (
    OTHER,
    by_time,
    places_named,
    places_table,
    single_places,
    times_table,
)
from survey_lib.presentation.walk import walk_table
from survey_lib.scan.lines import markup
from survey_lib.vocabulary import Parameters

LABELS = {P: "Torget", Q: "Parken", R: "Bron", OTHER: "Övriga platser"}
TIME, REASON = "Kväll", "Mörkt"  # the one time and the one reason that were asked about
MENTIONS = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 7, 9, 12, 20])
MANY = st.lists(MENTIONS, min_size=9, max_size=9)
NUMBER = r"(\d+)"

Told = dict[tuple[str, str, str], set[int]]
"""Area, place and what of it ("" for its mentions) -> the numbers that the texts give it."""


def printed(places: pd.DataFrame, answers: pd.DataFrame) -> Iterator[str]:
    """Every text of one area's section that says a number or a mark, and of its checklist; a row of
    a table is one text, with its column headings before the cells."""
    places = places.assign(label=places["place"].map(LABELS))
    names = {"tid": TIME, "orsak": REASON}
    answers = answers.assign(label=answers["question"].map(names))
    for part in places_named(places, answers, WORDS) if len(places) else []:
        yield from map(str, part) if isinstance(part, list) else [str(part)]
    tables = [places_table(places, answers, WORDS, "Platser")] if len(places) else []
    if len(single_places(places)):
        tables.append(times_table(places, answers, WORDS, "Platser efter tid"))
        yield from alternative(*by_time(places, answers)).split(". ")[1:]  # how many places, first
    for table in tables:
        for row in table.rows:
            cells = zip(table.columns, row, strict=True)
            yield " | ".join(f"{c.heading}: {cell.text} {cell.detail}" for c, cell in cells)
        yield from (line for _, line in markup(table.html()))
    walk = walk_table(places, answers, WORDS, "Vandring")
    for group, row in zip(walk.groups, walk.rows, strict=True):
        yield f"{group} {row[0].text}: {row[1].text}"


def told(texts: Iterator[str], area: str) -> Told:
    """The numbers that a reader finds, and of what: in a text that names one place, the number of
    its mentions and those beside the time and the reason."""
    found: Told = {}
    for text in texts:
        named = [place for place, label in LABELS.items() if label in text]
        for place in named if len(named) == 1 else []:
            ways = {
                "": rf"{LABELS[place]}: {NUMBER} omn|Antal omnämnanden: {NUMBER}",
                TIME: rf"”{TIME}” \({NUMBER}|(?i:{TIME}): {NUMBER}|(?i:{TIME}) \(?{NUMBER}",
                REASON: rf"”{REASON}” \({NUMBER}|{REASON}: {NUMBER}|{REASON} {NUMBER}",
            }
            for what, way in ways.items():
                numbers = {int(n) for match in re.findall(way, unescape(text)) for n in match if n}
                found.setdefault((area, place, what), set()).update(numbers)
    return found


def read_by_everybody(parameters: Parameters, counts: Counts, given: dict[str, Counts]) -> Told:
    """What is told of all areas; ``given``: question -> place -> stadsdel -> who gave the one
    answer to it."""
    codes = {"tid": "kvall", "orsak": "morker"}
    answers = {(p, q, codes[q]): each for q, one in given.items() for p, each in one.items()}
    places, rows = protected(parameters, counts, answers)
    found: Told = {}
    for area in INSIDE:
        mine, about = (frame[frame["area"] == area] for frame in (places, rows))
        texts = list(printed(mine.reset_index(drop=True), about.reset_index(drop=True)))
        assert all(len(one) <= 1 for one in told(iter(texts), area).values())  # texts agree
        assert not re.search(r"(?<![\d,.\u202f])[1-4](?![\d,.\u202f])", " ".join(texts))
        found |= {key: numbers for key, numbers in told(iter(texts), area).items() if numbers}
    return found


def follows_of_places(parameters: Parameters, numbers: list[int]) -> list[int]:
    """The few mentions that follow from what is printed of places; with one place alone among
    *Övriga platser*, its own."""
    cells = list(product((P, Q, R), (A, B, C)))
    size = dict(zip(cells, numbers, strict=True))
    counts: Counts = {}
    for (place, area), number in size.items():
        counts.setdefault(place, {})[area] = number
    found = read_by_everybody(parameters, counts, {})
    assert all(what == "" for _, _, what in found)
    sums, alone = [], []
    for area, place, _ in found:
        mentions = {p: sum(size[p, a] for a in INSIDE[area]) for p in (P, Q, R)}
        folded = [p for p in (P, Q, R) if mentions[p] < 5]
        here = folded if place == OTHER else [place]
        sums.append(np.array([p in here and a in INSIDE[area] for p, a in cells]))
        assert found[area, place, ""] == {sum(mentions[p] for p in here)}
        alone += [mentions[p] for p in here if len([q for q in here if mentions[q]]) == 1]
    return [one for one in [*worked_out(sums, np.array(numbers)), *alone] if small(one)]


def follows_of_answers(parameters: Parameters, numbers: list[int]) -> list[int]:
    """The few who gave a time or a reason, or didn't, that follow from what is printed of a place
    that ``numbers`` name per stadsdel: with both, with the time only, with neither."""
    both, time, neither = (dict(zip((A, B, C), numbers[k::3], strict=True)) for k in range(3))
    counts = {P: {a: both[a] + time[a] + neither[a] for a in (A, B, C)}}
    given = {"tid": {P: {a: both[a] + time[a] for a in (A, B, C)}}, "orsak": {P: both}}
    found = read_by_everybody(parameters, counts, given)
    follows = []
    for what, yes in ((TIME, given["tid"][P]), (REASON, both)):
        cells = list(product((A, B, C), (True, False)))
        size = np.array([yes[a] if gave else counts[P][a] - yes[a] for a, gave in cells])
        sums = [
            np.array([a in INSIDE[area] and (gave or not about) for a, gave in cells])
            for area, place, about in found
            if place == P and about in ("", what)
        ]
        for (area, place, about), (number,) in found.items():
            if place == P and about == what:
                assert number == sum(yes[a] for a in INSIDE[area])
        follows += [one for one in worked_out(sums, size) if small(one)]
    return follows


@settings(max_examples=12)
@given(MANY)
def test_no_few_mentions_follow_from_what_is_printed(
    parameters: Parameters, numbers: list[int]
) -> None:
    assert not follows_of_places(parameters, numbers)


@settings(max_examples=12)
@given(MANY)
def test_no_few_answers_follow_from_what_is_printed(
    parameters: Parameters, numbers: list[int]
) -> None:
    assert not follows_of_answers(parameters, numbers)


def test_what_is_printed_is_read(parameters: Parameters) -> None:
    """The reader of these tests finds what stands there."""
    counts = {P: {C: 40}, Q: {C: 3}, R: {C: 4}}
    found = read_by_everybody(parameters, counts, {"tid": {P: {C: 30}}, "orsak": {P: {C: 12}}})
    mine = {key[1:]: numbers for key, numbers in found.items() if key[0] == C}
    assert mine == {(P, ""): {40}, (P, TIME): {30}, (P, REASON): {12}, (OTHER, ""): {7}}


def from_one(_: Any, shown: np.ndarray, *__: Any) -> np.ndarray:
    """In place of the areas that stay: all of them."""
    return shown


def given_by_any(tree: Any, given: np.ndarray, named: Any, where: np.ndarray, _: Any) -> np.ndarray:
    """In place of the rule for times and reasons: those that anybody gave."""
    return where & (given > 0)


def nobody_left(tree: Any, given: np.ndarray, named: Any, where: np.ndarray, _: Any) -> np.ndarray:
    """The same, without a look at those who didn't give it."""
    return where & (given >= 5)


def every_other(
    tree: Any, counts: np.ndarray, enough: np.ndarray, shown: Any, showing: Any
) -> np.ndarray:
    """In place of the rule for the others: their sum, whatever it is made of."""
    return np.where(enough, 0, counts).sum(axis=0)


@pytest.mark.parametrize(
    ("rule", "broken", "follows", "numbers"),
    [
        ("shown_areas", from_one, follows_of_places, [4, 20, 1, 0, 4, 0, 9, 4, 0]),
        ("_others", every_other, follows_of_places, [9, 0, 0, 0, 5, 6, 1, 5, 7]),
        ("_isolated", lambda *_: None, follows_of_places, [4, 3, 0, 2, 0, 0, 0, 2, 0]),
        ("_several_answers", given_by_any, follows_of_answers, [4, 3, 12, 6, 4, 9, 2, 0, 1]),
        ("_several_answers", nobody_left, follows_of_answers, [6, 0, 2, 9, 0, 9, 9, 0, 9]),
    ],
)
def test_a_broken_door_is_found_out(
    parameters: Parameters,
    monkeypatch: pytest.MonkeyPatch,
    rule: str,
    broken: Callable[..., Any],
    follows: Callable[[Parameters, list[int]], list[int]],
    numbers: list[int],
) -> None:
    assert not follows(parameters, numbers)
    monkeypatch.setattr(door, rule, broken)
    try:
        found = bool(follows(parameters, numbers))
    except AssertionError:  # texts with a number from 1 to 4, or that differ
        found = True
    assert found
