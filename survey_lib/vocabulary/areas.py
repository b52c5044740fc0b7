"""Where: levels of areas, ids that carry their level, and the crosswalk between levels.

``areas.yaml`` gives the whole, its words and the levels; ``areas.csv`` one row per area:
``id;name;part_of;alias`` (several parents or aliases are separated by ``|``). A bare name is never
a key: "sdn:centrum" and "so:centrum" are two areas. Domain guide, section 4.
"""

from __future__ import annotations

from survey_lib.vocabulary.model import Model


class Level(Model):
    """A kind of area and its Swedish nouns, as the reports need them."""

    singular: str  # stadsdel
    definite: str  # stadsdelen
    plural: str  # stadsdelar
    definite_plural: str  # stadsdelarna
    reports: bool = True  # a report can be made for an area of this level


class Area(Model):
    id: str
    level: str
    name: str
    part_of: list[str]
    alias: list[str]


class Areas(Model):
    """All areas. ``whole`` is the area that contains all others; ``rest`` names what is left of it
    when one area is taken out ("övriga Göteborg"), which is never the whole itself."""

    whole: str
    rest: str
    levels: dict[str, Level]
    areas: dict[str, Area]
