"""An analyst's own work on the answers: the road step by step, and questions of one's own.

For notebooks such as ``0_start``. What is shown here follows the primary rules of the door (domain
guide, 6.3) and its rounding, but hasn't passed it: nothing keeps hidden values from being worked
out of several tables. So all of it is marked *arbetsmaterial*, nothing in this library imports this
package, it refuses to work inside a run of reports, and the search of files
(:mod:`survey_lib.scan`) refuses the mark in every file of a report.

===================  =============================================================================
:mod:`.road`         ``read_wave``, and the steps from a delivered file to a report
:mod:`.microdata`    ``open_microdata``: shares and crosstabs of a wave's weighted answers
:mod:`.classes`      what persons are divided by: a group, a question, a level of areas
:mod:`.questions`    the numbers: shares by classes, answers by classes, and their test
:mod:`.sections`     the numbers as sentences, charts and tables
:mod:`.material`     protection and mark of all that is shown
:mod:`.picker`       ``pick_area``: a list of areas, where ipywidgets is installed
===================  =============================================================================
"""

from survey_lib.workbench.microdata import Microdata, open_microdata
from survey_lib.workbench.picker import pick_area
from survey_lib.workbench.road import read_wave

__all__ = ["Microdata", "open_microdata", "pick_area", "read_wave"]
