"""The whole road on the made-up survey, where the truth is known: prepare, publish, render.

Each time with few of its tables; with all of them in evidence.
"""

from __future__ import annotations

import json
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from accessibility import OF_COLOURS, OF_WIDTH, check_accessibility
from bs4 import BeautifulSoup
from conftest import PreparedDemo
from docx import Document

from survey_lib import open_report, open_wave, pipeline, platforms
from survey_lib.batch.progress import Lines
from survey_lib.batch.reports import make_reports
from survey_lib.demo import make_population, truth
from survey_lib.presentation import swedish
from survey_lib.presentation.promises import SAID
from survey_lib.publish import FOLDER, Published, open_published
from survey_lib.rendering.page import MADE_FROM
from survey_lib.selection import select
from survey_lib.vocabulary import Parameters, load_parameters
from survey_lib.vocabulary.demo import Change, Noise

CHANGES = "change"
OF_ALL = pytest.param(True, id="all", marks=[pytest.mark.evidence, pytest.mark.xdist_group("demo")])
needs_all = pytest.mark.parametrize("project", [OF_ALL], indirect=True)


@dataclass
class Project:
    """A project of its own, prepared, with all tables or with few."""

    parameters: Parameters
    reports: Path
    published: Published
    all: bool


@pytest.fixture(scope="module", params=[pytest.param(False, id="few"), OF_ALL])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    made: PreparedDemo = request.getfixturevalue("prepared_demo" if request.param else "few_tables")
    folder = made.copy(tmp_path_factory.mktemp("project"))
    parameters, reports = load_parameters(folder / "parameters"), folder / "reports"
    published = open_published(reports / "2024" / FOLDER)
    return Project(parameters, reports, published, request.param)


@pytest.fixture(scope="module")
def population(project):
    return make_population(project.parameters)


def wholes(published: Published) -> pd.DataFrame:
    rows = published.indicators
    return rows[rows["group"] == ""]


# -- the numbers ---------------------------------------------------------------------------------


def test_estimates_agree_with_the_true_population(project, population):
    """Intervals of the probability samples hold the truth nearly as often as they say; what is
    missing is non-response that weighting can't mend."""
    true = truth(population, "2024")[["indicator", "area", "share"]]
    sampling = project.published.areas.set_index("area")["sampling"]
    rows = wholes(project.published).merge(true, on=["indicator", "area"])
    rows = rows[rows["area"].map(sampling).eq("sannolikhet") & rows["estimate"].notna()]
    assert len(rows) > (800 if project.all else 100)
    inside = rows["share"].between(rows["low"], rows["high"])
    assert 0.90 <= inside.mean() <= 0.985
    assert (rows["estimate"] - rows["share"]).abs().median() < 0.012


def test_true_changes_are_found_and_noise_is_not(project):
    """The demo's seed was chosen so that every verdict occurs; how often it happens over many draws
    is the business of the simulation."""
    contrasts = project.published.contrasts
    rows = contrasts[contrasts["comparison"] == CHANGES].set_index(["area", "indicator"])
    plan = project.parameters.demo.truth
    probability = set(
        project.published.areas.query("sampling == 'sannolikhet' and level == 'sdn'")["area"]
    )
    told = set(contrasts["indicator"])

    def seen(change: Change | Noise) -> bool:
        asked = change.wave == "2024" and change.area in probability
        return asked and f"{change.item}_stort" in told

    true = list(filter(seen, plan.changes))
    assert len(true) == (8 if project.all else 2)
    for change in true:
        row = rows.loc[(change.area, f"{change.item}_stort")]
        assert row["secured"] and np.sign(row["difference"]) == np.sign(change.change)
    for noise in filter(seen, plan.noise if project.all else []):  # in the whole family's test
        assert not rows.loc[(noise.area, f"{noise.item}_stort"), "secured"]


def test_each_contrast_belongs_to_one_family_and_verdicts_follow_the_adjusted_test(project):
    contrasts = project.published.contrasts
    keys = ["comparison", "area", "indicator", "group", "category"]
    assert not contrasts.duplicated(keys).any()
    assert (contrasts["secured"] == (contrasts["p_adjusted"] < 0.05)).all()
    tested = contrasts[contrasts["p"].notna()]
    assert (tested["p_adjusted"] >= tested["p"] - 1e-12).all()
    assert (tested["state"] == "").all()


@needs_all
def test_promises_are_followed_up_each_against_its_own_baseline(project):
    """The demo shows every verdict; a change that a promise follows up has its verdict from the
    promise's family in the contrasts too, and from no other."""
    rows = project.published.promises
    assert set(rows["verdict"]) == {"ratt", "annat", "ovisst", ""}
    assert set(rows["before"]) == {"2018", "2020", "2022"} and set(rows["after"]) == {"2024"}
    assert set(rows.loc[rows["verdict"] == "", "indicator"]) == {"fort_stad", "bryr_stad"}
    assert (rows.loc[rows["verdict"] == "", "state"] == "wording").all()
    assert set(rows.loc[rows["ongoing"], "promise"]) == {"vald_vastra_hisingen"}
    contrasts = project.published.contrasts
    promised = contrasts[contrasts["family"].str.startswith("promise")]
    same = rows[rows["before"] == "2022"]
    keys = ["area", "indicator"]
    assert set(map(tuple, promised[keys].to_numpy())) == set(map(tuple, same[keys].to_numpy()))
    both = promised.merge(same, on=keys, suffixes=("", "_promised"))
    for name in ("first", "second", "difference", "p", "p_adjusted", "secured", "state"):
        assert both[name].equals(both[f"{name}_promised"]), name
    assert set(project.published.manifest["inputs"]) == {"2018", "2020", "2022", "2024"}


def test_without_probabilities_nothing_is_tested(project):
    contrasts = project.published.contrasts
    quota = contrasts[contrasts["area"].isin(["sdn:lundby", "so:hisingen", "kommun:goteborg"])]
    assert len(quota) > (100 if project.all else 20)
    assert not quota["secured"].any()
    assert quota["p"].isna().all()
    assert (quota["state"] == "sampling").sum() > (100 if project.all else 20)


def test_the_rest_holds_other_probability_samples_only(project):
    """Angered against the seven others: the quota sample and the area itself are left out."""
    areas = project.published.areas.set_index("area")
    others = areas.query("level == 'sdn' and sampling == 'sannolikhet'").drop("sdn:angered")
    contrasts = project.published.contrasts
    rest = contrasts.query("comparison == 'rest' and area == 'sdn:angered'")
    assert rest["n_second"].max() <= others["n"].sum()
    assert rest["n_second"].max() > 0.97 * others["n"].sum()


def test_waves_that_asked_in_different_parts_of_an_area_are_not_compared(project):
    """Majorna-Linné, a third of the stadsområde, answered in 2022 only: what looks like a change
    would be the difference between its residents and the others'."""
    contrasts = project.published.contrasts
    rows = contrasts.query("comparison == 'change' and area == 'so:centrum'")
    assert (rows["state"].isin(["coverage", "wording"])).all()
    assert len(rows) > (90 if project.all else 10)
    assert rows[["difference", "second", "p"]].isna().all(axis=None)
    same = contrasts.query("comparison == 'change' and area == 'so:nordost'")
    assert (same["state"] == "").sum() > (90 if project.all else 10)


def test_weighted_respondents_look_like_the_population(project):
    """Of the parts that were asked: the stadsområde without the stadsdel that wasn't."""
    profile = project.published.profile
    areas = profile["area"].str.startswith("sdn:") | profile["area"].eq("so:centrum")
    rows = profile[areas & profile["variable"].eq("alder_grp")]
    assert (rows["weighted"] - rows["population"]).abs().max() <= 0.005
    assert (rows["unweighted"] - rows["population"]).abs().max() > 0.05


@needs_all
def test_a_change_of_scale_stops_the_comparison(project, tmp_path):
    shutil.copytree(project.reports.parent / pipeline.PRIVATE, tmp_path / pipeline.PRIVATE)
    published = pipeline.prepare(project.parameters, "2022", "2020", tmp_path / "reports")
    rows = published.contrasts.query("comparison == 'change'").set_index(["area", "indicator"])
    broken = rows.loc[("sdn:angered", "otrygg_lokaler_kvall")]
    assert broken["state"] == "wording" and np.isnan(broken["difference"])
    reworded = rows.loc[("sdn:angered", "bryr_stad")]
    assert reworded["state"] == "wording"
    assert rows.loc[("sdn:angered", "trygg_omrade"), "state"] == ""


def test_no_area_that_reports_are_about_loses_its_own_shares_for_others_sake(project):
    """Theirs are the values that everything stands on; only the primary rules take one away."""
    rows = wholes(project.published)
    rows = rows[~rows["area"].str.startswith("del:") & (rows["mark"] == "..")]
    assert rows.empty


# -- the door ------------------------------------------------------------------------------------


def test_nothing_small_leaves_the_door(project):
    for frame in (project.published.indicators, project.published.answers):
        shown = frame[frame["mark"] != ".."]
        assert shown["n"].min() >= 30
        hidden = frame[frame["mark"] == ".."]
        assert len(hidden) and hidden[["estimate", "low", "high", "n"]].isna().all(axis=None)
        assert "count" not in frame
    groups = project.published.indicators
    assert "3" not in set(groups.loc[groups["group"] == "kon", "category"])
    assert project.published.profile["n"].min() >= 30


def test_prepared_microdata_are_for_their_owner_only(project):
    private = project.reports.parent / pipeline.PRIVATE
    files = [path for path in private.rglob("*") if path.is_file()]
    assert any(path.name == "microdata.parquet" for path in files)
    if not platforms.on_windows():
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)
        assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_nothing_is_done_again_until_an_input_changes(project, monkeypatch):
    def fail(*_):
        raise AssertionError("estimated again")

    made, make = [], pipeline._made
    monkeypatch.setattr(pipeline, "_estimated", fail)
    monkeypatch.setattr(pipeline, "_made", lambda *given: made.append(given) or make(*given))
    again = pipeline.prepare(project.parameters, "2024", "2022", project.reports)
    assert again.manifest == project.published.manifest
    words = project.parameters.folder / "reports.yaml"
    words.write_bytes(words.read_bytes() + b"\n# other words change no number\n")
    pipeline.prepare(project.parameters, "2024", "2022", project.reports)
    assert made == []
    file = project.parameters.folder / "tables.yaml"
    before = file.read_bytes()
    file.write_bytes(before + b"\n# changed\n")
    try:
        with pytest.raises(AssertionError, match="estimated again"):
            pipeline.prepare(project.parameters, "2024", "2022", project.reports)
    finally:
        file.write_bytes(before)


# -- the reports ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages(project, console) -> dict[str, str]:
    """Reports of both levels made from the published store alone: all microdata are deleted."""
    shutil.rmtree(project.reports.parent / pipeline.PRIVATE)
    shutil.rmtree(project.reports.parent / "demo_data")
    areas = ["sdn:angered", "sdn:lundby", "sdn:majorna_linne", "so:centrum"]
    selection = select(project.parameters, areas=areas)
    outcomes = make_reports(
        project.parameters, selection, output=project.reports, workers=2, reporter=Lines(console)
    )
    states = {outcome.key: outcome.state for outcome in outcomes}
    assert states.pop("sdn:majorna_linne") == "no_survey"
    assert set(states.values()) == {"ready"}, outcomes
    assert not (project.reports.parent / pipeline.PRIVATE).exists()
    assert not (project.reports.parent / "demo_data").exists()
    folder = project.reports / "2024"
    return {o.key: (folder / o.page).read_text(encoding="utf-8") for o in outcomes}


@pytest.fixture(scope="module")
def console():
    import io

    from rich.console import Console

    return Console(file=io.StringIO())


def test_every_page_says_what_it_is(project, pages):
    for key, text in pages.items():
        page = BeautifulSoup(text, "html.parser")
        assert page.html["lang"] == "sv"
        assert len(page.find_all("h1")) == 1
        assert "DEMODATA – påhittade svar" in page.get_text()
        for caption in page.find_all(["caption", "figcaption"]):
            assert "DEMO" in caption.get_text()
        assert not page.find_all("script")
        if key in project.parameters.areas.areas:
            assert project.parameters.areas.name(key) in page.h1.get_text()
    names = [path.name for path in (project.reports / "2024").glob("*.html")]
    assert all(name.startswith("DEMO_") or name == "index.html" for name in names)


SECTIONS = [
    "Sammanfattning",
    "Så läser du rapporten",
    "Problem i området",
    "Trygghet",
    "Otrygga platser och tider",
    "Oro och hur den påverkar vardagen",
    "Utsatthet för brott",
    "Förtroende",
    "Tillit mellan grannar",
    "Det som gör området tryggt, och önskade åtgärder",
    "Uppföljning av löften och mål",
    "Underlag till den gemensamma läges- och problembilden",
    "Metod och begränsningar",
]
OF_OTHER_TABLES = {
    "Otrygga platser och tider",
    "Oro och hur den påverkar vardagen",
    "Förtroende",
    "Tillit mellan grannar",
    "Det som gör området tryggt, och önskade åtgärder",
    "Uppföljning av löften och mål",
}


def test_a_report_shows_its_own_numbers_as_sentence_chart_and_table(project, pages):
    for area in ("sdn:angered", "so:centrum"):
        page = BeautifulSoup(pages[area], "html.parser")
        headings = [h.get_text() for h in page.find_all("h2")]
        assert headings == [s for s in SECTIONS if s in headings]
        left_out = set(SECTIONS) - set(headings)
        assert left_out <= ({"Uppföljning av löften och mål"} if project.all else OF_OTHER_TABLES)
        rows = wholes(project.published)
        rows = rows[(rows["area"] == area) & (rows["table"] == "problems")]
        top = rows.sort_values("rank").iloc[0]
        share = f"{round(100 * top['estimate'])}"
        label = project.parameters.questionnaire.indicators[top["indicator"]].rule.label
        first = page.select_one(".section ol li").get_text()
        assert label in first and f"{share} procent" in first
        figures = page.find_all("figure")
        assert len(figures) >= (4 if project.all else 3)
        assert any(label in f.img["alt"] and f"{share}\u00a0%" in f.img["alt"] for f in figures)
        cells = [c.get_text() for c in page.find("th", string=label).parent.find_all("td")]
        assert any(f"{share}\u00a0%" in cell for cell in cells)


def test_each_report_shows_its_own_area_s_numbers_and_every_figure_that_it_has(project, pages):
    """Page, executed notebook, workbook and slides are all of the one area: its id, its shares of
    every problem, and exactly the figures that its sections have when they are opened here."""
    folder, notebook = project.reports / "2024", "notebooks/2_stadsdel.ipynb"
    text = (project.reports.parent / notebook).read_text(encoding="utf-8")
    shown = re.findall(r"show\(report\.(\w+)\)", text)
    assert len(shown) > 10
    labels = {n: i.rule.label for n, i in project.parameters.questionnaire.indicators.items()}
    rows = wholes(project.published).query("table == 'problems' and mark != '..'")
    for area in ("sdn:angered", "sdn:lundby", "so:centrum"):
        stem = f"DEMO_{project.parameters.areas.slug(area)}"
        page = BeautifulSoup(pages[area], "html.parser")
        made_from = json.loads(page.find("meta", attrs={"name": MADE_FROM})["content"])
        executed = json.loads((folder / "notebooks" / f"{stem}.ipynb").read_text(encoding="utf-8"))
        (given,) = (c["source"] for c in executed["cells"] if c["id"] == "injected-parameters")
        assert made_from["page"] == area and f'area = "{area}"' in "".join(given)
        report = open_report("2024", area, "2022", project.parameters.folder, project.reports)
        sections = [getattr(report, name) for name in shown if name != "heading"]
        figures = [one.alt for section in sections for one in section.charts()]
        assert [f.img["alt"] for f in page("figure")] == figures
        assert len(figures) >= (10 if project.all else 3)
        assert len(list((folder / f"{stem}_bilder").glob("*.svg"))) == len(figures)
        own = rows[rows["area"] == area]
        assert len(own) > (15 if project.all else 1)
        for row in own.itertuples():
            line = page.find("th", string=labels[row.indicator]).parent
            share = swedish.percent(row.estimate)
            assert any(share in cell.get_text() for cell in line("td")), (area, row.indicator)


def test_what_reports_yaml_says_of_an_area_is_shown(project, pages):
    text = BeautifulSoup(pages["sdn:angered"], "html.parser").get_text()
    spec = project.parameters.reports.areas["sdn:angered"]
    assert spec.contact.name in text and spec.contact.email in text
    assert "Kommentar från stadsområdet" in text and spec.comments["problems"] in text
    for part in spec.subareas:
        assert project.parameters.areas.name(part) in text
    assert "Kommentar" not in BeautifulSoup(pages["sdn:lundby"], "html.parser").get_text()


def test_an_area_inside_which_a_part_was_not_asked_says_so(pages):
    text = BeautifulSoup(pages["so:centrum"], "html.parser").get_text()
    assert "I resultaten ingår inte Majorna-Linné" in text
    assert "i de undersökta delarna av stadsområdet Centrum" in text
    assert "Undersökningen gjordes inte i samma delar av stadsområdet Centrum." in text
    assert "har minskat" not in text and "har ökat" not in text


def test_the_area_without_a_survey_says_so_and_shows_other_sources_only(project, pages):
    page = BeautifulSoup(pages["sdn:majorna_linne"], "html.parser")
    text = page.get_text()
    assert "Ingen egen trygghetsundersökning gjordes i stadsdelen 2024." in text
    assert "Den är framtagen på ett annat sätt och kan inte jämföras direkt." in text
    assert not page("figure") and "KI" not in text and "säkerställd" not in text
    figures = [f for f in project.parameters.external if f.area == "sdn:majorna_linne"]
    assert len(page.select("tbody tr")) == len(figures) == 3


@needs_all
def test_the_summary_is_the_first_section_and_says_what_a_meeting_asks(project, pages):
    summary = BeautifulSoup(pages["sdn:angered"], "html.parser").select_one("div.section")
    said = summary.get_text(" ").replace("\u00a0", " ")
    assert [h.get_text() for h in summary("h3")] == [
        "Största problemen",
        "Trygghet",
        "Förändringar sedan 2022",
        "Skillnader mellan grupper",
        "Löften",
        "Det som gör området tryggt",
    ]
    assert len(summary.select("ol li")) == 5
    assert "Med 95 procents säkerhet" in said and "plats 1" in said
    assert "Utvecklingen går i den riktning som löftet anger." in said
    assert not summary("figure") and not summary("table")
    assert len(said) < 4000  # about a page


def test_the_meetings_table_has_blank_columns_and_its_files_lie_beside(project, pages):
    page = BeautifulSoup(pages["sdn:angered"], "html.parser")
    ends = "att fylla i tillsammans"
    table = next(t for t in page("table") if t.caption.get_text().endswith(ends))
    assert all(len([td for td in row("td") if not td.get_text()]) == 4
               for row in table.select("tbody tr"))  # fmt: skip
    links = [a["href"] for a in page.select(".files a") if "gemensam" in a["href"]]
    assert len(links) == 3
    assert all((project.reports / "2024" / link).is_file() for link in links)


@needs_all
def test_the_joint_picture_is_the_published_one_beside_the_parties(project, pages):
    """The residents' places and shares as published, whatever others say; documents with the same
    cells; nothing but published places on the checklist; every file that is linked."""
    published, folder = project.published, project.reports / "2024"
    page = BeautifulSoup(pages["sdn:angered_gemensam"], "html.parser")
    assert [h.get_text() for h in page("h2")] == [
        "Var bilderna möts och var de skiljer sig", "Parternas bilder",
        "Arbetsblad för mötet", "Trygghetsvandring",
    ]  # fmt: skip
    beside, sheet, _, walk = page("table")
    rows = published.indicators.query(
        "area == 'sdn:angered' and table == 'problems' and group == ''"
    )
    rows = rows.sort_values("rank")
    labels = {n: i.rule.label for n, i in project.parameters.questionnaire.indicators.items()}
    for table in (beside, sheet):
        for line, row in zip(table.select("tbody tr"), rows.itertuples(), strict=True):
            place, share = (cell.get_text(" ") for cell in line("td")[:2])
            assert line.th.get_text() == labels[row.indicator]
            assert place.split() == [
                f"{row.rank:.0f}", swedish.places(int(row.rank_low), int(row.rank_high)),
            ]  # fmt: skip
            assert share.split("%")[0] + "%" == swedish.percent(row.estimate)
    known = {one.party: one for one in project.parameters.partners if one.area == "sdn:angered"}
    police = [line("td")[2].get_text() for line in beside.select("tbody tr")]
    items = [project.parameters.questionnaire.indicators[name].item for name in rows["indicator"]]
    given = known["polisen"].priorities
    assert police == [str(given.get(item, "inte med")) for item in items]
    assert all(not cell.get_text() for line in sheet.select("tbody tr") for cell in line("td")[-4:])
    places = published.places.query(
        "area == 'sdn:angered' and mark == '' and place.str.contains(':')"
    )
    heads = [th.get_text().partition(": ")[0] for th in walk.select("th[scope=rowgroup]")]
    assert heads == places["label"].tolist()
    for link in page.select("ul.files a"):
        assert (folder / link["href"]).is_file(), link["href"]
    made = Document(folder / "DEMO_sdn_angered_gemensam.docx")
    for table, other in zip(made.tables, (beside, sheet), strict=True):
        cells = ["".join(c.text.split()) for line in table.rows for c in line.cells]
        assert cells == ["".join(c.get_text().split()) for c in other(["th", "td"])]
    assert "påhittade" in Document(folder / "DEMO_sdn_angered_vandring.docx").paragraphs[1].text
    other = BeautifulSoup(pages["so:centrum_gemensam"], "html.parser").get_text(" ")
    assert "har inte lämnat någon bild" in other and "går att förena" not in other


@needs_all
def test_bases_are_said_where_they_differ(project, pages):
    page = BeautifulSoup(pages["sdn:angered"], "html.parser")
    captions = [caption.get_text() for caption in page("caption")]
    (present,) = [c for c in captions if "bland dem som är på platsen" in c]
    assert "Trygghet" in present
    table = next(t for t in page("table") if t.caption.get_text() == present)
    assert "Är inte där" in table.thead.get_text()
    text = page.get_text()
    assert "Andel som har svarat ”Går inte ut ensam på kvällen”" in text
    assert "ingår i basen men räknas inte" in text
    assert "Bas för ”Oro för att fordon stjäls eller skadas”: Bland dem som har bil" in text


def test_a_quota_sample_is_never_called_sure(pages):
    text = BeautifulSoup(pages["sdn:lundby"], "html.parser").get_text()
    assert "De svarande är inte slumpmässigt utvalda." in text
    assert "säkerställd" not in pages["sdn:lundby"].replace("Statistiskt säkerställd betyder", "")
    assert "konfidensintervall" not in text and "KI" not in text.replace("KIND", "")
    assert "intervju på gator och torg" in text and "postenkät" not in text
    assert "prövas inte = någon av sidorna är inte slumpmässigt utvald" in text
    assert "intervju på gator" not in pages["sdn:angered"]


@needs_all
def test_the_page_about_promises_reuses_the_verdicts_and_lays_the_rest_beside(project, pages):
    """Every promise with the numbers and the fixed words of its published rows, the same as on the
    area's own page; what can be seen next time, area by area."""
    page = BeautifulSoup(pages["uppfoljning"], "html.parser")
    text = " ".join(page.get_text(" ").split())
    assert [h.get_text() for h in page("h2")] == [
        "Så läser du sidan",
        "Löftena och vad undersökningen säger",
        "Innan ett nytt löfte ges: vad nästa undersökning kan visa",
        "Metod och begränsningar",
    ]
    rows = project.published.promises
    for name, promise in project.parameters.promises.items():
        assert promise.text.rstrip(".") in text
        assert all(swedish.upper_first(part) in text for part in promise.not_measured)
        assert (rows["promise"] == name).any()
    for verdict, phrase in SAID.items():
        assert text.count(phrase) == (rows["verdict"] == verdict).sum(), verdict
    beside = rows[rows["beyond"].notna()]
    assert len(beside) == (rows["state"] == "").sum() > 10
    tables = [t for t in page("table") if "och övriga Göteborg" in t.caption.get_text()]
    found = [line for table in tables for line in table.tbody("tr")]
    assert len(found) == len(beside)
    for line, row in zip(found, beside.itertuples(), strict=True):
        cells = [cell.get_text() for cell in line("td")]
        assert cells[4].startswith(swedish.points(row.beyond))
        assert cells[3].startswith(swedish.points(row.rest_difference))
    own = " ".join(BeautifulSoup(pages["sdn:angered"], "html.parser").get_text(" ").split())
    said = "Andelen var 30 procent (95 % KI 27–33"
    assert said in text and said in own
    plans = [part.summary.get_text() for part in page.select("details:not(.under)")]
    areas = project.published.areas
    sampled = areas[(areas["level"] == "sdn") & (areas["sampling"] == "sannolikhet")]["area"]
    assert plans == [project.parameters.areas.name(area) for area in sampled]
    assert "För Lundby prövas inga förändringar" in text
    for word in ("tack vare", "effekt av", "leder till", "misslyckats", "försämr"):
        assert word not in text.lower()
    assert (project.reports / "2024" / "DEMO_uppfoljning.xlsx").is_file()


def test_the_index_leads_to_every_report(project, pages):
    page = BeautifulSoup(
        (project.reports / "2024/index.html").read_text(encoding="utf-8"), "html.parser"
    )
    links = {a["href"] for a in page.find_all("a") if a["href"].endswith(".html")}
    assert {"DEMO_sdn_angered.html", "DEMO_so_centrum.html", "DEMO_sdn_majorna_linne.html"} <= links
    for link in links:
        assert (project.reports / "2024" / link).is_file()


def test_the_notebooks_open_the_published_store_without_microdata(project, pages):
    report = open_report("2024", "sdn:angered", "2022", project.parameters.folder, project.reports)
    assert report.problems.tables and report.safety.figures and report.reading.sentences
    assert not (project.reports.parent / "demo_data").exists()
    nobody = open_report(
        "2024", "sdn:majorna_linne", "2022", project.parameters.folder, project.reports
    )
    assert nobody.summary.sentences == [
        "Ingen egen trygghetsundersökning gjordes i stadsdelen 2024."
    ]
    assert not (nobody.problems or nobody.safety or nobody.method)
    wave = open_wave("2024", project.parameters.folder, project.reports)
    assert wave.cleaning.tables and wave.weights.tables


@pytest.mark.parametrize(("there", "expected"), [(None, "2022"), ({"compare_with": None}, None)])
def test_the_page_about_a_wave_leaves_the_store_as_it_is(
    there, expected, parameters, tmp_path, monkeypatch
):
    if there:
        (tmp_path / "2024" / "published").mkdir(parents=True)
        manifest = tmp_path / "2024" / "published" / "manifest.json"
        manifest.write_text(json.dumps(there), encoding="utf-8")
    asked = []
    monkeypatch.setattr(pipeline, "prepare", lambda *arguments: asked.append(arguments[2]))
    pipeline.prepare_as_published(parameters, "2024", "2022", tmp_path)
    assert asked == [expected]


@pytest.mark.parametrize(
    ("width", "mode", "only"),
    [(320, "light", OF_WIDTH), (768, "dark", ()), (1280, "light", OF_COLOURS + OF_WIDTH)],
)
def test_the_real_pages_are_accessible_and_never_scroll_sideways(
    project, pages, browser, width, mode, only
):
    """Parts that are folded are opened first. One area's pages stand for those of its kind; the
    others' reports, as long, are looked at once."""
    folder = project.reports / "2024"
    names = [path.name for path in sorted(folder.glob("DEMO_*.html"))]
    names = [n for n in names if not n.endswith("_gemensam.html") or n.startswith("DEMO_sdn_a")]
    others = ("DEMO_sdn_lundby.html", "DEMO_so_centrum.html")
    names = [n for n in names if n not in others or mode == "dark"]
    for name in ["index.html", *names]:
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=mode)
        page.goto((folder / name).as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        check_accessibility(page, only)
        page.close()
