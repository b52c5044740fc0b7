"""One wave, prepared once: read, clean, weight, estimate, compare, publish.

What is made on the way and may hold small groups or single answers (the weighted microdata and the
unprotected estimates) is kept in a private folder beside ``reports/``, readable by its owner only;
what left the door is in ``reports/<wave>/published/``. Both remember the hash of everything that
went into them, and are made again only when it has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from survey_lib import platforms
from survey_lib.answers import check_completeness, clean, read_answers
from survey_lib.audit import audit, other_stores
from survey_lib.demo import write_waves
from survey_lib.files import check_folder, make_folder, replace_folder
from survey_lib.perception.beside import with_rest
from survey_lib.perception.comparisons import compare_with_earlier, together
from survey_lib.perception.estimates import Estimates, estimate_wave
from survey_lib.perception.followup import follow_up
from survey_lib.perception.inside import Inside, look_inside
from survey_lib.perception.two_waves import TwoWaves
from survey_lib.publish import (
    FOLDER,
    MANIFEST,
    Published,
    open_published,
    publish,
    write_published,
)
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.promises import baselines
from survey_lib.vocabulary.waves import is_before
from survey_lib.weighting import WeightedSurvey, pool, pool_logs, weight

PRIVATE = ".trygg"  # beside reports/: never published, never committed
NO_NUMBERS = ("reports.yaml", "partners", "keys")  # parameters that change no number
LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels")  # whose versions can change a number


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
    compared = [compare_with] if compare_with else []
    compared += baselines(parameters.promises, parameters.waves[wave])
    hashes = {w: inputs_hash(parameters, w) for w in (wave, *compared)}
    if compare_with:
        hashes |= _still_there(parameters, wave, hashes)
    stored = _stored_manifest(folder)
    if (
        stored
        and stored["compare_with"] == compare_with
        and (stored["inputs"] == hashes or _data_gone(stored, hashes))
    ):
        return open_published(folder)
    for place in (folder, output.parent / PRIVATE):
        check_folder(place)
    _write_demo(parameters, hashes)
    now = _prepared(parameters, wave, hashes[wave], output)
    inside = _inside(parameters, now.estimates, hashes[wave], output)
    earlier = [w for w in parameters.waves if w in hashes and w != wave]
    before = {w: _prepared(parameters, w, hashes[w], output).estimates for w in earlier}
    two = _two_waves(parameters, wave, list(before))
    changes = {
        w: compare_with_earlier(now.estimates, b, parameters, two.get(w)) for w, b in before.items()
    }
    contrasts = together([inside.contrasts, *(changes[w] for w in before if w == compare_with)])
    published = publish(
        now.estimates,
        contrasts,
        inside.effects,
        inside.homogeneity,
        with_rest(follow_up(now.estimates, changes, parameters), two, parameters.areas),
        before,
        now.cleaning,
        now.weights,
        _manifest(parameters, wave, compare_with, hashes, now.notes),
        parameters,
        _parts(parameters, wave, output),
    )
    _hold_against_others(published, parameters, output)
    write_published(published, folder)
    return published


def _hold_against_others(published: Published, parameters: Parameters, output: Path) -> None:
    """Audit a store before it is written, beside the other waves' stores that are there.

    The door has made it so that nothing can be found. If something is, the program is at fault, and
    nothing is published.
    """
    wave = published.manifest["wave"]
    found = audit({wave: published, **other_stores(output, wave)}, parameters, of=[wave])
    if not found.passed:
        places = "\n".join(" ".join(row) for row in found.findings.head(10).to_numpy())
        raise RuntimeError(f"{len(found.findings)} hidden values can be worked out:\n{places}")


def _two_waves(parameters: Parameters, wave: str, earlier: list[str]) -> dict[str, TwoWaves]:
    """The wave laid together with each earlier one where the answers of both are needed: for
    promises, and for every change where waves share units."""
    promised = baselines(parameters.promises, parameters.waves[wave])
    needed = [w for w in earlier if parameters.tables.shared_units or w in promised]
    if not needed:
        return {}
    now, _ = weigh_wave(parameters, wave)
    return {w: TwoWaves(now, weigh_wave(parameters, w)[0], parameters) for w in needed}


def _parts(parameters: Parameters, wave: str, output: Path) -> list[Estimates]:
    """The estimates of each wave that a wave pools."""
    return [
        _prepared(parameters, part, inputs_hash(parameters, part), output).estimates
        for part in parameters.waves[wave].pools
    ]


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


def _still_there(parameters: Parameters, wave: str, known: Collection[str]) -> dict[str, str]:
    """The other earlier waves whose answers can still be read: they tell how it was before."""
    spec = parameters.waves[wave]
    earlier = (
        [] if spec.pools else [w for w, one in parameters.delivered.items() if is_before(one, spec)]
    )
    found = {w: inputs_hash(parameters, w) for w in earlier if w not in known}
    return {w: digest for w, digest in found.items() if digest is not None}


def _data_gone(stored: dict, hashes: dict[str, str | None]) -> bool:
    """Whether the published store of these waves outlives its delivered files (gallring)."""
    return None in hashes.values() and hashes.keys() <= stored["inputs"].keys()


def _stored_manifest(folder: Path) -> dict | None:
    try:
        return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _manifest(
    parameters: Parameters,
    wave: str,
    compare_with: str | None,
    hashes: dict[str, str | None],
    notes: tuple[str, ...],
) -> dict:
    spec = parameters.waves[wave]
    return {
        "wave": wave,
        "label": spec.label,
        "demo": spec.demo,
        "source": spec.source,
        "fieldwork": [day.isoformat() for day in spec.fieldwork],
        "compare_with": compare_with,
        "notes": list(notes),
        "inputs": hashes,
        "versions": {name: version(name) for name in ("survey-lib", *LIBRARIES)},
    }


def inputs_hash(parameters: Parameters, wave: str) -> str | None:
    """SHA-256 of all that a wave's numbers depend on: data, parameters, this code, libraries.

    None when the delivered file isn't there: what was published from it can still be opened.
    """
    digest = hashlib.sha256()
    for name in LIBRARIES:
        digest.update(f"{name} {version(name)}\n".encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    for path in sorted(p for p in _counting(parameters) if p.suffix in (".yaml", ".csv")):
        digest.update(path.relative_to(parameters.folder).as_posix().encode())
        digest.update(path.read_bytes())
    spec = parameters.waves[wave]
    parts = [inputs_hash(parameters, part) for part in spec.pools]
    if None in parts:
        return None
    digest.update("".join(map(str, parts)).encode())
    if spec.demo or parts:  # made from parameters and code
        return digest.hexdigest()
    data = parameters.folder / spec.file.path
    if not data.is_file():
        return None
    try:
        with data.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    except OSError:
        read_answers(parameters, wave)  # says what keeps the file from being opened
        raise
    return digest.hexdigest()


def demo_file_wanting(parameters: Parameters, wave: str) -> bool:
    """Whether a demo wave's delivered file isn't there, or is older than the parameters that it is
    made from; of a pooled wave, that of any of its parts."""
    if parameters.waves[wave].pools:
        return any(demo_file_wanting(parameters, part) for part in parameters.waves[wave].pools)
    if not parameters.waves[wave].demo:
        return False
    file = parameters.folder / parameters.waves[wave].file.path
    return not file.exists() or file.stat().st_mtime < max(
        source.stat().st_mtime for source in _counting(parameters)
    )


def _counting(parameters: Parameters) -> Iterator[Path]:
    """The files of ``parameters/`` that a wave's numbers can depend on."""
    for path in parameters.folder.rglob("*"):
        if path.is_file() and path.relative_to(parameters.folder).parts[0] not in NO_NUMBERS:
            yield path


def _write_demo(parameters: Parameters, waves: Iterable[str]) -> None:
    parts = dict.fromkeys(part for wave in waves for part in parameters.waves[wave].parts)
    write_waves(parameters, [part for part in parts if demo_file_wanting(parameters, part)])


def weigh_wave(parameters: Parameters, wave: str) -> tuple[WeightedSurvey, pd.DataFrame]:
    """Read, clean and weight a wave, or those that it pools: the microdata, and the log of its
    cleaning."""
    spec = parameters.waves[wave]
    if spec.pools:
        surveys, logs = zip(*(weigh_wave(parameters, part) for part in spec.pools), strict=True)
        return pool(surveys, spec, parameters), pool_logs(logs)
    read = read_answers(parameters, wave)
    answers = clean(read, parameters)
    check_completeness(read, answers, parameters)
    return weight(answers, parameters), answers.log


def _prepared(parameters: Parameters, wave: str, inputs: str | None, output: Path) -> Prepared:
    folder = _private(parameters, wave, output) / "estimates"
    if (stored := _stored_manifest(folder)) and stored["inputs"] == inputs:
        frames = _load(folder)
        names = [f.name for f in fields(Estimates) if f.name != "wave"]
        estimates = Estimates(parameters.waves[wave], **{name: frames[name] for name in names})
        notes = tuple(stored["notes"])
        return Prepared(estimates, frames["cleaning"], frames["weights"], notes)
    survey, cleaning = weigh_wave(parameters, wave)
    prepared = Prepared(estimate_wave(survey, parameters), cleaning, survey.areas, survey.notes)
    frames = {f.name: getattr(prepared.estimates, f.name) for f in fields(Estimates)}
    frames |= {"cleaning": cleaning, "weights": survey.areas}
    frames["microdata"] = (
        survey.frame.drop(columns="row").copy().assign(weight=survey.design.weights)
    )
    del frames["wave"]
    _save(folder, frames, {"inputs": inputs, "notes": list(prepared.notes)})
    return prepared


def _inside(
    parameters: Parameters, estimates: Estimates, inputs: str | None, output: Path
) -> Inside:
    folder = _private(parameters, estimates.wave.id, output) / "inside"
    if (stored := _stored_manifest(folder)) and stored["inputs"] == inputs:
        return Inside(**_load(folder))
    survey, _ = weigh_wave(parameters, estimates.wave.id)
    inside = look_inside(survey, estimates, parameters)
    _save(folder, vars(inside), {"inputs": inputs})
    return inside


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
    paths = [path for path in folder.glob("*.parquet") if path.stem != "microdata"]
    return {path.stem: pd.read_parquet(path) for path in paths}


def report_areas(parameters: Parameters, wave: str, level: str) -> list[str]:
    """The areas of a level in Swedish order, with or without a survey in this wave."""
    return parameters.areas.of_level(level)
