"""Named places: many spellings of a place lead to one id (domain guide 3.9).

``places.csv`` has one row per place: ``id;name;area;alias``, aliases separated by ``|``. A place
lies in one area, and is never an area itself.

Names are compared by their letters and digits alone, so that case, spaces, hyphens, full stops and
the composition of å, ä, ö don't matter ("Frölundatorg", "FRÖLUNDA TORG."). Nothing is guessed: a
letter too much is another name, until an alias says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from survey_lib.vocabulary.areas import plain
from survey_lib.vocabulary.model import Model

PLACE_ID = re.compile(r"plats:[a-z0-9_-]+")

_SANKT = re.compile(r"\bs:t(a|e)?\b")
_ST = re.compile(r"\bst\b")  # sankt or stora: the gazetteer decides if only one of them is a place
_AT = re.compile(r"^(?:i|på|vid) ")
_JOINED = re.compile(r"[,;/&+()]|\b(?:och|eller|samt)\b")

Names = Mapping[str, frozenset[str]]
"""How a name is compared -> ids of the places that have it."""


class Place(Model):
    id: str
    name: str
    area: str
    alias: list[str]


def spelling(text: str) -> str:
    """A name as it is compared: lower case, letters and digits only.

    >>> spelling(" Maria-Plan. ") == spelling("Mariaplan")
    True
    """
    return "".join(letter for letter in plain(text) if letter.isalnum())


def place_names(places: Mapping[str, Place]) -> Names:
    """Every id, name and alias, in every way to read it, with the places that it names."""
    names: dict[str, set[str]] = {}
    for place in places.values():
        for name in (place.id, place.name, *place.alias):
            for reading in _readings(name):
                names.setdefault(reading, set()).add(place.id)
    return {reading: frozenset(ids) for reading, ids in names.items()}


def places_meant(text: str, names: Names) -> frozenset[str]:
    """The places that a text names: none, one, or several.

    A text in several parts ("A och B", "A, B") that is no name as a whole names what its parts
    name; when one of them is unknown beside a single known place, it can't be told what is meant,
    and it names none.
    """
    whole = _named(text, names)
    if whole:
        return whole
    parts = [_named(part, names) for part in _JOINED.split(plain(text)) if spelling(part)]
    found = frozenset[str]().union(*parts)
    return found if len(found) > 1 or all(parts) else frozenset()


def _named(text: str, names: Names) -> frozenset[str]:
    return frozenset[str]().union(*(names.get(one, frozenset()) for one in _readings(text)))


def _readings(text: str) -> set[str]:
    """ "Vid S:t …" is read as "Sankt …"; "St" as it stands, as "Sankt" and as "Stora"."""
    text = _SANKT.sub(r"sankt\1", _AT.sub("", plain(text)))
    return {spelling(text), *(spelling(_ST.sub(word, text)) for word in ("sankt", "stora"))} - {""}
