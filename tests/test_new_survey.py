"""A codebook becomes a parameters folder that loads when its TODOs are filled in."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from conftest import ROOT

from survey_lib import cli
from survey_lib.delivery.new_survey import new_survey
from survey_lib.delivery.new_wave import new_wave
from survey_lib.delivery.opening import read_codebook
from survey_lib.faults import BadInput
from survey_lib.publish import open_published
from survey_lib.vocabulary import Parameters, load_parameters

STOCKHOLM = ROOT.parent / "shared/data/format_samples/kodbok_stockholmsenkaten_2024.xlsx"
AREAS = "id;name;part_of;alias\nkommun:a;Kommunen;;\nomrade:n;Norra;;\nomrade:s;Södra;;\n"
POPULATION = "id;persons\nomrade:n;1000\nomrade:s;2000\n"
FILLED = {  # what a person writes for each TODO, by the words before it
    "title": "Skolenkäten",
    "publisher": "Staden",
    "people": "elever",
    "comment_heading": "Kommentar",
    "background": "{}",
    "groups": "{}",
    "whole": "kommun:a",
    "rest": "övriga kommunen",
    "levels": "[kommun, omrade]",
    "wave": '"2024"',
    "level": "omrade",
    "source": "Skolenkäten 2024",
    "fieldwork": "[2024-02-01, 2024-04-30]",
    "season": "vår",
    "age_span": "[15, 19]",
    "modes": "[webb]",
    "strata_level": "omrade",
    "omrade:n": "{sampling: sannolikhet}",
    "omrade:s": "{sampling: sannolikhet}",
    "by": "omrade",
    "population": "alla",
    "outside_fieldwork": "keep",
}


def fill(path: Path, **others: str) -> None:
    """Writes what a person decides in the place of every TODO."""
    known = FILLED | others
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        said, sign, rest = line.partition(" # ")
        if not line.startswith("#") and "TODO" in said:
            key = re.findall(r"([\w:]+): TODO", said)
            said = said.replace("TODO", known[key[-1]] if key else "", 1)
        lines.append(said + sign + rest)
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def finished(folder: Path, question: str, numerator: str) -> None:
    """The folder with all that is asked of a person, but for waves."""
    for name in ("questionnaire", "areas", "reports"):
        fill(folder / f"{name}.yaml")
    fill(folder / "tables.yaml", indicators="[otrygg]", lead="[]", groups="[]")
    (folder / "areas.csv").write_text(AREAS, encoding="utf-8")
    (folder / "population").mkdir()
    (folder / "population" / "alla.csv").write_text(POPULATION, encoding="utf-8")
    path = folder / "questionnaire.yaml"
    text = path.read_text(encoding="utf-8")
    rule = (
        f"    indicators: {{otrygg: {{label: Otrygga, numerator: {numerator}, better: lower}}}}\n"
    )
    place = text.index("theme: allt\n", text.index(f"\n  {question}:")) + len("theme: allt\n")
    path.write_text(text[:place] + rule + text[place:], encoding="utf-8")


def with_wave(folder: Path, codebook: Path, answers: Path) -> Parameters:
    made = new_wave(answers, folder, codebook=codebook)
    fill(made.path)
    return load_parameters(folder)


def random_answers(codebook: Path, path: Path) -> Path:
    """Answers as the codebook says they are coded, a person a row."""
    import numpy as np

    draw, columns = np.random.default_rng(1), {"ID": [f"p{k}" for k in range(60)]}
    for one in read_codebook(codebook):
        if one.values:
            columns[one.name] = draw.choice(list(one.values), 60)
    columns["Område"] = ["Norra", "Södra"] * 30
    pd.DataFrame(columns).to_csv(path, sep=";", index=False, encoding="utf-8")
    return path


def small_codebook(path: Path) -> Path:
    book = openpyxl.Workbook()
    for row in [
        ["Variabel", "Frågetext", 0, 1, 2, 3, 4, 998, 999],
        ["ID", "Löpnummer"],
        ["F1", "1. Kön?", None, "Flicka", "Pojke", None, None, None, "Ej svar"],
        ["F2", "2. Trygg?", None, "Mycket", "Ganska", "Lite", "Inte", "Vet inte", "Ej svar"],
        [None, "3. Vad gör du på rasten?"],
        ["F3a", "Läser", "Ej vald", "Vald"],
        ["F3b", "Spelar {boll}", "Ej vald", "Vald"],
        [None, "4. Hur stämmer detta?"],
        ["F4a", "Jag trivs", None, "Bra", "Dåligt"],
        ["F4b", "Jag sover", None, "Bra", "Dåligt"],
        ["F5", "5. Hur gammal är du?"],
    ]:
        book.active.append(row)
    book.save(path)
    return path


def test_a_small_codebook_becomes_parameters_that_load(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    codebook, folder = small_codebook(tmp_path / "kodbok.xlsx"), tmp_path / "p"
    told = "\n".join(new_survey(folder, codebook))
    assert "8 variables in the codebook: 6 with answers" in told
    with pytest.raises(BadInput) as todos:
        load_parameters(folder)
    found = {fault.found for fault in todos.value.faults}
    assert found == {"TODO", "no wave"}
    finished(folder, "f2", "[3, 4]")
    parameters = with_wave(folder, codebook, random_answers(codebook, tmp_path / "svar_2024.csv"))
    q, wave = parameters.questionnaire, parameters.waves["2024"]
    assert [q.items[name].kind for name in ("f1", "f2", "f3", "f4a")] == [
        "single", "single", "multiple", "single"
    ]  # fmt: skip
    assert q.columns("f3") == ["f3_a", "f3_b"] and q.battery_of("f4b")
    assert q.items["f2"].dont_know == "Vet inte" and q.items["f4a"].text.endswith("– Jag trivs")
    assert wave.variables["f3_b"].column == "F3b" and wave.variables["f2"].values["999"] == 99
    reports = tmp_path / "reports"
    for command in (["check"], ["prepare", "--output", str(reports)]):
        with pytest.raises(SystemExit) as ended:
            cli.app([*command, "--parameters", str(folder)])
        assert not ended.value.code, capsys.readouterr().err
    published = open_published(reports / "2024" / "published")
    assert set(published.indicators["indicator"]) == {"otrygg"}
    assert published.profile.empty and list(published.answers["label"].unique()) == ["Vet inte"]


@pytest.mark.skipif(not STOCKHOLM.exists(), reason=f"{STOCKHOLM} is not there")
def test_the_codebook_of_stockholmsenkaten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "p"
    new_survey(folder, STOCKHOLM)
    finished(folder, "f102", "[3, 4]")
    answers = random_answers(STOCKHOLM, tmp_path / "svar_2024.csv")
    parameters = with_wave(folder, STOCKHOLM, answers)
    q = parameters.questionnaire
    asked = [*q.items, *q.background]
    assert len(asked) > 200 and len(q.batteries) >= 6
    labels = list(q.labels("f102").values())
    assert labels[:2] == ["Mycket trygg", "Ganska trygg"] and len(labels) == 6
    assert q.items["f4"].kind == "multiple" and len(q.items["f4"].options or {}) == 10
    assert q.battery_of("f103a") and q.dont_know("f103a") == "Vet inte"
    with pytest.raises(SystemExit) as ended:
        cli.app(["check", "--parameters", str(folder)])
    assert not ended.value.code, capsys.readouterr().err


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codebook = small_codebook(tmp_path / "kodbok.xlsx")
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "min.yaml").write_text("x: 1\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        cli.app(["new-survey", str(tmp_path / "p"), "--codebook", str(codebook)])
    said = capsys.readouterr().err
    assert ended.value.code == cli.BAD_INPUT and "found:    a folder with files" in said
    assert [one.name for one in (tmp_path / "p").iterdir()] == ["min.yaml"]
