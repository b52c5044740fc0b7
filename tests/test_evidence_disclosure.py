"""docs/disclosure.md tells the made-up city's numbers as the evidence run finds them."""

from __future__ import annotations

import re

import pytest
from conftest import PreparedDemo

from survey_lib.publish import FOLDER, Published, open_published

WAVE = "2024"
HEAD = f"## The made-up city, wave {WAVE}\n"


def page_section(published: Published, seconds: float | None) -> str:
    """The page's section, from what a store tells of itself."""
    account = published.manifest["guarded"]
    shares = account["shares"]
    rows = sum(len(getattr(published, one)) for one in ("indicators", "answers"))
    proved, values = shares["proved"], shares["values"]
    took = f"Prepared in {seconds:.0f} CPU seconds, all waves included." if seconds else ""
    return f"""{HEAD}
Written by `make evidence`; {_spaced(rows)} published rows of indicators and answers.
{took}

| | rows |
|---|---|
| hidden by the primary rules | {_spaced(account["hidden"])} |
| hidden besides, for weighted shares | {_spaced(account["hidden_for_shares"])} |
| hidden besides, for unweighted bases | {
        _spaced(account["hidden_besides"] - account["hidden_for_shares"])
    } |
| hiding every row that stands in a sum with a hidden one would lose | {
        _spaced(shares["whole_rows"])
    } |

Of {_spaced(values)} hidden values of areas and published categories, {_spaced(proved)} \
({100 * proved // values} %) are proved: there
are tables of persons and weights that keep every relation that is published about the question
(`cells.py: system`) in which the numerator is 0 or at least 5 and the share lies 20 percentage
points apart. The other {_spaced(values - proved)} are not proved; that doesn't mean that they can \
be worked out, but
nothing is promised of their shares. What those in no published category (`kon` = 3 or missing)
answered is proved uncertain, by rounding, in {_spaced(shares["unpublished_proved"])} of {
        _spaced(shares["unpublished"])
    } values; of the other
{_spaced(shares["unpublished"] - shares["unpublished_proved"])} nothing is promised.

"""


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def test_the_numbers_of_the_page_agree_with_each_other(pytestconfig: pytest.Config) -> None:
    page = (pytestconfig.rootpath / "docs" / "disclosure.md").read_text(encoding="utf-8")
    section = page[page.index(HEAD) : page.index("## What is promised")]
    told = re.search(r"Of ([\d ]+) hidden values .*?, ([\d ]+) \((\d+) %\)", section)
    left = re.search(r"The other ([\d ]+) are not proved", section)
    assert told and left
    rest = re.search(r"in ([\d ]+) of ([\d ]+) values; of the other\n([\d ]+) ", section)
    assert rest
    known, every, unknown = (int(one.replace(" ", "")) for one in rest.groups())
    assert every - known == unknown < every / 100
    values, proved, percent = (int(one.replace(" ", "")) for one in told.groups())
    assert values - proved == int(left[1].replace(" ", "")) and 100 * proved // values == percent
    rows = [int(one.replace(" ", "")) for one in re.findall(r"\| ([\d ]+) \|", section)]
    assert len(rows) == 4 and sum(rows[:3]) < rows[3]


@pytest.mark.evidence
@pytest.mark.xdist_group("demo")
def test_the_page_tells_what_the_door_does_now(
    prepared_demo: PreparedDemo, pytestconfig: pytest.Config
) -> None:
    published = open_published(prepared_demo.folder / "reports" / WAVE / FOLDER)
    section = page_section(published, prepared_demo.seconds)
    path = pytestconfig.rootpath / "docs" / "disclosure.md"
    page = path.read_text(encoding="utf-8")
    begin, end = page.index(HEAD), page.index("## What is promised")
    path.write_text(page[:begin] + section + page[end:], encoding="utf-8", newline="\n")
    assert published.manifest["guarded"]["shares"]["proved"] > 0
