"""A pooled wave: what follows from the waves that ``waves/<id>.yaml`` names under ``pools``.

A question is pooled when it was asked in all of them on the same scale, in the same wording and of
the same persons; else it is not asked in the pooled wave. A stratum is pooled when all of them
sampled it, and in the same way; else the pooled wave has no survey there. Their ages must agree
(domain guide, 5.4).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from survey_lib.vocabulary.questionnaire import Questionnaire
from survey_lib.vocabulary.source import Source
from survey_lib.vocabulary.validation import Names
from survey_lib.vocabulary.waves import ANY_STRATUM, MODES, Pool, Stratum, Wave


def pooled_wave(
    pool: Pool,
    source: Source,
    waves: Mapping[str, Wave],
    pooled: Collection[str],
    questionnaire: Questionnaire,
    names: Names,
) -> Wave | None:
    """The wave that pools others; None after noting why it can't.

    Parameters
    ----------
    waves : those with answers of their own.
    pooled : ids of those that pool others.
    """
    for index, name in enumerate(pool.pools):
        if name in pooled:
            expected = "a wave with answers of its own"
            action = "name the waves that it pools"
            source.fault(("pools", index), f"{name}, which pools others", expected, action)
        elif name in pool.pools[:index]:
            source.fault(("pools", index), f"{name} once more", "each wave once", "remove it")
        else:
            names.require(source, ("pools", index), "wave", name, waves)
    if source.faults or not all(name in waves for name in pool.pools):
        return None
    parts = sorted((waves[name] for name in pool.pools), key=lambda wave: wave.fieldwork)
    strata = _shared_strata(parts)
    _check(parts, strata, source)
    if source.faults:
        return None
    latest = parts[-1]
    return latest.model_copy(
        update={
            "id": pool.id,
            "label": "/".join(part.label for part in parts),
            "pools": [part.id for part in parts],
            "demo": any(part.demo for part in parts),
            "fieldwork": (parts[0].fieldwork[0], max(part.fieldwork[1] for part in parts)),
            "season": " och ".join(dict.fromkeys(part.season for part in parts)),
            "modes": [mode for mode in MODES if any(mode in part.modes for part in parts)],
            "strata": strata,
            "not_asked": _not_pooled(parts, questionnaire),
            "source": " och ".join(dict.fromkeys(part.source for part in parts)),
        }
    )


def has_stratum(pooled: Wave, parts: Sequence[Wave], key: str) -> bool:
    """Whether a stratum of the parts' files is in the pooled wave."""
    listed = any(key in part.strata for part in parts)
    return key in pooled.strata or (not listed and ANY_STRATUM in pooled.strata)


def _check(parts: Sequence[Wave], strata: Mapping[str, Stratum], source: Source) -> None:
    for what, values in (
        ("ages", [f"{part.age_span[0]}–{part.age_span[1] or ''}" for part in parts]),
        ("level of strata", [str(part.strata_level) for part in parts]),
    ):
        if len(set(values)) > 1:
            told = zip(values, parts, strict=True)
            found = f"{what} {', '.join(f'{value} in {part.id}' for value, part in told)}"
            source.fault(("pools",), found, f"the same {what}", "pool other waves")
    if not strata:
        found = "no part of the population that all of them sampled, and in the same way"
        source.fault(("pools",), found, "strata in common", "pool other waves")


def _shared_strata(parts: Sequence[Wave]) -> dict[str, Stratum]:
    """The strata that all waves sampled in the same way; a number that one lacks is unknown."""
    shared = {}
    for key in dict.fromkeys(key for part in parts for key in part.strata):
        found = [part.strata.get(key, part.strata.get(ANY_STRATUM)) for part in parts]
        own = [stratum for stratum in found if stratum is not None]
        if len(own) == len(parts) and len({stratum.sampling for stratum in own}) == 1:
            shared[key] = Stratum(
                sampling=own[0].sampling,
                invited=_sum([stratum.invited for stratum in own]),
                responding=_sum([stratum.responding for stratum in own]),
            )
    return shared


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _not_pooled(parts: Sequence[Wave], questionnaire: Questionnaire) -> list[str]:
    """What isn't asked in the pooled wave: what one wave didn't ask or asked otherwise, and items
    whose filter or numerator rests on such a question."""
    absent = dict.fromkeys(name for part in parts for name in part.not_asked)
    for name in questionnaire.items:
        versions = {
            (questionnaire.scale_of(name, part), questionnaire.wording_of(name, part))
            for part in parts
        }
        if len(versions) > 1:
            absent[name] = None
    for name in _resting_on(questionnaire, absent):
        absent[name] = None
    return list(absent)


def _resting_on(questionnaire: Questionnaire, absent: Collection[str]) -> list[str]:
    conditions: dict[str, set[str]] = {
        name: set(item.asked_if or {}) for name, item in questionnaire.items.items()
    }
    for indicator in questionnaire.indicators.values():
        conditions[indicator.item] |= set(indicator.rule.also or {})
    return [name for name, others in conditions.items() if others & set(absent)]
