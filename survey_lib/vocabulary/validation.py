"""From pydantic's errors to faults a person can act on, and the part of the data that is usable.

``validated(model, source)`` notes every schema fault of a file with its line and key. The parts at
fault are then left out, so that the rest of the file can still be checked against the other files
in the same run; names that were left out are remembered, and nobody is told that they are missing.
"""

from __future__ import annotations

import copy
import difflib
import re
import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from survey_lib.vocabulary.source import TODO, KeyPath, Source

M = TypeVar("M", bound=BaseModel)

_TYPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number, with a decimal point",
    "bool_type": "true or false",
    "date_type": "a date as 2024-09-02",
    "list_type": "a list, [a, b]",
    "tuple_type": "a list, [a, b]",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
}

_DECLARED = {  # where a name of each kind can be added, "" for nowhere; others: the questionnaire
    "area": "areas.csv",
    "level": "areas.yaml",
    "level with reports": "areas.yaml",
    "wave": "waves/",
    "place or area": "places.csv or areas.csv",
    "population file": "population/ as a CSV, id;persons or, of a margin, id;its variables;persons",
    "stratum": "strata:",
    "section": "",
    "indicator of the table": "its indicators:",
    "published indicator": "a table of tables.yaml",
}

_LIMITS = {
    "greater_than": "more than",
    "greater_than_equal": "at least",
    "less_than": "less than",
    "less_than_equal": "at most",
}


def did_you_mean(word: object, known: Iterable[object]) -> str:
    """``did you mean x?`` when something known is close to the word, else "". A number is not a
    misspelt other number: nobody who writes 2020 means 2024."""
    if str(word).isdigit():
        return ""
    close = difflib.get_close_matches(str(word), [str(name) for name in known], n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else ""


def listed(names: Iterable[object], most: int = 12) -> str:
    """Names as text, shortened after ``most``."""
    every = [str(name) for name in names]
    more = f", … ({len(every)} in all)" if len(every) > most else ""
    return ", ".join(every[:most]) + more


def described(value: Any) -> str:
    """What stands there, in the words of someone who edits YAML."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f"the date {value.isoformat()}"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value[:60]!r}" if value else "an empty text"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, dict):
        return f"keys ({listed(value, 4)})" if value else "an empty map"
    return type(value).__name__


def validated(model: type[M], source: Source) -> tuple[M | None, set[str]]:
    """The model of a file's data, and the names that had to be left out because of a fault.

    The faults are noted in ``source``. None when nothing usable is left.
    """
    if source.data is None:
        return None, set()
    try:
        return model.model_validate(source.data), set()
    except ValidationError as error:
        _note(error, model, source)
    usable = copy.deepcopy(source.data)
    left_out: set[str] = set()
    for _ in range(12):
        try:
            return model.model_validate(usable), left_out
        except ValidationError as error:
            for detail in error.errors():
                if not _leave_out(usable, detail, left_out):
                    return None, left_out
    return None, left_out


def _leave_out(data: Any, detail: Any, left_out: set[str]) -> bool:
    """Removes the part at fault from the data; False when that is the whole of it."""
    path = _data_path(data, detail["loc"])  # of what lacks a key: the part that lacks it
    if not path:
        return False
    parent = data
    for part in path[:-1]:
        parent = parent[part]
    left_out |= {str(path[-1]), *names_below(parent[path[-1]])}
    del parent[path[-1]]
    return True


def names_below(value: Any) -> Iterable[str]:
    """Every key in a part of a file's data, at any depth."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield str(key)
            yield from names_below(below)
    elif isinstance(value, list):
        for below in value:
            yield from names_below(below)


def _data_path(data: Any, location: Iterable[Any]) -> KeyPath:
    """The part of pydantic's location that exists in the data (union branches do not)."""
    path: list[Any] = []
    for part in location:
        if (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        ):
            data = data[part]
        else:
            break
        path.append(part)
    return tuple(path)


def _note(error: ValidationError, model: type[BaseModel], source: Source) -> None:
    """One fault per place, with the alternatives of a union told together."""
    by_place: dict[KeyPath, list[Any]] = {}
    for detail in error.errors():
        path = _data_path(source.data, detail["loc"])
        if detail["type"] == "missing" and isinstance(detail["loc"][-1], str):
            path = (*path, detail["loc"][-1])
        by_place.setdefault(path, []).append(detail)
    for path, details in by_place.items():
        if path in source.undecided:
            continue
        found, expected, action = _explained(path, details, model)
        source.fault(path, found, expected, action)


def _explained(path: KeyPath, details: list[Any], model: type[BaseModel]) -> tuple[str, str, str]:
    first = details[0]
    kind, value = first["type"], first["input"]
    name = path[-1] if path else ""
    if kind == "extra_forbidden":
        known = list(_fields_at(model, path[:-1]))
        hint = did_you_mean(name, known)
        return (
            f"the unknown key {name}",
            hint or f"one of {listed(known, 30)}",
            "mend or remove the key",
        )
    if kind == "missing" and isinstance(first["loc"][-1], int):
        return described(value), "one value more", "add the value"
    field = _fields_at(model, path[:-1]).get(str(name)) if path else None
    example = "".join(f" {one}" for one in (field and field.examples) or ())
    if kind == "missing":
        return f"no key {name}", f"the key {name}", f"add {name}:{example}"
    if kind == "literal_error":
        expected = first["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
        hint = did_you_mean(value, expected.split(", "))
        return described(value), f"one of {expected}", hint or "write one of these"
    if kind == "too_short":
        least = first["ctx"]["min_length"]
        return described(value), f"{least} or more values", "add what is missing"
    if kind == "too_long":
        return described(value), f"{first['ctx']['max_length']} values", "remove values"
    if kind == "invalid_key":  # in braces a comma separates: {share: 0,95}
        return f"the key {name}", "a word as key", "write decimals with a point, or quote the key"
    if kind in _LIMITS:
        limit = next(iter(first["ctx"].values()))
        return described(value), f"{_LIMITS[kind]} {limit:g}", "mend the number"
    if kind == "value_error":  # a check of the model's own says what it expects
        return described(value), str(first["ctx"]["error"]), "mend the values"
    wanted = list(dict.fromkeys(_TYPES.get(detail["type"], detail["msg"]) for detail in details))
    action = f"write  {name}:{example}" if example else _type_action(wanted, value, name)
    return described(value), " or ".join(wanted), action


def _type_action(wanted: list[str], value: Any, name: Any) -> str:
    if "text" in wanted and isinstance(value, (int, float, bool, date)):
        return f'put it in quotes: "{value}"'
    if any("number" in want for want in wanted) and isinstance(value, str):
        if value.replace(",", "", 1).lstrip("-").isdigit() and "," in value:
            return f"write {value.replace(',', '.')}"
        return "write a number without quotes"
    if value is None:
        return f"fill in {name}, or remove the key where it may be left out"
    if wanted == [_TYPES["date_type"]] and isinstance(value, str):
        return "write year-month-day without quotes"
    if "a list, [a, b]" in wanted:
        return "write it in brackets"
    if "keys and values" in wanted:
        return "write  key: value  on lines of their own, or {} for none"
    return "mend the value"


def _fields_at(model: Any, path: KeyPath) -> dict[str, FieldInfo]:
    """The keys that the models allow at a path."""
    annotation: Any = model
    for part in path:
        annotation = _step(annotation, part)
    found: dict[str, FieldInfo] = {}
    for candidate in _alternatives(annotation):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            found |= candidate.model_fields
    return found


def _step(annotation: Any, part: str | int) -> Any:
    for candidate in _alternatives(annotation):
        arguments = typing.get_args(candidate)
        if typing.get_origin(candidate) is dict:
            return arguments[1]
        if typing.get_origin(candidate) in (list, tuple):
            return arguments[0]
        fields = getattr(candidate, "model_fields", {})
        if part in fields:
            return fields[part].annotation
    return None


def _alternatives(annotation: Any) -> list[Any]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [
            candidate for candidate in typing.get_args(annotation) if candidate is not type(None)
        ]
    return [annotation]


@dataclass(frozen=True)
class Names:
    """Names that may be referred to, and names that were left out because of an earlier fault."""

    left_out: frozenset[str] = frozenset()

    def may_hold(self, word: object) -> bool:
        """Whether a word could come from something left out: it is made of that name, or that
        name is the word misspelt."""
        if difflib.get_close_matches(str(word), self.left_out, n=1, cutoff=0.85):
            return True
        parts = f"_{str(word).casefold()}_"
        stripped = (re.sub(r"\{.*?\}", "", left).strip("_") for left in self.left_out)
        return any(f"_{left.casefold()}_" in parts for left in stripped if left)

    def require(
        self, source: Source, path: KeyPath, what: str, word: object, known: Iterable[object]
    ) -> bool:
        """Whether ``word`` is known; when not, notes a fault at the key path, with a suggestion.

        A word that has to do with something left out is passed over in silence: its own fault has
        been told already.
        """
        known = list(known)
        if word in known:
            return True
        if word == TODO or self.may_hold(word):
            return False
        hint = did_you_mean(word, known)
        expected = hint or (f"one of {listed(known)}" if known else "there is none")
        where = _DECLARED.get(what, "questionnaire.yaml")
        action = "mend the name" + (f", or add it to {where}" if where else "")
        source.fault(path, f"the unknown {what} {word!r}", expected, action)
        return False
