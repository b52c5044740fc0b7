"""Adjusted p-values: our lines against statsmodels', over ties, zeros, ones and what is missing."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from survey_lib.statistics.comparison import adjust

P = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.01, 0.04, 0.05, 1.0, np.nan]))


@pytest.mark.parametrize(("method", "theirs"), [("list", "fdr_bh"), ("named", "holm")])
@given(p=st.lists(P, max_size=30))
def test_as_statsmodels(method, theirs, p):
    adjusted = adjust(p, method)
    tested = ~np.isnan(p)
    assert np.isnan(adjusted[~tested]).all()
    if tested.any():
        with patch("gc.collect"):  # their Holm collects garbage, a tenth of a second each time
            expected = multipletests(np.array(p)[tested], method=theirs)[1]
        np.testing.assert_allclose(adjusted[tested], expected, rtol=1e-12)


def test_an_unknown_method():
    with pytest.raises(ValueError, match="method is 'bonferroni'"):
        adjust([0.1], "bonferroni")  # type: ignore[arg-type]
