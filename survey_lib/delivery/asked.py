"""What a wave's file should hold, and every way in which a deliverer may describe it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from survey_lib.answers.columns import AREA, LANGUAGE, MODE, PSU, RESPONDENT, STRATUM, WEEK, WEIGHT
from survey_lib.delivery.described import key
from survey_lib.delivery.office import Office
from survey_lib.vocabulary.questionnaire import Background, Item, Questionnaire
from survey_lib.vocabulary.waves import PARADATA

USUAL_NAMES = {
    RESPONDENT: "id respid respondentid respondent svarsid lopnr lopnummer enkatid personid",
    AREA: "omrade omradesid delomrade delomradeid bostadsomrade area",
    STRATUM: "stratum strata",
    PSU: "psu upm kluster",
    MODE: "insamling insamlingssatt svarssatt metod kanal mode",
    LANGUAGE: "sprak svarssprak language lang",
    WEEK: "vecka datumvecka datum svarsdatum inkomstdatum date week",
    WEIGHT: "vikt kalibreringsvikt kalvikt personvikt weight",
}
"""What paradata is often called. Such a name suggests; it decides nothing."""


@dataclass(frozen=True)
class Asked:
    """A column that a wave's file should hold.

    Attributes
    ----------
    name : our name.
    owner : the item, background variable or paradata it belongs to.
    wordings : how its question may be written: whole, or short.
    labels : code -> label, substantive answers only; empty for texts, places and paradata.
    keys : names that surely mean it (:func:`~survey_lib.delivery.described.key`), with the wave
        that used them; "" for our own.
    needed : the file must hold it unless it was not asked.
    """

    name: str
    owner: str
    wordings: tuple[str, ...] = ()
    labels: Mapping[int | str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    needed: bool = True


def asked_columns(office: Office) -> list[Asked]:
    """Every column of the questionnaire, and paradata, in the order of a wave file."""
    q = office.questionnaire
    found = []
    for name in (*PARADATA, WEIGHT):
        keys = _keys(name, name, office)
        found.append(Asked(name, name, keys=keys, needed=name in (RESPONDENT, AREA)))
    for name in (*q.background, *q.items, *q.place_items):
        variable = q.variable(name)
        optional = isinstance(variable, Item) and variable.kind in ("text", "place")
        for column in q.columns(name):
            wordings = tuple(dict.fromkeys(_wordings(q, name, column)))
            keys = _keys(column, name, office)
            needed = not optional and name not in q.place_items
            found.append(Asked(column, name, wordings, q.labels(name), keys, needed))
    return found


def _keys(column: str, owner: str, office: Office) -> dict[str, str]:
    """Our own name, then what earlier waves called the column, the latest first."""
    found = {key(column): ""}
    for wave in office.waves:
        own, whole = wave.variables.get(column), wave.variables.get(owner)
        if own and own.column:
            found.setdefault(key(own.column), wave.id)
        elif whole and whole.column:
            found.setdefault(key(whole.column + column.removeprefix(owner)), wave.id)
    return found


def _wordings(q: Questionnaire, name: str, column: str) -> Iterator[str]:
    """A question as it may stand in a file: with its stem, without it, and its short label."""
    variable = q.variable(name)
    if isinstance(variable, Background):
        yield from (variable.text or variable.label, variable.label)
        return
    loop = f"Plats {name.removeprefix('plats')[0]} " if name in q.place_items else ""
    battery = q.battery_of(name)
    if variable.kind == "place":  # ids made of what was written: only their name tells them
        return
    if variable.kind == "multiple":
        option = (variable.options or {})[column.removeprefix(f"{name}_")]
        for above in (variable.text, variable.label):
            yield f"{loop}{above} – {option}"
            yield f"{loop}{option} – {above}"
        if not loop:
            yield option
    elif battery:
        rows = q.batteries[battery].items[name]
        for row in dict.fromkeys((rows.text or rows.label, rows.label)):
            yield f"{q.batteries[battery].stem} – {row}"
            yield row
        yield variable.text
    else:
        yield from (loop + variable.text, loop + variable.label)
