"""One thing in all areas: who is named, in which order, and what is said of what wasn't tested."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published_rows import WORDS

from survey_lib.presentation import charts, phrases
from survey_lib.presentation.across import (
    NAMED,
    Places,
    asked_table,
    changes_table,
    common_table,
    differing,
    everywhere,
    matrix_table,
    untested,
)

PLACES = Places("del", "delen", "delar", "delarna")
AREAS = ["Angered", "Centrum", "Lundby", "Majorna", "Östra"]
PROBLEMS = {"skrap": "Skräp", "moped": "Mopeder"}


def rows(**changed: object) -> pd.DataFrame:
    """Two problems in five areas: Lundby a quota sample, Majorna without a survey, Centrum few."""
    frame = pd.DataFrame(
        [(i, label, area) for i, label in PROBLEMS.items() for area in AREAS],
        columns=["indicator", "label", "place"],
    )
    frame["area"] = "a:" + frame["place"]
    frame["sampling"] = frame["place"].map({"Lundby": "kvot", "Majorna": ""}).fillna("sannolikhet")
    frame["estimate"] = np.tile([0.3, 0.2, 0.35, np.nan, 0.1], 2)
    frame["low"], frame["high"] = frame["estimate"] - 0.04, frame["estimate"] + 0.04
    frame["n"] = np.tile([900.0, 80, 1000, np.nan, 850], 2)
    frame["mark"] = np.tile(["", phrases.UNCERTAIN, "", "", ""], 2)
    frame["best"] = [1.0, 2, 1, np.nan, 3, 4, 1, 2, np.nan, 3]
    for kind in ("rest", "change"):
        frame[f"{kind}_second"], frame[f"{kind}_n_second"] = 0.2, 4000.0
        frame[f"{kind}_difference"] = frame["estimate"] - 0.2
        frame[f"{kind}_low"] = frame[f"{kind}_difference"] - 0.05
        frame[f"{kind}_high"] = frame[f"{kind}_difference"] + 0.05
        frame[f"{kind}_state"] = np.tile(["", "", "sampling", "none", ""], 2)
        frame[f"{kind}_secured"] = np.tile([True, False, False, False, True], 2)
    return frame.assign(**changed)


def whole() -> pd.DataFrame:
    return pd.DataFrame(
        {"indicator": list(PROBLEMS), "label": list(PROBLEMS.values()), "estimate": [0.25, 0.2],
         "low": 0.2, "high": 0.3, "n": 2800.0, "mark": ""}
    )  # fmt: skip


def verdicts(*secured: bool, state: str = "") -> pd.DataFrame:
    return pd.DataFrame(
        {"indicator": list(PROBLEMS), "label": list(PROBLEMS.values()), "secured": secured,
         "state": state}
    )  # fmt: skip


def test_an_untested_difference_is_no_difference_and_no_likeness() -> None:
    (one,) = differing(verdicts(True, True), PLACES)
    assert one == (
        "Andelen skiljer sig mellan delarna för två av två problem. Skillnaderna är statistiskt "
        "säkerställda."
    )
    (two,) = differing(verdicts(False, False), PLACES)
    assert "skiljer sig inte säkert mellan delarna för skräp och mopeder" in str(two)
    assert "betyder inte att den är lika stor överallt" in str(two)
    assert differing(verdicts(False, False, state="none"), PLACES) == []


def test_a_problem_of_all_areas_can_be_among_the_three_largest_in_each_that_was_asked() -> None:
    assert everywhere(rows(), PLACES) == [
        "I alla fyra undersökta delar, var och en för sig, kan skräp vara bland de tre största "
        "problemen."
    ]
    none = rows(best=4.0)
    assert str(everywhere(none, PLACES)[0]).startswith("Inget problem kan vara bland de tre")
    assert everywhere(rows(best=np.nan), PLACES) == []


def test_areas_are_named_where_the_published_verdict_says_so_and_nowhere_else() -> None:
    table = common_table(whole(), rows(), verdicts(True, False), WORDS, PLACES, "Problem")
    first, second = ({c.heading: cell for c, cell in zip(table.columns, row, strict=True)}
                     for row in table.rows)  # fmt: skip
    assert first["Högre andel än i övriga staden"].text == "Angered"
    assert first["Lägre andel än i övriga staden"].text == "Östra"
    assert first["Skillnad mellan delarna"].text == "säkerställd"
    assert second["Skillnad mellan delarna"].text == "ej säkerställd"
    assert first["Lägsta–högsta bland delarna (%)"].text == "10–35"
    assert first["Bland de tre största kan det vara i (delar)"].text == "4 av 4"
    untold = common_table(whole(), rows(), verdicts(False, False, state="none"), WORDS, PLACES, "P")
    assert [row[3].text for row in untold.rows] == ["prövas inte"] * 2
    names = {c.text for row in table.rows for c in row}
    assert not names & {"Centrum", "Lundby", "Majorna"}


def test_a_whole_of_mixed_samples_says_kvot_but_its_areas_keep_their_verdicts() -> None:
    from dataclasses import replace

    mixed = replace(WORDS, probability=False)
    table = common_table(whole(), rows(), verdicts(True, False), mixed, PLACES, "Problem")
    assert "Angered" in [cell.text for cell in table.rows[0]]
    assert phrases.KVOT in table.notes
    assert not any("KI" in str(note) for note in table.notes)


def test_many_areas_are_counted() -> None:
    many = pd.concat(
        [rows().query("place == 'Angered'").assign(place=f"D{k}", area=f"a:{k}")
         for k in range(NAMED + 1)]
    )  # fmt: skip
    table = common_table(whole(), many, verdicts(True, True), WORDS, PLACES, "Problem")
    assert f"{NAMED + 1} delar" in [cell.text for cell in table.rows[0]]


def test_the_matrix_has_areas_in_the_rows_order_and_every_interval() -> None:
    table = matrix_table(rows(), WORDS, PLACES, "Alla")
    assert [column.heading for column in table.columns] == ["Del", *PROBLEMS.values()]
    assert [row[0].text for row in table.rows] == AREAS
    cells = {row[0].text: row[1] for row in table.rows}
    assert (cells["Angered"].text, cells["Angered"].detail) == ("30\u00a0%", "26–34")
    assert cells["Centrum"].detail == "16–24 (osäkert)"
    assert cells["Majorna"].text == "–" and "– = ingen undersökning i området" in table.notes
    assert any(str(note).startswith("Lundby: De svarande är inte") for note in table.notes)
    three = pd.concat([rows().assign(indicator=f"i{k}", label=f"P{k}") for k in range(3)])
    few = three[three["place"].isin(["Angered", "Centrum"])].drop_duplicates(["area", "indicator"])
    wide = matrix_table(few, WORDS, PLACES, "Alla")
    assert [column.heading for column in wide.columns] == ["Problem", "Angered", "Centrum"]


def test_changes_name_the_areas_that_are_sure() -> None:
    (first, _) = changes_table(rows(), WORDS, PLACES, "Förändringar").rows
    assert [cell.text for cell in first] == ["Skräp", "Angered", "Östra", "3"]


def test_who_was_asked_stands_in_words() -> None:
    frame = pd.DataFrame({"place": ["A", "B"], "2022": ["sannolikhet", ""],
                          "2024": ["kvot+sannolikhet", "sjalvval"]})  # fmt: skip
    table = asked_table(frame, ["2022", "2024"], WORDS, PLACES, "Delar")
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["A", "slumpmässigt urval", "kvoturval, ej slumpmässigt och slumpmässigt urval"],
        ["B", "ingen undersökning", "självvalda, ej slumpmässigt"],
    ]


def test_a_sample_without_probabilities_is_told_by_its_name() -> None:
    ((point,),) = untested(rows())  # type: ignore[misc]
    assert point.label == "Lundby" and phrases.KVOT in point.text
    assert untested(rows(sampling="sannolikhet")) == []


@settings(max_examples=25)
@given(st.lists(st.booleans(), min_size=10, max_size=10), st.permutations([0.1, 0.2, 0.3, 0.4]))
def test_areas_never_stand_in_the_order_of_a_value(flags: list[bool], shares: list[float]) -> None:
    """Whatever the values and verdicts: names in the rows' order, in every cell and every head."""
    values = np.tile([*shares[:3], np.nan, shares[3]], 2)
    frame = rows(
        estimate=values, rest_difference=values - 0.25, rest_secured=flags & ~np.isnan(values)
    )
    table = common_table(whole(), frame, verdicts(True, True), WORDS, PLACES, "Problem")
    for row in table.rows:
        for cell in row[5:7]:
            names = cell.text.split(", ") if cell.text != "–" else []
            assert names == sorted(names, key=AREAS.index)
    assert [row[0].text for row in matrix_table(frame, WORDS, PLACES, "Alla").rows] == AREAS


@pytest.mark.parametrize("width", ["WIDE", "NARROW"])
def test_the_chart_shows_every_area_and_tells_marks_apart_without_colour(width: str) -> None:
    from survey_lib.presentation.charts import style

    figure = charts.across(rows(), whole(), WORDS, "Problem", "delar")
    assert "2 paneler" in figure.alt and "Skräp: mellan 10\u00a0% och 35\u00a0%" in figure.alt
    assert "Fyrkant" in figure.description and "Ihålig" in figure.description
    svg = figure.svg(getattr(style, width))
    for name in AREAS:
        assert f">{name}<" in svg
    assert svg.count("ingen undersökning") == 2
    calm = rows(sampling="sannolikhet", mark="", estimate=0.2, low=0.1, high=0.3)
    assert "Fyrkant" not in charts.across(calm, whole(), WORDS, "P", "delar").description
