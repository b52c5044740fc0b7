"""From the parameters in a notebook's cell to the report that the next cells show."""

from __future__ import annotations

import os
from pathlib import Path

from survey_lib.export import pictures, sheets
from survey_lib.files import find_or_beside, find_upwards
from survey_lib.presentation.section import Section
from survey_lib.report.area_report import NoReport, Report
from survey_lib.report.follow_up import FollowUp
from survey_lib.report.joint_picture import JointPicture
from survey_lib.report.preparing import prepare, prepare_as_published
from survey_lib.report.results import Heading, Results
from survey_lib.report.wave_report import WaveReport
from survey_lib.report.whole_report import WholeReport
from survey_lib.selection import select
from survey_lib.vocabulary import load_parameters


def open_report(
    wave: str,
    area: str,
    compare_with: str = "",
    parameters: str | Path = "parameters",
    reports: str | Path = "reports",
) -> Report | NoReport:
    """The published results of one area, or where nobody was asked only that.

    Parameters
    ----------
    wave, area : ids, as in ``waves/`` and ``areas.csv``: "2024", "level:name".
    compare_with : id of an earlier wave; "" for none.
    parameters, reports : folders, found from the working folder upwards; one for reports that isn't
        there yet is made beside the parameters.

    Raises
    ------
    BadInput
        For an unknown id, or when the wave must be prepared and can't be.
    """
    loaded = load_parameters(find_upwards(parameters))
    chosen = select(loaded, wave=wave, compare_with=compare_with, areas=[area])
    published = prepare(
        loaded, chosen.wave, chosen.compare_with, find_or_beside(reports, loaded.folder)
    )
    results = Results(loaded, published, area)
    return Report(results) if results.asked else NoReport(results)


def open_joint(
    wave: str,
    area: str,
    compare_with: str = "",
    parameters: str | Path = "parameters",
    reports: str | Path = "reports",
) -> JointPicture:
    """The published problems of one area beside the other parties' pictures of them; parameters as
    :func:`open_report`."""
    loaded = load_parameters(find_upwards(parameters))
    chosen = select(loaded, wave=wave, compare_with=compare_with, areas=[area])
    published = prepare(
        loaded, chosen.wave, chosen.compare_with, find_or_beside(reports, loaded.folder)
    )
    return JointPicture(Results(loaded, published, area))


def open_wave(
    wave: str, parameters: str | Path = "parameters", reports: str | Path = "reports"
) -> WaveReport:
    """The published facts about one wave as a whole; parameters as :func:`open_report`."""
    loaded = load_parameters(find_upwards(parameters))
    chosen = select(loaded, wave=wave)
    published = prepare_as_published(
        loaded, chosen.wave, chosen.compare_with, find_or_beside(reports, loaded.folder)
    )
    return WaveReport(Results(loaded, published, loaded.areas.whole))


def open_whole(
    wave: str,
    compare_with: str = "",
    parameters: str | Path = "parameters",
    reports: str | Path = "reports",
) -> WholeReport:
    """The published results of the whole beside those of its areas; parameters as
    :func:`open_report`."""
    loaded = load_parameters(find_upwards(parameters))
    chosen = select(loaded, wave=wave, compare_with=compare_with)
    published = prepare(
        loaded, chosen.wave, chosen.compare_with, find_or_beside(reports, loaded.folder)
    )
    return WholeReport(Results(loaded, published, loaded.areas.whole))


def open_follow_up(
    wave: str, parameters: str | Path = "parameters", reports: str | Path = "reports"
) -> FollowUp:
    """What has become of the promises that a wave follows up; parameters as :func:`open_report`."""
    loaded = load_parameters(find_upwards(parameters))
    chosen = select(loaded, wave=wave)
    published = prepare_as_published(
        loaded, chosen.wave, chosen.compare_with, find_or_beside(reports, loaded.folder)
    )
    return FollowUp(Results(loaded, published, loaded.areas.whole))


def show(section: Section | Heading) -> None:
    """Display a section in a notebook, and so in the report; where files for others are asked for,
    send along the pictures of its charts and its tables."""
    from IPython.display import display

    display(section)
    if pictures.ASKED not in os.environ:
        return
    if isinstance(section, Heading):
        display(sheets.cover_bundle(section.cover), raw=True)
    else:
        if any(section.charts()):
            display(pictures.bundle(section), raw=True)
        if any(section.every_table()):
            display(sheets.bundle(section), raw=True)
