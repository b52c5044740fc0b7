"""docs/disclosure.md tells the made-up city's numbers as the evidence run finds them."""

from __future__ import annotations

import re

import pytest
from conftest import PreparedDemo
from door_page import ENSU, MADE_UP, read_section, write_section

from survey_lib.publish import FOLDER, open_published


@pytest.mark.parametrize("title", [MADE_UP, ENSU])
def test_the_numbers_of_the_page_agree_with_each_other(title: str) -> None:
    section = read_section(title)
    told = re.search(r"Of ([\d ]+) hidden values .*?, ([\d ]+) \((\d+) %\)", section)
    left = re.search(r"The other ([\d ]+) are not proved", section)
    assert told and left
    rest = re.search(r"in ([\d ]+) of ([\d ]+) values; of the\nother ([\d ]+) ", section)
    if rest:
        known, every, unknown = (int(one.replace(" ", "")) for one in rest.groups())
        assert every - known == unknown < every / 1000
    assert bool(rest) is not ("Everybody is in a published category." in section)
    values, proved, percent = (int(one.replace(" ", "")) for one in told.groups())
    assert values - proved == int(left[1].replace(" ", "")) and 100 * proved // values == percent
    bases = re.search(
        r"Of ([\d ]+) of these values .*, and ([\d ]+) \((\d+) %\) of these bases", section
    )
    assert bases
    small, sure, percent = (int(one.replace(" ", "")) for one in bases.groups())
    assert 0.9 * small < sure <= small <= values and 100 * sure // small == percent
    rows = [int(one.replace(" ", "")) for one in re.findall(r"\| ([\d ]+) \|", section)]
    assert len(rows) == 4 and rows[1] + rows[2] < rows[3]


@pytest.mark.evidence
@pytest.mark.xdist_group("demo")
def test_the_page_tells_what_the_door_does_now(prepared_demo: PreparedDemo) -> None:
    published = open_published(prepared_demo.folder / "reports" / "2024" / FOLDER)
    took = f"Prepared in {prepared_demo.seconds:.0f} CPU seconds, all waves included."
    write_section(MADE_UP, took, published)
    assert published.manifest["guarded"]["shares"]["proved"] > 0
