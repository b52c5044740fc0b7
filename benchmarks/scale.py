"""What reports of a country cost: measured on the made-up survey, computed for the country.

    python benchmarks/scale.py            measures (some minutes) and writes docs/scale.md anew
    python benchmarks/scale.py --quick    the smallest wave only, printed

CPU seconds are counted, not the clock's, so another program on the machine doesn't matter much;
Linux only. The made-up answers are delivered several times over for larger waves, and the sizes of
samples in ``waves/`` with them; the population is the same.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import scale_page

ROOT = Path(__file__).parent.parent
WAVE = "2024"
TIMES = (1, 8)  # how many times over the answers are delivered
FEW = 2  # areas
LATER, SELDOM = 0.2, 5  # seconds between looks, and looks between those at memory


@dataclass(frozen=True)
class Cost:
    """CPU seconds of the program itself and of all that it started, and the largest memory, MB, of
    either (proportional: what processes share is counted once)."""

    program: float
    others: float
    program_memory: float
    others_memory: float


def cost_of(arguments: list[str], folder: Path) -> Cost:
    """What a command costs, by looking at its processes five times a second: kernels are not
    waited for by who started them, so the system doesn't add them up."""
    done = started(arguments, folder)
    seen: dict[int, float] = {}
    memory = [0.0, 0.0]
    ended = threading.Event()

    def look() -> None:
        program = psutil.Process(done.pid)
        count = 0
        while not ended.is_set():
            used = [0.0, 0.0]
            try:
                family = [program, *program.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            for one in family:
                try:
                    times = one.cpu_times()
                    seen[one.pid] = times.user + times.system
                    if count % SELDOM == 0:
                        used[one.pid != done.pid] += one.memory_full_info().pss / 1e6
                except psutil.Error:
                    continue
            memory[:] = map(max, memory, used)
            count += 1
            time.sleep(LATER)

    watcher = threading.Thread(target=look)
    watcher.start()
    errors, _ = done.communicate()
    ended.set()
    watcher.join()
    if done.returncode:
        raise RuntimeError(errors)
    program = seen.pop(done.pid)
    return Cost(program, sum(seen.values()), *memory)


def started(arguments: list[str], folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "survey_lib.cli", *arguments]
    place = ["--parameters", str(folder / "parameters"), "--output", str(folder / "reports")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*command, *place],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def project(folder: Path, times: int) -> int:
    """A project whose answers are delivered several times over; the persons of its wave."""
    from survey_lib.demo import write_waves
    from survey_lib.vocabulary import load_parameters

    shutil.copytree(ROOT / "parameters", folder / "parameters")
    loaded = load_parameters(folder / "parameters")
    waves = [name for name, wave in loaded.delivered.items() if wave.demo]
    for path in (folder / "parameters" / "waves").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        larger = re.sub(
            r"(invited|responding): (\d+)", lambda m: f"{m[1]}: {int(m[2]) * times}", text
        )
        path.write_text(larger, encoding="utf-8")
    time.sleep(1)  # answers are younger than parameters
    for path in write_waves(loaded, waves):
        head, *rows = path.read_text(encoding="utf-8-sig").splitlines()
        copies = [f"{one:02d}{row}" for one in range(times) for row in rows]
        path.write_text("\n".join(["﻿" + head, *copies, ""]), encoding="utf-8")
        if path.stem.endswith(WAVE):
            persons = len(copies)
    return persons


def prepared(folder: Path, times: int) -> scale_page.Preparing:
    """``trygg prepare`` of a wave of some size and the three before it, one process."""
    persons = project(folder, times)
    _, status, used = os.wait4(started(["prepare", "--wave", WAVE], folder).pid, 0)
    if status:
        raise RuntimeError(f"prepare ended with {status}")
    store = sum(p.stat().st_size for p in (folder / "reports" / WAVE / "published").iterdir())
    seconds = used.ru_utime + used.ru_stime
    return scale_page.Preparing(persons, seconds, used.ru_maxrss / 1e3, store / 1e6)


def reported(folder: Path) -> scale_page.Reporting:
    """Reports of a prepared project on a cluster of one worker on this computer: few of them and
    all of them, so that what every report costs and what only the start costs are told apart."""
    from survey_lib.batch.cluster import luggage
    from survey_lib.vocabulary import load_parameters

    loaded = load_parameters(folder / "parameters")
    wave = folder / "reports" / WAVE
    travels = sum(path.stat().st_size for path in luggage(loaded, wave / "published"))
    asked = [area for area in loaded.waves[WAVE].strata if area in loaded.areas.areas]
    found, jobs = [], []
    for areas in (asked[:FEW], asked):
        for path in [*wave.glob("*"), wave / ".made"]:
            if path.name != "published" and path.exists():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        options = ["--cluster", "local", "--workers", "1"]
        found.append(cost_of(["reports", *areas, "--wave", WAVE, *options], folder))
        jobs.append(len(list(wave.glob("notebooks/*.ipynb"))))
        print(found[-1], jobs[-1], file=sys.stderr, flush=True)
    made = [p for p in wave.rglob("*") if p.is_file() and "published" not in p.parts]
    size = sum(path.stat().st_size for path in made) / len(asked)
    more = len(asked) - FEW
    few, every = found
    per_area = (every.others - few.others) / more
    return scale_page.Reporting(
        areas=len(asked),
        jobs=(jobs[1] - jobs[0]) // more,
        wave_jobs=jobs[0] - FEW * ((jobs[1] - jobs[0]) // more),
        seconds=per_area,
        first=few.others - FEW * per_area,
        here=(every.program - few.program) / more,
        worker_memory=every.others_memory,
        luggage=travels / 1e6,
        result=size / 1e6,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one size, printed only")
    quick = parser.parse_args().quick
    sizes = []
    with tempfile.TemporaryDirectory() as place:
        for times in TIMES[: 1 if quick else None]:
            folder = Path(place) / str(times)
            sizes.append(prepared(folder, times))
            print(sizes[-1], file=sys.stderr, flush=True)
        reports = reported(Path(place) / str(TIMES[0]))
    text = scale_page.text(sizes, reports)
    print(text)
    if not quick:
        (ROOT / "docs" / "scale.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
