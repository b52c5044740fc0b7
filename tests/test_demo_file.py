"""The delivered file of the made-up survey: complete, reproducible, and faulty in known numbers."""

from __future__ import annotations

import re
import shutil
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from survey_lib.demo import Population, write_wave
from survey_lib.faults import BadInput
from survey_lib.vocabulary import Parameters, load_parameters
from survey_lib.vocabulary.demo import DemoPlan


@pytest.fixture(scope="module")
def plan(population: Population) -> DemoPlan:
    return population.plan


@pytest.fixture(scope="module")
def elsewhere(answered: Path) -> Parameters:
    """The parameters in a folder of their own, beside which all waves are written."""
    return load_parameters(answered / "parameters")


@pytest.fixture(scope="module")
def delivered(elsewhere: Parameters) -> dict[str, pd.DataFrame]:
    """Every wave's file as it stands: texts, missing where a cell is empty."""
    return {
        wave: pd.read_csv(
            elsewhere.folder / spec.file.path,
            sep=";",
            encoding="utf-8-sig",
            dtype="str",
            keep_default_na=False,
            na_values=[""],
        )
        for wave, spec in elsewhere.delivered.items()
    }


def test_fifty_items_in_every_delivered_file(
    parameters: Parameters, delivered: dict[str, pd.DataFrame]
) -> None:
    asked = parameters.questionnaire
    assert len(asked.items) == 50
    for frame in delivered.values():
        columns = {column for item in asked.items for column in asked.columns(item)}
        assert columns <= set(frame.columns)
        assert frame[sorted(columns)].notna().any().all()


def test_an_older_scale_before_the_break(
    parameters: Parameters, delivered: dict[str, pd.DataFrame]
) -> None:
    """One item is asked on another scale in the first two waves, and its words show it."""
    item, asked = "trygg_lokaler_kvall", parameters.questionnaire
    scales = [asked.scale_of(item, wave) for wave in parameters.delivered.values()]
    assert scales[0] == scales[1] != scales[2] == scales[3]
    middle = asked.scales[scales[3]].labels[3]
    for wave, frame in delivered.items():
        words = {str(text).strip().casefold() for text in frame[item].dropna()}
        assert (middle.casefold() in words) == (wave in list(parameters.delivered)[2:])


def test_a_wave_is_written_as_swedish_spreadsheets_do(
    elsewhere: Parameters, delivered: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    wave = list(elsewhere.delivered)[-1]
    path = elsewhere.folder.parent / "demo_data" / f"DEMO_{wave}.csv"
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == len(delivered[wave]) + 1
    assert {p.name for p in path.parent.iterdir()} == {
        f"DEMO_{one}.csv" for one in elsewhere.delivered
    }
    again = write_wave(replace(elsewhere, folder=tmp_path / "parameters"), wave)
    assert again.read_bytes() == content  # from a population made anew


def test_words_in_some_columns_codes_in_others_and_decimals(
    population: Population, plan: DemoPlan, delivered: dict[str, pd.DataFrame]
) -> None:
    for wave, frame in delivered.items():
        for item, question in plan.truth.questions.items():
            texts = frame[item].dropna()
            if item in plan.delivery.labels:
                assert texts.str.contains("[a-zåäö]", case=False).mean() > 0.99
            elif item in plan.delivery.decimals.get(wave, []):
                assert texts.str.fullmatch(r"\d,0").mean() > 0.99
            else:
                assert texts.str.fullmatch(r"\d+").all(), item
            assert question.dont_know == 0 or len(texts.unique()) > 2


def test_faults_are_as_many_as_planned(
    parameters: Parameters, plan: DemoPlan, delivered: dict[str, pd.DataFrame]
) -> None:
    for wave, frame in delivered.items():
        dirt, strata = plan.delivery.dirt[wave], parameters.delivered[wave].strata
        assert frame.duplicated().sum() == dirt.duplicates
        rows = sum(one.responding or 0 for one in strata.values()) + dirt.duplicates
        rows += dirt.outside_age + dirt.mostly_blank + dirt.outside_fieldwork
        assert len(frame) == rows
        once = frame.drop_duplicates()
        assert once["resp_id"].is_unique
        texts = once.drop(columns=["fritext", "resp_id"], errors="ignore")
        texts = texts[[c for c in texts if not c.startswith("plats")]]
        cells = texts.melt()["value"].value_counts()
        assert cells[cells.index.str.contains("\u00a0")].sum() == dirt.hard_spaces
        composed = [unicodedata.is_normalized("NFC", text) for text in cells.index]
        assert cells[np.logical_not(composed)].sum() == dirt.decomposed


def test_cleaning_catches_every_fault(elsewhere: Parameters, plan: DemoPlan) -> None:
    """The log of reading and cleaning agrees with the plan, fault by fault."""
    from survey_lib.answers import clean, read_answers

    for wave, spec in elsewhere.delivered.items():
        answers = clean(read_answers(elsewhere, wave), elsewhere)
        log, dirt = answers.log.set_index("rule"), plan.delivery.dirt[wave]
        for rule, count in {
            "duplicates": dirt.duplicates,
            "outside_age": dirt.outside_age,
            "outside_fieldwork": dirt.outside_fieldwork,
            "mostly_blank": dirt.mostly_blank,
        }.items():
            assert log.loc[rule, "removed"] == count, (wave, rule)
        for rule, count in {
            "spelling": dirt.mixed_case + dirt.hard_spaces + dirt.decomposed,
            "unknown_code": dirt.unknown_codes,
            "filter_contradiction": dirt.contradictions,
            "too_many_ticks": dirt.too_many_ticks,
            "area_alias": dirt.old_area_names,
        }.items():
            assert log.loc[rule, "answers"] == count, (wave, rule)
        assert log.loc["same_answer", "persons"] >= dirt.same_answer
        left = answers.frame["stratum"].value_counts()
        assert left.to_dict() == {area: one.responding for area, one in spec.strata.items()}


def test_places_are_written_in_many_ways_and_free_text_comes_from_the_list(
    parameters: Parameters, plan: DemoPlan, delivered: dict[str, pd.DataFrame]
) -> None:
    frame = delivered[list(parameters.delivered)[-1]]
    texts = frame["plats1_text"].dropna()
    assert len(texts) > 1000
    plainly = texts.str.casefold().str.split().str.join(" ")
    assert texts.nunique() > 1.5 * plainly.nunique()
    vague = plainly.isin([text.casefold() for text in plan.delivery.places.uncodable])
    assert 0.04 < vague.mean() < 0.35
    second = frame["plats2_text"].notna()
    assert frame.loc[second, "plats_finns"].eq("3").mean() > 0.99
    different = plainly[second[second].index] != frame.loc[second, "plats2_text"].str.casefold()
    assert different.mean() > 0.95
    assert set(frame["fritext"].dropna()) <= set(plan.delivery.free_texts["fritext"].texts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "parameters", tmp_path / "parameters")
    return tmp_path / "parameters"


@pytest.mark.parametrize(
    ("old", "new", "place", "hint"),
    [
        ("  prob_grannar: {dim", "  prob_granar: {dim", "questions.prob_granar", "prob_grannar"),
        ("[1, 2], share: 0.81", "[2], share: 0.81", "truth.levels[1].codes", "first or"),
        ("{2: 0.87, 1: 0.13}", "{2: 0.87, 1: 0.23}", "truth.questions.kons_flytta", "1.1"),
        ('"2024", change: -0.088', '"2023", change: -0.088', "truth.changes[1].wave", "202"),
        ("{dimension: oro, shares: {4: 0.33", "{dimension: oron, shares: {4: 0.33",
         "oro_fordon", "oro?"),
        ("[so:nordost]", "[so:nordöst]", "persons.background", "so:nordost"),
        ("{1: 0.42, 2: 0.40,", "{1: 0.42, 6: 0.40,", "trygg_barn_skola.shares", "1, 2, 3, 4, 5"),
        ("no_answer: {first", "no_answers: {first", "delivery.no_answer", "no_answer"),
    ],
)  # fmt: skip
def test_a_wrong_plan_is_told_where(
    folder: Path, old: str, new: str, place: str, hint: str
) -> None:
    path = folder / "demo.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput) as raised:
        load_parameters(folder)
    message = str(raised.value)
    assert "demo.yaml: line" in message
    assert place in message
    assert hint in message


def test_what_a_plan_lacks_or_has_too_much_of(folder: Path) -> None:
    """All at once: each is told by itself."""
    for name, old, new in (
        ("demo.yaml", "      - shares: {1: 0.76, 2: 0.24}\n", ""),
        ("demo.yaml", "    barn_skola:\n      - shares", "    barn:\n      - shares"),
        (
            "demo.yaml",
            "    trygg_omrade:\n      {",
            "    trygg_omrade:\n      {outside: {share: 0.1},",
        ),
        ("demo.yaml", "    kons_flytta: {", "    kons_flytta: {dont_know: 0.1, "),
        ("waves/2022.yaml", "invited: 1900, responding: 9", "invited: 9"),
        ("waves/2024.yaml", ", years: true}", "}"),
    ):
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text, old
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput) as raised:
        load_parameters(folder)
    assert [(one.place.partition(", key ")[2], one.found) for one in raised.value.faults] == [
        ("persons", "no responding in sdn:angered of wave 2022"),
        ("persons.background", "no barn_skola"),
        ("persons.background.barn", "the unknown background variable 'barn'"),
        ("persons.background.har_fordon", "no mix for everyone"),
        ("truth.questions.trygg_omrade.outside", "a share"),
        ("truth.questions.kons_flytta.dont_know", "a share"),
        ("delivery.dirt.2024.outside_age", "4"),
    ]


def test_the_simulator_names_no_place_and_no_item(parameters: Parameters) -> None:
    asked = parameters.questionnaire
    names = {*parameters.areas.areas, *asked.items, *asked.background}
    names |= {area.name for area in parameters.areas.areas.values()}
    for path in (ROOT / "survey_lib" / "demo").glob("*.py"):
        words = set(re.findall(r"[\w:]+", path.read_text(encoding="utf-8")))
        assert not words & names, path.name
