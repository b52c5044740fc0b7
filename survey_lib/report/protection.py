"""Skydd av enskildas svar: how values are hidden, how many, and what isn't shown of them."""

from __future__ import annotations

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Sentence
from survey_lib.publish import Published
from survey_lib.report.results import Results
from survey_lib.vocabulary import Parameters

TITLE = "Skydd av enskildas svar"
PRIMARY = (
    "Ett värde som bygger på svar från färre än {lagst} personer redovisas inte. I känsliga frågor "
    "redovisas inte heller ett värde som {enstaka} personer ligger bakom, eller där alla utom så "
    "få, eller alla, har svarat lika."
)
SUBTRACTION = (
    "När alla tal är avrundade prövas om antalet svarande bakom ett dolt värde går att räkna fram "
    "genom att andra antal läggs ihop och dras från varandra: områden inom områden, grupper inom "
    "områden, och grupper som delas efter varandra."
)
EXCHANGED = (
    "En grupps andel ska inte heller gå att räkna ut av andra gruppers andelar. Därför döljs fler "
    "värden, så att svarande kan byta plats mellan dolda värden utan att något tal som redovisas "
    "ändras. {manga} dolda värden i områden och grupper är visat osäkra på det sättet eller genom "
    "avrundningen{andra}."
)
BASES = (
    "{manga} dolda antal svarande är visat osäkra på samma sätt, också för den som prövar antal "
    "och andelar tillsammans{andra}."
)
UNPUBLISHED = (
    "Svaren från dem som inte ingår i någon redovisad grupp ger {antal} tal till som inte ska gå "
    "att räkna fram. {manga} är visat osäkra genom avrundningen{andra}."
)
NOT_SHOWN = "; för de andra har det inte kunnat visas"
ONLY_SUMS = "; för de andra är det prövat att de inte följer av andra antal"
NOT_TRIED = "Prövningen omfattar inte vad som kan följa av flera frågor tillsammans."


def warnings(published: Published, parameters: Parameters) -> list[str]:
    """What stands first on every page when small groups are protected less than by default: laxer
    rules, or hidden values that aren't shown to keep them."""
    laxer = [phrases.MILDARE] if parameters.tables.showing.laxer else []
    unproved = _unproved(published)
    return laxer + (
        [phrases.fill(phrases.OBEVISAT, antal=swedish.number(unproved))] if unproved else []
    )


def _unproved(published: Published) -> int:
    """Hidden shares and numbers of respondents that two whole tables don't prove uncertain."""
    account = published.manifest.get("guarded")
    if not account:
        return 0
    shares, bases = account["shares"], account["bases"]
    missing = shares["values"] - shares["proved"] + bases["values"] - bases["proved"]
    return int(missing + shares["unpublished"] - shares["unpublished_proved"])


def protection(results: Results) -> Section:
    """By which method values are hidden, how many, and what that method doesn't try."""
    account = results.published.manifest.get("guarded")
    if not account:
        return Section("")
    shares, bases = account["shares"], account["bases"]
    showing = results.parameters.tables.showing
    besides = swedish.number(account["hidden_besides"])
    text: list[Sentence | list[Sentence]] = [
        phrases.fill(
            PRIMARY,
            lagst=showing.hide_below,
            enstaka=f"1–{showing.sensitive_numerator_below - 1}",
        ),
        f"{SUBTRACTION} I hela undersökningen är "
        f"{swedish.number(account['hidden'])} värden dolda enligt reglerna, och ytterligare "
        f"{besides} för att de dolda värdena inte ska gå att räkna fram ur andra.",
    ]
    if every := shares["values"]:
        text.append(phrases.fill(EXCHANGED, **_proved(shares["proved"], every, NOT_SHOWN)))
    if every := bases["values"]:
        text.append(phrases.fill(BASES, **_proved(bases["proved"], every, ONLY_SUMS)))
    if every := shares["unpublished"]:
        proved = _proved(shares["unpublished_proved"], every, NOT_SHOWN)
        text.append(phrases.fill(UNPUBLISHED, antal=swedish.number(every), **proved))
    return Section(TITLE, [*text, NOT_TRIED])


def _proved(proved: int, every: int, else_: str) -> dict[str, str]:
    """How many of all, and what is said of the others if there are any."""
    if proved == every:
        return {"manga": f"Alla {swedish.number(every)}", "andra": ""}
    return {"manga": f"{swedish.number(proved)} av {swedish.number(every)}", "andra": else_}
