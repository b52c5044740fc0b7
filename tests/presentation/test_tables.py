"""Tables: what stands in them, and that they can be read by ear."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from published_rows import WORDS, answers, areas, problems, profile

from survey_lib.presentation import phrases, report_tables, tables
from survey_lib.presentation.tables import HtmlTable

MAKERS = {
    "indicators": lambda words: report_tables.indicator_table(problems(), words, "Tabell"),
    "change": lambda words: report_tables.change_table(problems(), words, "Tabell"),
    "answers": lambda words: report_tables.answers_table(answers(), words, "Tabell"),
    "profile": lambda words: report_tables.profile_table(profile(), words, "Tabell"),
    "areas": lambda words: report_tables.areas_table(areas(), words, "Tabell"),
}


def read(table: HtmlTable) -> BeautifulSoup:
    return BeautifulSoup(table.html("prov"), "html.parser")


def texts(table: HtmlTable) -> list[list[str]]:
    return [[f"{c.text}|{c.detail}".rstrip("|") for c in row] for row in table.rows]


@pytest.mark.parametrize("name", MAKERS)
def test_every_table_has_caption_scopes_and_a_named_frame(name: str) -> None:
    soup = read(MAKERS[name](WORDS))
    table = soup.table
    assert table and table.caption
    assert soup.find(id=str(soup.select_one("[role=region]")["aria-labelledby"])) is table.caption
    assert soup.select_one("[role=region]")["tabindex"] == "0"
    assert all(th["scope"] == "col" for th in table.thead("th"))
    rows = [tr for tr in table.select("tbody tr") if not tr.find("th", scope="rowgroup")]
    width = len(table.thead("th"))
    for tr in rows:
        cells = tr(["th", "td"])
        assert cells[0].name == "th" and cells[0]["scope"] == "row"
        assert [cell.name for cell in cells[1:]] == ["td"] * (width - 1)
    assert all(cell.get_text(strip=True) for cell in table(["th", "td"]))
    ids = [tag["id"] for tag in soup(id=True)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", MAKERS)
def test_respondents_stand_last_and_the_source_below(name: str) -> None:
    table = MAKERS[name](WORDS)
    assert table.columns[-1].heading.startswith("Antal svarande (oviktat)")
    assert table.notes[-1] == "Källa: Undersökningen 2024"


@pytest.mark.parametrize("name", MAKERS)
def test_made_up_answers_say_so_in_every_table(name: str) -> None:
    assert "DEMO" in read(MAKERS[name](replace(WORDS, demo=True))).caption.get_text()
    assert "DEMO" not in read(MAKERS[name](WORDS)).get_text()


def test_columns_come_in_the_order_of_the_guide() -> None:
    headings = [c.heading for c in MAKERS["indicators"](WORDS).columns]
    assert headings == [
        "Fråga", "Plats", "Andel 2022", "Andel 2024", "95\u00a0%\u00a0KI",
        "Förändring sedan 2022 (p.e.)", "Andel i övriga staden",
        "Skillnad mot övriga staden (p.e.)", "Antal svarande (oviktat)",
    ]  # fmt: skip
    alone = problems()[["label", "estimate", "low", "high", "n", "mark"]]
    headings = [c.heading for c in report_tables.indicator_table(alone, WORDS, "").columns]
    assert headings == ["Fråga", "Andel 2024", "95\u00a0%\u00a0KI", "Antal svarande (oviktat)"]


def test_values_with_marks_intervals_and_verdicts() -> None:
    rows = texts(MAKERS["indicators"](WORDS))
    assert rows[0] == [
        "Nedskräpning", "1|1–2", "49\u00a0%|46–52", "41\u00a0%", "38–44",
        "−8|−12 till −4, säkerställd", "40\u00a0%|37–43", "+1|−3 till 5, ej säkerställd", "900",
    ]  # fmt: skip
    assert rows[3][3:6] == ["22\u00a0%|(osäkert)", "19–25", "+2|−2 till 6, för litet underlag"]
    assert rows[4][2] == "–" and rows[4][5] == "–|frågan ändrad"
    assert rows[5] == ["Anlagda bränder", "–", *[".."] * 7]
    bold = [strong.get_text() for strong in read(MAKERS["indicators"](WORDS))("strong")]
    assert bold == ["−8 −12 till −4, säkerställd", "+5 1–9, säkerställd"]


def test_a_secured_change_is_not_written_with_two_equal_numbers() -> None:
    frame = problems().head(1).assign(
        estimate=0.2532, change_second=0.2481, change_difference=0.0051, change_secured=True
    )  # fmt: skip
    row = texts(report_tables.indicator_table(frame, WORDS, ""))[0]
    assert row[2:4] == ["24,8\u00a0%|46–52", "25,3\u00a0%"]
    assert row[5].startswith("+0,5|") and row[5].endswith(", säkerställd")


def test_marks_are_explained_when_they_stand_there_and_only_then() -> None:
    notes = " ".join(MAKERS["indicators"](WORDS).notes)
    assert ".. = redovisas inte på grund av för få svarande" in notes
    assert "(osäkert) = osäkert värde, färre än 100 svarande" in notes
    assert "kan inte förekomma" not in notes
    plain = report_tables.indicator_table(problems().head(3), WORDS, "")
    assert "redovisas inte" not in " ".join(plain.notes)
    assert ". = kan inte förekomma" in MAKERS["answers"](WORDS).notes


def test_an_answer_that_is_not_offered_cannot_occur() -> None:
    rows = texts(MAKERS["answers"](WORDS))
    assert rows[0] == [
        "I området", "45\u00a0%|43–47", "36\u00a0%|34–38", "9\u00a0%|7–11", "6\u00a0%|4–8",
        "2\u00a0%|0–4", ".", "2\u00a0%|0–4", "900",
    ]  # fmt: skip
    assert rows[2] == ["I skolan", *[".."] * 5, ".", "..", ".."]


def test_marks_are_spoken() -> None:
    """Two dots are silent in a screen reader."""
    cell = read(MAKERS["answers"](WORDS)).select("tbody tr")[2].find_all("td")
    assert [hidden["aria-hidden"] for hidden in cell[0]("span", attrs={"aria-hidden": True})]
    assert cell[0].find(class_="unseen").get_text() == "redovisas inte"
    assert cell[5].find(class_="unseen").get_text() == "kan inte förekomma"


def test_no_number_of_a_hidden_row_is_in_the_page() -> None:
    frame = problems()
    frame.loc[5, ["estimate", "low", "high", "n", "change_second", "change_difference"]] = 0.7713
    html = report_tables.indicator_table(frame, WORDS, "").html()
    assert "77" not in html


def test_groups_head_their_rows() -> None:
    soup = read(MAKERS["profile"](WORDS))
    assert [th.get_text() for th in soup.select("th[scope=rowgroup]")] == ["Ålder", "Födelseland"]
    assert [len(body("tr")) for body in soup("tbody")] == [3, 3]


def test_who_answered() -> None:
    assert texts(MAKERS["areas"](WORDS)) == [
        ["Askim-Frölunda-Högsbo", "1\u202f800", "948", "53\u00a0%", "47\u00a0%", "941"],
        ["Centrum", "–", "–", "–", "–", "1\u202f012"],
    ]


def test_cleaning_log_with_words_in_place_of_small_counts() -> None:
    log = pd.DataFrame(
        {"label": ["Dubbletter"], "answers": ["0"], "persons": ["färre än 5"],
         "removed": ["12"], "left": [9481]}
    )  # fmt: skip
    table = report_tables.cleaning_table(log, WORDS, "Rensning")
    assert texts(table) == [["Dubbletter", "0", "färre än 5", "12", "9\u202f481"]]
    assert table.rows[0][1].value == 0 and table.rows[0][2].value is None


def test_weights() -> None:
    rows = pd.DataFrame(
        {"label": ["Centrum"], "population": [58624.0], "smallest": [0.3], "largest": [3.0],
         "trimmed": [7], "leverage_capped": [2], "kish_deff": [1.234], "respondents": [988]}
    )  # fmt: skip
    table = report_tables.weights_table(rows, WORDS, "Vikter")
    assert texts(table) == [["Centrum", "58\u202f624", "0,30", "3,00", "7", "2", "1,23", "988"]]


def test_cells_keep_their_raw_values() -> None:
    """For the workbook: numbers stay numbers, and a hidden one is nothing."""
    table = MAKERS["indicators"](WORDS)
    assert table.rows[0][3].value == 0.412
    assert [cell.value for cell in table.rows[5][1:]] == [None] * 8


def test_text_from_files_is_data() -> None:
    evil = "<script>alert(1)</script>\"'&\u202e$x$"
    frame = problems().head(2).assign(label=evil)
    words = replace(WORDS, source=evil, rest=evil, before="<b>")
    table = report_tables.indicator_table(frame, words, evil, notes=[f"Fråga: {evil}"])
    soup = read(table)
    assert not soup("script") and not soup("b")
    assert "\u202e" not in str(soup)
    assert "<script>alert(1)</script>\"'&$x$" in soup.tbody.th.get_text()


def test_an_empty_table_is_still_a_table() -> None:
    soup = read(HtmlTable.of(problems().iloc[:0], [tables.text("Fråga", "label")], "Tom", WORDS))
    assert soup.tbody is not None and not soup.tbody("tr")


def test_bortfall_by_group_is_shown_where_it_is_known_and_said_to_be_estimated():
    known = read(MAKERS["profile"](WORDS)).get_text()
    assert "Bortfall, skattat" in known and "70\u00a0%" in known  # 1 - 270 / (1800 * 0.5)
    assert "de inbjudna antas ha samma sammansättning som befolkningen" in known
    unknown = profile().assign(nonresponse=np.nan, population=np.nan)
    text = read(report_tables.profile_table(unknown, WORDS, "Tabell")).get_text()
    assert "Bortfall" not in text and "Befolkningen" not in text


def test_other_samples_are_explained_below_the_table_whichever_side_they_are() -> None:
    quota = replace(WORDS, probability=False)
    for make in (report_tables.indicator_table, report_tables.change_table):
        assert phrases.KVOT not in make(problems(), WORDS, "x").notes
        assert phrases.KVOT in make(problems(), quota, "x").notes
        assert not [note for note in make(problems(), quota, "x").notes if "KI =" in note]
        earlier = problems().assign(change_state="sampling")
        assert {phrases.KVOT, phrases.INTERVAL_NOTE} <= set(make(earlier, WORDS, "x").notes)
