"""Other parties' pictures: the template that goes out, the file that comes back, and every way to
fill it in wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from vocabulary_world import WORLD, write_world

from survey_lib.export.partner_template import partner_template
from survey_lib.faults import BadInput
from survey_lib.vocabulary import Parameters, load_parameters
from survey_lib.vocabulary.partners import COLUMNS, COMMENT_LENGTH, PartnerPicture

FAULTS = YAML(typ="safe").load(
    (Path(__file__).parent / "partners_faults.yaml").read_text(encoding="utf-8")
)
PARTIES = WORLD["reports.yaml"].replace(
    "level: del\n", "level: del\nparties: {polisen: Polisen, byn: Byalaget}\n"
)
HEADER = "problem_id;problem_sv;prioritet;kommentar\n"
SKRAP, MOPED = "prob_skrap;Skräp;", "prob_moped;Mopeder;"
FILE = "partners/2024/del_a_polisen.csv"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def loaded(files: dict[str, str | bytes]) -> Parameters:
    return load_parameters(write_world(Path("world"), {"reports.yaml": PARTIES, **files}))


def picture(rows: str) -> PartnerPicture:
    (found,) = loaded({FILE: HEADER + rows}).partners
    return found


def told(files: dict[str, str | bytes]) -> list[str]:
    with pytest.raises(BadInput) as problem:
        loaded(files)
    assert all(fault.found and fault.expected and fault.action for fault in problem.value.faults)
    return [
        f"{f.file.removeprefix('world/')}: {f.place}: {f.found}; {f.expected}"
        for f in problem.value.faults
    ]


# -- what is read ---------------------------------------------------------------------------------


def test_places_words_and_comments() -> None:
    first = picture(f"{SKRAP}2;\n{MOPED}1; På  kvällar.\n")
    assert (first.wave, first.area, first.party) == ("2024", "del:a", "polisen")
    assert first.priorities == {"prob_skrap": 2, "prob_moped": 1}
    assert first.comments == {"prob_moped": "På kvällar."}
    second = picture(f"{MOPED} Hög ;\n{SKRAP};Bara en kommentar\n")
    assert second.priorities == {"prob_moped": "hög"}
    assert second.comments == {"prob_skrap": "Bara en kommentar"}


def test_the_template_as_it_is_holds_no_picture() -> None:
    template = partner_template({"prob_skrap": "Skräp", "prob_moped": "=Mopeder"})
    assert template.startswith(b"\xef\xbb\xbf") and template.count(b"\r\n") == 3
    assert template.decode("utf-8-sig").splitlines() == [
        ";".join(COLUMNS), "prob_skrap;Skräp;;", "prob_moped;'=Mopeder;;",
    ]  # fmt: skip
    (found,) = loaded({FILE: template}).partners
    assert found.priorities == {} and found.comments == {}


def test_what_excel_makes_of_the_template_is_read() -> None:
    """Without the mark, other line ends, empty rows at the end, decomposed letters, quotes."""
    text = f'{HEADER}{SKRAP}ho\u0308g;"Ett ; till"\n;;;\n;;;\n'.replace("\n", "\r\n")
    (found,) = loaded({FILE: text.encode()}).partners
    assert found.priorities == {"prob_skrap": "hög"}
    assert found.comments == {"prob_skrap": "Ett ; till"}


def test_files_that_other_programs_leave_are_passed_over() -> None:
    left = {f"partners/2024/{name}": "x" for name in (".~lock.a.csv#", "~$a.xlsx", "LÄS.md")}
    assert loaded(left).partners == []


def test_without_the_folder_or_parties_there_are_none() -> None:
    assert loaded({}).partners == []
    assert load_parameters(write_world(Path("other"))).reports.parties == {}


# -- what is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize("case", FAULTS["rows"], ids=lambda case: case["rows"].strip())
def test_one_fault_at_its_place(case: dict) -> None:
    assert told({FILE: HEADER + case["rows"]}) == [f"{FILE}: {case['told']}"]


@pytest.mark.parametrize("case", FAULTS["files"], ids=lambda case: case["told"][:40])
def test_one_fault_of_a_file(case: dict) -> None:
    assert told({case["file"]: case["text"]}) == [f"{case['file']}: {case['told']}"]


def test_a_comment_that_no_meeting_would_read() -> None:
    (fault,) = told({FILE: f"{HEADER}{SKRAP}1;{'x' * (COMMENT_LENGTH + 1)}\n"})
    assert fault.endswith(f"{COMMENT_LENGTH + 1} characters; at most {COMMENT_LENGTH}")


def test_a_file_saved_by_an_older_excel() -> None:
    (fault,) = told({FILE: f"{HEADER}{SKRAP}hög;\n".encode("cp1252")})
    assert "line 2: byte 0xe4, which is not UTF-8" in fault


def test_every_file_at_fault_is_told_and_the_others_are_read() -> None:
    wrong, other = "partners/2024/del_a_byn.xlsx", FILE.replace("del_a", "del_b")
    files = {wrong: "PK", FILE: f"{HEADER}{SKRAP}1;\n", other: f"{HEADER}{SKRAP}2;\n"}
    assert [line.split(": ")[0] for line in told(files)] == [wrong, other]


def test_a_party_needs_an_id_that_a_file_can_have() -> None:
    wrong = PARTIES.replace("polisen: Polisen", '"Polisen!": Polisen')
    (fault,) = told({"reports.yaml": wrong})
    assert "'Polisen!': 'Polisen'; an id in a–z, 0–9 and _, and a name" in fault


ODD = ["", "1", "2", "3", "hög", "låg", "x", "²", "٣", "=1", '"', "9" * 400]


@settings(max_examples=25)
@given(st.lists(st.sampled_from(ODD), min_size=4, max_size=4))
def test_no_cell_gives_a_traceback(tmp_path_factory, cells: list[str]) -> None:
    world = write_world(
        tmp_path_factory.mktemp("world"),
        {"reports.yaml": PARTIES, FILE: f"{HEADER}{';'.join(cells)}\n{SKRAP}{cells[0]};\n"},
    )
    try:
        load_parameters(world)
    except BadInput as problem:
        assert all(fault.found and fault.expected and fault.action for fault in problem.faults)


def test_the_demos_pictures_say_that_they_are_made_up(parameters: Parameters) -> None:
    assert {one.party for one in parameters.partners} == set(parameters.reports.parties)
    assert parameters.partners
    for one in parameters.partners:
        assert one.priorities
        assert all("DEMO" in comment for comment in one.comments.values())
