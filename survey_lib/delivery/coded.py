"""What a wave file must say of the values of a matched column, so that they are read as they are
meant: nothing where the reader knows it already, a mapping where the file or its codebook says it,
and a TODO where only a person can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from survey_lib.answers.codebook import Code, Codebook, How, as_told
from survey_lib.answers.columns import AREA, LANGUAGE, MODE
from survey_lib.answers.matching import plain, whole_number
from survey_lib.answers.raw import Raw, distinct
from survey_lib.delivery.asked import Asked
from survey_lib.delivery.described import Described
from survey_lib.delivery.matching import NAMED_IN, SAME_NAME, Match
from survey_lib.delivery.office import Office
from survey_lib.delivery.opening import SurveyFile
from survey_lib.delivery.values import (
    MEANT,
    MOST_ANSWERS,
    TICKED,
    UNTICKED,
    are_ages,
    are_numbers_alone,
)
from survey_lib.vocabulary.questionnaire import (
    DONT_KNOW,
    NO_ANSWER,
    NOT_APPLICABLE,
    Background,
    Item,
)
from survey_lib.vocabulary.waves import MODES

_UNCODED = ("text", "place")


@dataclass(frozen=True)
class Values:
    """What a wave file says of one column beside its name.

    ``mapping``: delivered value -> code of ours. ``undecided``: delivered value -> what a person
    needs to decide its code. ``whole``: the same for the column as a whole; "" for nothing.
    ``scale``: the same for its scale. ``years``: ages to be banded.
    """

    mapping: Mapping[str, Code] = field(default_factory=dict)
    undecided: Mapping[str, str] = field(default_factory=dict)
    whole: str = ""
    scale: str = ""
    years: bool = False

    def __bool__(self) -> bool:
        return bool(self.mapping or self.undecided or self.whole or self.scale or self.years)


def values_of(match: Match, raw: Raw, office: Office) -> Values:
    """What to say of the values of the column that a match is certain of, or suggests."""
    one, asked = match.column, match.asked
    assert one is not None
    q = office.questionnaire
    if asked.owner in (AREA, MODE, LANGUAGE):
        return Values(_paradata(asked, one, raw, office))
    if asked.owner not in q.column_owner.values():
        return Values()
    variable = q.variable(asked.owner)
    if isinstance(variable, Item) and variable.kind in _UNCODED:
        return Values()
    if isinstance(variable, Background) and variable.years and are_ages(one, raw):
        return Values(years=True)
    if match.why != SAME_NAME and not match.why.startswith(NAMED_IN):  # whose codes may be others
        numbers = {whole_number(text) for text in distinct(raw.frame[one.name])[0] if text.strip()}
        ticks = isinstance(variable, Item) and variable.kind == "multiple"
        if are_numbers_alone(one, raw) and not (ticks and numbers <= {0, 1}):
            meant = ", ".join(f"{code} {label}" for code, label in asked.labels.items())
            return Values(whole=f"numbers without labels; write {{}} if they mean: {meant}")
    mapping, undecided = _mapping(asked, variable, one, raw, office)
    return Values(mapping, undecided, scale=_scale(asked, variable, one, office))


def codes_unknown(match: Match, file: SurveyFile, office: Office) -> bool:
    """Whether a person who names another column for a closed question must say what its codes mean,
    since the answers alone don't: the labels stand apart, or nowhere."""
    if (
        not match.asked.labels
        or match.asked.owner not in office.questionnaire.column_owner.values()
    ):
        return False
    if match.column is None:
        return not file.raw.labels and not any(_in_words(one, file.raw) for one in file.described)
    return not file.raw.labels.get(match.column.name) and not _in_words(match.column, file.raw)


def _in_words(one: Described, raw: Raw) -> bool:
    """Whether a closed question's answers are delivered in words."""
    texts = [text for text in distinct(raw.frame[one.name])[0] if text.strip()]
    return 2 <= len(texts) <= MOST_ANSWERS and any(whole_number(text) is None for text in texts)


def _mapping(
    asked: Asked, variable: Item | Background, one: Described, raw: Raw, office: Office
) -> tuple[dict[str, Code], dict[str, str]]:
    codes = office.questionnaire.codes(asked.owner)
    also: dict[str, Code] = {}
    if isinstance(variable, Item) and variable.kind == "multiple":
        option = (variable.options or {})[asked.name.removeprefix(f"{asked.owner}_")]
        also = {option: 1, "true": 1, "false": 0}
    missing = raw.missing.get(one.name, frozenset())
    known = Codebook(codes, None, also, raw.labels.get(one.name), missing)
    told = Codebook(codes, None, also, one.values, missing)
    mapping: dict[str, Code] = {}
    undecided: dict[str, str] = {}
    texts, places = distinct(raw.frame[one.name])
    for text, times in zip(
        texts, np.bincount(places + 1, minlength=len(texts) + 1)[1:], strict=True
    ):
        label, meaning = one.values.get(text, ""), told.meaning(text)
        if not times or not text.strip():
            continue
        if meaning.how not in (How.UNKNOWN, How.LABELLED):
            read = known.meaning(text)
            if read.code != meaning.code or read.how in (How.UNKNOWN, How.LABELLED):
                mapping[text] = meaning.code
        elif also and plain(label or text) in TICKED | UNTICKED:
            mapping[text] = int(plain(label or text) in TICKED)
        elif (code := MEANT.get(plain(label or text))) and code != DONT_KNOW:
            mapping[text] = code
        elif label:
            undecided[text] = _choice(f'"{label}"', told, label)
        elif whole_number(text) is None:
            shown = as_told(text, int(times), codes.values())
            if shown == f'"{text}"':
                undecided[text] = _choice("", told, text)
    if mapping:
        for text, label in one.values.items():
            meaning = told.meaning(text)
            if label and meaning.how not in (How.UNKNOWN, How.LABELLED):
                mapping.setdefault(text, meaning.code)
    order = [*codes, NOT_APPLICABLE, NO_ANSWER]
    return dict(sorted(mapping.items(), key=lambda entry: order.index(entry[1]))), undecided


def _choice(label: str, book: Codebook, text: str) -> str:
    close = book.closest(text)
    hint = f"perhaps {close} {book.codes[close]}; " if close is not None else ""
    return f"{label}{', ' if label else ''}{hint}one of {book.described()}"


def _scale(asked: Asked, variable: Item | Background, one: Described, office: Office) -> str:
    """Whether the answers that the file lists are exactly those of another scale of ours."""
    if isinstance(variable, Background) or variable.scale is None or not one.values:
        return ""
    scales = office.questionnaire.scales
    listed = {plain(label) for label in one.values.values()}
    own = {plain(label) for label in asked.labels.values()}
    if own <= listed:
        return ""
    for name, scale in scales.items():
        labels = {plain(label) for label in scale.labels.values()}
        if labels <= listed and name != variable.scale and len(labels) > len(own & listed) - 1:
            return f"its answers are those of {name}, not of {variable.scale}: write {name}"
    return ""


def _paradata(asked: Asked, one: Described, raw: Raw, office: Office) -> dict[str, Code]:
    """Values whose labels stand apart from the answers; the reader knows those inside the file."""
    found: dict[str, Code] = {}
    if raw.labels.get(one.name):
        return found
    for text, label in one.values.items():
        if asked.owner == AREA:
            if (area := office.area(label)) is not None:
                found[text] = area
        elif asked.owner == LANGUAGE or plain(label) in MODES:
            found[text] = plain(label)
    return found
