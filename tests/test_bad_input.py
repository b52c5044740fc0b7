"""Everything that a person can hand the program wrongly: one clear message, exit code 2, nothing
written, and never a word of what a respondent said.

One table, :data:`BAD`: a small harm done to a folder that works, and what the message must name.
``trygg check`` meets it, or the command at which it shows; every fourth also ``trygg prepare``,
which must say the same before it writes.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from harm import (
    DATA,
    PERSON,
    POPULATION,
    SECRETS,
    STOP,
    WAVE,
    Harm,
    also,
    answers,
    cell,
    deliver,
    delivered_as,
    gone,
    line,
    margins_gone,
    no_old_men,
    notebook,
    nothing,
    put,
    recoded,
    text,
    two_persons,
    weighted,
    write,
)
from ruamel.yaml import YAML
from small_survey import write_notebook

from survey_lib import cli
from survey_lib.files import ASIDE

REPORTS = "parameters/reports.yaml"


def line_of(file: str, words: str) -> int:
    """The line of the embedded default's file that first has some words."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return 1 + next(number for number, one in enumerate(lines) if words in one)


@dataclass(frozen=True)
class Bad:
    """One thing done wrongly, and words that its message must hold, in this order."""

    id: str
    harm: Harm
    told: tuple[str, ...]
    command: tuple[str, ...] = ("check", "--wave", "2024")


CENTRUM = "sdn:centrum: {sampling: sannolikhet, invited: 1800"
CELL = "sdn:angered;16_24;1;3500,5"
NO_TRIM = text(WAVE, "trim: [0.3, 3.0]", "trim: null")


def told(place: str, found: str, action: str) -> tuple[str, ...]:
    return place, f"found:    {found}", "expected: ", f"do this:  {action}"


BAD: tuple[Bad, ...] = (
    # -- what isn't there
    Bad(
        "no data file",
        gone(DATA),
        told(DATA, "no such file\n", f"put the file there, or mend path: under file: in {WAVE}"),
    ),
    Bad(
        "data file called nearly so",
        also(put("data/svar_2O24.csv", b"x"), gone(DATA)),
        told(DATA, 'no such file (did you mean "svar_2O24.csv"?)', "put the file there"),
    ),
    Bad(
        "no parameters folder",
        gone("parameters"),
        told("parameters\n", "no such folder", "go to the survey's folder, or give"),
    ),
    Bad(
        "no questionnaire",
        gone("parameters/questionnaire.yaml"),
        told("parameters/questionnaire.yaml\n", "no such file", "create questionnaire.yaml or"),
    ),
    Bad("no waves", gone("parameters/waves"), told("parameters/waves\n", "no wave", "add waves/")),
    Bad(
        "no areas",
        gone("parameters/areas.csv"),
        told("parameters/areas.csv\n", "no such file", "create areas.csv or restore it"),
    ),
    Bad(
        "no population file",
        gone("parameters/population/2025_totalt.csv"),
        told("key weighting.population", "the unknown population file '2025_totalt'", "mend the"),
    ),
    # -- columns and codes
    Bad(
        "misspelt column",
        text(DATA, ";prob_moped;", ";prob_mopped;"),
        told(DATA, 'no column "prob_moped" (did you mean "prob_mopped"?)', f"write in {WAVE}"),
    ),
    Bad(
        "missing column",
        answers(lambda frame: frame.drop(columns="trygg_ute_kvall")),
        told(DATA, 'no column "trygg_ute_kvall"\n', f"write in {WAVE}, under variables:"),
    ),
    Bad(
        "column that the wave file names wrongly",
        text(WAVE, "column: resp_id", "column: respid"),
        told(f"{WAVE}: key variables.respondent.column", 'the column "respid"', "mend the name"),
    ),
    Bad(
        "two columns of one name",
        text(DATA, ";trygg_ute_dag;", ";prob_klotter;"),
        told(f'{DATA}: column "prob_klotter"', "2 columns with this name", "rename or remove one"),
    ),
    Bad(
        "unknown number",
        also(STOP, cell("prob_moped", "7")),
        told(
            f'{DATA}: column "prob_moped"',
            'not an answer to prob_moped: "7" in data row 7',
            "write",
        ),
    ),
    Bad(
        "unknown word",
        cell("trygg_ute_kvall", "Jättetrygg"),
        told(
            'column "trygg_ute_kvall"', "not an answer to trygg_ute_kvall: a text of 10 c", "write"
        ),
    ),
    Bad(
        "misspelt answer",
        cell("kon", "Kvina"),
        told(
            'column "kon"',
            'not an answer to kon: "Kvina" (did you mean "Kvinna"?) in data row 7',
            "",
        ),
    ),
    Bad(
        "free text where a code should be",
        cell("prob_moped", "Hemlig text om Annas hus"),
        told('column "prob_moped"', "not an answer to prob_moped: a text of 24 ch", "write"),
    ),
    Bad(
        "age in words",
        cell("alder", "fyrtio"),
        told('column "alder"', "not an answer to alder_grp: a text of 6 ch", "write"),
    ),
    Bad(
        "week that doesn't exist",
        cell("datum_vecka", "2024-V60"),
        told('column "datum_vecka"', "a text of 8 characters in data row 7", "write"),
    ),
    Bad(
        "unknown mode",
        cell("insamling", "brevduva"),
        told('column "insamling"', "a text of 8 characters in data row 7", "write"),
    ),
    # -- areas
    Bad(
        "misspelt area id in the data",
        cell("delomrade_id", "sdn:angred"),
        told(
            'column "delomrade_id"', '"sdn:angred" (did you mean "sdn:angered"?) in data row 7', "w"
        ),
    ),
    Bad(
        "misspelt area name in the data",
        cell("delomrade_id", "Ångered"),
        told('column "delomrade_id"', '"Ångered" (did you mean "Angered"?) in data row 7', "write"),
    ),
    Bad(
        "area that wasn't asked in the data",
        cell("delomrade_id", "sdn:majorna_linne"),
        told(DATA, "data row 7 in sdn:majorna_linne, not among", f"write in {WAVE}, under strata:"),
    ),
    Bad(
        "misspelt area id on the command line",
        nothing,
        told("what was asked for: area", "sdn:angred\n", "did you mean sdn:angered?"),
        ("reports", "sdn:angred"),
    ),
    Bad(
        "area name on the command line",
        nothing,
        told("what was asked for: area", "Angered\n", "did you mean sdn:angered?"),
        ("reports", "Angered"),
    ),
    Bad(
        "misspelt area name on the command line",
        nothing,
        told("what was asked for: area", "Angred\n", "did you mean sdn:angered (Angered)?"),
        ("reports", "Angred"),
    ),
    Bad(
        "word for a level on the command line",
        nothing,
        told("what was asked for: level", "stadsdel\n", "did you mean sdn?"),
        ("reports", "--level", "stadsdel"),
    ),
    Bad(
        "misspelt area in reports.yaml",
        text("parameters/reports.yaml", "  sdn:angered:", "  sdn:angred:"),
        told(
            f"line {line_of(REPORTS, '  sdn:angered:')}, key areas.sdn:angred",
            "the unknown area 'sdn:angred'",
            "mend the name",
        ),
    ),
    Bad(
        "misspelt subarea in reports.yaml",
        text("parameters/reports.yaml", "del:angered_bergum", "del:angered_bergom"),
        told(
            f"line {line_of(REPORTS, 'del:angered_bergum')}, key areas.sdn:angered.subareas[3]",
            "the unknown area 'del:anger",
            "mend",
        ),
    ),
    Bad(
        "misspelt stratum",
        text(WAVE, "  sdn:angered:", "  sdn:angred:"),
        told(f"{WAVE}: line 24, key strata.sdn:angred", "the unknown area 'sdn:angred'", "mend"),
    ),
    # -- persons
    Bad(
        "a person twice with other answers",
        also(text(WAVE, "duplicate: first", "duplicate: stop"), answers(two_persons)),
        told(
            'column "resp_id"', "respondents that occur more than once: 2 data rows (7, ", "remove"
        ),
    ),
    Bad(
        "no id",
        cell("resp_id", ""),
        told('column "resp_id"', "no id in data row 7", "mend the file, or, if it has no ids,"),
    ),
    Bad(
        "an area without rows",
        answers(lambda frame: frame[frame["delomrade_id"] != "sdn:centrum"]),
        told(f"{DATA}: stratum sdn:centrum", "no rows", "fetch the whole file, or remove"),
    ),
    Bad(
        "fewer rows than responding",
        text(WAVE, CENTRUM, f"{CENTRUM}, responding: 971"),
        told("stratum sdn:centrum", f"162 rows, where {WAVE} says 971 responding", "fetch"),
    ),
    Bad(
        "more persons than responding",
        text(WAVE, CENTRUM, f"{CENTRUM}, responding: 17"),
        told("stratum sdn:centrum", "161 persons after cleaning, where", "mend responding:"),
    ),
    Bad(
        "more responding than invited",
        text(WAVE, CENTRUM, f"{CENTRUM}, responding: 1801"),
        told("line 26, key strata.sdn:centrum", "1801 responding of 1800 invited", "mend"),
    ),
    # -- promises and other sources
    Bad(
        "misspelt indicator of a promise",
        text("parameters/promises.yaml", "      fort_polis: upp", "      fort_pollis: upp"),
        told("promises.yaml: line ", "the unknown indicator 'fort_pollis'", "mend the name"),
    ),
    Bad(
        "a promise that wants it worse",
        text("parameters/promises.yaml", "      fort_polis: upp", "      fort_polis:"),
        told("tryggare_utemiljo.indicators.fort_polis", "ned for fort_polis", "write fort_polis"),
    ),
    Bad(
        "a promise whose baseline isn't before it",
        text("parameters/promises.yaml", "    wanted: ned", "    wanted: ned\n    baseline: 2024"),
        told("key promises.tryggare_utemiljo.baseline", "2024\n", "remove it, since it is found"),
    ),
    Bad(
        "percent in external.csv",
        text("parameters/external.csv", ";0,89;", ";89;"),
        told("external.csv: line 2, column share", "89\n", "write 0,89 if it is 89 percent"),
    ),
    Bad(
        "a spreadsheet's external.csv",
        recoded("parameters/external.csv", "windows-1252"),
        told("external.csv: line 2\n", "byte 0xe5, which is not UTF-8", "save the file again"),
    ),
    # -- what is weighted to
    Bad(
        "a margin that doesn't sum",
        text(POPULATION, CELL, CELL.replace("3500", "4500")),
        told(f"{POPULATION}: id sdn:angered", "cells that sum to 43656", "mend the cells"),
    ),
    Bad(
        "an empty margin cell",
        text(POPULATION, CELL, CELL.removesuffix("3500,5")),
        told(f"{POPULATION}: line 2, column persons", "an empty cell", "fill in the number"),
    ),
    Bad(
        "a margin cell of nobody",
        text(POPULATION, CELL, CELL.replace("3500,5", "0")),
        told("id sdn:angered, alder_grp 16_24, kon 1", "an empty margin cell (no p", "fill in"),
    ),
    Bad(
        "a margin cell that isn't there",
        text(POPULATION, CELL + "\n", ""),
        told("id sdn:angered, alder_grp 16_24, kon 1", "an empty margin cell (no row)", "add the"),
    ),
    Bad(
        "words in a margin",
        text(POPULATION, CELL, CELL.replace("3500,5", "ca 3500")),
        told("line 2, column persons", "'ca 3500'", "write the number, digits only"),
    ),
    Bad(
        "an unknown code in a margin",
        text(POPULATION, CELL, CELL.replace("_", "-")),
        told("line 2, column alder_grp", "the unknown code '16-24'", "mend the code"),
    ),
    Bad(
        "an unknown area in a margin",
        text(POPULATION, CELL, CELL.replace("angered", "angred")),
        told("line 2, column id", "the unknown area 'sdn:angred'", "mend the id"),
    ),
    Bad(
        "a margin of what wasn't asked",
        text(WAVE, "not_asked: []", "not_asked: [kon]"),
        told(
            "key weighting.margins[1].variables[2]", "kon, which stands under not_a", "remove kon"
        ),
    ),
    Bad(
        "a margin cell that nobody answered in",
        also(NO_TRIM, text(WAVE, "collapse_below: 20", "collapse_below: 0"), answers(no_old_men)),
        told(f"{WAVE}: key weighting, sdn:centrum", "margin alder_grp*kon: 1 levels", "raise"),
    ),
    Bad(
        "no men",
        answers(lambda f: f[~((f["delomrade_id"] == "sdn:centrum") & (f["kon"] == "Man"))]),
        told(f"{WAVE}: key weighting.margins, sdn:centrum", "nobody with kon 2 Man", "check kon"),
    ),
    Bad(
        "limits that no weights can keep",
        text(WAVE, "trim: [0.3, 3.0]", "trim: [0.99, 1.01]"),
        told(f"{WAVE}: key weighting, sdn:angered", "after 1000 rounds of trimming", "raise"),
    ),
    Bad(
        "weight 0", weighted("0"), told('column "vikt"', "no weight above 0 in data row 7", "mend")
    ),
    Bad("weight below 0", weighted("-1.5"), told('column "vikt"', "no weight above 0", "mend")),
    Bad("no weight", weighted(""), told('column "vikt"', "no weight above 0", "mend")),
    Bad("weight in words", weighted("Hemlig"), told('column "vikt"', "no weight above 0", "mend")),
    Bad(
        "weights with both signs",
        weighted("1,5"),
        told('column "vikt"', 'both "." and "," in numbers', f"write in {WAVE}, under file:"),
    ),
    # -- letters
    Bad(
        "questionnaire in Windows' letters",
        recoded("parameters/questionnaire.yaml", "cp1252"),
        told("parameters/questionnaire.yaml: line ", "byte 0x", "save the file again with enc"),
    ),
    Bad(
        "wave file in UTF-16",
        recoded(WAVE, "utf-16"),
        told(f"{WAVE}\n", "text in UTF-16", "save the file again with encoding UTF-8"),
    ),
    Bad(
        "areas in Windows' letters",
        recoded("parameters/areas.csv", "cp1252"),
        told("parameters/areas.csv: line 2", "byte 0x", "save the file again with enc"),
    ),
    Bad(
        "data in latin-1, called UTF-8",
        recoded(DATA, "latin-1"),
        (*told(f"{DATA}: line 2, byte ", "byte 0x", f"write in {WAVE}, under file:"), "cp1252"),
    ),
    Bad(
        "data in latin-1, nothing said",
        also(recoded(DATA, "latin-1"), text(WAVE, "encoding: utf-8, ", "")),
        (*told(f"{DATA}: line 2, byte ", "byte 0x", f"write in {WAVE}, under file:"), "cp1252"),
    ),
    Bad(
        "data in UTF-8, called latin-1",
        also(recoded(DATA, "utf-8"), text(WAVE, "encoding: utf-8", "encoding: latin-1")),
        (*told(DATA, "text in UTF-8", f"write in {WAVE}, under file:, the line  encoding: utf-8"),),
    ),
    Bad(
        "data in UTF-8 with a mark, called latin-1",
        text(WAVE, "encoding: utf-8", "encoding: latin-1"),
        told(f"{DATA}: the first bytes", "a byte order mark of UTF-8", "remove encoding:"),
    ),
    Bad(
        "unknown encoding",
        text(WAVE, "encoding: utf-8", "encoding: utf8000"),
        told("key file.encoding", "the unknown encoding 'utf8000'", "mend the name"),
    ),
    Bad(
        "wrong separator",
        text(WAVE, 'separator: ";"', 'separator: ","'),
        told(f"{DATA}: line 1", "the header, with a semicolon", f"write in {WAVE}, under file:"),
    ),
    # -- damage
    Bad("cut sav", delivered_as("svar.sav", 0.6), told("data/svar.sav", "cut off or", "fetch or")),
    Bad("stub of a sav", delivered_as("svar.sav", 0.01), told("data/svar.sav", "cut off", "fetch")),
    Bad("cut zip", delivered_as("svar.zip", 0.6), told("data/svar.zip", "damaged", "fetch or exp")),
    Bad("cut xlsx", delivered_as("svar.xlsx", 0.6), told("data/svar.xlsx", "damaged", "fetch or")),
    Bad(
        "cut parquet",
        delivered_as("svar.parquet", 0.6),
        told("data/svar.parquet", "damaged", "fetch or export the file again"),
    ),
    Bad(
        "text called sav",
        also(delivered_as("svar.sav"), put("data/svar.sav", b"resp_id;kon\r\n1;2\r\n")),
        told("data/svar.sav: the first bytes", "no SPSS file (.sav)", "fetch or export"),
    ),
    Bad("empty file", put(DATA, b""), told(f"{DATA}\n", "an empty file", "fetch or export")),
    Bad(
        "header only",
        answers(lambda frame: frame.head(0)),
        told(f"{DATA}\n", "a header and no rows", "fetch or export the file again"),
    ),
    Bad(
        "no table",
        put(DATA, "Hej! Här kommer svaren.\r\n".encode()),
        told(f"{DATA}\n", "no column name that the wave asks for", f"check in {WAVE}"),
    ),
    Bad(
        "empty questionnaire",
        put("parameters/questionnaire.yaml", b""),
        told("parameters/questionnaire.yaml\n", "an empty file", "fill it in or restore it"),
    ),
    Bad(
        "row too short",
        line(PERSON, lambda row: row[: row.rindex(b";")]),
        told(f"{DATA}: data row 7", "139 fields", "mend the row"),
    ),
    Bad(
        "row too long",
        line(PERSON, lambda row: row.replace(b"Hemlig text,", b"Hemlig text;")),
        told(f"{DATA}: data row 7", "141 fields", "mend the row"),
    ),
    Bad(
        "quotation mark never closed",
        line(PERSON, lambda row: row.replace(b"Hemlig text", b'"Hemlig text')),
        told(f"{DATA}: data row 7", "a quot", "mend the quotation marks in or above this row"),
    ),
    # -- YAML
    Bad(
        "misspelt key",
        text(WAVE, "fieldwork:", "feildwork:"),
        told(f"{WAVE}: line ", "the unknown key feildwork", "mend or remove the key"),
    ),
    Bad(
        "words for a number",
        text(WAVE, "collapse_below: 20 ", "collapse_below: tjugo "),
        told("key weighting.collapse_below", "the text 'tjugo'", "write a number without quotes"),
    ),
    Bad(
        "key twice",
        text(WAVE, "season: höst", "season: höst\nseason: vår"),
        told(f"{WAVE}: line 17, key season", "the key season again (first on line 16)", "remove"),
    ),
    Bad(
        "tab",
        text(WAVE, "  sdn:centrum:", "\tsdn:centrum:"),
        told(f"{WAVE}: line 26, column 1", "a tab", "replace the tab by spaces"),
    ),
    Bad(
        "indentation",
        text(WAVE, "  sdn:centrum:", "   sdn:centrum:"),
        told(f"{WAVE}: line 26, column 4", "a line that is indented otherwise", "mend the indent"),
    ),
    Bad(
        "colon in a text",
        text(WAVE, "source: Trygghets", "source: Källa: Trygghets"),
        told(f"{WAVE}: line 8, column 14", "a colon where none can stand", "quote the text"),
    ),
    # -- what is begun
    Bad(
        "codebook without answers",
        put("kodbok.csv", "Variabel;Frågetext\r\nF1;Ålder?\r\n".encode()),
        told("kodbok.csv\n", "1 variables, none with two answers or more", "give a codebook"),
        ("new-survey", "ny", "--codebook", "kodbok.csv"),
    ),
    Bad(
        "new wave without rows",
        put("svar_2026.csv", b"resp_id;kon\r\n"),
        told("svar_2026.csv\n", "a header and no rows", "fetch or export the file again"),
        ("new-wave", "svar_2026.csv"),
    ),
    Bad(
        "new wave in another encoding than was said",
        put("svar_2026.csv", "resp_id;kön\r\n1;2\r\n".encode("cp1252")),
        told("svar_2026.csv\n", "text that is not in utf-8", "run the command again with another"),
        ("new-wave", "svar_2026.csv", "--encoding", "utf-8"),
    ),
    Bad(
        "demo laid out where there are parameters",
        nothing,
        told("parameters\n", "it is there already", "give another folder"),
        ("demo", "."),
    ),
    Bad(
        "demo of two kinds",
        nothing,
        told("what was asked for\n", "FOLDER and --parameters", "give FOLDER for a new survey"),
        ("demo", "ny", "--parameters", "parameters"),
    ),
    Bad(
        "pulse of parameters without its plan",
        nothing,
        told("parameters/demo.yaml: pulse", "nothing", "restore it"),
        ("demo", "--pulse", "ny"),
    ),
    # -- waves
    Bad(
        "nobody who answered in time",
        text(WAVE, "fieldwork: [2024-09-02, 2024-10-13]", "fieldwork: [2023-09-02, 2023-10-13]"),
        told(f"{DATA}\n", "nobody is left after cleaning: of ", "check age_span, fieldwork and"),
    ),
    Bad(
        "level and areas",
        nothing,
        told("what was asked for\n", "level sdn together with areas", "leave one of them out"),
        ("reports", "sdn:angered", "--level", "sdn"),
    ),
    Bad(
        "unknown wave",
        nothing,
        told("what was asked for: wave", "2O24", "did you mean 2024?"),
        ("check", "--wave", "2O24"),
    ),
    Bad(
        "wave compared with itself",
        nothing,
        told("what was asked for: wave to compare with", "2024\n", "name an earlier wave"),
        ("reports", "--wave", "2024", "--compare-with", "2024"),
    ),
    Bad(
        "wave compared with a later one",
        nothing,
        told("wave to compare with", "2024, which is not before 2022", "name an earlier wave"),
        ("reports", "--wave", "2022", "--compare-with", "2024"),
    ),
    Bad(
        "compared with a wave that isn't there",
        nothing,
        told("what was asked for: wave to compare with", "2020\n", "choose one of them"),
        ("prepare", "--compare-with", "2020"),
    ),
    Bad(
        "unknown wave in reports.yaml",
        text("parameters/reports.yaml", 'wave: "2024"', 'wave: "2025"'),
        told("parameters/reports.yaml: line 8, key wave", "the unknown wave '2025'", "mend"),
    ),
    # -- where reports go, and notebooks
    Bad(
        "a file in the place of reports",
        put("reports", b""),
        told("reports\n", "a file in the place of a folder", "choose another folder"),
        ("prepare",),
    ),
    Bad(
        "a file above reports",
        put("svar", b""),
        told("svar\n", "a file in the place of a folder", "choose another folder"),
        ("prepare", "--output", "svar/reports"),
    ),
    Bad(
        "notebook that is none",
        put("notebooks/2_stadsdel.ipynb", b"{"),
        told("notebooks/2_stadsdel.ipynb\n", "not readable", "check the file's name"),
    ),
    Bad(
        "notebook without parameters",
        put("notebooks/2_stadsdel.ipynb", b'{"cells": []}'),
        told("notebooks/2_stadsdel.ipynb\n", "0 cells tagged parameters", "tag the cell that"),
    ),
    Bad(
        "notebook whose parameters are not Python",
        notebook("wave: str ="),
        told("notebooks/2_stadsdel.ipynb: cell parameters, line 1", "not Python", "mend this line"),
    ),
    Bad(
        "notebook whose parameter has no type",
        notebook("wave = '2024'"),
        told("notebooks/2_stadsdel.ipynb: cell parameters, line 1", "wave = '2024'", "write it so"),
    ),
    Bad(
        "notebook with a parameter of a wrong type",
        notebook("wave: int = '2024'"),
        told("cell parameters, line 1", "wave: int = '2024'", "write it so"),
    ),
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, population: object) -> Path:
    """A folder in which all is well: the default parameters, and made-up answers delivered as if
    they were real, of which one person's are known."""
    from survey_lib.demo.respondents import draw_respondents_of_wave
    from survey_lib.demo.written import write_values

    folder = tmp_path_factory.mktemp("kontor")
    shutil.copytree(ROOT / "parameters", folder / "parameters")
    for name in ("demo.yaml", "waves/2018.yaml", "waves/2020.yaml"):
        (folder / "parameters" / name).unlink()
    for wave in ("2022", "2024"):
        path = folder / "parameters" / "waves" / f"{wave}.yaml"
        spec = path.read_text(encoding="utf-8")
        spec = spec.replace(f"../demo_data/DEMO_{wave}.csv", f"../data/svar_{wave}.csv")
        spec = re.sub(r", responding: \d+", "", spec)  # a part of them only
        lines = [one for one in spec.splitlines() if not one.startswith("demo:")]
        path.write_bytes("\n".join([*lines, ""]).encode())
        respondents = draw_respondents_of_wave(population, wave)
        frame = write_values(population, wave, respondents).iloc[::6].reset_index(drop=True)
        person = {"resp_id": SECRETS[0], "fritext": "Hemlig text, ring 0701234567"}
        for column, value in (person | {"plats1_text": "bakom Annas hus 12"}).items():
            frame.loc[PERSON - 1, column] = value
        deliver(frame, folder / "data" / f"svar_{wave}.csv")
    return folder


@pytest.fixture
def broken(office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to do harm to, and the working folder."""
    folder = tmp_path / "kontor"
    shutil.copytree(office, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(autouse=True)
def _each_yaml_text_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of a run's time is the pure-Python YAML parser, on texts that hardly ever differ."""
    monkeypatch.setattr(YAML, "compose", lambda self, text: _composed(text))


_compose = YAML.compose


@cache
def _composed(text: str) -> object:
    return _compose(YAML(typ="safe", pure=True), text)


def files_in(folder: Path) -> dict[str, bytes | None]:
    """Everything in a folder, the folders too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def trygg(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit code of the program, and all that it says."""
    with pytest.raises(SystemExit) as ended:
        cli.app(list(arguments))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out + said.err


def assert_told(bad: Bad, said: str, folder: Path) -> None:
    """The words in their order; every fault with its four lines; nothing that is nobody's
    business."""
    place = 0
    for words in bad.told:
        assert words in said[place:], f"{words!r} is not in its place in:\n{said}"
        place = said.index(words, place)
    assert said.count("\n  found:    ") == said.count("\n  do this:  ") >= 1
    for unwanted in (*SECRETS, "Traceback", "Error(", str(folder)):
        assert unwanted not in said


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.id)
def test_bad_input_is_one_clear_message(
    bad: Bad, broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad.harm(broken)
    before = files_in(broken)
    code, said = trygg(capsys, *bad.command)
    assert code == cli.BAD_INPUT, said
    assert_told(bad, said, broken)
    assert files_in(broken) == before


WRITING = [one for one in BAD if one.command[0] == "check" and "notebook" not in one.id]


@pytest.mark.parametrize("bad", WRITING[::4], ids=lambda bad: bad.id)
def test_what_check_tells_stops_a_run_before_it_writes(
    bad: Bad, broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if "2O24" not in bad.command:
        bad.harm(broken)
        before = files_in(broken)
        code, said = trygg(capsys, "prepare", *bad.command[1:])
        assert code == cli.BAD_INPUT, said
        assert_told(bad, said, broken)
        assert files_in(broken) == before


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: None,
        text(WAVE, "      needs: 30\n", ""),
    ],
    ids=["needs 30", "needs nothing"],
)
def test_an_area_inside_another_without_answers_is_no_fault(
    harm: Harm, broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harm(broken)
    answers(lambda frame: frame[frame["delomrade_id"] != "del:angered_bergum"])(broken)
    code, said = trygg(capsys, "check", "--wave", "2024")
    assert (code, "analysed and weighted" in said) == (0, True), said


def test_weighting_to_nothing_but_the_totals_is_no_fault(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    margins_gone(broken)
    code, said = trygg(capsys, "check", "--wave", "2024")
    assert code == 0, said


# -- whole runs ------------------------------------------------------------------------------------

TABLES = """\
showing:
  hide_below: 30
  uncertain_below: 100
  sensitive_numerator_below: 5
  confidence: 0.95
  significance: 0.05
profile: [kon]
tables:
  problems: {title: Problem, indicators: [prob_moped_stort], levels: [kommun, sdn]}
"""
CELL_OF_AN_AREA = """\
wave: str = "2024"
area: str = "sdn:centrum"
compare_with: str = ""
parameters: str = "parameters"
reports: str = "reports"
"""
CELL_OF_A_WAVE = 'wave: str = "2024"\nparameters: str = "parameters"\nreports: str = "reports"'
RUN = ("reports", "sdn:centrum", "sdn:lundby", "--compare-with", "", "--workers", "1")


@pytest.fixture
def small(broken: Path) -> Path:
    """One table, and notebooks that take no time."""
    write(broken / "parameters" / "tables.yaml", TABLES.encode())
    for name in ("promises.yaml", "goals.yaml"):
        (broken / "parameters" / name).unlink()
    for name in ("partners", "keys"):
        shutil.rmtree(broken / "parameters" / name)
    write_notebook(broken / "notebooks" / "1_underlag.ipynb", CELL_OF_A_WAVE, "pass")
    return broken


def program(*arguments: str) -> subprocess.Popen[str]:
    """The real program in the working folder, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "survey_lib.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def left_aside(folder: Path) -> list[str]:
    return [name for name in files_in(folder) if ASIDE in name]


def test_the_program_itself_says_it_on_stderr(broken: Path) -> None:
    recoded(DATA, "latin-1")(broken)
    before = files_in(broken)
    running = program("reports")
    out, err = running.communicate(timeout=120)
    assert (running.returncode, out) == (2, "")
    assert f"{DATA}: line 2, byte " in err
    assert "Traceback" not in err and "Annas hus" not in err
    assert files_in(broken) == before


@pytest.mark.parametrize("command", ["check", "prepare"])
def test_a_delivered_file_open_in_excel(
    command: str,
    broken: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened, before = Path.open, files_in(broken)

    def locked(path: Path, *arguments: Any, **named: Any) -> Any:
        if path.name == Path(DATA).name:
            raise in_use()
        return opened(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", locked)
    code, said = trygg(capsys, command, "--wave", "2024")
    monkeypatch.undo()
    assert code == cli.BAD_INPUT, said
    assert f"{DATA}\n  found:    it can't be opened\n" in said
    assert "do this:  close it in Excel or SPSS" in said and said.count("found:") == 1
    assert files_in(broken) == before


def in_use() -> PermissionError:
    """What Windows says of a file that Excel holds."""
    error = PermissionError(13, "The process cannot access the file")
    error.winerror = 32  # type: ignore[attr-defined]
    return error


def test_a_target_open_in_excel(
    small: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def locked(source: Path, target: Path) -> None:
        if Path(target).name == "published":
            raise in_use()
        replace(source, target)

    monkeypatch.setattr(os, "replace", locked)
    code, said = trygg(capsys, "prepare", "--compare-with", "")
    assert code == cli.BAD_INPUT, said
    assert "reports/2024/published\n  found:    it is open in another program" in said
    assert "do this:  close it in Excel" in said
    assert said.count("found:") == 1 and "Traceback" not in said
    assert not left_aside(small)
    assert not (small / "reports" / "2024" / "published").exists()


def test_one_area_that_fails(small: Path) -> None:
    fails = "if area == 'sdn:centrum':\n    open(__import__('os').getcwd() + '/saknas.csv')"
    write_notebook(small / "notebooks" / "2_stadsdel.ipynb", CELL_OF_AN_AREA, fails)
    running = program(*RUN)
    out, err = running.communicate(timeout=120)
    assert running.returncode == cli.SOME_FAILED, out + err
    folder = small / "reports" / "2024"
    page = (folder / "sdn_centrum.html").read_text(encoding="utf-8")
    assert "FileNotFoundError" in page and "saknas.csv" not in page  # kind and place, no value
    assert (folder / "sdn_lundby.html").is_file() and (folder / "underlag.html").is_file()
    index = (folder / "index.html").read_text(encoding="utf-8")
    notebook = (folder / "notebooks" / "sdn_centrum.ipynb").read_text(encoding="utf-8")
    for told in (out, err, page, index, notebook):
        assert str(small) not in told
        assert "Traceback" not in told or told is notebook
    assert re.search("^FAILED +sdn:centrum +Ett oväntat fel", out, re.MULTILINE), out
    assert "1 FAILED" in out
    assert not left_aside(small)


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no Ctrl-C to a process group of its own")
def test_ctrl_c(small: Path) -> None:
    waits = "import time\nif area == 'sdn:lundby':\n    time.sleep(600)"
    write_notebook(small / "notebooks" / "2_stadsdel.ipynb", CELL_OF_AN_AREA, waits)
    running = program(*RUN)
    folder = small / "reports" / "2024"
    begun = time.monotonic()
    while not (folder / "sdn_centrum.html").exists() and time.monotonic() - begun < 100:
        assert running.poll() is None, running.communicate()
        time.sleep(0.1)
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == cli.STOPPED, out + err
    assert "What was finished is kept" in err and "Traceback" not in err
    assert not left_aside(small) and not (folder / "sdn_lundby.html").exists()
    for name in ("index.html", "sdn_centrum.html", "underlag.html"):
        assert (folder / name).read_text(encoding="utf-8").rstrip().endswith("</html>")
