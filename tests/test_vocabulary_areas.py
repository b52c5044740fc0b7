"""Areas: the crosswalk, ids that carry their level, names, and Swedish order."""

from __future__ import annotations

import doctest
import string
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_lib.vocabulary import Area, Areas, Level, load_parameters, swedish_key, swedish_order
from survey_lib.vocabulary.areas import ID

DEPTHS = ["a", "b", "c", "d"]
WORDS = Level(singular="x", definite="x", plural="x", definite_plural="x")


def areas_of(parents: dict[str, list[str]], names: dict[str, str] | None = None) -> Areas:
    """Areas with these parents; names are the ids unless given."""
    every = {
        one: Area(id=one, level=one[0], name=(names or {}).get(one, one), part_of=above, alias=[])
        for one, above in parents.items()
    }
    return Areas(whole="a:0", rest="resten", levels=dict.fromkeys(DEPTHS, WORDS), areas=every)


@st.composite
def crosswalks(draw: st.DrawFn) -> Areas:
    """A whole and three levels below it; each area lies in one or two of the level above, or in
    nothing named, which means directly in the whole."""
    parents: dict[str, list[str]] = {"a:0": []}
    above = ["a:0"]
    for level in DEPTHS[1:]:
        here = [f"{level}:{k}" for k in range(draw(st.integers(1, 4)))]
        for one in here:
            parents[one] = draw(st.lists(st.sampled_from(above), max_size=2, unique=True))
        above = here
    return areas_of(parents)


@settings(deadline=None)
@given(crosswalks())
def test_contains_members_and_ancestors_are_one_relation(areas: Areas) -> None:
    every = list(areas.areas)
    for one in every:
        assert areas.contains(one, one) and areas.contains(areas.whole, one)
        assert one not in areas.ancestors(one)
        assert areas.members(one) == {other for other in every if areas.contains(one, other)}
        assert areas.ancestors(one) == {
            other for other in every if other != one and areas.contains(other, one)
        }
        for parent in areas.areas[one].part_of:
            assert areas.members(one) < areas.members(parent)


@settings(deadline=None)
@given(crosswalks(), st.data())
def test_contains_is_transitive_and_never_mutual(areas: Areas, data: st.DataObject) -> None:
    one, two, three = (data.draw(st.sampled_from(sorted(areas.areas))) for _ in range(3))
    if areas.contains(one, two) and areas.contains(two, three):
        assert areas.contains(one, three)
    if areas.contains(one, two) and areas.contains(two, one):
        assert one == two


@settings(deadline=None)
@given(crosswalks(), st.data())
def test_at_level_of_one_and_of_many_agree(areas: Areas, data: st.DataObject) -> None:
    level = data.draw(st.sampled_from(DEPTHS))
    known = st.sampled_from([*sorted(areas.areas), None])
    persons = pd.Series(data.draw(st.lists(known, min_size=1, max_size=12)), dtype="category")
    persons.index = persons.index * 2 + 5
    lifted = areas.at_level(persons, level)
    assert list(lifted.index) == list(persons.index)
    assert list(lifted.cat.categories) == areas.of_level(level)
    for area, found in zip(persons, lifted, strict=True):
        expected = None if pd.isna(area) else areas.at_level(area, level)
        assert (None if pd.isna(found) else found) == expected


def test_at_level_is_silent_where_it_can_not_know() -> None:
    areas = areas_of({"a:0": [], "b:1": [], "b:2": [], "c:1": ["b:1", "b:2"], "c:2": ["b:2"]})
    assert areas.at_level("c:2", "b") == "b:2"
    assert areas.at_level("c:1", "b") is None  # in two areas of that level
    assert areas.at_level("b:1", "c") is None  # larger than the level
    assert areas.at_level("c:1", "a") == "a:0"


def test_an_area_inside_another_of_its_own_level() -> None:
    areas = areas_of({"a:0": [], "b:big": [], "b:small": ["b:big"]})
    assert areas.contains("b:big", "b:small") and not areas.contains("b:small", "b:big")
    assert areas.at_level("b:small", "b") == "b:small"


ids = st.from_regex(ID, fullmatch=True).filter(lambda text: text.isascii())


@settings(deadline=None)
@given(st.lists(ids, unique=True, min_size=2, max_size=6))
def test_slugs_are_file_names_and_differ(some: list[str]) -> None:
    slugs = [Areas.slug(one) for one in some]
    assert len(set(slugs)) == len(some)
    allowed = set(string.ascii_lowercase + string.digits + "_-")
    assert all(set(slug) <= allowed for slug in slugs)


# -- Swedish order ------------------------------------------------------------

GUIDE = [  # domain guide 4.1, in order
    "Angered", "Askim-Frölunda-Högsbo", "Centrum", "Lundby", "Majorna-Linné", "Norra Hisingen",
    "Västra Göteborg", "Västra Hisingen", "Örgryte-Härlanda", "Östra Göteborg",
]  # fmt: skip


@pytest.mark.parametrize(
    "in_order",
    [
        ["Kålltorp", "Kärra"],
        ["Örgryte-Härlanda", "Östra Göteborg"],
        GUIDE,
        ["z", "å", "ä", "ö"],
        ["Zon", "Ås", "Äng", "Öster"],
        ["ide", "idé", "ideal"],  # é as e
        ["val", "vy", "wal"],  # v and w apart
        ["torg", "Torget", "torp"],  # case does not count
        ["Backa", "Backa torg", "Backaplan"],  # a space before every letter
        ["Norra", "Norra Älvstranden", "Norrby"],
        ["yacht", "über", "yta"],  # ü as y
        ["Område 1", "Område 2", "Områden"],
    ],
)
def test_swedish_pairs(in_order: list[str]) -> None:
    backwards = in_order[::-1]
    assert sorted(backwards, key=swedish_key) == in_order


@settings(deadline=None)
@given(st.text("abcåäöéABÅÄÖ -19", max_size=8))
def test_composition_does_not_count(text: str) -> None:
    assert swedish_key(unicodedata.normalize("NFD", text)) == swedish_key(text)


@settings(deadline=None)
@given(st.lists(st.text("abzåäö -", max_size=5), max_size=8))
def test_sorting_keeps_every_name_and_is_stable(names: list[str]) -> None:
    once = sorted(names, key=swedish_key)
    assert sorted(once) == sorted(names)
    backwards = once[::-1]
    assert sorted(backwards, key=swedish_key) == once


def test_the_example_in_the_docstring() -> None:
    assert doctest.testmod(swedish_order).failed == 0


# -- the embedded default ------------------------------------------------------------


@pytest.fixture(scope="module")
def city(root: Path) -> Areas:
    return load_parameters(root / "parameters").areas


def test_the_city_has_its_levels(city: Areas) -> None:
    counts = {level: len(city.of_level(level)) for level in city.levels}
    assert counts == {"kommun": 1, "so": 4, "sdn": 10, "mo": 36, "pri": 96, "del": 11}
    assert [city.name(area) for area in city.of_level("sdn")] == GUIDE
    assert all(ID.fullmatch(area) for area in city.areas)
    assert [level for level, words in city.levels.items() if words.reports] == [
        "kommun",
        "so",
        "sdn",
    ]


def test_each_smaller_area_lies_in_one_of_each_larger_level(city: Areas) -> None:
    order = ["kommun", "so", "sdn", "mo", "pri", "del"]
    for area in city.areas:
        for level in order[: order.index(city.level_of(area)) + 1]:
            assert city.at_level(area, level), (area, level)


@pytest.mark.parametrize(
    ("area", "inside"),
    [
        ("so:nordost", "sdn:angered"),
        ("so:hisingen", "sdn:lundby"),
        ("sdn:majorna_linne", "pri:101"),
        ("sdn:centrum", "mo:37"),
        ("mo:37", "pri:114"),
        ("sdn:ostra_goteborg", "pri:306"),
        ("pri:603", "del:angered_gardsten"),
        ("pri:604", "del:angered_angered_centrum"),
    ],
)
def test_known_links(city: Areas, area: str, inside: str) -> None:
    assert city.contains(area, inside) and not city.contains(inside, area)


def test_two_centres_are_two_areas(city: Areas) -> None:
    assert city.find("Centrum") is None
    assert city.find("Centrum", level="sdn") == "sdn:centrum"
    assert city.find("centrum ", level="so") == "so:centrum"
    assert city.find("so:centrum") == "so:centrum"


@pytest.mark.parametrize(
    ("text", "level", "area"),
    [
        ("Slätta Damm", None, "pri:403"),
        ("SLÄTTADAMM", None, "pri:403"),
        ("Askim Frölunda Högsbo", "sdn", "sdn:askim_frolunda_hogsbo"),
        ("Hjällbo", "del", "del:angered_hjallbo"),
        ("Hjällbo", None, None),
        ("Hjalbo", None, None),
        ("sdn:angered", "so", None),
    ],
)
def test_find(city: Areas, text: str, level: str | None, area: str | None) -> None:
    assert city.find(text, level) == area
    assert city.find(unicodedata.normalize("NFD", text), level) == area


def test_persons_without_a_known_area_stay_without_one(city: Areas) -> None:
    persons = pd.Series(["del:angered_hjallbo", None, "sdn:lundby", "so:nordost"])
    lifted = city.at_level(persons, "sdn")
    assert lifted.to_list()[:1] + lifted.to_list()[2:3] == ["sdn:angered", "sdn:lundby"]
    assert np.array_equal(lifted.isna(), [False, True, False, True])
