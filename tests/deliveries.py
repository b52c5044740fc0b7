"""One wave's answers as three survey companies would deliver them: columns renamed and shuffled,
codes of their own, questions and answers in Swedish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from survey_lib.answers import Answers
from survey_lib.vocabulary import Background, Item, Parameters

Codes = dict[int | str, tuple[int, str]]  # our code -> the company's code and label


@dataclass
class Asked:
    """One column of the wave: our name, a question as the company words it, and its answers."""

    name: str
    question: str
    codes: Codes | None = None  # None: written as it stands


def sav(answers: Answers, parameters: Parameters, path: Path) -> dict[str, str]:
    """An SPSS file: codes that run the other way, whole questions as labels. Gives our names ->
    the file's, as do the others."""
    import pyreadstat

    asked = _shuffled(_asked(answers, parameters, _whole), seed=1)
    columns, labels, values = {}, {}, {}
    for number, one in enumerate(asked, 1):
        name = f"Q{number}"
        columns[name] = _coded(answers.frame[_source(one)], one, label=False)
        labels[name] = f"Q{number}. {one.question}"
        if one.codes:
            values[name] = dict(one.codes.values())
    frame = pd.DataFrame(columns)
    pyreadstat.write_sav(frame, str(path), column_labels=labels, variable_value_labels=values)
    return {one.name: f"Q{number}" for number, one in enumerate(asked, 1)}


def csv(answers: Answers, parameters: Parameters, path: Path) -> dict[str, str]:
    """A text file of an old Windows program: two lines above the header, questions as names, the
    answers in words, decimal commas, semicolons."""
    asked = _shuffled(_asked(answers, parameters, _whole), seed=2)
    columns = {}
    for one in asked:
        values = _coded(answers.frame[_source(one)], one, label=True)
        if one.name == "alder_grp":
            values = values.map(lambda age: f"{age:.1f}".replace(".", ","), na_action="ignore")
        columns[one.question] = values
    text = pd.DataFrame(columns).to_csv(sep=";", index=False, lineterminator="\r\n")
    head = "Trygghetsundersökning, levererad av Fältbolaget\r\n\r\n"
    path.write_bytes((head + text.replace("–", "-")).encode("latin-1"))
    return {one.name: one.question.replace("–", "-") for one in asked}


def excel(answers: Answers, parameters: Parameters, path: Path) -> dict[str, str]:
    """A workbook: what it is, the answers as codes, short labels of the variables, and of the
    values."""
    import openpyxl

    asked = _shuffled(_asked(answers, parameters, _short), seed=3)
    book = openpyxl.Workbook()
    del book["Sheet"]
    book.create_sheet("Läs mig").append(["Leverans av svar, se flikarna"])
    sheet = book.create_sheet("Svar")
    names = [f"V{number:03d}" for number, _ in enumerate(asked, 1)]
    sheet.append(names)
    columns = [_coded(answers.frame[_source(one)], one, label=False) for one in asked]
    for row in zip(*columns, strict=True):
        sheet.append([None if pd.isna(cell) else cell for cell in row])
    sheet = book.create_sheet("Variabler")
    sheet.append(["Variabel", "Etikett"])
    for name, one in zip(names, asked, strict=True):
        sheet.append([name, one.question])
    sheet = book.create_sheet("Värden")
    sheet.append(["Variabel", "Kod", "Etikett"])
    for name, one in zip(names, asked, strict=True):
        for code, label in (one.codes or {}).values():
            sheet.append([name, code, label])
    book.save(path)
    return {one.name: name for name, one in zip(names, asked, strict=True)}


DELIVERIES: dict[str, Callable[[Answers, Parameters, Path], dict[str, str]]] = {
    "svar.sav": sav,
    "svar.csv": csv,
    "svar.xlsx": excel,
}


# -- what was asked --------------------------------------------------------------------------------


def _asked(
    answers: Answers, parameters: Parameters, worded: Callable[[str, str, Parameters], str]
) -> list[Asked]:
    q, frame = parameters.questionnaire, answers.frame
    areas = frame["area"].cat.categories
    named = {area: (k, parameters.areas.name(area)) for k, area in enumerate(areas, 101)}
    modes = {mode: (k, mode.capitalize()) for k, mode in enumerate(frame["mode"].cat.categories, 1)}
    found = [
        Asked("respondent", "Löpnummer"),
        Asked("area", "Område där du bor", named),
        Asked("mode", "Hur svaret kom in", modes),
        Asked("language", "Språk"),
        Asked("week", "Svarsvecka"),
    ]
    for name in (*q.background, *q.items, *q.place_items):
        for column in q.columns(name):
            if column in frame:
                question = worded(name, column, parameters)
                found.append(Asked(column, question, _codes(name, column, parameters)))
    return found


def _codes(name: str, column: str, parameters: Parameters) -> Codes | None:
    """The company's codes: from 1 from the last answer to the first, 995 to 998 for the special
    ones."""
    variable = parameters.questionnaire.variable(name)
    if isinstance(variable, Background) and variable.years:
        return None
    if isinstance(variable, Item) and variable.kind in ("text", "place"):
        return None
    if isinstance(variable, Item) and variable.kind == "multiple":
        return {0: (0, "Ej vald"), 1: (1, "Vald"), 97: (997, "Ej aktuell")}
    codes = parameters.questionnaire.codes(name)
    substantive = [code for code in codes if not isinstance(code, int) or code < 96]
    found = {code: (k, codes[code]) for k, code in enumerate(reversed(substantive), 1)}
    special = [code for code in codes if code not in substantive and code != 99]
    return found | {code: (900 + int(code), codes[code]) for code in special}


def _whole(name: str, column: str, parameters: Parameters) -> str:
    """A question as it was asked, and what was ticked after it."""
    q, wave = parameters.questionnaire, parameters.waves["2024"]
    variable = q.variable(name)
    loop = f"Plats {name[5]}: " if name in q.place_items else ""
    if isinstance(variable, Item) and variable.kind == "multiple":
        option = (variable.options or {})[column.removeprefix(f"{name}_")]
        return f"{loop}{variable.text} - {option}"
    return f"{loop}{q.text(name, wave)}"


REWORDED = {
    "kons_flytta": "Tankar på att flytta någon annanstans",
    "fort_polis": "Hur förtroendet är: polisen",
    "boendetid": "Hur länge man bott i området",
}


def _short(name: str, column: str, parameters: Parameters) -> str:
    """The label of a question, of a row of a battery its own words only; some in other words."""
    variable = parameters.questionnaire.variable(name)
    loop = f"Plats {name[5]} " if name in parameters.questionnaire.place_items else ""
    if isinstance(variable, Item) and variable.kind == "multiple":
        option = (variable.options or {})[column.removeprefix(f"{name}_")]
        return f"{loop}{variable.label}: {option}"
    return REWORDED.get(name, f"{loop}{variable.label}")


# -- how it is written -----------------------------------------------------------------------------


def _source(one: Asked) -> str:
    return "age" if one.name == "alder_grp" else one.name


def _coded(values: pd.Series, one: Asked, *, label: bool) -> pd.Series:
    """The values as the company writes them, missing where nothing was answered."""
    values = values.astype(object)
    if one.codes is None:
        return values.where(values.notna(), None)
    written = {code: said[1] if label else said[0] for code, said in one.codes.items()}
    return values.map(written)


def _shuffled(asked: list[Asked], seed: int) -> list[Asked]:
    return [asked[k] for k in np.random.default_rng(seed).permutation(len(asked))]
