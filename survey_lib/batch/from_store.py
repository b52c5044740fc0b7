"""What a run writes straight from the store and the parameters, without a notebook.

Files beside a report, pages that say why there is none, and the wave's front page: written by
:mod:`.reports`, and made again by :mod:`.held` to see that a file says nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from survey_lib.batch.index_rows import index_rows
from survey_lib.batch.plan import Plan
from survey_lib.export import beside, joint_csv, joint_json
from survey_lib.export.sheets import sheets_of
from survey_lib.export.workbook import workbook
from survey_lib.rendering.index import failed, no_survey, render_index, render_message_page
from survey_lib.report.area_report import NoReport
from survey_lib.report.joint_picture import JointPicture
from survey_lib.report.results import PROBLEMS, Results

if TYPE_CHECKING:
    from survey_lib.batch.made import Outcome
    from survey_lib.rendering.page import Page


def joint_files(plan: Plan, key: str) -> dict[str, bytes]:
    """The table for the joint picture as files, of an area where there is one."""
    if key not in plan.selection.areas or PROBLEMS not in plan.parameters.tables.tables:
        return {}
    results = Results(plan.parameters, plan.published, key)
    tables = joint_csv(results.joint), joint_json(results.joint, results.words)
    return dict(zip(beside.joint_names(plan.stem(key)), tables, strict=True))


def to_write_in(plan: Plan, key: str) -> dict[str, bytes]:
    """Of a page of the joint picture: documents for the meeting, templates for the other
    parties."""
    area = plan.area_of(key)
    if area is None or key != area + beside.PICTURE:
        return {}
    picture = JointPicture(Results(plan.parameters, plan.published, area))
    made = picture.documents() | picture.templates()
    return {name: content for name, content in made.items() if content}


def no_report(plan: Plan, area: str) -> dict[str, bytes]:
    """What there is of an area without a survey: a page, and what other sources say."""
    areas, wave, stem = plan.parameters.areas, plan.wave, plan.stem(area)
    place = areas.levels[areas.level_of(area)].definite
    report = NoReport(Results(plan.parameters, plan.published, area))
    external = report.external
    said = no_survey(place, wave.label, plan.last_asked(area), bool(wave.pools))
    body = replace(external, parts=[*external.parts, report.files]).html()
    around = plan.page(area)
    content = {
        beside.page_name(stem): message_page(around, said, body=body),
        **joint_files(plan, area),
    }
    if tables := sheets_of(external):
        content[beside.workbook_name(stem)] = workbook(report.heading.cover, tables)
    return content


def message_page(around: Page, paragraphs: Sequence[str], **more: Any) -> bytes:
    return render_message_page(paragraphs=paragraphs, **vars(around), **more).encode("utf-8")


def failed_page(reason: str) -> list[str]:
    """What a page in a report's place says: the line for readers."""
    return failed(reason.partition("\n")[0])


def front_page(plan: Plan, states: Mapping[str, Outcome]) -> bytes:
    """The wave's index: of every page, by its key, what became of it."""
    reports, wave = plan.parameters.reports, plan.wave
    text = render_index(
        wave.label,
        index_rows(plan, states),
        title=reports.title,
        publisher=reports.publisher,
        fieldwork=None if wave.pools else wave.fieldwork,
        facts=plan.facts,
        demo=wave.demo,
        warning=plan.warning,
    )
    return text.encode("utf-8")
