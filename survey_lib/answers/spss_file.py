"""SPSS files (.sav, .zsav) into texts, with the labels and missing values that they carry.

An SPSS file says which encoding its texts are in. An ``encoding`` in the wave file is for old files
that say it wrongly or not at all.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from survey_lib.answers.delivered import NAMES, Delivered, damaged
from survey_lib.answers.header import header_of_names
from survey_lib.answers.raw import Raw, positions, text_column, text_of
from survey_lib.faults import BadInput

_ICONV = {"iso8859-1": "ISO-8859-1", "mac-roman": "MACINTOSH"}  # where Python's names differ


@dataclass(frozen=True, eq=False)
class _Tables:
    """What the library gives: all column names, the wanted columns, and what is said of them."""

    names: list[str]
    used: list[str]
    table: pd.DataFrame
    about: Any


def read_sav(delivered: Delivered, wanted: Iterable[str]) -> Raw:
    """The wanted columns of an SPSS file, with value labels and what it declares missing.

    Raises
    ------
    BadInput
        Cut off or damaged, texts that aren't in the encoding it says, none of the wanted names.
    """
    with damaged(delivered.shown, NAMES["sav"]):
        found = _tables(delivered, list(wanted))
    columns, labels, missing = {}, {}, {}
    for name in found.used:
        places, values = pd.factorize(found.table[name])
        values = [value.item() if isinstance(value, np.generic) else value for value in values]
        columns[name] = text_column(values, places)
        own = found.about.variable_value_labels.get(name, {})
        labels[name] = {text_of(value): label for value, label in own.items()}
        ranges = found.about.missing_ranges.get(name, [])
        missing[name] = frozenset(text_of(value) for value in values if _in_ranges(value, ranges))
    numbers = frozenset(name for name in found.used if found.table[name].dtype.kind in "fiu")
    frame = pd.DataFrame(columns, index=pd.RangeIndex(1, len(found.table) + 1), copy=False)
    return Raw(delivered.shown, tuple(found.names), frame, numbers, labels, missing)


def _tables(delivered: Delivered, wanted: list[str]) -> _Tables:
    """The file in the encoding that it says, or else in the one that the wave file says."""
    from pyreadstat import ReadstatError

    named = delivered.file.encoding
    found = None
    try:
        found = _read(delivered, wanted, None)
    except (ReadstatError, UnicodeDecodeError) as error:
        if named is None or not _of_encoding(error):
            raise _fault(delivered, error) from error
    if found is not None and (named is None or found.about.file_encoding == "UTF-8"):
        if named is not None and codecs.lookup(named).name != "utf-8":
            action = f"remove encoding: under file: in {delivered.wave_file}; the file knows it"
            expected = f"{named}, as the wave file says"
            raise delivered.fault("", "texts in UTF-8", expected, action)
        return found
    try:
        codec = codecs.lookup(str(named)).name
        return _read(delivered, wanted, _ICONV.get(codec, codec))
    except (ReadstatError, UnicodeDecodeError) as error:
        raise _fault(delivered, error) from error


def _read(delivered: Delivered, wanted: list[str], encoding: str | None) -> _Tables:
    import pyreadstat

    def read(**more: Any) -> tuple[pd.DataFrame, Any]:
        return pyreadstat.read_sav(io.BytesIO(delivered.content), encoding=encoding, **more)

    names = read(metadataonly=True)[1].column_names
    header = header_of_names(delivered, names, wanted)
    used = [names[k] for k in positions(header.names, wanted)]
    return _Tables(names, used, *read(usecols=used, user_missing=True))


def _in_ranges(value: Any, ranges: Sequence[dict[str, Any]]) -> bool:
    """Whether SPSS counts a value as missing; ranges hold numbers, or texts for text variables."""
    kind = str if isinstance(value, str) else (int, float)
    return isinstance(value, kind) and any(one["lo"] <= value <= one["hi"] for one in ranges)


def _of_encoding(error: Exception) -> bool:
    return isinstance(error, UnicodeDecodeError) or "convert string" in str(error)


def _fault(delivered: Delivered, error: Exception) -> BadInput:
    if _of_encoding(error):
        said = delivered.file.encoding
        found = f"texts that are not in {said or 'the encoding that the file says'}"
        return delivered.fault("", found, "readable texts", delivered.write("encoding: cp1252"))
    found = f"cut off or damaged ({error})"  # the library's fixed phrases; they quote no value
    return delivered.fault("", found, NAMES["sav"], "fetch or export the file again")
