"""Exchanges through hidden cells: by hand, and never against what is published."""

from __future__ import annotations

import numpy as np
import pytest
import table_systems as made

from survey_lib.disclosure.attack import Attack
from survey_lib.disclosure.cells import Rule, system
from survey_lib.disclosure.exchange import Exchanges
from survey_lib.disclosure.suppression import hide_cells

RULE = Rule(base=0, few=5, share=0.2, hide_below=30)


def two_areas(first, second):
    """Two areas by three categories, nobody outside them: (numerator, rest) by category."""
    links = made.two_way(2, 3)
    bottom = made.finest(links)
    table = np.zeros((len(bottom), 2), dtype=int)
    for row, cell in enumerate(bottom):
        area, _, category = links.cells[cell]
        if category.isdigit() and area[2:].isdigit():
            table[row] = (first, second)[int(area[2:])][int(category)]
    full = made.add_up(links, table)
    return made.published(links, full, RULE, most=2000), made.unknowns(full)


def chosen(tables, truth):
    exchanges = Exchanges(tables, truth, RULE)
    exchanges.choose()
    return exchanges, {tables.links.cells[c] for c in np.flatnonzero(exchanges.chosen)}


def test_a_lone_hidden_category_needs_a_square():
    """The smallest of a:0 can change with another category only if both do in a:1 as well."""
    tables, truth = two_areas([(8, 12), (40, 60), (60, 90)], [(20, 30), (50, 70), (80, 90)])
    exchanges, hidden = chosen(tables, truth)
    assert len(hidden) == 3 and not len(exchanges.unproved)
    assert {area for area, _, _ in hidden} == {"a:0", "a:1"}
    other = {category for area, _, category in hidden if area == "a:0"}
    assert {category for area, _, category in hidden if area == "a:1"} == {"0"} | other


def test_too_few_persons_are_not_called_proved():
    tables, truth = two_areas([(0, 20), (0, 100), (0, 150)], [(0, 50), (0, 120), (0, 170)])
    exchanges, hidden = chosen(tables, truth)
    assert len(exchanges.unproved) and not hidden


@pytest.mark.parametrize("seed", range(10))
def test_what_is_proved_is_proved_by_tables_that_change_nothing_published(seed, monkeypatch):
    """Made again with all that was chosen hidden from the start, held against the whole system."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(15, 80, size=(2, 3, 2))
    counts[0, 0] = rng.integers(4, 14, size=2)
    tables, truth = two_areas(counts[0], counts[1])
    exchanges, _ = chosen(tables, truth)
    published = hide_cells(tables, exchanges.chosen)
    rules, see, seen = system(published), Attack.see, []
    monkeypatch.setattr(Attack, "see", lambda self, x: (seen.append(x.copy()), see(self, x))[1])
    final = Exchanges(published, truth, RULE)
    final.prove()
    assert all(rules.broken_by(table) < 1e-5 for table in seen)
    assert len(final.unproved) == len(exchanges.unproved)
    assert len(seen) > 1 or not len(final.targets) or len(final.unproved)
