"""Secondary suppression: safe, with the least loss, and less of it than hiding whole rows."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import table_systems as made

from survey_lib.disclosure import suppression
from survey_lib.disclosure.attack import Attack
from survey_lib.disclosure.cells import Tables, link
from survey_lib.disclosure.suppression import hide_cells, losses, suppress, whole_rows


def case(seed: int, *, areas: int, categories: int, most: int) -> tuple[Tables, np.ndarray]:
    """A random table with one or more small cells among larger ones."""
    rng = np.random.default_rng(seed)
    links = made.two_way(areas, categories)
    bottom = made.finest(links)
    table = rng.integers(3, most, size=(len(bottom), 2))
    small = rng.random(len(bottom)) < 0.25
    table[small] = rng.integers(0, 2, size=(int(small.sum()), 2))
    for row, c in enumerate(bottom):
        area, _, category = links.cells[c]
        if area.startswith("~") or category == "-":
            table[row] = 0
    full = made.add_up(links, table)
    tables = made.published(links, full, made.SMALL, most=1000)
    return tables, made.unknowns(full)


def passes(tables: Tables, hidden: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Targets that are not safe, judged with everything solved to its ends."""
    attack = Attack(hide_cells(tables, hidden), made.SMALL, truth)
    return attack.target[~attack.narrowest()]


def test_a_lone_hidden_category_takes_another_with_it():
    links = link({"w:all": []}, {"g": ["1", "2", "3"]}, {})
    full = made.add_up(links, np.array([(1, 1), (5, 5), (20, 20), (0, 0)]))
    tables = made.published(links, full, made.SMALL, most=1000)
    pattern = suppress(tables, made.unknowns(full), made.SMALL)
    assert pattern.method == "exact"
    hidden = [links.cells[c][2] for c in np.flatnonzero(pattern.hidden)]
    assert len(hidden) == 1 and hidden[0] in "23"  # not the whole area, which costs more
    assert not len(passes(tables, pattern.hidden, made.unknowns(full)))


def test_two_areas_by_two_categories_need_a_square():
    links = made.two_way(2, 2)
    bottom = made.finest(links)
    table = np.array(
        [
            (0, 0)
            if a.startswith("~") or c == "-"
            else ((1, 1) if (a, c) == ("a:0", "0") else (6, 6))
            for a, _, c in (links.cells[b] for b in bottom)
        ]
    )
    full = made.add_up(links, table)
    tables = made.published(links, full, made.SMALL, most=1000)
    pattern = suppress(tables, made.unknowns(full), made.SMALL)
    hidden = {links.cells[c] for c in np.flatnonzero(pattern.hidden)}
    assert hidden == {("a:0", "g", "1"), ("a:1", "g", "0"), ("a:1", "g", "1")}
    assert pattern.loss == 3


def test_nothing_more_is_hidden_when_nothing_can_be_worked_out():
    links = link({"w:all": []}, {"g": ["1", "2", "3"]}, {})
    full = made.add_up(links, np.array([(1, 1), (1, 1), (20, 20), (0, 0)]))
    tables = made.published(links, full, made.SMALL, most=1000)
    pattern = suppress(tables, made.unknowns(full), made.SMALL)
    assert not pattern.hidden.any() and not len(pattern.unsafe)


@pytest.mark.parametrize("seed", range(3))
def test_the_exact_pattern_is_the_cheapest_of_all(seed):
    tables, truth = case(seed, areas=0, categories=4, most=8)
    pattern = suppress(tables, truth, made.SMALL)
    cost = losses(tables)
    candidates = np.flatnonzero(tables.shown.any(1))
    for number in range(len(candidates) + 1):
        for chosen in combinations(candidates, number):
            hidden = np.zeros(len(cost), dtype=bool)
            hidden[list(chosen)] = True
            if cost[hidden].sum() < pattern.loss - 1e-9:
                left = passes(tables, hidden, truth)
                assert len(left) > len(pattern.unsafe)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("exact", [True, False])
def test_what_is_published_in_the_end_passes_the_audit(seed, exact, monkeypatch):
    check(seed, exact, monkeypatch, areas=2, categories=2)


@pytest.mark.evidence
@pytest.mark.parametrize("seed", range(100, 120))
@pytest.mark.parametrize("exact", [True, False])
def test_many_tables_pass_the_audit(seed, exact, monkeypatch, capsys):
    secondary, rows = check(seed, exact, monkeypatch, areas=3, categories=3)
    with capsys.disabled():
        print(f"\nexact={exact}: {secondary} hidden besides, whole rows would be {rows}")


def check(seed, exact, monkeypatch, *, areas, categories):
    if not exact:
        monkeypatch.setattr(suppression, "EXACT_UP_TO", 0)
    tables, truth = case(seed, areas=areas, categories=categories, most=8)
    pattern = suppress(tables, truth, made.SMALL)
    left = {tuple(t) for t in passes(tables, pattern.hidden, truth)}
    assert left == {tuple(t) for t in pattern.unsafe}
    assert not (pattern.hidden & ~tables.shown.any(1)).any()
    return int(pattern.hidden.sum()), int(whole_rows(tables).sum())


def test_hiding_whole_rows_loses_more():
    tables, truth = case(1, areas=3, categories=3, most=8)
    pattern = suppress(tables, truth, made.SMALL)
    assert 0 < pattern.hidden.sum() < whole_rows(tables).sum()


def test_what_can_never_be_safe_is_told():
    """When everybody in the city is one small cell there is nothing to hide it behind."""
    links = link({"w:all": []}, {"g": ["1", "2"]}, {})
    full = made.add_up(links, np.array([(1, 1), (5, 5), (0, 0)]))
    tables = made.published(links, full, made.SMALL, most=1000)
    known = tables.persons.copy()
    known[[c for c, cell in enumerate(links.cells) if cell[2] == "1"]] = 2
    pattern = suppress(replace(tables, persons=known), made.unknowns(full), made.SMALL)
    assert len(pattern.unsafe) == 1
