"""``trygg audit``: what is hidden can't be worked out of what is published, or is found."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import PreparedDemo
from typer.testing import CliRunner

from survey_lib import audit as auditing
from survey_lib import cli, pipeline
from survey_lib.audit import audit, stores
from survey_lib.batch import held as holding
from survey_lib.batch.held import held
from survey_lib.batch.made import FOLDER as MADE
from survey_lib.batch.progress import Quiet
from survey_lib.batch.reports import make_reports
from survey_lib.disclosure import HIDDEN, wave
from survey_lib.faults import BadInput
from survey_lib.publish import FOLDER, Published, open_published, write_published
from survey_lib.scan.lines import lines, shares
from survey_lib.selection import select
from survey_lib.vocabulary import Parameters, load_parameters

NOW, BEFORE = "2024", "2022"
AREA, STEM = "sdn:angered", "DEMO_sdn_angered"
KEYS = ["area", "indicator", "group", "category"]


@pytest.fixture(scope="module")
def reports(few_tables: PreparedDemo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return few_tables.copy(tmp_path_factory.mktemp("audit")) / "reports"


@pytest.fixture(scope="module")
def parameters(reports: Path) -> Parameters:
    return load_parameters(reports.parent / "parameters")


@pytest.fixture(scope="module")
def published(reports: Path) -> dict[str, Published]:
    return stores(reports / NOW)


def findings(
    published: dict[str, Published], parameters: Parameters, **changed: pd.DataFrame
) -> set[str]:
    """What is found when some frames of the wave are others than the door published."""
    found = audit({**published, NOW: replace(published[NOW], **changed)}, parameters)
    assert found.passed == found.findings.empty
    return set(found.findings["finding"])


def test_what_the_door_publishes_passes_and_all_is_tried(
    published: dict[str, Published], parameters: Parameters
) -> None:
    assert list(published) == [NOW, BEFORE]
    found = audit(published, parameters)
    assert found.passed
    assert found.subtraction > 20 and not found.attacked and len(found.left) > 5
    account = published[NOW].manifest["guarded"]
    assert account["hidden_besides"] >= account["hidden_for_shares"] > 0
    assert 0 < account["shares"]["proved"] <= account["shares"]["values"]
    assert 0 < account["bases"]["proved"] <= account["bases"]["values"]
    assert account["bases"]["values"] <= account["shares"]["values"]
    rows = [vars(published[NOW])[name] for name in ("indicators", "answers", "areas", "profile")]
    hidden = sum(int((frame["mark"] == HIDDEN).sum()) for frame in rows)
    assert account["hidden"] + account["hidden_besides"] == hidden


def test_without_the_guard_subtraction_finds_values_and_nothing_is_published(
    parameters: Parameters, reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wave, "guard", lambda shown, *_: (shown, {}))
    made = shutil.ignore_patterns("protected")
    shutil.copytree(reports.parent / pipeline.PRIVATE, tmp_path / pipeline.PRIVATE, ignore=made)
    with pytest.raises(RuntimeError, match="can be worked out"):
        pipeline.prepare(parameters, NOW, BEFORE, tmp_path / "reports")
    assert not (tmp_path / "reports" / NOW / FOLDER).exists()


Change = Callable[[Published, Published], dict[str, Any]]


def exact_base(now: Published, _: Published) -> dict[str, Any]:
    return {"indicators": now.indicators.assign(n=now.indicators["n"] + 1)}


def exact_share(now: Published, _: Published) -> dict[str, Any]:
    return {"effects": now.effects.assign(effect=now.effects["effect"] + 1e-5)}


def left_number(now: Published, _: Published) -> dict[str, Any]:
    rows = now.indicators.copy()
    rows.loc[rows.index[rows["mark"] == HIDDEN][0], "n_effective"] = 12.0
    return {"indicators": rows}


def told_by_a_contrast(now: Published, _: Published) -> dict[str, Any]:
    hidden = now.indicators[now.indicators["mark"] == HIDDEN]
    rows = now.contrasts.copy()
    mine = pd.MultiIndex.from_frame(rows[KEYS]).isin(pd.MultiIndex.from_frame(hidden[KEYS]))
    rows.loc[rows.index[mine][0], "difference"] = 0.1
    return {"contrasts": rows}


def told_by_a_later_wave(now: Published, before: Published) -> dict[str, Any]:
    hidden = before.indicators[before.indicators["mark"] == HIDDEN]
    rows = now.contrasts.copy()
    mine = pd.MultiIndex.from_frame(rows[KEYS]).isin(pd.MultiIndex.from_frame(hidden[KEYS]))
    mine &= (rows["comparison"] == "change").to_numpy()
    rows.loc[rows.index[mine][0], "second"] = 0.1
    return {"contrasts": rows}


def told_by_the_trend(now: Published, before: Published) -> dict[str, Any]:
    rows = now.trend.copy()
    hidden = rows.index[(rows["wave"] == BEFORE) & (rows["mark"] == HIDDEN)]
    rows.loc[hidden[0], "estimate"] = 0.5
    return {"trend": rows}


def told_by_the_rest(now: Published, _: Published) -> dict[str, Any]:
    """A promise whose rest holds an area that is hidden; one end of an interval says enough."""
    rows = now.indicators
    whole = rows[(rows["group"] == "") & (rows["mark"] == HIDDEN)].iloc[0]
    told = {"indicator": whole["indicator"], "before": BEFORE, "rest_areas": whole["area"]}
    promise = now.promises.reindex([0]).assign(**told, area="sdn:centrum", rest_second_low=0.1)
    return {"promises": promise}


def told_by_the_whole(now: Published, _: Published) -> dict[str, Any]:
    """A change of the whole over parts one of which is hidden."""
    rows = now.indicators
    whole = rows[(rows["group"] == "") & (rows["mark"] == HIDDEN)].iloc[0]
    told = {"indicator": whole["indicator"], "parts": f"sdn:centrum|{whole['area']}"}
    change = now.common.reindex([0]).assign(**told, area="kommun:goteborg", second=0.1)
    return {"common": change}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (told_by_the_whole, auditing.SHOWN_PART),
        (told_by_the_rest, auditing.SHOWN_REST),
        (told_by_the_trend, "hidden in 2022, shown in trend"),
        (exact_base, "column n isn't rounded"),
        (exact_share, "column effect isn't rounded"),
        (left_number, auditing.SHOWN_HIDDEN),
        (told_by_a_contrast, "hidden in the tables of shares, shown in contrasts"),
        (told_by_a_later_wave, "hidden in 2022, shown in contrasts"),
    ],
)
def test_a_value_that_slipped_out_is_found(
    change: Change, expected: str, published: dict[str, Published], parameters: Parameters
) -> None:
    changed = change(published[NOW], published[BEFORE])
    assert any(one.startswith(expected) for one in findings(published, parameters, **changed))


def test_a_run_is_told_what_another_wave_says_of_it(
    published: dict[str, Published], parameters: Parameters
) -> None:
    """Of the wave that is run and any other, both ways; not what others hide from each other."""
    now, before = published[NOW], published[BEFORE]
    assert auditing.agreement({BEFORE: before, NOW: now}, parameters).empty
    later = replace(now, **told_by_a_later_wave(now, before))
    found = auditing.agreement({BEFORE: before, NOW: later}, parameters)
    assert set(found["wave"]) == {NOW}
    assert set(found["finding"]) == {"hidden in 2022, shown in contrasts"}
    own = replace(now, **exact_base(now, before))
    assert auditing.agreement({BEFORE: before, NOW: own}, parameters).empty
    assert len(auditing.agreement({NOW: own, BEFORE: before}, parameters))


def test_a_run_over_waves_that_disagree_makes_nothing(
    published: dict[str, Published],
    parameters: Parameters,
    reports: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = Path(shutil.copytree(reports, tmp_path / "reports"))
    now, before = published[NOW], published[BEFORE]
    later = replace(now, **told_by_a_later_wave(now, before))
    monkeypatch.setattr(pipeline, "prepare", lambda *_: later)
    chosen = select(parameters, wave=NOW, compare_with=BEFORE, areas=[AREA])
    with pytest.raises(BadInput, match="hidden in 2022, shown in contrasts") as raised:
        make_reports(parameters, chosen, output=output, workers=1, reporter=Quiet())
    assert raised.value.faults[0].action.endswith(f"trygg prepare --wave {NOW}")
    assert not list((output / NOW).glob("*.html"))


def test_no_finding_tells_a_value(published: dict[str, Published], parameters: Parameters) -> None:
    changed = left_number(published[NOW], published[BEFORE])
    found = audit({**published, NOW: replace(published[NOW], **changed)}, parameters).findings
    assert list(found) == auditing.COLUMNS and "12" not in "".join(found["finding"])


def test_hidden_values_are_looked_at_from_outside_for_as_long_as_there_is_time(
    published: dict[str, Published], parameters: Parameters
) -> None:
    seen: list[int] = []
    found = audit(published, parameters, 3.0, [NOW], lambda some, every: seen.append(some))
    undecided = int(found.undecided["values"].sum())
    assert seen == list(range(1, len(seen) + 1)) and len(seen) > 5
    assert found.uncertain > 20 and found.values >= found.uncertain + undecided
    assert set(found.undecided) == {"question", "area", "group", "values"}
    told = audit(published, parameters, 0.0, [NOW])
    assert told.values == found.values and not told.uncertain and told.passed
    assert int(told.undecided["values"].sum()) == told.values


def test_the_command_ends_with_0_or_1(
    published: dict[str, Published], parameters: Parameters, reports: Path, tmp_path: Path
) -> None:
    shutil.copytree(reports, tmp_path / "reports")
    folder = tmp_path / "reports" / NOW
    said = ["audit", str(folder), "--seconds", "0", "--parameters", str(parameters.folder)]
    clean = CliRunner().invoke(cli.app, said)
    assert clean.exit_code == 0 and "passed" in clean.output
    assert re.search(
        r"hidden values: (\d+); shown to be uncertain: 0; .*undecided: \1", clean.output
    )
    changed = left_number(published[NOW], published[BEFORE])
    write_published(replace(published[NOW], **changed), folder / FOLDER)
    dirty = CliRunner().invoke(cli.app, said)
    assert dirty.exit_code == cli.SOME_FAILED
    assert f"FOUND: {NOW} indicators" in dirty.output and auditing.SHOWN_HIDDEN in dirty.output
    missing = CliRunner().invoke(cli.app, ["audit", str(tmp_path / "no"), *said[2:]])
    assert missing.exit_code == cli.BAD_INPUT


def test_an_audit_says_whose_words_it_cannot_look_for(
    parameters: Parameters, reports: Path, tmp_path: Path
) -> None:
    """The other wave's being there is no help."""
    shutil.copytree(reports.parent, tmp_path / "p")
    folder = tmp_path / "p" / reports.name / NOW
    said = ["audit", str(folder), "--seconds", "0", "--parameters", str(parameters.folder)]
    assert "searched for respondents\n" in CliRunner().invoke(cli.app, said).output
    shutil.rmtree(tmp_path / "p" / pipeline.PRIVATE / parameters.folder.name / NOW)
    after = CliRunner().invoke(cli.app, said).output
    assert f"but not for ids and words of {NOW}: the answers are gone" in after


# -- files held against the store ------------------------------------------------------------------

MARKED = '<span aria-hidden="true">..</span>'


@pytest.fixture(scope="module")
def made(parameters: Parameters, reports: Path) -> Path:
    """The folder of a wave with the pages about it and about one area."""
    chosen = select(parameters, wave=NOW, compare_with=BEFORE, areas=[AREA])
    outcomes = make_reports(parameters, chosen, output=reports, workers=1, reporter=Quiet())
    assert {one.state for one in outcomes} == {"ready"}
    return reports / NOW


def test_what_a_run_has_made_says_what_the_store_says(made: Path, parameters: Parameters) -> None:
    every = held(made, parameters, open_published(made / FOLDER))
    assert not every.findings
    kinds = {path.suffix for path in made.rglob("*") if path.parent.name not in (FOLDER, MADE)}
    assert {".html", ".ipynb", ".xlsx", ".csv", ".json", ".docx", ".svg"} <= kinds
    assert every.read > 15


def written_over(before: str, after: str) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        text = content.decode("utf-8")
        assert before in text
        return text.replace(before, after, 1).encode("utf-8")

    return change


def in_zip(part: str, change: Callable[[str], str]) -> Callable[[bytes], bytes]:
    def changed(content: bytes) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
            for name in old.namelist():
                said = old.read(name)
                if re.fullmatch(part, name):
                    text = said.decode("utf-8")
                    said = change(text).encode("utf-8")
                new.writestr(name, said)
        return target.getvalue()

    return changed


def another_row(content: bytes) -> bytes:
    """A file of the joint table with a share in its last row that isn't there."""
    lines_ = content.decode("utf-8").rstrip().split("\r\n")
    cells = lines_[-1].split(";")
    cells[6] = "12,3"
    return "\r\n".join([*lines_[:-1], ";".join(cells)]).encode("utf-8")


def another_value(content: bytes) -> bytes:
    told = json.loads(content)
    told["rader"][0]["andel_stort"] = 12.3
    return json.dumps(told, ensure_ascii=False).encode("utf-8")


def in_chart(content: bytes) -> bytes:
    """A text in the first chart of a page, in light and small print."""
    text = content.decode("utf-8")
    code = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', text)
    assert code
    drawn = base64.b64decode(code[1]).decode("utf-8").replace("</svg>", "<text>12 %</text></svg>")
    data = base64.b64encode(drawn.encode("utf-8")).decode("ascii")
    return text.replace(code[1], data, 1).encode("utf-8")


PLANTED = {
    "a mark on a page": (f"{STEM}.html", written_over(MARKED, "12 %")),
    "a decimal on a page": (
        f"{STEM}.html",
        lambda content: re.sub(
            rb'<td class="number">(\d+)', rb'<td class="number">\1,4', content, count=1
        ),
    ),
    "a sentence on a page": (
        f"{STEM}.html",
        written_over("</main>", "<p>Av dem uppger 12 procent det.</p></main>"),
    ),
    "a chart": (f"{STEM}.html", in_chart),
    "an alternative": (f"{STEM}.html", written_over('alt="', 'alt="12 procent ')),
    "a mark in a notebook": (
        f"notebooks/{STEM}.ipynb",
        written_over(MARKED.replace('"', '\\"'), "12 %"),
    ),
    "a printed value in a notebook": (
        f"notebooks/{STEM}.ipynb",
        written_over("Section(title=", "Section(value=0.12, title="),
    ),
    "a workbook": (
        f"{STEM}.xlsx",
        in_zip(
            r"xl/worksheets/sheet5\.xml",
            lambda text: re.sub(r"<v>0\.\d+</v>", "<v>0.1234</v>", text, count=1),
        ),
    ),
    "a CSV file": (f"{STEM}_gemensam_bild.csv", another_row),
    "a JSON file": (f"{STEM}_gemensam_bild.json", another_value),
    "a document": (
        f"{STEM}_gemensam.docx",
        in_zip(
            r"word/document\.xml",
            lambda text: re.sub(r"(<w:t[^>]*>)(\d)", r"\g<1>9\2", text, count=1),
        ),
    ),
}


def printed(*said: str) -> bytes:
    from pikepdf import Dictionary, Name, Pdf, Stream

    target = io.BytesIO()
    with Pdf.new() as document:
        page = document.add_blank_page()
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        shown = "".join(f"({one}) Tj 0 -12 Td " for one in said)
        page.Contents = Stream(document, f"BT /F1 12 Tf {shown} ET".encode("latin-1"))
        document.save(target)
    return target.getvalue()


def test_a_pdf_says_no_percentage_more_often_than_its_page() -> None:
    page = b"<p>34\xc2\xa0% (95 % KI 30) och 7\xc2\xa0%</p><td>34 %</td>"
    assert not list(holding._printed("a.pdf", printed("34 %", "7 %", "34 %"), page))
    assert list(holding._printed("a.pdf", printed("34 %", "8 %"), page))
    assert len(list(holding._printed("a.pdf", printed("7 %", "7 %"), page))) == 1
    assert shares("34\u00a0%, 3,5 %, <1 %, 2019") == ["34%", "3,5%", "<1%"]


def test_lines_are_rows_sentences_and_alternatives_whatever_the_markup() -> None:
    row = "<tr><th>a</th><td>34&nbsp;%</td><td>..</td></tr>"
    page = f'<p>Var <b>7</b>:e</p>{row}<img alt="x" title="9">'
    assert [line for _, line in lines("a.html", page.encode())] == [
        "Var 7:e",
        "a | 34 % | .. |",
        "9",
    ]
    assert not list(
        lines("a.html", b"<head><title>7</title></head><p>Ord ...</p><style>a{b:1}</style>")
    )


def test_a_planted_number_is_found_in_every_format(
    made: Path,
    parameters: Parameters,
    tmp_path: Path,
) -> None:
    """By the command, which names file and place and repeats nothing."""
    shutil.copytree(made.parent.parent, tmp_path, dirs_exist_ok=True)
    folder = tmp_path / made.parent.name / NOW
    drawing = sorted(folder.glob(f"{STEM}_bilder/*.svg"))[0].relative_to(folder).as_posix()
    every = [*PLANTED.values(), (drawing, written_over("</svg>", "<text>12 %</text></svg>"))]
    planted = Counter(name for name, _ in every)
    for name, change in every:
        before = (folder / name).read_bytes()
        (folder / name).write_bytes(change(before))
        assert (folder / name).read_bytes() != before
    (folder / "utdrag.csv").write_text("area;n\n", encoding="utf-8")
    record = folder / MADE / "DEMO_underlag.json"
    told = json.loads(record.read_text(encoding="utf-8"))
    told["inputs"]["tables"] = "another"
    record.write_text(json.dumps(told), encoding="utf-8")
    said = ["audit", str(folder), "--seconds", "0", "--parameters", str(parameters.folder)]
    found = CliRunner().invoke(cli.app, said)
    assert found.exit_code == cli.SOME_FAILED
    named = re.findall(rf"FOUND: {NOW} (\S+): ([^:]*): (.*)", found.output)
    told_of = Counter(name for name, _, wrong in named if wrong == holding.ANOTHER)
    assert told_of.keys() == planted.keys()
    assert told_of[f"{STEM}.html"] >= planted[f"{STEM}.html"] - 1  # two may stand in one row
    assert all(place for _, place, wrong in named if wrong == holding.ANOTHER)
    others = {(name, wrong) for name, _, wrong in named if wrong != holding.ANOTHER}
    assert others == {("DEMO_underlag.html", holding.OLDER), ("utdrag.csv", holding.NOBODYS)}
    assert "12 %" not in found.output and "12,3" not in found.output
