"""The door on real answers: ENSU's 90 cities with districts made up from its strata.

INEGI publishes no areas inside its cities but one. Here the persons of each city's design strata
make a district of their own, some with fewer than 30, so that whole, parts and groups are linked as
a city's stadsdelar and delområden are. A part of the questions, for time; the page
``docs/disclosure.md`` tells which, and what came of it. Own processing of INEGI data.
"""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from surveys.ensu.official import DATA, needs_data


from survey_lib import pipeline
from survey_lib.audit import audit
from survey_lib.disclosure import HIDDEN
from survey_lib.publish import FOLDER
from survey_lib.vocabulary import Parameters, load_parameters

SURVEY = Path(__file__).parent / "surveys" / "ensu"
ARCHIVE = "conjunto_de_datos_ensu_2024_3t_csv.zip"
MEMBER = "conjunto_de_datos_ensu_cb_0924/conjunto_de_datos/conjunto_de_datos_ensu_cb_0924.csv"
WAVE, LEVEL = "2024_09", "del"
INDICATORS = ["prob_skadegorelse", "prob_ran", "prob_narkotika", "prob_skottlossning"]
HEAD = "## Real answers: ENSU's 90 cities, with districts made up from strata\n"
AREAS = """\
  del:
    singular: delområde
    definite: delområdet
    plural: delområden
    definite_plural: delområdena
"""
TABLES = f"""\
profile: [kon]
tables:
  problems:
    title: Problem nära hemmet
    indicators: [{", ".join(INDICATORS)}]
    levels: [mx, stad, {LEVEL}]
    groups: [kon, alder]
    ranked: true
"""


def with_districts(folder: Path) -> Parameters:
    """ENSU's parameters and answers with a district per city and stratum. La Laguna has none, since
    INEGI itself publishes a part of it."""
    survey = Path(shutil.copytree(SURVEY, folder / "parameters"))
    before = load_parameters(SURVEY).areas
    with zipfile.ZipFile(DATA / ARCHIVE) as archive:
        persons = pd.read_csv(io.BytesIO(archive.read(MEMBER)), dtype=str, lineterminator="\r")
    city = persons["NOM_CD"].map({name: before.find(name) for name in persons["NOM_CD"].unique()})
    slug = city.str.partition(":")[2] + "_" + persons["EST_DIS"].str.strip()
    inside = city != "stad:la_laguna"
    persons["DISTRICT"] = (f"{LEVEL}:" + slug).where(inside, "")
    persons.loc[persons["NOM_MUN"] == "TORREON", "DISTRICT"] = "kommun:torreon"
    (folder / "data").mkdir()
    persons.to_csv(folder / "data" / "persons.csv", index=False, encoding="utf-8")
    made = pd.DataFrame({"id": persons["DISTRICT"], "part_of": city})[inside].drop_duplicates()
    rows = [f"{one.id};Delområde {one.id[4:]};{one.part_of};" for one in made.itertuples()]
    for name, text in {
        "areas.csv": "\n".join([*_read(survey / "areas.csv").splitlines(), *rows, ""]),
        "areas.yaml": _read(survey / "areas.yaml") + AREAS,
        "tables.yaml": TABLES,
        "waves/2024_09.yaml": _with_column(_read(survey / "waves" / "2024_09.yaml")),
    }.items():
        (survey / name).write_text(text, encoding="utf-8")
    return load_parameters(survey)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _with_column(wave: str) -> str:
    """The wave read from our file, each person's district in a column."""
    wave = re.sub(r"path: .*", "path: ../data/persons.csv", wave)
    wave = re.sub(r"(?m)^  member: .*\n", "", wave)
    wave, count = re.subn(
        r"(?m)^  area: .*$", "  area: {column: NOM_CD, finer: {column: DISTRICT}}", wave
    )
    assert count == 1
    return wave


@needs_data
@pytest.mark.evidence
def test_ninety_cities_with_districts_pass_the_door(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    parameters = with_districts(tmp_path)
    published = pipeline.prepare(parameters, WAVE, None, tmp_path / "reports")
    rows = published.indicators
    assert (published.areas["level"] == LEVEL).sum() > 200
    found = audit({WAVE: published}, parameters)
    assert found.passed and found.subtraction > len(INDICATORS)
    scanner = pipeline.scanner(parameters, tmp_path / "reports")
    assert scanner.complete
    assert not scanner.scan_folder(tmp_path / "reports" / WAVE / FOLDER)
    account = published.manifest["guarded"]
    assert (rows["mark"] == HIDDEN).sum() > 0
    assert account["hidden_besides"] + account["hidden"] < account["shares"]["whole_rows"]
    assert account["shares"]["proved"] > 0.9 * account["shares"]["values"]
    section = f"{HEAD}\n{_spaced(len(rows))}"
    print(account)
    assert section
