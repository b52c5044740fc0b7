"""One finished page of every kind, made from made-up published frames without running a kernel."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from published_rows import WORDS, sections

from survey_lib.rendering.exporter import render
from survey_lib.rendering.index import (
    IndexRow,
    failed,
    no_survey,
    render_index,
    render_message_page,
)

AROUND: dict[str, Any] = {
    "survey": "Trygghetsundersökning 2024",
    "publisher": "Staden & Polisen",
    "home": ("index.html", "Alla rapporter"),
    "facts": [("Källa", "Undersökningen 2024"), ("Framtagen", "21 november 2026")],
}


def shown(data: dict[str, str], kind: str = "execute_result", **metadata: Any) -> NotebookNode:
    extra = {"execution_count": 1} if kind == "execute_result" else {}
    return new_output(kind, data=data, metadata=metadata, **extra)


def notebook(demo: bool = True) -> NotebookNode:
    """As an executed report: prose above each section, and what must not reach a reader."""
    cells = [
        new_markdown_cell("Arbetsbok.", metadata={"tags": ["remove-cell"]}),
        new_code_cell("wave = 'hemlig_kod'", metadata={"tags": ["parameters"]}),
        new_code_cell("show(heading)", outputs=[shown({"text/html": "<h1>Arbetsnamn</h1>"})]),
    ]
    for heading, section in sections(replace(WORDS, demo=demo)).items():
        plain = {"text/html": section._repr_html_(), "text/plain": "Section(…)"}
        cells += [
            new_markdown_cell(f"## {heading}"),
            new_code_cell("show(section)", outputs=[shown(plain)]),
        ]
    cells.insert(-1, new_markdown_cell("#### En underrubrik som hoppar\n\nText med *betoning*."))
    noise = [
        new_output("stream", name="stderr", text="/hemlig/sökväg: varning"),
        new_output("stream", name="stdout", text="utskrift"),
        new_output("error", ename="Fel", evalue="hemligt", traceback=["spår"]),
        shown({"text/plain": "'hemlig_kod'"}),
    ]
    return new_notebook(cells=[*cells, new_code_cell("x", outputs=noise)])


def report(demo: bool = True) -> str:
    return render(
        notebook(demo),
        title="Askim-Frölunda-Högsbo",
        summary="Så upplever boende 16–84 år problem och trygghet.",
        demo=demo,
        **AROUND,
    )


def index(demo: bool = True) -> str:
    names = ["Östra Göteborg", "Angered", "Örgryte-Härlanda", "Askim-Frölunda-Högsbo", "Ärla"]
    rows = [IndexRow(f"sdn:{n}", name, f"{n}.html", n=900 + n, tile=(n % 3 + 2, n // 3 + 1))
            for n, name in enumerate(names)]  # fmt: skip
    rows[1] = replace(rows[1], files=[("1.csv", "CSV"), ("1.xlsx", "Excel"), ("1.pdf", "PDF")])
    rows += [
        IndexRow("sdn:m", "Majorna-Linné", "m.html", "no_survey", tile=(1, 1)),
        IndexRow("sdn:l", "Lundby", "l.html", "failed", "Underlaget saknas.", tile=(1, 2)),
        IndexRow("sdn:k", "Kålltorp", None, "failed", "Kunde inte skrivas.", tile=(4, 2)),
        IndexRow("sdn:g", "Guldheden", None, "not_made", tile=(1, 3)),
    ]
    rows = [replace(row, group="Stadsdelar") for row in rows]
    rows.append(IndexRow("so:n", "Nordost", "n.html", n=1900, group="Stadsområden"))
    return render_index(
        "2024",
        rows,
        title="Trygghetsundersökning",
        publisher="Staden & Polisen",
        fieldwork=(date(2024, 9, 2), date(2024, 10, 13)),
        facts=[("Källa", "Undersökningen 2024")],
        demo=demo,
    )


def message(demo: bool = True) -> str:
    return render_message_page(
        title="Majorna-Linné",
        paragraphs=no_survey("stadsdelen", "2024", "2022"),
        links=[("../2022/m.html", "Rapporten från 2022")],
        demo=demo,
        **AROUND,
    )


def failure(demo: bool = True) -> str:
    return render_message_page(
        title="Lundby", paragraphs=failed("Underlaget saknas."), demo=demo, **AROUND
    )


KINDS = {"report": report, "index": index, "message": message, "failure": failure}
