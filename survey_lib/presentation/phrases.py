"""The fixed phrases (domain guide, 6.4) and the words that a survey puts into them.

Wordings are exact. A phrase is used as a whole; place nouns, age span and margins come from
parameters through :class:`Words`, so that no place or age is written in code.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING

from survey_lib.presentation import swedish

if TYPE_CHECKING:
    from survey_lib.vocabulary import Parameters, Wave

OKN = (
    "Andelen har ökat från {a} till {b} procent sedan {ar}. "
    "Förändringen är statistiskt säkerställd."
)
MSK = (
    "Andelen har minskat från {a} till {b} procent sedan {ar}. "
    "Förändringen är statistiskt säkerställd."
)
EJ = (
    "Andelen var {a} procent {ar} och är nu {b} procent. "
    "Skillnaden är inte statistiskt säkerställd."
)
FLERA = (
    "Skillnaden är inte statistiskt säkerställd när hänsyn tas till att många jämförelser görs "
    "samtidigt."
)
SAYING = "uppger"  # ends "Det här är vad flest boende i …" where a table says nothing else
LITET = "Underlaget är för litet för att avgöra om något har förändrats."
GAP = "Andelen är {d} {riktning} än i {ovriga}. Skillnaden är statistiskt säkerställd."
GAP_EJ = "Andelen skiljer sig inte säkert från {ovriga}."
# the same of several shares at once, above a list of them
OKN_LISTA = "De här andelarna har ökat sedan {ar}. Förändringarna är statistiskt säkerställda."
MSK_LISTA = "De här andelarna har minskat sedan {ar}. Förändringarna är statistiskt säkerställda."
GAP_LISTA = (
    "De här andelarna är {riktning} än i {ovriga}. Skillnaderna är statistiskt säkerställda."
)
EJ_VISAS = "redovisas inte på grund av för få svarande"
OSAKERT = "osäkert värde, färre än {grans} svarande"
JMF_EJ = "Frågan eller svarsalternativen har ändrats. Resultaten kan inte jämföras med {ar}."
OMFATTNING = (
    "Undersökningen gjordes inte i samma delar av {platsen}. Resultaten kan inte jämföras med {ar}."
)
EJ_STALLD = "Frågorna i det här avsnittet ställdes inte {ar}."
# of pooled waves
PERIOD = "Värdena beskriver perioden {ar}, inte det senaste året."
SKILJER = "undersökningarna skiljer sig tydligt"
OLIKA_FRAGOR = "frågan ställdes inte likadant i alla undersökningarna"
INGEN_PERIOD = (
    "Undersökningarna {ar} gjordes inte på samma sätt i {platsen}, och läggs inte samman där."
)
OLIKA_DELAR = "där undersökningarna inte gjordes på samma sätt"
KVOT = (
    "De svarande är inte slumpmässigt utvalda. Osäkerhetsintervallen bygger på en modell och "
    "täcker inte alla fel."
)
VIKT = "Resultaten är viktade efter {marginaler} för att likna befolkningen {alder} i {omrade}."
KI = (
    "Vid upprepade undersökningar av samma slag täcker ett {niva}-procentigt konfidensintervall "
    "(KI) det sanna värdet i ungefär {niva} fall av 100."
)
EXTERN = (
    "Uppgiften kommer från {kalla}, {ar}. Den är framtagen på ett annat sätt och kan inte "
    "jämföras direkt."
)
INGEN = "Ingen egen trygghetsundersökning gjordes i {platsen} {ar}."
LOFTE_RATT = (
    "Utvecklingen går i den riktning som löftet anger. Förändringen är statistiskt säkerställd."
)
LOFTE_ANNAT = (
    "Förändringen är statistiskt säkerställd men går åt ett annat håll än löftet anger. Det kan ha "
    "flera förklaringar, till exempel att problem märks mer när fler är på plats. Siffran visar "
    "inte ensam om insatsen har fungerat."
)
LOFTE_OVISST = "Det går inte att avgöra om något har förändrats sedan löftet gavs."
MILDARE = (
    "Reglerna som skyddar små grupper är mildare än standard här. Enskilda svarande kan vara "
    "lättare att känna igen."
)
OBEVISAT = (
    "För {antal} av undersökningens dolda tal har det inte kunnat visas att de är så osäkra som "
    "standard kräver. Mer står i metodavsnittet."
)
DEMO = "DEMODATA – påhittade svar. Får inte användas som underlag för beslut."

# what stands in a table cell, and what is said about it under the table
HIDDEN, IMPOSSIBLE, UNCERTAIN = "..", ".", "osakert"
UNCERTAIN_MARK = "(osäkert)"
HIDDEN_SHORT = "redovisas inte"
MARK_NOTES = {
    HIDDEN: f".. = {EJ_VISAS}",
    IMPOSSIBLE: ". = kan inte förekomma",
    UNCERTAIN: f"{UNCERTAIN_MARK} = {OSAKERT}",
}
UNTESTED_NOTE = "prövas inte = någon av sidorna är inte slumpmässigt utvald"
POINTS_NOTE = "p.e. = procentenheter. Skillnader är räknade på orundade tal."
BASES_NOTE = (
    "Antal svarande är avrundade till närmaste {steg}, men aldrig så att färre än {grans} blir "
    "{grans}. Antal inbjudna och inkomna svar är inte avrundade."
)
RANK_NOTE = (
    "Under platsen står de platser som är möjliga, med {niva} procents säkerhet för ett problem i "
    "taget."
)
RANK_NOTE_KVOT = "Under platsen står de platser som är möjliga enligt samma modell som intervallen."
WEIGHTS_NOTE = (
    "Minsta och största vikt står i förhållande till områdets medelvikt. Hävstång är en persons "
    "inverkan på vikternas anpassning; den begränsas i osäkerhetsberäkningen."
)
INTERVAL_NOTE = "KI = konfidensintervall, ett mått på osäkerheten i värdet"


def fill(phrase: str, **values: object) -> str:
    """The phrase with its placeholders filled. Raises KeyError for one without a value."""
    return phrase.format_map({key: str(value) for key, value in values.items()})


def no_survey(place: str, wave: str, pooled: bool = False) -> str:
    """Why an area has no results of a wave; a pooled one may have asked there in several ways."""
    return fill(INGEN_PERIOD if pooled else INGEN, platsen=place, ar=wave)


def placeholders(phrase: str) -> set[str]:
    """The names that a phrase needs."""
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}


@dataclass(frozen=True)
class Words:
    """What the sentences of one report need to know, all of it from parameters.

    Attributes
    ----------
    area : the area's own name ("Angered").
    place : its kind in definite form ("stadsdelen", "stadsområdet", "staden").
    rest : what is left of the whole without it ("övriga Göteborg").
    people : who was asked ("boende").
    age : their ages ("16–84 år").
    wave : label of the wave reported ("2024").
    before : label of the wave compared with; None when there is none.
    source : the line after "Källa:".
    saying : how the ranked problems were answered; ends "de problem som flest boende …" ("uppger
        som stora").
    demo : made-up answers.
    pooled : the wave pools others.
    probability : False for a quota, intercept or self-selected sample: KVOT instead of KI, and
        "säkerställd" is never said.
    uncertain_below, hide_below : the limits for an unweighted base (domain guide, 6.3).
    round_bases : numbers of respondents are published to the nearest of these.
    confidence : level of all intervals.
    """

    area: str
    place: str
    rest: str
    people: str
    age: str
    wave: str
    before: str | None = None
    source: str = ""
    saying: str = "uppger som stora"
    demo: bool = False
    pooled: bool = False
    probability: bool = True
    uncertain_below: int = 100
    hide_below: int = 30
    round_bases: int = 1
    confidence: float = 0.95

    @classmethod
    def of(
        cls,
        parameters: Parameters,
        area: str,
        wave: Wave,
        before: Wave | None = None,
        *,
        probability: bool,
    ) -> Words:
        """Those of an area in a wave; ``before``: the wave compared with."""
        areas, showing = parameters.areas, parameters.tables.showing
        return cls(
            area=areas.name(area),
            place=areas.levels[areas.level_of(area)].definite,
            rest=areas.rest,
            people=parameters.reports.people,
            age=swedish.ages(*wave.age_span),
            wave=wave.label,
            pooled=bool(wave.pools),
            before=before.label if before else None,
            source=wave.source,
            demo=wave.demo,
            probability=probability,
            uncertain_below=showing.uncertain_below,
            hide_below=showing.hide_below,
            round_bases=showing.round_bases,
            confidence=showing.confidence,
        )

    @property
    def population(self) -> str:
        """ "boende 16–84 år" """
        return f"{self.people} {self.age}"

    @property
    def where(self) -> str:
        """ "stadsdelen Angered": with its kind, so that the preposition is always "i" """
        return f"{self.place} {self.area}"

    @property
    def level(self) -> str:
        """The confidence level in whole percent: "95"."""
        return swedish.share(self.confidence)

    @property
    def ki(self) -> str:
        """ "95 % KI"; of a sample without probabilities the interval is no confidence interval."""
        name = "KI" if self.probability else "intervall"
        return f"{self.level}{swedish.NO_BREAK}%{swedish.NO_BREAK}{name}"

    def interval_phrase(self) -> str:
        """KI for a probability sample, KVOT for any other."""
        return fill(KI, niva=self.level) if self.probability else KVOT

    def bases_note(self) -> list[str]:
        """That numbers of respondents are rounded, where they are."""
        note = fill(BASES_NOTE, steg=self.round_bases, grans=self.uncertain_below)
        return [note] if self.round_bases > 1 else []

    def mark_notes(self, marks: set[str]) -> list[str]:
        """The explanations of those marks that stand in a table, in fixed order."""
        return [
            fill(note, grans=self.uncertain_below)
            for mark, note in MARK_NOTES.items()
            if mark in marks
        ]
