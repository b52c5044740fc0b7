"""What is hard to report on, in one survey: few answers, a question nobody was asked, a problem
that everyone or nobody names, ties, one sex only, nobody who knows; each gives the right words.

The survey is the made-up latest wave with an area spoilt for each case, delivered as a real file,
and taken through the published store to every cell of the real notebook.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from conftest import copy_answers, fork_workers
from harm import deliver

from survey_lib import pipeline
from survey_lib.demo import Population, draw_wave
from survey_lib.disclosure import HIDDEN
from survey_lib.presentation import phrases
from survey_lib.publish import Published
from survey_lib.report import notes, opening
from survey_lib.vocabulary import Parameters, load_parameters

FEW, ODD, MEN, UNSURE = "sdn:centrum", "sdn:angered", "sdn:norra_hisingen", "sdn:vastra_goteborg"
EVERYONE, NOBODY, TIED = "prob_klotter", "prob_skola", ("prob_grannar", "prob_ofredande")
NOT_ASKED, GROUP, FILTER = "prob_brander", "boendeform", "barn_skola"  # GROUP is delivered still
TABLES = ("problems", "safety", "trust")
NOW, BEFORE = "2024", "2020"  # the earlier has another scale, and other words in two questions


@dataclass(frozen=True)
class Project:
    """``published`` is compared with an earlier wave, ``alone`` with none."""

    folder: Path
    parameters: Parameters
    published: Published
    alone: Published

    def rows(self, area: str, *indicators: str) -> pd.DataFrame:
        """The whole area's rows of some indicators, by indicator."""
        frame = self.published.indicators
        frame = frame[(frame["area"] == area) & (frame["group"] == "")]
        return frame.set_index("indicator").loc[list(indicators)]


@pytest.fixture(scope="module")
def project(
    root: Path,
    parameters: Parameters,
    population: Population,
    answered: Path,
    tmp_path_factory: Any,
) -> Project:
    folder = tmp_path_factory.mktemp("hard")
    shutil.copytree(root / "parameters", folder / "parameters")
    for name in ("waves/2022_2024.yaml", "promises.yaml", "external.csv", "covariates.csv"):
        (folder / "parameters" / name).unlink()
    spoil_recipe(folder / "parameters")
    copy_answers(answered, folder)
    loaded = load_parameters(folder / "parameters")
    frame = draw_wave(population, NOW)
    deliver(spoilt(frame, stratum_of(frame, parameters)), folder / "svar.csv")
    with pytest.MonkeyPatch.context() as patch:
        fork_workers(patch)
        published, alone = (
            pipeline.prepare(loaded, NOW, before, folder / "reports") for before in (BEFORE, None)
        )
    return Project(folder, loaded, published, alone)


def spoil_recipe(folder: Path) -> None:
    """A delivered file without a question; nobody is weighted by sex; areas and groups enough for
    the cases."""
    path = folder / "waves" / f"{NOW}.yaml"
    text = path.read_text(encoding="utf-8").replace("demo: true", "demo: false")
    text = text.replace(f"../demo_data/DEMO_{NOW}.csv", "../svar.csv")
    text = re.sub(r", (responding|invited): \d+", "", text)
    text = text.replace("not_asked: []", f"not_asked: [{NOT_ASKED}, {GROUP}, {FILTER}]")
    before, _, after = text.partition("  margins:\n")
    text = before + after[after.index("  collapse_below") :]
    path.write_bytes(text.encode())
    path = folder / "tables.yaml"
    text = path.read_text(encoding="utf-8")
    head, _, tables = text.partition("\ntables:\n")
    kept = [
        table
        for table in re.split(r"(?m)^(?=  [a-z_]+:$)", tables.partition("\nmodelled:")[0])
        if table.startswith(tuple(f"  {name}:" for name in TABLES))
    ]
    text = "\n".join([head, "tables:", *kept])
    text = re.sub(r"levels: \[.*\]", "levels: [kommun, sdn]", text)
    text = re.sub(r"    groups: \[.*\]", f"    groups: [kon, {GROUP}]", text)
    path.write_bytes(re.sub(r"(?m)^effects: .*$", "effects: {kon: 2}", text).encode())


def stratum_of(frame: pd.DataFrame, parameters: Parameters) -> pd.Series:
    """The stadsdel of each delivered row; none where its area isn't written as an id."""
    level = str(parameters.waves[NOW].strata_level)
    return frame["delomrade_id"].map(
        {
            area: parameters.areas.at_level(pd.Series([area]), level).iloc[0]
            for area in frame["delomrade_id"].dropna().unique()
            if area in parameters.areas.areas
        }
    )


def spoilt(frame: pd.DataFrame, area: pd.Series) -> pd.DataFrame:
    """One hardship for each area. Rows whose area is written in an older way are left out."""
    few = (area == FEW) & ((area == FEW).cumsum() > 25)
    women = (area == MEN) & (frame["kon"].astype(str).str.strip().str.casefold() != "man")
    frame = frame.drop(columns=[NOT_ASKED, FILTER])
    odd, unsure = area == ODD, area == UNSURE
    frame.loc[odd, EVERYONE], frame.loc[odd, NOBODY] = "3", "1"
    frame.loc[odd, TIED[0]] = frame.loc[odd, TIED[1]]
    for item in ("prob_narkotika", "fort_polis", "bryr_polis"):
        frame.loc[unsure, item] = "98"
    return frame[~(few | women | area.isna())]


# -- what is published -----------------------------------------------------------------------------


def test_an_area_with_25_answers_shows_nothing(project: Project) -> None:
    rows = project.published.indicators[project.published.indicators["area"] == FEW]
    assert len(rows) and (rows["mark"] == HIDDEN).all()
    assert rows[["estimate", "n", "rank"]].isna().all(axis=None)
    contrasts = project.published.contrasts
    contrasts = contrasts[contrasts["area"] == FEW]
    assert not contrasts["secured"].any() and contrasts["difference"].isna().all()


def test_a_question_nobody_was_asked_has_no_value(project: Project) -> None:
    rows = project.published.indicators
    assert not rows["indicator"].isin([f"{NOT_ASKED}_stort", f"{NOT_ASKED}_nagot"]).any()
    assert f"{NOT_ASKED}_stort" not in set(project.published.contrasts["indicator"])


def test_a_background_that_nobody_was_asked_divides_nothing(project: Project) -> None:
    """It stands in the profile and among the groups of tables.yaml, and filters a question."""
    tables = project.parameters.tables
    assert GROUP in tables.profile and all(GROUP in one.groups for one in tables.tables.values())
    published = project.published
    assert set(published.indicators["group"]) == {"", "kon"}
    assert GROUP not in set(published.profile["variable"])
    assert "otrygg_barn_skola" not in set(published.indicators["indicator"])
    assert "trygg_barn_skola" not in set(published.answers["item"])


def test_a_problem_that_everyone_or_nobody_names(project: Project) -> None:
    """Observed shares of 1 and 0, first and last, with limits that go inwards."""
    rows = project.rows(ODD, f"{EVERYONE}_stort", f"{NOBODY}_stort")
    assert rows["estimate"].tolist() == [1.0, 0.0]
    assert rows["rank"].tolist() == [1, len(ranked(project, ODD))]
    assert rows["low"].iloc[0] < 1 and rows["high"].iloc[1] > 0
    assert rows["best"].iloc[0] == 1


def ranked(project: Project, area: str) -> pd.DataFrame:
    frame = project.published.indicators
    return frame[(frame["area"] == area) & frame["rank"].notna()]


def test_ties_keep_apart_ranks_and_share_their_sets(project: Project) -> None:
    """Two problems with the same answers: ranks next to each other, the same possible places."""
    rows = project.rows(ODD, *(f"{item}_stort" for item in TIED))
    assert rows["estimate"].nunique() == 1
    assert abs(np.diff(rows["rank"])) == 1
    for name in ("rank_low", "rank_high", "rank_low_all", "rank_high_all", "best"):
        assert rows[name].nunique() == 1, name


def test_an_area_where_one_sex_answered(project: Project) -> None:
    rows = project.published.indicators
    rows = rows[(rows["area"] == MEN) & (rows["group"] == "kon") & (rows["table"] == "problems")]
    shown = rows.groupby("category")["estimate"].apply(lambda values: values.notna().any())
    assert not shown["1"]
    wholes = project.rows(MEN, *rows.loc[rows["category"] == "2", "indicator"])
    assert wholes["estimate"].notna().all()
    # beside the whole, the men's number would tell that hardly any woman answered
    assert not (shown["2"] and project.published.manifest["guarded"]["hidden_besides"] == 0)
    groups = project.published.contrasts
    groups = groups[(groups["area"] == MEN) & (groups["group"] == "kon")]
    assert not groups["secured"].any()


def test_where_everyone_says_that_they_do_not_know(project: Project) -> None:
    """Vet inte stays in the base: a share of 0, and its own share told as 1."""
    rows = project.rows(UNSURE, "prob_narkotika_stort", "fort_polis", "bryr_polis")
    assert (rows["estimate"] == 0).all() and (rows["n"] > 100).all()
    answers = project.published.answers
    said = answers[(answers["area"] == UNSURE) & (answers["item"] == "fort_polis")]
    assert said.set_index("answer")["estimate"]["98"] == 1


def test_another_scale_or_wording_is_not_compared(project: Project) -> None:
    contrasts = project.published.contrasts
    change = contrasts[(contrasts["comparison"] == "change") & (contrasts["area"] == ODD)]
    states = change.set_index("indicator")["state"]
    for indicator in ("fort_stad", "bryr_stad"):
        assert states[indicator] == "wording"
    untested = change[change["state"] != ""]
    assert untested[["p", "p_adjusted"]].isna().all(axis=None) and not untested["secured"].any()


# -- what the reader sees --------------------------------------------------------------------------


def page(project: Project, area: str, compare_with: str = BEFORE) -> BeautifulSoup:
    """What the cells of the real notebook show of what is published."""
    import IPython.display

    shown: list[str] = []
    published = project.published if compare_with else project.alone
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "prepare", lambda *_: published)
        patch.setattr(IPython.display, "display", lambda one: shown.append(one._repr_html_()))
        given = {
            "wave": NOW,
            "area": area,
            "compare_with": compare_with,
            "parameters": str(project.folder / "parameters"),
            "reports": str(project.folder / "reports"),
        }
        scope: dict[str, Any] = {}
        for source in cells():
            exec(source, scope)
            if "wave: str" in source:
                scope.update(given)
    return BeautifulSoup("\n".join(shown), "html.parser")


def cells() -> list[str]:
    notebook = Path(__file__).parents[1] / "notebooks" / "2_stadsdel.ipynb"
    written = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in written if cell["cell_type"] == "code"]


def plain(soup: BeautifulSoup) -> str:
    return " ".join(soup.get_text(" ").split())


def check_words(text: str) -> None:
    """Nothing that only a program says."""
    assert not re.search(r"\b(nan|NaN|None|inf|NaT)\b", text)


@pytest.fixture(scope="module")
def few(project: Project) -> str:
    return plain(page(project, FEW))


def test_the_page_of_an_area_with_25_answers(few: str) -> None:
    check_words(few)
    assert phrases.EJ_VISAS in few
    assert "Förändringen är statistiskt säkerställd" not in few


def test_the_page_of_odd_answers(project: Project) -> None:
    shown = page(project, ODD)
    text = plain(shown)
    check_words(text)
    assert "100\u00a0%" in text or "100 %" in text
    assert phrases.fill(phrases.JMF_EJ, ar=BEFORE) in text
    assert "Boendeform frågades inte 2024. Resultaten redovisas därför inte efter det." in text
    assert re.search("barn i .* redovisas inte, eftersom det inte frågades 2024 vilka som", text)
    label = project.parameters.questionnaire.indicators[f"{NOT_ASKED}_stort"].rule.label
    rows = [cell.get_text(strip=True) for cell in shown.select("tbody th")]
    assert rows and label not in rows


def test_a_following_question_that_was_not_asked_counts_nobody(parameters: Parameters) -> None:
    rows = pd.DataFrame([{"indicator": "otrygg_ute_kvall", "label": "Otrygga"}])
    wave = parameters.waves[NOW]
    assert "räknas också" in notes.counted(rows, wave, parameters)[-1]
    without = wave.model_copy(update={"not_asked": ["ute_kvall_orsak"]})
    said = notes.counted(rows, without, parameters)[-1]
    assert "räknas inte" in said and said.endswith("eftersom följdfrågan inte ställdes.")


@pytest.mark.parametrize("area", [MEN, UNSURE])
def test_the_page_of_one_sex_and_of_those_who_do_not_know(project: Project, area: str) -> None:
    check_words(plain(page(project, area)))


def test_the_page_of_one_wave_only(project: Project) -> None:
    """No comparison: nothing on the page speaks of a change over time."""
    text = plain(page(project, ODD, compare_with=""))
    check_words(text)
    for word in ("har ökat", "har minskat", BEFORE, "2022"):
        assert word not in text, word
