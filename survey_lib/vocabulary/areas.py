"""Where: levels of areas, ids that carry their level, and the crosswalk between levels.

``areas.yaml`` gives the whole, its words and the levels from the largest to the smallest;
``areas.csv`` one row per area: ``id;name;part_of;alias`` (several parents or aliases are separated
by ``|``; an area without a parent lies directly in the whole). A bare name is never a key:
"del:centrum" and "stad:centrum" are two areas. Domain guide, section 4.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property
from typing import overload

import numpy as np
import pandas as pd
from pydantic import Field

from survey_lib.vocabulary.model import Model, Word
from survey_lib.vocabulary.swedish_order import swedish_key

ID = re.compile(r"[a-z][a-z0-9]*:[a-z0-9_-]+")


class Level(Model):
    """A kind of area and its Swedish nouns, as the reports need them."""

    singular: str  # område
    definite: str  # området
    plural: str  # områden
    definite_plural: str  # områdena
    reports: bool = True  # a report can be made for an area of this level


class Area(Model):
    id: str
    level: str
    name: str
    part_of: list[str]
    alias: list[str]


class PolygonsFile(Model):
    """``areas.yaml: map``. ``code`` is the property that says which area a polygon is: its id, what
    stands after the colon in it, its name or an alias. ``codes`` leads other codes to area ids."""

    file: str  # from parameters/
    code: str
    codes: dict[Word, str] = Field(default_factory=dict)


class Areas(Model):
    """All areas. ``whole`` is the area that contains all others; ``rest`` names what is left of it
    when one area is taken out ("övriga staden"), which is never the whole itself; ``map`` the file
    of their borders, if the office has one."""

    whole: str
    rest: str
    levels: dict[str, Level]
    areas: dict[str, Area]
    map: PolygonsFile | None = None

    @staticmethod
    def level_of(area: str) -> str:
        """The level that an id carries: "del" of "del:norra"."""
        return area.partition(":")[0]

    @staticmethod
    def slug(area: str) -> str:
        """The id as part of a file name: "del_norra". Different ids have different slugs."""
        return area.replace(":", "_")

    def name(self, area: str) -> str:
        """The area's Swedish name. KeyError for an unknown id."""
        return self.areas[area].name

    def sort(self, areas: Iterable[str]) -> list[str]:
        """Ids in the Swedish order of their names; the id decides between equal names."""
        return sorted(areas, key=lambda area: (swedish_key(self.areas[area].name), area))

    def of_level(self, level: str) -> list[str]:
        """All areas of a level in Swedish order."""
        return self.sort(area for area in self.areas if self.level_of(area) == level)

    @cached_property
    def _above(self) -> dict[str, frozenset[str]]:
        above: dict[str, frozenset[str]] = {}

        def climb(area: str) -> frozenset[str]:
            if area not in above:
                parents = self.areas[area].part_of
                higher = {self.whole} if area != self.whole else set()
                above[area] = frozenset(
                    higher.union(parents, *(climb(parent) for parent in parents))
                )
            return above[area]

        for area in self.areas:
            climb(area)
        return above

    @cached_property
    def _inside(self) -> dict[str, set[str]]:
        inside = {area: {area} for area in self.areas}
        for area, above in self._above.items():
            for higher in above:
                inside[higher].add(area)
        return inside

    def ancestors(self, area: str) -> set[str]:
        """Every area that contains this one, the whole included, the area itself not."""
        return set(self._above[area])

    def contains(self, area: str, other: str) -> bool:
        """Whether ``other`` lies in ``area``. An area contains itself."""
        return other == area or area in self._above[other]

    def members(self, area: str) -> set[str]:
        """Every area inside this one, itself included."""
        return set(self._inside[area])

    @overload
    def at_level(self, areas: str, level: str) -> str | None: ...
    @overload
    def at_level(self, areas: pd.Series, level: str) -> pd.Series: ...
    def at_level(self, areas: str | pd.Series, level: str) -> str | pd.Series | None:
        """The area of a level that is this area or contains it, for one id or for a Series of ids.

        One id gives an id, or None when none or several contain it. A Series gives a categorical
        Series with the same index and the level's areas in Swedish order as categories; missing
        where the known area is larger than the level, or unknown.
        """
        if isinstance(areas, str):
            return self._lifted(areas, level)
        known = areas.astype("category")
        order = self.of_level(level)
        place = {area: position for position, area in enumerate(order)}
        lifted = [place.get(self._lifted(area, level) or "", -1) for area in known.cat.categories]
        codes = np.array([*lifted, -1], dtype=np.int64)[known.cat.codes.to_numpy()]
        return pd.Series(pd.Categorical.from_codes(codes, categories=order), index=areas.index)

    def _lifted(self, area: str, level: str) -> str | None:
        if self.level_of(area) == level:
            return area
        found = [one for one in self._above[area] if self.level_of(one) == level]
        return found[0] if len(found) == 1 else None

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = {}
        for area in self.areas.values():
            for text in {plain(area.name), *map(plain, area.alias)}:
                names.setdefault(text, []).append(area.id)
        return names

    def find(self, text: str, level: str | None = None) -> str | None:
        """The area meant by an id, name or alias, case and spaces apart, perhaps in one level only.
        None when nothing fits, or when a bare name fits areas of several levels."""
        wanted = plain(text)
        found = [wanted] if wanted in self.areas else self._by_name.get(wanted, [])
        if level is not None:
            found = [area for area in found if self.level_of(area) == level]
        return found[0] if len(found) == 1 else None


def plain(text: str) -> str:
    """A name as it is compared: composed, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
