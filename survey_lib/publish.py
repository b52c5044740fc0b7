"""The only door between respondents and readers: estimates in, published store out.

``publish`` runs once per wave over everything that the wave declares, whatever areas are looked at
afterwards. What it writes is all that reports, notebooks and workers ever open.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from survey_lib.disclosure import (
    Rounding,
    Shown,
    implied_bases,
    protect_common,
    protect_contrasts,
    protect_effects,
    protect_homogeneity,
    protect_log,
    protect_modelled,
    protect_parts,
    protect_places,
    protect_promises,
)
from survey_lib.faults import BadInput, Fault
from survey_lib.files import replace_folder
from survey_lib.perception.estimates import Estimates
from survey_lib.perception.trend import trend
from survey_lib.vocabulary import Parameters

FOLDER = "published"  # inside the wave's folder of reports/
MANIFEST = "manifest.json"


@dataclass(frozen=True, eq=False)
class Published:
    """What left the door for one wave. Shares are between 0 and 1; a hidden number is NaN.

    Attributes
    ----------
    indicators : ``table, indicator, area, group, category, estimate, se, low, high, n, n_effective,
        deff, interval, rank, rank_low, rank_high, rank_low_all, rank_high_all, best, mark``; the
        ranks are those of :func:`survey_lib.perception.ranks.ranks`.
    answers : ``table, item, answer, label, area`` and the numbers of ``indicators``.
    contrasts : ``comparison ("rest" | "change" | "group"), table, area, indicator, group, category,
        family, first, first_low, first_high, second, second_low, second_high, difference, se, low,
        high, p, p_adjusted, n_first, n_second, secured, state``; of changes ``ages`` ("25-84" when
        the waves asked different ages) and ``modes_differ, seasons_differ``
    promises : ``promise, indicator, area, before, after, ongoing, wanted ("up" | "down"),
        probability``, from ``first`` to ``seasons_differ`` as in ``contrasts``, ``verdict ("ratt" |
        "annat" | "ovisst" | ""), mark, second_mark``; beside each the rest of the whole:
        ``rest_areas`` (joined by "|"), its shares ``rest_first, rest_first_low, rest_first_high,
        rest_second, rest_second_low, rest_second_high, rest_n_first, rest_n_second``, its change
        ``rest_difference, rest_low, rest_high``, and the difference of the two changes, ``beyond,
        beyond_low, beyond_high`` (:mod:`survey_lib.perception.beside`)
    common : as ``contrasts`` ("common"), the changes of the whole over the ``parts`` (joined by
        "|") that both waves drew at random; empty where the wholes themselves can be compared
        (:mod:`survey_lib.perception.comparisons.shared_parts`).
    areas : ``area, level, sampling, modes, missing, invited, responding, n, response_rate, mark``
    profile : ``area, variable, category, label, n, unweighted, weighted, population, mark``
    cleaning : ``step, rule, label, answers, persons, removed, left``
    weights : ``wave, area, margins, respondents, population, smallest, largest, trimmed, kish_deff,
        sweeps, margin_error, leverage_capped``; empty when the weights were delivered.
    parts : ``wave, area, n, mark``; empty but for a pooled wave.
    unpooled : ``indicator, area ("" for all), reason ("question" | "differs")``, what has no pooled
        value; empty but for a pooled wave.
    effects : ``table, area, indicator, variable, category, reference, effect, se, low, high, p,
        p_adjusted, secured, n (of the category), state, mark``; average marginal effects
        (:mod:`survey_lib.perception.effects`).
    homogeneity : ``level, table, indicator, areas (joined by "|"), statistic, df, df_residual, p,
        p_adjusted, secured, state``; whether a problem is as common in all areas of a level
        (:mod:`survey_lib.perception.homogeneity`).
    places : ``area, place (id | "other" | "98"), label, mentions, mark``, the order of the tables
    place_answers : ``area, place, question ("tid" | "dagtyp" | "orsak"), answer, label, mentions,
        most, mark``; ``most``: no other answer was given more often
        (:mod:`survey_lib.disclosure.places`).
    modelled : ``area, within, indicator, estimate, low, high, mse, n, direct, covariates, reason,
        mark``, modelled values for small areas, never tested; ``area`` "" and a ``reason`` where no
        model was made (:mod:`survey_lib.perception.small_areas`).
    trend : ``area, indicator, wave, estimate, low, high, n, n_effective, mark, state``, whole areas
        in all waves (:mod:`survey_lib.perception.trend`).
    manifest : the wave's label, dates and recipe in words, the hash of the inputs, and ``guarded``:
        what the subtraction guard hid (:mod:`survey_lib.disclosure.guard`).

    Numbers are rounded as :mod:`survey_lib.disclosure.rounding` says.
    """

    indicators: pd.DataFrame
    answers: pd.DataFrame
    contrasts: pd.DataFrame
    promises: pd.DataFrame
    common: pd.DataFrame
    areas: pd.DataFrame
    profile: pd.DataFrame
    cleaning: pd.DataFrame
    weights: pd.DataFrame
    parts: pd.DataFrame
    unpooled: pd.DataFrame
    effects: pd.DataFrame
    homogeneity: pd.DataFrame
    places: pd.DataFrame
    place_answers: pd.DataFrame
    modelled: pd.DataFrame
    trend: pd.DataFrame
    manifest: dict


def publish(
    estimates: Estimates,
    contrasts: pd.DataFrame,
    effects: pd.DataFrame,
    homogeneity: pd.DataFrame,
    promises: pd.DataFrame,
    common: pd.DataFrame,
    earlier: Mapping[str, Estimates],
    protected: Mapping[str, tuple[Shown, dict]],
    cleaning: pd.DataFrame,
    manifest: dict,
    parameters: Parameters,
) -> Published:
    """Everything protected and rounded. ``earlier`` are the waves compared with and other earlier
    ones, by id, in order of their fieldwork; ``protected`` what
    :func:`survey_lib.disclosure.protect_wave` gives of the wave and of each of these."""
    wave = estimates.wave.id
    showing, rounding = parameters.tables.showing, Rounding.of(parameters.tables.showing)
    shown, guarded = protected[wave]
    before = {name: protected[name][0].indicators for name in earlier}
    places, place_answers = protect_places(
        estimates.places, estimates.place_answers, estimates.areas, parameters
    )
    return Published(
        indicators=shown.indicators,
        answers=shown.answers,
        contrasts=implied_bases(
            rounding.frame(
                protect_contrasts(
                    contrasts, shown.indicators, before.get(manifest["compare_with"]), parameters
                )
            ),
            shown.indicators,
        ),
        promises=rounding.frame(protect_promises(promises, shown.indicators, before, parameters)),
        common=rounding.frame(
            protect_common(
                common, shown.indicators, before.get(manifest["compare_with"]), parameters
            )
        ),
        areas=shown.areas,
        profile=shown.profile,
        parts=rounding.frame(protect_parts(estimates.parts, showing)),
        unpooled=estimates.unpooled,
        effects=rounding.frame(protect_effects(effects, shown.indicators)),
        homogeneity=rounding.frame(protect_homogeneity(homogeneity, shown.indicators)),
        places=places,
        place_answers=place_answers,
        modelled=rounding.frame(protect_modelled(estimates.modelled, shown.indicators)),
        trend=rounding.frame(
            trend([*earlier.values(), estimates], before | {wave: shown.indicators}, parameters)
        ),
        cleaning=rounding.frame(protect_log(cleaning, showing)),
        weights=shown.weights,
        manifest={**manifest, "guarded": guarded},
    )


def write_published(published: Published, folder: Path) -> None:
    """Write the store to its folder in one move."""
    with replace_folder(folder) as aside:
        for name, content in files_of(published).items():
            (aside / name).write_bytes(content)


def files_of(published: Published) -> dict[str, bytes]:
    """The store's files, content by name."""
    files = {}
    for name in _frames():
        content = io.BytesIO()
        getattr(published, name).to_parquet(content, index=False)
        files[_file(name, published.manifest)] = content.getvalue()
    told = json.dumps(published.manifest, ensure_ascii=False, indent=1, sort_keys=True)
    return files | {MANIFEST: told.encode("utf-8")}


def open_published(folder: Path) -> Published:
    """The published store of a wave.

    Raises
    ------
    BadInput
        When there is none, or it is broken.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        with pd.option_context("mode.string_storage", "python"):  # faster for small tables
            files = {name: folder / _file(name, manifest) for name in _frames()}
            frames = {n: pd.read_parquet(file, use_threads=False) for n, file in files.items()}
    except (OSError, ValueError) as problem:
        raise BadInput(
            Fault(
                str(folder),
                "",
                "no published tables, or broken ones",
                "the tables that `trygg prepare` writes",
                "run `trygg prepare` (or `trygg reports`) for this wave",
            )
        ) from problem
    return Published(**frames, manifest=manifest)


def _file(name: str, manifest: dict) -> str:
    """The file of one frame; made-up answers say so in its name."""
    return f"{'DEMO_' if manifest['demo'] else ''}{name}.parquet"


def _frames() -> list[str]:
    return [field.name for field in fields(Published) if field.name != "manifest"]
