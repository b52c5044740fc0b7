"""Places and modelled estimates: sentences, tables and chart say the same published numbers."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from published_rows import WORDS

from survey_lib.presentation import charts
from survey_lib.presentation import places as words_of_places
from survey_lib.presentation.charts import style
from survey_lib.presentation.places import (
    MENTIONS,
    modelled_note,
    modelled_table,
    places_named,
    places_table,
    single_places,
    times_table,
)
from survey_lib.presentation.sentences import Point

TIMES = {"dag": "Dag", "eftermiddag": "Eftermiddag", "kvall": "Kväll", "natt": "Natt"}
HIDDEN = ".."


def places() -> pd.DataFrame:
    rows = [
        ("plats:torget", "Torget", 1234.0, ""),
        ("plats:parken", "Parken", 40.0, ""),
        ("plats:bron", "Bron (Centrum)", 40.0, ""),
        ("plats:backen", "Backen", 12.0, ""),
        ("plats:dold", "Dolda platsen", np.nan, HIDDEN),
        ("other", "Övriga platser", 17.0, ""),
        ("98", "Går inte att koda", 9.0, ""),
    ]
    return pd.DataFrame(rows, columns=["place", "label", "mentions", "mark"])


def answers() -> pd.DataFrame:
    """Torget: kväll most. Parken: a tie. Bron: the most common hidden. Backen: all hidden."""
    given = {
        "plats:torget": [30, 60, 1000, 400],
        "plats:parken": [None, 20, 20, 10],
        "plats:bron": [None, 6, None, 8],
        "plats:backen": [None, None, None, None],
    }
    rows = []
    for place, numbers in given.items():
        known = [n for n in numbers if n is not None]
        for (time, label), number in zip(TIMES.items(), numbers, strict=True):
            most = place != "plats:bron" and number is not None and number == max(known)
            rows.append((place, "tid", time, label, number, most))
        rows.append(
            (place, "orsak", "morker", "Mörkt eller dålig belysning", 10 * len(known), True)
        )
        rows.append((place, "orsak", "annat", "Annat", None, False))
    frame = pd.DataFrame(
        rows, columns=["place", "question", "answer", "label", "mentions", "most"]
    ).astype({"mentions": float})
    frame.loc[frame["place"] == "plats:backen", ["most", "mentions"]] = [False, np.nan]
    return frame.assign(mark=np.where(frame["mentions"].isna(), HIDDEN, ""))


def said(rows: pd.DataFrame, given: pd.DataFrame, count: int = 3) -> list[str]:
    found: list[str] = []
    for part in places_named(rows, given, WORDS, count):
        found += [str(one) for one in part] if isinstance(part, list) else [str(part)]
    return found


def test_the_places_that_most_name_with_their_times_and_reasons() -> None:
    opening, torget, parken, bron, last = said(places(), answers())
    assert opening == (
        "Det här är de platser som flest svarande i stadsdelen Askim-Frölunda-Högsbo nämner, av "
        "dem vars antal redovisas."
    )
    assert torget == (
        "Torget: 1\u202f234 omnämnanden. Vanligaste tiden är ”Kväll” (1\u202f000). Vanligaste "
        "orsaken är ”Mörkt eller dålig belysning” (40)."
    )
    assert "Vanligaste tiderna är ”Eftermiddag” och ”Kväll” (20 var)." in parken
    assert "tid" not in bron and "orsaken" in bron  # its most common time isn't shown
    assert last == MENTIONS


def test_equally_many_mentions_are_named_together() -> None:
    assert len(said(places(), answers(), count=2)) == 5  # Parken and Bron have 40 each
    assert len(said(places(), answers(), count=1)) == 3


def test_all_shown_all_said_without_a_reservation() -> None:
    opening = said(places()[places()["mark"] == ""], answers())[0]
    assert opening.endswith(" nämner.")


@pytest.mark.parametrize("rows", [places()[:0], places()[4:]])
def test_no_place_to_name(rows: pd.DataFrame) -> None:
    expected = "Antalet omnämnanden redovisas inte på grund av för få svarande."
    assert said(rows, answers()) == [expected]


def test_the_table_has_the_guide_s_columns_and_every_row() -> None:
    table = places_table(places(), answers(), WORDS, "Platser")
    assert [column.heading for column in table.columns] == [
        "Plats",
        "Antal omnämnanden",
        "Vanligaste tid (antal)",
        "Vanligaste orsak (antal)",
    ]
    text = [[(cell.text, cell.detail) for cell in row] for row in table.rows]
    assert [row[0][0] for row in text] == list(places()["label"])
    assert text[0][1:3] == [("1\u202f234", ""), ("Kväll", "1\u202f000")]
    assert text[1][2] == ("Eftermiddag och kväll", "20 var")
    assert text[2][2] == (HIDDEN, "")
    assert text[3][2:] == [(HIDDEN, ""), (HIDDEN, "")]
    assert text[4][1:] == [(HIDDEN, "")] * 3
    assert text[5][1:] == [("17", ""), ("–", ""), ("–", "")]
    assert MENTIONS in table.notes
    assert any(note.startswith("..") for note in table.notes)


def test_chart_and_table_of_times_have_the_same_numbers() -> None:
    table = times_table(places(), answers(), WORDS, "Platser efter tid")
    chart = charts.places(places(), answers(), WORDS, "Platser efter tid")
    cells = sorted(cell.text for row in table.rows for cell in row[2:])
    for layout in (style.WIDE, style.NARROW):
        root = ElementTree.fromstring(chart.svg(layout))
        texts = ["".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text")]
        assert set(TIMES.values()) <= set(texts)
        labels = {*TIMES.values(), *places()["label"]}
        assert sorted(text for text in texts if text not in labels) == cells
        for text in root.iter("{http://www.w3.org/2000/svg}text"):
            assert 0 <= float(text.get("x", 0)) <= layout.width


def test_the_alternative_has_the_numbers_of_the_first_places() -> None:
    alt = charts.places(places(), answers(), WORDS, "x").alt
    assert alt.startswith("Stapeldiagram med 4 platser och 4 tider på dygnet.")
    assert "Torget: dag 30, eftermiddag 60, kväll 1\u202f000 och natt 400." in alt
    assert "Parken: eftermiddag 20, kväll 20 och natt 10." in alt


def test_no_places_no_crash() -> None:
    for rows in (places()[:0], places()[4:]):
        assert len(single_places(rows)) == 0
        chart = charts.places(rows, answers(), WORDS, "x")
        assert chart.svg(style.WIDE) and chart.alt
        assert times_table(rows, answers(), WORDS, "x").rows == []


def test_neutral_words() -> None:
    """Guide 6.5: no judgement of a place, no cause."""
    text = " ".join([*said(places(), answers()), words_of_places.FEW, words_of_places.MENTIONS])
    assert not re.search("farlig|värst|sämst|leder till|beror på|problemplats", text)


def modelled() -> pd.DataFrame:
    row = {"label": "Otrygga ute", "low": 0.1, "high": 0.3, "mse": 0.0025, "reason": "", "mark": ""}
    return pd.DataFrame(
        [
            row | {"area": "del:a", "place": "Åsen", "estimate": 0.2, "direct": 0.15, "n": 40.0},
            row
            | {"area": "del:b", "place": "Berget", "estimate": 0.25, "direct": 0.31, "n": 130.0},
            {"area": "", "label": "Nedskräpning", "reason": "few", "mark": ""},
        ]
    )


def test_a_modelled_value_is_marked_and_never_sakerstalld() -> None:
    table = modelled_table(modelled(), WORDS, "Otrygga ute, per delområde", heading="Delområde")
    assert table.caption == "Modellskattning: otrygga ute, per delområde"
    text = [[cell.text for cell in row] for row in table.rows]
    assert text == [
        ["Åsen", "20\u00a0%", "10–30", "15\u00a0%", "40"],
        ["Berget", "25\u00a0%", "10–30", "31\u00a0%", "130"],
    ]
    assert [row[3].detail for row in table.rows] == ["(osäkert)", ""]  # 40 and 130 answered
    notes = modelled_note(modelled(), ["andel äldre"], WORDS, "delområde", "delområden")
    page = table.html() + " ".join(notes)
    assert "säkerställ" not in page and "KI" not in page
    assert "medelkvadratfel (MSE)" in page and "liknande andel äldre" in page
    assert notes[-1] == (
        "Ingen modellskattning görs för ”Nedskräpning”: för få delområden har minst 30 svarande."
    )


def test_a_hidden_modelled_value_has_no_number() -> None:
    rows = modelled()[:2].assign(mark=HIDDEN)
    rows[["estimate", "low", "high", "mse", "direct", "n"]] = np.nan
    table = modelled_table(rows, WORDS, "x")
    assert {cell.text for row in table.rows for cell in row[1:]} <= {HIDDEN, "–"}


@pytest.mark.parametrize("reason", ["few", "sampling", "no fit"])
def test_every_reason_has_its_words(reason: str) -> None:
    rows = modelled()[2:].assign(reason=reason)
    (note,) = modelled_note(rows, ["andel äldre"], WORDS, "delområde", "delområden")
    assert note.startswith("Ingen modellskattning görs för ”Nedskräpning”: ")


def test_a_point_is_a_point() -> None:
    named = places_named(places(), answers(), WORDS)[1]
    assert isinstance(named, list) and all(isinstance(one, Point) for one in named)
