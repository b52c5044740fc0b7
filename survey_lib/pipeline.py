"""One wave, prepared once: read, clean, weight, estimate, compare, publish.

What is made on the way and may hold small groups or single answers (the weighted microdata and the
unprotected estimates) is kept in a private folder beside ``reports/``, readable by its owner only;
what left the door is in ``reports/<wave>/published/``. Both remember the fingerprints of what went
into them (:mod:`survey_lib.inputs`), and are made again only when these have changed.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from survey_lib import frozen, inputs, platforms
from survey_lib.answers import Answers, check_completeness, clean, read_answers
from survey_lib.audit import audit, other_stores
from survey_lib.demo import write_waves
from survey_lib.disclosure import Shown, protect_wave
from survey_lib.faults import BadInput, Fault
from survey_lib.files import check_folder, clear_unfinished, make_folder, replace_folder, shown
from survey_lib.locking import only_run
from survey_lib.perception.beside import with_rest
from survey_lib.perception.comparisons import (
    common_parts,
    compare_common_parts,
    compare_with_earlier,
    together,
)
from survey_lib.perception.estimates import Estimates, estimate_wave
from survey_lib.perception.followup import follow_up
from survey_lib.perception.inside import Inside, look_inside
from survey_lib.perception.two_waves import TwoWaves
from survey_lib.publish import (
    FOLDER,
    MANIFEST,
    Published,
    files_of,
    open_published,
    publish,
    write_published,
)
from survey_lib.scan import Scanner
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.promises import baselines
from survey_lib.vocabulary.waves import is_before
from survey_lib.weighting import WeightedSurvey, pool, pool_logs, weight

PRIVATE = ".trygg"  # beside reports/: never published, never committed
FROZEN = "frozen"  # in a wave's private folder: what was published of it
RESPONDENTS, MARKS = "respondents", "marks"  # who is in which cell; what files are searched for
MICRODATA = ("microdata", RESPONDENTS, MARKS)  # kept beside the estimates, a row per person or text
PUBLICATION = (RESPONDENTS, "cells")

# What is told to this module's log as it is done, with the wave: for who shows how it goes.
BEGIN, ESTIMATE, INSIDE, COMPARE, PROTECT, AUDIT = (
    "begin", "estimate", "inside", "compare", "protect", "audit",
)  # fmt: skip
_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Prepared:
    """What one wave gives before the door: for the pipeline only."""

    estimates: Estimates
    cleaning: pd.DataFrame
    weights: pd.DataFrame
    notes: tuple[str, ...]


def prepare(parameters: Parameters, wave: str, compare_with: str | None, output: Path) -> Published:
    """The published store of a wave, made if it isn't there or its inputs have changed.

    Parameters
    ----------
    wave, compare_with : ids of two waves in ``parameters.waves``; ``compare_with`` may be None.
    output : the ``reports`` folder.

    Raises
    ------
    BadInput
        For anything wrong in the data or the parameters; nothing is half-written then.
    """
    folder = output / wave / FOLDER
    if inputs.SETTLED in os.environ:
        return _as_prepared(folder, compare_with)
    compared = [compare_with] if compare_with else []
    compared += baselines(parameters.promises, parameters.waves[wave])
    needed = dict.fromkeys((wave, *compared))
    needed |= dict.fromkeys(_still_there(parameters, wave) if compare_with else ())
    if _current(parameters, needed, compare_with, _stored_manifest(folder)):
        return open_published(folder)
    private = output.parent / PRIVATE
    for place in (folder, private):
        check_folder(place)
    _log.info("%s %s, steps at most: %d", BEGIN, wave, 2 * len(needed) + 3)
    with only_run(output):
        clear_unfinished(output / wave)
        with only_run(private):
            clear_unfinished(private / parameters.folder.name)
            write_demo(parameters, needed)
            published = _made(parameters, list(needed), compare_with, output)
            publications = _publications(published, parameters, list(needed), output)
            _hold_against_earlier(published, publications, parameters, output)
            _hold_against_others(published, parameters, output)
            search(files_of(published), parameters, output)
            for part, publication in publications.items():
                _keep(publication, _private(parameters, part, output) / FROZEN)
        write_published(published, folder)
    return published


def _made(
    parameters: Parameters, waves: list[str], compare_with: str | None, output: Path
) -> Published:
    """The published tables of the first of these waves, beside the others."""
    wave = waves[0]
    now = _prepared(parameters, wave, output)
    inside = _inside(parameters, now.estimates, output)
    earlier = [w for w in parameters.waves if w in waves and w != wave]
    before = {w: _prepared(parameters, w, output).estimates for w in earlier}
    _log.info("%s %s", COMPARE, wave)
    two = _two_waves(parameters, wave, list(before), compare_with)
    changes = {
        w: compare_with_earlier(now.estimates, b, parameters, two.get(w)) for w, b in before.items()
    }
    contrasts = together([inside.contrasts, *(changes[w] for w in before if w == compare_with)])
    return publish(
        now.estimates,
        contrasts,
        inside.effects,
        inside.homogeneity,
        with_rest(follow_up(now.estimates, changes, parameters), two, parameters.areas),
        compare_common_parts(
            now.estimates, before.get(compare_with or ""), two.get(compare_with or ""), parameters
        ),
        before,
        {w: _protected(parameters, w, output) for w in (wave, *before)},
        now.cleaning,
        _manifest(parameters, waves, compare_with, now.notes),
        parameters,
    )


def _hold_against_others(published: Published, parameters: Parameters, output: Path) -> None:
    """Audit a store before it is written, beside the other waves' stores that are there.

    The door has made it so that nothing can be found. If something is, the program is at fault, and
    nothing is published.
    """
    wave = published.manifest["wave"]
    _log.info("%s %s", AUDIT, wave)
    found = audit({wave: published, **other_stores(output, wave)}, parameters, of=[wave])
    if not found.passed:
        places = "\n".join(" ".join(row) for row in found.findings.head(10).to_numpy())
        raise RuntimeError(f"{len(found.findings)} hidden values can be worked out:\n{places}")


def _publications(
    published: Published, parameters: Parameters, waves: list[str], output: Path
) -> dict[str, frozen.Publication]:
    """What a store publishes of each delivered wave whose answers it was made from."""
    found = {}
    for wave in waves:
        cells = frozen.cells_of(published, wave)
        for part in parameters.waves[wave].parts:
            file = _private(parameters, part, output) / "estimates" / f"{RESPONDENTS}.parquet"
            if file.is_file():
                found[part] = frozen.Publication(pd.read_parquet(file), cells)
    return found


def _hold_against_earlier(
    published: Published,
    publications: Mapping[str, frozen.Publication],
    parameters: Parameters,
    output: Path,
) -> None:
    """Refuse what differs by few persons from what was published before (:mod:`.frozen`)."""
    before = {wave: _kept(_private(parameters, wave, output) / FROZEN) for wave in publications}
    files = {w: shown(parameters.folder / "waves" / f"{w}.yaml") for w in publications}
    faults = frozen.check(publications, before, parameters, files)
    names = {wave: frozen.digest(one.respondents) for wave, one in publications.items()}
    stored = _stored_manifest(output / published.manifest["wave"] / FOLDER) or {}
    for wave, name in stored.get(RESPONDENTS, {}).items():
        spec = parameters.waves.get(wave)
        forgotten = wave in names and name not in (names[wave], *before[wave])
        if spec is None or spec.demo or not forgotten:
            continue
        if name not in {one.respondents for one in spec.withdrawn}:
            faults.append(frozen.unknown(wave, name, files[wave]))
    if faults:
        raise BadInput(faults)
    published.manifest[RESPONDENTS] = names


def _kept(folder: Path) -> dict[str, frozen.Publication]:
    found = {}
    for one in sorted(folder.glob(f"*/{MANIFEST}")):
        frames = [pd.read_parquet(one.with_name(f"{name}.parquet")) for name in PUBLICATION]
        found[one.parent.name] = frozen.Publication(*frames)
    return found


def _keep(publication: frozen.Publication, folder: Path) -> None:
    """Remember a publication; of the same respondents, the cells of both."""
    name = frozen.digest(publication.respondents)
    cells = publication.cells
    if (folder / name / MANIFEST).is_file():
        known = pd.read_parquet(folder / name / f"{PUBLICATION[1]}.parquet")
        cells = pd.concat([known, cells]).drop_duplicates(ignore_index=True)
    frames = dict(zip(PUBLICATION, (publication.respondents, cells), strict=True))
    _save(folder / name, frames, {})


def search(files: Mapping[str, bytes], parameters: Parameters, output: Path) -> None:
    """Search files for respondents before they are written, content by name. If one is found, the
    program is at fault, and nothing is published."""
    hits = scanner(parameters, output).scan_all(files)
    if hits:
        places = "\n".join(f"{hit.file}: {hit.place}: {hit.kind}" for hit in hits[:10])
        raise RuntimeError(f"respondents in {len(hits)} places of what was made:\n{places}")


def forgotten(parameters: Parameters, wave: str, output: Path) -> list[str]:
    """The waves whose answers a wave is made of and that files can't be searched for, since they
    are gone."""
    private = output.parent / PRIVATE / parameters.folder.name
    there = {one.parent.parent.name for one in private.glob(f"*/estimates/{MARKS}.parquet")}
    parts = parameters.waves[wave].parts if wave in parameters.waves else [wave]
    return [part for part in parts if part not in there]


def scanner(parameters: Parameters, output: Path) -> Scanner:
    """What searches files for the respondents of all waves whose private store is there."""
    stores = (output.parent / PRIVATE / parameters.folder.name).glob(f"*/estimates/{MARKS}.parquet")
    marks = [pd.read_parquet(one) for one in sorted(stores)]
    return Scanner(parameters, pd.concat(marks, ignore_index=True) if marks else None)


def _two_waves(
    parameters: Parameters, wave: str, earlier: list[str], compare_with: str | None
) -> dict[str, TwoWaves]:
    """The wave laid together with each earlier one where the answers of both are needed: for
    promises, for the whole's change where they asked in different parts of it, and for every change
    where waves share units."""
    spec = parameters.waves[wave]
    wanted = set(baselines(parameters.promises, spec))
    if compare_with and common_parts(spec, parameters.waves[compare_with], parameters.areas):
        wanted.add(compare_with)
    needed = [w for w in earlier if parameters.tables.shared_units or w in wanted]
    if not needed:
        return {}
    now, _ = weigh_wave(parameters, wave)
    return {w: TwoWaves(now, weigh_wave(parameters, w)[0], parameters) for w in needed}


def _protected(parameters: Parameters, wave: str, output: Path) -> tuple[Shown, dict]:
    """What may be shown of a wave, and the door's account of it; made if it isn't there or its
    inputs have changed."""
    around = _private(parameters, wave, output)
    folder, made_from = around / "protected", _inputs_of_wave(parameters, wave)
    if (_stored_manifest(folder) or {}).get("inputs") != made_from:
        _log.info("%s %s", PROTECT, wave)
        made = _prepared(parameters, wave, output)
        microdata = pd.read_parquet(around / "estimates" / "microdata.parquet")
        parts = [_protected(parameters, w, output)[0] for w in parameters.waves[wave].pools]
        rows, account = protect_wave(made.estimates, microdata, made.weights, parameters, parts)
        _save(folder, vars(rows), {"inputs": made_from, "guarded": account})
    stored = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return Shown(**_load(folder)), stored["guarded"]


def prepare_as_published(
    parameters: Parameters, wave: str, compare_with: str | None, output: Path
) -> Published:
    """As :func:`prepare`, but a store that is there keeps the wave it is compared with.

    For what shows the wave alone: beside reports that compare with something else than usual, it
    would otherwise have their store made again under their hands.
    """
    stored = _stored_manifest(output / wave / FOLDER)
    if stored and stored["compare_with"] in (None, *parameters.waves):
        compare_with = stored["compare_with"]
    return prepare(parameters, wave, compare_with, output)


def _as_prepared(folder: Path, compare_with: str | None) -> Published:
    """What the batch that this notebook runs in has prepared, wherever it runs: without looking
    for the answers, which may be on another machine, and never made again."""
    published = open_published(folder)
    if (found := published.manifest["compare_with"]) != compare_with:
        expected = f"tables compared with {compare_with or 'no wave'}"
        action = "run `trygg reports`, which prepares them"
        raise BadInput(Fault(shown(folder), "", f"compared with {found}", expected, action))
    return published


def _still_there(parameters: Parameters, wave: str) -> list[str]:
    """The earlier waves whose answers can still be read: they tell how it was before."""
    spec = parameters.waves[wave]
    if spec.pools:
        return []
    return [
        name
        for name, one in parameters.delivered.items()
        if is_before(one, spec) and (one.demo or (parameters.folder / one.file.path).is_file())
    ]


def _current(
    parameters: Parameters, waves: Iterable[str], compare_with: str | None, stored: dict | None
) -> bool:
    """Whether a published store is what would be made now of these waves' answers, or all that can
    be had: it outlives the files that it was made from (gallring)."""
    if stored is None or stored["compare_with"] != compare_with:
        return False
    told, now = stored["inputs"], {wave: _answers(parameters, wave) for wave in waves}
    needed = [wave for wave in now if wave == stored["wave"] or wave == compare_with]
    if any(now[w] is None and not parameters.waves[w].demo for w in needed):
        return now.keys() <= told.keys()
    return (
        now.keys() == told.keys()
        and all(found in (None, told[wave]) for wave, found in now.items())
        and all(stored.get(name) == value for name, value in _recipe(parameters).items())
    )


def _recipe(parameters: Parameters) -> dict:
    """All that a published store depends on but the answers."""
    return {
        "parameters": inputs.digest_of_files(inputs.files_of_numbers(parameters)),
        "code": inputs.code_of_numbers(),
        "versions": inputs.versions(),
    }


def _answers(parameters: Parameters, wave: str) -> str | None:
    """The fingerprint of a wave's answers."""
    try:
        return inputs.answers(parameters, wave)
    except OSError:
        read_answers(parameters, wave)  # says what keeps the file from being opened
        raise


def _stored_manifest(folder: Path) -> dict | None:
    try:
        return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _manifest(
    parameters: Parameters, waves: list[str], compare_with: str | None, notes: tuple[str, ...]
) -> dict:
    spec = parameters.waves[waves[0]]
    return {
        "wave": spec.id,
        "label": spec.label,
        "demo": spec.demo,
        "source": spec.source,
        "fieldwork": [day.isoformat() for day in spec.fieldwork],
        "compare_with": compare_with,
        "notes": list(notes),
        "inputs": {wave: _answers(parameters, wave) for wave in waves},
        **_recipe(parameters),
    }


def demo_file_wanting(parameters: Parameters, wave: str) -> bool:
    """Whether a demo wave's delivered file isn't there, or is older than the parameters that it is
    made from; of a pooled wave, that of any of its parts."""
    if parameters.waves[wave].pools:
        return any(demo_file_wanting(parameters, part) for part in parameters.waves[wave].pools)
    if not parameters.waves[wave].demo:
        return False
    file = parameters.folder / parameters.waves[wave].file.path
    sources = inputs.files_of_numbers(parameters).values()
    return not file.exists() or file.stat().st_mtime < max(s.stat().st_mtime for s in sources)


def write_demo(parameters: Parameters, waves: Iterable[str]) -> None:
    """Make the made-up answers of demo waves that want them."""
    parts = dict.fromkeys(part for wave in waves for part in parameters.waves[wave].parts)
    write_waves(parameters, [part for part in parts if demo_file_wanting(parameters, part)])


def weigh_wave(parameters: Parameters, wave: str) -> tuple[WeightedSurvey, pd.DataFrame]:
    """Read, clean and weight a wave, or those that it pools: the microdata, and the log of its
    cleaning."""
    spec = parameters.waves[wave]
    if spec.pools:
        surveys, logs = zip(*(weigh_wave(parameters, part) for part in spec.pools), strict=True)
        return pool(surveys, spec, parameters), pool_logs(logs)
    answers = _cleaned(parameters, wave)
    return weight(answers, parameters), answers.log


def _cleaned(parameters: Parameters, wave: str) -> Answers:
    read = read_answers(parameters, wave)
    answers = clean(read, parameters)
    check_completeness(read, answers, parameters)
    return answers


def _prepared(parameters: Parameters, wave: str, output: Path) -> Prepared:
    """A wave's estimates, made if they aren't there or their inputs have changed. What is made is
    read again, so that it is the same to the last bit as what a later run reads."""
    folder = _private(parameters, wave, output) / "estimates"
    made_from = _inputs_of_wave(parameters, wave)
    if (_stored_manifest(folder) or {}).get("inputs") != made_from:
        _log.info("%s %s", ESTIMATE, wave)
        _save(folder, *_estimated(inputs.alone(parameters, wave), wave, made_from))
    stored, frames = json.loads((folder / MANIFEST).read_text(encoding="utf-8")), _load(folder)
    names = [f.name for f in fields(Estimates) if f.name != "wave"]
    estimates = Estimates(parameters.waves[wave], **{name: frames[name] for name in names})
    return Prepared(estimates, frames["cleaning"], frames["weights"], tuple(stored["notes"]))


def _inputs_of_wave(parameters: Parameters, wave: str) -> str:
    """One fingerprint of all that a wave's own estimates depend on."""
    return inputs.digest(
        [
            _answers(parameters, wave),
            inputs.digest_of_files(inputs.files_of_estimates(parameters, wave)),
            inputs.code_of_numbers(),
            inputs.versions(),
        ]
    )


def _estimated(
    parameters: Parameters, wave: str, made_from: str
) -> tuple[dict[str, pd.DataFrame], dict]:
    """The frames to keep of a wave, the weighted microdata among them, and what to tell of them."""
    traces: dict[str, pd.DataFrame] = {}
    if parameters.waves[wave].pools:
        survey, cleaning = weigh_wave(parameters, wave)
    else:
        answers = _cleaned(parameters, wave)
        survey, cleaning = weight(answers, parameters), answers.log
        assert answers.traces is not None, "answers that were read have traces"
        persons = answers.traces.persons[survey.frame["row"]].to_numpy()
        traces = {
            MARKS: answers.traces.marks,
            RESPONDENTS: frozen.respondents(survey, persons, parameters),
        }
    frames = (
        traces
        | vars(estimate_wave(survey, parameters))
        | {
            "cleaning": cleaning,
            "weights": survey.areas,
            "microdata": survey.frame.drop(columns="row")
            .copy()
            .assign(weight=survey.design.weights),
        }
    )
    del frames["wave"]
    return frames, {"inputs": made_from, "notes": list(survey.notes)}


def _inside(parameters: Parameters, estimates: Estimates, output: Path) -> Inside:
    wave = estimates.wave.id
    folder = _private(parameters, wave, output) / "inside"
    made_from = _inputs_of_wave(parameters, wave)
    if (_stored_manifest(folder) or {}).get("inputs") != made_from:
        _log.info("%s %s", INSIDE, wave)
        own = inputs.alone(parameters, wave)
        survey, _ = weigh_wave(own, wave)
        inside = look_inside(survey, estimates, own)
        _save(folder, vars(inside), {"inputs": made_from})
    return Inside(**_load(folder))


def _private(parameters: Parameters, wave: str, output: Path) -> Path:
    return output.parent / PRIVATE / parameters.folder.name / wave


def _save(folder: Path, frames: Mapping[str, pd.DataFrame], manifest: dict) -> None:
    """Frames and manifest in a folder that only its owner can read, in one move."""
    make_folder(folder.parent)
    for around in (folder.parent, folder.parent.parent, folder.parent.parent.parent):
        platforms.make_private(around)
    with replace_folder(folder) as aside:
        platforms.make_private(aside)
        for name, frame in frames.items():
            frame.to_parquet(aside / f"{name}.parquet", index=False)
        (aside / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
        for path in aside.iterdir():
            platforms.make_private(path)


def _load(folder: Path) -> dict[str, pd.DataFrame]:
    paths = [path for path in folder.glob("*.parquet") if path.stem not in MICRODATA]
    return {path.stem: pd.read_parquet(path) for path in paths}


def report_areas(parameters: Parameters, wave: str, level: str) -> list[str]:
    """The areas of a level in Swedish order, with or without a survey in this wave."""
    return parameters.areas.of_level(level)
