"""The file that another party fills in with its own picture of an area's problems.

In the order of the questionnaire and without any of the residents' figures, so that the party's
picture is its own. :mod:`survey_lib.vocabulary.partners` reads what comes back.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from survey_lib.export.joint_table import guarded
from survey_lib.vocabulary.partners import COLUMNS


def partner_template(problems: Mapping[str, str]) -> bytes:
    """An empty picture for a Swedish Excel: UTF-8 with BOM, semicolon, CRLF.

    ``problems``: their words by id, in the order of the rows.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([problem, guarded(label), "", ""] for problem, label in problems.items())
    return target.getvalue().encode("utf-8-sig")
