"""Record forecasts of the imported version of tsattn, to compare them with those of another commit.

    PYTHONPATH=CHECKOUT python benchmarks/trust/forecast_cases.py OUTPUT GROUP ...

The script uses only public names of tsattn and imports no other module of this checkout, so that it runs with other
commits.
The output is a pickled dict: "package" is the path of the package, "groups" maps each group to its cases by name.
"""

import functools
import pathlib
import pickle
import sys
import tempfile
import warnings

import keras
import numpy as np
import pandas as pd

import tsattn

HORIZON = 12
PACKAGE = pathlib.Path(tsattn.__file__).parent
FAMILIES = {
    "seq2seq": (tsattn.Seq2SeqForecaster, {}),
    "attention": (tsattn.AttentionForecaster, {}),
    "transformer": (tsattn.TransformerForecaster, {"heads": 2}),
}
SIMPLE = {"linear": tsattn.LinearForecaster, "seasonal_naive": tsattn.SeasonalNaiveForecaster}
ERROR = "error"  # name of the case that has the error of a group
DURATIONS = ("fit_seconds", "predict_ms")  # columns of the leaderboard that differ from run to run
WORDS = ("note",)  # columns of the tests whose wording may differ between commits


class GRUCore(keras.layers.Layer):
    """A core that is not part of tsattn."""

    def __init__(self, units):
        super().__init__()
        self.encoder = keras.layers.GRU(units)
        self.mix = keras.layers.Dense(units, activation="relu")

    def call(self, patches, queries):
        return self.mix(self.encoder(patches)[:, None] + queries)


def training(**options):
    """Return a short training."""
    return tsattn.Training(**{"epochs": 2, "batches_per_epoch": 8, "random_state": 0, "verbose": 0, **options})


@functools.cache
def monthly():
    """Return a monthly Series."""
    return tsattn.load_dataset("air_passengers")


@functools.cache
def wide():
    """Return a wide DataFrame of three channels."""
    return tsattn.load_dataset("weather").iloc[:400, :3]


@functools.cache
def panel():
    """Return a panel of three series with different lengths and scales."""
    y = monthly()
    return pd.concat({"a": y, "b": 3 * y[20:], "c": 900 - y[:-6]}, names=["shop", "month"])


@functools.cache
def covariates():
    """Return covariates of the monthly Series, known 12 months ahead."""
    months = pd.date_range(monthly().index[0], periods=len(monthly()) + HORIZON, freq="MS")
    columns = {
        "strike": months.month == 5,
        "price": np.linspace(9, 12, len(months)),
        "kind": np.where(months.month % 3 == 0, "x", "y"),
    }
    return pd.DataFrame(columns, index=months)


def family(family, **options):
    """Yield the cases of a network with patches: direct decoding, all kinds of data, and uncertainty."""

    def build(**changes):
        common = {"horizon": HORIZON, "units": 8, "fallback": False, "training": training()}
        return family(**{**common, **options, **changes})

    y = monthly()
    model = build().fit(y)
    yield "direct", model.predict()
    yield "longer horizon", model.predict(horizon=30)
    yield "other history", model.predict(y=y[:-5])
    yield "weights", [np.asarray(weight) for weight in model.network_.weights]
    yield "training history", model.training_history_
    yield "score", build().fit(y[:-HORIZON]).score(y[-HORIZON:])
    yield "warm start", model.fit(y[:-HORIZON], warm_start=True).predict()

    model = build().fit(panel())
    yield "panel", model.predict()
    yield "new series of a panel", model.predict(y=pd.concat({"new": 0.1 * y}, names=["shop", "month"]))

    model = build(calendar=("month",), past_covariates=["price"]).fit(y, covariates())
    yield "covariates", model.predict()
    yield "future frame", model.make_future_frame()

    yield "quantiles", build(quantiles=(0.1, 0.9)).fit(y).predict_quantiles([0.1, 0.3, 0.5, 0.9])
    calibrated = {"calibrate": True, "quantiles": (0.1, 0.5, 0.9), "training": training(validation_fraction=0.3)}
    model = build(**calibrated).fit(y)
    yield "calibrated interval", model.predict_interval(0.8)
    yield "sample paths", model.sample_paths(7, random_state=0)
    yield "windows", model.predict_windows(y, windows=4, stride=2, quantiles=[0.2, 0.8])

    yield "mixed channels", build(mix_channels=True).fit(wide()).predict()
    options_of_training = {"epochs": 4, "average_weights": False, "loss": "mse", "input_noise": 1.0, "batch_size": 16}
    yield "squared error and noise", build(training=training(**options_of_training)).fit(wide().iloc[:, 0]).predict()
    model = build(fallback=True, shortcut=False).fit(y)
    yield "fallback", model.predict()
    yield "kind of fallback", model.fallback_


def decoding(family, **options):
    """Yield the cases of recursive decoding and of attention weights."""
    y = monthly()
    common = {"horizon": HORIZON, "units": 8, "fallback": False, **options}
    textbook = {**common, "decoding": "recursive", "lookback": 24, "normalization": None, "dropout": 0.0}
    if family is not tsattn.TransformerForecaster:
        textbook["embedding"] = None
    forced = training(teacher_forcing=1.0, input_noise=0)
    yield "recursive", family(**textbook, patch_size=1, training=forced).fit(y).predict()
    model = family(**textbook, patch_size=2, training=training(teacher_forcing=(1.0, 0.0))).fit(y)
    yield "recursive patches", model.predict()
    yield "teacher-forced windows", model.predict_windows_taught(y, windows=3)
    if family is not tsattn.Seq2SeqForecaster:
        yield "attention weights", family(**common, training=training()).fit(y).attention_weights()


def inverted():
    """Yield the cases of the inverted Transformer."""
    common = {"horizon": HORIZON, "units": 8, "heads": 2, "fallback": False, "training": training()}
    model = tsattn.InvertedTransformerForecaster(**common, calendar=("month",)).fit(monthly(), covariates())
    yield "covariates", model.predict()
    yield "attention weights", model.attention_weights()
    model = tsattn.InvertedTransformerForecaster(**common).fit(wide())
    yield "channels", model.predict()
    yield "rollout", model.attention_weights(rollout=True)
    model = tsattn.TransformerForecaster(**common).fit(monthly())
    yield "rollout of the Transformer", model.attention_weights(rollout=True)


def simple(family):
    """Yield the cases of a forecaster without a network."""
    y = monthly()
    gaps = y.copy()
    gaps.iloc[[5, 60, 61, 100]] = np.nan
    yield "series", family(HORIZON).fit(y).predict()
    yield "panel", family(HORIZON).fit(panel()).predict()
    yield "calibrated interval", family(HORIZON, calibrate=True).fit(y, covariates()).predict_interval(0.8)
    yield "channels", family(24).fit(wide()).predict()
    yield "gaps", family(HORIZON).fit(gaps).predict()
    yield "positive", family(HORIZON, positive=True).fit(y).predict()


def ensemble():
    """Yield the cases of the ensemble."""
    y = monthly()
    model = tsattn.EnsembleForecaster(HORIZON, training=training()).fit(y)
    yield "default members", model.predict()
    yield "forecasts of the members", [member.predict() for member in model.members_]
    members = [tsattn.LinearForecaster(HORIZON), tsattn.Seq2SeqForecaster(HORIZON, units=4)]
    members.append(tsattn.SeasonalNaiveForecaster(HORIZON))
    options = {"members": members, "seeds": 2, "weights": "validation", "calibrate": True, "lookback": 24}
    model = tsattn.EnsembleForecaster(HORIZON, **options, training=training(validation_fraction=0.3)).fit(y)
    yield "calibrated interval", model.predict_interval(0.5)
    yield "weights", model.weights_
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "ensemble.tsattn"
        model.save(path)
        yield "saved and loaded", tsattn.load_forecaster(path).predict()


def files():
    """Yield the forecasts of the stored model files. Files with custom cores require their code."""
    for path in sorted((PACKAGE.parent / "tests" / "files").glob("*.tsattn")):
        if not path.stem.endswith("core"):
            yield path.name, tsattn.load_forecaster(path).predict()


def long_frames():
    """Yield the cases of a long frame with the columns unique_id, ds and y."""
    frame = panel().rename("y").reset_index().rename(columns={"shop": "unique_id", "month": "ds"})
    model = tsattn.AttentionForecaster(HORIZON, units=8, fallback=False, training=training())
    yield "attention", model.fit(frame).predict()
    yield "linear quantiles", tsattn.LinearForecaster(HORIZON, calibrate=True).fit(frame).predict_quantiles()


def evaluation():
    """Yield the cases of backtests, metrics and attributions."""
    y = monthly()
    forecasts = tsattn.backtest(tsattn.LinearForecaster(HORIZON), y, windows=6, refit=True)
    yield "backtest", forecasts
    yield "metrics", tsattn.evaluate(forecasts, ["MASE", "sMAPE", "MAE", "RMSE"], by="step")
    yield "occlusion", tsattn.occlusion(tsattn.LinearForecaster(HORIZON).fit(y), y)
    options = {"patch_size": 2, "units": 8, "decoding": "recursive", "fallback": False, "training": training()}
    model = tsattn.AttentionForecaster(HORIZON, **options).fit(y[:-24])
    yield "teacher gap", tsattn.teacher_gap(model, y, windows=12)
    by_lag = tsattn.weights_by(model.attention_weights(), "lag")
    yield "weights by lag", by_lag
    yield "agreement", tsattn.agreement(by_lag, tsattn.occlusion(model, y[:-24]))


def comparison(y):
    """Yield the tables of a comparison."""
    candidates = {
        "seq2seq": tsattn.Seq2SeqForecaster(HORIZON, units=8, training=training()),
        "attention": tsattn.AttentionForecaster(HORIZON, units=8, patch_size=2, training=training()),
        "linear": tsattn.LinearForecaster(HORIZON, calibrate=True),
    }
    options = {"windows": 8, "stride": 4, "seeds": (0, 1), "budget": "parameters", "verbose": 0}
    found = tsattn.compare(candidates, y, **options)
    yield "leaderboard", found.leaderboard.drop(columns=list(DURATIONS))
    yield "significance", found.significance.drop(columns=list(WORDS))
    yield "agreement", found.agreement
    yield "attention", found.attention
    yield "forecasts", found.forecasts


# Name: function that returns the cases of the group, pairs of a name and a value.
GROUPS = {
    "linear": lambda: simple(SIMPLE["linear"]),
    "seasonal_naive": lambda: simple(SIMPLE["seasonal_naive"]),
    "files": files,
    "seq2seq": lambda: family(tsattn.Seq2SeqForecaster),
    "attention": lambda: family(tsattn.AttentionForecaster),
    "transformer": lambda: family(tsattn.TransformerForecaster, heads=2),
    "core": lambda: family(tsattn.CoreForecaster, core=GRUCore),
    "seq2seq decoding": lambda: decoding(tsattn.Seq2SeqForecaster),
    "attention decoding": lambda: decoding(tsattn.AttentionForecaster),
    "transformer decoding": lambda: decoding(tsattn.TransformerForecaster, heads=2),
    "inverted": inverted,
    "ensemble": ensemble,
    "long frames": long_frames,
    "evaluation": evaluation,
    "comparison of months": lambda: comparison(monthly()),
    "comparison of sunspots": lambda: comparison(tsattn.load_dataset("sunspots")),
    "comparison of hours": lambda: comparison(tsattn.load_dataset("weather").iloc[-600:, 0]),
}


def record(names):
    """Return the cases of some groups by name. If a group raises an error, its last case is the text of the error."""
    groups = {}
    for name in names:
        groups[name] = {}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # training is short
                for case, value in GROUPS[name]():
                    groups[name][case] = value
        except Exception as error:
            groups[name][ERROR] = f"{type(error).__name__}: {error}"
        print(f"{name}: {len(groups[name])} cases", file=sys.stderr, flush=True)
    return groups


def main(output, *names):
    with open(output, "wb") as file:
        pickle.dump({"package": str(PACKAGE), "groups": record(names)}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
