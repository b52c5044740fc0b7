"""Published results as files for others: the table for the joint picture, the pictures for slides.

==================  ==============================================================================
:mod:`.joint_table`  the residents' ranked problems, to lay beside the other parties' pictures
==================  ==============================================================================
"""

from survey_lib.export.joint_table import (
    joint_csv,
    joint_json,
    joint_table,
    joint_table_without_survey,
)

__all__ = ["joint_csv", "joint_json", "joint_table", "joint_table_without_survey"]
