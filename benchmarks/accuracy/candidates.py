"""The candidates of the accuracy benchmark: the forecasters of tsattn and those of other libraries, with defaults."""

import pathlib
import signal
import subprocess
import tempfile
import time

import numpy as np

import tsattn
from benchmarks.accuracy import tasks
from benchmarks.common.families import FAMILIES
from benchmarks.peers import environments
from benchmarks.peers.handover import Handover

MAX_SECONDS = 300  # of training
NETWORKS = {
    **FAMILIES,
    "inverted": tsattn.InvertedTransformerForecaster,
    "ensemble": tsattn.EnsembleForecaster,
}
DETERMINISTIC = ("seasonal_naive", "last_value", "linear")  # independent of the seed
PEERS = {f"{peer}_{model}": (peer, model) for peer in environments.PEERS for model in ("lstm", "transformer")}
CANDIDATES = (*DETERMINISTIC, *NETWORKS, *PEERS)


class PeerFailedError(RuntimeError):
    """Raised if a peer returned no forecasts."""


def build(candidate, task, seed):
    """Return a forecaster of tsattn with default arguments.

    It receives the horizon, and the season and the validation fraction if the task specifies them.
    """
    options = {"horizon": task.horizon, **({"season": task.season} if task.pass_season else {})}
    fraction = task.validation_fraction
    validation = {} if fraction is None else {"validation_fraction": fraction}
    if candidate == "last_value":
        return tsattn.SeasonalNaiveForecaster(**{**options, "season": 1})
    if candidate == "seasonal_naive":
        return tsattn.SeasonalNaiveForecaster(**{**options, "season": task.season})
    if candidate == "linear":
        return tsattn.LinearForecaster(**options, **validation)
    training = tsattn.Training(random_state=seed, verbose=0, **validation)
    return NETWORKS[candidate](**options, training=training)


def measure(candidate, task, seed, seconds=MAX_SECONDS):
    """Fit a candidate to a task and forecast all its windows.

    Args:
        candidate: Name in `CANDIDATES`.
        task: `Task`.
        seed: Seed of the training.
        seconds: Maximum duration of the training. Defaults to 300.

    Returns:
        Forecasts `(series, windows, horizon, channels)`, and a dict with the measurements of the fit.

    Raises:
        MemoryError: If memory is insufficient, or a peer was killed.
        PeerFailedError: If a peer failed or is not installed.
    """
    if candidate in PEERS:
        return _measure_peer(candidate, task, seed, seconds)
    model = build(candidate, task, seed)
    if candidate in NETWORKS:
        model.set_params(training__max_seconds=seconds)
    start = time.perf_counter()
    model.fit(task.train)
    fitted = time.perf_counter()
    forecasts = model.predict_windows(task.full, windows=task.windows, stride=task.stride)[..., 0]
    figures = {"fit_seconds": fitted - start, "predict_seconds": time.perf_counter() - fitted}
    figures["lookback"] = model.lookback_
    if candidate != "ensemble" and candidate in NETWORKS:
        figures |= {"epochs": len(model.training_history_["loss"]), "parameters": model.network_.count_params()}
    return forecasts, figures


def _measure_peer(candidate, task, seed, seconds):
    peer, model = PEERS[candidate]
    python = environments.python_of(peer)
    if not python.exists():
        raise PeerFailedError(f"{python} does not exist. Run `python benchmarks/peers/environments.py {peer}`.")
    series = tasks.arrays(task.full)
    train_steps = [len(values) for values in tasks.arrays(task.train)]
    lookback = _default_lookback(task)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        sizes = (lookback, task.horizon, task.windows, task.stride, task.season)
        Handover(series, train_steps, *sizes).write(folder / "task.npz")
        script = environments.FOLDER / "run.py"
        command = [python, script, peer, model, folder / "task.npz", folder / "forecasts.npz"]
        process = subprocess.run([*command, str(seed), str(seconds)], cwd=folder, capture_output=True, text=True)
        if process.returncode == -signal.SIGKILL:
            raise MemoryError(f"{candidate} was killed, probably because memory is insufficient.")
        if process.returncode:
            raise PeerFailedError(f"{candidate} failed:\n{process.stderr[-2000:]}")
        with np.load(folder / "forecasts.npz") as file:
            figures = {name: file[name].item() for name in ("fit_seconds", "predict_seconds")}
            return file["forecasts"], {**figures, "lookback": lookback}


def _default_lookback(task):
    """Return the lookback that the networks of tsattn choose by default."""
    training = tsattn.Training(epochs=1, batches_per_epoch=1, verbose=0)
    season = task.season if task.pass_season else None
    model = tsattn.Seq2SeqForecaster(task.horizon, season=season, fallback=False, training=training)
    return model.fit(task.train).lookback_
