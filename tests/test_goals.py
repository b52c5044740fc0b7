"""goals.yaml: what it says of each goal on the page, and every way to write it wrongly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from published_rows import WORDS
from vocabulary_world import write_world

from survey_lib.faults import BadInput
from survey_lib.presentation.across import Places
from survey_lib.report import goals as section
from survey_lib.vocabulary import Parameters, load_parameters

GOALS = """\
source: Nora Allehanda
goals:
  skrap:
    text: Ett rent Nora
    indicators: [prob_skrap_stort]
    measured: hur många som upplever skräp som ett stort problem
    not_measured: [hur mycket skräp det finns]
  buller:
    text: Mindre buller
    not_measured: [hur mycket det bullrar]
"""


def faults_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        load_parameters(write_world(folder / "world", {"goals.yaml": text}))
    assert all(fault.file.endswith("goals.yaml") for fault in caught.value.faults)
    return [f"{one.place}: {one.found}; {one.expected}" for one in caught.value.faults]


def test_goals_are_read_in_their_order(tmp_path: Path) -> None:
    goals = load_parameters(write_world(tmp_path, {"goals.yaml": GOALS})).goals
    assert goals is not None and list(goals.goals) == ["skrap", "buller"]
    assert goals.goals["buller"].indicators == []
    assert load_parameters(write_world(tmp_path / "none")).goals is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("prob_skrap_stort", "prob_skrapp_stort",
         "line 5, key goals.skrap.indicators[1]: the unknown indicator 'prob_skrapp_stort'; "
         "did you mean prob_skrap_stort?"),
        ("[prob_skrap_stort]", "[prob_skrap_stort, prob_skrap_stort]",
         "line 5, key goals.skrap.indicators[2]: prob_skrap_stort again; each indicator once"),
        ("prob_skrap_stort", "prob_skrap_nagot",
         "line 5, key goals.skrap.indicators[1]: prob_skrap_nagot, which isn't published for the "
         "whole; an indicator whose table in tables.yaml has the level stad"),
        ("    measured: hur många som upplever skräp som ett stort problem\n", "",
         "line 3, key goals.skrap: indicators without measured; "
         "both measured and indicators, or neither"),
        ("    indicators: [prob_skrap_stort]\n", "",
         "line 3, key goals.skrap: no indicators; both measured and indicators, or neither"),
        ("    not_measured: [hur mycket det bullrar]\n", "",
         "line 8, key goals.buller.not_measured: no key not_measured; the key not_measured"),
        ("source: Nora Allehanda\n", "", "key source: no key source; the key source"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    (found,) = faults_of(tmp_path, GOALS.replace(old, new, 1))
    assert found == told


def test_the_three_goals_of_the_agreement_have_what_the_guide_gives_them(
    parameters: Parameters,
) -> None:
    """Extremism: no measure, said so; gangs and narcotics: what residents see of them."""
    assert parameters.goals is not None
    found = {goal.text: goal.indicators for goal in parameters.goals.goals.values()}
    assert found == {
        "Våldsbejakande extremism": [],
        "Grov organiserad brottslighet": ["prob_kriminella_gang_stort", "prob_hot_vald_stort"],
        "Narkotikarelaterad brottslighet": ["prob_narkotika_stort", "prob_paverkade_stort"],
    }


def test_a_goal_without_a_measure_says_so_and_shows_no_number(parameters: Parameters) -> None:
    results = SimpleNamespace(
        parameters=parameters,
        words=WORDS,
        rows=lambda table: pd.DataFrame(),
        published=SimpleNamespace(common=pd.DataFrame()),
    )
    made = section.goals(results, [], Places("del", "delen", "delar", "delarna"))  # type: ignore[arg-type]
    first = made.parts[0]
    assert first.title == "Våldsbejakande extremism" and not first.tables
    assert first.sentences[:2] == [section.NO_MEASURE, section.NOT_TOLD]
    assert all(part.sentences[-2] == section.NOT_TOLD for part in made.parts)
    without = SimpleNamespace(parameters=replace(parameters, goals=None))
    assert not section.goals(without, [], None)  # type: ignore[arg-type]
