"""Floor 0: what was asked, of whom, where and when, as ``parameters/`` says it.

``load_parameters(folder)`` reads and checks everything, and raises one
:class:`~survey_lib.faults.BadInput` with every fault of every file.
"""

from survey_lib.vocabulary.areas import Area, Areas, Level
from survey_lib.vocabulary.groups import Group, ResolvedGroup
from survey_lib.vocabulary.loading import load_parameters
from survey_lib.vocabulary.parameters import Parameters
from survey_lib.vocabulary.questionnaire import Background, Indicator, Item, Questionnaire
from survey_lib.vocabulary.swedish_order import swedish_key
from survey_lib.vocabulary.waves import Wave

__all__ = [
    "Area",
    "Areas",
    "Background",
    "Group",
    "Indicator",
    "Item",
    "Level",
    "Parameters",
    "Questionnaire",
    "ResolvedGroup",
    "Wave",
    "load_parameters",
    "swedish_key",
]
