"""The door on real answers: ENSU's 90 cities with districts made up from its strata.

INEGI publishes no areas inside its cities but one. Here the persons of each city's design strata
make a district of their own, half of them with fewer than 30. As the embedded survey's delområden,
they are published as wholes, and the cities by groups too; every question and table of ENSU is
asked of them. The page ``docs/disclosure.md`` tells what came of it. Own processing of INEGI data.
"""

from __future__ import annotations

import io
import math
import re
import shutil
import time
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from door_page import ENSU, spaced, write_section
from surveys.ensu.official import DATA, needs_data

from survey_lib import pipeline
from survey_lib.audit import audit
from survey_lib.disclosure import HIDDEN, guard, unpublished, wave
from survey_lib.disclosure.exchange import Exchanges
from survey_lib.publish import FOLDER
from survey_lib.vocabulary import Parameters, load_parameters

SURVEY = Path(__file__).parent / "surveys" / "ensu"
ARCHIVE = "conjunto_de_datos_ensu_2024_3t_csv.zip"
MEMBER = "conjunto_de_datos_ensu_cb_0924/conjunto_de_datos/conjunto_de_datos_ensu_cb_0924.csv"
WAVE, LEVEL = "2024_09", "del"
AREAS = """\
  del:
    singular: delområde
    definite: delområdet
    plural: delområden
    definite_plural: delområdena
"""
SPLIT = "split_levels: [mx, stad, kommun]\n"
WITH_DISTRICTS = f"levels: [mx, stad, kommun, {LEVEL}]"


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
        "tables.yaml": SPLIT
        + _read(survey / "tables.yaml").replace("levels: [mx, stad, kommun]", WITH_DISTRICTS),
        "waves/2024_09.yaml": _with_column(
            _read(survey / "waves" / "2024_09.yaml"), persons["DISTRICT"]
        ),
    }.items():
        (survey / name).write_text(text, encoding="utf-8")
    return load_parameters(survey)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _with_column(wave: str, districts: pd.Series) -> str:
    """The wave read from our file, each person's district in a column."""
    wave = re.sub(r"path: .*", "path: ../data/persons.csv", wave)
    wave = re.sub(r"(?m)^  member: .*\n", "", wave)
    values = ", ".join(f'"{one}": "{one}"' for one in districts.unique() if one)
    finer = f"finer: {{column: DISTRICT, values: {{{values}}}}}"
    wave, count = re.subn(r"(?m)^  area: .*$", f"  area: {{column: NOM_CD, {finer}}}", wave)
    assert count == 1
    return wave


def told_by_the_whole(exchanges: Exchanges) -> int:
    """How many unproved values are so because the area around them is shown: fewer of all who are
    asked there gave the answer, or didn't give it, than a fifth of those in the hidden cell."""
    tables, persons, links = exchanges.tables, exchanges.persons, exchanges.tables.links
    above = {part: whole for whole, parts in links.parts_of.items() for part in parts}
    count = 0
    for cell, share in exchanges.attack.target[exchanges.unproved]:
        area, *kind = links.cells[cell]
        base = tables.bases[share]
        top = tables.numerators[share] & base
        around = persons[links.place[above[area], kind[0], kind[1]]]
        fewest = min(around[top].sum(), around[base & ~top].sum())
        count += bool(fewest < exchanges.rule.share * persons[cell][base].sum())
    return count


@needs_data
@pytest.mark.evidence
def test_ninety_cities_with_districts_pass_the_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters, told, took = with_districts(tmp_path), [], []

    def noted(exchanges: Exchanges) -> None:
        told.append(told_by_the_whole(exchanges))
        prove(exchanges)

    def timed(*given: Any) -> Any:
        begun = time.process_time()
        result = protect(*given)
        took.append(time.process_time() - begun)
        return result

    prove, protect = unpublished.prove, wave.guard
    monkeypatch.setattr(unpublished, "prove", noted)
    monkeypatch.setattr(guard, "LARGE", math.inf)  # here, not in processes of their own
    monkeypatch.setattr(wave, "guard", timed)
    published = pipeline.prepare(parameters, WAVE, None, tmp_path / "reports")
    districts = published.areas[published.areas["level"] == LEVEL]
    hidden = int((districts["mark"] == HIDDEN).sum())
    assert len(districts) > 300 and hidden > 100

    found = audit({WAVE: published}, parameters)
    assert found.passed and found.subtraction > 30
    scanner = pipeline.scanner(parameters, tmp_path / "reports")
    assert not pipeline.forgotten(parameters, WAVE, tmp_path / "reports")
    assert not scanner.scan_folder(tmp_path / "reports" / WAVE / FOLDER)

    account = published.manifest["guarded"]
    shares = account["shares"]
    assert account["hidden_besides"] < shares["whole_rows"]
    assert shares["proved"] + sum(told) > 0.95 * shares["values"]
    bases = account["bases"]
    assert bases["proved"] > 0.8 * bases["values"] > 0
    how = f"""\
All of ENSU's {len(told)} questions, for the whole and 90 cities by sex and age and for \
{len(districts)} districts as wholes,
{hidden} of them with fewer than 30 respondents. The guard took {took[0]:.0f} CPU seconds. \
Of the values below that
are not proved, {spaced(sum(told))} can't be: fewer in the whole city gave the answer \
(mostly ”vet inte”), or didn't give it,
than a fifth of the district's respondents, and the city's share is shown. Own processing of INEGI
data."""
    write_section(ENSU, how, published)
