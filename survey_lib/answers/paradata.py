"""What stands beside the answers: who (as a random token), weight, how and when."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from survey_lib.answers.codebook import as_told
from survey_lib.answers.coding import rows_told
from survey_lib.answers.columns import Column
from survey_lib.answers.matching import plain
from survey_lib.answers.model import Faults
from survey_lib.answers.raw import Raw, distinct
from survey_lib.answers.traces import new_tokens
from survey_lib.vocabulary.validation import listed
from survey_lib.vocabulary.waves import Wave

_WEEK = re.compile(r"([0-9]{4})-?[wv]([0-9]{1,2})")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ t][0-9:.]+)?")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?(?:e[+-]?[0-9]+)?")
_THOUSAND = re.compile(r"[0-9]{1,3}[.,][0-9]{3}")


def tokens(raw: Raw, name: str | None, wave: Wave, faults: Faults) -> np.ndarray:
    """A random token for each delivered id, (n,) text of 16 hexadecimal digits.

    Two rows with one id get one token. Without an id column each row is a person. Notes a fault
    for blank ids, and for duplicates unless the wave file says what to do with them.
    """
    rows = len(raw.frame)
    if name is None:
        places = np.arange(rows)
    else:
        texts, delivered = distinct(raw.frame[name])
        places = np.append(pd.factorize(pd.Series(texts, dtype="str").str.strip())[0], -1)[
            delivered
        ]
        blank = np.append([not text.strip() for text in texts], True).astype(bool)[delivered]
        index = raw.frame.index.to_numpy()
        if blank.any():
            action = "mend the file, or, if it has no ids, " + faults.under(
                "not_asked", "- respondent"
            )
            faults.note(
                f'column "{name}"', f"no id in {rows_told(index[blank])}", "an id per row", action
            )
        double = pd.Series(places).duplicated(keep=False).to_numpy() & ~blank
        if double.any() and wave.cleaning.duplicate == "stop":
            faults.note(
                f'column "{name}"',
                f"respondents that occur more than once: {rows_told(index[double])}",
                "each respondent once",
                "remove the rows that are wrong, or "
                + faults.under("cleaning", "duplicate: first")
                + "  (keeps the first row of each)",
            )
    count = int(places.max(initial=-1)) + 1
    return np.array(new_tokens(count), dtype="U16")[places]


def weights(raw: Raw, column: Column, name: str, wave: Wave, faults: Faults) -> np.ndarray:
    """Delivered weights, (n,) float. Notes a fault for a weight that is missing or not positive,
    and for a decimal sign that could as well part thousands."""
    texts, places = distinct(raw.frame[name])
    texts = [text.strip().casefold() for text in texts]
    decimal: str | None = "." if name in raw.numbers else wave.file.decimal
    signs = [sign for sign in ".," if any(sign in text for text in texts)]
    numeric = [text for text in texts if _NUMBER.fullmatch(text)]
    unclear = len(signs) == 2 or all(_THOUSAND.fullmatch(t) or t.isdigit() for t in numeric)
    if decimal is None and signs and unclear:
        found = f"numbers such as 1{signs[0]}234: a decimal sign, or one that parts thousands?"
        if len(signs) == 2:
            found = 'both "." and "," in numbers'
        action = f'write in {faults.wave_file}, under file:, the line  decimal: "{signs[0]}"'
        faults.note(f'column "{name}"', found, "one decimal sign that is known", action)
        return np.ones(len(places))
    decimal = decimal or min(signs, default=".")
    other = "," if decimal == "." else "."
    parsed = np.full(len(texts) + 1, np.nan)
    for k, text in enumerate(texts):
        if _NUMBER.fullmatch(text) and other not in text:
            parsed[k] = float(text.replace(",", "."))
    result = np.asarray(parsed[places])
    wrong = ~(np.isfinite(result) & (result > 0))
    if wrong.any():
        found = f"no weight above 0 in {rows_told(raw.frame.index.to_numpy()[wrong])}"
        expected = f'numbers above 0 with decimal sign "{decimal}"'
        action = "mend the file, or decimal: under file: in " + faults.wave_file
        faults.note(f'column "{name}"', found, expected, action)
    return result


def weeks(raw: Raw, column: Column, name: str, faults: Faults) -> pd.Categorical:
    """ISO weeks ("2024-W38") out of weeks or dates; nothing finer is kept."""
    return _categories(raw, column, name, _week, "a week (2024-W38) or a date (2024-09-17)", faults)


def modes(raw: Raw, column: Column, name: str, wave: Wave, faults: Faults) -> pd.Categorical:
    """How each person answered: one of the wave's modes."""
    known = {mode: mode for mode in map(str, wave.modes)}
    return _categories(raw, column, name, known.get, f"one of {listed(known)}", faults)


def languages(raw: Raw, column: Column, name: str, faults: Faults) -> pd.Categorical:
    """The language answered in, as delivered, in lower case."""
    return _categories(raw, column, name, lambda text: text, "a language", faults)


def _week(text: str) -> str | None:
    if match := _DATE.fullmatch(text):
        try:
            year, week, _ = date.fromisoformat(match[1]).isocalendar()
        except ValueError:
            return None
        return f"{year}-W{week:02d}"
    if match := _WEEK.fullmatch(text):
        try:
            date.fromisocalendar(int(match[1]), int(match[2]), 1)
        except ValueError:
            return None
        return f"{match[1]}-W{int(match[2]):02d}"
    return None


def _categories(
    raw: Raw,
    column: Column,
    name: str,
    read: Callable[[str], str | None],
    expected: str,
    faults: Faults,
) -> pd.Categorical:
    texts, places = distinct(raw.frame[name])
    labels = raw.labels.get(name, {})
    values = {plain(value): str(code) for value, code in (column.spec.values or {}).items()}
    rows = raw.frame.index.to_numpy()
    found: list[str] = []
    unknown = []
    for k, text in enumerate(texts):
        key = plain(text)
        known = values.get(key) or read(plain(labels.get(text, ""))) or read(key) if key else ""
        found.append(known or "")
        if known is None:
            at = rows[places == k]
            unknown.append(f"{as_told(text, len(at), [])} in {rows_told(at)}")
    if unknown:
        line = 'values: {"the value": "what it stands for"}'
        action = faults.under(f"variables: {column.name}", line)
        faults.note(f'column "{name}"', listed(unknown, 10), expected, action)
    order = sorted(set(found) - {"", "99"})
    lookup = np.array([order.index(text) if text in order else -1 for text in found] + [-1])
    return pd.Categorical.from_codes(lookup[places], categories=pd.Index(order, dtype="str"))
