"""The parameters that a notebook declares, and what it is given, compared before anything runs.

A notebook declares its parameters in the one cell tagged ``parameters``: a line
``name: type = default`` each. papermill itself only warns about a misspelt name, turns values given
as text into numbers (``0114`` into 114), and breaks on a date; so names and types are settled here
and papermill gets values that it can only repeat.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from survey_lib.faults import BadInput, Fault
from survey_lib.files import shown
from survey_lib.vocabulary.validation import described, did_you_mean, listed

TAG = "parameters"


@dataclass(frozen=True)
class Declared:
    """One declared parameter: its name, the type as written, and its default."""

    name: str
    type: str
    default: Any


def _text(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, str):
        return value
    raise TypeError


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


# The types that a parameters cell may use, and what makes a given value one of them. A date or a
# path given for text becomes text that reads the same everywhere; nothing else is converted.
TYPES: dict[str, Callable[[Any], Any]] = {
    "str": _text,
    "int": _whole,
    "float": _number,
    "bool": _yes_or_no,
    "list[str]": lambda values: [_text(value) for value in _a_list(values)],
}


def _a_list(values: Any) -> list[Any]:
    if not isinstance(values, list | tuple):
        raise TypeError
    return list(values)


def declared_parameters(notebook: Path) -> dict[str, Declared]:
    """What the notebook's parameters cell declares, by name in its order.

    Raises
    ------
    BadInput : the file is no notebook, has no or several cells tagged ``parameters``, or the cell
        holds something else than typed parameters with plain defaults.
    """
    file = shown(notebook)
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        expected, action = "a Jupyter notebook", "check the file's name, or fetch it again"
        found = "no such file" if isinstance(problem, FileNotFoundError) else "not readable"
        raise BadInput(Fault(file, "", found, expected, action)) from problem
    tagged = [cell for cell in cells if TAG in cell.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        expected = f"one cell tagged {TAG}"
        action = f"tag the cell that holds the parameters with {TAG}, and no other"
        raise BadInput(Fault(file, "", f"{len(tagged)} cells tagged {TAG}", expected, action))
    return _declared("".join(tagged[0]["source"]), file)


def _declared(source: str, file: str) -> dict[str, Declared]:
    declared: dict[str, Declared] = {}
    faults: list[Fault] = []
    expected = f"name: type = default, with a type of {', '.join(TYPES)}"
    try:
        statements = ast.parse(source).body
    except SyntaxError as problem:
        place = f"cell {TAG}, line {problem.lineno}"
        raise BadInput(Fault(file, place, "not Python", expected, "mend this line")) from problem
    for line in statements:
        try:
            if not isinstance(line, ast.AnnAssign) or line.value is None:
                raise TypeError
            name, kind = ast.unparse(line.target), ast.unparse(line.annotation)
            declared[name] = Declared(name, kind, TYPES[kind](ast.literal_eval(line.value)))
        except (KeyError, TypeError, ValueError):
            place = f"cell {TAG}, line {line.lineno}"
            faults.append(Fault(file, place, ast.unparse(line), expected, "write it so"))
    if faults:
        raise BadInput(faults)
    return declared


def checked_values(
    given: Mapping[str, Any], declared: Mapping[str, Declared], notebook: Path
) -> dict[str, Any]:
    """The given values as the notebook's declared types; what isn't given keeps its default.

    Raises
    ------
    BadInput : a name that the notebook doesn't declare, or a value of another type. All of them.
    """
    file, faults, values = shown(notebook), [], {}
    for name, value in given.items():
        if name not in declared:
            action = did_you_mean(name, declared) or "leave it out, or declare it in the notebook"
            expected = f"one of {listed(declared)}"
            faults.append(Fault(file, f"parameter {name}", "not declared", expected, action))
            continue
        kind = declared[name].type
        try:
            values[name] = TYPES[kind](value)
        except TypeError:
            found, expected = described(value), f"a value of type {kind}"
            action = f"give {name} a value of type {kind}"
            faults.append(Fault(file, f"parameter {name}", found, expected, action))
    if faults:
        raise BadInput(faults)
    return values
