"""Whether the values of a delivered column can be answers to a question, without telling any."""

from __future__ import annotations

import re
from enum import Enum

from survey_lib.answers.coding import OLDEST
from survey_lib.answers.matching import plain, whole_number
from survey_lib.answers.raw import Raw, distinct
from survey_lib.delivery.asked import Asked
from survey_lib.delivery.described import Described
from survey_lib.delivery.office import Office
from survey_lib.vocabulary.questionnaire import (
    DONT_KNOW,
    NO_ANSWER,
    NOT_APPLICABLE,
    Background,
    Item,
)
from survey_lib.vocabulary.waves import MODES

TICKED = frozenset(
    [
        "ja",
        "vald",
        "valt",
        "markerad",
        "ikryssad",
        "kryssad",
        "chosen",
        "checked",
        "selected",
        "yes",
        "true",
    ]
)
UNTICKED = frozenset(
    ["nej", "unchecked", "no", "false"]
    + [f"{no} {word}" for no in ("ej", "inte", "icke", "not") for word in sorted(TICKED)]
)
_SPECIAL = {  # what answers that are no points of a scale are called
    DONT_KNOW: "vet inte|vet ej|ingen åsikt|ingen uppfattning|kan inte svara",
    NOT_APPLICABLE: "ej aktuell|ej aktuellt|inte aktuellt|ska ej besvaras|ej tillämpligt",
    NO_ANSWER: "ej svar|inget svar|svar saknas|uteblivet svar|uppgift saknas|vill inte svara",
}
MEANT = {word: code for code, words in _SPECIAL.items() for word in words.split("|")}
MOST_ANSWERS = 30  # a closed question has no more answers than this
_MANY_AGES = 15  # ages in years differ more than codes of bands do
_MOST_SHARE = 0.6  # of a question's answers must be known for a column to fit
_NEARLY_ALL = 0.95
_TIME = re.compile(r"[0-9]{4}(?:-?[wv][0-9]{1,2}|-[0-9]{2}-[0-9]{2}(?:[ t][0-9:.]+)?)")


class Fit(Enum):
    """What the values say of a match."""

    YES = "its answers fit"
    UNKNOWN = "its answers say nothing"
    NO = "its answers are others"


def fit(asked: Asked, one: Described, raw: Raw, office: Office) -> Fit:
    """Whether the labels of a column (or its values, where it has none) are those of a question."""
    if asked.owner not in office.questionnaire.column_owner.values():
        return Fit.UNKNOWN
    variable = office.questionnaire.variable(asked.owner)
    if isinstance(variable, Item) and variable.kind in ("text", "place"):
        return Fit.NO if one.values else Fit.UNKNOWN
    if isinstance(variable, Background) and variable.years and are_ages(one, raw):
        return Fit.YES
    found = {plain(label) for label in one.values.values()} or _answers(one, raw)
    if not found:
        return Fit.UNKNOWN
    if isinstance(variable, Item) and variable.kind == "multiple":
        option = plain((variable.options or {})[asked.name.removeprefix(f"{asked.owner}_")])
        return Fit.YES if found & (TICKED | UNTICKED | {option}) else Fit.NO
    ours = {plain(label) for label in asked.labels.values()}
    if len(ours & found) >= _MOST_SHARE * len(ours):
        return Fit.YES
    return Fit.UNKNOWN if ours & found else Fit.NO


def _answers(one: Described, raw: Raw) -> set[str]:
    """The words among the values of a column that can be a closed question; no numbers."""
    texts = _texts(one, raw)
    if len(texts) > MOST_ANSWERS:
        return set()
    return {plain(text) for text in texts if whole_number(text) is None}


def _texts(one: Described, raw: Raw) -> list[str]:
    return [text for text in distinct(raw.frame[one.name])[0] if text.strip()]


def are_ages(one: Described, raw: Raw) -> bool:
    """Whether a column holds ages in years."""
    numbers = {number for text in _texts(one, raw) if (number := whole_number(text)) is not None}
    ages = {number for number in numbers if 0 < number <= OLDEST}
    return not one.values and len(ages) > _MANY_AGES and len(ages) >= 0.9 * len(numbers)


def are_numbers_alone(one: Described, raw: Raw) -> bool:
    """Whether a closed question's answers are numbers of which nothing says what they mean."""
    texts = _texts(one, raw)
    words = [text for text in texts if whole_number(text) is None]
    return bool(texts) and not words and not one.values


def are_areas(one: Described, raw: Raw, office: Office) -> bool:
    """Whether nearly every row names an area of the office, several of them in all."""
    areas = office.areas.areas.values()
    known = {plain(word) for area in areas for word in (area.id, area.name, *area.alias)}
    return _share(one, raw, lambda text: plain(text) in known) >= _NEARLY_ALL


def are_weeks(one: Described, raw: Raw) -> bool:
    """Whether nearly every row has a week or a date."""
    return _share(one, raw, lambda text: bool(_TIME.fullmatch(plain(text)))) >= _NEARLY_ALL


def are_modes(one: Described, raw: Raw) -> bool:
    """Whether every row names one of the modes of a wave file."""
    return _share(one, raw, lambda text: plain(text) in MODES) == 1


def nearly_all_differ(one: Described, raw: Raw) -> bool:
    """Whether nearly every row has a value of its own, as ids do."""
    return len(_texts(one, raw)) >= _NEARLY_ALL * len(raw.frame)


def _share(one: Described, raw: Raw, known: object) -> float:
    """The share of filled rows whose value, or its label, is known; 0 for a single value."""
    texts, places = distinct(raw.frame[one.name])
    hits = filled = values = 0
    for k, text in enumerate(texts):
        if not text.strip():
            continue
        rows = int((places == k).sum())
        filled += rows
        label = one.values.get(text, "")
        if known(text) or (label and known(label)):  # type: ignore[operator]
            hits += rows
            values += 1
    return hits / filled if filled and values > 1 else 0.0
