"""Named places: many spellings of a place lead to one id (domain guide 3.9).

``places.csv`` has one row per place: ``id;name;area;alias``, aliases separated by ``|``. A place
lies in one area, and is never an area itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from survey_lib.vocabulary.areas import plain
from survey_lib.vocabulary.model import Model

PLACE_ID = re.compile(r"plats:[a-z0-9_-]+")


class Place(Model):
    id: str
    name: str
    area: str
    alias: list[str]


def find_place(places: Mapping[str, Place], text: str) -> str | None:
    """The place meant by an id, name or alias, case and spaces apart; None when none or several."""
    wanted = plain(text)
    if wanted in places:
        return wanted
    found = [p.id for p in places.values() if wanted in {plain(p.name), *map(plain, p.alias)}]
    return found[0] if len(found) == 1 else None
