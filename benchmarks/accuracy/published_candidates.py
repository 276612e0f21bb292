"""The candidates of the published tasks: functions of a task and a seed that return an unfitted forecaster."""

import functools
import importlib.util
import time

import tsattn
from benchmarks.accuracy.candidates import MAX_SECONDS
from benchmarks.accuracy.published_scores import LEVELS
from benchmarks.common.families import FAMILIES


def seasonal_naive(task, seed):
    """Return the seasonal naive forecaster of the tables, with their season."""
    return tsattn.SeasonalNaiveForecaster(task.horizon, freq=task.freq, season=task.season)


def linear(task, seed):
    """Return the linear forecaster with default arguments."""
    return tsattn.LinearForecaster(task.horizon, freq=task.freq)


def statistical(model, task, seed):
    """Return a statistical forecaster with the levels of the metrics."""
    return tsattn.StatisticalForecaster(task.horizon, freq=task.freq, model=model, quantiles=LEVELS)


def network(forecaster, *, quantiles=LEVELS, **training):
    """Return a candidate with a network.

    Args:
        forecaster: Class of the forecaster, or a function of the same arguments.
        quantiles: Its argument `quantiles`. None omits it, for a point forecast. Defaults to the levels of the metrics.
        **training: Arguments of `Training`. `max_seconds` defaults to 300.
    """
    levels = {} if quantiles is None else {"quantiles": quantiles}

    def build(task, seed):
        settings = {"random_state": seed, "verbose": 0, "max_seconds": MAX_SECONDS, **training}
        return forecaster(task.horizon, freq=task.freq, training=tsattn.Training(**settings), **levels)

    return build


def zero_shot_ensemble(horizon, **arguments):
    """Return the ensemble of the pretrained networks, with the levels of the metrics."""
    members = [family(horizon, quantiles=LEVELS) for family in FAMILIES.values()]
    return tsattn.EnsembleForecaster(horizon, members=members, weights="equal", **arguments)


# They require statsforecast, and so an earlier pandas than the results in git were measured with.
MODELS = ("auto_ets", "auto_theta", "auto_arima", "auto_ces") if importlib.util.find_spec("statsforecast") else ()
# To add a candidate, add a line. Arguments of the forecaster are bound with `functools.partial`, those of its training
# are passed to `network`: `"small": network(functools.partial(tsattn.Seq2SeqForecaster, units=16), epochs=5)`.
CANDIDATES = {
    "seasonal_naive": seasonal_naive,
    "linear": linear,
    **{name: functools.partial(statistical, name) for name in MODELS},
    **{name: network(family) for name, family in FAMILIES.items()},
    **{f"{name}_zero_shot": network(family, epochs=0) for name, family in FAMILIES.items()},
    "ensemble_zero_shot": network(zero_shot_ensemble, quantiles=None, epochs=0),
    "ensemble": network(tsattn.EnsembleForecaster, quantiles=None),  # its simple members have no quantiles
}
# Independent of the seed.
DETERMINISTIC = ("seasonal_naive", "linear", *MODELS, *(name for name in CANDIDATES if name.endswith("zero_shot")))


def measure(candidate, task, seed):
    """Fit a candidate once and forecast all windows of a task.

    Args:
        candidate: Name in `CANDIDATES`.
        task: `Task` of `published_tasks.py`.
        seed: Seed of the training.

    Returns:
        Point forecasts `(series, windows, horizon)`, the median if there are quantiles; the quantiles at `LEVELS`
        `(series, windows, horizon, levels)`, or None; and a dict of the seconds of fit and forecast.
    """
    model = CANDIDATES[candidate](task, seed)
    start = time.perf_counter()
    model.fit(*task.train)
    fitted = time.perf_counter()
    levels = () if model.error_distribution_ is None else LEVELS
    windows = {"windows": task.windows, "stride": task.horizon}
    forecasts = model.predict_windows(task.y, task.covariates, **windows, quantiles=levels)[..., 0, :]
    figures = {"fit_seconds": fitted - start, "predict_seconds": time.perf_counter() - fitted}
    quantiles = forecasts[..., 1:] if levels else None
    if candidate == "seasonal_naive":
        quantiles = task.naive_quantiles(forecasts[..., 0])
    return forecasts[..., 0], quantiles, figures
