"""The table for the joint problem meeting (domain guide, 1.4): one row per problem of an area.

The same frame is shown in the report and written beside it as CSV and JSON. A value that isn't
shown is missing, never 0, and ``anm`` says why; every missing value has its reason there.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.tables import known
from survey_lib.presentation.typesetting import visible
from survey_lib.presentation.verdicts import Comparison, Verdict, records

COLUMNS = {
    "problem_id": "problemets id, frågans id i frågeformuläret",
    "problem_sv": "problemet med ord",
    "niva": "områdets nivå",
    "omrade_id": "områdets id, med nivån först",
    "vag": "undersökningens id; en extern källas år står i kalla",
    "n_oviktat": "antal svarande, oviktat",
    "andel_stort": "andel som uppger problemet, procent",
    "ki_lag": "intervallets nedre gräns, procent",
    "ki_hog": "intervallets övre gräns, procent",
    "rang": "plats bland problemen, 1 = störst andel",
    "rang_lag": "lägsta möjliga plats",
    "rang_hog": "högsta möjliga plats",
    "forandring_pe": "förändring sedan den tidigare undersökningen, procentenheter",
    "forandring_sakerstalld": "om förändringen är statistiskt säkerställd",
    "gap_ovriga_pe": "skillnad mot övriga områden, procentenheter",
    "gap_sakerstalld": "om skillnaden är statistiskt säkerställd",
    "underlag": "A = slumpmässigt urval, minst {grans} svarande; B = annat urval, minst {grans} "
    "svarande; C = {lagst}–{under} svarande; D = extern källa",
    "kalla": "källa",
    "anm": "anmärkning; varför ett värde saknas",
}
COUNTS = ("n_oviktat", "rang", "rang_lag", "rang_hog")
PERCENTAGES = ("andel_stort", "ki_lag", "ki_hog", "forandring_pe", "gap_ovriga_pe")
SECURED = ("forandring_sakerstalld", "gap_sakerstalld")
DEMO = "DEMO: "

NO_EARLIER = "Förändring: det finns ingen tidigare undersökning att jämföra med."
NO_CHANGE = "Förändring: jämförelse med {ar} saknas."
NO_REST = "Jämförelse med {ovriga} saknas."
NOT_TESTED = "{vad} prövas inte."
NO_ESTIMATE = "Andelen kan inte beräknas."
NO_RANK = "Plats redovisas inte."
NO_RANKS = "Möjliga platser redovisas inte."

_FORMULA = "=+-@"  # how what a spreadsheet computes begins


def joint_table(rows: pd.DataFrame, words: Words, area: str, wave: str) -> pd.DataFrame:
    """The columns of 1.4 in order, one row per problem, in the order of ``rows``.

    Parameters
    ----------
    rows : published problems of one area: ``problem, label, estimate, low, high, n, rank, mark``,
        ``rank_low, rank_high`` when published, and the comparisons of
        :func:`survey_lib.presentation.verdicts.joined`.
    area, wave : their ids.

    Returns
    -------
    shares and differences in percent, unrounded; counts and places; ``True``/``False`` for
    säkerställd where a test was made; NaN or None where there is no value.
    """
    return joint_frame([_row(row, words, area, wave) for row in records(rows)])


def joint_table_without_survey(
    problems: pd.DataFrame, words: Words, area: str, wave: str
) -> pd.DataFrame:
    """The same for an area that the wave didn't ask: other sources' figures where there are any,
    else the words for it.

    ``problems``: ``problem, label`` and, NaN where no source has the problem, ``share, low, high,
    n, source, year``.
    """
    return joint_frame([_elsewhere(row, words, area, wave) for row in records(problems)])


def joint_csv(table: pd.DataFrame) -> bytes:
    """For a Swedish Excel: UTF-8 with BOM, semicolon, decimal comma, one decimal, CRLF, and no text
    that would be taken for a formula."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(table.columns)
    for record in records(table):
        writer.writerow([_cell(name, value) for name, value in record.items()])
    return target.getvalue().encode("utf-8-sig")


def joint_json(table: pd.DataFrame, words: Words, columns: Mapping[str, str] = COLUMNS) -> bytes:
    """The same rows with what their ``columns`` hold: numbers unrounded, null where there is
    none."""
    limits = {
        "grans": words.uncertain_below,
        "under": words.uncertain_below - 1,
        "lagst": words.hide_below,
    }
    content = {
        "demo": words.demo,
        "kolumner": {name: phrases.fill(text, **limits) for name, text in columns.items()},
        "rader": [
            {name: _plain(name, record[name]) for name in columns} for record in records(table)
        ],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


# -- one row ------------------------------------------------------------------------------------


def _row(row: dict[str, Any], words: Words, area: str, wave: str) -> dict[str, Any]:
    change, rest = (Comparison.of(row, kind) for kind in ("change", "rest"))
    shown = not change.hidden and known(row, "estimate") is not None
    values: dict[str, Any] = {}
    if shown:
        values = {
            "n_oviktat": known(row, "n"),
            "andel_stort": _percent(known(row, "estimate")),
            "ki_lag": _percent(known(row, "low")),
            "ki_hog": _percent(known(row, "high")),
            "rang": known(row, "rank"),
            "rang_lag": known(row, "rank_low"),
            "rang_hog": known(row, "rank_high"),
            "underlag": _basis(known(row, "n"), words),
        }
        for name, found in (("forandring_pe", change), ("gap_ovriga_pe", rest)):
            values[name] = _percent(None if pd.isna(found.difference) else found.difference)
        for name, found in (("forandring_sakerstalld", change), ("gap_sakerstalld", rest)):
            values[name] = _tested(found.verdict(words))
    said = remark(_reasons(row, change, rest, words, shown), words)
    return {**_identity(row, words, area, wave), **values, "anm": said}


def _elsewhere(row: dict[str, Any], words: Words, area: str, wave: str) -> dict[str, Any]:
    none = phrases.no_survey(words.place, words.wave, words.pooled)
    if known(row, "share") is None:
        return {**_identity(row, words, area, wave), "kalla": None, "anm": remark([none], words)}
    source, year = row["source"], row["year"]
    return {
        **_identity(row, words, area, wave),
        "n_oviktat": known(row, "n"),
        "andel_stort": _percent(known(row, "share")),
        "ki_lag": _percent(known(row, "low")),
        "ki_hog": _percent(known(row, "high")),
        "underlag": "D",
        "kalla": f"{DEMO if words.demo else ''}{source}, {year}",
        "anm": remark([phrases.fill(phrases.EXTERN, kalla=source, ar=year), none], words),
    }


def _identity(row: dict[str, Any], words: Words, area: str, wave: str) -> dict[str, Any]:
    return {
        "problem_id": row["problem"],
        "problem_sv": row["label"],
        "niva": area.partition(":")[0],
        "omrade_id": area,
        "vag": wave,
        "kalla": f"{DEMO if words.demo else ''}{words.source}",
    }


def _basis(n: float | None, words: Words) -> str | None:
    """What the survey's own value rests on."""
    if n is None:
        return None
    if n < words.uncertain_below:
        return "C"
    return "A" if words.probability else "B"


def _tested(verdict: Verdict) -> bool | None:
    """True or False where a test was made, None where there was none."""
    if verdict in (Verdict.UNCLEAR, Verdict.SEVERAL, Verdict.SMALL):
        return False
    return True if verdict.secured else None


def _reasons(
    row: dict[str, Any], change: Comparison, rest: Comparison, words: Words, shown: bool
) -> list[str]:
    """Everything that a reader must know of the row's values, and why some are missing."""
    if change.hidden:
        return [f"{swedish.upper_first(phrases.EJ_VISAS)}."]
    if not shown:
        return [NO_ESTIMATE]
    said = []
    if row.get("mark") == phrases.UNCERTAIN:
        said.append(
            f"{swedish.upper_first(phrases.fill(phrases.OSAKERT, grans=words.uncertain_below))}."
        )
    if known(row, "rank") is None:
        said.append(NO_RANK)
    elif known(row, "rank_low") is None or known(row, "rank_high") is None:
        said.append(NO_RANKS)
    said += [_about_change(change, words), _about_rest(rest, words)]
    if not words.probability or Verdict.SAMPLING in (change.verdict(words), rest.verdict(words)):
        said.append(phrases.KVOT)
    return [reason for reason in said if reason]


def _about_change(change: Comparison, words: Words) -> str:
    if words.before is None:
        return NO_EARLIER
    verdict = change.verdict(words)
    if verdict in (Verdict.CHANGED, Verdict.COVERAGE, Verdict.SMALL):
        return change.phrase(words)
    if verdict is Verdict.SEVERAL:
        return f"Förändring sedan {words.before}: {phrases.FLERA}"
    if verdict is Verdict.SAMPLING:
        return phrases.fill(NOT_TESTED, vad=f"Skillnaden mot {words.before}")
    if verdict is Verdict.NONE or pd.isna(change.difference):
        return phrases.fill(NO_CHANGE, ar=words.before)
    return ""


def _about_rest(rest: Comparison, words: Words) -> str:
    verdict = rest.verdict(words)
    if verdict is Verdict.SEVERAL:
        return f"Skillnad mot {words.rest}: {phrases.FLERA}"
    if verdict is Verdict.SAMPLING:
        return phrases.fill(NOT_TESTED, vad=f"Skillnaden mot {words.rest}")
    if verdict in (Verdict.CHANGED, Verdict.COVERAGE, Verdict.NONE) or pd.isna(rest.difference):
        return phrases.fill(NO_REST, ovriga=words.rest)
    return ""


def remark(reasons: list[str], words: Words) -> str:
    """What stands under ``anm``."""
    opening = [phrases.DEMO] if words.demo else []
    return " ".join(dict.fromkeys([*opening, *reasons]))


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


# -- how it is written --------------------------------------------------------------------------


def joint_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows with values under some of the columns as the table, missing where there is none."""
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    numbers = [*COUNTS, *PERCENTAGES]
    table[numbers] = table[numbers].astype(float)
    words = table[[*SECURED, "underlag"]].astype(object)
    table[[*SECURED, "underlag"]] = words.where(words.notna(), None)
    return table


def _cell(name: str, value: Any) -> str:
    if value is None or pd.isna(value):
        return ""
    if name in SECURED:
        return "ja" if value else "nej"
    if name in COUNTS:
        return str(int(value))
    if name in PERCENTAGES:
        return str(swedish.rounded(value, 1)).replace(".", ",")
    return guarded(str(value))


def guarded(text: str) -> str:
    """A text as a spreadsheet shows it and never computes: on one line, an apostrophe before what
    would begin a formula.

    >>> guarded(" =1+1"), guarded("Klotter")
    ("'=1+1", 'Klotter')
    """
    line = " ".join(visible(text).split())
    return f"'{line}" if line.startswith(tuple(_FORMULA)) else line


def _plain(name: str, value: Any) -> Any:
    if value is None or pd.isna(value):
        return None
    if name in SECURED:
        return bool(value)
    if name in COUNTS:
        return int(value)
    return round(float(value), 10) if name in PERCENTAGES else str(value)
