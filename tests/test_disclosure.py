"""The rules of the door, case by case (domain guide, 6.3)."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_lib.disclosure import HIDDEN, SHOWN, UNCERTAIN, hide, marks, protect_log
from survey_lib.disclosure.cells import Rule
from survey_lib.disclosure.guard import rule_of
from survey_lib.perception.ranks import RANKS
from survey_lib.presentation.phrases import MILDARE
from survey_lib.rendering.index import render_index, render_message_page
from survey_lib.rendering.page import Page, build
from survey_lib.vocabulary.tables import Showing


def mark(n, count, sensitive=False):
    return marks(pd.Series([n]), pd.Series([count]), pd.Series([sensitive]), Showing())[0]


@pytest.mark.parametrize(
    ("n", "count", "sensitive", "expected"),
    [
        (29, 10, False, HIDDEN),
        (30, 10, False, UNCERTAIN),
        (99, 10, False, UNCERTAIN),
        (100, 10, False, SHOWN),
        (100, 0, False, SHOWN),  # an observed zero is a value
        (100, 100, False, SHOWN),
        (100, 3, False, SHOWN),  # other themes: base rule only
        (100, 0, True, SHOWN),
        (100, 1, True, HIDDEN),
        (100, 4, True, HIDDEN),
        (100, 5, True, SHOWN),
        (100, 95, True, SHOWN),
        (100, 96, True, HIDDEN),  # four are left
        (100, 100, True, HIDDEN),  # everyone
        (60, 5, True, UNCERTAIN),
    ],
)
def test_the_mark_of_a_share(n, count, sensitive, expected):
    assert mark(n, count, sensitive) == expected


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.floats(0, 1), st.booleans()), min_size=1, max_size=40
    )
)
def test_a_hidden_row_has_no_number_and_a_shown_row_keeps_all(rows):
    n = pd.Series([r[0] for r in rows])
    count = pd.Series([round(r[0] * r[1]) for r in rows])
    frame = pd.DataFrame(
        {"indicator": "x", "estimate": 0.5, "se": 0.1, "low": 0.4, "high": 0.6, "n": n,
         "count": count, "total": 10.0, "df": 5, "n_effective": 9.0, "deff": 1.1,
         **dict.fromkeys(RANKS, 1.0)}
    )  # fmt: skip
    mark = marks(n, count, pd.Series([r[2] for r in rows]), Showing())
    result = hide(frame, mark)
    numbers = ["estimate", "se", "low", "high", "n", "n_effective", "deff", *RANKS]
    assert not {"count", "total", "df"} & set(result.columns)
    assert result.loc[mark == HIDDEN, numbers].isna().all(axis=None)
    assert result.loc[mark != HIDDEN, numbers].notna().all(axis=None)
    assert np.array_equal(result["mark"], mark)


def test_small_counts_in_the_cleaning_log_are_not_printed():
    log = pd.DataFrame({"step": range(4), "answers": [0, 1, 4, 5], "persons": [0, 1, 4, 5],
                        "removed": [0, 0, 2, 5], "left": [100, 100, 98, 93]})  # fmt: skip
    result = protect_log(log, Showing())
    assert result["persons"].tolist() == ["0", "färre än 5", "färre än 5", "5"]
    assert result["removed"].tolist() == ["0", "0", "färre än 5", "5"]
    assert result["left"].isna().tolist() == [False, True, True, False]


@settings(max_examples=25)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=6), st.integers(200, 900), st.booleans())
def test_the_ends_of_the_cleaning_log_tell_no_hidden_removal(removed, analysed, everybody):
    """Whatever a hidden removal was, what is published is the same; also when the first step
    touches everybody."""

    def published(hidden):
        now = [hidden if 1 <= one <= 4 else one for one in removed]
        left = analysed + sum(now) - np.cumsum([0, *now])
        log = pd.DataFrame({"step": range(len(left)), "answers": 0, "persons": [0, *now],
                            "removed": [0, *now], "left": left})  # fmt: skip
        log.loc[0, "persons"] = left[0] if everybody else 0
        return protect_log(log, Showing())

    first = published(1).drop(columns=["step"]).iloc[:, :-1]
    ends = {tuple(published(hidden)["left"].dropna()[:1]) for hidden in (1, 2, 3, 4)}
    assert len(ends) == 1
    assert first.equals(published(4).drop(columns=["step"]).iloc[:, :-1])


def test_the_standard_rule_and_what_is_laxer() -> None:
    assert rule_of(Showing()) == Rule(base=5, few=5, share=0.20, hide_below=30)
    assert not Showing().laxer
    assert not Showing(hide_below=50, hidden_share_within=0.5).laxer
    for name, value in {"hide_below": 29, "sensitive_numerator_below": 4, "round_bases": 1,
                        "hidden_base_within": 4, "hidden_share_within": 0.1}.items():  # fmt: skip
        assert Showing(**{name: value}).laxer, name


def test_a_laxer_rule_is_told_on_every_kind_of_page() -> None:
    pages = [
        build(Page("Angered", warning=MILDARE), "<p>…</p>"),
        render_message_page(title="Angered", paragraphs=["…"], warning=MILDARE),
        render_index("2024", [], title="Undersökning", warning=MILDARE),
    ]
    assert all(page.count(MILDARE) == 1 for page in pages)
    assert MILDARE not in build(Page("Angered"), "<p>…</p>")
