"""From answers to reports: read, clean, weight, estimate, publish, render.

Importing the package loads nothing but the standard library, numpy and pandas; every module
imports its heavier needs where it uses them. Start from a notebook with
``from survey_lib import open_report, show``.
"""

__version__ = "0.1.0"
