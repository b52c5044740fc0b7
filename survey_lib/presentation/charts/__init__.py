"""Published rows -> pictures in one house style, intervals always drawn, labels on the marks.

Each maker takes the published frame, the report's :class:`~survey_lib.presentation.phrases.Words`
and a caption, and gives a :class:`~survey_lib.presentation.figure.Figure` whose text alternative is
made from the same numbers. Nothing is drawn, and matplotlib isn't loaded, before it is shown.
"""

from survey_lib.presentation.charts.across import across
from survey_lib.presentation.charts.area_map import area_map
from survey_lib.presentation.charts.beside import beside
from survey_lib.presentation.charts.change import change
from survey_lib.presentation.charts.diverging import diverging
from survey_lib.presentation.charts.groups import groups
from survey_lib.presentation.charts.places import places
from survey_lib.presentation.charts.planned import planned
from survey_lib.presentation.charts.profile import profile
from survey_lib.presentation.charts.ranked import ranked
from survey_lib.presentation.charts.timeline import timeline
from survey_lib.presentation.charts.watched import watched

__all__ = [
    "across",
    "area_map",
    "beside",
    "change",
    "diverging",
    "groups",
    "places",
    "planned",
    "profile",
    "ranked",
    "timeline",
    "watched",
]
