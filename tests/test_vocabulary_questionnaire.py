"""The questionnaire's methods, on the small world and on the embedded question bank."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vocabulary_world import WORLD, write_world

from survey_lib.vocabulary import Parameters, Questionnaire, Wave, load_parameters
from survey_lib.vocabulary.questionnaire import fill


@pytest.fixture(scope="module")
def parameters(root: Path) -> Parameters:
    return load_parameters(root / "parameters")


@pytest.fixture(scope="module")
def bank(parameters: Parameters) -> Questionnaire:
    return parameters.questionnaire


@pytest.fixture(scope="module")
def waves(parameters: Parameters) -> dict[str, Wave]:
    return parameters.waves


# -- codes and columns -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "codes"),
    [
        ("trygg_omrade", [1, 2, 3, 4, 5, 98, 99]),
        ("trygg_ute_kvall", [1, 2, 3, 4, 5, 96, 98, 99]),
        ("ute_kvall_orsak", [1, 2, 97, 99]),
        ("trygg_barn_skola", [1, 2, 3, 4, 5, 98, 97, 99]),
        ("prob_klotter", [1, 2, 3, 98, 99]),
        ("uts_hot", [1, 2, 3, 99]),
        ("oro_fordon", [1, 2, 3, 4, 97, 99]),
        ("fort_stad", [1, 2, 3, 4, 5, 98, 99]),
        ("plats_finns", [1, 2, 3, 98, 99]),
        ("prob_viktigast", [1, 0, 99]),
        ("kon", [1, 2, 3, 99]),
        ("fritext", [99]),
        ("plats1_id", [98, 97, 99]),
    ],
)
def test_codes_that_a_file_may_hold(bank: Questionnaire, item: str, codes: list[int]) -> None:
    assert list(bank.codes(item)) == codes


def test_labels_of_special_codes(bank: Questionnaire) -> None:
    assert bank.codes("fort_polis")[98] == "Ingen åsikt"
    assert bank.codes("trygg_ute_kvall")[96] == "Går inte ut ensam på kvällen"
    assert bank.codes("trygg_hallplats_kvall")[96] == "Är inte där"
    assert bank.codes("prob_klotter")[98] == "Vet inte"
    assert bank.codes("prob_klotter")[99] == "ej svar"


def test_answers_leave_out_those_who_did_not_answer(bank: Questionnaire) -> None:
    assert list(bank.answers("trygg_ute_kvall")) == [1, 2, 3, 4, 5, 96, 98]
    assert bank.substantive("trygg_ute_kvall") == [1, 2, 3, 4, 5]
    assert next(iter(bank.answers("alder_grp"))) == "16_24"


def test_a_wave_may_deliver_not_asked_without_a_filter(tmp_path: Path) -> None:
    text = WORLD["waves/2024.yaml"].replace("{9: 98}", "{9: 97}")
    loaded = load_parameters(write_world(tmp_path, {"waves/2024.yaml": text}))
    wave = loaded.waves["2024"]
    assert 97 in loaded.questionnaire.codes("ute", wave)
    assert 97 not in loaded.questionnaire.codes("ute")


def test_columns(bank: Questionnaire) -> None:
    assert bank.columns("trygg_omrade") == ["trygg_omrade"]
    assert bank.columns("kon") == ["kon"]
    assert bank.columns("prob_viktigast")[0] == "prob_viktigast_prob_nedskrapning"
    assert len(bank.columns("prob_viktigast")) == 18
    assert bank.columns("plats2_tid") == [
        f"plats2_tid_{t}" for t in ("dag", "eftermiddag", "kvall", "natt")
    ]
    assert bank.column_owner["plats3_orsak_narkotika"] == "plats3_orsak"
    with pytest.raises(KeyError):
        bank.columns("trygg_omrad")


def test_every_column_has_one_owner(bank: Questionnaire) -> None:
    names = [*bank.items, *bank.place_items, *bank.background]
    assert len(bank.column_owner) == sum(len(bank.columns(name)) for name in names)


# -- what differs between waves ------------------------------------------------------------------


def test_words_of_the_wave_fill_the_question(bank: Questionnaire, waves: dict[str, Wave]) -> None:
    assert "stadsdelsförvaltningen" in bank.text("fort_stad", waves["2020"])
    assert "socialförvaltningen" in bank.text("fort_stad", waves["2022"])
    assert "{forvaltning}" in bank.text("fort_stad")


@pytest.mark.parametrize("item", ["fort_stad", "bryr_stad"])
def test_a_new_word_is_a_new_wording(
    bank: Questionnaire, waves: dict[str, Wave], item: str
) -> None:
    versions = [bank.wording_of(item, wave) for wave in waves.values()]
    assert versions[0] == versions[1] != versions[2] == versions[3]


def test_other_wordings_are_the_same_in_all_waves(
    bank: Questionnaire, waves: dict[str, Wave]
) -> None:
    changed = {
        item
        for item in bank.items
        if len({bank.wording_of(item, wave) for wave in waves.values()}) > 1
    }
    assert changed == {"fort_stad", "bryr_stad"}


def test_one_item_changes_its_scale(bank: Questionnaire, waves: dict[str, Wave]) -> None:
    changed = {
        item
        for item in bank.items
        if len({bank.scale_of(item, wave) for wave in waves.values()}) > 1
    }
    assert changed == {"trygg_lokaler_kvall"}
    delivered = [wave for wave in waves.values() if not wave.pools]
    scales = [bank.scale_of("trygg_lokaler_kvall", wave) for wave in delivered]
    assert scales == ["T4", "T4", "T5", "T5"]
    assert bank.scales["T4"].family != bank.scales["T5"].family
    assert list(bank.codes("trygg_lokaler_kvall", waves["2018"])) == [1, 2, 3, 4, 96, 98, 99]


def test_the_numerator_follows_the_scale(bank: Questionnaire, waves: dict[str, Wave]) -> None:
    assert bank.numerator("otrygg_lokaler_kvall", waves["2018"]) == [3, 4]
    assert bank.numerator("otrygg_lokaler_kvall", waves["2024"]) == [4, 5]
    assert bank.numerator("otrygg_lokaler_kvall") == [4, 5]


def test_no_numerator_where_the_scale_is_not_foreseen(tmp_path: Path) -> None:
    text = WORLD["waves/2024.yaml"].replace("ute: {values: {9: 98}}", "ute: {scale: T2}")
    loaded = load_parameters(write_world(tmp_path, {"waves/2024.yaml": text}))
    assert loaded.questionnaire.numerator("otrygg_ute", loaded.waves["2024"]) is None
    assert loaded.questionnaire.numerator("otrygg_ute") == [3]


def test_an_item_with_its_own_labels_is_its_own_scale(
    bank: Questionnaire, waves: dict[str, Wave]
) -> None:
    assert bank.scale_of("plats_finns", waves["2024"]) == "plats_finns"


def test_the_stem_stands_for_the_rows(bank: Questionnaire, waves: dict[str, Wave]) -> None:
    stem = "Vad tycker du utgör ett problem i det område du bor?"
    assert bank.stem("prob_klotter", waves["2024"]) == stem
    assert bank.text("prob_klotter") == f"{stem} – Klotter"
    assert bank.text("uts_hot") == "Har du varit utsatt för hot under de senaste tolv månaderna?"
    assert bank.stem("fort_stad", waves["2020"]) == bank.text("fort_stad", waves["2020"])


@settings(deadline=None)
@given(st.text("abå {}…", max_size=12).filter(lambda text: "{" not in text and "}" not in text))
def test_fill_leaves_other_text_alone(text: str) -> None:
    assert fill(text, {"x": "y"}) == text
    assert fill(f"{text}{{x}}{text}{{z}}", {"x": "y"}) == f"{text}y{text}{{z}}"


# -- bases ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("indicator", "label"),
    [
        ("trygg_omrade", "Bland alla som besvarat frågan"),
        ("otrygg_hallplats_kvall", "Bland dem som är på platsen"),
        ("oro_fordon", "Bland dem som har bil, mc, moped eller cykel i hushållet"),
        ("upplevt_tryggare", "Bland dem som har bott i området i minst ett år"),
    ],
)
def test_base_labels(bank: Questionnaire, indicator: str, label: str) -> None:
    assert bank.base_label(indicator) == label


# -- groups --------------------------------------------------------------------------------------


def persons() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kon": np.array([1, 2, 3, 99, 1, 2], dtype=np.int8),
            "alder_grp": pd.Categorical(
                ["16_24", "35_44", "25_34", "75_84", None, "75_84"],
                categories=["16_24", "25_34", "35_44", "45_54", "55_64", "65_74", "75_84"],
            ),
            "boendetid": np.array([1, 2, 3, 4, 97, 98], dtype=np.int8),
        }
    )


def test_a_simple_group(bank: Questionnaire) -> None:
    group = bank.group("kon")
    assert (group.ids, group.labels) == (("1", "2"), ("Kvinna", "Man"))
    assert group.codes(persons()).tolist() == [0, 1, -1, -1, 0, 1]


def test_a_merged_group(bank: Questionnaire) -> None:
    group = bank.group("alder_rapport")
    assert group.ids == ("16_24", "25_44", "45_64", "65_84")
    assert group.labels == ("16–24 år", "25–44 år", "45–64 år", "65–84 år")
    assert group.codes(persons()).tolist() == [0, 1, 1, 3, -1, 3]


def test_a_crossed_group(bank: Questionnaire) -> None:
    group = bank.group("kon_alder")
    assert group.ids[:5] == ("1.16_24", "1.25_44", "1.45_64", "1.65_84", "2.16_24")
    assert group.labels[4] == "Man, 16–24 år"
    assert group.variables == ("kon", "alder_grp")
    assert group.codes(persons()).tolist() == [0, 5, -1, -1, -1, 7]


def test_special_codes_are_in_no_group(bank: Questionnaire) -> None:
    assert bank.group("boendetid").codes(persons()).tolist() == [0, 1, 2, 3, -1, -1]


def test_an_empty_frame_has_no_codes(bank: Questionnaire) -> None:
    assert bank.group("kon_alder").codes(persons().iloc[:0]).shape == (0,)
