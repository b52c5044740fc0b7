"""Who: the leading indicators of a section, group by group (domain guide, 6.2)."""

from __future__ import annotations

from survey_lib.presentation.section import Section
from survey_lib.report.results import Results


def groups(results: Results, lead: list[str]) -> Section:
    """Sex by age first, then the other groups, with what differs säkerställt."""
    return Section("")
