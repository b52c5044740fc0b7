"""Many spellings lead to one place, and no place is guessed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_lib.vocabulary.gazetteer import Place, place_names, places_meant

PLACES = {
    "plats:sankt": Place(id="plats:sankt", name="Sankt Pers plan", area="a", alias=["Persplan"]),
    "plats:angby": Place(id="plats:angby", name="Ängby torg", area="a", alias=["Ängbys C"]),
    "plats:och": Place(id="plats:och", name="Hav och strand", area="a", alias=[]),
    "plats:kyrkan": Place(id="plats:kyrkan", name="Sankta Evas kyrka", area="b", alias=[]),
    "plats:s_gatan": Place(id="plats:s_gatan", name="Sankt Olofs gata", area="b", alias=[]),
    "plats:st_gatan": Place(id="plats:st_gatan", name="Stora Olofs gata", area="b", alias=[]),
}
NAMES = place_names(PLACES)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Sankt Pers plan", "sankt"),
        ("S:t Pers plan", "sankt"),
        ("s:t  pers PLAN!", "sankt"),
        ("St. Persplan", "sankt"),
        ("st pers-plan", "sankt"),
        ("Persplan / Sankt Pers plan", "sankt"),
        ("Persplan (S:t Pers plan)", "sankt"),
        ("s:ta Evas kyrka", "kyrkan"),
        ("ÄNGBY\u00a0TORG", "angby"),
        ("a\u0308ngbytorg", "angby"),
        (" ängbys c. ", "angby"),
        ("\u200bÄngby\u00adtorg", "angby"),
        ("hav och strand", "och"),
        ("Vid Persplan", "sankt"),
        ("plats:angby", "angby"),
        ("S:t Olofs gata", "s_gatan"),
    ],
)
def test_spellings_of_one_place(text, place):
    assert places_meant(text, NAMES) == {f"plats:{place}"}


@pytest.mark.parametrize(
    "text",
    ["", "?", "Ängby", "Ängby torg 3", "Ängbytorget", "Angby torg", "bakom Persplan", "och",
     "Persplan och parken", "hav"],
)  # fmt: skip
def test_what_fits_no_place_is_not_guessed(text):
    assert not places_meant(text, NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "St Olofs gata",
        "Persplan och Ängby torg",
        "Persplan, Ängby torg, parken",
        "Persplan/ängbys c",
    ],
)
def test_what_fits_several_places_names_them_all(text):
    assert len(places_meant(text, NAMES)) == 2


@given(
    st.sampled_from([(p.id, name) for p in PLACES.values() for name in (p.name, *p.alias)]),
    st.sampled_from([str.upper, str.lower, str.title, str.swapcase]),
    st.sampled_from(["NFC", "NFD"]),
    st.sampled_from(["", " ", ".", " !", "\u00a0", ","]),
)
def test_case_composition_and_punctuation_never_matter(place, case, form, end):
    text = end + unicodedata.normalize(form, case(place[1])) + end
    assert places_meant(text, NAMES) == {place[0]}
