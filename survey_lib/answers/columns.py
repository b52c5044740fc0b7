"""Which columns a wave's file should hold, by our names, and which delivered ones they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from survey_lib.answers.matching import did_you_mean, plain, suggestion
from survey_lib.answers.model import Faults
from survey_lib.answers.raw import Raw
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.questionnaire import Item, Questionnaire
from survey_lib.vocabulary.waves import PARADATA, Variable, Wave

RESPONDENT, AREA, STRATUM, PSU, MODE, LANGUAGE, WEEK = PARADATA
FINER_AREA = "area.finer"
WEIGHT = "weight"
_ALWAYS = (RESPONDENT, AREA)


@dataclass(frozen=True, eq=False)
class Column:
    """One column of ours.

    Attributes
    ----------
    name : our name: answer column, background variable, paradata or ``weight``.
    owner : the item or variable it belongs to; differs from ``name`` for an option of an item with
        several ticks.
    delivered : what it is called in the file.
    declared : the wave file names it, so it must be there.
    loop : columns of one loop ("plats1") may be missing together; "" for those that must be there.
    optional : may be missing.
    """

    name: str
    owner: str
    delivered: str
    spec: Variable
    declared: bool = False
    loop: str = ""
    optional: bool = False


def expected_columns(parameters: Parameters, wave: Wave) -> list[Column]:
    """Every column that the wave's file should or may hold: what was asked, and paradata.

    Items, background variables and the columns ``respondent`` and ``area`` must be there unless
    the wave lists them under ``not_asked``. Texts and other paradata are read when they are there.
    """
    found = []
    for name in PARADATA:
        spec = wave.variables.get(name)
        if name in wave.not_asked:
            continue
        if spec is None:
            found.append(Column(name, name, name, Variable(), optional=name not in _ALWAYS))
            continue
        found.append(Column(name, name, spec.column or name, spec, declared=True))
        if spec.finer:
            found.append(Column(FINER_AREA, name, spec.finer.column, spec, declared=True))
    if wave.weighting.delivered:
        delivered = wave.weighting.delivered
        found.append(Column(WEIGHT, WEIGHT, delivered, Variable(), declared=True))
    found.extend(_of_questionnaire(parameters.questionnaire, wave))
    return found


def _of_questionnaire(questionnaire: Questionnaire, wave: Wave) -> Iterator[Column]:
    for name in (*questionnaire.background, *questionnaire.items, *questionnaire.place_items):
        if name in wave.not_asked:
            continue
        variable = questionnaire.variable(name)
        optional = isinstance(variable, Item) and variable.kind in ("text", "place")
        loop = name.partition("_")[0] if name in questionnaire.place_items and not optional else ""
        whole = wave.variables.get(name)
        for column in questionnaire.columns(name):
            if column in wave.not_asked:
                continue
            own = wave.variables.get(column)
            delivered = column
            if own and own.column:
                delivered = own.column
            elif whole and whole.column:  # with several ticks: what its options' columns begin with
                delivered = whole.column + column.removeprefix(name)
            spec = Variable(
                values={**((whole and whole.values) or {}), **((own and own.values) or {})},
                years=bool(whole and whole.years),
            )
            yield Column(column, name, delivered, spec, delivered != column, loop, optional)


def found_columns(raw: Raw, expected: list[Column], faults: Faults) -> dict[Column, str]:
    """Our columns that the file holds -> the name as it stands in the file.

    Notes a fault for each column that must be there and isn't (with the closest unused name), and
    for each that two columns of the file could be.
    """
    by_key: dict[str, list[str]] = {}
    for name in dict.fromkeys(raw.names):
        by_key.setdefault(plain(name), []).append(name)
    times = Counter(raw.names)
    found: dict[Column, str] = {}
    missing = []
    for column in expected:
        close = by_key.get(plain(column.delivered), [])
        names = [column.delivered] if column.delivered in close else close
        if len(names) > 1 or any(times[name] > 1 for name in names):
            count = sum(times[name] for name in names)
            faults.note(
                f'column "{column.delivered}"',
                f"{count} columns with this name",
                "each column name once",
                "rename or remove one of them in the file",
            )
        elif names:
            found[column] = names[0]
        else:
            missing.append(column)
    loops = {column.loop for column in found if column.loop}
    unused = [name for name in times if name and name not in found.values()]
    for column in missing:
        if column.declared or (not column.optional and (not column.loop or column.loop in loops)):
            _note_missing(column, unused, faults)
    return found


def _note_missing(column: Column, unused: list[str], faults: Faults) -> None:
    hint = did_you_mean(column.delivered, unused)
    if column.declared:
        key = {WEIGHT: "weighting.delivered", FINER_AREA: "variables.area.finer.column"}
        found = f'the column "{column.delivered}", which {faults.shown} does not have{hint}'
        where = key.get(column.name, f"variables.{column.name}.column")
        faults.note_wave(where, found, "the name of a column in the file", "mend the name")
    else:
        meant = suggestion(column.delivered, unused) or "its name in the file"
        action = faults.under("variables", f'{column.name}: {{column: "{meant}"}}')
        action += f"  (or, if it was not asked, under not_asked:, the line  - {column.owner})"
        faults.note("", f'no column "{column.delivered}"{hint}', f"a column {column.name}", action)
