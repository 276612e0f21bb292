"""scikit-learn's checks of estimators. Checks that cannot pass for time series are listed with the reason."""

import re

import pytest
from forecaster_table import FORECASTERS
from sklearn.utils.estimator_checks import check_estimator

ARRAYS = (
    "It passes NumPy arrays `X, y`. A forecaster takes `y` first, as a pandas Series or DataFrame with a time index, "
    "and raises a TypeError for an array. `tsattn.testing` checks the same requirement on such data."
)
TARGET_LAST = "It passes a table `X` before the series `y`. A forecaster takes `y` first, and then covariates."
ORDER = "It requires rows to be independent samples, but the rows of a time series are ordered."
FEATURES = "It requires `n_features_in_`, but a forecaster has names of series, channels and covariates instead."
MISSING = "It requires an error for NaN and for inf, but a forecaster masks NaN. It raises a ValueError for inf."
SPARSE = "It requires an error that names sparse matrices, but a forecaster rejects them like all other arrays."
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
    "check_sample_weights_not_an_array": ARRAYS,
    "check_sample_weights_list": ARRAYS,
    "check_sample_weights_shape": ARRAYS,
    "check_sample_weights_not_overwritten": ARRAYS,
    "check_all_zero_sample_weights_error": ARRAYS,
    "check_sample_weights_pandas_series": TARGET_LAST,
    "check_sample_weight_equivalence_on_dense_data": TARGET_LAST,
    "check_methods_sample_order_invariance": ORDER,
    "check_methods_subset_invariance": ORDER,
    "check_n_features_in": FEATURES,
    "check_n_features_in_after_fitting": FEATURES,
    "check_estimators_nan_inf": MISSING,
    "check_estimator_sparse_tag": SPARSE,
    "check_estimator_sparse_array": SPARSE,
    "check_estimator_sparse_matrix": SPARSE,
}
# For forecasters with an argument `training`.
EXPECTED_WITH_TRAINING = {
    "check_parameters_default_constructible": (
        "It requires defaults that are numbers, text or None, but the default of `training` is a new Training."
    )
}
NOT_IN_OLDEST = {"check_estimator_sparse_tag", "check_all_zero_sample_weights_error"}  # not in scikit-learn 1.6

# The expected error of all other checks, or its cause if scikit-learn wraps the error.
REJECTED = re.compile(
    "`y` is a .*, but a pandas Series or DataFrame with a time index is expected|`covariates` is a Series, but a pandas"
    r"|\w+\.fit\(\) got multiple values for argument 'y'"
)


def chain(error):
    """Yield an error and its causes."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.filterwarnings("ignore")  # scikit-learn warns about checks that are skipped or expected to fail
@pytest.mark.parametrize("name", FORECASTERS)
def test_forecaster_passes_the_checks_of_scikit_learn(name):
    model = FORECASTERS[name](horizon=2)
    expected = {**EXPECTED, **(EXPECTED_WITH_TRAINING if hasattr(model, "training") else {})}
    results = check_estimator(model, expected_failed_checks=expected, on_skip=None, on_fail=None)
    by_status = {}
    for result in results:
        by_status.setdefault(result["status"], set()).add(result["check_name"])
    assert not by_status.get("failed")
    assert by_status.get("skipped", set()) <= {"check_array_api_input"}, "it requires another library"
    reasons = {result["check_name"]: result["exception"] for result in results if result["status"] == "xfail"}
    assert set(reasons) in (set(expected), set(expected) - NOT_IN_OLDEST)
    for check in set(reasons) - set(EXPECTED_WITH_TRAINING):
        assert any(REJECTED.match(str(error)) for error in chain(reasons[check])), f"{check}: {reasons[check]!r}"
    assert not by_status["passed"] & set(expected), "a check that passes must not be listed"
    assert {
        "check_estimator_cloneable",
        "check_estimator_repr",
        "check_no_attributes_set_in_init",
        "check_estimators_unfitted",
        "check_do_not_raise_errors_in_init_or_set_params",
        "check_get_params_invariance",
        "check_set_params",
    } <= by_status["passed"]
