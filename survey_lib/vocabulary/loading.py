"""Loads a parameters folder: reads every file, checks each and all together, reports at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from survey_lib.faults import BadInput, Fault
from survey_lib.files import shown
from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.areas_files import read_areas, read_places
from survey_lib.vocabulary.check_margins import check_margins
from survey_lib.vocabulary.check_promises import check_promises
from survey_lib.vocabulary.check_questionnaire import check_questionnaire, usable
from survey_lib.vocabulary.check_reports import check_reports, check_tables
from survey_lib.vocabulary.check_waves import check_wave
from survey_lib.vocabulary.expansion import expanded
from survey_lib.vocabulary.external import ExternalFigure, read_external
from survey_lib.vocabulary.gazetteer import Place
from survey_lib.vocabulary.goals import Goals, check_goals
from survey_lib.vocabulary.keys import FOLDER as KEYS
from survey_lib.vocabulary.keys import KeyRow, read_key
from survey_lib.vocabulary.modelling import FILE as COVARIATES
from survey_lib.vocabulary.modelling import check_modelled, read_covariates
from survey_lib.vocabulary.parameters import Parameters
from survey_lib.vocabulary.partners import FOLDER as PARTNERS
from survey_lib.vocabulary.partners import PartnerPicture, read_partners
from survey_lib.vocabulary.pooling import pooled_wave
from survey_lib.vocabulary.populations import read_population
from survey_lib.vocabulary.promises import Promise, PromisesFile
from survey_lib.vocabulary.questionnaire import Questionnaire
from survey_lib.vocabulary.reports import Reports
from survey_lib.vocabulary.source import Source, in_file_order
from survey_lib.vocabulary.tables import PROBLEMS, Tables
from survey_lib.vocabulary.tiles import FILE as TILES
from survey_lib.vocabulary.tiles import Tile, read_tiles
from survey_lib.vocabulary.validation import Names, validated
from survey_lib.vocabulary.waves import Pool, Wave
from survey_lib.vocabulary.yaml_files import read_yaml


def load_parameters(folder: Path | str) -> Parameters:
    """Everything in a parameters folder, validated.

    Raises
    ------
    BadInput : with every fault of every file: what can't be read, wrong keys and types, names that
        lead nowhere, population margins that are empty or do not sum.
    """
    folder = Path(folder)
    if not folder.is_dir():
        found = "a file" if folder.exists() else "no such folder"
        raise BadInput(
            Fault(
                shown(folder),
                "",
                found,
                "a parameters folder",
                "go to the survey's folder, or give the folder with --parameters; to make one to "
                "try:  trygg demo NEW_FOLDER",
            )
        )
    sources: list[Source] = []
    left_out: set[str] = set()

    def read(name: str, model: Any) -> tuple[Source, Any]:
        source = read_yaml(folder / name)
        sources.append(source)
        loaded, missing = validated(model, source)
        left_out.update(missing)
        return source, loaded

    q_source, written = read("questionnaire.yaml", Questionnaire)
    area_sources, areas, missing = read_areas(folder)
    sources += area_sources
    left_out |= missing
    tables_source, tables = read("tables.yaml", Tables)
    reports_source, reports = read("reports.yaml", Reports)
    waves, pools = _waves(folder, sources, left_out)
    demo_source, demo = None, None
    if (folder / "demo.yaml").exists():
        from survey_lib.vocabulary.demo import DemoPlan

        demo_source, demo = read("demo.yaml", DemoPlan)
    promises_source, promised = None, None
    if (folder / "promises.yaml").exists():
        promises_source, promised = read("promises.yaml", PromisesFile)
    goals_source, goals = None, None
    if (folder / "goals.yaml").exists():
        goals_source, goals = read("goals.yaml", Goals)

    names = Names(frozenset(left_out))
    questionnaire: Questionnaire | None = None
    if written is not None:
        check_questionnaire(written, q_source, names)
        written, names = usable(written, q_source, names)
        questionnaire = expanded(written)
    places: dict[str, Place] = {}
    if (folder / "places.csv").exists() or (questionnaire and questionnaire.places):
        source, places = read_places(folder / "places.csv", areas)
        sources.append(source)
    delivered = {wave.id: wave for _, wave in waves.values()}
    for source, wave in waves.values():
        check_wave(wave, source, questionnaire, areas, names)
    by_id = delivered | _pooled(pools, delivered, questionnaire, names)
    names = Names(names.left_out | (pools.keys() - by_id.keys()))
    if tables is not None:
        check_tables(tables, tables_source, questionnaire, areas, delivered, names)
    covariates = pd.DataFrame()
    if tables is not None and tables.modelled is not None:
        source, covariates = read_covariates(folder / COVARIATES, areas)
        sources.append(source)
        usable_covariates = None if source.faults else covariates
        check_modelled(tables, tables_source, questionnaire, areas, usable_covariates, names)
    if reports is not None:
        check_reports(reports, reports_source, areas, by_id, tables, names)
    promises: dict[str, Promise] = {}
    if promised is not None and promises_source is not None:
        promises = check_promises(
            promised, promises_source, questionnaire, areas, by_id, tables, places, names
        )
    if goals is not None and goals_source is not None:
        check_goals(goals, goals_source, questionnaire, areas, tables, names)
    external: list[ExternalFigure] = []
    if (folder / "external.csv").exists() and tables is not None:
        source, external = read_external(
            folder / "external.csv", areas, questionnaire, tables.showing, names
        )
        sources.append(source)
    ranked = _ranked(tables, questionnaire)
    partners: list[PartnerPicture] = []
    if reports is not None:
        problems = None if ranked is None else list(ranked.values())
        theirs, partners = read_partners(
            folder / PARTNERS, by_id, areas, reports.parties, problems, names
        )
        sources += theirs
    keys: dict[str, list[KeyRow]] = {}
    for path in sorted((folder / KEYS).glob("*.csv")):
        source, keys[path.stem] = read_key(path, None if ranked is None else list(ranked), names)
        sources.append(source)
    tiles: dict[str, Tile] = {}
    if (folder / TILES).exists():
        source, tiles = read_tiles(folder / TILES, areas)
        sources.append(source)
    populations: dict[str, pd.DataFrame] = {}
    if questionnaire is not None and areas is not None:
        populations = _populations(folder, questionnaire, areas, waves, sources, names)
        if demo is not None and demo_source is not None:
            from survey_lib.vocabulary.check_demo import check_demo

            check_demo(demo, demo_source, questionnaire, areas, delivered, populations, names)

    faults = [fault for source in sources for fault in in_file_order(source.faults)]
    if faults:
        raise BadInput(faults)
    assert questionnaire and areas and tables and reports  # each would have left a fault
    in_time = sorted(by_id.values(), key=lambda wave: (wave.fieldwork, wave.id))
    return Parameters(
        folder=folder,
        questionnaire=questionnaire,
        areas=areas,
        waves={wave.id: wave for wave in in_time},
        tables=tables,
        reports=reports,
        places=places,
        promises=promises,
        goals=goals,
        external=external,
        partners=partners,
        keys=keys,
        tiles=tiles,
        covariates=covariates,
        demo=demo,
        populations=populations,
        files=tuple(source.path for source in sources),
    )


def _ranked(tables: Tables | None, questionnaire: Questionnaire | None) -> dict[str, str] | None:
    """The problems of the joint picture: indicator -> problem id; None where they aren't known."""
    if tables is None or questionnaire is None:
        return None
    known, table = questionnaire.indicators, tables.tables.get(PROBLEMS)
    return {i: known[i].item for i in table.indicators if i in known} if table else {}


def _waves(
    folder: Path, sources: list[Source], left_out: set[str]
) -> tuple[dict[str, tuple[Source, Wave]], dict[str, tuple[Source, Pool]]]:
    """Every usable ``waves/<id>.yaml``: those with answers of their own, and those that pool
    others. The id is the file's name and need not stand in it."""
    waves: dict[str, tuple[Source, Wave]] = {}
    pools: dict[str, tuple[Source, Pool]] = {}
    paths = sorted((folder / "waves").glob("*.yaml"))
    if not paths:
        source = Source(folder / "waves")
        source.at("", "no wave", "a file <id>.yaml per survey wave", "add waves/<year>.yaml")
        sources.append(source)
    for path in sorted((folder / "waves").glob("*.yml")):
        source = Source(path)
        source.at("", "the ending .yml", f"{path.stem}.yaml", "rename the file")
        sources.append(source)
    for path in paths:
        source = read_yaml(path)
        sources.append(source)
        if isinstance(source.data, dict):
            own = source.data.setdefault("id", path.stem)
            if str(own) != path.stem:
                source.fault(
                    ("id",),
                    f"{own!r}",
                    f"the file's name, {path.stem!r}",
                    "remove id, or rename the file",
                )
            source.data["id"] = path.stem
        if isinstance(source.data, dict) and "pools" in source.data:
            pool, missing = validated(Pool, source)
            left_out |= missing
            if pool is not None:
                pools[path.stem] = (source, pool)
                continue
        else:
            wave, missing = validated(Wave, source)
            left_out |= missing
            if wave is not None:
                waves[path.stem] = (source, wave)
                continue
        left_out.add(path.stem)
    return waves, pools


def _pooled(
    pools: dict[str, tuple[Source, Pool]],
    waves: dict[str, Wave],
    questionnaire: Questionnaire | None,
    names: Names,
) -> dict[str, Wave]:
    """The waves that pool others, where all they need is without a fault."""
    if questionnaire is None:
        return {}
    made = {
        id_: pooled_wave(pool, source, waves, pools, questionnaire, names)
        for id_, (source, pool) in pools.items()
    }
    return {id_: wave for id_, wave in made.items() if wave is not None}


def _populations(
    folder: Path,
    q: Questionnaire,
    areas: Areas,
    waves: dict[str, tuple[Source, Wave]],
    sources: list[Source],
    names: Names,
) -> dict[str, pd.DataFrame]:
    strata = {stratum for _, wave in waves.values() for stratum in wave.strata}
    files: dict[str, Source] = {}
    frames: dict[str, pd.DataFrame] = {}
    for path in sorted((folder / "population").glob("*.csv")):
        files[path.stem], frame = read_population(path, q, areas, strata, names)
        if frame is not None:
            frames[path.stem] = frame
    sources += files.values()
    for source, wave in waves.values():
        check_margins(wave, source, frames, files, q, areas, names)
    return frames
