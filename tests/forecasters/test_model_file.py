"""Model files: a forecaster that is saved and loaded is equal to the original."""

import copy
import datetime
import json
import pickle
import subprocess
import sys
import uuid

import keras
import numpy as np
import pandas as pd
import pytest
from forecaster_table import (
    FAST,
    FORECASTERS,
    HORIZON,
    NETWORKS,
    GatedCore,
    monthly,
    monthly_covariates,
    panel,
    shops,
    wide,
)
from same import assert_same
from sklearn.exceptions import NotFittedError

import tsattn
from tsattn import ModelFileError, Training, load_forecaster
from tsattn.persistence.container import PARAMS, STATE, pack, unpack
from tsattn.persistence.strict_json import encode_json


def save_and_load(model, tmp_path, core=None):
    path = tmp_path / "model.tsattn"
    model.save(path)
    return load_forecaster(path, core=core)


def core_of(name):
    return GatedCore if name == "core" else None


def test_loaded_forecaster_is_equal_and_forecasts_the_same_bits(name, fitted, tmp_path):
    loaded = save_and_load(fitted, tmp_path, core_of(name))
    assert_same(loaded, fitted)
    pd.testing.assert_series_equal(loaded.predict(), fitted.predict(), check_exact=True)
    pd.testing.assert_series_equal(loaded.predict(y=monthly()[:-5]), fitted.predict(y=monthly()[:-5]), check_exact=True)
    pd.testing.assert_series_equal(loaded.predict(horizon=15), fitted.predict(horizon=15), check_exact=True)
    assert loaded.score(monthly(66)[60:]) == fitted.score(monthly(66)[60:])
    loaded.save(tmp_path / "again.tsattn")
    assert (tmp_path / "again.tsattn").read_bytes() == (tmp_path / "model.tsattn").read_bytes()


def test_new_process_forecasts_the_same(tmp_path):
    """To 1e-6. The files in `tests/files` check this for every forecaster."""
    model = FORECASTERS["transformer"](horizon=HORIZON).fit(monthly())
    model.save(tmp_path / "model.tsattn")
    code = "import sys, tsattn; print(*tsattn.load_forecaster(sys.argv[1]).predict().tolist())"
    command = [sys.executable, "-c", code, str(tmp_path / "model.tsattn")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    np.testing.assert_allclose([float(value) for value in answer.stdout.split()], model.predict(), rtol=1e-6)


def test_forecast_does_not_depend_on_previous_forecasts(tmp_path):
    """Calibration forecasts many windows at once; a loaded forecaster has made no forecast."""
    options = {"quantiles": (0.1, 0.9), "calibrate": True, "training": Training(**FAST, validation_fraction=0.3)}
    y = pd.DataFrame({"a": np.sin(np.arange(300) / 3), "b": np.cumsum(np.cos(np.arange(300.0) ** 2))}).set_axis(
        pd.date_range("2024", periods=300, freq="h"), axis=0
    )
    model = NETWORKS["transformer"](horizon=HORIZON, **options).fit(y)
    for other in (save_and_load(model, tmp_path), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(other.predict(), model.predict())
        np.testing.assert_array_equal(other.predict_windows(y, windows=9), model.predict_windows(y, windows=9))
        np.testing.assert_array_equal(other.predict_quantiles([0.1, 0.3]), model.predict_quantiles([0.1, 0.3]))


def linear(**options):
    return tsattn.LinearForecaster(HORIZON, **options)


HOURS = pd.date_range("2024-03-29", periods=120, freq="h", tz="Europe/Berlin", name="when")
WAVE = 20 + np.sin(np.arange(120) / 4) + np.arange(120) % 7


def times(index, name="load"):
    return pd.Series(WAVE[: len(index)], index=index, name=name)


def frame_with(columns, dtype="float64"):
    return pd.DataFrame({i: WAVE + i for i in range(len(columns))}, index=HOURS, dtype=dtype).set_axis(columns, axis=1)


def ids(keys, names=("shop",)):
    return pd.concat({key: times(HOURS[start:]) for start, key in enumerate(keys)}, names=[*names])


UUID = uuid.UUID(int=7)
FRAMES = {
    "a time zone": lambda: times(HOURS),
    "a fixed offset": lambda: times(HOURS.tz_convert(datetime.timezone(datetime.timedelta(hours=5, minutes=30)))),
    "UTC": lambda: times(HOURS.tz_convert("UTC")),
    "seconds": lambda: times(HOURS.as_unit("s")),
    "nanoseconds": lambda: times(HOURS.as_unit("ns")),
    "periods": lambda: times(pd.period_range("2020-01", periods=100, freq="M", name="m")),
    "periods of two weeks": lambda: times(pd.period_range("2020-01", periods=100, freq="2W-WED")),
    "integers": lambda: times(pd.Index(np.arange(100, 400, 3), name=5)),
    "a range": lambda: times(pd.RangeIndex(7, 307, 3, name=("a", 1))),
    "text": lambda: times(pd.Index(pd.date_range("2024-01-01", periods=90).strftime("%Y-%m-%d"))),
    "text as objects": lambda: times(
        pd.Index(pd.date_range("2024-01-01", periods=90).strftime("%Y-%m-%d"), dtype=object)
    ),
    "business days": lambda: times(pd.bdate_range("2024-01-01", periods=90)),
    "holidays": lambda: times(
        pd.bdate_range("2024-01-01", periods=90, freq="C", holidays=["2024-01-02", "2024-05-01"])
    ),
    "quarters": lambda: times(pd.date_range("2000-01-01", periods=90, freq="QE-FEB")),
    "no name": lambda: times(HOURS, None),
    "a tuple as name": lambda: times(HOURS, ("load", 3.5)),
    "a time as name": lambda: times(HOURS, pd.Timestamp("2024-01-01 05:00", tz="Europe/Berlin")),
    "nullable": lambda: times(HOURS).astype("Float64"),
    "nullable 32": lambda: times(HOURS).astype("Float32"),
    "nullable integers": lambda: times(HOURS).round().astype("Int64"),
    "float32": lambda: times(HOURS).astype("float32"),
    "missing values": lambda: times(HOURS).where(np.arange(120) % 11 > 0),
    "text columns": lambda: frame_with(["north", "ö", "\U0001f30d"]),
    "integer columns": lambda: frame_with([1, 2, 3]),
    "columns of all kinds": lambda: frame_with(
        pd.Index([None, 3, 2.5, True, "a", ("b", 1), np.int64(9), UUID, datetime.date(2024, 1, 1)], dtype=object)
    ),
    "more columns": lambda: frame_with(
        pd.Index(
            [
                datetime.datetime(2024, 1, 1),
                datetime.time(3),
                np.float32(0.1),
                np.inf,
                pd.Timedelta("1h"),
                np.str_("x"),
            ],
            dtype=object,
        )
    ),
    "columns of times": lambda: frame_with(pd.date_range("2024-01-01", periods=3, name="at")),
    "columns of durations": lambda: frame_with(pd.timedelta_range("1h", periods=3)),
    "columns of periods": lambda: frame_with(pd.period_range("2024-01", periods=3, freq="M")),
    "columns of intervals": lambda: frame_with(pd.interval_range(0, 3)),
    "columns of categories": lambda: frame_with(
        pd.CategoricalIndex(["b", "a"], categories=["c", "b", "a"], ordered=True)
    ),
    "columns of two levels": lambda: frame_with(pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", None])),
    "ids": lambda: ids("cab"),
    "integer ids": lambda: ids([30, 10, 20], [None]),
    "ids of all kinds": lambda: ids([1, "a", 2.5]),
    "uuids": lambda: ids([UUID, uuid.UUID(int=9)]),
    "ids of two levels": lambda: ids([("a", 1), ("a", 2), ("b", 1)], ["shop", "item"]),
    "categories as ids": lambda: (
        ids("cab").reset_index().astype({"shop": "category"}).set_index(["shop", "when"])["load"]
    ),
    "long": lambda: ids("ab", ["unique_id"]).rename("y").rename_axis(["unique_id", "ds"]).reset_index(),
    "long, reordered": lambda: (
        ids("ab").rename("y").rename_axis(["unique_id", "ds"]).reset_index()[["y", "ds", "unique_id"]]
    ),
    "long by id": lambda: ids("ab").rename("y").rename_axis(["unique_id", "ds"]).reset_index("ds"),
}


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
def test_every_kind_of_data_is_restored_exactly(make, tmp_path):
    y = make()
    for model in (linear(calibrate=np.True_), tsattn.SeasonalNaiveForecaster(HORIZON, season=5)):
        loaded = save_and_load(model.fit(y), tmp_path)
        (tmp_path / "model.tsattn").unlink()
        assert_same(loaded, model)
        check = pd.testing.assert_series_equal if isinstance(y, pd.Series) else pd.testing.assert_frame_equal
        check(loaded.predict(), model.predict(), check_exact=True)
        check(loaded.predict(y=y), model.predict(y=y), check_exact=True)


STEPS = {
    "months": pd.DateOffset(months=1),
    "days": datetime.timedelta(days=1),
    "alias": "MS",
    "begin": pd.offsets.MonthBegin(),
}


@pytest.mark.parametrize("freq", STEPS.values(), ids=STEPS)
def test_every_kind_of_step_is_restored(freq, tmp_path):
    y = monthly() if freq != STEPS["days"] else times(pd.date_range("2024-01-01", periods=60))
    model = linear(freq=freq).fit(y)
    assert_same(save_and_load(model, tmp_path), model)


@pytest.mark.parametrize("name", ["linear", "attention", "inverted", "ensemble"])
def test_covariates_categories_and_calendar_are_restored(name, tmp_path):
    """This includes static covariates, an unknown category, and rows after the end of the panel."""
    known = monthly_covariates(70).assign(
        grade=pd.Categorical(np.arange(70) % 3, categories=[0, 1, 2, 3], ordered=True)
    )
    known["size"] = pd.cut(known["price"], [-2, 0, 2])
    known["open"] = known["promo"] > 0
    known["cost"] = pd.array(known["promo"], dtype="Float64")
    options = {"past_covariates": ["price", "size"], "calendar": ("month", "quarter")}
    model = FORECASTERS[name](horizon=HORIZON, **options).fit(panel(), known, static=shops())
    loaded = save_and_load(model, tmp_path)
    assert_same(loaded, model)
    pd.testing.assert_series_equal(loaded.predict(), model.predict(), check_exact=True)
    pd.testing.assert_frame_equal(loaded.make_future_frame(), model.make_future_frame(), check_exact=True)
    other = panel()[["a", "b"]]
    pd.testing.assert_series_equal(
        loaded.predict(known, y=other, static=shops()), model.predict(known, y=other, static=shops()), check_exact=True
    )


@pytest.mark.parametrize("name", ["seq2seq", "linear", "ensemble"])
def test_quantiles_and_calibration_are_restored(name, tmp_path):
    options = {"validation_fraction": 0.3}
    if name != "linear":
        options = {"training": Training(**FAST, **options)}
    if name == "seq2seq":
        options["quantiles"] = [0.1, 0.9]
    if name == "ensemble":
        options["members"] = [NETWORKS["seq2seq"](horizon=HORIZON), linear()]
        options["members"][0].training = options["training"]
    model = FORECASTERS[name](horizon=HORIZON, calibrate=True, lookback=12, **options).fit(wide(150))
    loaded = save_and_load(model, tmp_path)
    assert_same(loaded, model)
    for call in (
        lambda model: model.predict_quantiles([0.05, 0.5, 0.95]),
        lambda model: model.predict_interval(0.5),
        lambda model: model.sample_paths(20, random_state=3),
        lambda model: model.predict_interval(0.5, y=wide(154)),
    ):
        pd.testing.assert_frame_equal(call(loaded), call(model), check_exact=True)


def test_arguments_changed_after_the_fit_are_restored(tmp_path):
    model = FORECASTERS["seq2seq"](horizon=HORIZON, decoding="recursive").fit(monthly())
    model.set_params(units=3, normalization=None, season=np.int64(4))
    loaded = save_and_load(model, tmp_path)
    assert_same(loaded, model)
    pd.testing.assert_series_equal(loaded.predict(), model.predict(), check_exact=True)


def test_loaded_network_can_be_fitted_further_and_again(tmp_path):
    model = FORECASTERS["transformer"](horizon=HORIZON, dropout=0.0).fit(monthly())
    before, loaded = model.predict(), save_and_load(model, tmp_path)
    pd.testing.assert_frame_equal(loaded.attention_weights(), model.attention_weights(), check_exact=True)
    one, other = (each.fit(monthly(), warm_start=True).predict() for each in (model, loaded))
    np.testing.assert_allclose(one, other, rtol=1e-3)
    pd.testing.assert_series_equal(loaded.fit(monthly()).predict(), before, check_exact=True)


def without(name, data):
    """The bytes of a file without an argument, as it was saved before this argument was added."""

    def remove(plain):
        if isinstance(plain, list):
            return [remove(part) for part in plain]
        if isinstance(plain, dict):
            return {key: remove(part) for key, part in plain.items() if key != name}
        return plain

    kind, members = unpack(data)
    plain = {part: encode_json(remove(json.loads(members[part]))) for part in (PARAMS, STATE)}
    assert all(plain[part] != members[part] for part in (PARAMS, STATE))
    return pack(kind, {}, {**members, **plain})


OLD = {
    "seq2seq": ("bidirectional", {}),
    "transformer": ("decoder_layers", {}),
    "core": ("calibrate", {}),
    "attention": ("decay", {"units": 3}),  # an argument of the Training
    "ensemble": ("positive", {}),  # of the ensemble and of its members
}


@pytest.mark.parametrize(("kind", "argument", "options"), [(kind, *rest) for kind, rest in OLD.items()], ids=OLD)
def test_an_argument_that_an_old_file_lacks_takes_its_default(kind, argument, options, tmp_path):
    """The file loads, forecasts, continues its training and is saved with all arguments."""
    model = FORECASTERS[kind](horizon=HORIZON, **options).fit(monthly())
    model.save(tmp_path / "model.tsattn")
    new = (tmp_path / "model.tsattn").read_bytes()
    (tmp_path / "old.tsattn").write_bytes(without(argument, new))
    loaded = load_forecaster(tmp_path / "old.tsattn", core=core_of(kind))
    assert_same(loaded, model)
    pd.testing.assert_series_equal(loaded.predict(), model.predict(), check_exact=True)
    loaded.save(tmp_path / "again.tsattn")
    assert (tmp_path / "again.tsattn").read_bytes() == new
    if kind in NETWORKS:
        loaded.fit(monthly(), warm_start=True).save(tmp_path / "further.tsattn")
    pd.testing.assert_series_equal(loaded.fit(monthly()).predict(), model.predict(), check_exact=True)


@pytest.mark.parametrize("argument", ["horizon", "unknown"])
def test_a_file_without_a_required_or_with_an_unknown_argument_is_rejected(argument, tmp_path):
    linear().fit(monthly()).save(tmp_path / "model.tsattn")
    kind, members = unpack((tmp_path / "model.tsattn").read_bytes())
    params = json.loads(members[PARAMS])
    if params.pop(argument, None) is None:
        params[argument] = 1
    (tmp_path / "model.tsattn").write_bytes(pack(kind, {}, {**members, PARAMS: encode_json(params)}))
    with pytest.raises(ModelFileError, match=rf"model.params is with other arguments, \['{argument}'\]"):
        load_forecaster(tmp_path / "model.tsattn")


class LinearCore(keras.layers.Layer):
    """A core that differs from the one in the table."""

    def __init__(self, units):
        super().__init__()
        self.dense = keras.layers.Dense(units)

    def call(self, patches, queries):
        return self.dense(patches[:, -1:]) + queries


class UserForecaster(tsattn.LinearForecaster):
    """A forecaster that is defined outside tsattn."""


def mean_error(y_true, y_pred):
    return keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)


def trained_on(loss):
    training = Training(**{**FAST, "epochs": 1}, loss=loss)
    return FORECASTERS["seq2seq"](horizon=HORIZON, training=training).fit(monthly())


NOT_SAVABLE = {
    "a function as loss": (lambda: trained_on(mean_error), "model.params.training.loss is <function mean_error"),
    "a loss object": (lambda: trained_on(keras.losses.Huber()), "model.params.training.loss is"),
    "a class of a user": (
        lambda: UserForecaster(HORIZON).fit(monthly()),
        r"test_model_file.UserForecaster, which a model file cannot store",
    ),
    "a name of another type": (lambda: linear().fit(monthly().rename(frozenset("a"))), "'?frozenset"),
    "an array as argument": (
        lambda: linear(past_covariates=np.array([])).fit(monthly()),
        "model.params.past_covariates is array",
    ),
    "two cores": (
        lambda: FORECASTERS["core"](horizon=HORIZON).fit(monthly()).set_params(core=lambda units: GatedCore(units)),
        "more than one `core`",
    ),
}


@pytest.mark.parametrize(("make", "message"), NOT_SAVABLE.values(), ids=NOT_SAVABLE)
def test_save_rejects_what_a_file_cannot_store(make, message, tmp_path):
    model = make()
    with pytest.raises(ModelFileError, match=message):
        model.save(tmp_path / "model.tsattn")
    assert list(tmp_path.iterdir()) == []


def test_save_checks_the_path_and_does_not_overwrite(tmp_path):
    model = linear().fit(monthly())
    with pytest.raises(ValueError, match=r"'model.zip' does not end in '\.tsattn'\. Add this suffix"):
        model.save("model.zip")
    with pytest.raises(FileNotFoundError, match=r"The folder .* does not exist"):
        model.save(tmp_path / "none" / "model.tsattn")
    with pytest.raises(NotFittedError):
        linear().save(tmp_path / "model.tsattn")
    path = tmp_path / "model.tsattn"
    model.save(str(path))
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match="overwrite=True"):
        linear(lookback=7).fit(monthly()).save(path)
    assert path.read_bytes() == before
    model.save(path, overwrite=True)
    assert path.read_bytes() == before  # equal models are saved as equal files
    link = tmp_path / "link.tsattn"
    link.symlink_to(path)
    linear(lookback=7).fit(monthly()).save(link, overwrite=True)
    assert link.is_symlink() and load_forecaster(path).lookback_ == 7
    assert sorted(part.name for part in tmp_path.iterdir()) == ["link.tsattn", "model.tsattn"]


def test_load_checks_the_path(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"The file .* does not exist"):
        load_forecaster(tmp_path / "model.tsattn")
    with pytest.raises(ValueError, match=r"does not end in '\.tsattn'\. Pass a file that `save` or"):
        load_forecaster(tmp_path / "model.keras")
    (tmp_path / "folder.tsattn").mkdir()
    with pytest.raises(ModelFileError, match="is not a regular file"):
        load_forecaster(tmp_path / "folder.tsattn")


def test_core_is_passed_to_load(tmp_path):
    FORECASTERS["core"](horizon=HORIZON).fit(monthly()).save(tmp_path / "core.tsattn")
    with pytest.raises(ModelFileError, match=r"contains no code.*core="):
        load_forecaster(tmp_path / "core.tsattn")
    with pytest.raises(ModelFileError, match="weights of the shapes"):
        load_forecaster(tmp_path / "core.tsattn", core=LinearCore)
    linear().fit(monthly()).save(tmp_path / "linear.tsattn")
    with pytest.raises(ModelFileError, match="LinearForecaster, which has no `core`"):
        load_forecaster(tmp_path / "linear.tsattn", core=GatedCore)
