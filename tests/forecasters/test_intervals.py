"""Quantiles, prediction intervals and sample paths of every forecaster."""

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, FORECASTERS, HORIZON, NETWORKS, monthly
from panel_table import long_frame

from tsattn import Training

LONG = monthly(120)
PANEL = pd.concat({"a": LONG, "b": 300 - 2 * LONG[10:]}, names=["shop"])
SHAPES = {
    "one series": LONG,
    "two channels": pd.DataFrame({"north": LONG, "south": 300 - 2 * LONG}),
    "panel": PANEL,
    "panel of two channels": pd.DataFrame({"x": PANEL, "y": 500 - PANEL}),
    "long frame": long_frame(PANEL),
}
MODELS = {
    **{f"{name}, calibrated": (name, {"calibrate": True}) for name in ("seasonal_naive", "linear", "attention")},
    **{f"{name}, quantiles": (name, {"quantiles": (0.1, 0.9)}) for name in NETWORKS},
    "seq2seq, both": ("seq2seq", {"quantiles": (0.1, 0.9), "calibrate": True}),
}
FEW_MODELS = ("linear, calibrated", "seq2seq, quantiles")


def make(key, fraction=0.3, **options):
    name, arguments = MODELS[key]
    if "training" in FORECASTERS[name](horizon=HORIZON).get_params():
        fraction = {"training": Training(**{**FAST, "validation_fraction": fraction})}
    else:
        fraction = {"validation_fraction": fraction}
    return FORECASTERS[name](**{"horizon": HORIZON, **arguments, **fraction, **options})


@pytest.fixture(scope="module", params=MODELS)
def model(request):
    """A forecaster with quantiles or calibration, fitted to a Series."""
    return make(request.param).fit(LONG)


def test_quantiles_are_columns_and_do_not_cross(model):
    quantiles = model.predict_quantiles()
    pd.testing.assert_index_equal(quantiles.index, model.predict().index)
    pd.testing.assert_index_equal(quantiles.columns, pd.Index([0.1, 0.5, 0.9], name="quantile"))
    assert np.isfinite(quantiles).all(axis=None)
    levels = np.linspace(0.1, 0.9, 17)
    interpolated = model.predict_quantiles(levels)
    assert (np.diff(interpolated, axis=1) >= 0).all() and (interpolated[0.9] > interpolated[0.1]).all()
    np.testing.assert_allclose(interpolated[[0.1, 0.5, 0.9]], quantiles, rtol=1e-6)
    assert list(model.predict_quantiles([0.8, 0.2]).columns) == [0.8, 0.2]
    pd.testing.assert_series_equal(model.predict_quantiles(0.8)[0.8], model.predict_quantiles([0.8, 0.2])[0.8])


def test_median_is_the_forecast_unless_calibrated(model):
    median, forecast = model.predict_quantiles()[0.5], model.predict()
    if model.calibrate:
        assert np.abs(median - forecast).max() < LONG.std()
    else:
        np.testing.assert_allclose(median, forecast, rtol=1e-12)


def test_interval_is_a_pair_of_quantiles(model):
    interval = model.predict_interval(0.8)
    pd.testing.assert_index_equal(interval.columns, pd.Index(["lower", "upper"], name="bound"))
    np.testing.assert_allclose(interval, model.predict_quantiles([0.1, 0.9]), rtol=1e-6)
    narrow = model.predict_interval(0.4)
    assert (narrow["lower"] >= interval["lower"]).all() and (narrow["upper"] <= interval["upper"]).all()


def test_paths_are_reproducible_and_have_the_quantiles(model):
    paths = model.sample_paths(3000, random_state=0)
    pd.testing.assert_index_equal(paths.index, model.predict().index)
    pd.testing.assert_index_equal(paths.columns, pd.RangeIndex(3000, name="path"))
    pd.testing.assert_frame_equal(model.sample_paths(3000, random_state=0), paths, check_exact=True)
    assert not np.allclose(model.sample_paths(3000, random_state=1), paths)
    levels = [0.15, 0.3, 0.5, 0.7, 0.85]
    empirical, quantiles = paths.quantile(levels, axis=1).T.to_numpy(), model.predict_quantiles(levels).to_numpy()
    width = (quantiles[:, -1] - quantiles[:, 0])[:, None]
    below = [np.mean(paths.to_numpy() < quantiles[:, [column]], axis=1) for column in range(5)]
    np.testing.assert_allclose(np.transpose(below), np.tile(levels, (HORIZON, 1)), atol=0.05)
    assert (np.abs(empirical - quantiles) / width < 0.25).all()
    assert model.sample_paths().shape == (HORIZON, 100)


def test_another_history_has_other_quantiles(model):
    earlier = model.predict_quantiles(y=LONG[:-5])
    assert earlier.index[0] == LONG.index[-5]
    assert not np.allclose(earlier, model.predict_quantiles())
    pd.testing.assert_frame_equal(model.predict_interval(0.6, y=LONG), model.predict_interval(0.6), rtol=1e-6)


NAMES_AND_SHAPES = [(name, shape) for name in ("linear", "seasonal_naive") for shape in SHAPES]


@pytest.mark.parametrize("name, shape", [*NAMES_AND_SHAPES, ("attention", "panel of two channels")])
def test_columns_are_channels_and_labels(name, shape):
    model = make(f"{name}, calibrated").fit(SHAPES[shape])
    forecast = model.predict()
    tables = {
        "quantile": (model.predict_quantiles([0.2, 0.5, 0.8]), [0.2, 0.5, 0.8]),
        "bound": (model.predict_interval(0.6), ["lower", "upper"]),
        "path": (model.sample_paths(4, random_state=0), [0, 1, 2, 3]),
    }
    for label, (table, names) in tables.items():
        if isinstance(forecast, pd.DataFrame) and "ds" in forecast:
            for column in ("unique_id", "ds"):
                pd.testing.assert_series_equal(table[column], forecast[column])
            assert list(table.columns) == ["unique_id", "ds", *names]
            continue
        pd.testing.assert_index_equal(table.index, forecast.index)
        channels = list(forecast.columns) if isinstance(forecast, pd.DataFrame) else [None]
        expected = [(channel, name) for channel in channels for name in names] if len(channels) > 1 else names
        assert (list(table.columns), table.columns.names[-1]) == (expected, label)
        for channel in channels if len(channels) > 1 else ():
            median = table[channel].median(axis=1)
            distances = {other: np.abs(median - forecast[other]).mean() for other in channels}
            assert min(distances, key=distances.get) == channel


def test_calibrated_intervals_have_the_width_of_the_errors():
    """The error of the last value as a forecast of white noise is normal with variance 2."""
    y = pd.Series(np.random.default_rng(0).normal(size=2000), name="noise")
    model = FORECASTERS["seasonal_naive"](horizon=2, season=1, calibrate=True, validation_fraction=0.5).fit(y)
    ends = range(500, 900, 2)
    intervals = np.stack([model.predict_interval(0.8, y=y[:end]) for end in ends])
    actual = np.stack([y[end : end + 2] for end in ends])
    assert np.mean(np.diff(intervals)) == pytest.approx(2 * 1.28 * 2**0.5, rel=0.1)
    assert 0.75 < np.mean((intervals[..., 0] <= actual) & (actual <= intervals[..., 1])) < 0.85


def width(interval):
    return float(np.mean(interval["upper"] - interval["lower"]))


# Another sixty months, of which every second one is three times as high.
LATER = monthly(180) * np.where(np.arange(180) < 120, 1, np.resize([1, 3], 180))
COVARIATES = pd.DataFrame({"price": range(180 + HORIZON)}, index=monthly(180 + HORIZON).index)


@pytest.mark.parametrize("key", ["seasonal_naive, calibrated", "linear, calibrated", "seq2seq, both"])
def test_calibration_includes_steps_since_the_fit(key):
    """Intervals are wider if the history has become volatile."""
    model = make(key, season=1, lookback=8).fit(LONG)
    interval, volatile = model.predict_interval(0.6), model.predict_interval(0.6, y=LATER)
    assert width(volatile) > 1.5 * width(interval)
    pd.testing.assert_frame_equal(model.predict_interval(0.6), interval)  # the fitted calibration is unchanged
    later = model._origins(None, LATER, None, HORIZON, full_history=True).windows_since(model.layout_)
    assert len(later) == 60 and later.gather([59])[1].shape[1] == HORIZON
    windows = model.error_distribution_.windows
    assert model._with_distribution(None, LATER, None)[1].windows == windows + 60
    paths = model.sample_paths(200, y=LATER, random_state=0)
    assert paths.quantile(0.8, axis=1).mean() == pytest.approx(volatile["upper"].mean(), rel=0.2)


def test_calibration_includes_all_windows_of_series_that_were_not_fitted():
    model = make("linear, calibrated", season=1, lookback=8).fit(PANEL)
    volatile = LATER * np.resize([1, 4], len(LATER))
    known = model.predict_interval(0.6, y=pd.concat({"a": 1.0 * LONG}, names=["shop"]))
    np.testing.assert_allclose(known, model.predict_interval(0.6).loc[["a"]])
    assert width(model.predict_interval(0.6, y=pd.concat({"new": volatile}, names=["shop"]))) > 2 * width(known)


def test_history_off_the_fitted_grid_has_intervals():
    """Like `predict`, `predict_interval` requires the fitted step, but not its phase."""
    even = pd.Series(LONG.to_numpy(), pd.RangeIndex(0, 240, 2), name="v")
    model = make("linear, calibrated").fit(even)
    odd = even.set_axis(even.index + 101)
    interval = model.predict_interval(0.6, y=odd)
    assert interval.index.equals(model.predict(y=odd).index)
    later = model._origins(None, odd, None, HORIZON, full_history=True).windows_since(model.layout_)
    assert len(later) == 51  # of the rows 101, 103, ..., 339, those after 238


def test_calibration_includes_windows_with_covariates_only():
    model = make("linear, calibrated", season=1, lookback=8).fit(LONG, COVARIATES[: len(LONG)])

    def windows_with(covariates):
        origins = model._origins(covariates, LATER, None, HORIZON, full_history=True)
        return origins.windows_since(model.layout_)

    assert len(windows_with(COVARIATES)) == 60
    assert len(windows_with(COVARIATES[-8 - HORIZON :])) == 0
    last = COVARIATES[-20 - HORIZON :]
    assert len(windows_with(last)) == 20 - 8 - HORIZON + 1
    assert np.isfinite(windows_with(last).gather(np.arange(5))[0]["known"]).all()
    assert width(model.predict_interval(0.6, COVARIATES, y=LATER)) > width(model.predict_interval(0.6, last, y=LATER))


INVALID_CALLS = {
    "coverage 0": (lambda model: model.predict_interval(0), "`coverage` is 0"),
    "coverage 1": (lambda model: model.predict_interval(1.0), r"`coverage` is 1\.0"),
    "coverage 95": (lambda model: model.predict_interval(95), "`coverage` is 95"),
    "coverage True": (lambda model: model.predict_interval(True), "`coverage` is True"),
    "coverage of text": (lambda model: model.predict_interval("0.9"), "`coverage` is '0.9'"),
    "coverage too wide": (
        lambda model: model.predict_interval(0.9999),
        r"`coverage` is 0.9999, which needs the quantiles \[5e-05, 0.99995\], outside the"
        " (trained range of .*wider `quantiles`|calibrated range of .*narrower range)",
    ),
    "level 0": (
        lambda model: model.predict_quantiles([0.0, 0.5]),
        r"`quantiles` is \[0\.0, 0\.5\], outside the (trained|calibrated) range",
    ),
    "level 1": (
        lambda model: model.predict_quantiles(1.0),
        r"`quantiles` is \[1\.0\], outside the (trained|calibrated) range",
    ),
    "level of text": (
        lambda model: model.predict_quantiles(["0.5"]),
        r"`quantiles` is \['0.5'\], but must be levels such as",
    ),
    "no levels": (lambda model: model.predict_quantiles([]), r"`quantiles` is \[\], but must be levels"),
    "no paths": (lambda model: model.sample_paths(0), "`n` is 0"),
    "half a path": (lambda model: model.sample_paths(2.5), r"`n` is 2\.5"),
}


@pytest.fixture(scope="module", params=FEW_MODELS)
def one_of_few(request):
    """A calibrated forecaster, or one with quantiles."""
    return make(request.param).fit(LONG)


@pytest.mark.parametrize("call, message", INVALID_CALLS.values(), ids=INVALID_CALLS)
def test_invalid_call_raises(one_of_few, call, message):
    with pytest.raises(ValueError, match=message):
        call(one_of_few)


def test_levels_outside_the_trained_range_raise():
    model = make("seq2seq, quantiles").fit(LONG)
    with pytest.raises(ValueError, match=r"outside the trained range of 0\.1 to 0\.9"):
        model.predict_quantiles([0.05])


@pytest.mark.parametrize("name", ["linear", "seq2seq"])
def test_point_forecaster_has_no_quantiles(name):
    model = FORECASTERS[name](horizon=HORIZON).fit(LONG)
    for call in (model.predict_quantiles, model.predict_interval, model.sample_paths):
        with pytest.raises(ValueError, match=r"calibrate=True.*quantiles=\(0\.1, 0\.5, 0\.9\)"):
            call()


@pytest.mark.parametrize("key", ["seasonal_naive, calibrated", "linear, calibrated", "attention, calibrated"])
def test_calibration_needs_held_out_windows(key):
    cases = [(make(key, fraction=0.0), LONG)]
    if key != "seasonal_naive, calibrated":  # it is not trained, so it can hold out all windows
        cases.append((make(key, lookback=9, season=1), LONG[:16]))
    for model, y in cases:
        with pytest.raises(ValueError, match=r"`calibrate` needs held-out windows, but there are none"):
            model.fit(y)


def test_interval_from_few_windows_emits_a_warning():
    model = make("linear, calibrated", fraction=0.05).fit(LONG)
    with pytest.warns(UserWarning, match=r"calibrated on 1 held-out window.*at most 0\.00, not 0\.9.*Increase"):
        model.predict_interval()


@pytest.mark.parametrize("quantiles", [(), 0.5, (0.5,), (0.0, 0.9), (0.1, 1.2), ("0.1",), "wide"])
def test_invalid_quantiles_raise(quantiles):
    with pytest.raises(ValueError, match=r"`quantiles` is .*levels between 0 and 1"):
        FORECASTERS["seq2seq"](horizon=HORIZON, quantiles=quantiles).fit(LONG)


@pytest.mark.parametrize("key", FEW_MODELS)
def test_positive_clips_forecasts_and_rejects_negative_values(key):
    falling = pd.Series(np.linspace(100, 0.5, 120) + np.random.default_rng(0).random(120), index=LONG.index)
    unclipped = make(key).fit(falling)
    assert unclipped.predict_quantiles([0.2])[0.2].min() < 0
    model = make(key, positive=True).fit(falling)
    for table in (model.predict(), model.predict(horizon=24), model.predict_quantiles(), model.sample_paths(50)):
        assert table.to_numpy().min() >= 0
    np.testing.assert_allclose(model.predict_quantiles(), unclipped.predict_quantiles().clip(lower=0.0), rtol=1e-6)
    falling.iloc[50] = -3.0
    for call in (model.fit, lambda y: model.predict(y=y)):
        with pytest.raises(ValueError, match=r"`y` is -3\.0 at 2024-\d\d-\d\d.*, but `positive` is True"):
            call(falling)
