"""Tests of significance: published values, the size under the null hypothesis, and samples that are too small."""

import numpy as np
import pandas as pd
import pytest
from arch.bootstrap import MCS
from scipy import stats

from tsattn.evaluation.significance import compare_losses, confidence_set, diebold_mariano, holm, mean_ranks

# Errors of one-step forecasts of WWWusage[81:100], the example in the documentation of R's forecast::dm.test, and the
# p-values of R for them, as listed in the tests of HypothesisTests.jl (test/diebold_mariano.jl).
ETS = [
    *(0.002241270, -0.000661906, -1.200002613, -4.000218178, 3.799373533, 3.401005111, -1.199692125, -0.800490048),
    *(-1.200048999, 3.399847229, 7.000708948, 2.200989241, -4.800165569, -1.201043375, 3.400167556, 3.000709085),
    *(0.400267950, -6.800169207, -2.401259050, 1.200112198),
]
ARIMA = [
    *(0.1209998, 8.0622269, -0.9189429, -1.7952436, 5.3431277, 2.0459823, -0.6073261, 0.5516816, -0.7633238, 4.1229472),
    *(5.8785333, 1.2828331, -3.4854233, 1.1971370, 3.1709314, 2.3408457, 0.4962286, -5.9841362, 0.1537114, 0.4207951),
]


def statistic_by_definition(first, second, horizon):
    """The statistic of Harvey et al. computed with plain sums."""
    d = np.subtract(first, second)
    n, mean = len(d), np.mean(d)
    gamma = [sum((d[t] - mean) * (d[t - k] - mean) for t in range(k, n)) / n for k in range(horizon)]
    variance = (gamma[0] + 2 * sum(gamma[1:])) / n
    return np.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n) * mean / np.sqrt(variance)


def moving_sums(rng, horizon, windows):
    """Differences of losses under the null hypothesis, correlated like those of overlapping windows."""
    return np.convolve(rng.normal(size=windows + horizon - 1), np.ones(horizon), "valid")


@pytest.mark.parametrize("power, p_value", [(2, 0.8871), (1, 0.7818)])
def test_diebold_mariano_equals_that_of_r(power, p_value):
    found = diebold_mariano(np.abs(ETS) ** power, np.abs(ARIMA) ** power)
    assert found.p_value == pytest.approx(p_value, abs=5e-5)
    assert found.note == ""


def test_diebold_mariano_of_overlapping_windows_equals_that_of_r(monkeypatch):
    monkeypatch.setattr("tsattn.evaluation.significance.MIN_WINDOWS_PER_OVERLAP", 1)  # R tests 20 windows with h=10
    assert diebold_mariano(np.square(ETS), np.square(ARIMA), horizon=10).p_value == pytest.approx(0.9362, abs=5e-5)


def test_diebold_mariano_by_hand():
    # d = -1, 1, 2, 2, -1, 1, 2, 2: mean 1, gamma_0 = 12 / 8, gamma_1 = (0 + 0 + 1 - 2 + 0 + 0 + 1) / 8 = 0, so that
    # the variance of the mean is 1.5 / 8; corrected by (8 + 1 - 4 + 2 / 8) / 8 for horizon 2, by 7 / 8 for horizon 1.
    first, second = np.array([0.0, 2, 4, 4, 0, 2, 4, 4]), np.array([1.0, 1, 2, 2, 1, 1, 2, 2])
    one, two = diebold_mariano(first, second), diebold_mariano(first, second, horizon=2)
    assert one.statistic == pytest.approx(np.sqrt(8 / 1.5 * 7 / 8))
    assert two.statistic == pytest.approx(np.sqrt(8 / 1.5 * 5.25 / 8))
    assert two.p_value == pytest.approx(2 * stats.t(7).sf(two.statistic))


@pytest.mark.parametrize("horizon", [1, 2, 5])
def test_diebold_mariano_follows_its_definition_and_is_antisymmetric(horizon):
    rng = np.random.default_rng(horizon)
    first, second = rng.gamma(2, size=(2, 60))
    found = diebold_mariano(first, second, horizon=horizon)
    assert found.statistic == pytest.approx(statistic_by_definition(first, second, horizon), rel=1e-9)
    turned = diebold_mariano(second, first, horizon=horizon)
    assert turned.statistic == pytest.approx(-found.statistic) and turned.p_value == pytest.approx(found.p_value)
    gap = np.insert(first, 3, np.nan), np.insert(second, 3, 1.0)
    assert diebold_mariano(*gap, horizon=horizon) == found


def test_p_values_are_uniform_under_the_null_hypothesis():
    rng = np.random.default_rng(0)
    samples = [moving_sums(rng, 4, 400) for _ in range(600)]
    nothing = np.zeros(400)
    p_values = [diebold_mariano(sample, nothing, horizon=4).p_value for sample in samples]
    assert stats.kstest(p_values, "uniform").pvalue > 0.05
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.025)
    unaware = [diebold_mariano(sample, nothing).p_value for sample in samples]
    assert stats.kstest(unaware, "uniform").pvalue < 1e-6  # ignores that the windows overlap


@pytest.mark.parametrize("horizon, windows, least, most", [(1, 8, 0.03, 0.07), (8, 32, 0.1, 0.2), (8, 80, 0.05, 0.13)])
def test_few_windows_reject_as_often_as_documented(horizon, windows, least, most):
    rng = np.random.default_rng(1)
    found = [
        diebold_mariano(moving_sums(rng, horizon, windows), np.zeros(windows), horizon=horizon) for _ in range(1500)
    ]
    assert least < np.mean([one.p_value < 0.05 for one in found]) < most
    assert any("may be too small" in one.note for one in found) == (windows < 10 * horizon and horizon > 1)


def test_bartlett_weights_if_the_variance_is_not_positive():
    # gamma_0 = 1, gamma_1 = -7 / 8: the equal weights give 1 - 14 / 8, Bartlett's 1 - 7 / 8.
    first, second = np.array([2.0, 0, 2, 0, 2, 0, 2, 0]), np.ones(8)
    found = diebold_mariano(first + 0.5, second, horizon=2)
    assert found.statistic == pytest.approx(0.5 * np.sqrt(5.25 / 8 / ((1 - 7 / 8) / 8)))
    assert "Bartlett" in found.note


@pytest.mark.parametrize("horizon, windows", [(1, 7), (1, 0), (3, 11), (24, 95)])
def test_too_few_windows_give_a_note(horizon, windows):
    losses = np.arange(float(windows))
    found = diebold_mariano(losses**2, losses, horizon=horizon)
    assert np.isnan([found.statistic, found.p_value]).all()
    assert found.note.startswith(f"Too few windows: {windows}, but")
    assert str(max(8, 4 * horizon)) in found.note


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_identical_losses_and_constant_differences(scale):
    losses = scale * np.random.default_rng(0).gamma(2, size=20)
    for same in (losses, losses * (1 + 1e-15)):
        found = diebold_mariano(losses, same, horizon=2)
        assert (found.statistic, found.p_value, found.note) == (0, 1, "The losses are identical.")
    found = diebold_mariano(losses, losses + scale, horizon=2)
    assert (found.statistic, found.p_value) == (-np.inf, 0)
    assert "by the same amount in every window" in found.note


def test_invalid_losses_raise():
    with pytest.raises(ValueError, match=r"shape \(3,\) and `second` \(4,\)"):
        diebold_mariano(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match=r"shape \(3, 2\)"):
        diebold_mariano(np.zeros((3, 2)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match="`second` has an infinite loss in window 1"):
        diebold_mariano([1, 2], [1, np.inf])
    with pytest.raises(ValueError, match="`horizon` is 0"):
        diebold_mariano([1], [1], horizon=0)


def test_holm_by_hand():
    # 0.01 * 4, 0.02 * 3, then 0.03 * 2 and 0.04 * 1, which are raised to 0.06.
    np.testing.assert_allclose(holm([0.04, 0.01, np.nan, 0.03, 0.02]), [0.06, 0.04, np.nan, 0.06, 0.06])
    np.testing.assert_allclose(holm([0.9, 0.8]), [1, 1])
    assert len(holm([])) == 0
    assert np.isnan(holm([np.nan])).all()


@pytest.fixture
def losses():
    """Losses of three models, the last of which is clearly worse."""
    values = np.random.default_rng(0).gamma(4, size=(60, 3)) + np.array([0.0, 0.2, 3.0])
    return pd.DataFrame(values, columns=["ours", ("theirs", 1), "worse"])


def test_all_pairs_are_compared(losses):
    found = compare_losses(losses, horizon=2)
    assert list(found) == ["model_a", "model_b", "mean_difference", "statistic", "p_value", "p_adjusted", "note"]
    pairs = list(zip(found["model_a"], found["model_b"], strict=True))
    assert pairs == [("ours", ("theirs", 1)), ("ours", "worse"), (("theirs", 1), "worse")]
    for row in found.itertuples():
        a, b = losses[row.model_a], losses[row.model_b]
        assert row.mean_difference == pytest.approx(a.mean() - b.mean())
        assert row.p_value == diebold_mariano(a, b, horizon=2).p_value
    np.testing.assert_allclose(found["p_adjusted"], holm(found["p_value"]))
    assert (found["p_adjusted"] < 0.05).tolist() == [False, True, True]


def test_models_are_compared_with_a_reference(losses):
    found = compare_losses(losses, horizon=2, reference="worse")
    assert list(found["model_a"]) == ["ours", ("theirs", 1)] and set(found["model_b"]) == {"worse"}
    assert (found["mean_difference"] < 0).all()
    with pytest.raises(ValueError, match="`reference` is 'naive', but must be one of 'ours'"):
        compare_losses(losses, horizon=2, reference="naive")


def test_short_and_single_comparisons_do_not_fail(losses):
    found = compare_losses(losses.iloc[:5], horizon=1)
    assert found[["statistic", "p_value", "p_adjusted"]].isna().all(axis=None)
    assert found["note"].str.startswith("Too few windows: 5").all()
    for reference in (None, "ours"):
        assert list(compare_losses(losses[["ours"]], horizon=1, reference=reference)) == list(found)
    missing = compare_losses(losses.assign(ours=np.nan), horizon=1)
    assert missing["p_adjusted"].isna().tolist() == [True, True, False]


def test_duplicate_models_and_infinite_losses_raise(losses):
    for test in (lambda table: compare_losses(table, horizon=1), lambda table: confidence_set(table, block=1)):
        with pytest.raises(ValueError, match="contains the model 'ours' twice"):
            test(losses[["ours", "ours"]])
        with pytest.raises(ValueError, match="'worse' has an infinite loss in window 0"):
            test(losses.assign(worse=np.inf))


def test_confidence_set_includes_the_best_and_excludes_the_worse(losses):
    found = confidence_set(losses, block=2)
    assert list(found.index) == list(losses) and found.index.name == "model"
    assert found["included"].tolist() == [True, True, False]
    assert found.loc["ours", "p_value"] == 1 and found.loc["worse", "p_value"] < 0.01
    pd.testing.assert_frame_equal(found, confidence_set(losses, block=2))
    assert confidence_set(losses, size=0.0001, block=2, random_state=1)["included"].iloc[:2].all()
    gap = pd.concat([losses, losses.iloc[:1] * np.nan])
    pd.testing.assert_frame_equal(found, confidence_set(gap, block=2))


@pytest.mark.parametrize("block, models", [(1, 2), (3, 5)])
def test_confidence_set_equals_that_of_arch(block, models):
    values = np.random.default_rng(models).gamma(4, size=(60, models)) + np.linspace(0, 1, models)
    test = MCS(values, 0.1, block_size=block, seed=5)
    test.compute()
    found = confidence_set(pd.DataFrame(values), size=0.1, block=block, random_state=5)
    np.testing.assert_allclose(found["p_value"], test.pvalues["Pvalue"].sort_index(), atol=1e-12)
    assert found.index[found["included"]].tolist() == test.included


def test_arch_eliminates_several_models_at_once_if_pairs_tie():
    """The reason for implementing the elimination. If this fails, `arch` is fixed: use `MCS` instead."""
    pair = np.random.default_rng(0).gamma(4, size=(60, 2))
    far_worse = np.column_stack([pair, (pair[::-1, 0] + 3) * 1e100])  # compared with it, the other two are equal
    alternating = np.tile([2.0, 4.0], 20)
    mean_of_two = np.column_stack([alternating, alternating[::-1], np.full(40, 3.0)])
    for values, eliminated in ((far_worse, [[2, 0]]), (mean_of_two, [[0, 0], [1, 1]])):
        test = MCS(values, 0.1, block_size=1, seed=0)
        test.compute()
        assert [each.tolist() for each in test.pvalues.index[:-1]] == eliminated
    assert far_worse.mean(axis=0).argmin() == 0  # the best model is eliminated with the worst
    assert confidence_set(pd.DataFrame(far_worse), block=1)["p_value"].gt(0).tolist() == [True, True, False]
    assert confidence_set(pd.DataFrame(mean_of_two), block=1)["included"].all()


def test_confidence_set_with_identical_losses_and_constant_differences(losses):
    more = losses.assign(twin=losses["ours"], above=losses["ours"] + 0.01)
    found = confidence_set(more, block=2)
    pd.testing.assert_frame_equal(found.iloc[:3], confidence_set(losses, block=2))
    assert found.loc["twin"].tolist() == [1, True, ""]
    assert found.loc["above"].tolist() == [0, False, ""]
    same = confidence_set(pd.DataFrame({name: losses["ours"] for name in "abc"}), block=2)
    assert (same["p_value"] == 1).all() and same["included"].all()


def test_confidence_set_is_robust_to_ties_and_scales(losses):
    integers = np.tile([2.0, 4.0], 20)
    tied = pd.DataFrame({"a": integers, "b": integers[::-1], "mean": np.full(40, 3.0)})
    assert confidence_set(tied, block=1)["included"].all()
    found = confidence_set(losses, block=1)
    exploded = confidence_set(losses.assign(worse=losses["worse"] * 1e100), block=1)
    np.testing.assert_allclose(exploded["p_value"], found["p_value"], atol=0.02)
    tiny = losses.assign(exact=losses["ours"] * 1e-100, nearly=losses["ours"] * 1e-50)
    assert confidence_set(tiny, block=1)["included"].tolist() == [False, False, False, True, False]


@pytest.mark.parametrize("rows, columns, block", [(19, 3, 1), (60, 1, 1), (60, 3, 7), (0, 3, 1)])
def test_confidence_set_of_too_few_windows_includes_all_models(losses, rows, columns, block):
    found = confidence_set(losses.iloc[:rows, :columns], block=block)
    assert found["included"].all() and found["p_value"].isna().all()
    needed = {1: 20, 7: 70}[block]
    note = "One model" if columns == 1 else f"Too few windows: {rows}, but .*needs at least {needed}"
    assert found["note"].str.match(note).all()
    with pytest.raises(ValueError, match="`block` is 0"):
        confidence_set(losses, block=0)
    with pytest.raises(ValueError, match="`size` is 2"):
        confidence_set(losses, size=2, block=1)


# Demšar, 2006, Table 5a.
@pytest.mark.parametrize("models, quantile", [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (10, 3.164)])
def test_critical_difference_equals_that_of_demsar(models, quantile):
    scores = pd.DataFrame(np.random.default_rng(0).uniform(size=(14, models)))
    found = mean_ranks(scores)
    assert found.series == 14
    assert found.critical_difference / np.sqrt(models * (models + 1) / (6 * 14)) == pytest.approx(quantile, abs=1e-3)
    if models == 4:
        assert found.critical_difference == pytest.approx(1.25, abs=0.005)  # his example


def test_ranks_by_hand():
    scores = pd.DataFrame({"a": [1, 1, 5, np.nan, 3], "b": [2, 1, 3, 0, 2], "c": [3.0, 3, 4, 0, 9]}, list("vwxyz"))
    found = mean_ranks(scores)
    assert found.ranks.to_dict() == {"b": 1.375, "a": 1.875, "c": 2.75}
    assert list(found.ranks.index) == ["b", "a", "c"]
    assert found.series == 4
    whole = scores.dropna()
    assert found.friedman_p == pytest.approx(stats.friedmanchisquare(whole["a"], whole["b"], whole["c"]).pvalue)


def test_scores_that_differ_by_rounding_are_tied():
    scores = pd.DataFrame({"a": [0.1 + 0.2] * 3, "b": [0.3] * 3, "worse": [1.0] * 3, "best": [1e-300] * 3})
    assert mean_ranks(scores).ranks.to_dict() == {"best": 1, "a": 2.5, "b": 2.5, "worse": 4}


def test_two_models_are_ranked_by_the_sign_test():
    scores = pd.DataFrame({"a": [1.0] * 9 + [3.0], "b": [2.0] * 9 + [3.0]})
    assert mean_ranks(scores).friedman_p == pytest.approx(2 / 2**9)
    assert mean_ranks(scores.assign(b=scores["a"])).friedman_p == 1
    assert mean_ranks(scores.assign(b=scores["a"], c=scores["a"])).friedman_p == 1


@pytest.mark.parametrize("series, models", [(1, 3), (0, 3), (5, 1)])
def test_ranks_of_a_single_series_or_model(series, models):
    found = mean_ranks(pd.DataFrame(np.ones((series, models))))
    assert np.isnan([found.friedman_p, found.critical_difference]).all()
    assert found.series == series and len(found.ranks) == models
