"""Awkward and hostile input: what each must get, the error and its words or the result.

One table for what `fit` refuses and one for what it takes; and the same for arguments.
"""

import datetime

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FORECASTERS, HORIZON, NETWORKS, monthly, wide

MODELS = ("seq2seq", "linear")


def changed(row, value):
    y = monthly()
    y.iloc[row] = value
    return y


def with_index(index):
    return pd.Series(monthly()[: len(index)].to_numpy(), index=index)


STAMPS = pd.date_range("2024-01-01", periods=60, freq="D")
BERLIN = pd.date_range("2024-10-27", periods=60, freq="h", tz="Europe/Berlin")

REFUSED = {
    # values
    "all missing": (monthly() * np.nan, ValueError, "no observed value"),
    "nothing in the last lookback": (changed(slice(-40, None), np.nan), ValueError, "no observed value in its last"),
    "infinite": (changed(5, np.inf), ValueError, "2020-06-01.*finite"),
    "minus infinite": (changed(5, -np.inf), ValueError, "finite"),
    "booleans": (monthly() > 50, TypeError, "True and False"),
    "categories": (monthly().round().astype("category"), TypeError, "categories"),
    "objects": (monthly().astype(object), TypeError, "pd.to_numeric"),
    "complex": (monthly() * 1j, TypeError, "complex"),
    "text": (monthly().astype(str), TypeError, "pd.to_numeric"),
    "times": (pd.Series(STAMPS, index=STAMPS), TypeError, "times"),
    # the time index
    "duplicate stamps": (monthly().iloc[[*range(60), 7]], ValueError, "2020-08-01"),
    "clocks put back in naive time": (with_index(BERLIN.tz_localize(None)), ValueError, "tz_localize"),
    "NaT": (with_index(STAMPS.insert(5, pd.NaT)[:60]), ValueError, "NaT"),
    "irregular stamps": (with_index(STAMPS + pd.to_timedelta(np.arange(60) ** 2, "min")), ValueError, "freq="),
    "two rows": (with_index(pd.DatetimeIndex(["2024-01-01", "2024-01-02"])), ValueError, "freq="),
    "one row": (monthly()[:1], ValueError, "needs at least|freq="),
    "text that is not ISO": (with_index(STAMPS.strftime("%d/%m/%Y")), ValueError, "pd.to_datetime"),
    "floats as times": (with_index(pd.Index(np.arange(60) + 0.5)), TypeError, "index"),
    # shape and columns
    "a list": ([1.0, 2.0, 3.0], TypeError, "pandas Series or DataFrame"),
    "an array": (np.arange(60.0), TypeError, "pd.Series"),
    "too short": (monthly()[:HORIZON], ValueError, "has 6 steps, but lookback .* needs at least"),
    "empty": (monthly()[:0], ValueError, "empty"),
    "no columns": (wide()[[]], ValueError, "no columns"),
    "a panel": (pd.concat({"a": monthly(), "b": monthly()}), ValueError, "panel"),
    "duplicate columns": (wide()[["north", "north"]], ValueError, "same name.*north"),
    "a column of text": (wide().assign(place="x"), TypeError, "place"),
    "a missing column": (wide().assign(south=np.nan), ValueError, "south.*no observed value"),
}


@pytest.mark.filterwarnings("ignore:.*lacks:UserWarning")
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("y, error, words", REFUSED.values(), ids=REFUSED)
def test_what_fit_refuses(model, y, error, words):
    forecaster = FORECASTERS[model](horizon=HORIZON)
    with pytest.raises(error, match=f"(?s){words}"):
        forecaster.fit(y)
    assert not [name for name in vars(forecaster) if name.endswith("_")]


TAKEN = {
    "missing values": (changed([3, 4, 40], np.nan), "float64"),
    "huge": (monthly() * 1e30, "float64"),
    "tiny": (monthly() * 1e-30, "float64"),
    "a small signal on a large level": (monthly() + 1e9, "float64"),
    "float16": (monthly().astype("float16"), "float32"),
    "float32": (monthly().astype("float32"), "float32"),
    "integers": (monthly().round().astype("int32"), "float64"),
    "nullable integers with NA": (monthly().round().astype("Int64").mask(monthly() > 80), "Float64"),
    "unsorted rows": (monthly().sample(frac=1.0, random_state=0), "float64"),
    "no name": (monthly().rename(None), "float64"),
    "a name that is not text": (monthly().rename(datetime.date(2024, 1, 1)), "float64"),
    "a read-only buffer": (pd.Series(np.broadcast_to(monthly().to_numpy(), (60,)), index=STAMPS), "float64"),
}


@pytest.mark.parametrize("y, dtype", TAKEN.values(), ids=TAKEN)
def test_what_fit_takes(spare_model, y, dtype):
    before = y.copy(deep=True)
    forecast = spare_model.fit(y).predict()
    assert np.isfinite(forecast.to_numpy(dtype="float64")).all()
    assert (forecast.dtype, forecast.name) == (dtype, y.name)
    span = y.max() - y.min()
    assert y.min() - span < forecast.min() <= forecast.max() < y.max() + span
    pd.testing.assert_series_equal(y, before)


@pytest.fixture(scope="module", params=MODELS)
def spare_model(request):
    """A forecaster to fit on anything: a refit does not compile again."""
    return FORECASTERS[request.param](horizon=HORIZON)


def test_unsorted_rows_change_nothing(spare_model):
    expected = spare_model.fit(monthly()).predict()
    shuffled = spare_model.fit(monthly().sample(frac=1.0, random_state=1)).predict()
    pd.testing.assert_series_equal(shuffled, expected, check_exact=True)


def test_missing_stamps_are_missing_values_with_one_warning(spare_model):
    expected = spare_model.fit(changed([20, 21], np.nan)).predict()
    with pytest.warns(UserWarning, match="lacks 2 of 60 stamps, the first is 2021-09-01") as caught:
        spare_model.fit(monthly().drop(monthly().index[[20, 21]]))
    assert len([warning for warning in caught if "lacks" in str(warning.message)]) == 1
    pd.testing.assert_series_equal(spare_model.predict(), expected, check_exact=True)


@pytest.mark.parametrize("alias, cure", [("M", "ME"), ("H", "h"), ("T", "min"), ("Q", "QE"), ("A", "YE"), ("Y", "YE")])
def test_old_aliases_name_the_new_one(alias, cure):
    with pytest.raises(ValueError, match=f"'{cure}|\"{cure}|`{cure}|{cure}"):
        FORECASTERS["linear"](horizon=HORIZON, freq=alias).fit(monthly())


def test_a_declared_step_that_the_data_do_not_follow():
    with pytest.raises(ValueError, match="not on the grid"):
        FORECASTERS["linear"](horizon=HORIZON, freq="W-SUN").fit(monthly())


ARGUMENTS = [
    *[("linear", {"horizon": horizon}, "`horizon` is") for horizon in (0, -1, 2.5, "3", True, None)],
    ("seq2seq", {"lookback": 0}, "`lookback` is 0"),
    ("seq2seq", {"lookback": 100}, "lookback 100 \\+ horizon 6 needs at least 106"),
    ("linear", {"lookback": 100}, "lookback 100 \\+ horizon 6 needs at least 106"),
    ("seasonal_naive", {"lookback": 100}, "100"),
    ("seasonal_naive", {"season": 100}, "needs at least 100"),
    ("seasonal_naive", {"lookback": 5}, "`lookback` 5 is shorter than the season of 12"),
    ("linear", {"season": 1.5}, "`season` is 1.5"),
    ("linear", {"validation_fraction": 1.0}, "`validation_fraction` is 1.0"),
    ("seq2seq", {"lookback": 10, "patch_size": 4}, "multiple of `patch_size` 4"),
    ("seq2seq", {"patch_size": -1}, "`patch_size` is -1"),
    ("seq2seq", {"units": 0}, "`units` is 0"),
    ("seq2seq", {"layers": 0}, "`layers` is 0"),
    ("seq2seq", {"dropout": 1.0}, "`dropout` is 1.0"),
    ("seq2seq", {"normalization": "mean"}, "`normalization` is 'mean'.*'last'"),
    ("seq2seq", {"decoding": "both"}, "`decoding` is 'both'"),
    ("seq2seq", {"embedding": "gelu"}, "`embedding` is 'gelu'"),
    ("attention", {"attention_score": "cosine"}, "`attention_score` is 'cosine'.*'additive'"),
    ("transformer", {"heads": 3}, "3 heads"),
    ("transformer", {"norm": "batch"}, "`norm` is 'batch'"),
    ("transformer", {"positional": "random"}, "`positional` is 'random'.*'learned'"),
    ("transformer", {"embedding": None}, "`embedding` is None"),
    ("core", {"core": None}, "`core` is None"),
    ("core", {"core": lambda units: units}, "gave a int"),
]


@pytest.mark.parametrize("model, arguments, words", ARGUMENTS, ids=[f"{case[0]}-{case[2]}" for case in ARGUMENTS])
def test_arguments_are_refused_in_fit_and_not_before(model, arguments, words):
    forecaster = FORECASTERS[model](**{"horizon": HORIZON, **arguments})
    with pytest.raises(ValueError, match=f"(?s){words}"):
        forecaster.fit(monthly())


def test_training_must_be_one():
    with pytest.raises(TypeError, match="`training` is None"):
        NETWORKS["seq2seq"](horizon=HORIZON, training=None).fit(monthly())


def test_an_outlier_that_cannot_be_scaled_names_its_column():
    y = wide()
    y.loc["2024-11", "south"] = 1e300
    with pytest.raises(ValueError, match="south"):
        FORECASTERS["linear"](horizon=HORIZON).fit(wide()).predict(y=y)


def test_a_linear_forecaster_without_a_complete_target():
    y = monthly()
    y.iloc[::5] = np.nan
    with pytest.raises(ValueError, match=r"no window of lookback 24 \+ horizon 6 steps.*Lower `horizon`"):
        FORECASTERS["linear"](horizon=HORIZON).fit(y)


@pytest.mark.parametrize("horizon", [0, -1, 2.5, "3"])
def test_predict_refuses_a_horizon_that_is_none(spare_model, horizon):
    with pytest.raises(ValueError, match="`horizon` is"):
        spare_model.fit(monthly()).predict(horizon=horizon)


HISTORIES = {
    "another kind of table": (wide(), TypeError, "Series was fitted|Series"),
    "another kind of index": (monthly().reset_index(drop=True), TypeError, "datetime"),
    "another step": (monthly().set_axis(STAMPS), ValueError, "grid"),
    "a time zone": (monthly().tz_localize("UTC"), ValueError, "time zone"),
    "nothing observed at its end": (changed(slice(-40, None), np.nan), ValueError, "no observed value in its last"),
    "infinite": (changed(5, np.inf), ValueError, "finite"),
    "empty": (monthly()[:0], ValueError, "empty"),
}


@pytest.mark.parametrize("y, error, words", HISTORIES.values(), ids=HISTORIES)
def test_histories_that_predict_refuses(spare_model, y, error, words):
    spare_model.fit(monthly())
    with pytest.raises(error, match=words):
        spare_model.predict(y=y)


def test_a_history_shorter_than_the_lookback_is_padded(spare_model):
    forecast = spare_model.fit(monthly()).predict(y=monthly()[:5])
    assert np.isfinite(forecast).all() and forecast.index[0] == monthly().index[5]


def test_a_core_of_the_wrong_shape_is_named():
    import keras

    class Flat(keras.layers.Layer):
        """Gives one vector where steps are wanted."""

        def __init__(self, units):
            super().__init__()
            self.flatten = keras.layers.Flatten()

        def call(self, patches, queries):
            return self.flatten(patches)

    with pytest.raises(ValueError, match="decoded steps"):
        NETWORKS["core"](horizon=HORIZON, core=Flat).fit(monthly())


def test_recursive_decoding_needs_a_core_that_steps():
    with pytest.raises(ValueError, match="`start` and `step`"):
        NETWORKS["core"](horizon=HORIZON, decoding="recursive").fit(monthly())
