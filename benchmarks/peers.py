"""The same tasks by R's survey, svy and samplics, where they are installed; seconds."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import floor
import numpy as np
import pandas as pd
from survey import make_survey

R_SCRIPT = """
suppressPackageStartupMessages(library(survey))
cat(sprintf("R survey;version;0;%s\\n", packageVersion("survey")))
frame <- read.csv(commandArgs(TRUE)[1])
for (name in setdiff(names(frame), c("start", "raked"))) frame[[name]] <- factor(frame[[name]])
design <- svydesign(id = ~1, strata = ~district, weights = ~start, data = frame)
margins <- list(~district + age + sex, ~district + tenure, ~district + birth, ~age + tenure)
totals <- lapply(margins, function(margin)
  as.data.frame(xtabs(update(margin, raked ~ .), frame), responseName = "Freq"))
control <- list(maxit = 100, epsilon = 1e-6 * sum(frame$start))
seconds <- system.time(raked <- rake(design, margins, totals, control = control))
cat(sprintf("R survey;rake;%.4f;\\n", seconds[["elapsed"]]))
if (nrow(frame) > 50000) quit()
items <- grep("^q", names(frame), value = TRUE)
timed <- function(task, design, few) {
  one <- function(item) svyby(as.formula(paste0("~", item)), ~district, design, svymean)
  seconds <- system.time(for (item in items[1:few]) one(item))
  times <- length(items) / few
  cat(sprintf("R survey;%s;%.4f; (%g × a part)\\n", task, times * seconds[["elapsed"]], times))
}
timed("fixed", design, 4)
timed("residual", raked, 1)
"""


@dataclass(frozen=True)
class Peer:
    """What one other package took for one task; ``note`` says if a part was run and multiplied."""

    package: str
    task: str
    persons: int
    seconds: float
    note: str


def run(sizes: list[int], python: str | None) -> list[Peer]:
    """All peers at all sizes; ``python`` is an interpreter that has svy and samplics."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for n in sizes:
            found += _r(n, Path(folder))
            found += _python(n, Path(folder), python)
    return found


def _r(n: int, folder: Path) -> list[Peer]:
    if shutil.which("Rscript") is None:
        return [Peer("R survey", "not installed", n, 0.0, "")]
    survey = make_survey(n)
    frame = pd.DataFrame({"start": survey.start, "raked": floor.rake(survey)[2]})
    for name in ("district", "age", "sex", "tenure", "birth"):
        frame[name] = getattr(survey, name)
    for item in range(survey.items.shape[1] if n <= 50_000 else 1):
        frame[f"q{item}"] = survey.items[:, item]
    frame.to_csv(folder / "survey.csv", index=False, encoding="utf-8")
    (folder / "peer.R").write_text(R_SCRIPT, encoding="utf-8")
    return _lines(["Rscript", str(folder / "peer.R"), str(folder / "survey.csv")], "R survey", n)


def _python(n: int, folder: Path, python: str | None) -> list[Peer]:
    if python is None:
        return [Peer(package, "not installed", n, 0.0, "") for package in ("svy", "samplics")]
    survey = make_survey(n)
    data = {name: getattr(survey, name) for name in ("start", "district", "items")}
    data["raked"] = floor.rake(survey)[2]
    for m, (codes, targets) in enumerate(survey.margins):
        data |= {f"margin{m}": codes, f"target{m}": targets}
    np.savez(folder / "survey.npz", **data)
    script = Path(__file__).with_name("peer_packages.py")
    return _lines([python, str(script), str(folder / "survey.npz")], "svy", n)


def _lines(command: list[str], package: str, n: int) -> list[Peer]:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    rows = [line.split(";") for line in done.stdout.splitlines() if line.count(";") == 3]
    if not rows:
        return [Peer(package, "failed", n, 0.0, done.stderr.strip()[-200:])]
    return [Peer(name, task, n, float(time), note) for name, task, time, note in rows]
