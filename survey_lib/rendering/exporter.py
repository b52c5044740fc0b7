"""Executed notebook -> one page: nbconvert's machinery with our own template.

nbconvert's own templates load scripts from the network, drop text alternatives and fill the gaps
with English words; this exporter takes prose and shown results only. Code, streams and errors never
reach the page.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode
from traitlets import default
from traitlets.config import Config

from survey_lib.rendering.finish import finish
from survey_lib.rendering.page import TEMPLATES, Page, build

HIDDEN_TAGS = ("remove-cell", "papermill-error-cell-tag")
SHOWN = ["text/html", "text/markdown", "image/svg+xml", "image/png"]
LEFT_OUT = ["text/plain"]  # the template shows nothing of it; unnamed, nbconvert warns


class ReportExporter(HTMLExporter):
    """``jupyter nbconvert --to`` can use it too; the title is then the notebook's own."""

    export_from_notebook = "Report (survey_lib)"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "report"

    @default("extra_template_basedirs")
    def _template_folders(self) -> list[str]:
        return [str(TEMPLATES)]

    @property
    def default_config(self) -> Config:
        config = Config(
            {
                "NbConvertBase": {"display_data_priority": SHOWN + LEFT_OUT},
                "TagRemovePreprocessor": {"enabled": True, "remove_cell_tags": set(HIDDEN_TAGS)},
                "HighlightMagicsPreprocessor": {"enabled": False},
            }
        )
        inherited = super().default_config.copy()
        inherited.merge(config)
        return inherited

    def default_filters(self) -> Any:
        yield from super().default_filters()
        yield "text_base64", lambda text: base64.b64encode(text.encode("utf-8")).decode("ascii")

    def body(self, notebook: NotebookNode) -> str:
        """Prose and shown results of all cells, as HTML without a page around it."""
        resources = self._init_resources({})
        self.register_filter(
            "filter_data_type",
            WidgetsDataTypeFilter(
                notebook_metadata=notebook.metadata, parent=self, resources=resources
            ),
        )
        html, _ = TemplateExporter.from_notebook_node(self, notebook, resources)
        return html

    def from_notebook_node(  # type: ignore[override]  # nbconvert declares another type
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        page = kw.get("page") or Page(title=str(nb.metadata.get("title", "Rapport")))
        body, contents = finish(self.body(nb))
        return build(page, body, contents), {"output_extension": ".html", **(resources or {})}


@cache
def _exporter() -> ReportExporter:
    """One per process: compiling the templates costs more than a page."""
    return ReportExporter(exclude_input=True, exclude_anchor_links=True)


def render(
    notebook: NotebookNode,
    *,
    title: str,
    survey: str = "",
    publisher: str = "",
    summary: str = "",
    home: tuple[str, str] | None = None,
    facts: Sequence[tuple[str, str]] = (),
    demo: bool = False,
    language: str = "sv",
    made_from: str = "",
    warning: str = "",
) -> str:
    """The finished page of an executed notebook; the arguments are those of :class:`Page`.

    Raises MissingAlternative when the notebook shows a picture without text alternative.
    """
    page = Page(title, survey, publisher, summary, home, facts, demo, language, made_from, warning)
    return _exporter().from_notebook_node(notebook, page=page)[0]
