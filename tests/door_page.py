"""``docs/disclosure.md``: a section for each survey that the door was tried on, written by the test
that tried it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from survey_lib.publish import Published

PAGE = Path(__file__).parents[1] / "docs" / "disclosure.md"
MADE_UP = "The made-up city, wave 2024"
ENSU = "Real answers: ENSU's 90 cities, with districts made up from strata"


def read_section(title: str) -> str:
    page = PAGE.read_text(encoding="utf-8")
    return page[slice(*_ends(page, title))]


def write_section(title: str, how: str, published: Published) -> None:
    """Puts what a store tells of its guard on the page; ``how`` it was made, after its rows."""
    page = PAGE.read_text(encoding="utf-8")
    begin, end = _ends(page, title)
    section = f"## {title}\n\n{_text(how, published)}\n"
    PAGE.write_text(page[:begin] + section + page[end:], encoding="utf-8", newline="\n")


def _ends(page: str, title: str) -> tuple[int, int]:
    begin = page.index(f"## {title}\n")
    return begin, page.index("\n## ", begin) + 1


def _text(how: str, published: Published) -> str:
    account = published.manifest["guarded"]
    shares = account["shares"]
    rows = sum(len(getattr(published, one)) for one in ("indicators", "answers"))
    proved, values = shares["proved"], shares["values"]
    return f"""\
Written by `make evidence`; {spaced(rows)} published rows of indicators and answers.
{how}

| | rows |
|---|---|
| hidden by the primary rules | {spaced(account["hidden"])} |
| hidden besides, for weighted shares | {spaced(account["hidden_for_shares"])} |
| hidden besides, for unweighted bases | {
        spaced(account["hidden_besides"] - account["hidden_for_shares"])
    } |
| hiding every row that stands in a sum with a hidden one would lose | {
        spaced(shares["whole_rows"])
    } |

Of {spaced(values)} hidden values of areas and published categories, {spaced(proved)} \
({100 * proved // values} %) are proved: there
are tables of persons and weights that keep every relation that is published about the question
(`cells.py: system`) in which the numerator is 0 or at least 5 and the share lies 20 percentage
points apart.{_others(values - proved)} {_unpublished(shares)}

{_bases(account["bases"])}
"""


def _bases(bases: Mapping[str, int]) -> str:
    proved, values = bases["proved"], bases["values"]
    return f"""\
Of {spaced(values)} of these values the base is below 30 too, and {spaced(proved)} \
({100 * proved // values} %) of these bases are proved: there
are such tables in which they lie 5 persons apart, so that they stand against who solves persons and
weights together.{_against_subtraction(values - proved)}"""


def _others(number: int) -> str:
    if not number:
        return ""
    return f"""\
 The other {spaced(number)} are not proved; that doesn't mean that they can be worked out, but
nothing is promised of their shares."""


def _against_subtraction(number: int) -> str:
    return f" The other {spaced(number)} stand against subtraction." if number else ""


def _unpublished(shares: Mapping[str, int]) -> str:
    proved, values = shares["unpublished_proved"], shares["unpublished"]
    if not values:
        return "Everybody is in a published category."
    return f"""\
What those in no published category (`kon` = 3 or missing)
answered is proved uncertain, by rounding, in {spaced(proved)} of {spaced(values)} values{
        f"; of the{chr(10)}other {spaced(values - proved)} nothing is promised"
        if values > proved
        else ""
    }."""


def spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")
