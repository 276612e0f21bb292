"""Difficult and invalid inputs: the cases of `bad_input_table.py`, each with the number of its row."""

import ast
import contextlib
import copy
import pathlib

import bad_input_table as table
import numpy as np
import pandas as pd
import pytest
from bad_input_rows import ROWS
from forecaster_table import FORECASTERS, HORIZON, monthly, panel
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tsattn.series import windows

MODELS = ("seq2seq", "linear")


def cases(rows):
    return pytest.mark.parametrize("case", rows.values(), ids=rows)


def numbers(forecast):
    return forecast.get("y", forecast).to_numpy(dtype="float64")  # a long frame also has other columns


@pytest.fixture(scope="module", params=MODELS)
def scratch_model(request):
    """A forecaster, for tests to fit to any data without recompiling."""
    return FORECASTERS[request.param](horizon=HORIZON)


@pytest.mark.filterwarnings("ignore:.*lacks:UserWarning")
@pytest.mark.parametrize("model", MODELS)
@cases(table.REFUSED)
def test_fit_rejects_data(model, case):
    y, error, message = case
    forecaster, before = FORECASTERS[model](horizon=HORIZON), copy.deepcopy(y)
    with pytest.raises(error, match=f"(?s){message}"):
        forecaster.fit(y)
    assert not [name for name in vars(forecaster) if name.endswith("_")]
    assert_equal(y, before)


@pytest.mark.parametrize("model", MODELS)
@cases(table.ARGUMENTS)
def test_fit_rejects_arguments(model, case):
    arguments, y, message = case
    forecaster = FORECASTERS[model](**{"horizon": HORIZON, **arguments})
    with pytest.raises(ValueError, match=f"(?s){message}"):
        forecaster.fit(y)


@cases(table.TAKEN)
def test_fit_accepts_data(scratch_model, case):
    y, dtype = case
    before = copy.deepcopy(y)
    forecast = scratch_model.fit(y).predict()
    assert np.isfinite(forecast.to_numpy(dtype="float64")).all()
    assert (forecast.dtype, forecast.name) == (dtype, y.name)
    span = max(y.max() - y.min(), 1e-6 * abs(y.max()))
    assert y.min() - span < forecast.min() <= forecast.max() < y.max() + span
    assert_equal(y, before)


@pytest.mark.filterwarnings("ignore:.*lacks:UserWarning")
@cases(table.SAME)
def test_equivalent_data_have_equal_forecasts(scratch_model, case):
    forecasts = [scratch_model.fit(y).predict() for y in case]
    np.testing.assert_array_equal(*map(numbers, forecasts))


def test_missing_stamps_emit_one_warning(scratch_model):
    with pytest.warns(UserWarning, match="lacks 2 of 60 timestamps, the first is 2021-09-01") as caught:
        scratch_model.fit(monthly().drop(monthly().index[[20, 21]]))
    assert len([warning for warning in caught if "lacks" in str(warning.message)]) == 1


@cases(table.CONTINUED)
def test_forecast_continues_the_index(case):
    y = pd.Series(np.sin(np.arange(len(case))), index=case)
    forecast = FORECASTERS["seasonal_naive"](horizon=HORIZON).fit(y[:-HORIZON]).predict()
    pd.testing.assert_index_equal(forecast.index, case[-HORIZON:], exact=True)


@pytest.fixture(scope="module", params=MODELS)
def model_on(request):
    """Return a function that fits a forecaster once to an entry of `FITTED`.

    The function returns the forecaster, its arguments for `predict` and its forecast.
    """
    fitted = {}

    def fit(kind):
        if kind not in fitted:
            options, data, static = table.FITTED[kind]
            model = FORECASTERS[request.param](horizon=HORIZON, **options).fit(*data, **static)
            known = {"covariates": table.LATE} if kind == "covariates" else {}
            fitted[kind] = model, known, model.predict(**known)
        return fitted[kind]

    return fit


@cases(table.CALLS)
def test_predict_rejects_arguments(model_on, case):
    kind, arguments, error, message = case
    model, known, forecast = model_on(kind)
    before = copy.deepcopy(arguments)
    with pytest.raises(error, match=f"(?s){message}"):
        model.predict(**arguments)
    assert_equal(arguments, before)
    assert_equal(model.predict(**known), forecast)


@cases(table.TAKEN_CALLS)
def test_predict_accepts_arguments(model_on, case):
    kind, arguments, equivalent, warning = case
    model, known, forecast = model_on(kind)
    before = copy.deepcopy(arguments)
    if warning is None:
        actual = model.predict(**arguments)
    else:
        with pytest.warns(UserWarning, match=f"(?s){warning}") as caught:
            actual = model.predict(**arguments)
        assert len(caught) == 1
    with pytest.warns() if "unknown" in (warning or "") else contextlib.nullcontext():
        expected = model.predict(**equivalent)
    np.testing.assert_array_equal(actual.to_numpy(), expected.to_numpy())
    assert_equal(arguments, before)
    assert_equal(model.predict(**known), forecast)


READ_ONLY = {
    "a Series": lambda: pd.Series(table.FIXED, index=table.STAMPS, copy=False),
    "a frame": lambda: pd.DataFrame(table.FIXED[:, None], index=table.STAMPS, columns=["load"], copy=False),
    "a view of a column": lambda: table.SHARED["load"][:50],
    "a view of a frame": lambda: table.SHARED[10:],
    "a panel": lambda: pd.Series(table.FIXED, index=pd.MultiIndex.from_product([list("ab"), range(30)]), copy=False),
}


@pytest.mark.parametrize("make", READ_ONLY.values(), ids=READ_ONLY)
def test_14_data_are_shared_and_not_changed(scratch_model, make):
    """This includes read-only arrays, and arrays that pandas would copy on write."""
    y, memory = make(), [table.FIXED, table.SHARED.to_numpy()]
    assert any(np.shares_memory(y.to_numpy(), part) for part in memory)
    before = [part.copy() for part in memory]
    forecast = scratch_model.fit(y).predict()
    assert np.isfinite(forecast.to_numpy()).all()
    assert_equal(scratch_model.predict(y=y), forecast)
    for part, copied in zip(memory, before, strict=True):
        np.testing.assert_array_equal(part, copied)


@pytest.mark.parametrize("batch", [1, 3, 4, 5])
def test_50_many_series_are_forecast_in_batches(model_on, batch, monkeypatch):
    model, _, forecast = model_on("static")
    monkeypatch.setattr(windows, "BATCH_ROWS", batch)
    pd.testing.assert_series_equal(model.predict(), forecast, rtol=1e-6)


@settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    batch=st.integers(1, 6),
    ids=st.lists(st.sampled_from("abcd"), min_size=1, unique=True),
    horizon=st.integers(1, 2 * HORIZON),
)
def test_51_forecast_does_not_depend_on_the_batch(model_on, batch, ids, horizon):
    """The forecast of a series does not depend on the size of the panel or on the other series in it."""
    model = model_on("panel")[0]
    y = pd.concat([panel().loc[[name]] for name in ids])
    expected = model.predict(y=panel(), horizon=horizon)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "BATCH_ROWS", batch)
        actual = model.predict(y=y, horizon=horizon)
    assert set(actual.index.unique(0)) == set(ids)
    for name in ids:
        pd.testing.assert_series_equal(actual.loc[name], expected.loc[name], rtol=1e-5)


def test_history_shorter_than_lookback_is_padded(model_on):
    forecast = model_on("series")[0].predict(y=monthly()[:5])
    assert np.isfinite(forecast).all() and forecast.index[0] == monthly().index[5]


TABLES = (table.REFUSED, table.ARGUMENTS, table.TAKEN, table.SAME, table.CONTINUED, table.CALLS, table.TAKEN_CALLS)


def test_rows_are_complete_and_in_order():
    assert list(ROWS) == [*range(1, 72)]
    assert {int(name.split()[0]) for rows in TABLES for name in rows} <= set(ROWS)


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_a_case_or_a_test(row):
    _, _, *tests = ROWS[row]
    for test in tests:
        file, name = test.split("::")
        tree = ast.parse((pathlib.Path(__file__).parents[1] / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, test
    assert tests or any(int(name.split()[0]) == row for rows in TABLES for name in rows)


def assert_equal(actual, expected):
    """Check that data of any type are bitwise equal."""
    if isinstance(expected, dict):
        for name in expected:
            assert_equal(actual[name], expected[name])
    elif isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(actual, expected, check_exact=True)
    elif isinstance(expected, pd.Series):
        pd.testing.assert_series_equal(actual, expected, check_exact=True)
    else:
        np.testing.assert_array_equal(actual, expected)
