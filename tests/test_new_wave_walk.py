"""From a delivered file to published numbers by the documented steps: new-wave, TODO by TODO,
check from fault to fault, prepare. What comes out is what the original file gives, to the last bit.

In the evidence run the road goes on to finished reports: all that pages, pictures and tables beside
them say is what the original file's say.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT, trygg
from deliveries import DELIVERIES
from harm import deliver

from survey_lib import cli
from survey_lib.answers import Answers
from survey_lib.answers.reading import read_answers
from survey_lib.faults import BadInput
from survey_lib.publish import open_published
from survey_lib.vocabulary import Parameters, Wave, load_parameters

WAVE = "2024"
TABLES = """\
profile: [kon]
tables:
  problems:
    title: Problem
    indicators: [prob_moped_stort, prob_belysning_stort]
    levels: [kommun, sdn]
    family: list
    ranked: true
  safety:
    title: Trygghet
    indicators: [otrygg_ute_kvall, upplevt_tryggare]
    levels: [kommun, sdn]
    groups: [kon, boendetid]
    distributions: [trygg_ute_kvall, fort_stad, kons_flytta]
    family: list
"""
AREAS = ("sdn:angered", "sdn:lundby", "sdn:orgryte_harlanda")  # with parts, by quotas, neither
EVERY = 6  # one row of so many is delivered
REPORTED = AREAS[:2]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, population: object) -> Path:
    """A parameters folder with two waves, few tables, and a part of one wave's answers."""
    from survey_lib.demo.respondents import draw_respondents_of_wave
    from survey_lib.demo.written import write_values

    folder = tmp_path_factory.mktemp("kontor")
    frame = write_values(population, WAVE, draw_respondents_of_wave(population, WAVE))
    frame = (
        frame[frame["delomrade_id"].str.startswith((*AREAS, "del:angered"))]
        .iloc[::EVERY]
        .reset_index(drop=True)
    )
    deliver(frame, folder / "svar" / "original.csv")
    parameters = copied_parameters(folder)
    (parameters / "tables.yaml").write_text(TABLES, encoding="utf-8")
    for name in ("promises.yaml", "goals.yaml"):
        (parameters / name).unlink()
    for name in ("partners", "keys"):
        shutil.rmtree(parameters / name)
    wave = parameters / "waves" / f"{WAVE}.yaml"
    spec = re.sub(r", responding: \d+", "", wave.read_text(encoding="utf-8"))
    gone = [line for line in spec.splitlines() if line.startswith("  sdn:")]
    kept = [line for line in gone if line.strip().startswith(AREAS)]
    spec = "\n".join(one for one in spec.splitlines() if one not in gone or one in kept)
    wave.write_text(f"{spec}\n", encoding="utf-8")
    return folder


def copied_parameters(folder: Path) -> Path:
    """The default parameters with real waves, of which the one before has no answers here."""
    parameters = folder / "parameters"
    shutil.copytree(ROOT / "parameters", parameters)
    for name in ("demo.yaml", "waves/2018.yaml", "waves/2020.yaml", "waves/2022_2024.yaml"):
        (parameters / name).unlink()
    for wave in ("2022", WAVE):
        path = parameters / "waves" / f"{wave}.yaml"
        spec = path.read_text(encoding="utf-8").replace("demo: true ", "# made up: ")
        spec = spec.replace(f"../demo_data/DEMO_{WAVE}.csv", "../svar/original.csv")
        path.write_text(spec, encoding="utf-8")
    return parameters


@pytest.fixture(scope="module")
def original(office: Path) -> tuple[Parameters, Answers]:
    parameters = load_parameters(office / "parameters")
    return parameters, read_answers(parameters, WAVE)


@pytest.fixture(scope="module")
def numbers(office: Path) -> dict[str, pd.DataFrame]:
    """What the original file gives."""
    return published(office)


def published(folder: Path) -> dict[str, pd.DataFrame]:
    """Prepares the wave and gives every published frame but the log of cleaning."""
    with pytest.raises(SystemExit) as ended:
        cli.app(
            [
                "prepare",
                "--wave",
                WAVE,
                "--compare-with",
                "",
                "--parameters",
                str(folder / "parameters"),
                "--output",
                str(folder / "reports"),
            ]
        )
    assert not ended.value.code
    store = open_published(folder / "reports" / WAVE / "published")
    frames = {one.name: getattr(store, one.name) for one in dataclasses.fields(store)}
    kept = {name: one for name, one in frames.items() if isinstance(one, pd.DataFrame)}
    return {name: one for name, one in kept.items() if name != "cleaning"}


# -- a person who knows the survey -----------------------------------------------------------------


def decisions(wave: Wave, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What is to stand at each key: what the survey company's report and the office say."""
    first, last = wave.fieldwork
    yield "source", json.dumps(wave.source)
    yield "fieldwork", f"[{first}, {last}]"
    yield "season", wave.season
    yield "age_span", str(list(wave.age_span))
    yield "strata_level", str(wave.strata_level)
    for area, stratum in wave.strata.items():
        said = stratum.model_dump(exclude_none=True)
        yield f"strata.{area}", "{" + ", ".join(f"{k}: {v}" for k, v in said.items()) + "}"
    for word, meant in wave.words.items():
        yield f"words.{word}", meant
    for name, column in names.items():
        yield f"variables.{name}.column", json.dumps(column)
    yield "weighting.population", str(wave.weighting.population)
    for number, margin in enumerate(wave.weighting.margins, 1):
        yield f"weighting.margins[{number}].population", margin.population
        yield f"weighting.margins[{number}].note", json.dumps(margin.note)
    yield "cleaning.outside_fieldwork", wave.cleaning.outside_fieldwork


def fill(folder: Path, wave: Wave, names: dict[str, str]) -> int:
    """Decides every TODO that loading the folder tells of; how many there were."""
    path, known = folder / "waves" / f"{WAVE}.yaml", dict(decisions(wave, names))
    with pytest.raises(BadInput) as told:
        load_parameters(folder)
    lines = path.read_text(encoding="utf-8").splitlines()
    for fault in told.value.faults:
        assert fault.found == "TODO" and fault.file.endswith(f"waves/{WAVE}.yaml"), fault
        place, key = re.fullmatch(r"line (\d+), key (.+)", fault.place).groups()  # type: ignore[union-attr]
        line = lines[int(place) - 1]
        assert fault.expected == line.partition(" # ")[2].strip() != ""
        suggested = re.search(r"values: (\{.*?\})", fault.expected)
        if key not in known and key.endswith(".values"):
            assert suggested, fault
            known[key] = suggested[1]
        lines[int(place) - 1] = line.replace("TODO", known[key], 1)
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return len(told.value.faults)


def check(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        cli.app(["check", "--wave", WAVE, "--parameters", str(folder)])
    said = capsys.readouterr()
    assert ended.value.code in (None, 0, cli.BAD_INPUT), said.err
    return said.err


def follow(folder: Path, capsys: pytest.CaptureFixture[str]) -> int:
    """Does what check says, fault by fault, until it says nothing; how many times it spoke."""
    path = folder / "waves" / f"{WAVE}.yaml"
    for times in range(5):
        said = check(folder, capsys)
        if not said:
            return times
        told = re.findall(r"under cleaning, the line  (\w+): (\w+)", said)
        assert told and said.count("found:") == len(told), said
        text = path.read_text(encoding="utf-8")
        for key, value in told:
            text = re.sub(rf"^  {key}: \w+", f"  {key}: {value}", text, flags=re.MULTILINE)
        path.write_text(text, encoding="utf-8")
    raise AssertionError("check has no end")


def walk(
    folder: Path,
    name: str,
    parameters: Parameters,
    answers: Answers,
    capsys: pytest.CaptureFixture[str],
) -> str:
    """The whole road of one delivery; what new-wave said."""
    wave = parameters.waves[WAVE]
    shutil.copytree(parameters.folder, folder / "parameters")
    (folder / "parameters" / "waves" / f"{WAVE}.yaml").unlink()
    (folder / "svar").mkdir()
    names = DELIVERIES[name](answers, parameters, folder / "svar" / name)
    with pytest.raises(SystemExit) as ended:
        cli.app(
            [
                "new-wave",
                str(folder / "svar" / name),
                "--wave",
                WAVE,
                "--parameters",
                str(folder / "parameters"),
            ]
        )
    said = capsys.readouterr()
    assert not ended.value.code, said.err
    for line in said.out.splitlines():
        if found := re.fullmatch(r" {4}  (\S+) +[0-9]+%  (.{40})  .+", line):
            column = names[found[1]]
            shown = column if len(column) <= 40 else column[:39] + "…"
            assert found[2].strip() == shown.strip(), f"a certain match that is wrong: {line}"
    todos = int(re.search(r"with (\d+) TODO", said.out)[1])  # type: ignore[index]
    assert fill(folder / "parameters", wave, names) == todos
    assert follow(folder / "parameters", capsys) <= 2
    return said.out


@pytest.mark.parametrize("name", DELIVERIES)
def test_a_delivery_gives_the_numbers_of_the_original(
    name: str,
    tmp_path: Path,
    original: tuple[Parameters, Answers],
    numbers: dict[str, pd.DataFrame],
    capsys: pytest.CaptureFixture[str],
) -> None:
    parameters, answers = original
    secrets = set(answers.frame["fritext"].dropna()) | set(answers.frame["respondent"])
    said = walk(tmp_path, name, parameters, answers, capsys)
    written = (tmp_path / "parameters" / "waves" / f"{WAVE}.yaml").read_text(encoding="utf-8")
    assert not [text for text in secrets if text in said or text in written]
    again = published(tmp_path)
    assert again.keys() == numbers.keys() and len(numbers["indicators"])
    for frame, expected in numbers.items():
        pd.testing.assert_frame_equal(again[frame], expected, check_exact=True, obj=frame)


# -- to finished reports ---------------------------------------------------------------------------

ASIDE = ("notebooks", "published", ".made")  # what the pages are made by, and from
OF_THE_FILE = (  # what pages say of the file itself: sums, and how codes were written in it
    re.compile(r"\b[0-9a-f]{16}\b"),
    re.compile(r"lästes som \w+\.[\",\s0-9]*"),
)


def reports(folder: Path) -> dict[str, str | bytes]:
    """What each file says when the reports are made, by its name."""
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    done = trygg("reports", *REPORTED, "--wave", WAVE, "--compare-with", "", folder=folder)
    assert done.returncode == 0, done.stderr
    made = folder / "reports" / WAVE
    files = [one.relative_to(made) for one in sorted(made.rglob("*")) if one.is_file()]
    return {one.as_posix(): said(made / one) for one in files if one.parts[0] not in ASIDE}


def said(path: Path) -> str | bytes:
    """The words and numbers of a page, the cells of a workbook, and other files as they are."""
    if path.suffix == ".html":
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        text = page.get_text(" ", strip=True)
    elif path.suffix == ".xlsx":
        sheets = pd.read_excel(path, sheet_name=None, header=None)
        text = "".join(f"{title}\n{sheet.to_csv()}" for title, sheet in sheets.items())
    else:
        return path.read_bytes()
    for pattern in OF_THE_FILE:
        text = pattern.sub("", text)
    return text


@pytest.fixture(scope="module")
def pages(office: Path) -> dict[str, str | bytes]:
    """What the reports of the original file say."""
    return reports(office)


@pytest.mark.evidence
@pytest.mark.xdist_group("walk")
@pytest.mark.parametrize("name", DELIVERIES)
def test_a_delivery_gives_the_reports_of_the_original(
    name: str,
    tmp_path: Path,
    original: tuple[Parameters, Answers],
    pages: dict[str, str | bytes],
    capsys: pytest.CaptureFixture[str],
) -> None:
    walk(tmp_path, name, *original, capsys)
    again = reports(tmp_path)
    assert again.keys() == pages.keys()
    for name, place in {"angered": "Angered", "lundby": "Lundby"}.items():
        assert f"i stadsdelen {place} uppger." in str(pages[f"sdn_{name}.html"])
    assert [one for one, expected in pages.items() if again[one] != expected] == []
