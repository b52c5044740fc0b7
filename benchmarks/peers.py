"""R's survey on the same tasks, where it is installed; seconds, as R reports them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import floor
import pandas as pd
from survey import make_survey

R_SCRIPT = """
suppressPackageStartupMessages(library(survey))
frame <- read.csv(commandArgs(TRUE)[1])
for (name in setdiff(names(frame), c("start", "raked"))) frame[[name]] <- factor(frame[[name]])
design <- svydesign(id = ~1, strata = ~district, weights = ~start, data = frame)
margins <- list(~district + age + sex, ~district + tenure, ~district + birth, ~age + tenure)
totals <- lapply(margins, function(margin)
  as.data.frame(xtabs(update(margin, raked ~ .), frame), responseName = "Freq"))
control <- list(maxit = 100, epsilon = 1e-6 * sum(frame$start))
seconds <- system.time(raked <- rake(design, margins, totals, control = control))
cat("rake", seconds[["elapsed"]], "s\\n")
items <- grep("^q", names(frame), value = TRUE)[1:4]
one <- function(item) svyby(as.formula(paste0("~", item)), ~district, design, svymean)
seconds <- system.time(for (item in items) one(item))
cat("40 items x 10 districts, weights fixed", 10 * seconds[["elapsed"]], "s (4 items, times 10)\\n")
"""


def run(sizes: list[int]) -> None:
    """Time the peers at sizes up to 50 000 persons."""
    for n in [size for size in sizes if size <= 50_000]:
        survey = make_survey(n)
        frame = pd.DataFrame({"start": survey.start, "raked": floor.rake(survey)[2]})
        for name in ("district", "age", "sex", "tenure", "birth"):
            frame[name] = getattr(survey, name)
        for item in range(survey.items.shape[1]):
            frame[f"q{item}"] = survey.items[:, item]
        _r(frame, n)


def _r(frame: pd.DataFrame, n: int) -> None:
    if shutil.which("Rscript") is None:
        print("R's survey: not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder, "survey.csv"), Path(folder, "peer.R")
        frame.to_csv(data, index=False, encoding="utf-8")
        script.write_text(R_SCRIPT, encoding="utf-8")
        done = subprocess.run(
            ["Rscript", str(script), str(data)], capture_output=True, text=True, check=False
        )
    print(f"{n:>9,}  R's survey\n{done.stdout or done.stderr}")
