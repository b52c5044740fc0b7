"""Which fixed phrase a comparison earns, and the phrases themselves (domain guide, 6.4)."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from published_rows import WORDS, contrast, indicators

from survey_lib.presentation import phrases
from survey_lib.presentation.verdicts import Comparison, Verdict, joined


def compared(kind: str, first: float, second: float, *, mark: str = "", n: float = 900.0, **other):
    rows = indicators({"Klotter": first}).assign(mark=mark, n=n)
    contrasts = pd.DataFrame([contrast(kind, "i0", first, second, n_first=n, **other)])
    return Comparison.of(joined(rows, contrasts).iloc[0].to_dict(), kind)


@pytest.mark.parametrize(
    ("comparison", "verdict", "phrase"),
    [
        (compared("change", 0.53, 0.49, half=0.03), Verdict.HIGHER,
         "Andelen har ökat från 49 till 53 procent sedan 2022. "
         "Förändringen är statistiskt säkerställd."),
        (compared("change", 0.41, 0.49), Verdict.LOWER,
         "Andelen har minskat från 49 till 41 procent sedan 2022. "
         "Förändringen är statistiskt säkerställd."),
        (compared("change", 0.53, 0.50), Verdict.UNCLEAR,
         "Andelen var 50 procent 2022 och är nu 53 procent. "
         "Skillnaden är inte statistiskt säkerställd."),
        (compared("change", 0.53, 0.48, secured=False), Verdict.SEVERAL,
         "Andelen var 48 procent 2022 och är nu 53 procent. Skillnaden är inte statistiskt "
         "säkerställd när hänsyn tas till att många jämförelser görs samtidigt."),
        (compared("change", 0.53, 0.48, secured=False, n=99.0), Verdict.SMALL, phrases.LITET),
        (compared("change", 0.53, 0.48, secured=False, n_second=99.0), Verdict.SMALL,
         phrases.LITET),
        (compared("change", 0.53, 0.48, half=0.101, secured=False), Verdict.SMALL, phrases.LITET),
        (compared("change", 0.53, 0.48, half=0.1, secured=False), Verdict.UNCLEAR,
         "Andelen var 48 procent 2022 och är nu 53 procent. "
         "Skillnaden är inte statistiskt säkerställd."),
        (compared("change", 0.53, 0.30, n=60.0), Verdict.HIGHER,
         "Andelen har ökat från 30 till 53 procent sedan 2022. "
         "Förändringen är statistiskt säkerställd."),
        (compared("change", 0.03, 0.004, half=0.01), Verdict.HIGHER,
         "Andelen har ökat från mindre än 1 till 3 procent sedan 2022. "
         "Förändringen är statistiskt säkerställd."),
        (compared("change", 0.2532, 0.2481, half=0.001), Verdict.HIGHER,
         "Andelen har ökat från 24,8 till 25,3 procent sedan 2022. "
         "Förändringen är statistiskt säkerställd."),
        (compared("change", 0.5, 0.4, state="wording"), Verdict.CHANGED,
         "Frågan eller svarsalternativen har ändrats. Resultaten kan inte jämföras med 2022."),
        (compared("change", 0.5, 0.4, state="sampling"), Verdict.SAMPLING,
         "Andelen var 40 procent 2022 och är nu 50 procent. Skillnaden prövas inte."),
        (compared("change", 0.5, 0.4, state="none"), Verdict.NONE, ""),
        (compared("change", 0.5, 0.4, mark=".."), Verdict.HIDDEN, ""),
        (compared("rest", 0.5, 0.44), Verdict.HIGHER,
         "Andelen är 6 procentenheter högre än i övriga staden. "
         "Skillnaden är statistiskt säkerställd."),
        (compared("rest", 0.43, 0.44, half=0.005), Verdict.LOWER,
         "Andelen är en procentenhet lägre än i övriga staden. "
         "Skillnaden är statistiskt säkerställd."),
        (compared("rest", 0.46, 0.44), Verdict.UNCLEAR,
         "Andelen skiljer sig inte säkert från övriga staden."),
        (compared("rest", 0.46, 0.34, n=50.0, secured=False), Verdict.SMALL,
         "Andelen skiljer sig inte säkert från övriga staden."),
        (compared("rest", 0.5, 0.4, state="none"), Verdict.NONE, ""),
    ],
)  # fmt: skip
def test_every_outcome_has_its_words(comparison: Comparison, verdict: Verdict, phrase: str) -> None:
    assert comparison.verdict(WORDS) is verdict
    assert comparison.phrase(WORDS) == phrase
    assert verdict.short
    assert verdict.secured == (verdict in (Verdict.HIGHER, Verdict.LOWER))


def test_nothing_is_secured_without_a_probability_sample() -> None:
    words = replace(WORDS, probability=False)
    for kind in ("change", "rest"):
        comparison = compared(kind, 0.9, 0.1)
        assert comparison.verdict(words) is Verdict.SAMPLING
        assert "säkerställd" not in comparison.phrase(words)


def test_joining_keeps_every_indicator_and_says_what_has_no_contrast() -> None:
    rows = indicators({"Klotter": 0.2, "Buller": 0.1})
    contrasts = pd.DataFrame([contrast("rest", "i1", 0.1, 0.2)])
    result = joined(rows, contrasts)
    assert list(result["rest_state"]) == ["none", ""]
    assert result["rest_second"].iloc[1] == 0.2
    assert "change_state" not in result
    assert Comparison.of(result.iloc[0].to_dict(), "rest").verdict(WORDS) is Verdict.NONE


def test_a_missing_test_result_is_no_test_result() -> None:
    comparison = compared("change", 0.9, 0.1, secured=np.nan)
    assert comparison.verdict(WORDS) is Verdict.SEVERAL


def test_placeholders_are_the_words_of_a_survey() -> None:
    """No phrase names a place or an age; each can be filled from what its caller knows."""
    fixed = {name: text for name, text in vars(phrases).items() if name.isupper()}
    texts = [text for text in fixed.values() if isinstance(text, str)]
    assert len(texts) > 18
    for text in texts:
        assert "Göteborg" not in text and "16" not in text
    with pytest.raises(KeyError):
        phrases.fill(phrases.OKN, a=1, b=2)
    assert phrases.placeholders(phrases.OKN) == {"a", "b", "ar"}


def test_the_fixed_wordings_are_exact() -> None:
    assert phrases.fill(phrases.VIKT, marginaler="ålder och kön", alder="16–84 år", omrade="X") == (
        "Resultaten är viktade efter ålder och kön för att likna befolkningen 16–84 år i X."
    )
    assert phrases.fill(phrases.OSAKERT, grans=100) == "osäkert värde, färre än 100 svarande"
    assert WORDS.interval_phrase() == (
        "Vid upprepade undersökningar av samma slag täcker ett 95-procentigt konfidensintervall "
        "(KI) det sanna värdet i ungefär 95 fall av 100."
    )
    assert phrases.fill(phrases.INGEN, platsen="stadsdelen", ar=2024) == (
        "Ingen egen trygghetsundersökning gjordes i stadsdelen 2024."
    )


def test_every_phrase_of_the_guide_is_here_word_for_word() -> None:
    """Section 6.4 of the domain guide, its survey's words exchanged for placeholders."""
    guide = ROOT.parent / "shared" / "domain" / "README.md"
    if not guide.is_file():
        pytest.skip("needs ../shared/domain, absent")
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (.+) \|$", guide.read_text(encoding="utf-8"), re.MULTILINE
    )
    ours = {"{d} procentenheter högre/lägre": "{d} {riktning}", "övriga Göteborg": "{ovriga}",
            "{alder} år": "{alder}", "färre än 100": "färre än {grans}", "stadsdelen": "{platsen}",
            "ett 95-procentigt": "ett {niva}-procentigt", "95 fall": "{niva} fall"}  # fmt: skip
    assert len(rows) >= 19
    for name, text in rows:
        for words, placeholder in ours.items():
            text = text.replace(words, placeholder)
        assert getattr(phrases, name) == text
