"""Candidates: the features of forecasters of tsattn and other libraries, and their use in an evaluation."""

import ast
import pathlib

import numpy as np
import pandas as pd
import pytest
from comparison_table import Repeats
from forecaster_table import FORECASTERS, HORIZON, PATCHED, monthly

import tsattn.evaluation
from tsattn import AttentionForecaster, LinearForecaster, SeasonalNaiveForecaster, backtest, compare
from tsattn.evaluation.candidate import Candidate, check_quantiles, common_horizon, named_candidates


@pytest.mark.parametrize("name", FORECASTERS)
def test_forecasters_offer_what_the_evaluation_uses(name):
    candidate = Candidate(FORECASTERS[name](horizon=HORIZON))
    trains = name not in ("linear", "seasonal_naive", "statistical")
    assert candidate.horizon == HORIZON and candidate.freq is None and candidate.predicts_windows
    assert candidate.has_seed == candidate.has_time_limit == trains
    assert candidate.counts_parameters == (trains and name != "ensemble")
    assert candidate.predicts_with_teacher_forcing == (name in PATCHED)
    assert candidate.lookback is None and candidate.patch_size is None and candidate.steps_seen(None) is None
    assert candidate.takes_history and candidate.parameters is None and not candidate.fell_back


def test_fitted_forecasters_have_parameters_and_attention():
    linear = Candidate(LinearForecaster(HORIZON, lookback=12).fit(monthly()))
    assert linear.parameters == 13 * HORIZON and not linear.attends_to_history and linear.lookback == 12
    for name, attends in (("attention", True), ("transformer", True), ("seq2seq", False), ("core", False)):
        network = Candidate(PATCHED[name](horizon=HORIZON, patch_size=3, lookback=12).fit(monthly()))
        assert network.attends_to_history == attends and network.patch_size == 3
        assert network.parameters == network.count_params(monthly()) and not network.decodes_recursively
    recursive = AttentionForecaster(HORIZON, decoding="recursive")
    assert Candidate(recursive).decodes_recursively


def test_other_forecasters_offer_what_they_declare():
    candidate = Candidate(Repeats())
    assert candidate.horizon is None and candidate.levels == () and candidate.takes_history
    assert not (candidate.has_seed or candidate.has_time_limit or candidate.counts_parameters)
    assert not (candidate.predicts_windows or candidate.predicts_with_teacher_forcing or candidate.decodes_recursively)

    class WithHorizon(Repeats):
        horizon, freq, coefficients_ = HORIZON, "MS", np.zeros((2, 3))

    candidate = Candidate(WithHorizon())
    assert (candidate.horizon, candidate.freq, candidate.parameters) == (HORIZON, "MS", 6)
    assert len(backtest(WithHorizon(), monthly(), windows=2)) == 2 * HORIZON


def test_attributes_of_another_library_with_the_same_names_are_not_used():
    class Patched(Repeats):
        patch_size_ = 4

    class WithNetwork(Patched):
        network_ = object()

    for forecaster in (Patched(), WithNetwork()):
        candidate = Candidate(forecaster)
        assert candidate.patch_size == 4 and not candidate.attends_to_history and candidate.parameters is None
        result = compare({"last": forecaster}, monthly(), horizon=HORIZON, windows=2, verbose=0)  # without a warning
        assert result.errors == {} and result.attention == {}


def test_only_candidates_ask_their_forecaster():
    """The other modules of the evaluation do not use the attribute `forecaster`."""
    folder = pathlib.Path(tsattn.evaluation.__file__).parent
    for path in folder.glob("*.py"):
        names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
        assert "forecaster" not in names or path.name == "candidate.py", path.name


def test_methods_that_a_wrapper_forwards_are_found():
    class Wrapper:
        """Forwards everything to a forecaster."""

        def __init__(self, forecaster):
            self.forecaster = forecaster

        def __getattr__(self, name):
            if name.startswith("__") or name == "forecaster":
                raise AttributeError(name)
            return getattr(self.forecaster, name)

    y, naive = monthly(), SeasonalNaiveForecaster(HORIZON)
    result = compare({"wrapped": Wrapper(naive)}, y, horizon=HORIZON, windows=2, verbose=0)
    assert result.errors == {}
    pd.testing.assert_series_equal(*(result.losses[name].rename("loss") for name in ("wrapped", "seasonal_naive")))


@pytest.mark.parametrize(
    ("arguments", "levels"),
    [
        ({}, ()),
        ({"calibrate": True}, (0.1, 0.5, 0.9)),
        ({"quantiles": (0.2, 0.8)}, (0.2, 0.5, 0.8)),
        ({"quantiles": 0.9}, (0.5, 0.9)),
        ({"quantiles": ("0.9",)}, ()),
    ],
)
def test_levels_follow_from_the_arguments(arguments, levels):
    """Invalid ones are reported by the fit."""
    assert Candidate(AttentionForecaster(HORIZON, **arguments)).levels == levels


def test_copies_and_code_of_a_candidate():
    original = Candidate(AttentionForecaster(HORIZON, units=8))
    copy = original.with_units(16).with_time_limit(3.5)
    assert original.forecaster.units == 8 and copy.forecaster.units == 16
    assert repr(copy) == "AttentionForecaster(horizon=6, training=Training(max_seconds=3.5), units=16)"
    fitted = Candidate(LinearForecaster(HORIZON).fit(monthly()))
    assert fitted.parameters and fitted.copy().parameters is None


def test_candidates_have_names_and_one_horizon():
    named = named_candidates([LinearForecaster(HORIZON), Repeats(), "zero_shot"], HORIZON)
    assert list(named) == ["LinearForecaster", "Repeats", "zero_shot"]
    assert named["zero_shot"].arguments["training__epochs"] == 0
    assert common_horizon(named, None) == HORIZON
    with pytest.raises(ValueError, match=r"of 7 steps, but received {'LinearForecaster': 6, 'zero_shot': 6}"):
        common_horizon(named, 7)
    with pytest.raises(ValueError, match="`horizon` is required"):
        common_horizon({"last": Candidate(Repeats())}, None)
    with pytest.raises(ValueError, match=r"'no_such_name', but the names are .*, zero_shot"):
        named_candidates(["no_such_name"], HORIZON)
    with pytest.raises(ValueError, match="Pass `horizon`"):
        named_candidates(["zero_shot"], None)
    with pytest.raises(TypeError, match=r"\['text'\] lack `fit` or `predict`"):
        named_candidates({"text": 1, "last": Repeats()}, HORIZON)


def test_quantiles_are_distinct_levels():
    assert check_quantiles(None) is None
    assert check_quantiles(iter([0.1, 0.9, 0.1])) == (0.1, 0.9)
    for invalid in ((), 0.5, "0.5", (0.0, 0.5), ("0.1",)):
        with pytest.raises(ValueError, match=r"`quantiles` is .*between 0 and 1"):
            check_quantiles(invalid)
