"""An analyst's own questions: the published numbers where both are shown, hidden where the primary
rules hide, marked everywhere, and taken by nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from village import village

from survey_lib import open_microdata, read_wave
from survey_lib.disclosure import HIDDEN
from survey_lib.faults import BadInput
from survey_lib.scan import Scanner
from survey_lib.statistics.association import rao_scott
from survey_lib.workbench import Microdata
from survey_lib.workbench.classes import classes
from survey_lib.workbench.material import MATERIAL, WARNING
from survey_lib.workbench.questions import persons_of

NUMBERS = ["estimate", "se", "low", "high", "n"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("village")
    village(folder)
    return folder


@pytest.fixture(scope="module")
def answers(project: Path) -> Microdata:
    return open_microdata("2", project / "parameters", project / "reports")


def test_shares_are_the_published_ones(project: Path, answers: Microdata) -> None:
    """Whole areas, to the last digit: the same answers, weights, intervals and rounding."""
    from survey_lib import pipeline

    published = pipeline.prepare(answers.parameters, "2", None, project / "reports").indicators
    names = ["prob_skrap_stort", "prob_moped_stort"]
    for area in ("by:x", "del:norr"):
        own = answers.shares(names, area=area).frame.set_index("indicator").loc[names]
        rows = published[(published["area"] == area) & (published["group"] == "")]
        pd.testing.assert_frame_equal(
            own[NUMBERS], rows.set_index("indicator").loc[names, NUMBERS], check_dtype=False
        )


def test_a_share_by_group_is_counted_by_hand(answers: Microdata) -> None:
    rows = answers.shares("prob_skrap_stort", by=["kon", "alder"], area="del:norr").frame
    frame, weights = answers.survey.frame, answers.survey.design.weights
    here = frame["area"].astype(str).str.contains("norr|ang|torget").to_numpy()
    here = here & (frame["kon"] == 1).to_numpy() & (frame["alder"] == "16_44").to_numpy()
    counted = here & (frame["prob_skrap"] == 3).to_numpy()
    base = here & (frame["prob_skrap"] != 99).to_numpy()
    (row,) = rows[rows["category"] == "1.16_44"].to_dict("records")
    assert row["category_label"] == "Kvinna, 16–44 år"
    assert abs(row["estimate"] - weights[counted].sum() / weights[base].sum()) <= 0.005
    assert abs(row["n"] - base.sum()) <= 4
    assert set(rows["group"]) == {"", "kon.alder"} and len(rows) == 5


def test_the_primary_rules_hide(answers: Microdata) -> None:
    """Few respondents lose every number; in a sensitive theme so do one to four."""
    few = answers.shares("prob_skrap_stort", by=["trygg", "prob_skrap", "kon"]).frame
    exact = classes(["trygg", "prob_skrap", "kon"], answers.survey, answers.parameters)
    counts = np.bincount(exact.codes[exact.codes >= 0], minlength=len(exact.ids))
    assert (counts < 30).any() and (counts >= 30).any()
    hidden = few[few["group"] != ""].set_index("category")["mark"].eq(HIDDEN)
    assert hidden[np.asarray(exact.ids)[counts < 30]].all()
    assert few.loc[few["mark"] == HIDDEN, NUMBERS].isna().all(axis=None)
    theme = answers.parameters.questionnaire.themes["problem"]
    strict = theme.model_copy(update={"sensitive": True})
    questionnaire = answers.parameters.questionnaire.model_copy(
        update={"themes": answers.parameters.questionnaire.themes | {"problem": strict}}
    )
    questionnaire.__dict__.pop("indicators", None)  # kept from before the change
    sensitive = replace(
        answers, parameters=replace(answers.parameters, questionnaire=questionnaire)
    )
    frame = sensitive.survey.frame.copy()
    ticked = frame.index[frame["prob_skrap"] == 3][4:]
    frame.loc[ticked, "prob_skrap"] = 1
    sensitive = replace(sensitive, survey=replace(answers.survey, frame=frame))
    assert sensitive.shares("prob_skrap_stort").frame["mark"].tolist() == [HIDDEN]
    table = sensitive.crosstab("prob_skrap", by="kon")
    assert HIDDEN in set(table.frame["mark"])
    assert not any("F = " in str(said) for said in table.section.sentences)


def test_a_crosstab_adds_up_and_has_the_test_of_rao_and_scott(answers: Microdata) -> None:
    made = answers.crosstab("trygg", by="kon", area="by:x")
    rows = made.frame[made.frame["mark"] != HIDDEN]
    total = rows.groupby("category")["estimate"].sum()
    assert set(total.index) == {"", "1", "2"} and total.between(0.97, 1.03).all()
    wave = answers.survey.wave
    quota = {key: one.model_copy(update={"sampling": "kvot"}) for key, one in wave.strata.items()}
    survey = replace(answers.survey, wave=wave.model_copy(update={"strata": quota}))
    untested = replace(answers, survey=survey).crosstab("trygg", by="kon", area="by:x")
    assert "prövas inte" in str(untested.section.sentences)
    assert "F = " not in str(untested.section.sentences)
    norr = answers.crosstab("prob_skrap", by="kon", area="del:norr")
    survey, parameters = answers.survey, answers.parameters
    inside = persons_of(survey, "del:norr", parameters)
    codes = [
        np.where(inside, classes(one, survey, parameters).codes, -1)
        for one in ("prob_skrap", "kon")
    ]
    found = rao_scott(survey.design, *codes)
    said = str(norr.section.sentences).replace("\\u202f", "")
    assert f"F = {found.f:.2f}".replace(".", ",") in said
    assert ("säkerställd (" in said) == (found.p < 0.05)


def test_nothing_is_shown_without_its_mark(answers: Microdata, project: Path) -> None:
    steps = [read_wave("2", project / "parameters", project / "reports")]
    steps += [steps[0].clean()]
    steps += [steps[1].weight()]
    steps += [steps[2].estimate()]
    own = [
        answers,
        answers.shares("prob_skrap_stort", by="kon"),
        answers.shares(["prob_skrap_stort", "prob_moped_stort"]),
        answers.crosstab("trygg", by="alder"),
        answers.crosstab("kon", by="del"),
        *steps,
    ]
    scanner = Scanner(answers.parameters, None)
    for one in own:
        html = one._repr_html_()
        assert html.count(MATERIAL) >= 2 and WARNING in html
        assert [hit.kind for hit in scanner.scan("x.html", html.encode())][:1] == [
            "working_material"
        ]
        assert "respondent" not in repr(one) and len(repr(one)) < 300
    material = own[1]
    (figure,) = material.section.charts()
    assert MATERIAL in figure.svg() and MATERIAL in figure.alt
    csv = material.frame.to_csv(sep=";").encode()
    assert scanner.scan("x.csv", csv)


def test_demo_is_said(answers: Microdata) -> None:
    wave = answers.survey.wave.model_copy(update={"demo": True})
    made_up = replace(answers, survey=replace(answers.survey, wave=wave))
    shown = made_up.shares("prob_skrap_stort", by="kon")
    assert "DEMODATA" in shown._repr_html_() and '<span class="demo">' in shown._repr_html_()
    assert set(shown.frame["status"]) == {f"{MATERIAL} DEMO"}


def test_reports_take_no_working_material(
    answers: Microdata, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An executed notebook with it is found, what the parameters say doesn't excuse it, and inside
    a run of reports the microdata can't be opened at all."""
    output = {"output_type": "display_data", "metadata": {}, "data": {
        "text/html": answers.shares("prob_skrap_stort", by="kon")._repr_html_()}}  # fmt: skip
    notebook = {"cells": [{"cell_type": "code", "source": "", "outputs": [output]}]}
    scanner = Scanner(answers.parameters, None)
    hits = scanner.scan("2_stadsdel.ipynb", json.dumps(notebook).encode())
    assert {hit.kind for hit in hits} == {"working_material"}
    assert all(hit.found.startswith("arbetsmaterial") for hit in hits)
    stored = (ROOT / "notebooks" / "0_start.ipynb").read_bytes()
    assert not scanner.scan("0_start.ipynb", stored), "without results it may lie anywhere"
    monkeypatch.setenv("TRYGG_PREPARED", "1")
    with pytest.raises(BadInput, match="asked for in a report"):
        open_microdata("2", answers.parameters.folder)


def test_every_name_that_can_be_asked_about_is_shown(answers: Microdata) -> None:
    indicators, divided = [
        {row[0].text for row in table.rows} for table in answers.names.every_table()
    ]
    for name in indicators:
        assert len(answers.shares(name).frame)
    assert {"prob_skrap_stort", "prob_moped_stort"} <= indicators
    assert answers.shares(min(indicators), by=min(divided)).frame["n"].notna().any()


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda a: a.shares("prob_skrap_stor"), "did you mean prob_skrap_stort?"),
        (lambda a: a.shares(["x", "y"]), "y, which this wave doesn't have"),
        (lambda a: a.shares([]), "no name"),
        (lambda a: a.shares("prob_skrap_stort", by="konn"), "did you mean kon?"),
        (lambda a: a.shares("prob_skrap_stort", by="fritext"), "fritext, which"),
        (lambda a: a.shares("prob_skrap_stort", by="respondent"), "respondent, which"),
        (lambda a: a.shares("prob_skrap_stort", area="Norr"), "did you mean del:norr?"),
        (lambda a: a.crosstab("respondent", by="kon"), "respondent, which"),
        (lambda a: a.crosstab("prob_skrap", by=[]), "division\n  found:    no name"),
    ],
)
def test_wrong_names_are_told_with_the_nearest(answers: Microdata, ask, told: str) -> None:
    with pytest.raises(BadInput) as caught:
        ask(answers)
    assert told in str(caught.value)
    shown = "\n".join(caught.value._render_traceback_())
    assert told in shown and "Traceback" not in shown and ".py" not in shown


def test_a_wave_that_pools_others_has_no_file_to_read(parameters) -> None:
    pooled = next(name for name, wave in parameters.waves.items() if wave.pools)
    with pytest.raises(BadInput, match="which pools others"):
        read_wave(pooled, parameters.folder)


def test_completion_and_tooltips_know_the_names() -> None:
    import inspect

    import survey_lib

    assert set(survey_lib.__all__) <= set(dir(survey_lib))
    for name in survey_lib.__all__:
        function = getattr(survey_lib, name)
        assert function.__doc__, name
        untyped = [p for p in inspect.signature(function).parameters.values() if not p.annotation]
        assert not untyped, name


def test_the_picker_fills_the_parameter(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from survey_lib import pick_area

    variables = {"area": "del:soder"}
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(user_ns=variables))
    chosen = pick_area(project / "parameters")
    assert (chosen.value, variables["area"]) == ("del:soder", "del:soder")
    chosen.value = "del:norr"
    assert variables["area"] == "del:norr"
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(BadInput, match="not installed"):
        pick_area(project / "parameters")


def test_nothing_in_the_library_opens_the_workbench() -> None:
    found = subprocess.run(
        ["git", "grep", "-l", "survey_lib.workbench", "--", "survey_lib"],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
    ).stdout.split()  # fmt: skip
    outside = {name for name in found if not name.startswith("survey_lib/workbench/")}
    assert outside <= {"survey_lib/__init__.py"}
