"""What stands beside a promise, and what can be seen next time: words, tables and charts."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from published_rows import WORDS
from test_promise_words import row

from survey_lib.presentation import charts, planning
from survey_lib.presentation.beside import compared, rest_sentences, rest_table, with_rest
from survey_lib.presentation.charts import style
from survey_lib.presentation.promises import overview_table
from survey_lib.statistics.power import detectable_change, needed_size

CLAIMS = re.compile(
    r"ökat|minskat|skiljer|tack vare|på grund av insats|effekt av|leder till|försämr|misslyck", re.I
)
REST = {
    "rest_first": 0.25, "rest_first_low": 0.237, "rest_first_high": 0.262, "rest_second": 0.24,
    "rest_second_low": 0.228, "rest_second_high": 0.251, "rest_difference": 0.01,
    "rest_low": -0.006, "rest_high": 0.023, "beyond": -0.10, "beyond_low": -0.142,
    "beyond_high": -0.053, "rest_n_first": 6700.0, "rest_n_second": 6800.0,
    "rest_areas": "sdn:b|sdn:c",
}  # fmt: skip
PARTS = ["Lundby", "Örgryte-Härlanda"]


def rows(*changes: dict) -> pd.DataFrame:
    made = [row("ratt") | REST | {"label": f"Fråga {k}"} | one for k, one in enumerate(changes)]
    return pd.DataFrame(made)


NOT_SHOWN = dict.fromkeys([c for c in REST if c != "rest_areas"], np.nan) | {"rest_areas": ""}


def text_of(table) -> str:
    return "\n".join(
        [
            table.caption,
            *(column.heading for column in table.columns),
            *(f"{cell.text} {cell.detail}" for line in table.rows for cell in line),
            *table.notes,
        ]
    )


def test_the_rest_is_named_and_no_cause_is_claimed():
    (who,) = rest_sentences(rows({}), PARTS, WORDS)
    assert who == "I övriga staden ingår här Lundby och Örgryte-Härlanda."
    said = compared(pd.concat([rows({}), rows(NOT_SHOWN)]), WORDS)
    assert "övriga staden under samma tid" in said[0]
    assert "Den visar inte ensam om insatsen har fungerat" in said[1]
    assert not CLAIMS.search(" ".join([who, *said]))
    assert compared(rows(NOT_SHOWN), WORDS) == []


def test_a_rest_that_is_not_shown_is_said_to_be_so():
    hidden = rows(NOT_SHOWN)
    (said,) = rest_sentences(hidden, [], WORDS)
    assert (
        said == "Samma förändring i övriga staden redovisas inte. Underlaget räcker inte till det."
    )
    assert with_rest(hidden).empty
    untested = rows(NOT_SHOWN | {"state": "wording"})
    assert rest_sentences(untested, [], WORDS) == []


def test_both_changes_and_their_difference_stand_in_the_table():
    table = rest_table(rows({}), WORDS, "Löfte 1")
    cells = table.rows[0]
    assert [cell.text for cell in cells] == [
        "Fråga 0", "−9", "24\u00a0%", "25\u00a0%", "+1", "−10", "6\u202f800", "6\u202f700",
    ]  # fmt: skip
    assert cells[1].detail == "−13 till −5, säkerställd"
    assert (cells[2].detail, cells[3].detail) == ("23–25", "24–26")
    assert cells[3].bounds == (0.237, 0.262)
    assert (cells[4].detail, cells[5].detail) == ("−1 till 2", "−14 till −5")
    assert cells[5].bounds == (-0.142, -0.053) and cells[5].value == -0.10
    assert not cells[5].strong and not cells[5].verdict
    assert any("prövas inte" in note for note in table.notes)
    assert table.bases.startswith("Antal svarande (oviktat) övriga staden 2022: 6\u202f800.")
    assert not CLAIMS.search(text_of(table))


@pytest.mark.parametrize("seed", range(5))
def test_whatever_the_numbers_no_verdict_but_the_tested_one_is_said(seed):
    """Random rows: "säkerställd" only where the published change is, and only in its own cell."""
    random = np.random.default_rng(seed)
    changes = []
    for _ in range(40):
        a, b, d = random.uniform(-0.3, 0.3, 3)
        halves = random.uniform(0.01, 0.2, 3)
        changes.append({
            "difference": a, "low": a - halves[0], "high": a + halves[0],
            "rest_difference": b, "rest_low": b - halves[1], "rest_high": b + halves[1],
            "beyond": d, "beyond_low": d - halves[2], "beyond_high": d + halves[2],
            "secured": bool(random.random() < 0.5),
        })  # fmt: skip
    frame = rows(*changes)
    table = rest_table(frame, WORDS, "x")
    for made, cells in zip(frame.itertuples(), table.rows, strict=True):
        assert cells[1].strong == made.secured
        others = " ".join(f"{cell.text} {cell.detail}" for cell in (*cells[2:],))
        assert "säkerställd" not in others and "-" not in others
    alternative = charts.beside(frame, WORDS, "x").alt
    assert "säkerställd" not in alternative and not CLAIMS.search(alternative)


def test_the_chart_beside_draws_both_changes_with_their_intervals():
    figure = charts.beside(rows({}, {"difference": 0.02, "low": -0.01, "high": 0.05}), WORDS, "x")
    for layout in (style.WIDE, style.NARROW):
        axes = figure._drawn(layout).axes[0]
        ends = {tuple(np.round(s[:, 0], 3)) for c in axes.collections
                for s in getattr(c, "get_segments", list)()}  # fmt: skip
        assert {(-0.13, -0.05), (-0.01, 0.05), (-0.006, 0.023)} <= ends
        low, high = axes.get_xlim()
        assert low <= -0.13 and high >= 0.05
    assert "Fråga 0 −9 och +1" in figure.alt


def test_promises_in_short_count_what_was_secured():
    made = pd.DataFrame(
        [
            row(v) | {"title": t}
            for t, v in (("A", "ratt"), ("A", "ovisst"), ("B", ""), ("A", "annat"))
        ]
    )
    table = overview_table(made, WORDS, "I korthet")
    assert [column.heading for column in table.columns] == [
        "Löfte", "Antal frågor", "I löftets riktning, säkerställd",
        "Åt ett annat håll, säkerställd", "Går inte att avgöra", "Prövas inte eller redovisas inte",
    ]  # fmt: skip
    assert [[cell.text for cell in line] for line in table.rows] == [
        ["A", "3", "1", "1", "1", "0"], ["B", "1", "0", "0", "0", "1"],
    ]  # fmt: skip


# -- planning -----------------------------------------------------------------------------------


def planned(**other) -> pd.DataFrame:
    """A problem named by one in four, 900 respondents and a design effect of 1,2."""
    n, deff, p = 900.0, 1.2, 0.25
    made = {
        "label": "Klotter", "estimate": p, "low": 0.22, "high": 0.28, "mark": "", "n": n,
        "deff": deff, "n_effective": n / deff, "up": False,
    }  # fmt: skip
    for family in (1, 3):
        made[f"smallest_{family}"] = float(
            detectable_change(p, n / deff, n / deff, up=False, family=family)
        )
    for change in (0.03, 0.05, 0.10):
        made[planning.needed(change)] = float(deff * needed_size(p, p - change))
    return pd.DataFrame([made | other])


def test_the_table_says_what_is_seen_and_who_must_answer():
    table = planning.planning_table(planned(), WORDS, (0.03, 0.05, 0.10), (1, 3))
    texts = [cell.text for cell in table.rows[0]]
    assert texts[:5] == ["Klotter", "25\u00a0%", "nedåt", "6,0", "6,9"]
    assert texts[5:] == ["3\u202f770", "1\u202f320", "300", "900"]
    assert [column.heading for column in table.columns[3:8]] == [
        "En fråga (p.e.)", "Tre frågor (p.e.)", "Svar för 3 p.e.", "Svar för 5 p.e.",
        "Svar för 10 p.e.",
    ]  # fmt: skip
    assert planning.SEEN in table.notes and planning.NEEDED in table.notes
    assert not CLAIMS.search(text_of(table))


def test_what_cannot_be_seen_or_happen_is_no_number():
    small = planned(
        estimate=0.02, smallest_1=np.nan, smallest_3=np.nan, needed_3=np.nan, needed_5=np.nan
    )
    table = planning.planning_table(small, WORDS, (0.03, 0.05, 0.10), (1, 3))
    cells = table.rows[0]
    assert [cell.text for cell in cells[3:7]] == ["–", "–", ".", "."]
    assert planning.IMPOSSIBLE in table.notes and ". = kan inte förekomma" in table.notes
    figure = charts.planned(small, WORDS, "x")
    assert "från" not in figure.alt.partition(":")[2]
    figure._drawn(style.WIDE)


def test_what_is_promised_to_be_seen_is_never_less_than_needed():
    assert planning.rounded_up(0.05001) == 0.051
    assert planning.rounded_up(0.05) == 0.05
    said = planning.sentences(WORDS, 0.8, 0.05, ["Lundby"])
    text = " ".join(str(part) for one in said for part in (one if isinstance(one, list) else [one]))
    assert "i minst 8 av 10 sådana undersökningar" in text
    assert "För Lundby prövas inga förändringar" in text
    assert not CLAIMS.search(text)


def test_the_planning_chart_goes_from_today_to_what_must_be_reached():
    both = pd.concat([planned(), planned(label="Trygga", up=True)], ignore_index=True)
    figure = charts.planned(both, replace(WORDS, demo=True), "x")
    change = both["smallest_1"][0]
    for layout in (style.WIDE, style.NARROW):
        axes = figure._drawn(layout).axes[0]
        ends = {tuple(np.round(s[:, 0], 4)) for c in axes.collections
                for s in getattr(c, "get_segments", list)()}  # fmt: skip
        assert (0.25, round(0.25 - change, 4)) in ends and (0.25, round(0.25 + change, 4)) in ends
    assert "Klotter från 25\u00a0% till 19\u00a0%" in figure.alt
