"""Checks of ``tables.yaml`` and ``reports.yaml`` against the questionnaire, areas and waves."""

from __future__ import annotations

import re
from collections.abc import Mapping

from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.questionnaire import Questionnaire
from survey_lib.vocabulary.reports import (
    OTHER_SECTIONS,
    Accessibility,
    AreaReport,
    Contact,
    Reports,
    Watch,
)
from survey_lib.vocabulary.source import KeyPath, Source
from survey_lib.vocabulary.tables import SECTIONS, Table, Tables
from survey_lib.vocabulary.validation import Names, listed
from survey_lib.vocabulary.waves import Wave, is_before, not_before

PARTY = re.compile(r"[a-z0-9_]+")  # in the names of files


def check_tables(
    tables: Tables,
    source: Source,
    q: Questionnaire | None,
    areas: Areas | None,
    waves: Mapping[str, Wave],
    names: Names,
) -> None:
    """Every name resolves; an indicator stands in one table, since a comparison has one family."""
    showing = tables.showing
    if showing.hide_below > showing.uncertain_below:
        source.fault(
            ("showing",),
            f"hide_below {showing.hide_below}, uncertain_below {showing.uncertain_below}",
            "hide_below no larger than uncertain_below",
            "mend the limits",
        )
    without = [name for name, wave in waves.items() if "psu" not in wave.variables]
    if tables.shared_units and without:
        source.fault(
            ("shared_units",),
            f"true, but {', '.join(without)} has no column of primary units",
            "variables: psu in every wave, when waves are drawn in the same units",
            "name the column in waves/, or write false",
        )
    if areas is not None:
        _check_split(tables, source, areas, names)
    taken: dict[str, str] = {}
    for table_id, table in tables.tables.items():
        path: KeyPath = ("tables", table_id)
        _check_section(table, table_id, source, names)
        for index, indicator in enumerate(table.lead):
            here = (*path, "lead", index)
            names.require(source, here, "indicator of the table", indicator, table.indicators)
        for index, level in enumerate(table.levels if areas else []):
            names.require(
                source, (*path, "levels", index), "level", level, areas.levels if areas else []
            )
        if q is not None:
            for index, group in enumerate(table.groups):
                names.require(source, (*path, "groups", index), "group", group, q.groups)
            for index, item in enumerate(table.distributions):
                single = [name for name, one in q.items.items() if one.kind == "single"]
                names.require(source, (*path, "distributions", index), "item", item, single)
        for index, indicator in enumerate(table.indicators):
            here = (*path, "indicators", index)
            if q is not None and not names.require(
                source, here, "indicator", indicator, q.indicators
            ):
                continue
            if indicator in taken:
                source.fault(
                    here,
                    f"{indicator} again (also in {taken[indicator]})",
                    "each indicator in one table, so that a comparison has one family",
                    "remove one",
                )
            taken.setdefault(indicator, table_id)
    if q is not None:
        _check_effects(tables, source, q, names)
    for index, variable in enumerate(tables.profile if q else []):
        names.require(
            source, ("profile", index), "background variable", variable, q.background if q else []
        )
    if areas is not None and not source.faulty(("tables",)):
        _check_whole(tables, source, areas)


def _check_whole(tables: Tables, source: Source, areas: Areas) -> None:
    """The whole has a table, since every wave has a page about it."""
    level = areas.level_of(areas.whole)
    if level in areas.levels and not any(level in one.levels for one in tables.tables.values()):
        found, expected = f"no table with the level {level}", f"one, the level of {areas.whole}"
        source.fault(("tables",), found, expected, f"add {level} to a table's levels")


def _check_section(table: Table, table_id: str, source: Source, names: Names) -> None:
    path: KeyPath = ("tables", table_id, "section")
    if table.section is not None:
        names.require(source, path, "section", table.section, SECTIONS)
    elif table_id not in SECTIONS and not source.faulty(path):
        found = f"no section, and the table's own id, {table_id}, is none"
        action = "add section:, where reports show the table"
        source.fault(path, found, f"one of {listed(SECTIONS)}", action)


def _check_split(tables: Tables, source: Source, areas: Areas, names: Names) -> None:
    """Levels that are split into groups come before those that aren't: a group's number in an area
    is the sum of those in the areas inside it, at every level down to the last that has any."""
    for index, level in enumerate(tables.split_levels or []):
        names.require(source, ("split_levels", index), "level", level, areas.levels)
    used = [one for one in areas.levels if any(one in t.levels for t in tables.tables.values())]
    whole = [one for one in used if not tables.splits(one)]
    if whole and any(tables.splits(one) for one in used[used.index(whole[0]) :]):
        source.fault(
            ("split_levels",),
            f"{', '.join(tables.split_levels or [])} without {whole[0]}",
            "no level inside one that is published as wholes only",
            f"add {whole[0]}, or remove the levels after it in areas.yaml",
        )


def _check_effects(tables: Tables, source: Source, q: Questionnaire, names: Names) -> None:
    """Characteristics held equal are plain groups, each with a category to compare with."""
    plain = [name for name, group in q.groups.items() if group.cross is None]
    for name, reference in tables.effects.items():
        if names.require(source, ("effects", name), "group that is no cross", name, plain):
            ids = q.group(name).ids
            names.require(source, ("effects", name), "category of the group", reference, ids)


def check_reports(
    reports: Reports,
    source: Source,
    areas: Areas | None,
    waves: Mapping[str, Wave],
    tables: Tables | None,
    names: Names,
) -> None:
    """The defaults exist, the comparison is with an earlier wave, every area is known, and what is
    watched stands in a table."""
    if waves:
        known = names.require(source, ("wave",), "wave", reports.wave, waves)
        other = reports.compare_with
        if (
            other is not None
            and names.require(source, ("compare_with",), "wave", other, waves)
            and known
        ) and not is_before(waves[other], waves[reports.wave]):
            source.fault(
                ("compare_with",),
                not_before(waves[other], waves[reports.wave]),
                "an earlier wave",
                "name an earlier wave, or remove compare_with",
            )
    if areas is not None:
        with_reports = [level for level, words in areas.levels.items() if words.reports]
        names.require(source, ("level",), "level with reports", reports.level, with_reports)
        for one in reports.areas:
            names.require(source, ("areas", one), "area", one, areas.areas)
    for party, name in reports.parties.items():
        if not PARTY.fullmatch(party) or not name:
            expected = "an id in a–z, 0–9 and _, and a name"
            source.fault(("parties", party), f"{party!r}: {name!r}", expected, "mend it")
    if watch := reports.watch:
        _check_watch(watch, source, tables, names)
    if said := reports.accessibility:
        _check_accessibility(said, source)
    entries: list[tuple[KeyPath, str | None, AreaReport]] = [(("default",), None, reports.default)]
    entries += [(("areas", area), area, report) for area, report in reports.areas.items()]
    for path, area, report in entries:
        _check_area(area, report, path, source, areas, names)
        for section in report.comments:
            here = (*path, "comments", section)
            names.require(source, here, "section", section, [*SECTIONS, *OTHER_SECTIONS])


def _check_watch(watch: Watch, source: Source, tables: Tables | None, names: Names) -> None:
    """Published indicators, and periods no longer than a year."""
    published = [i for table in tables.tables.values() for i in table.indicators] if tables else []
    for index, one in enumerate(watch.indicators if tables else []):
        names.require(source, ("watch", "indicators", index), "published indicator", one, published)
    if watch.window > watch.year:
        found = f"window {watch.window}, year {watch.year}"
        source.fault(("watch", "window"), found, "a period within a year", "mend one of them")


def _check_accessibility(said: Accessibility, source: Source) -> None:
    """Only what is fully accessible has no known faults."""
    path: KeyPath = ("accessibility",)
    _check_contact(said.contact, path, source)
    read = not source.faulty((*path, "conformance")) and not source.faulty((*path, "faults"))
    if read and (said.conformance == "helt") == bool(said.faults):
        found = f"conformance {said.conformance} with {len(said.faults)} faults"
        expected = "helt without faults, or delvis or inte with the known ones"
        source.fault((*path, "conformance"), found, expected, "mend one of them")


def _check_contact(contact: Contact | None, path: KeyPath, source: Source) -> None:
    if contact and contact.email is not None and "@" not in contact.email:
        source.fault(
            (*path, "contact", "email"), repr(contact.email), "an address with @", "mend it"
        )


def _check_area(
    area: str | None,
    report: AreaReport,
    path: KeyPath,
    source: Source,
    areas: Areas | None,
    names: Names,
) -> None:
    _check_contact(report.contact, path, source)
    if areas is None:
        return
    for index, inside in enumerate(report.subareas or []):
        here = (*path, "subareas", index)
        known = names.require(source, here, "area", inside, areas.areas)
        if known and area in areas.areas and not areas.contains(area, inside):
            found = f"{inside}, which is not in {area}"
            source.fault(here, found, f"areas inside {area}", "remove it")
