"""The page about the whole, from made-up published rows: who is in its values, and what isn't said.

That the notebook runs, and that axe finds nothing on its page, is tested with the other pages on
the road (test_road).
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey_lib.batch.pages import WAVE_PAGES, wave_pages
from survey_lib.export.beside import WAVE_PAGE, WHOLE_PAGE
from survey_lib.presentation import phrases
from survey_lib.presentation.section import Section
from survey_lib.report.reading import surveyed
from survey_lib.report.results import Results
from survey_lib.report.whole_report import WholeReport
from survey_lib.vocabulary import Parameters

LEAD = {"trygg_omrade": "safety", "fort_stad": "trust"}
WAVES = ["2018", "2020", "2022", "2024"]


def published(parameters: Parameters, seed: int = 1) -> Any:
    """As the demo's latest wave leaves the door: Majorna-Linné not asked, Lundby a quota sample."""
    random, areas = np.random.default_rng(seed), parameters.areas
    names = [a for level in ("kommun", "so", "sdn") for a in areas.of_level(level)]
    missing = "sdn:majorna_linne"
    kinds = dict.fromkeys(names, "sannolikhet") | {"sdn:lundby": "kvot", missing: ""}
    mixed = [a for a in names if areas.contains(a, "sdn:lundby") and a != "sdn:lundby"]
    kinds |= dict.fromkeys(mixed, "kvot+sannolikhet")
    lacking = {a: missing if a != missing and areas.contains(a, missing) else "" for a in names}
    sampled = pd.DataFrame(
        [(a, areas.level_of(a), kinds[a], "webb" if kinds[a] else "", lacking[a]) for a in names],
        columns=["area", "level", "sampling", "modes", "missing"],
    ).assign(n=900.0, invited=1800.0, responding=910.0, response_rate=0.5, mark="")
    problems = parameters.tables.tables["problems"].indicators
    rows = [
        (table, indicator, area)
        for table, chosen in [("problems", problems), *((t, [i]) for i, t in LEAD.items())]
        for indicator in chosen
        for area in names
        if kinds[area]
    ]
    frame = pd.DataFrame(rows, columns=["table", "indicator", "area"])
    frame["estimate"] = random.uniform(0.1, 0.5, len(frame)).round(3)
    frame = frame.assign(
        group="", category="", low=frame["estimate"] - 0.03, high=frame["estimate"] + 0.03,
        n=900.0, n_effective=800.0, mark="",
    )  # fmt: skip
    frame["rank"] = frame.groupby(["table", "area"])["estimate"].rank(ascending=False)
    for name in ("rank_low", "rank_high", "rank_low_all", "rank_high_all", "best"):
        frame[name] = frame["rank"]
    frame.loc[frame["table"] != "problems", frame.columns[-6:]] = np.nan
    contrasts = frame[["table", "area", "indicator", "group", "category"]].assign(
        comparison="rest", family="rest", second=0.3, second_low=0.28, second_high=0.32,
        difference=frame["estimate"] - 0.3, low=frame["estimate"] - 0.34,
        high=frame["estimate"] - 0.26, n_first=900.0, n_second=8000.0,
        secured=(frame["estimate"] - 0.3).abs() > 0.1, state="", ages="",
    )  # fmt: skip
    quota = contrasts["area"].map(kinds) != "sannolikhet"
    contrasts.loc[quota, ["secured", "state"]] = [False, "sampling"]
    tested = [a for a in areas.of_level("sdn") if kinds[a] == "sannolikhet"]
    tests = pd.DataFrame({"level": "sdn", "table": "problems", "indicator": problems}).assign(
        areas="|".join(tested), secured=[k > 0 for k in range(len(problems))], state=""
    )
    trend = pd.concat(
        [frame[["area", "indicator", "estimate", "low", "high", "n", "n_effective", "mark"]]
         .assign(wave=wave, state="first" if wave == "2018" else "") for wave in WAVES]
    )  # fmt: skip
    whole = (trend["area"] == areas.whole) & (trend["wave"] == "2024")
    trend.loc[whole, "state"] = "coverage"
    trend.loc[(trend["indicator"] == "fort_stad") & (trend["wave"] == "2022"), "state"] = "wording"
    return SimpleNamespace(
        indicators=frame,
        contrasts=contrasts,
        areas=sampled,
        common=pd.DataFrame(),
        homogeneity=tests,
        trend=trend,
        answers=pd.DataFrame(),
        manifest={"wave": "2024", "compare_with": "2022", "notes": []},
    )


SECTIONS = ["summary", "problems", "areas", "goals", "levels", "over_time", "method"]


@pytest.fixture(scope="module")
def page(parameters: Parameters) -> Any:
    """Its results, and every section made once."""
    report = WholeReport(Results(parameters, published(parameters), parameters.areas.whole))
    made = {name: getattr(report, name) for name in SECTIONS}
    return SimpleNamespace(results=report.results, **made)


def texts(section: Section) -> str:
    """All that stands in a section, its charts not drawn."""
    from bs4 import BeautifulSoup

    def calm(one: Section) -> Section:
        return replace(one, figures=(), parts=[calm(part) for part in one.parts])

    text = BeautifulSoup(calm(section).html(), "html.parser").get_text(" ")
    return " ".join(text.split()).replace(" :", ":")


def test_the_whole_is_what_was_asked_and_says_so(page: Any) -> None:
    said = texts(page.summary)
    assert "I resultaten ingår inte Majorna-Linné." in said
    assert "de undersökta delarna av staden Göteborg" in said
    assert "Lundby: De svarande är inte slumpmässigt utvalda" in said
    assert "KI" not in said  # the whole holds a quota sample
    assert surveyed(page.results).where == "de undersökta delarna av staden Göteborg"
    everywhere = published(page.results.parameters)
    everywhere.areas = everywhere.areas.assign(missing="", sampling="sannolikhet")
    full = WholeReport(replace(page.results, published=everywhere))
    assert "gjordes i alla stadsdelar" in texts(full.summary)


def test_every_problem_stands_in_every_area_with_its_interval(page: Any) -> None:
    """In Swedish order whatever the values, and in the order of the whole's problems."""
    table = page.areas.tables[0]
    results = page.results
    order = results.parameters.areas.of_level("sdn")
    assert [c.heading for c in table.columns[1:]] == [
        results.parameters.areas.name(a) for a in order
    ]
    ranked = results.rows("problems").sort_values("rank")
    assert [row[0].text for row in table.rows] == list(ranked["label"])
    own = results.published.indicators.set_index(["indicator", "area"])
    for row, indicator in zip(table.rows, ranked["indicator"], strict=True):
        for cell, area in zip(row[1:], order, strict=True):
            if (indicator, area) in own.index:
                value = own.loc[(indicator, area)]
                assert cell.value == value["estimate"]
                assert cell.bounds == (value["low"], value["high"])
            else:
                assert area == "sdn:majorna_linne" and cell.text == "–"


def test_only_published_verdicts_name_an_area(page: Any) -> None:
    contrasts = page.results.published.contrasts
    secured = contrasts[contrasts["secured"] & contrasts["area"].str.startswith("sdn:")]
    names = page.results.parameters.areas.name
    table = page.problems.tables[0]
    heads = [column.heading for column in table.columns]
    ranked = page.results.rows("problems").sort_values("rank")["indicator"]
    for row, indicator in zip(table.rows, ranked, strict=True):
        for way, sign in (("Högre", 1), ("Lägre", -1)):
            mine = secured[secured["indicator"] == indicator]
            mine = mine[np.sign(mine["difference"]) == sign]
            told = row[heads.index(f"{way} andel än i övriga Göteborg")].text
            assert ({*told.split(", ")} - {"–"}) == {names(area) for area in mine["area"]}
    assert "17 av 18 problem" in texts(page.problems)


def test_goals_tables_and_both_levels_are_of_the_same_numbers(page: Any) -> None:
    goals = page.goals
    assert [part.title for part in goals.parts] == [
        goal.text for goal in page.results.parameters.goals.goals.values()
    ]
    own = page.results.published.indicators.set_index(["indicator", "area"])["estimate"]
    narcotics = goals.parts[2].tables[0].rows[0]
    assert own["prob_narkotika_stort", "kommun:goteborg"] in [cell.value for cell in narcotics]
    both = page.levels.tables[0]
    assert list(dict.fromkeys(both.groups)) == [
        "Stadsområdet Centrum", "Stadsområdet Hisingen", "Stadsområdet Nordost",
        "Stadsområdet Sydväst",
    ]  # fmt: skip
    first = [row[0].text for row in both.rows][:4]
    assert first == ["Hela stadsområdet", "Centrum", "Majorna-Linné", "Örgryte-Härlanda"]
    largest = page.results.rows("problems").sort_values("rank")["indicator"].iloc[0]
    assert both.rows[0][1].value == own[largest, "so:centrum"]
    assert f"Hisingen och Lundby: {phrases.KVOT}" in both.notes


def test_a_broken_line_says_why(page: Any) -> None:
    section = page.over_time
    said = texts(section)
    phrase = phrases.fill(phrases.OMFATTNING, platsen="staden Göteborg", ar="2022")
    assert phrase in said and phrases.fill(phrases.JMF_EJ, ar="2020") in said
    asked = section.tables[-1]
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in asked.rows}
    assert rows["Majorna-Linné"] == ["slumpmässigt urval"] * 3 + ["ingen undersökning"]
    assert rows["Lundby"][-1] == "kvoturval, ej slumpmässigt"


def test_the_whole_s_change_is_told_of_the_parts_in_common(page: Any) -> None:
    """By name, with both values and the published verdict; else that there is none."""
    asked = [a for a in page.results.parameters.areas.of_level("sdn") if a != "sdn:majorna_linne"]
    without = WholeReport(replace(page.results, published=published(page.results.parameters)))
    assert "Någon förändring för hela staden Göteborg redovisas inte" in texts(without.problems)
    store = published(page.results.parameters)
    rows = store.contrasts[store.contrasts["area"] == page.results.parameters.areas.whole]
    store.common = in_common(rows, asked, "prob_moped_stort")
    section = WholeReport(replace(page.results, published=store)).problems.parts[-1]
    said = texts(section)
    assert "nio av tio stadsdelar" in said and "Angered" in said and "Majorna-Linné" not in said
    assert "Andelen har ökat från 30 till 40 procent sedan 2022" in said
    own = next(row for row in section.tables[0].rows if row[0].text.startswith("Störande körning"))
    assert [cell.text for cell in own[1:3]] == ["30\u00a0%", "40\u00a0%"] and own[3].strong
    assert "KI" in section.tables[0].columns[1].heading + " ".join(section.tables[0].notes)


def in_common(rows: pd.DataFrame, parts: list[str], secured: str) -> pd.DataFrame:
    """Changes from 30 to 40 percent over some parts of the whole, one of them säkerställd."""
    return rows.assign(
        comparison="common", state="", parts="|".join(parts), first=0.4, first_low=0.38,
        first_high=0.42, secured=rows["indicator"] == secured,
        difference=0.1, low=0.08, high=0.12, modes_differ=False, seasons_differ=False,
    )  # fmt: skip


def test_a_common_goal_is_told_with_the_change_of_the_parts_in_common(page: Any) -> None:
    """Its level is the whole's, its change that of the parts, which are named once; both stand in
    tables with their intervals. Without such a change the sentence says that there is none."""
    whole = page.results.parameters.areas.whole
    asked = [a for a in page.results.parameters.areas.of_level("sdn") if a != "sdn:majorna_linne"]
    store = published(page.results.parameters)
    covered = store.contrasts["area"] == whole
    rows = store.contrasts[covered]
    change = rows.assign(comparison="change", state="coverage", secured=False)
    change[["second", "difference", "low", "high"]] = np.nan
    change = change.assign(modes_differ=False, seasons_differ=False)
    store.contrasts = pd.concat([store.contrasts, change], ignore_index=True)
    not_compared = phrases.fill(phrases.OMFATTNING, platsen="staden Göteborg", ar="2022")
    without = WholeReport(replace(page.results, published=store))
    assert not_compared in texts(without.goals)

    store.common = in_common(rows, asked, "prob_narkotika_stort")
    section = WholeReport(replace(page.results, published=store)).goals
    said = texts(section)
    assert said.count("gäller därför nio av tio stadsdelar") == 1 and not_compared not in said
    drugs, open_use = section.parts[2].sentences[1]
    assert drugs.text.endswith(
        "I de jämförda delarna av staden: Andelen har ökat från 30 till 40 procent sedan 2022. "
        "Förändringen är statistiskt säkerställd."
    )
    assert "inte statistiskt säkerställd" in open_use.text
    own = page.results.published.indicators.set_index(["indicator", "area"])["estimate"]
    level, changed = section.parts[2].tables[:2]
    assert own["prob_narkotika_stort", whole] in [cell.value for cell in level.rows[0]]
    assert [cell.value for cell in changed.rows[0][1:3]] == [0.3, 0.4]
    assert "de jämförda delarna av staden Göteborg" in changed.caption


def test_no_ranking_of_areas_and_no_word_that_blames(page: Any) -> None:
    every = " ".join(texts(getattr(page, name)) for name in SECTIONS).lower()
    for word in ("sämst", "bäst", "värst", "tack vare", "försämr", "förbättr", "leder till"):
        assert word not in every, word


def test_without_problems_goals_or_levels_nothing_breaks(parameters: Parameters) -> None:
    tables = {n: t for n, t in parameters.tables.tables.items() if n != "problems"}
    bare = replace(
        parameters,
        tables=parameters.tables.model_copy(update={"tables": tables}),
        reports=parameters.reports.model_copy(update={"level": "so"}),
        goals=None,
    )
    store = published(parameters)
    store.indicators = store.indicators[store.indicators["table"] != "problems"]
    store.homogeneity = pd.DataFrame()
    store.trend = store.trend.head(0)
    page = WholeReport(Results(bare, store, parameters.areas.whole))
    assert not (page.problems or page.areas or page.goals or page.levels)
    assert page.summary.sentences and page.over_time.tables and page.method.sentences


def test_the_page_is_made_where_there_is_a_whole_of_several_areas(parameters: Parameters) -> None:
    store = published(parameters)
    assert wave_pages(parameters, store)[:2] == [WAVE_PAGE, WHOLE_PAGE]
    store.areas = store.areas[store.areas["area"] != parameters.areas.whole]
    assert WHOLE_PAGE not in wave_pages(parameters, store)
    city = parameters.reports.model_copy(update={"level": "kommun"})
    found = wave_pages(replace(parameters, reports=city), published(parameters))
    assert WHOLE_PAGE not in found and WHOLE_PAGE in WAVE_PAGES
