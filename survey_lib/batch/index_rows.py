"""What stands on a wave's front page: a row per area, where it lies on the map, its files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from survey_lib.batch.pages import WAVE_PAGES
from survey_lib.batch.plan import Plan
from survey_lib.export import beside
from survey_lib.rendering.index import IndexRow

if TYPE_CHECKING:
    from survey_lib.batch.made import Outcome

ABOUT = "Om undersökningen"  # heading of the wave's own pages in the index


def index_rows(plan: Plan, states: Mapping[str, Outcome]) -> list[IndexRow]:
    """A row per outcome, level by level, and one for each other area on the map of a level that has
    any, so that the map has no holes."""
    areas, tiles = plan.parameters.areas, plan.parameters.tiles
    rows = []
    for name, level in areas.levels.items():
        members = areas.of_level(name)
        if not states.keys() & set(members):
            continue
        group = level.plural[:1].upper() + level.plural[1:]
        rows += [
            _row(plan, states[area], group)
            if area in states
            else IndexRow(area, areas.name(area), None, "not_made", group=group, tile=tiles[area])
            for area in members
            if area in states or area in tiles
        ]
    return rows + [_row(plan, states[key], ABOUT) for key in WAVE_PAGES if key in states]


def _row(plan: Plan, outcome: Outcome, group: str) -> IndexRow:
    return IndexRow(
        area_id=outcome.key,
        name=outcome.name,
        href=outcome.page,
        state=outcome.state,
        reason=outcome.reason.partition("\n")[0],
        n=None if outcome.state == "no_survey" else plan.respondents.get(outcome.key),
        group=group,
        tile=plan.parameters.tiles.get(outcome.key),
        files=_files(plan, outcome.key),
    )


def _files(plan: Plan, key: str) -> list[tuple[str, str]]:
    """What lies beside the page, address and text; only what is there."""
    stem = plan.stem(key)
    kinds = {
        beside.page_name(beside.picture_stem(stem)): "Gemensam problembild",
        beside.joint_names(stem)[0]: "CSV",
        beside.workbook_name(stem): "Excel",
        beside.pdf_name(stem): "PDF",
    }
    return [(name, text) for name, text in kinds.items() if (plan.folder / name).is_file()]
