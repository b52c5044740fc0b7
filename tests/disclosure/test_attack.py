"""What can be worked out about hidden cells: by hand, and beside one who tries all tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import table_systems as made

from survey_lib.disclosure.attack import Attack
from survey_lib.disclosure.audit import audit
from survey_lib.disclosure.bounds import base_bounds, known_by_subtraction
from survey_lib.disclosure.cells import REST, Rule, link, system
from survey_lib.disclosure.exchange import Exchanges
from survey_lib.disclosure.fewest import protect_bases, prove_shares
from survey_lib.disclosure.guard import _safe_pattern
from survey_lib.disclosure.solving import possible_table
from survey_lib.disclosure.suppression import hide_cells


def sexes(women, men, rest, *, base=0.0, rounding=0.0005, hide_below=30, each=(1.0, 1.0)):
    links = link({"w:all": []}, {"kon": ["1", "2"]}, {})
    full = made.add_up(links, np.array([women, men, rest]))
    rule = Rule(hide_below=hide_below)
    tables = made.published(
        links, full, rule, most=400, rounding=rounding, base=base, each=each, rest=True
    )
    attack = Attack(tables, rule, made.unknowns(full))
    passed = attack.narrowest()
    found = {}
    for number, (cell, _) in enumerate(attack.target):
        reached = attack.reached
        found[links.cells[cell][2]] = (
            bool(passed[number]),
            tuple(reached.base[number]),
            tuple(reached.numerator[number]),
        )
    return found


def test_the_other_sex_is_the_total_minus_one_sex():
    found = sexes((40, 60), (2, 10), (0, 0))
    assert found["2"][1] == (0, 12)  # the rest may be anything between
    assert found[REST][1] == (0, 12)


def test_kon_3_is_what_is_left_when_both_sexes_are_shown():
    found = sexes((40, 60), (30, 60), (1, 3))
    assert found == {REST: (False, (4, 4), (1, 1))}


def test_a_base_rounded_to_five_hides_kon_3_but_its_answers_need_rounded_shares_too():
    exact = sexes((40, 60), (30, 60), (1, 3), base=2, rounding=1e-6)
    rounded = sexes((40, 60), (30, 60), (1, 3), base=2, rounding=0.005)
    assert exact[REST][1][1] - exact[REST][1][0] <= rounded[REST][1][1] - rounded[REST][1][0]
    assert rounded[REST][0]
    assert rounded[REST][2][0] == 0


def test_with_unequal_weights_less_is_known_of_persons():
    same = sexes((40, 60), (2, 10), (0, 2))
    free = sexes((40, 60), (2, 10), (0, 2), each=(0.3, 3.0))
    assert same["2"][2][1] <= free["2"][2][1]
    assert same["2"][1] == free["2"][1] == (0, 14)


@pytest.mark.parametrize("shape", range(len(made.SHAPES)))
@pytest.mark.parametrize("seed", range(4))
def test_no_attacker_knows_more_or_less_than_the_audit_says(shape, seed):
    check(made.SHAPES[shape], seed)


@pytest.mark.evidence
@pytest.mark.parametrize("shape", range(len(made.SHAPES)))
@pytest.mark.parametrize("seed", range(100, 175))
def test_no_attacker_knows_more_or_less_than_the_audit_says_many_times(shape, seed):
    check(made.SHAPES[shape], seed)


def check(shape, seed):
    tables, full = made.random_case(seed, **shape)
    rules = system(tables)
    assert rules.broken_by(made.unknowns(full)) < 1e-9
    attack = Attack(tables, made.SMALL, made.unknowns(full))
    attack.narrowest()
    possible = made.every_table(tables)
    subtracted = base_bounds(tables)
    for number, (c, _) in enumerate(attack.target):
        persons, count = possible[c].sum(0), possible[c, 0]
        assert tuple(attack.reached.base[number]) == made.ends(persons)
        assert subtracted[c, 0, 0] <= persons.min() and persons.max() <= subtracted[c, 0, 1]
        assert tuple(attack.reached.numerator[number]) == made.ends(count)
        assert tuple(attack.reached.left[number]) == made.ends(persons - count)
        some = persons > 0
        if some.any():
            known = made.ends(count[some] / persons[some])
            assert attack.reached.share[number] == pytest.approx(known, abs=1e-6)


@pytest.mark.parametrize("seed", range(2))
def test_persons_and_weights_are_solved_together(seed):
    """A table of persons is possible when some weights, here between 0.5 and 2, go with it."""
    tables, full = made.random_case(
        seed, areas=0, categories=2, most=3, rest=True, each=(0.5, 2.0), rounding=0.02
    )
    attack = Attack(tables, made.SMALL, made.unknowns(full))
    attack.narrowest()
    loose = np.array(list(np.ndindex(*[4] * 6))).T.reshape(3, 2, -1)
    every = made.add_up(tables.links, loose)
    possible = [
        every[:, :, t] for t in range(every.shape[2]) if _counts_fit(tables, every[:, :, t])
    ]
    possible = [one for one in possible if made.weighable(tables, one)]
    for number, (c, _) in enumerate(attack.target):
        assert tuple(attack.reached.base[number]) == made.ends(
            np.array([t[c].sum() for t in possible])
        )
        assert tuple(attack.reached.numerator[number]) == made.ends(
            np.array([t[c, 0] for t in possible])
        )


def _counts_fit(tables, table):
    persons, count = table.sum(1), table[:, 0]
    for c in np.flatnonzero(tables.shown[:, 0]):
        (low, high), (p_low, p_high) = tables.base[c, 0], tables.share[c, 0]
        if not low <= persons[c] <= high or (count[c] > 0) != (p_high > 0):
            return False
        if (count[c] < persons[c]) != (p_low < 1):
            return False
    return bool((persons <= tables.persons[:, 1]).all())


def test_stopping_when_the_rule_is_met_never_widens_an_interval():
    for seed in range(2):
        tables, full = made.random_case(seed, areas=2, categories=2, most=3)
        quick = Attack(tables, made.SMALL, made.unknowns(full))
        thorough = Attack(tables, made.SMALL, made.unknowns(full))
        assert (quick.run() == thorough.narrowest()).all()
        for name in ("base", "numerator", "left", "share"):
            some, most = (getattr(a.reached, name) for a in (quick, thorough))
            assert (some[:, 0] >= most[:, 0] - 1e-6).all()
            assert (some[:, 1] <= most[:, 1] + 1e-6).all()


def test_the_audit_needs_no_more_than_what_is_published():
    tables, full = made.random_case(3, areas=2, categories=2, most=3)
    alone = audit(tables, made.SMALL, narrowest=True)
    started = audit(tables, made.SMALL, made.unknowns(full), narrowest=True)
    assert alone["passed"].tolist() == started["passed"].tolist()
    assert np.allclose(alone[["low", "high"]], started[["low", "high"]], equal_nan=True)


def test_numbers_that_contradict_each_other_are_told():
    tables, _ = made.random_case(3, areas=0, categories=3, most=4)
    shown = np.flatnonzero(tables.shown[:, 0])
    tables.base[shown, 0] = [[100.0, 100.0]]
    assert possible_table(tables) is None
    with pytest.raises(ValueError, match="contradict"):
        audit(tables, made.SMALL)


def test_subtraction_tells_the_last_part_of_a_sum():
    links = link({"w:all": []}, {"kon": ["1", "2"]}, {})
    full = made.add_up(links, np.array([(40, 60), (30, 60), (1, 3)]))
    tables = made.published(links, full, Rule(), most=400, rest=True)
    low, high = base_bounds(tables)[links.place["w:all", "kon", REST], 0]
    assert (low, high) == (4, 4)
    assert known_by_subtraction(tables, Rule()).tolist() == [True]
    rounded = made.published(links, full, Rule(), most=400, rest=True, base=2)
    assert tuple(base_bounds(rounded)[links.place["w:all", "kon", REST], 0]) == (0, 10)
    assert known_by_subtraction(rounded, Rule()).tolist() == [False]


@pytest.mark.parametrize(
    "shape", [{"areas": 2, "categories": 2, "most": 3}, made.SHAPES[0], made.SHAPES[3]]
)
@pytest.mark.parametrize("seed", range(4))
def test_what_the_door_proves_stands_against_who_tries_base_and_numerator_together(shape, seed):
    """With the partners that the guard hides: of all pairs of base and numerator that a hidden
    value can have, the share and the numerator are as far apart as the rule asks; the base too,
    where nothing is told but its rounding (with equal weights, a rounded share can tell more)."""
    tables, full = made.random_case(seed, **shape)
    exchanges = Exchanges(tables, made.unknowns(full).astype(float), replace(made.SMALL, base=0))
    exchanges.choose()
    prove_shares(exchanges)
    proved = exchanges.attack.target[exchanges.attack.met()]
    after = replace(hide_cells(tables, exchanges.chosen), guarded=tables.guarded)
    hidden, _, unsafe = _safe_pattern(after, made.SMALL)
    possible = made.every_table(hide_cells(after, hidden))
    for cell, _ in proved:
        base, numerator = possible[cell].sum(0), possible[cell, 0]
        large = base.min() >= made.SMALL.hide_below
        if large or tables.unpublished[cell] or not full[cell].any():  # there nobody is told of
            continue
        share = numerator[base > 0] / base[base > 0]
        assert share.max() - share.min() >= made.SMALL.share
        assert numerator.min() == 0 or numerator.max() >= made.SMALL.few
        if "base" not in shape and cell not in unsafe[:, 0]:
            assert base.max() - base.min() >= made.SMALL.base

    final = replace(hide_cells(after, hidden), guarded=tables.hidden)
    last = Exchanges(final, made.unknowns(full).astype(float), made.SMALL)
    protect_bases(last)
    for one in last.small_bases[last.attack.base_met(last.small_bases)]:
        base = possible[last.attack.target[one, 0]].sum(0)
        least, greatest = last.attack.reached.base[one]
        assert base.min() <= least and greatest <= base.max()
        assert base.max() - base.min() >= made.SMALL.base


def test_some_bases_are_proved_in_cases_that_can_be_tried_through():
    """So that the test above says something."""
    proved = [0, 0]
    for seed in range(12):
        tables, full = made.random_case(seed, areas=2, categories=2, most=3)
        exchanges = Exchanges(tables, made.unknowns(full).astype(float), made.SMALL)
        protect_bases(exchanges)
        met = exchanges.attack.base_met(exchanges.small_bases)
        proved[0], proved[1] = proved[0] + met.sum(), proved[1] + (~met).sum()
    assert min(proved) > 0
