"""external.csv: figures of other sources, what can be wrong in them, and how they are shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from published_rows import WORDS
from ruamel.yaml import YAML
from vocabulary_world import write_world

from survey_lib.faults import BadInput
from survey_lib.presentation import external
from survey_lib.vocabulary import load_parameters
from survey_lib.vocabulary.external import ExternalFigure

FAULTS = YAML(typ="safe").load(
    (Path(__file__).parent / "promises_faults.yaml").read_text(encoding="utf-8")
)
HEADER = "area;indicator;label;share;low;high;n;source;year\n"
ROW = "del:a;otrygg_ute;Otrygga på torget;0,34;0,30;0,38;1 200;Byalaget;2023\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def loaded(rows: str) -> list[ExternalFigure]:
    return load_parameters(write_world(Path("world"), {"external.csv": HEADER + rows})).external


def told(rows: str) -> list[str]:
    with pytest.raises(BadInput) as problem:
        loaded(rows)
    assert all(fault.action for fault in problem.value.faults)
    assert {fault.file for fault in problem.value.faults} == {"world/external.csv"}
    return [f"{f.place}: {f.found}; {f.expected}" for f in problem.value.faults]


def test_a_figure_with_comma_or_point() -> None:
    (figure,) = loaded(ROW)
    assert figure == ExternalFigure(
        area="del:a", indicator="otrygg_ute", label="Otrygga på torget", share=0.34, low=0.30,
        high=0.38, n=1200, source="Byalaget", year="2023",
    )  # fmt: skip
    assert loaded(ROW.replace(",", ".")) == [figure]


def test_what_may_be_left_out() -> None:
    alone, own = loaded("del:a;otrygg_ute;;1;;;;Byalaget;2019-2020\nstad:nora;;Nöjda;0;;;;X;2023\n")
    assert (alone.label, alone.low, alone.n, alone.year) == ("Otrygga ute", None, None, "2019–2020")
    assert (own.indicator, own.label, own.share) == (None, "Nöjda", 0.0)


def test_without_the_file_there_are_none() -> None:
    assert load_parameters(write_world(Path("world"))).external == []


CASES = [case for case in FAULTS if case["file"] == "external.csv"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["new"].strip())
def test_one_fault_at_its_place(case: dict) -> None:
    assert ROW.count(case["old"]) == 1
    assert told(ROW.replace(case["old"], case["new"])) == case["told"]


def test_percent_are_told_as_shares() -> None:
    with pytest.raises(BadInput) as problem:
        loaded(ROW.replace("0,34;0,30;0,38", "34,5;30;38"))
    assert [f.action for f in problem.value.faults] == [
        "write 0,345 if it is 34,5 percent",
        "write 0,3 if it is 30 percent",
        "write 0,38 if it is 38 percent",
    ]


def test_no_cell_gives_a_traceback() -> None:
    cells = ROW.strip().split(";")
    for place in range(len(cells)):
        for odd in ("", "x", "9" * 5000, "²", "=1+1", '"', "0,1,2", "½", "٣"):
            row = ";".join([*cells[:place], odd, *cells[place + 1 :]])
            try:
                loaded(row + "\n")
            except BadInput as problem:
                assert all(f.found and f.expected and f.action for f in problem.faults)


# -- how they are shown -------------------------------------------------------------------------

FIGURES = [
    ExternalFigure(
        area="a", indicator="i", label="Otrygga på torget", share=0.345, low=0.30, high=0.38,
        n=1200, source="Byalaget", year="2023",
    ),
    ExternalFigure(
        area="a", indicator=None, label="Nöjda", share=0.71, low=None, high=None, n=None,
        source="Bostadsbolaget", year="2019–2020",
    ),
    ExternalFigure(
        area="a", indicator=None, label="Rädda", share=0.004, low=0.0, high=0.02, n=45,
        source="Byalaget", year="2023",
    ),
]  # fmt: skip
PHRASE = "Den är framtagen på ett annat sätt och kan inte jämföras direkt."


def test_every_source_is_named_with_its_phrase() -> None:
    said = external.external_sentences(external.external_rows(FIGURES, WORDS), WORDS)
    told = [list(map(str, part)) if isinstance(part, list) else str(part) for part in said]
    assert told == [
        [
            "Otrygga på torget: 35 procent (källans intervall 30–38; 1\u202f200 svarande).",
            "Rädda: mindre än 1 procent (källans intervall 0–2; 45 svarande; osäkert värde, färre "
            "än 100 svarande).",
        ],
        f"Uppgiften kommer från Byalaget, 2023. {PHRASE}",
        ["Nöjda: 71 procent."],
        f"Uppgiften kommer från Bostadsbolaget, 2019–2020. {PHRASE}",
    ]


def test_the_table_holds_the_same_and_no_test() -> None:
    table = external.external_table(external.external_rows(FIGURES, WORDS), WORDS)
    assert [[f"{c.text} {c.detail}".strip() for c in row] for row in table.rows] == [
        ["Otrygga på torget", "35\xa0%", "30–38", "1\u202f200", "Byalaget", "2023"],
        ["Rädda", "<1\xa0% (osäkert)", "0–2", "45", "Byalaget", "2023"],
        ["Nöjda", "71\xa0%", "–", "–", "Bostadsbolaget", "2019–2020"],
    ]
    text = BeautifulSoup(table.html(), "html.parser").get_text(" ")
    assert "Uppgiften kommer från" not in text  # said once, above the table
    assert WORDS.source not in text
    assert not re.search("säkerställ|skillnad|förändr|KI", text, re.IGNORECASE)


def test_no_figures_say_nothing() -> None:
    rows = external.external_rows([], WORDS)
    assert external.external_sentences(rows, WORDS) == [] and rows.empty


def test_the_demos_figures_say_that_they_are_made_up(parameters) -> None:
    assert {figure.area for figure in parameters.external} == {"sdn:majorna_linne"}
    assert all("DEMO" in figure.source for figure in parameters.external)
