"""Words, tables and pictures about groups: nothing is said that the published rows don't say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from published_rows import WORDS

from survey_lib.presentation import charts
from survey_lib.presentation.charts.style import NARROW, WIDE
from survey_lib.presentation.groups import differing, effects_table, groups_table, standing
from survey_lib.presentation.report_tables import change_table
from survey_lib.presentation.swedish import NO_BREAK
from survey_lib.presentation.verdicts import Comparison, joined

KVOT = replace(WORDS, probability=False)
CATEGORIES = {"1": "Kvinna", "2": "Man"}


def row(category="1", first=0.4, second=0.2, **other) -> dict:
    made = {
        "indicator": "i0", "label": "Otrygga på kvällen", "group": "kon", "group_label": "Kön",
        "category": category, "category_label": CATEGORIES[category], "named": True, "whole": 0.3,
        "estimate": first, "low": first - 0.05, "high": first + 0.05, "n": 400.0, "mark": "",
        "group_second": second, "group_second_low": second - 0.04,
        "group_second_high": second + 0.04, "group_difference": first - second,
        "group_low": first - second - 0.06, "group_high": first - second + 0.06,
        "group_n_second": 500.0, "group_secured": True, "group_state": "",
    }  # fmt: skip
    return {**made, **other}


def both(**other) -> pd.DataFrame:
    return pd.DataFrame([row(**other), row("2", 0.2, 0.4, **other)])


def effect(**other) -> pd.DataFrame:
    made = {"indicator": "i0", "label": "Otrygga på kvällen", "reference": "2",
            "reference_label": "Man", "effect": 0.22, "low": 0.15, "high": 0.28, "secured": True,
            "n": 400.0, "state": "", "mark": "", "named": True}  # fmt: skip
    own = {"variable": "kon", "variable_label": "Kön", "category": "1", "category_label": "Kvinna"}
    age = {"variable": "alder", "variable_label": "Ålder", "category": "a",
           "category_label": "16–24 år", "secured": False}  # fmt: skip
    return pd.DataFrame([made | own | other, made | age])


def text(said) -> str:
    flat = [str(s) for one in said for s in (one if isinstance(one, list) else [one])]
    return " ".join(flat).replace("\u00a0", " ")


def test_who_differs_is_named_with_share_and_interval():
    said = text(differing(both(), WORDS))
    assert said == (
        "Otrygga på kvällen: Andelen är högre bland kvinnor (40 procent, 95 % KI 35–45), och lägre "
        "bland män (20 procent, 95 % KI 15–25) än bland övriga boende. Skillnaderna är statistiskt "
        "säkerställda."
    )


def test_other_groups_are_quoted_and_years_are_ages_only_under_age():
    years = {"group_label": "Boendetid", "category_label": "1–4 år"}
    assert "högre i gruppen boendetid ”1–4 år” (40" in text(
        differing(pd.DataFrame([row(**years)]), WORDS)
    )
    ages = {"group_label": "Ålder", "category_label": "16–24 år"}
    assert "högre bland boende 16–24 år (40" in text(differing(pd.DataFrame([row(**ages)]), WORDS))
    crossed = {"group_label": "Kön och ålder", "category_label": "Kvinna, 16–24 år"}
    together = pd.DataFrame([row(**crossed), row(**years)])
    said = text(differing(together, WORDS))
    assert (
        "högre bland kvinnor 16–24 år (40 procent, 95 % KI 35–45) och i gruppen boendetid ”1–4"
        in said
    )


def test_what_many_comparisons_leave_unsure_is_said_once():
    unsure = both(group_secured=False)
    other = unsure.assign(indicator="i1", label="Trygga")
    said = text(differing(pd.concat([unsure, other]), WORDS))
    assert said.count("många jämförelser görs samtidigt") == 1
    assert "Otrygga på kvällen (kvinnor och män); och trygga (kvinnor och män): Skillnaden" in said


def test_country_of_birth_is_never_named():
    rows = both(named=False, group_label="Födelseland")
    said = text(differing(rows, WORDS))
    assert "Kvinna" not in said and "Man" not in said
    assert "Andelen skiljer sig mellan grupper efter födelseland. Skillnaderna är" in said
    unsure = text(differing(both(named=False, group_secured=False), WORDS))
    assert "”" not in unsure
    assert standing(effect(), rows, WORDS) == []


def test_what_is_not_secured_is_not_described_as_a_difference():
    rows = both(group_secured=False, group_low=-0.1, group_high=0.05)
    assert text(differing(rows, WORDS)) == (
        "Bland de mått som visas här är ingen skillnad mellan grupper efter kön statistiskt "
        "säkerställd."
    )
    assert "många jämförelser" in text(differing(both(group_secured=False, group_low=0.01), WORDS))
    hidden = both(mark="..", estimate=np.nan, group_state="none", group_secured=False)
    assert "redovisas inte på grund av för få svarande" in text(differing(hidden, WORDS))


def test_what_is_held_equal_is_said_of_each_indicator_where_they_differ():
    def notes(frame: pd.DataFrame) -> str:
        return effects_table(frame, WORDS, "x").html()

    assert notes(effect()).count("i övrigt var lika: med samma kön och ålder.") == 1
    few = effect(indicator="i1", label="Utsatta för hot")
    few = few[few["variable"] == "kon"].assign(indicator="i1", label="Utsatta för hot")
    both_kinds = notes(pd.concat([effect(), few]))
    assert "”Otrygga på kvällen”: grupperna jämförs" in both_kinds
    assert "”Utsatta för hot”: grupperna jämförs" in both_kinds


def test_a_quota_sample_says_kvot_and_tests_nothing():
    for words, rows in ((KVOT, both()), (WORDS, both(group_state="sampling", group_secured=False))):
        said = text(differing(rows, words))
        assert said.startswith("Skillnader mellan grupper efter kön prövas inte. De svarande är")
        assert "säkerställ" not in said
        table = groups_table(rows, words, "x").html()
        assert "säkerställd" not in table and "prövas inte" in table
    assert "KI" not in groups_table(both(), KVOT, "x").html()
    assert "slumpmässigt" in effects_table(effect(), KVOT, "x").html()
    assert "säkerställd" not in effects_table(effect(), KVOT, "x").html()
    assert standing(effect(), both(), KVOT) == []


def test_a_difference_stands_only_when_the_effect_is_secured():
    said = text(standing(effect(), both(), WORDS))
    assert said == (
        "Otrygga på kvällen: Kvinnor uppger detta oftare än män när ålder hålls lika: andelen är "
        "då 22 procentenheter högre (95 % KI 15–28). Skillnaden är statistiskt säkerställd."
    )
    unsure = text(standing(effect(secured=False), both(), WORDS))
    assert "oftare" not in unsure and "inte statistiskt säkerställd" in unsure
    other = text(standing(effect(effect=-0.1, low=-0.2, high=-0.05), both(), WORDS))
    assert "Kvinnor uppger detta mer sällan än män" in other and "10 procentenheter lägre" in other
    assert "(95 % KI 5–20)" in other
    assert standing(effect(state="none", effect=np.nan), both(), WORDS) == []
    assert standing(effect(mark="..", effect=np.nan), both(), WORDS) == []
    assert standing(effect(), both(group_secured=False), WORDS) == []


def test_only_what_was_in_the_model_is_said_to_be_held_equal():
    left_out = effect()
    left_out.loc[1, "state"] = "none"
    assert standing(left_out, both(), WORDS) == []


shares = st.floats(0.02, 0.98)


@given(st.lists(st.tuples(shares, shares, st.booleans(), st.booleans()), min_size=1, max_size=2))
def test_no_group_is_named_without_a_secured_difference(made):
    rows = pd.DataFrame([
        row(str(k + 1), first, second, group_secured=secured and first != second and not hidden,
            **({"mark": "..", "estimate": np.nan} if hidden else {}))
        for k, (first, second, secured, hidden) in enumerate(made)
    ])  # fmt: skip
    told = differing(rows, WORDS)
    points = [
        str(p) for one in told if isinstance(one, list) for p in one if "Andelen är" in str(p)
    ]
    for record in rows.to_dict("records"):
        called = {"Kvinna": "kvinnor (", "Man": "män ("}[record["category_label"]]
        named = any(called in point for point in points)
        assert named == Comparison.of(record, "group").verdict(WORDS).secured


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_small_multiples_have_a_panel_each_and_every_number(layout):
    rows = pd.concat([both(), both(indicator="i1", label="Oroliga", group_secured=False)])
    rows.iloc[3, rows.columns.get_indexer(["estimate", "low", "high", "n"])] = np.nan
    rows.iloc[3, rows.columns.get_loc("mark")] = ".."
    figure = charts.groups(rows, WORDS, "Efter kön")
    svg = figure.svg(layout).replace("\u00a0", " ")
    for shown in ("Otrygga på kvällen", "Oroliga", "Kvinna", "Hela stadsdelen", "40 %", "30 %"):
        assert shown in svg
    assert svg.count("redovisas inte") == 1
    assert "Fet stil: säkerställd skillnad" in figure.description
    assert "från Man 20 % till Kvinna 40 %" in figure.alt.replace("\u00a0", " ")
    assert "som inte redovisas: 1" in figure.alt
    unsure = charts.groups(both(group_secured=False), WORDS, "x")
    assert "säkerställd" not in unsure.description


def test_panels_keep_the_order_of_the_groups_and_one_scale():
    rows = pd.concat([both(), both(indicator="i1", label="Oroliga", high=0.09, estimate=0.05)])
    svg = charts.groups(rows, WORDS, "x").svg()
    assert svg.index("Kvinna") < svg.index(">Man<") < svg.index("Hela")
    assert svg.count(f"50{NO_BREAK}%") == 2  # both panels end at the same share


def test_a_change_on_other_ages_shows_the_values_that_it_is_about():
    own = pd.DataFrame([row(estimate=0.4)])
    contrast = {"comparison": "change", "table": "t", "area": "a", "indicator": "i0", "group": "",
                "category": "", "family": "f", "first": 0.35, "first_low": 0.3, "first_high": 0.4,
                "second": 0.45, "second_low": 0.4, "second_high": 0.5, "difference": -0.1,
                "low": -0.15, "high": -0.05, "n_first": 300.0, "n_second": 310.0, "secured": True,
                "state": "", "ages": "25-84", "modes_differ": True, "seasons_differ": True,
                }  # fmt: skip
    rows = joined(own, pd.DataFrame([contrast]))
    said = Comparison.of(rows.iloc[0].to_dict(), "change").phrase(WORDS)
    assert said.startswith("Andelen har minskat från 45 till 35 procent sedan 2022.")
    page = change_table(rows, WORDS, "x").html().replace("\u00a0", " ")
    assert "35 %" in page and "40 %" not in page
    for note in ("boende 25–84 år: dem som frågades båda", "på samma sätt 2022", "olika årstider"):
        assert note in page
        assert note in charts.change(rows, WORDS, "x").description.replace("\u00a0", " ")
    plain = joined(own, pd.DataFrame([contrast | {"ages": "", "modes_differ": False,
                                                  "seasons_differ": False}]))  # fmt: skip
    assert "frågades båda" not in change_table(plain, WORDS, "x").html()
    assert "40 %" in change_table(plain, WORDS, "x").html().replace("\u00a0", " ")


def test_an_interval_beside_a_quota_sample_is_no_confidence_interval():
    own = pd.DataFrame([row()])
    contrast = {"comparison": "change", "table": "t", "area": "a", "indicator": "i0", "group": "",
                "category": "", "family": "f", "first": 0.4, "second": 0.45, "second_low": 0.4,
                "second_high": 0.5, "difference": np.nan, "low": np.nan, "high": np.nan,
                "n_first": 300.0, "n_second": 310.0, "secured": False, "state": "sampling",
                }  # fmt: skip
    rows = joined(own, pd.DataFrame([contrast]))
    page = change_table(rows, WORDS, "x").html().replace("\u00a0", " ")
    assert "står dess 95 % intervall" in page and "95 % KI" not in page
    assert "slumpmässigt utvalda" in page
    assert "KI" not in charts.change(rows, WORDS, "x").description
