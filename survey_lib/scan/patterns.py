"""What looks like a person, whoever it is: phone numbers, e-mail addresses, Swedish personal
identity numbers, and tokens that stand for respondents; and what says that it is no report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from survey_lib.answers.traces import tokens_in

TOKEN, EMAIL, PHONE, PERSON = "token", "email", "phone", "personal_number"
WORKING = "working_material"
MATERIAL = "ARBETSMATERIAL"  # stands on all that the workbench shows, and on nothing else

_SPACE = r"[ \u00a0\u2009\u202f]"
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# None of these looks back, and none begins with what may be left out, so that each is found by its
# first sign; what stands before, and what a number is made of, is looked at afterwards.
_PHONE = re.compile(
    rf"(?:\+46{_SPACE}?(?:\(0\))?{_SPACE}?|0046{_SPACE}?(?:\(0\))?{_SPACE}?|0)[1-9]\d{{0,2}}"
    rf"(?:\)?{_SPACE}?[-–/]{_SPACE}?|\)?{_SPACE}|\))?\d{{2,3}}(?:(?:{_SPACE}|-)?\d{{2,3}}){{1,3}}"
    r"(?![\w,.]?\d|\w)"
)
_DAY = re.compile(r"(?<!\d)(?:\d{4}-\d{2}-\d{2}|[0-3]?\d[-/][01]\d[-/](?:19|20)\d{2})(?!\d)")
_PERSON = re.compile(rf"\d{{6}}(?:\d{{2}})?(?:[-+–]|{_SPACE})?\d{{4}}(?![\w-]|[.,]\d)")
_GROUPED = re.compile(rf"\d{_SPACE}0\d\d(?:–|{_SPACE})")
_BEFORE = re.compile(r"[\w.,+−–-]")


def found(text: str) -> Iterator[tuple[str, int, str]]:
    """Kind, place and the found itself, in no order."""
    for place in tokens_in(text):
        yield TOKEN, place, text[place : place + 16]
    if (place := text.find(MATERIAL)) >= 0:
        yield WORKING, place, MATERIAL
    if "@" in text:
        for one in _EMAIL.finditer(text):
            yield EMAIL, one.start(), one[0].casefold()
    for one in _PERSON.finditer(text):
        if _begins(text, one.start()) and is_personal_number(one[0]):
            yield PERSON, one.start(), one[0]
    for one in _PHONE.finditer(text):
        digits = subscriber(one[0])
        alone = _begins(text, one.start()) and not _thousands(text, one.start())
        if 7 <= len(digits) <= 9 and alone and not _DAY.search(one[0]):
            yield PHONE, one.start(), digits


def _begins(text: str, place: int) -> bool:
    """Whether a number begins here, and isn't the end of something longer."""
    return place == 0 or not _BEFORE.match(text[place - 1])


def _thousands(text: str, place: int) -> bool:
    """Whether a number is the last thousands of one that begins before it: 18 056–23 232."""
    return bool(_GROUPED.match(text, max(place - 2, 0)))


def subscriber(phone: str) -> str:
    """The digits of a phone number without the prefix that says from where it is called."""
    digits = re.sub(r"\D", "", phone.replace("(0)", ""))
    return digits.removeprefix("00").removeprefix("46") if phone[0] in "+" or digits[:2] == "00" \
        else digits.removeprefix("0")  # fmt: skip


def is_personal_number(found: str) -> bool:
    """Whether it is a date (of a coordination number: day + 60), with or without its century, and
    its last digit is the check digit (Luhn's, on the ten last digits)."""
    digits = re.sub(r"\D", "", found)
    century, ten = digits[:-10], digits[-10:]
    year, month, day = int(ten[:2]), int(ten[2:4]), int(ten[4:6])
    try:
        date(2000 + year % 4, month, day - 60 * (day > 60))
    except ValueError:
        return False
    doubled = [int(d) * (2 - k % 2) for k, d in enumerate(ten)]
    return century in ("", "18", "19", "20") and sum(d // 10 + d % 10 for d in doubled) % 10 == 0
