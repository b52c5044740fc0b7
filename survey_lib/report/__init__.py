"""What the notebooks open: one area's published results, or one wave's, section by section.

``report = open_report(...)`` reads the published store only; it prepares the wave first when that
has not been done or its inputs have changed. ``show(report.problems)`` displays a section as
sentences, charts and tables of the same numbers.

==================  ==============================================================================
:mod:`.opening`     ``open_report``, ``open_wave``, ``open_whole``, ``open_follow_up`` and ``show``
:mod:`.results`     what was published about one area, with its labels and words
:mod:`.area_report`  the sections of an area's report
:mod:`.joint_picture`  the sections of an area's page of the joint picture
:mod:`.wave_report`  the sections of the page about a wave
:mod:`.whole_report` the sections of the page about the whole
:mod:`.follow_up`   the sections of the page about promises
==================  ==============================================================================
"""

from survey_lib.report.opening import (
    open_follow_up,
    open_joint,
    open_report,
    open_wave,
    open_whole,
    show,
)

__all__ = ["open_follow_up", "open_joint", "open_report", "open_wave", "open_whole", "show"]
