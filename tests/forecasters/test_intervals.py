"""How sure a forecast is: quantiles, intervals and paths of every forecaster."""

import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, FORECASTERS, HORIZON, NETWORKS, monthly
from panel_table import long_frame

from tsattn import Training

LONG = monthly(120)
MANY = pd.concat({"a": LONG, "b": 300 - 2 * LONG[10:]}, names=["shop"])
SHAPES = {
    "one series": LONG,
    "two channels": pd.DataFrame({"north": LONG, "south": 300 - 2 * LONG}),
    "panel": MANY,
    "panel of two channels": pd.DataFrame({"x": MANY, "y": 500 - MANY}),
    "long frame": long_frame(MANY),
}
ASKED = {
    **{f"{name}, calibrated": (name, {"calibrate": True}) for name in ("seasonal_naive", "linear", "attention")},
    **{f"{name}, quantiles": (name, {"quantiles": (0.1, 0.9)}) for name in NETWORKS},
    "seq2seq, both": ("seq2seq", {"quantiles": (0.1, 0.9), "calibrate": True}),
}
SMALL = ("linear, calibrated", "seq2seq, quantiles")


def make(asked, fraction=0.3, **options):
    name, arguments = ASKED[asked]
    if "training" in FORECASTERS[name](horizon=HORIZON).get_params():
        fraction = {"training": Training(**{**FAST, "validation_fraction": fraction})}
    else:
        fraction = {"validation_fraction": fraction}
    return FORECASTERS[name](**{"horizon": HORIZON, **arguments, **fraction, **options})


@pytest.fixture(scope="module", params=ASKED)
def model(request):
    """Each forecaster that can say how sure it is, fitted once on a Series."""
    return make(request.param).fit(LONG)


def test_quantiles_are_columns_that_never_cross(model):
    quantiles = model.predict_quantiles()
    pd.testing.assert_index_equal(quantiles.index, model.predict().index)
    pd.testing.assert_index_equal(quantiles.columns, pd.Index([0.1, 0.5, 0.9], name="quantile"))
    assert np.isfinite(quantiles).all(axis=None)
    levels = np.linspace(0.1, 0.9, 17)
    many = model.predict_quantiles(levels)
    assert (np.diff(many, axis=1) >= 0).all() and (many[0.9] > many[0.1]).all()
    np.testing.assert_allclose(many[[0.1, 0.5, 0.9]], quantiles, rtol=1e-6)
    assert list(model.predict_quantiles([0.8, 0.2]).columns) == [0.8, 0.2]
    pd.testing.assert_series_equal(model.predict_quantiles(0.8)[0.8], model.predict_quantiles([0.8, 0.2])[0.8])


def test_the_median_is_the_forecast_unless_it_was_moved(model):
    median, forecast = model.predict_quantiles()[0.5], model.predict()
    if model.calibrate:
        assert np.abs(median - forecast).max() < LONG.std()
    else:
        np.testing.assert_allclose(median, forecast, rtol=1e-12)


def test_an_interval_lies_between_two_quantiles(model):
    interval = model.predict_interval(0.8)
    pd.testing.assert_index_equal(interval.columns, pd.Index(["lower", "upper"], name="bound"))
    np.testing.assert_allclose(interval, model.predict_quantiles([0.1, 0.9]), rtol=1e-6)
    narrow = model.predict_interval(0.4)
    assert (narrow["lower"] >= interval["lower"]).all() and (narrow["upper"] <= interval["upper"]).all()


def test_paths_are_repeatable_and_distributed_as_the_quantiles_say(model):
    paths = model.sample_paths(3000, random_state=0)
    pd.testing.assert_index_equal(paths.index, model.predict().index)
    pd.testing.assert_index_equal(paths.columns, pd.RangeIndex(3000, name="path"))
    pd.testing.assert_frame_equal(model.sample_paths(3000, random_state=0), paths, check_exact=True)
    assert not np.allclose(model.sample_paths(3000, random_state=1), paths)
    levels = [0.15, 0.3, 0.5, 0.7, 0.85]
    found, told = paths.quantile(levels, axis=1).T.to_numpy(), model.predict_quantiles(levels).to_numpy()
    width = (told[:, -1] - told[:, 0])[:, None]
    below = [np.mean(paths.to_numpy() < told[:, [place]], axis=1) for place in range(5)]
    np.testing.assert_allclose(np.transpose(below), np.tile(levels, (HORIZON, 1)), atol=0.05)
    assert (np.abs(found - told) / width < 0.25).all()
    assert model.sample_paths().shape == (HORIZON, 100)


def test_another_history_has_its_own(model):
    earlier = model.predict_quantiles(y=LONG[:-5])
    assert earlier.index[0] == LONG.index[-5]
    assert not np.allclose(earlier, model.predict_quantiles())
    pd.testing.assert_frame_equal(model.predict_interval(0.6, y=LONG), model.predict_interval(0.6), rtol=1e-6)


IN_SHAPES = [*((name, shape) for name in ("linear", "seasonal_naive") for shape in SHAPES)]


@pytest.mark.parametrize("name, shape", [*IN_SHAPES, ("attention", "panel of two channels")])
def test_every_shape_has_the_labels_below_its_channels(name, shape):
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
            middle = table[channel].median(axis=1)
            distances = {other: np.abs(middle - forecast[other]).mean() for other in channels}
            assert min(distances, key=distances.get) == channel


def test_calibration_gives_intervals_the_width_of_the_errors():
    """The last value of noise is wrong by the difference of two values: a normal number of variance 2."""
    y = pd.Series(np.random.default_rng(0).normal(size=2000), name="noise")
    model = FORECASTERS["seasonal_naive"](horizon=2, season=1, calibrate=True, validation_fraction=0.5).fit(y)
    ends = range(500, 900, 2)
    intervals = np.stack([model.predict_interval(0.8, y=y[:end]) for end in ends])
    came = np.stack([y[end : end + 2] for end in ends])
    assert np.mean(np.diff(intervals)) == pytest.approx(2 * 1.28 * 2**0.5, rel=0.1)
    assert 0.75 < np.mean((intervals[..., 0] <= came) & (came <= intervals[..., 1])) < 0.85


def width(interval):
    return float(np.mean(interval["upper"] - interval["lower"]))


# Sixty months more, of which every second is three times as high.
LATER = monthly(180) * np.where(np.arange(180) < 120, 1, np.resize([1, 3], 180))
BESIDE = pd.DataFrame({"price": range(180 + HORIZON)}, index=monthly(180 + HORIZON).index)


@pytest.mark.parametrize("asked", ["seasonal_naive, calibrated", "linear, calibrated", "seq2seq, both"])
def test_what_came_since_the_fit_calibrates_too(asked):
    """A history that went wild makes the intervals wider: as wide as those of a fit that was calibrated on it too."""
    model = make(asked, season=1, lookback=8).fit(LONG)
    calm, wild = model.predict_interval(0.6), model.predict_interval(0.6, y=LATER)
    assert width(wild) > 1.5 * width(calm)
    pd.testing.assert_frame_equal(model.predict_interval(0.6), calm)  # it was for this call alone
    later = model._origins(None, LATER, None, HORIZON, whole=True).windows_since(model.layout_)
    assert len(later) == 60 and later.gather([59])[1].shape[1] == HORIZON
    windows = model.error_distribution_.windows
    assert model._with_distribution(None, LATER, None)[1].windows == windows + 60
    paths = model.sample_paths(200, y=LATER, random_state=0)
    assert paths.quantile(0.8, axis=1).mean() == pytest.approx(wild["upper"].mean(), rel=0.2)


def test_of_series_never_seen_all_windows_calibrate():
    model = make("linear, calibrated", season=1, lookback=8).fit(MANY)
    calm, wild = 1.0 * LONG, LATER * np.resize([1, 4], len(LATER))
    known = model.predict_interval(0.6, y=pd.concat({"a": calm}, names=["shop"]))
    np.testing.assert_allclose(known, model.predict_interval(0.6).loc[["a"]])
    assert width(model.predict_interval(0.6, y=pd.concat({"new": wild}, names=["shop"]))) > 2 * width(known)


def test_a_history_off_the_fitted_grid_has_its_intervals():
    """Only the step is fitted, not the phase: what `predict` takes, `predict_interval` takes."""
    even = pd.Series(LONG.to_numpy(), pd.RangeIndex(0, 240, 2), name="v")
    model = make("linear, calibrated").fit(even)
    odd = even.set_axis(even.index + 101)
    interval = model.predict_interval(0.6, y=odd)
    assert interval.index.equals(model.predict(y=odd).index)
    later = model._origins(None, odd, None, HORIZON, whole=True).windows_since(model.layout_)
    assert len(later) == 51  # the last of the rows 101, 103, ..., 339 that lie after 238


def test_windows_calibrate_whose_covariates_were_passed():
    model = make("linear, calibrated", season=1, lookback=8).fit(LONG, BESIDE[: len(LONG)])
    since = lambda beside: model._origins(beside, LATER, None, HORIZON, whole=True).windows_since(model.layout_)  # noqa: E731
    assert len(since(BESIDE)) == 60
    assert len(since(BESIDE[-8 - HORIZON :])) == 0
    some = BESIDE[-20 - HORIZON :]
    assert len(since(some)) == 20 - 8 - HORIZON + 1
    assert np.isfinite(since(some).gather(np.arange(5))[0]["known"]).all()
    assert width(model.predict_interval(0.6, BESIDE, y=LATER)) > width(model.predict_interval(0.6, some, y=LATER))


REFUSED = {
    "coverage 0": (lambda model: model.predict_interval(0), "`coverage` is 0"),
    "coverage 1": (lambda model: model.predict_interval(1.0), r"`coverage` is 1\.0"),
    "coverage 95": (lambda model: model.predict_interval(95), "`coverage` is 95"),
    "coverage True": (lambda model: model.predict_interval(True), "`coverage` is True"),
    "coverage of text": (lambda model: model.predict_interval("0.9"), "`coverage` is '0.9'"),
    "coverage too wide": (
        lambda model: model.predict_interval(0.9999),
        "coverage of 0.9999 needs.*(wider `quantiles`|narrower range)",
    ),
    "level 0": (lambda model: model.predict_quantiles([0.0, 0.5]), r"level.*0\.0.*outside"),
    "level 1": (lambda model: model.predict_quantiles(1.0), r"level.*1\.0.*outside"),
    "level of text": (lambda model: model.predict_quantiles(["0.5"]), "levels such as.*'0.5'"),
    "no levels": (lambda model: model.predict_quantiles([]), "level"),
    "no paths": (lambda model: model.sample_paths(0), "`n` is 0"),
    "half a path": (lambda model: model.sample_paths(2.5), r"`n` is 2\.5"),
}


@pytest.fixture(scope="module", params=SMALL)
def small(request):
    """A calibrated forecaster and one with quantiles."""
    return make(request.param).fit(LONG)


@pytest.mark.parametrize("call, words", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_asked(small, call, words):
    with pytest.raises(ValueError, match=words):
        call(small)


def test_trained_levels_are_as_far_as_quantiles_go():
    model = make("seq2seq, quantiles").fit(LONG)
    with pytest.raises(ValueError, match=r"range, 0\.1 to 0\.9"):
        model.predict_quantiles([0.05])


@pytest.mark.parametrize("name", ["linear", "seq2seq"])
def test_a_forecaster_that_was_not_asked_says_what_to_ask(name):
    model = FORECASTERS[name](horizon=HORIZON).fit(LONG)
    for call in (model.predict_quantiles, model.predict_interval, model.sample_paths):
        with pytest.raises(ValueError, match=r"calibrate=True.*quantiles=\(0\.1, 0\.5, 0\.9\)"):
            call()


@pytest.mark.parametrize("asked", ["seasonal_naive, calibrated", "linear, calibrated", "attention, calibrated"])
def test_calibration_needs_windows_that_were_held_out(asked):
    cases = [(make(asked, fraction=0.0), LONG)]
    if asked != "seasonal_naive, calibrated":  # it does not learn: every window is held out
        cases.append((make(asked, lookback=9, season=1), LONG[:16]))
    for model, y in cases:
        with pytest.raises(ValueError, match=r"`calibrate` needs held-out windows, but there are none"):
            model.fit(y)


def test_an_interval_that_few_windows_back_is_warned_of():
    model = make("linear, calibrated", fraction=0.05).fit(LONG)
    with pytest.warns(UserWarning, match=r"calibrated on 1 held-out window.*at most 0\.00, not 0\.9.*Raise"):
        model.predict_interval()


@pytest.mark.parametrize("quantiles", [(), 0.5, (0.5,), (0.0, 0.9), (0.1, 1.2), ("0.1",), "wide"])
def test_quantiles_that_cannot_be_learnt(quantiles):
    with pytest.raises(ValueError, match=r"`quantiles` is .*levels between 0 and 1"):
        FORECASTERS["seq2seq"](horizon=HORIZON, quantiles=quantiles).fit(LONG)


@pytest.mark.parametrize("asked", SMALL)
def test_nothing_positive_is_forecast_below_zero(asked):
    falling = pd.Series(np.linspace(100, 0.5, 120) + np.random.default_rng(0).random(120), index=LONG.index)
    free = make(asked).fit(falling)
    assert free.predict_quantiles([0.2])[0.2].min() < 0
    model = make(asked, positive=True).fit(falling)
    for table in (model.predict(), model.predict(horizon=24), model.predict_quantiles(), model.sample_paths(50)):
        assert table.to_numpy().min() >= 0
    np.testing.assert_allclose(model.predict_quantiles(), free.predict_quantiles().clip(lower=0.0), rtol=1e-6)
    falling.iloc[50] = -3.0
    for call in (model.fit, lambda y: model.predict(y=y)):
        with pytest.raises(ValueError, match="has the value -3, but `positive` is True"):
            call(falling)
