"""A real notebook on a cluster, everything that was prepared from answers deleted."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from conftest import PreparedDemo
from rich.console import Console
from test_batch import files_in

from survey_lib import pipeline
from survey_lib.batch import cluster
from survey_lib.batch.progress import Lines
from survey_lib.batch.reports import make_reports
from survey_lib.selection import select
from survey_lib.vocabulary import load_parameters

pytestmark = [pytest.mark.evidence, pytest.mark.xdist_group("demo")]
AREA = "sdn:angered"


def test_a_real_report_is_the_same_on_a_cluster(
    prepared_demo: PreparedDemo, tmp_path: Path
) -> None:
    prepared_demo.copy(tmp_path)
    parameters = load_parameters(tmp_path / "parameters")
    reports = tmp_path / "reports"
    folder = reports / "2024"

    def made(**options: str) -> dict[str, bytes]:
        lines = Lines(Console(file=io.StringIO()))
        chosen = select(parameters, wave="2024", areas=[AREA])
        done = make_reports(
            parameters, chosen, output=reports, workers=1, reporter=lines, only=AREA, **options
        )
        assert {outcome.state for outcome in done} == {"ready"}, done
        return {name: (folder / name).read_bytes() for name in files_in(folder)}

    here = made()
    delivered = [parameters.folder / wave.file.path for wave in parameters.delivered.values()]
    people = set(pd.read_csv(delivered[-1], sep=";", usecols=["resp_id"])["resp_id"])
    assert len(people) > 8000 and all(re.fullmatch(r"R\d{6}", one) for one in people)
    for path in cluster.luggage(parameters, folder / "published"):
        assert not people & set(re.findall(r"R\d{6}", text_of(path))), path
    shutil.rmtree(tmp_path / pipeline.PRIVATE)
    for path in [*folder.glob("*.html"), *folder.glob("notebooks/*"), *folder.glob("*.xlsx")]:
        path.unlink()
    shutil.rmtree(folder / ".made")
    assert made(cluster_at="local") == here
    assert not (tmp_path / pipeline.PRIVATE).exists()


def text_of(path: Path) -> str:
    """A file as text, a table's cells one by one."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv()
    return path.read_text(encoding="utf-8", errors="replace")
