"""What the road refuses to publish or to open, though parameters and answers are sound."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from village import deliver_wave, village

from survey_lib import inputs, pipeline
from survey_lib.disclosure import guard
from survey_lib.faults import BadInput, Fault
from survey_lib.forget import forget
from survey_lib.vocabulary import load_parameters


def refused(folder: Path, wave: str, compare_with: str | None = None) -> Fault:
    parameters = load_parameters(folder / "parameters")
    with pytest.raises(BadInput) as caught:
        pipeline.prepare(parameters, wave, compare_with, folder / "reports")
    (fault,) = caught.value.faults
    return fault


def test_others_respondents_when_it_is_forgotten_who_answered(tmp_path: Path) -> None:
    parameters = village(tmp_path)
    pipeline.prepare(parameters, "1", None, tmp_path / "reports")
    forget(parameters, "1", tmp_path / "reports")
    deliver_wave(tmp_path, "1", seed=8)
    fault = refused(tmp_path, "1")
    assert fault.file.endswith("waves/1.yaml") and fault.place == "key withdrawn"
    assert fault.found.endswith("is forgotten: it can't be known how many persons differ")
    assert "or at least 10 others in every cell" in fault.expected
    assert 'withdrawn: [{respondents: "' in fault.action


def test_one_respondent_less_until_what_was_published_is_withdrawn(tmp_path: Path) -> None:
    parameters = village(tmp_path)
    pipeline.prepare(parameters, "1", None, tmp_path / "reports")
    store = tmp_path / "reports/1/published/indicators.parquet"
    before, delivered = store.read_bytes(), tmp_path / "data/svar_1.csv"
    delivered.write_text(
        "".join(delivered.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]),
        encoding="utf-8",
    )
    fault = refused(tmp_path, "1")
    assert "1 to 9 persons differ in" in fault.found and store.read_bytes() == before
    assert "does not undo the disclosure" in fault.action
    (name,) = re.findall(r'respondents: "(\w{12})"', fault.action)
    wave = tmp_path / "parameters/waves/1.yaml"
    told = f'withdrawn: [{{respondents: "{name}", date: 2026-01-02, reason: "en dubblett"}}]\n'
    wave.write_text(wave.read_text(encoding="utf-8") + told, encoding="utf-8")
    again = load_parameters(tmp_path / "parameters")
    pipeline.prepare(again, "1", None, tmp_path / "reports")
    assert store.read_bytes() != before


def test_a_notebook_of_a_run_that_asks_for_what_the_run_did_not_prepare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.prepare(village(tmp_path), "2", None, tmp_path / "reports")
    monkeypatch.setenv(inputs.SETTLED, "1")
    fault = refused(tmp_path, "2", compare_with="1")
    assert (fault.found, fault.expected) == ("compared with None", "tables compared with 1")
    assert fault.file.endswith("reports/2/published") and "run `trygg reports`" in fault.action
    fault = refused(tmp_path, "1")
    assert fault.file.endswith("reports/1/published")
    assert fault.found == "no published tables, or broken ones"
    assert "run `trygg prepare`" in fault.action


def test_a_number_that_is_known_whatever_is_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    village(tmp_path)
    unsafe = np.zeros((1, 2), dtype=int)
    monkeypatch.setattr(guard, "known_by_subtraction", lambda *_: np.ones(1, dtype=bool))
    monkeypatch.setattr(guard, "_safe_pattern", lambda *_: (np.zeros(1), True, unsafe))
    parameters = load_parameters(tmp_path / "parameters")
    with pytest.raises(BadInput) as caught:
        pipeline.prepare(parameters, "2", None, tmp_path / "reports")
    fault = caught.value.faults[0]
    assert (fault.file, fault.place) == ("tables.yaml", "prob_skrap in by:x")
    assert "known whatever is hidden" in fault.found
    assert "leave the level or the group out of the tables" in fault.action
    assert not (tmp_path / "reports" / "2").exists()
