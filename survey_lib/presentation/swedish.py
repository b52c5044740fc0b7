"""Numbers, intervals, dates and lists as Swedish is written (domain guide, 6.6).

Every number that a reader sees is made here, from the unrounded published value, with one rounding
rule: half away from zero. Nothing depends on the computer's locale.

>>> percent(0.745), percent_words(0.745), points_words(0.01)
('75\\xa0%', '75 procent', 'en procentenhet')
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

NO_BREAK = "\u00a0"
THOUSANDS = "\u202f"
MINUS = "\u2212"
EN_DASH = "\u2013"
QUOTE = "\u201d"
LESS, MORE = "<", ">"

PLURALS = {"Kvinna": "kvinnor", "Man": "män", "Kvinnor": "kvinnor", "Män": "män"}
AGES = r"\d+(–\d+)? år( (och|eller) äldre)?"
MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip

WORDS = (
    "noll", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv",
)  # fmt: skip

_NOISE = Decimal("1e-10")


def rounded(value: float, decimals: int = 0) -> Decimal:
    """Round half away from zero: 0,5 -> 1 and -0,5 -> -1.

    Binary noise is taken away first (at the tenth decimal), so that a share computed as
    0.28499999999999998 counts as 28,5 percent, as the exact arithmetic would have it. Never gives
    minus zero. Raises ValueError for a value that isn't finite: a hidden value has no number.
    """
    if not math.isfinite(value):
        raise ValueError(f"a value that isn't finite can't be written: {value}")
    exact = Decimal(repr(float(value))).quantize(_NOISE, rounding=ROUND_HALF_UP)
    result = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return abs(result) if result == 0 else result


def number(value: float | Decimal, decimals: int = 0) -> str:
    """1234.5 -> "1 235": U+202F between thousands, comma as decimal sign, U+2212 as minus."""
    value = rounded(float(value), decimals)
    text = f"{abs(value):,f}".replace(",", THOUSANDS).replace(".", ",")
    return MINUS + text if value < 0 else text


def in_words(value: int) -> str:
    """A small number in running text: "tre"; digits from 13."""
    return WORDS[value] if value < len(WORDS) else number(value)


def year(value: int | str) -> str:
    """Years are closed up: 2019."""
    return str(value)


def share(value: float, decimals: int = 0) -> str:
    """A share (0-1) as a percentage without its sign: "75", "<1", ">99", "0", "100".

    A share above 0 that rounds to 0 is "<1", one below 1 that rounds to 100 is ">99": only an
    observed 0 or 1 is written as such.
    """
    unit = Decimal(1).scaleb(-decimals)
    percentage = rounded(100 * float(value), decimals)
    if percentage == 0 and value > 0:
        return LESS + number(unit, decimals)
    if percentage == 100 and value < 1:
        return MORE + number(100 - unit, decimals)
    return number(percentage, decimals)


def percent(value: float, decimals: int = 0) -> str:
    """A share in a table or a chart: "75 %" with U+00A0 before the sign."""
    return f"{share(value, decimals)}{NO_BREAK}%"


def share_words(value: float, decimals: int = 0) -> str:
    """A share in running text, without its noun: "75", "mindre än 1", "mer än 99"."""
    text = share(value, decimals)
    return text.replace(LESS, "mindre än ").replace(MORE, "mer än ")


def percent_words(value: float, decimals: int = 0) -> str:
    """A share in running text: "75 procent", "mindre än 1 procent"."""
    return f"{share_words(value, decimals)} procent"


def decimals_that_differ(first: float, second: float) -> int:
    """Decimals that two different shares need to be told apart: 0, or 1 when both round alike or
    their difference to nothing."""
    alike = share(first) == share(second) or rounded(100 * (first - second)) == 0
    return 1 if first != second and alike else 0


def points(difference: float, decimals: int = 0) -> str:
    """A difference between shares in a table: "+4", "−8", "0", in percentage points."""
    value = rounded(100 * float(difference), decimals)
    return ("+" if value > 0 else "") + number(value, decimals)


def points_words(difference: float, decimals: int = 0) -> str:
    """The size of a difference in running text, without direction: "8 procentenheter",
    "en procentenhet", "mindre än en procentenhet"."""
    size = abs(float(difference))
    value = rounded(100 * size, decimals)
    if value == 0 and size > 0:
        return "mindre än en procentenhet"
    return "en procentenhet" if value == 1 else f"{number(value, decimals)} procentenheter"


def span(first: str, last: str) -> str:
    """A range: "16–84", and with "till" when a bound is negative: "−3 till 5"."""
    negative = first.startswith(MINUS) or last.startswith(MINUS)
    return f"{first} till {last}" if negative else f"{first}{EN_DASH}{last}"


def places(low: int, high: int) -> str:
    """A set of ranks: "1–4", or "2" when it holds one."""
    return str(low) if low == high else span(str(low), str(high))


def interval(low: float, high: float, decimals: int = 0) -> str:
    """The bounds (shares or differences, as fractions) in percent: "22–28", "−3 till 5"."""
    return span(*(number(rounded(100 * float(bound), decimals), decimals) for bound in (low, high)))


def confidence_interval(
    low: float, high: float, decimals: int = 0, confidence: float = 0.95
) -> str:
    """An interval with its level: "95 % KI 22–28"."""
    return f"{percent(confidence)}{NO_BREAK}KI{NO_BREAK}{interval(low, high, decimals)}"


def ages(first: int, last: int | None) -> str:
    """The age span of a survey: "16–84 år", "15 år och äldre"."""
    return f"{first} år och äldre" if last is None else f"{first}{EN_DASH}{last} år"


def day(value: date) -> str:
    """24 april 2026"""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def days(first: date, last: date) -> str:
    """A period without repeating what both days share: "3–28 september 2024"."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}{EN_DASH}{day(last)}"
    if first.year == last.year:
        return f"{first.day} {MONTHS[first.month - 1]}{EN_DASH}{day(last)}"
    return f"{day(first)}{EN_DASH}{day(last)}"


def listing(items: Iterable[str], word: str = "och") -> str:
    """ "a", "a och b", "a, b och c"; "a och b samt c" where one of them holds an "och" itself."""
    items = list(items)
    if len(items) < 2:
        return "".join(items)
    if word == "och" and any(" och " in item for item in items):
        word = "samt"
    return f"{', '.join(items[:-1])} {word} {items[-1]}"


def quoted(text: str) -> str:
    """”stort problem”: U+201D on both sides."""
    return f"{QUOTE}{text}{QUOTE}"


def lower_first(label: str) -> str:
    """A label as it stands inside a sentence: "Öppen narkotikahandel" -> "öppen narkotikahandel".

    A first word in capitals ("EU-migranter", "A-traktorer") is left as it is.
    """
    word = re.match(r"[^\W\d_]+", label)
    if not word or (len(word[0]) > 1 and word[0][1:] != word[0][1:].lower()):
        return label
    if len(word[0]) == 1 and label[1:2] == "-":
        return label
    return label[0].lower() + label[1:]


def people(label: str, heading: str, others: str) -> str:
    """Those of a category in the plural: "Kvinna, 25–44 år" -> "kvinnor 25–44 år", and an age
    alone with ``others``: "boende 25–44 år". Years are ages only under a heading that says so.
    "" for any other label.
    """
    parts = label.split(", ")
    nouns = [PLURALS[part] for part in parts if part in PLURALS]
    spans = [part for part in parts if re.fullmatch(AGES, part) and "ålder" in heading.lower()]
    if len(nouns) > 1 or len(spans) > 1 or len(nouns) + len(spans) < len(parts):
        return ""
    return " ".join([*(nouns or [others]), *spans])


def upper_first(text: str) -> str:
    """The opening of a sentence."""
    return text[:1].upper() + text[1:]


def slug(text: str) -> str:
    """An id for a page: "Problem i området" -> "problem-i-omradet"."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "avsnitt"
