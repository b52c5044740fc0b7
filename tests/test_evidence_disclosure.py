"""docs/disclosure.md tells the made-up city's numbers as the evidence run finds them."""

from __future__ import annotations

import re

import pytest
from conftest import PreparedDemo
from door_page import ENSU, MADE_UP, read_section, write_section

from survey_lib.disclosure.cells import Rule
from survey_lib.disclosure.guard import rule_of
from survey_lib.publish import FOLDER, open_published
from survey_lib.report.protection import warnings
from survey_lib.vocabulary import load_parameters


@pytest.mark.parametrize("title", [MADE_UP, ENSU])
def test_the_numbers_of_the_page_agree_with_each_other(title: str) -> None:
    section = read_section(title)
    told = re.search(r"Of ([\d ]+) hidden values .*?, ([\d ]+) \((\d+) %\)", section)
    left = re.search(r"The other ([\d ]+) are not proved", section)
    assert told
    rest = re.search(r"in ([\d ]+) of ([\d ]+) values", section)
    others = re.search(r"of the\nother ([\d ]+) nothing is promised", section)
    if rest:
        known, every = (_number(one) for one in rest.groups())
        assert every - known == (_number(others[1]) if others else 0) <= every / 1000
    assert bool(rest) is not ("Everybody is in a published category." in section)
    values, proved, percent = (_number(one) for one in told.groups())
    assert values - proved == (_number(left[1]) if left else 0)
    assert 100 * proved // values == percent
    bases = re.search(
        r"Of ([\d ]+) of these values .*, and ([\d ]+) \((\d+) %\) of these bases", section
    )
    assert bases
    small, sure, percent = (_number(one) for one in bases.groups())
    assert 0.9 * small < sure <= small <= values and 100 * sure // small == percent
    rows = [_number(one) for one in re.findall(r"\| ([\d ]+) \|", section)]
    assert len(rows) == 4 and rows[1] + rows[2] < rows[3]


def _number(told: str) -> int:
    return int(told.replace(" ", ""))


@pytest.mark.xdist_group("demo")
def test_every_hidden_value_of_the_made_up_city_keeps_the_default_rule(
    prepared_demo: PreparedDemo,
) -> None:
    """A base is uncertain by 5 persons, a numerator of 1-4 can be 0 or 5, a share by 20 points: two
    whole tables with all that is published show it of every value, and no page warns."""
    parameters = load_parameters(prepared_demo.folder / "parameters")
    assert rule_of(parameters.tables.showing) == Rule(base=5, few=5, share=0.2, hide_below=30)
    published = open_published(prepared_demo.folder / "reports" / "2024" / FOLDER)
    account = published.manifest["guarded"]
    shares, bases = account["shares"], account["bases"]
    assert shares["proved"] == shares["values"] > 1_000
    assert shares["unpublished_proved"] == shares["unpublished"] > 1_000
    assert bases["proved"] == bases["values"] > 1_000
    assert not warnings(published, parameters)


@pytest.mark.evidence
@pytest.mark.xdist_group("demo")
def test_the_page_tells_what_the_door_does_now(prepared_demo: PreparedDemo) -> None:
    published = open_published(prepared_demo.folder / "reports" / "2024" / FOLDER)
    took = f"Prepared in {prepared_demo.seconds:.0f} CPU seconds, all waves included."
    write_section(MADE_UP, took, published)
    assert published.manifest["guarded"]["shares"]["proved"] > 0
