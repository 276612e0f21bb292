"""Sentences for significant, insignificant and missing test results."""

import numpy as np
import pandas as pd
import pytest

from tsattn.evaluation.significance import MeanRanks
from tsattn.report.verdicts import confidence_set_verdict, pair_verdict, ranks_verdict, summary


def significance_table(p_values, differences=None, notes=""):
    """Tests of models a, b, c, ..., each against the first one."""
    count = len(p_values)
    differences = [-1.0] * count if differences is None else differences
    models = [("b", 2), "c", "d"][:count]
    columns = {"model_a": "a", "model_b": models, "mean_difference": differences, "p_adjusted": p_values}
    return pd.DataFrame({**columns, "note": notes})


@pytest.mark.parametrize(
    ("p_value", "difference", "verdict"),
    [
        (0.049, -1.0, "a is significantly better than b / 2"),
        (0.049, 1.0, "b / 2 is significantly better than a"),
        (0.05, -1.0, "no significant difference"),
        (np.nan, -1.0, "not tested"),
    ],
)
def test_pair_verdict(p_value, difference, verdict):
    assert pair_verdict(next(significance_table([p_value], [difference]).itertuples())) == verdict


def models(p_values, included, note=""):
    return pd.DataFrame({"p_value": p_values, "included": included, "note": note}, index=list("abc")[: len(p_values)])


def test_confidence_set_verdict():
    assert confidence_set_verdict(models([1.0, 0.2, 0.01], [True, True, False])).endswith("best model is among a, b.")
    few = models([np.nan] * 2, [True] * 2, "Too few windows: 3.")
    assert confidence_set_verdict(few) == "Model confidence set: Too few windows: 3."
    assert confidence_set_verdict(models([np.nan], [True])) == ""


def test_summary_lists_all_tests():
    ranks = MeanRanks(pd.Series([1.25, 1.75], ["a", "c"]), 0.0421, 0.98765, 8)
    tests = significance_table([0.0004, 0.3, np.nan], notes=["Few windows.", "Few windows.", "No windows."])
    assert summary(tests, "absolute error", models([1.0, 0.01], [True, False]), ranks) == (
        "Diebold-Mariano tests of the absolute error, with Holm's adjustment:\n"
        "  a is significantly better than b / 2 (p < 0.001)\n"
        "  a and c: no significant difference (p = 0.300)\n"
        "  a and d: not tested\n"
        "  Few windows.\n"
        "  No windows.\n\n"
        "Model confidence set: with 90 % confidence, the best model is among a.\n\n"
        "Mean ranks over 8 series, 1 is best (Friedman p = 0.042):\n"
        "  a  1.25\n"
        "  c  1.75\n"
        "Mean ranks that differ by less than 0.988 are not significantly different."
    )


def test_summary_without_tests():
    nothing = significance_table([])
    assert summary(nothing, "absolute error", models([np.nan], [True])) == "One candidate: nothing to test."
    untested = summary(
        significance_table([np.nan], notes="Too few windows: 3."), "absolute error", models([np.nan], [True])
    )
    assert untested == "Not tested: Too few windows: 3."
    ranks = MeanRanks(pd.Series([1.0], ["a"]), np.nan, np.nan, 8)
    assert "ranks" not in summary(nothing, "absolute error", models([np.nan], [True]), ranks)


def test_ranks_without_critical_difference_are_listed():
    ranks = MeanRanks(pd.Series([1.0, 2.0], ["a", "c"]), np.nan, np.nan, 1)
    text = summary(significance_table([0.3]), "absolute error", models([1.0], [True]), ranks)
    assert text.endswith("c  2.00") and "not significantly different" in ranks_verdict(0.5)
