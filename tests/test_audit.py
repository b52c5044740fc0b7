"""``trygg audit``: what is hidden can't be worked out of what is published, or is found."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from survey_lib import audit as auditing
from survey_lib import cli, pipeline
from survey_lib.audit import audit, stores
from survey_lib.disclosure import HIDDEN, wave
from survey_lib.publish import FOLDER, Published, write_published
from survey_lib.vocabulary import Parameters, load_parameters

NOW, BEFORE = "2024", "2022"
TABLES = ("safety", "exposure_person")
KEYS = ["area", "indicator", "group", "category"]


@pytest.fixture(scope="module")
def parameters(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Parameters:
    """The made-up survey with few tables."""
    folder = tmp_path_factory.mktemp("audit") / "parameters"
    shutil.copytree(root / "parameters", folder)
    for name in ("waves/2022_2024.yaml", "promises.yaml", "external.csv", "covariates.csv"):
        (folder / name).unlink()
    (folder / "goals.yaml").unlink(missing_ok=True)
    for name in ("partners", "keys"):
        shutil.rmtree(folder / name, ignore_errors=True)
    path = folder / "tables.yaml"
    head, _, tables = path.read_text(encoding="utf-8").partition("\ntables:\n")
    parts = re.split(r"(?m)^(?=  [a-z_]+:$)", tables.partition("\nmodelled:")[0])
    kept = [part for part in parts if part.startswith(tuple(f"  {name}:" for name in TABLES))]
    text = "\n".join([head, "tables:", *kept])
    text = re.sub(
        r"groups: \[kon, alder_rapport, .+\]", "groups: [kon, alder_rapport, kon_alder]", text
    )
    path.write_bytes(re.sub(r"(?m)^effects: .*$", "effects: {kon: 2}", text).encode())
    return load_parameters(folder)


@pytest.fixture(scope="module")
def reports(parameters: Parameters) -> Path:
    folder = parameters.folder.parent / "reports"
    pipeline.prepare(parameters, BEFORE, None, folder)
    pipeline.prepare(parameters, NOW, BEFORE, folder)
    return folder


@pytest.fixture(scope="module")
def published(reports: Path) -> dict[str, Published]:
    return stores(reports / NOW)


def findings(
    published: dict[str, Published], parameters: Parameters, **changed: pd.DataFrame
) -> set[str]:
    """What is found when some frames of the wave are others than the door published."""
    found = audit({**published, NOW: replace(published[NOW], **changed)}, parameters)
    assert found.passed == found.findings.empty
    return set(found.findings["finding"])


def test_what_the_door_publishes_passes_and_all_is_tried(
    published: dict[str, Published], parameters: Parameters
) -> None:
    assert list(published) == [NOW, BEFORE]
    found = audit(published, parameters)
    assert found.passed
    assert found.subtraction > 20 and not found.attacked and len(found.left) > 5
    account = published[NOW].manifest["guarded"]
    assert account["hidden_besides"] >= account["hidden_for_shares"] > 0
    assert 0 < account["shares"]["proved"] <= account["shares"]["values"]
    rows = [vars(published[NOW])[name] for name in ("indicators", "answers", "areas", "profile")]
    hidden = sum(int((frame["mark"] == HIDDEN).sum()) for frame in rows)
    assert account["hidden"] + account["hidden_besides"] == hidden


def test_without_the_guard_subtraction_finds_values_and_nothing_is_published(
    parameters: Parameters, reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wave, "guard", lambda shown, *_: (shown, {}))
    made = shutil.ignore_patterns("protected")
    shutil.copytree(reports.parent / pipeline.PRIVATE, tmp_path / pipeline.PRIVATE, ignore=made)
    with pytest.raises(RuntimeError, match="can be worked out"):
        pipeline.prepare(parameters, NOW, BEFORE, tmp_path / "reports")
    assert not (tmp_path / "reports" / NOW / FOLDER).exists()


Change = Callable[[Published, Published], dict[str, Any]]


def exact_base(now: Published, _: Published) -> dict[str, Any]:
    return {"indicators": now.indicators.assign(n=now.indicators["n"] + 1)}


def exact_share(now: Published, _: Published) -> dict[str, Any]:
    return {"effects": now.effects.assign(effect=now.effects["effect"] + 1e-5)}


def left_number(now: Published, _: Published) -> dict[str, Any]:
    rows = now.indicators.copy()
    rows.loc[rows.index[rows["mark"] == HIDDEN][0], "n_effective"] = 12.0
    return {"indicators": rows}


def told_by_a_contrast(now: Published, _: Published) -> dict[str, Any]:
    hidden = now.indicators[now.indicators["mark"] == HIDDEN]
    rows = now.contrasts.copy()
    mine = pd.MultiIndex.from_frame(rows[KEYS]).isin(pd.MultiIndex.from_frame(hidden[KEYS]))
    rows.loc[rows.index[mine][0], "difference"] = 0.1
    return {"contrasts": rows}


def told_by_a_later_wave(now: Published, before: Published) -> dict[str, Any]:
    hidden = before.indicators[before.indicators["mark"] == HIDDEN]
    rows = now.contrasts.copy()
    mine = pd.MultiIndex.from_frame(rows[KEYS]).isin(pd.MultiIndex.from_frame(hidden[KEYS]))
    mine &= (rows["comparison"] == "change").to_numpy()
    rows.loc[rows.index[mine][0], "second"] = 0.1
    return {"contrasts": rows}


def told_by_the_trend(now: Published, before: Published) -> dict[str, Any]:
    rows = now.trend.copy()
    hidden = rows.index[(rows["wave"] == BEFORE) & (rows["mark"] == HIDDEN)]
    rows.loc[hidden[0], "estimate"] = 0.5
    return {"trend": rows}


def told_by_the_rest(now: Published, _: Published) -> dict[str, Any]:
    """A promise whose rest holds an area that is hidden."""
    rows = now.indicators
    whole = rows[(rows["group"] == "") & (rows["mark"] == HIDDEN)].iloc[0]
    told = {"indicator": whole["indicator"], "before": BEFORE, "rest_areas": whole["area"]}
    promise = now.promises.reindex([0]).assign(**told, area="sdn:centrum", beyond=0.1)
    return {"promises": promise}


def told_by_the_whole(now: Published, _: Published) -> dict[str, Any]:
    """A change of the whole over parts one of which is hidden."""
    rows = now.indicators
    whole = rows[(rows["group"] == "") & (rows["mark"] == HIDDEN)].iloc[0]
    told = {"indicator": whole["indicator"], "parts": f"sdn:centrum|{whole['area']}"}
    change = now.common.reindex([0]).assign(**told, area="kommun:goteborg", second=0.1)
    return {"common": change}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (told_by_the_whole, auditing.SHOWN_PART),
        (told_by_the_rest, auditing.SHOWN_REST),
        (told_by_the_trend, "hidden in 2022, shown in trend"),
        (exact_base, "column n isn't rounded"),
        (exact_share, "column effect isn't rounded"),
        (left_number, auditing.SHOWN_HIDDEN),
        (told_by_a_contrast, "hidden in the tables of shares, shown in contrasts"),
        (told_by_a_later_wave, "hidden in 2022, shown in contrasts"),
    ],
)
def test_a_value_that_slipped_out_is_found(
    change: Change, expected: str, published: dict[str, Published], parameters: Parameters
) -> None:
    changed = change(published[NOW], published[BEFORE])
    assert any(one.startswith(expected) for one in findings(published, parameters, **changed))


def test_no_finding_tells_a_value(published: dict[str, Published], parameters: Parameters) -> None:
    changed = left_number(published[NOW], published[BEFORE])
    found = audit({**published, NOW: replace(published[NOW], **changed)}, parameters).findings
    assert list(found) == auditing.COLUMNS and "12" not in "".join(found["finding"])


def test_the_command_ends_with_0_or_1(
    published: dict[str, Published], parameters: Parameters, reports: Path, tmp_path: Path
) -> None:
    shutil.copytree(reports, tmp_path / "reports")
    folder = tmp_path / "reports" / NOW
    said = ["audit", str(folder), "--seconds", "0", "--parameters", str(parameters.folder)]
    clean = CliRunner().invoke(cli.app, said)
    assert clean.exit_code == 0 and "passed" in clean.output
    changed = left_number(published[NOW], published[BEFORE])
    write_published(replace(published[NOW], **changed), folder / FOLDER)
    dirty = CliRunner().invoke(cli.app, said)
    assert dirty.exit_code == cli.SOME_FAILED
    assert f"FOUND: {NOW} indicators" in dirty.output and auditing.SHOWN_HIDDEN in dirty.output
    missing = CliRunner().invoke(cli.app, ["audit", str(tmp_path / "no"), *said[2:]])
    assert missing.exit_code == cli.BAD_INPUT
