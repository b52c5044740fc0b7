"""A published wave is frozen: one respondent less is refused, other respondents and withdrawn
publications are not."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey_lib.frozen import FEW, Publication, check, differing, digest

PEOPLE = 120


def people(seed: int = 0, first: int = 0) -> pd.DataFrame:
    """Two areas, two groups, one indicator."""
    random = np.random.default_rng(seed)
    area = np.arange(PEOPLE) % 2
    group = random.integers(0, 2, PEOPLE)
    names = ["a", "b"]
    return pd.DataFrame(
        {
            "person": np.arange(first, first + PEOPLE).astype(np.uint64),
            "at sdn ": pd.Categorical([f"{names[k]}|" for k in area]),
            "at sdn kon": pd.Categorical(
                [f"{names[k]}|{g + 1}" for k, g in zip(area, group, strict=True)]
            ),
            "share ": np.zeros(PEOPLE, dtype=np.int8),
            "share x": random.integers(-1, 2, PEOPLE).astype(np.int8),
            **{f"share y{k}": random.integers(-1, 2, PEOPLE).astype(np.int8) for k in range(12)},
        }
    )


def published(frame: pd.DataFrame, hidden: tuple[str, ...] = ()) -> Publication:
    rows = [
        (area, group, category, indicator)
        for area in ("a", "b")
        for group, category in (("", ""), ("kon", "1"), ("kon", "2"))
        for indicator in ("", "x")
        if area not in hidden
    ]
    cells = pd.DataFrame(rows, columns=["area", "group", "category", "indicator"])
    return Publication(frame, cells)


def faults(before: Publication, now: Publication, *withdrawn: str, demo: bool = False) -> list[Any]:
    wave = SimpleNamespace(withdrawn=[SimpleNamespace(respondents=w) for w in withdrawn], demo=demo)
    parameters: Any = SimpleNamespace(waves={"1": wave})
    name = digest(before.respondents)
    return check({"1": now}, {"1": {name: before}}, parameters, {"1": "waves/1.yaml"})


def test_the_same_respondents_in_another_order_are_the_same_publication() -> None:
    frame = people()
    assert not faults(published(frame), published(frame))
    assert digest(frame) == digest(frame.copy()) and len(digest(frame)) == 12


@pytest.mark.parametrize("removed", [1, 2, FEW - 1])
def test_a_few_respondents_less_are_refused(removed: int) -> None:
    frame = people()
    (fault,) = faults(published(frame), published(frame.iloc[removed:]))
    assert "does not undo the disclosure" in fault.action
    assert digest(frame) in fault.action and "withdrawn:" in fault.action
    assert fault.place == "key withdrawn"


def test_as_many_added_as_removed_are_no_fewer() -> None:
    frame = people()
    other = frame.copy()
    other.loc[0, "person"] = np.uint64(10_000)
    other.loc[0, "share x"] = 1 - frame.loc[0, "share x"]
    cells = differing(published(frame), published(other), SimpleNamespace())  # type: ignore[arg-type]
    whole = cells[(cells["group"] == "") & (cells["indicator"] == "")]
    assert whole["area"].tolist() == ["a"] and whole["persons"].tolist() == [2]


def test_only_cells_shown_in_both_count() -> None:
    frame = people()
    less = frame.drop(index=0)  # lives in a
    assert faults(published(frame), published(less))
    assert not faults(published(frame, hidden=("a",)), published(less))
    assert not faults(published(frame), published(less, hidden=("a",)))


def test_one_answer_changed_is_refused_though_nobody_is_gone() -> None:
    frame = people()
    changed = frame.copy()
    at = frame.index[frame["share x"] == 0][0]
    changed.loc[at, "share x"] = 1
    cells = differing(published(frame), published(changed), SimpleNamespace())  # type: ignore[arg-type]
    assert set(cells["indicator"]) == {"x"} and set(cells["persons"]) == {1}


def test_wholly_other_respondents_are_no_difference_of_a_few() -> None:
    assert not faults(published(people()), published(people(seed=1, first=1000)))


def test_new_ids_hide_nothing() -> None:
    """A file delivered again with other ids, and one person less."""
    frame = people()
    renamed = frame.assign(person=frame["person"] + np.uint64(10_000))
    assert not faults(published(frame), published(renamed))
    assert faults(published(frame), published(renamed.iloc[1:]))


def test_a_withdrawn_publication_is_no_hindrance() -> None:
    frame = people()
    less = published(frame.iloc[1:])
    assert faults(published(frame), less, "another")
    assert not faults(published(frame), less, digest(frame))


def test_made_up_answers_can_be_forgotten() -> None:
    (fault,) = faults(published(people()), published(people().iloc[1:]), demo=True)
    assert "trygg forget 1" in fault.action


def test_a_wave_file_says_what_is_withdrawn(parameters: Any) -> None:
    wave = parameters.waves["2024"]
    told = {"respondents": "3f9a1c2b7d4e", "date": date(2026, 1, 2), "reason": "en dubblett"}
    data = wave.model_dump() | {"withdrawn": [told]}
    assert type(wave).model_validate(data).withdrawn[0].respondents == "3f9a1c2b7d4e"
