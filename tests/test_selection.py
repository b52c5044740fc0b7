"""What a person asks for: defaults for what is left out, one message for all that is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_survey import made_up

from survey_lib.faults import BadInput
from survey_lib.selection import Selection, select
from survey_lib.vocabulary import Parameters

EARLIER = 'name an earlier wave, or "" for no comparison'


def test_what_is_left_out_is_the_default() -> None:
    parameters = made_up(Path("parameters"))
    assert select(parameters) == Selection("2", "1", ["sdn:b", "sdn:a", "sdn:o"])
    assert select(parameters, compare_with="").compare_with is None
    assert select(parameters, wave="3") == Selection("3", None, ["sdn:b", "sdn:a", "sdn:o"])
    assert select(parameters, level="so").areas == ["so:n"]
    chosen = select(parameters, areas=["sdn:o", "so:n", "sdn:o"])
    assert chosen.areas == ["so:n", "sdn:o"]


def test_a_level_without_a_table_of_shares_has_no_reports(parameters: Parameters) -> None:
    assert parameters.report_levels == ["kommun", "so", "sdn"]
    few = parameters.tables.model_copy(
        update={
            "tables": {
                name: table.model_copy(update={"levels": ["kommun", "sdn"]})
                for name, table in parameters.tables.tables.items()
            }
        }
    )
    without = replace(parameters, tables=few)
    assert without.report_levels == ["kommun", "sdn"]
    with pytest.raises(BadInput, match=r"of level kommun.*sdn"):
        select(without, areas=["so:centrum"])


@pytest.mark.parametrize(
    ("asked", "place", "action"),
    [
        ({"areas": ["sdn:aa"]}, "area", "did you mean sdn:a?"),
        ({"areas": ["By"]}, "area", "did you mean sdn:b?"),
        ({"areas": ["kommun:x"]}, "area", "look the id up in areas.csv"),
        ({"areas": ["Åss"]}, "area", "did you mean sdn:a (Ås)?"),
        ({"wave": "2O24"}, "wave", "choose one of them"),
        ({"compare_with": "2"}, "wave to compare with", EARLIER),
        ({"compare_with": "3"}, "wave to compare with", EARLIER),
        ({"compare_with": "22"}, "wave to compare with", "choose one of them"),
        ({"level": "sdm"}, "level", "did you mean sdn?"),
        ({"level": "byar"}, "level", "did you mean sdn?"),
        ({"level": "kommun"}, "level", "choose one of them"),
        ({"level": "so", "areas": ["sdn:a"]}, "", "leave one of them out"),
    ],
)
def test_a_choice_that_does_not_exist(asked: dict[str, Any], place: str, action: str) -> None:
    with pytest.raises(BadInput) as caught:
        select(made_up(Path("parameters")), **asked)
    (fault,) = caught.value.faults
    assert (fault.place, fault.action) == (place, action)


def test_all_wrong_choices_are_told_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        select(made_up(Path("p")), wave="9", compare_with="8", areas=["sdn:x", "sdn:y"])
    assert len(caught.value.faults) == 4
