"""A delivered file as it stands: every value a text, nothing yet understood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from survey_lib.answers.matching import plain


@dataclass(frozen=True, eq=False)
class Raw:
    """The columns that were looked for, out of one delivered file.

    Attributes
    ----------
    shown : the file as messages name it.
    names : every column name in the file, in order; also those that are not read.
    frame : one row per delivered row, index = row number (the first row below the header is 1);
        one categorical column of texts per column that was looked for; missing = nothing delivered.
    numbers : columns whose values were numbers in the file, so that "." is their decimal sign.
    labels : column -> delivered value -> its label, where the file carries labels (SPSS).
    missing : column -> delivered values that the file itself declares missing (SPSS).
    """

    shown: str
    names: tuple[str, ...]
    frame: pd.DataFrame
    numbers: frozenset[str] = frozenset()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[str, frozenset[str]] = field(default_factory=dict)


def distinct(column: pd.Series) -> tuple[list[str], np.ndarray]:
    """The distinct texts of a raw column, and each row's place among them (-1 = nothing)."""
    return list(column.cat.categories), column.cat.codes.to_numpy()


def text_of(value: Any) -> str:
    """A typed cell as text: 3.0 is "3", 2.5 is "2.5", a date is "2024-09-02"."""
    if isinstance(value, str):
        return value
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    if isinstance(value, datetime):
        return (
            value.isoformat(" ")
            if value.time() != datetime.min.time()
            else value.date().isoformat()
        )
    return value.isoformat() if isinstance(value, date) else str(value)


def text_column(values: Sequence[Any], places: np.ndarray) -> pd.Categorical:
    """Distinct typed values and each row's place among them (-1 = nothing), as texts."""
    texts = [text_of(value) for value in values]
    categories = list(dict.fromkeys(texts))
    if len(categories) < len(texts):  # "1" and 1 in one column
        position = {text: place for place, text in enumerate(categories)}
        merged = np.array([position[text] for text in texts] + [-1])
        places = merged[places]
    return pd.Categorical.from_codes(places, categories=pd.Index(categories, dtype="str"))


def positions(names: Sequence[str], wanted: Iterable[str]) -> list[int]:
    """Which of a file's columns are wanted, case, spaces and composition apart."""
    keys = {plain(name) for name in wanted}
    return [position for position, name in enumerate(names) if plain(name) in keys]
