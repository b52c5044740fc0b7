"""When two delivered texts mean the same: letters, spaces, dashes and numbers made comparable."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_WHOLE = re.compile(r"([+-]?[0-9]{1,9})(?:[.,]0+)?")


def plain(text: str) -> str:
    """A text as it is compared: composed (NFC), lower case, single spaces, one kind of dash.

    >>> plain("\\u00a0MYCKET  trygg ") == plain("mycket trygg")
    True
    >>> plain("a\\u030angest") == plain("Ångest")
    True
    """
    text = unicodedata.normalize("NFC", text.translate(_INVISIBLE)).translate(_DASHES)
    return " ".join(text.casefold().split())


def whole_number(text: str) -> int | None:
    """The whole number that a text writes, decimals of nothing but zeros allowed; else None.

    >>> whole_number("3"), whole_number(" 3,0"), whole_number("3.00"), whole_number("3,5")
    (3, 3, 3, None)
    """
    match = _WHOLE.fullmatch(text.strip())
    return int(match[1]) if match else None


def suggestion(text: str, known: Iterable[str]) -> str | None:
    """What was probably meant by a text: the closest of what is known, or None."""
    names = {plain(name): name for name in known}
    close = difflib.get_close_matches(plain(text), names, n=1, cutoff=0.8)
    return names[close[0]] if close else None


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """``did you mean "x"?`` with a space before it, or nothing."""
    meant = suggestion(text, known)
    return f' (did you mean "{meant}"?)' if meant else ""
