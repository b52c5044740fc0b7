"""A whole parameters folder small enough to read: one town, two parts, one wave."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

WORLD: dict[str, str] = {
    "questionnaire.yaml": """\
title: Trygghet
special: {96: är inte där, 97: ej aktuell, 98: vet inte, 99: ej svar}
bases: {answered: Bland alla, present: Bland dem som är där}
scales:
  T3:
    family: trygg
    labels: {1: Trygg, 2: Varken, 3: Otrygg}
    dont_know: Vet inte
  T2:
    family: trygg2
    labels: {1: Trygg, 2: Otrygg}
themes:
  trygghet: {title: Trygghet}
  problem: {title: Problem}
batteries:
  problem:
    stem: Vad är ett problem?
    theme: problem
    scale: T3
    indicators:
      "{item}_stort": {label: "{label}", numerator: [3], ties: "{item}_nagot"}
      "{item}_nagot": {label: "{label}", numerator: [2, 3]}
    items:
      prob_skrap: {label: Skräp}
      prob_moped: {label: Mopeder}
items:
  ute:
    text: Hur trygg är du ute i {plats}?
    label: Ute
    theme: trygghet
    scale: T3
    outside_scale: Är inte ute
    indicators:
      otrygg_ute: {label: Otrygga ute, numerator: [3], also: {ute: [96], orsak: [1]}, base: present}
  orsak:
    text: Varför?
    label: Orsak
    theme: trygghet
    labels: {1: Otrygg, 2: Annat}
    asked_if: {ute: [96]}
  viktigast:
    text: Vilka är viktigast?
    label: Viktigast
    theme: problem
    kind: multiple
    options_from: problem
    at_most: 1
    indicators:
      "{option}_viktigast": {label: "{label}", numerator: [1]}
background:
  kon:
    label: Kön
    codes: {1: Kvinna, 2: Man, 3: Annat}
    unpublished: [3]
  band:
    label: Ålder
    codes: {16_44: 16–44 år, 45_84: 45–84 år}
    years: {16_44: [16, 44], 45_84: [45, 84]}
groups:
  kon: {label: Kön}
  alla: {label: Ålder, variable: band, merge: {16_84: [16_44, 45_84]}, labels: {16_84: 16–84 år}}
  kon_alla: {label: Kön och ålder, cross: [kon, alla]}
""",
    "areas.yaml": """\
whole: stad:nora
rest: övriga Nora
levels:
  stad: {singular: stad, definite: staden, plural: städer, definite_plural: städerna}
  del: {singular: del, definite: delen, plural: delar, definite_plural: delarna}
  kvarter: {singular: k, definite: k, plural: k, definite_plural: k, reports: false}
""",
    "areas.csv": """\
id;name;part_of;alias
stad:nora;Nora;;
del:a;Åsen;stad:nora;Gamla åsen
del:b;Berget;stad:nora;
kvarter:a1;Ettan;del:a;
kvarter:a2;Tvåan;del:a;
""",
    "population/total.csv": """\
id;persons
del:a;1000
del:b;2000
""",
    "population/kon.csv": """\
id;kon;persons
del:a;1;500
del:a;2;500
del:b;1;1000,5
del:b;2;999,5
""",
    "population/kvarter.csv": """\
id;area:kvarter;persons
del:a;kvarter:a1;400
del:a;kvarter:a2;600
""",
    "waves/2024.yaml": """\
label: "2024"
file: {path: data.csv}
fieldwork: [2024-09-02, 2024-10-13]
season: höst
age_span: [16, 84]
modes: [post]
strata_level: del
strata:
  del:a: {sampling: sannolikhet, invited: 200, responding: 100}
  del:b: {sampling: kvot}
words: {plats: Nora}
variables:
  area: {column: omrade, values: {Asen: del:a}}
  ute: {values: {9: 98}}
weighting:
  by: del
  population: total
  margins:
    - {variables: [kon], population: kon}
    - {variables: [area:kvarter], population: kvarter, needs: 30}
source: Påhittat
""",
    "tables.yaml": """\
showing: {hide_below: 30}
profile: [kon]
tables:
  problems:
    title: Problem
    indicators: [prob_skrap_stort, prob_moped_stort]
    levels: [stad, del]
    groups: [kon, kon_alla]
    ranked: true
  safety:
    title: Trygghet
    indicators: [otrygg_ute]
    levels: [stad]
    distributions: [ute]
""",
    "reports.yaml": """\
title: Trygghet
publisher: Nora stad
people: boende
comment_heading: Kommentar
wave: 2024
level: del
areas:
  del:a:
    contact: {name: Eva, email: eva@example.org}
    subareas: [kvarter:a1]
    comments: {problems: Vi städar.}
""",
}


def write_world(folder: Path, changed: Mapping[str, str | bytes | None] | None = None) -> Path:
    """Writes the folder with whole files ``changed``; a file that is None is left out."""
    for name, text in (WORLD | dict(changed or {})).items():
        if text is None:
            continue
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return folder


def edited(*edits: tuple[str, str, str]) -> dict[str, str]:
    """Files of the world with (file, old text, new text) replaced; each old text stands once."""
    files: dict[str, str] = {}
    for name, old, new in edits:
        text = files.get(name, WORLD.get(name, ""))
        assert text.count(old) == 1, f"{name}: {old!r} stands there {text.count(old)} times"
        files[name] = text.replace(old, new)
    return files
