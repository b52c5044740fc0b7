"""Numbers, ranges, dates, lists and order of the domain guide, 6.6."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_lib.presentation import swedish as sv


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.5, 0, "1"), (1.5, 0, "2"), (2.5, 0, "3"), (-0.5, 0, "-1"), (-2.5, 0, "-3"),
        (28.4999, 0, "28"), (100 * 0.285, 0, "29"), (100 * 0.145, 0, "15"),
        (0.25, 1, "0.3"), (-0.0000001, 0, "0"), (-0.04, 1, "0.0"),
    ],
)  # fmt: skip
def test_rounding_is_half_away_from_zero(value: float, decimals: int, expected: str) -> None:
    assert str(sv.rounded(value, decimals)) == expected


@given(st.integers(-(10**6), 10**6), st.integers(1, 1000))
def test_a_share_rounds_as_its_exact_fraction(count: int, n: int) -> None:
    """A share is a fraction of persons: binary noise must not change which way it rounds."""
    exact = (Decimal(100 * count) / Decimal(n)).quantize(Decimal("1e-9"), ROUND_HALF_UP)
    assert sv.rounded(100 * (count / n)) == exact.quantize(Decimal(1), ROUND_HALF_UP)


def test_what_is_not_finite_has_no_number() -> None:
    with pytest.raises(ValueError, match="finite"):
        sv.rounded(float("nan"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (sv.number(4.3, 1), "4,3"),
        (sv.number(1000), "1\u202f000"),
        (sv.number(-1234567), "\u22121\u202f234\u202f567"),
        (sv.year(2019), "2019"),
        (sv.percent(0.75), "75\u00a0%"),
        (sv.percent_words(0.75), "75 procent"),
        (sv.percent_words(0.01), "1 procent"),
        (sv.points(-0.08), "\u22128"),
        (sv.points(0.08), "+8"),
        (sv.points(0.001), "0"),
        (sv.points(-0.001), "0"),
        (sv.points_words(-0.08), "8 procentenheter"),
        (sv.points_words(0.01), "en procentenhet"),
        (sv.points_words(-0.0149), "en procentenhet"),
        (sv.points_words(0.004), "mindre än en procentenhet"),
        (sv.points_words(0), "0 procentenheter"),
        (sv.interval(0.22, 0.28), "22\u201328"),
        (sv.interval(-0.03, 0.05), "\u22123 till 5"),
        (sv.interval(-0.05, -0.03), "\u22125 till \u22123"),
        (sv.confidence_interval(0.22, 0.28), "95\u00a0%\u00a0KI\u00a022\u201328"),
        (sv.ages(16, 84), "16\u201384 år"),
        (sv.ages(15, None), "15 år och äldre"),
        (sv.day(date(2026, 4, 24)), "24 april 2026"),
        (sv.days(date(2024, 9, 3), date(2024, 9, 28)), "3\u201328 september 2024"),
        (sv.days(date(2024, 9, 3), date(2024, 10, 6)), "3 september\u20136 oktober 2024"),
        (sv.days(date(2023, 12, 3), date(2024, 1, 6)), "3 december 2023\u20136 januari 2024"),
        (sv.days(date(2024, 9, 3), date(2024, 9, 3)), "3 september 2024"),
        (sv.quoted("stort problem"), "\u201dstort problem\u201d"),
        (sv.listing([]), ""),
        (sv.listing(["a"]), "a"),
        (sv.listing(["a", "b"]), "a och b"),
        (sv.listing(["a", "b", "c"], "eller"), "a, b eller c"),
        (sv.listing(["kön och ålder", "boendetid"]), "kön och ålder samt boendetid"),
        (sv.places(2, 2), "2"),
        (sv.places(2, 5), "2\u20135"),
        (sv.slug("Problem i området: Åäö!"), "problem-i-omradet-aao"),
        (sv.slug("!?"), "avsnitt"),
    ],
)
def test_forms(written: str, expected: str) -> None:
    assert written == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0"), (0.0001, "<1"), (0.00499, "<1"), (0.005, "1"), (0.994, "99"), (0.995, ">99"),
     (0.99999, ">99"), (1, "100")],
)  # fmt: skip
def test_only_an_observed_zero_or_all_is_written_so(value: float, expected: str) -> None:
    assert sv.share(value) == expected


@given(st.floats(0, 1))
def test_words_and_table_say_the_same_share(value: float) -> None:
    written = sv.share(value)
    words = sv.share_words(value)
    assert words.replace("mindre än ", "<").replace("mer än ", ">") == written
    assert sv.percent(value) == f"{written}\u00a0%"


@given(st.floats(0, 1), st.floats(0, 1))
def test_two_shares_that_need_a_decimal_get_one(first: float, second: float) -> None:
    decimals = sv.decimals_that_differ(first, second)
    told_apart = sv.share(first) != sv.share(second) and sv.points(first - second) != "0"
    assert decimals == (0 if first == second or told_apart else 1)


@pytest.mark.parametrize(
    ("label", "expected"),
    [("Öppen narkotikahandel", "öppen narkotikahandel"), ("EU-frågor", "EU-frågor"),
     ("A-traktorer", "A-traktorer"), ("", ""), ("16–24 år", "16–24 år"), ("Å", "å")],
)  # fmt: skip
def test_a_label_inside_a_sentence(label: str, expected: str) -> None:
    assert sv.lower_first(label) == expected
