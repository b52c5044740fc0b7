"""external.csv: figures of other sources, what can be wrong in them, and how they are shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from published_rows import WORDS
from vocabulary_world import write_world

from survey_lib.faults import BadInput
from survey_lib.presentation import external
from survey_lib.vocabulary import load_parameters
from survey_lib.vocabulary.external import ExternalFigure

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


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("del:a", "del:aa", "line 2, column area: the unknown area 'del:aa'; did you mean del:a?"),
        ("del:a", "Åsen", "line 2, column area: the unknown area 'Åsen'; one of stad:nora, del:a, del:b, kvarter:a1, kvarter:a2"),
        ("del:a", "", "line 2, column area: the unknown area ''; one of stad:nora, del:a, del:b, kvarter:a1, kvarter:a2"),
        ("otrygg_ute", "otrygg_ut", "line 2, column indicator: the unknown indicator 'otrygg_ut'; did you mean otrygg_ute?"),
        ("otrygg_ute;Otrygga på torget", ";", "line 2, column label: neither indicator nor label; the id of an indicator, or what the source calls it"),
        ("0,34", "34", "line 2, column share: 34; a share between 0 and 1, as 0,34"),
        ("0,34", "34 %", "line 2, column share: '34 %'; a share between 0 and 1, as 0,34"),
        ("0,34", "-0,34", "line 2, column share: '-0,34'; a share between 0 and 1, as 0,34"),
        ("0,34", "", "line 2, column share: an empty cell; a share between 0 and 1, as 0,34"),
        ("0,34", "nan", "line 2, column share: 'nan'; a share between 0 and 1, as 0,34"),
        ("0,30", "", "line 2, column low: an interval with one end; both low and high, or neither"),
        ("0,38", "", "line 2, column high: an interval with one end; both low and high, or neither"),
        ("0,30", "0,36", "line 2, column share: 0,34, outside its interval 0,36 to 0,38; low, share and high in order of size"),
        ("1 200", "tusen", "line 2, column n: 'tusen'; a whole number, or nothing"),
        ("1 200", "-5", "line 2, column n: '-5'; a whole number, or nothing"),
        ("1 200", "29", "line 2, column n: 29 respondents; at least 30 (hide_below in tables.yaml)"),
        ("Byalaget", "", "line 2, column source: an empty cell; who made the figure"),
        ("2023", "", "line 2, column year: an empty cell; a year or two, as 2021 or 2019–2020"),
        ("2023", "hösten 2023", "line 2, column year: 'hösten 2023'; a year or two, as 2021 or 2019–2020"),
        (ROW, ROW + ROW, "line 3: the figure of line 2 again; each figure of a source and year once"),
        (ROW, ROW.replace("Byalaget;", ""), "line 2: 8 columns; 9 columns"),
    ],
)  # fmt: skip
def test_one_fault_at_its_place(old: str, new: str, expected: str) -> None:
    assert ROW.count(old) == 1
    assert told(ROW.replace(old, new)) == [expected]


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
    assert text.count("Uppgiften kommer från") == 2 and WORDS.source not in text
    assert not re.search("säkerställ|skillnad|förändr|KI", text, re.IGNORECASE)


def test_no_figures_say_nothing() -> None:
    rows = external.external_rows([], WORDS)
    assert external.external_sentences(rows, WORDS) == [] and rows.empty


def test_the_demos_figures_say_that_they_are_made_up(parameters) -> None:
    assert {figure.area for figure in parameters.external} == {"sdn:majorna_linne"}
    assert all("DEMO" in figure.source for figure in parameters.external)
