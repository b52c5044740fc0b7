"""Published results as files for others: tables for the joint picture and as a workbook, pictures.

===================  =============================================================================
:mod:`.joint_table`  the residents' ranked problems, to lay beside the other parties' pictures
:mod:`.sheets`       every table of a report, each number in a cell of its own
:mod:`.workbook`     those as one accessible workbook
:mod:`.pictures`     the charts as files for slides
:mod:`.beside`       under which names all this lies beside a report's page
===================  =============================================================================
"""

from survey_lib.export.joint_table import (
    joint_csv,
    joint_json,
    joint_table,
    joint_table_without_survey,
)

__all__ = ["joint_csv", "joint_json", "joint_table", "joint_table_without_survey"]
