"""svy and samplics on the same tasks; runs in a Python of its own that has them.

    python peer_packages.py SURVEY.npz

Prints one line per task: package, task, seconds. What takes minutes is run for a few items and
multiplied; the line says so.
"""

from __future__ import annotations

import sys
import time
import warnings
from importlib.metadata import PackageNotFoundError, version

import numpy as np

warnings.simplefilter("ignore")
data = np.load(sys.argv[1])
n, items = len(data["start"]), data["items"].shape[1]
SMALL = n <= 50_000


def timed(package: str, task: str, call, times: float = 1):
    start = time.perf_counter()
    result = call()
    note = f" ({times:g} × a part)" if times > 1 else ""
    print(f"{package};{task};{times * (time.perf_counter() - start):.4f};{note}", flush=True)
    return result


def run_svy() -> None:
    import polars as pl
    import svy

    columns = {name: data[name] for name in ("start", "raked", "district")}
    columns |= {f"m{m}": data[f"margin{m}"] for m in range(4)}
    columns["person"] = np.arange(n)
    columns |= {f"q{item}": data["items"][:, item] for item in range(items)}
    sample = svy.Sample(pl.DataFrame(columns), svy.Design(stratum="district", wgt="start"))
    controls = {
        f"m{m}": {int(level): float(total) for level, total in enumerate(data[f"target{m}"])}
        for m in range(4)
    }
    raked = timed(
        "svy", "rake", lambda: sample.weighting.rake(controls=controls, tol=1e-6, max_iter=200)
    )
    finished = svy.Sample(pl.DataFrame(columns), svy.Design(stratum="district", wgt="raked"))
    few = items if SMALL else 2

    def all_shares(of, count: int, **how):
        for item in range(count):
            of.estimation.prop(f"q{item}", by="district", **how)

    timed("svy", "fixed", lambda: all_shares(finished, few), items / few)
    if SMALL:
        timed("svy", "residual", lambda: all_shares(raked, 4), items / 4)

        def replicated():
            persons = svy.Design(stratum="district", wgt="start", psu="person")
            weighted = svy.Sample(pl.DataFrame(columns), persons)
            weighted = weighted.weighting.create_bs_wgts(500, kind="rao-wu", rstate=1)
            weighted = weighted.weighting.rake(controls=controls, tol=1e-6, max_iter=200)
            all_shares(weighted, items, method="replication")

        timed("svy", "replicates", replicated)


def run_samplics() -> None:
    from samplics import PopParam
    from samplics.estimation import TaylorEstimator
    from samplics.weighting import SampleWeight

    def rake():
        SampleWeight().rake(
            samp_weight=data["start"],
            margins={f"m{m}": data[f"margin{m}"] for m in range(4)},
            control={f"m{m}": dict(enumerate(data[f"target{m}"].tolist())) for m in range(4)},
            tol=1e-6,
            ctrl_tol=1e-6,
            max_iter=200,
        )

    timed("samplics", "rake", rake)
    few = 4 if SMALL else 1

    def shares():
        for item in range(few):
            TaylorEstimator(PopParam.prop).estimate(
                y=data["items"][:, item],
                samp_weight=data["raked"],
                stratum=data["district"],
                domain=data["district"],
            )

    timed("samplics", "fixed", shares, items / few)


for package, run in (("svy", run_svy), ("samplics", run_samplics)):
    try:
        print(f"{package};version;0;{version(package)}", flush=True)
    except PackageNotFoundError:
        print(f"{package};not installed;0;")
        continue
    try:
        run()
    except Exception as problem:  # one peer's failure is a line, not the end of the run
        print(f"{package};failed;0;{type(problem).__name__}: {str(problem)[:200]}", flush=True)
