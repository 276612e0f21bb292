"""scikit-learn's own checks of estimators; those that cannot hold for time series are named, each with its reason."""

import re

import pytest
from forecaster_table import FORECASTERS
from sklearn.utils.estimator_checks import check_estimator

ARRAYS = (
    "It passes NumPy arrays `X, y`. A forecaster takes `y` first, as a pandas Series or DataFrame with a time index, "
    "and refuses an array by a TypeError that says so. What the check is about, `tsattn.testing` checks on such data."
)
ORDER = "It takes rows for independent samples, in any order and any choice; a time series is its order."
FEATURES = "It wants `n_features_in_`; a forecaster has names of series, channels and covariates in its place."
MISSING = "It wants NaN and inf refused alike; a forecaster leaves NaN out, and refuses inf by a ValueError."
SPARSE = "It passes sparse matrices, and wants them refused by that word; they are refused as any other array."
EXPECTED = {
    "check_fit_score_takes_y": ARRAYS,
    "check_estimators_overwrite_params": ARRAYS,
    "check_dont_overwrite_parameters": ARRAYS,
    "check_estimators_fit_returns_self": ARRAYS,
    "check_readonly_memmap_input": ARRAYS,
    "check_positive_only_tag_during_fit": ARRAYS,
    "check_estimators_dtypes": ARRAYS,
    "check_complex_data": ARRAYS,
    "check_dtype_object": ARRAYS,
    "check_estimators_empty_data_messages": ARRAYS,
    "check_pipeline_consistency": ARRAYS,
    "check_estimators_pickle": ARRAYS,
    "check_f_contiguous_array_estimator": ARRAYS,
    "check_fit2d_1sample": ARRAYS,
    "check_fit2d_1feature": ARRAYS,
    "check_fit1d": ARRAYS,
    "check_fit2d_predict1d": ARRAYS,
    "check_dict_unchanged": ARRAYS,
    "check_fit_idempotent": ARRAYS,
    "check_fit_check_is_fitted": ARRAYS,
    "check_methods_sample_order_invariance": ORDER,
    "check_methods_subset_invariance": ORDER,
    "check_n_features_in": FEATURES,
    "check_n_features_in_after_fitting": FEATURES,
    "check_estimators_nan_inf": MISSING,
    "check_estimator_sparse_tag": SPARSE,
    "check_estimator_sparse_array": SPARSE,
    "check_estimator_sparse_matrix": SPARSE,
}
# Of those that have a `training`.
OF_NETWORKS = {
    "check_parameters_default_constructible": (
        "It wants defaults that are numbers, text or None; that of `training` is a Training, a new one each time."
    )
}
LATER = {"check_estimator_sparse_tag"}  # not in scikit-learn 1.6

# What each of the others fails by, in the end or before scikit-learn says what it had wanted in its place.
REFUSED = re.compile("`y` is a .*, but a pandas Series or DataFrame with a time index is expected")


def chain(problem):
    """An error and those that it came from."""
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__


@pytest.mark.filterwarnings("ignore")  # scikit-learn's own, of the checks that are skipped or expected to fail
@pytest.mark.parametrize("name", FORECASTERS)
def test_the_checks_of_scikit_learn(name):
    model = FORECASTERS[name](horizon=2)
    expected = {**EXPECTED, **(OF_NETWORKS if hasattr(model, "training") else {})}
    results = check_estimator(model, expected_failed_checks=expected, on_skip=None, on_fail=None)
    by_status = {}
    for result in results:
        by_status.setdefault(result["status"], set()).add(result["check_name"])
    assert not by_status.get("failed")
    assert by_status.get("skipped", set()) <= {"check_array_api_input"}, "which wants another library"
    reasons = {result["check_name"]: result["exception"] for result in results if result["status"] == "xfail"}
    assert set(reasons) in (set(expected), set(expected) - LATER)
    for check in set(reasons) - set(OF_NETWORKS):
        assert any(REFUSED.match(str(problem)) for problem in chain(reasons[check])), f"{check}: {reasons[check]!r}"
    assert not by_status["passed"] & set(expected), "what passes needs no excuse"
    assert {
        "check_estimator_cloneable",
        "check_estimator_repr",
        "check_no_attributes_set_in_init",
        "check_estimators_unfitted",
        "check_do_not_raise_errors_in_init_or_set_params",
        "check_get_params_invariance",
        "check_set_params",
    } <= by_status["passed"]
