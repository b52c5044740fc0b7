"""Which pages a run makes, of the wave and of each area: by which notebook, under which name.

A page's key is a word for a page about the wave, and for an area's page its id with the page's
ending. A new kind of page is a new entry here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from survey_lib.export.beside import FOLLOW_UP_PAGE, PICTURE, WAVE_PAGE, WHOLE_PAGE
from survey_lib.vocabulary.tables import PROBLEMS

if TYPE_CHECKING:
    from survey_lib.publish import Published
    from survey_lib.vocabulary import Parameters
    from survey_lib.vocabulary.areas import Areas

AREA_NOTEBOOK, WAVE_NOTEBOOK = "2_stadsdel.ipynb", "1_underlag.ipynb"


@dataclass(frozen=True)
class Kind:
    """A kind of page. ``title`` may hold {hela}, the whole's kind ("staden"), and {namn}, the
    area's name; ``compares``: its notebook takes the wave to compare with."""

    notebook: str
    title: str
    compares: bool = True


WAVE_PAGES = {
    WAVE_PAGE: Kind(WAVE_NOTEBOOK, "Underlag", compares=False),
    WHOLE_PAGE: Kind("3_staden.ipynb", "Hela {hela}"),
    FOLLOW_UP_PAGE: Kind("4_uppfoljning.ipynb", "Uppföljning av löften", compares=False),
}
AREA_PAGES = {  # by the ending of the page's key
    "": Kind(AREA_NOTEBOOK, "{namn}"),
    PICTURE: Kind("5_gemensam_problembild.ipynb", "Gemensam problembild: {namn}"),
}


def kinds() -> Iterator[Kind]:
    """Every kind of page, for what looks at all notebooks."""
    yield from WAVE_PAGES.values()
    yield from AREA_PAGES.values()


def area_of(key: str, areas: Areas) -> str | None:
    """The area that a page is about; None for a page about the wave."""
    for ending in AREA_PAGES:
        area = key.removesuffix(ending)
        if area in areas.areas and area + ending == key:
            return area
    return None


def kind_of(key: str, areas: Areas) -> Kind:
    """What kind of page a key is of."""
    area = area_of(key, areas)
    return WAVE_PAGES[key] if area is None else AREA_PAGES[key.removeprefix(area)]


def title_of(key: str, areas: Areas) -> str:
    """What a page is called."""
    area = area_of(key, areas)
    whole = areas.levels[areas.level_of(areas.whole)].definite
    return kind_of(key, areas).title.format(hela=whole, namn=areas.name(area) if area else "")


def area_pages(parameters: Parameters) -> list[str]:
    """The endings of an area's pages, asked or not; that of the joint picture where problems are
    ranked."""
    joint = PROBLEMS in parameters.tables.tables
    return [ending for ending in AREA_PAGES if ending != PICTURE or joint]


def wave_pages(parameters: Parameters, published: Published) -> list[str]:
    """The keys of the pages about the wave; that about the whole where it was asked, and consists
    of areas with reports of their own; that about promises where there are any, unless the wave
    pools others."""
    rows, areas = published.areas, parameters.areas
    asked = set(rows.loc[rows["sampling"] != "", "area"])
    found = [WAVE_PAGE]
    if areas.whole in asked and parameters.reports.level != areas.level_of(areas.whole):
        found.append(WHOLE_PAGE)
    if parameters.promises and not parameters.waves[published.manifest["wave"]].pools:
        found.append(FOLLOW_UP_PAGE)
    return found
