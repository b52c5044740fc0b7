"""Tables in which the fewest persons are counted otherwise: beside one who tries all tables."""

from __future__ import annotations

import numpy as np
import pytest
import table_systems as made

from survey_lib.disclosure.bounds import known_by_subtraction
from survey_lib.disclosure.cells import Rule, system
from survey_lib.disclosure.exchange import Exchanges
from survey_lib.disclosure.fewest import Nearest, protect_bases, prove_nobody

RULE = Rule(base=5, few=5, share=0.2, hide_below=30)


def one_area(counts, *, base=2.0, each=(0.5, 2.0), **more):
    links = made.link({"w:all": []}, {"g": [str(k) for k in range(len(counts))]}, {})
    full = made.add_up(links, np.array([*counts, (0, 0)]))
    tables = made.published(links, full, RULE, most=2000, base=base, each=each, **more)
    return tables, made.unknowns(full).astype(float)


@pytest.mark.parametrize("seed", range(6))
def test_a_table_keeps_what_is_published_and_moves_no_more_persons_than_it_must(seed):
    """Of all tables of a small case in which a base is such a number, none is nearer."""
    rng = np.random.default_rng(seed)
    links = made.two_way(0, 2)
    full = made.add_up(links, np.array([(1, 1), rng.integers(2, 4, size=2), (0, 0)]))
    tables = made.published(links, full, made.SMALL, most=8, base=1.0, rounding=0.2)
    assert tables.target.tolist() == [[1, 0]]
    start, rules = made.unknowns(full).astype(float), system(tables)
    possible = made.every_table(tables)
    cell = tables.target[0, 0]
    row = np.zeros(len(start))
    row[2 * cell : 2 * cell + 2] = 1
    nearest = Nearest(rules, start, np.ones(len(links.cells), dtype=bool))
    least = nearest.without(row)
    assert least is not None and rules.broken_by(least) < 1e-5
    assert row @ least == possible[cell].sum(0).min()
    found = 0
    for number in range(8):
        table = nearest.table([(row, number)])
        if table is None:
            continue
        found += 1
        assert rules.broken_by(table) < 1e-5
        assert row @ table == number
        alike = possible[cell].sum(0) == number
        moved = np.abs(possible - full[:, :, None]).sum((0, 1))[alike]
        assert np.abs(made.persons_of(table, tables) - full).sum() <= moved.min()
    assert found > 1


def test_persons_and_weights_move_together_where_neither_can_alone():
    """25 persons of a small category: the others' bases leave room for two each."""
    tables, truth = one_area([(6, 19), (80, 120), (40, 60), (60, 90)])
    exchanges = Exchanges(tables, truth, RULE)
    assert not exchanges.attack.base_met(exchanges.small_bases).any()
    protect_bases(exchanges)
    assert exchanges.attack.base_met(exchanges.small_bases).all()
    assert not exchanges.chosen.any()


def test_a_base_that_exact_numbers_tell_costs_a_partner():
    """The whole less the other category is 25: no table but the true one, until that is hidden."""
    tables, truth = one_area([(6, 19), (80, 120)], base=0.0)
    exchanges = Exchanges(tables, truth, RULE)
    assert known_by_subtraction(tables, RULE).tolist() == [True]
    protect_bases(exchanges)
    chosen = [tables.links.cells[cell] for cell in np.flatnonzero(exchanges.chosen)]
    assert chosen == [("w:all", "g", "1")]
    assert exchanges.attack.base_met(exchanges.small_bases).tolist() == [True]


def test_those_in_no_published_category_are_nobody_in_one_table_for_all_areas():
    """Two areas with three of them each: the published bases have room for three more."""
    links = made.two_way(2, 2)
    bottom = made.finest(links)
    people = {"-": (1, 2), "0": (40, 60), "1": (50, 70)}
    rows = [links.cells[cell] for cell in bottom]
    finest = [(0, 0) if area.startswith("~") else people[kind] for area, _, kind in rows]
    full = made.add_up(links, np.array(finest))
    tables = made.published(
        links, full, RULE, most=2000, base=5.0, rounding=0.005, each=(0.4, 2.5), rest=True
    )
    exchanges = Exchanges(tables, made.unknowns(full).astype(float), RULE)
    mine = np.flatnonzero(tables.unpublished[exchanges.attack.target[:, 0]])
    assert len(mine) == 3 and not exchanges.attack.met(mine).any()
    seen = []
    exchanges.attack.see = lambda table, see=exchanges.attack.see: (seen.append(table), see(table))
    prove_nobody(exchanges)
    assert len(seen) == 1 and exchanges.attack.met(mine).all()
    assert system(tables).broken_by(seen[0]) < 1e-5
    assert made.persons_of(seen[0], tables)[exchanges.attack.target[mine, 0]].sum() == 0
