"""What a reader learns of hidden values, looked at from outside: no table is given."""

from __future__ import annotations

from time import monotonic

import numpy as np
import pytest
import table_systems as made

from survey_lib.audit import _attack, _undecided
from survey_lib.disclosure.bounds import known_by_subtraction
from survey_lib.disclosure.cells import REST, Rule, Tables, link, system
from survey_lib.disclosure.outside import look
from survey_lib.disclosure.whole_tables import Finder


def uncertain_enough(tables: Tables, possible: np.ndarray, cell: int) -> bool:
    """What the rule says of a hidden value when these are all the tables there can be."""
    rule, count = made.SMALL, possible[cell, 0]
    base = possible[cell].sum(0)
    left = base - count
    nobody = bool(tables.unpublished[cell] and base.min() == 0) or base.max() == 0
    large = base.min() >= rule.hide_below
    share = count[base > 0] / base[base > 0]
    return bool(
        (large or nobody or np.ptp(base) >= rule.base)
        and (count.min() == 0 or count.max() >= rule.few)
        and (large or nobody or np.ptp(share) >= rule.share - 1e-6)
        and (
            not tables.sensitive[0]
            or nobody
            or left.max() >= rule.few
            or (left.min() == 0 < left.max())
        )
    )


@pytest.mark.parametrize("shape", range(len(made.SHAPES)))
@pytest.mark.parametrize("seed", range(3))
def test_who_tries_every_table_says_the_same(shape: int, seed: int) -> None:
    check(shape, seed)


@pytest.mark.evidence
@pytest.mark.parametrize("shape", range(len(made.SHAPES)))
@pytest.mark.parametrize("seed", range(100, 112))
def test_who_tries_every_table_says_the_same_many_times(shape: int, seed: int) -> None:
    check(shape, seed)


def check(shape: int, seed: int) -> None:
    tables, _ = made.random_case(seed, **made.SHAPES[shape])
    verdicts = look(tables, made.SMALL, known_by_subtraction(tables, made.SMALL))
    possible = made.every_table(tables)
    assert not verdicts.undecided.any() and not (verdicts.uncertain & verdicts.known).any()
    for number, (cell, _) in enumerate(tables.target):
        assert verdicts.uncertain[number] == uncertain_enough(tables, possible, cell)


def test_a_leak_that_no_subtraction_tells_is_found() -> None:
    """Everybody weighs the same and shares are exact: persons of a sum can be had from them."""
    tables, full = made.random_case(5, **made.SHAPES[2])
    assert not known_by_subtraction(tables, made.SMALL).any()
    verdicts = look(tables, made.SMALL, known_by_subtraction(tables, made.SMALL))
    cells = [tables.links.cells[cell] for cell, _ in tables.target[verdicts.known]]
    assert cells == [("w:all", "g", "3")]
    assert full[tables.links.place[cells[0]]].tolist() == [3, 1]


def test_the_smallest_questions_of_a_wave_are_looked_at_first_and_the_rest_is_named() -> None:
    links = link({"w:all": []}, {"kon": ["1", "2"]}, {})
    full = made.add_up(links, np.array([(40, 60), (30, 60), (1, 3)]))
    exact = made.published(links, full, Rule(), most=400, rest=True)
    rounded = made.published(links, full, Rule(), most=400, rest=True, base=2, rounding=0.005)
    seen: list[tuple[int, int]] = []
    told = [known_by_subtraction(tables, Rule()) for tables in (exact, rounded)]
    questions = {"ute": (exact, told[0]), "hemma": (rounded, told[1])}
    found = _attack(questions, Rule(), 60.0, lambda some, every: seen.append((some, every)))
    assert seen == [(1, 2), (2, 2)]
    assert found["ute"].known.all() and not found["hemma"].known.any()
    assert found["hemma"].uncertain.all() and not len(_undecided(questions, found))
    late = _attack(questions, Rule(), 0.0, lambda some, every: None)
    assert late["ute"].known.all() and late["hemma"].undecided.all()
    named = _undecided(questions, late)
    assert named.to_dict("records") == [
        {"question": "hemma", "area": "w:all", "group": "kon", "values": 1}
    ]
    assert not look(rounded, Rule(), told[1], monotonic() - 1).uncertain.any()


@pytest.mark.parametrize("seed", range(3))
def test_a_whole_table_is_found_from_what_is_published(seed: int) -> None:
    links = made.two_way(4, 3)
    rng = np.random.default_rng(seed)
    bottom = made.finest(links)
    table = rng.integers(5, 60, size=(len(bottom), 2))
    for row, cell in enumerate(bottom):
        area, _, category = links.cells[cell]
        if area.startswith("~") or category == REST:
            table[row] = 0
    full = made.add_up(links, table)
    rule = Rule(hide_below=50)
    tables = made.published(links, full, rule, most=5000, base=2, rounding=0.005, each=(0.4, 2.5))
    found = Finder(tables).table()
    assert found is not None and system(tables).broken_by(found) < 1e-5
    assert (found[: full.size] == np.round(found[: full.size])).all()
