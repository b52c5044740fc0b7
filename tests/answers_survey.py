"""A survey of a made-up village, small enough to read, and its delivered file in any shape."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pandas as pd

from survey_lib.faults import BadInput
from survey_lib.vocabulary import Parameters, load_parameters

FILES = {
    "questionnaire.yaml": """\
title: Trygghet
special: {96: är inte där, 97: ej aktuell, 98: vet inte, 99: ej svar}
bases: {answered: Bland alla, present: Bland dem som är där}
scales:
  T5:
    family: trygg_5
    labels: {1: Mycket trygg, 2: Ganska trygg, 3: Varken eller, 4: Ganska otrygg, 5: Ångestfylld}
    dont_know: Vet inte
  P3:
    family: problem_3
    labels: {1: Inget problem, 2: Ett visst problem, 3: Ett stort problem}
    dont_know: Vet inte
themes:
  trygghet: {title: Trygghet}
  problem: {title: Problem}
batteries:
  problem:
    stem: Vad är ett problem?
    theme: problem
    scale: P3
    flag_same_answer: true
    items:
      prob_skrap: {label: Skräp}
      prob_moped: {label: Mopeder}
      prob_ljus: {label: Dåligt ljus}
items:
  trygg: {text: Hur trygg är du?, label: Trygg, theme: trygghet, scale: T5}
  ute:
    text: Hur trygg är du ute?
    label: Ute
    theme: trygghet
    scale: T5
    outside_scale: Går inte ut
  orsak:
    text: Varför?
    label: Orsak
    theme: trygghet
    labels: {1: Känner mig otrygg, 2: Andra skäl}
    asked_if: {ute: [96]}
    core: false
  skydd: # a filter behind a filter
    text: Vad skulle hjälpa?
    label: Skydd
    theme: trygghet
    labels: {1: Ljus, 2: Vakter}
    asked_if: {orsak: [1]}
    core: false
  skola:
    text: Hur trygg är skolan?
    label: Skolan
    theme: trygghet
    scale: T5
    asked_if: {barn: [1]}
    core: false
  viktigast:
    text: Vilka två är viktigast?
    label: Viktigast
    theme: problem
    kind: multiple
    options_from: problem
    at_most: 2
  fritext: {text: Något mer?, label: Eget, theme: trygghet, kind: text, core: false}
places:
  count: 1
  theme: trygghet
  asked_if: [{ute: [4, 5]}]
  place: Vilken plats?
  time: När?
  day_type: Vilka dagar?
  reason: Varför?
  times: {dag: Dag, kvall: Kväll}
  day_types: {1: Vardag, 2: Helg}
  reasons: {morkt: Mörkt, annat: Annat}
background:
  kon: {label: Kön, codes: {1: Kvinna, 2: Man, 3: Annat}, unpublished: [3]}
  alder:
    label: Ålder
    codes: {16_44: 16–44 år, 45_84: 45–84 år}
    years: {16_44: [16, 44], 45_84: [45, 84]}
  barn: {label: Barn i skola, codes: {1: Ja, 2: Nej}}
groups:
  kon: {label: Kön}
""",
    "areas.yaml": """\
whole: by:x
rest: övriga byn
levels:
  by: {singular: by, definite: byn, plural: byar, definite_plural: byarna}
  del: {singular: del, definite: delen, plural: delar, definite_plural: delarna}
  kvarter: {singular: k, definite: k, plural: k, definite_plural: k, reports: false}
  hus: {singular: h, definite: h, plural: h, definite_plural: h, reports: false}
""",
    "areas.csv": """\
id;name;part_of;alias
by:x;Byn;;
del:norr;Norr;by:x;Gamla norr
del:soder;Söder;by:x;
kvarter:ang;Ängen;del:norr;
kvarter:torget;Torget;del:norr;
hus:torget;Torget;del:soder;
hus:angen;Ängen;kvarter:ang;
kvarter:byn;Byn;del:soder;
""",
    "places.csv": """\
id;name;area;alias
plats:torget;Torget;del:norr;stora torget|torget i norr
plats:backen;Backen;del:soder;
""",
    "population/total.csv": "id;persons\ndel:norr;1000\ndel:soder;2000\n",
    "waves/1.yaml": """\
label: "1"
file: {path: data.csv}
fieldwork: [2024-09-02, 2024-10-13]
season: höst
age_span: [16, 84]
modes: [post, webb]
strata_level: del
strata:
  del:norr: {sampling: sannolikhet}
  del:soder: {sampling: kvot}
weighting: {by: del, population: total}
source: Påhittat
""",
    "tables.yaml": """\
tables:
  all: {title: Allt, section: safety, indicators: [], levels: [by, del]}
""",
    "reports.yaml": """\
title: Trygghet
publisher: Byn
people: boende
comment_heading: Kommentar
wave: 1
level: del
""",
}

SECRETS = ("Hemlig text", "0701234567", "197001011234", "R-4711-ANNA")  # never in a message


def load(folder: Path, wave: str = "") -> Parameters:
    """The village's parameters, written into a folder of their own; ``wave`` adds to its wave."""
    for name, text in {**FILES, "waves/1.yaml": FILES["waves/1.yaml"] + wave}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load_parameters(folder)


def with_wave(parameters: Parameters, **changes: Any) -> Parameters:
    """The same survey, its wave file saying something else: ``file={"encoding": "cp1252"}``."""
    wave = parameters.waves["1"]
    data = {**wave.model_dump(), "id": "1"}
    for key, value in changes.items():
        data[key] = {**data[key], **value} if isinstance(value, dict) and key != "strata" else value
    return dataclasses.replace(parameters, waves={"1": type(wave).model_validate(data)})


def answers(rows: int = 4) -> pd.DataFrame:
    """What the village's survey company delivers: texts, one row per person, nothing wrong."""
    columns: dict[str, list[str]] = {
        "respondent": [f"R{1000 + k}" for k in range(rows)],
        "area": ["del:norr", "Söder", "kvarter:ang", "del:soder"],
        "week": ["2024-W37"],
        "kon": ["1", "2", "Kvinna", "Man"],
        "alder": ["16_44", "45–84 år"],
        "barn": ["1", "2"],
        "prob_skrap": ["1", "2", "3", "98"],
        "prob_moped": ["2"],
        "prob_ljus": ["3", "1"],
        "trygg": ["1", "2", "Mycket trygg", "5"],
        "ute": ["96", "2", "3", "96"],
        "orsak": ["1", "97", "97", "2"],
        "skydd": ["1", "97", "97", "97"],
        "skola": ["2", "97"],
        "viktigast_prob_skrap": ["1", "0"],
        "viktigast_prob_moped": ["0", "1"],
        "viktigast_prob_ljus": ["0"],
        "fritext": [SECRETS[0], "", "", ""],
    }
    return pd.DataFrame(
        {name: [values[k % len(values)] for k in range(rows)] for name, values in columns.items()}
    )


def deliver(
    folder: Path, frame: pd.DataFrame, name: str = "data.csv", sep: str = ";", **how: Any
) -> Path:
    """Writes a frame of texts as the wave's CSV file. ``how``: encoding, line ends, lines above."""
    text = frame.to_csv(sep=sep, index=False, lineterminator=how.get("ends", "\n"))
    path = folder / name
    path.write_bytes((how.get("above", "") + text).encode(how.get("encoding", "utf-8")))
    return path


def faults_of(call: Any, *arguments: Any, **named: Any) -> BadInput:
    """What a call complains of. No message may hold any of the secrets."""
    try:
        call(*arguments, **named)
    except BadInput as problem:
        for secret in SECRETS:
            assert secret not in str(problem)
        return problem
    raise AssertionError("nothing was said to be wrong")
