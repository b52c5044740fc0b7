"""Exchanges through hidden cells: by hand, and never against what is published."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import table_systems as made

from survey_lib.disclosure import unpublished
from survey_lib.disclosure.attack import Attack
from survey_lib.disclosure.cells import Near, Rule, system
from survey_lib.disclosure.exchange import Exchanges
from survey_lib.disclosure.fewest import protect_bases
from survey_lib.disclosure.suppression import hide_cells

RULE = Rule(base=0, few=5, share=0.2, hide_below=30)


def two_areas(first, second, each=(1.0, 1.0)):
    """Two areas by three categories, nobody outside them: (numerator, rest) by category."""
    links = made.two_way(2, 3)
    bottom = made.finest(links)
    table = np.zeros((len(bottom), 2), dtype=int)
    for row, cell in enumerate(bottom):
        area, _, category = links.cells[cell]
        if category.isdigit() and area[2:].isdigit():
            table[row] = (first, second)[int(area[2:])][int(category)]
    full = made.add_up(links, table)
    return made.published(links, full, RULE, most=2000, each=each), made.unknowns(full)


def chosen(tables, truth):
    exchanges = Exchanges(tables, truth, RULE)
    exchanges.choose()
    return exchanges, {tables.links.cells[c] for c in np.flatnonzero(exchanges.chosen)}


def all_seen(monkeypatch):
    """A list that every table is put into that is taken into account."""
    see, seen = Attack.see, []
    monkeypatch.setattr(Attack, "see", lambda self, x, *of: (seen.append(x + 0), see(self, x, *of)))
    return seen


@pytest.mark.parametrize("seed", range(6))
def test_a_table_is_held_against_what_it_changes_as_against_everything(seed):
    rng = np.random.default_rng(seed)
    tables, truth = two_areas(*rng.integers(5, 90, size=(2, 3, 2)))
    rules, changed = system(tables), rng.choice(len(truth), 4, replace=False)
    table = truth.astype(float)
    table[changed] += rng.integers(-9, 9, size=4)
    assert rules.broken_by(table) > 0
    assert Near(rules, truth).broken_by(table, changed) == pytest.approx(rules.broken_by(table))


def test_a_lone_hidden_category_needs_a_square():
    """The smallest of a:0 can change with another category only if both do in a:1 as well."""
    tables, truth = two_areas([(8, 12), (40, 60), (60, 90)], [(20, 30), (50, 70), (80, 90)])
    exchanges, hidden = chosen(tables, truth)
    assert len(hidden) == 3 and not len(exchanges.unproved)
    assert {area for area, _, _ in hidden} == {"a:0", "a:1"}
    other = {category for area, _, category in hidden if area == "a:0"}
    assert {category for area, _, category in hidden if area == "a:1"} == {"0"} | other


def test_where_nobody_answered_so_the_whole_tells_it_and_is_shown():
    """A share of 0 of all tells that it is 0 of everybody. That is counted as unproved: what
    reports stand on isn't hidden for it."""
    tables, truth = two_areas([(0, 20), (0, 100), (0, 150)], [(0, 50), (0, 120), (0, 170)])
    exchanges, hidden = chosen(tables, truth)
    assert len(exchanges.unproved) == 1
    assert not {cell for cell in hidden if cell[1:] == ("", "")}


@pytest.mark.parametrize("counts", [(2, 3), (0, 4), (3, 0)])
def test_what_those_of_unpublished_sex_answered_is_uncertain(counts, monkeypatch):
    """By tables that keep all that is published, with its rounding."""
    links = made.link({"w:all": []}, {"kon": ["1", "2"]}, {})
    full = made.add_up(links, np.array([(160, 240), (200, 180), counts]))
    tables = made.published(
        links, full, RULE, most=2000, rounding=0.01, base=2, each=(0.5, 2.0), rest=True
    )
    truth = made.unknowns(full)
    seen = all_seen(monkeypatch)
    exchanges = Exchanges(tables, truth, RULE)
    assert len(unpublished.unproved(exchanges))
    unpublished.prove(exchanges)
    assert not len(unpublished.unproved(exchanges)) and not exchanges.chosen.any()
    rules = system(tables)
    assert len(seen) > 1 and all(rules.broken_by(table) < 1e-5 for table in seen)


@pytest.mark.parametrize("seed", range(10))
def test_what_is_proved_is_proved_by_tables_that_change_nothing_published(seed, monkeypatch):
    """Made again with all that was chosen hidden from the start, held against the whole system."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(15, 80, size=(2, 3, 2))
    counts[0, 0] = rng.integers(4, 14, size=2)
    tables, truth = two_areas(counts[0], counts[1])
    exchanges, _ = chosen(tables, truth)
    published = hide_cells(tables, exchanges.chosen)
    rules, seen = system(published), all_seen(monkeypatch)
    final = Exchanges(published, truth, RULE)
    final.prove()
    assert all(rules.broken_by(table) < 1e-5 for table in seen)
    assert len(final.unproved) == len(exchanges.unproved)
    assert len(seen) > 1 or not len(final.targets) or len(final.unproved)


@pytest.mark.parametrize("each", [(1.0, 1.0), (0.5, 2.0)])
@pytest.mark.parametrize("seed", range(4))
def test_a_base_is_proved_by_tables_that_keep_persons_and_weights(seed, each, monkeypatch):
    """Each of them held against the whole system; some move persons under the weights they have."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(15, 80, size=(2, 3, 2))
    counts[0, 0] = rng.integers(6, 14, size=2)
    tables, truth = two_areas(counts[0], counts[1], each)
    exchanges, _ = chosen(tables, truth)
    published = replace(hide_cells(tables, exchanges.chosen), guarded=tables.hidden)
    rules, seen, rule = system(published), all_seen(monkeypatch), replace(RULE, base=5)
    final = Exchanges(published, truth, rule)
    protect_bases(final)
    assert len(final.small_bases) and final.attack.base_met(final.small_bases).all()
    for one in final.small_bases:
        cell, _ = final.attack.target[one]
        bases = [made.persons_of(table, tables)[cell].sum() for table in seen]
        assert max(bases) - min(bases) >= 5
    assert all(rules.broken_by(table) < 1e-5 for table in seen)


def test_a_base_that_others_tell_costs_a_square():
    """Alone among shown ones it is the whole minus the parts; hidden with three others it isn't."""
    tables, truth = two_areas([(8, 12), (40, 60), (60, 90)], [(20, 30), (50, 70), (80, 90)])
    exchanges = Exchanges(tables, truth, replace(RULE, base=5))
    small = exchanges.small_bases
    assert len(small) == 1 and not exchanges.attack.base_met(small).any()
    protect_bases(exchanges)
    assert exchanges.attack.base_met(small).all() and exchanges.chosen.sum() == 3
    low, high = exchanges.attack.reached.base[small[0]]
    assert low <= 20 <= high and high - low >= 5


def test_persons_are_counted_otherwise_under_the_weights_they_have():
    """The other categories are shown, but their bases to five persons only. Where all weigh the
    same that doesn't help, and one of the others is hidden."""
    links = made.link({"w:all": []}, {"g": ["1", "2", "3"]}, {})
    full = made.add_up(links, np.array([(8, 12), (40, 60), (60, 90), (0, 0)]))
    truth = made.unknowns(full)
    for each, hidden in (((0.5, 2.0), 0), ((1.0, 1.0), 1)):
        tables = made.published(links, full, RULE, most=2000, base=2.0, each=each)
        exchanges = Exchanges(tables, truth, replace(RULE, base=5))
        protect_bases(exchanges)
        assert exchanges.attack.base_met(exchanges.small_bases).tolist() == [True]
        assert exchanges.chosen.sum() == hidden


@pytest.mark.parametrize("seed", range(8))
def test_what_is_proved_of_those_of_unpublished_sex_is_proved_as_it_is_published(seed, monkeypatch):
    """Two areas by sex and age, few persons of unpublished sex. What the tables prove that keep the
    whole system, with all that was hidden for it, is what is said to be proved."""
    rng = np.random.default_rng(seed)
    links = made.link(
        {"w:all": ["a:0", "a:1"], "a:0": [], "a:1": []},
        {"kon": ["1", "2"], "alder": ["u", "g"]},
        {"kon_alder": ("kon", "alder")},
    )
    bottom = made.finest(links)
    counts = np.zeros((len(bottom), 2), dtype=int)
    for row, cell in enumerate(bottom):
        area, group, category = links.cells[cell]
        if not area.startswith("~") and group == "kon_alder" and not category.endswith(".-"):
            few = category.startswith("-")
            counts[row] = rng.integers(0, 3, size=2) if few else rng.integers(20, 90, size=2)
    full = made.add_up(links, counts)
    tables = made.published(
        links, full, RULE, most=4000, rounding=0.005, base=2, each=(0.5, 2.0), rest=True
    )
    truth = made.unknowns(full)
    exchanges = Exchanges(tables, truth, RULE)
    unpublished.prove(exchanges)
    proved = set(unpublished.targets(exchanges)) - set(unpublished.unproved(exchanges))
    rules = system(hide_cells(tables, exchanges.chosen))
    seen = all_seen(monkeypatch)
    unpublished.prove(Exchanges(tables, truth, RULE))
    possible = Attack(tables, RULE, truth)
    possible.known_large = exchanges.attack.known_large
    for table in seen.copy():
        if rules.broken_by(table) < 1e-5:
            possible.see(table)
    assert proved and set(np.flatnonzero(possible.met())) >= proved
