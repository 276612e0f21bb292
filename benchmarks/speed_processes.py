"""One forecast, whole processes from start to end, and the seconds until a network is accurate."""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import tasks
from peers.environments import python_of
from speed_pairs import Worker, paired
from speed_table import row

import tsattn

HERE = pathlib.Path(__file__).parent
REPEATS = 50
TASK, WANTED, BUDGETS = "etth1_96", 0.38, (10, 20, 40, 80, 160)
# To forecast the test set takes some peers from ten minutes to hours: each is asked for every 16th window first.
SPARSE, FAR = 16, 1.25 * WANTED
PEERS = ("darts", "neuralforecast", "tfts")


def forecast_rows(turns, quick):
    """A fitted network, pandas in and pandas out: the median and the 99th percentile, beside darts."""
    y = tsattn.load_dataset("air_passengers")
    known = {"values": y.tolist(), "horizon": 12, "lookback": 24, "season": 12}
    ours, theirs = Worker("tsattn"), None if quick else Worker("darts")
    for model in ("seq2seq", "transformer"):
        job = {**known, "repeats": REPEATS, "model": model}
        if quick:
            yield from _milliseconds(f"one series, {model}", _seconds(ours, **job), 5)
            continue
        pairs = [(_seconds(ours, **job), _seconds(theirs, **known, repeats=REPEATS)) for _ in range(turns)]
        medians = [[statistics.median(seconds) for seconds in pair] for pair in pairs]
        one, other = (statistics.median(values) * 1e3 for values in zip(*medians, strict=True))
        ratio = statistics.median(one / other for one, other in medians)
        figures = {"against": "darts LSTM", "theirs": other, "ratio": ratio, "goal": ("<=", 0.4)}
        yield row("one forecast", f"one series, {model}", "ms", ours=one, **figures)
        yield from _milliseconds(f"one series, {model}", np.concatenate([pair[0] for pair in pairs]).tolist(), 5)
        for series, repeats, most in ((100, 10, None), (10_000, 2, 10_000)):
            seconds = _seconds(ours, **known, repeats=repeats, series=series, model=model)
            yield from _milliseconds(f"{series:,} series, {model}", seconds, most)
    for worker in (ours, theirs):
        if worker:
            worker.close()


def middle(worker, **job):
    """The median of the seconds that forecasts take."""
    return statistics.median(_seconds(worker, **job))


def _seconds(worker, **job):
    return worker.ask("forecast", **job)["seconds"]


def _milliseconds(case, seconds, most):
    goal = None if most is None else ("<=", most)
    yield row("one forecast", f"{case}, median", "ms", ours=statistics.median(seconds) * 1e3, goal=goal)
    yield row("one forecast", f"{case}, 99th percentile", "ms", ours=float(np.percentile(seconds, 99)) * 1e3)


def start_rows(turns, quick):
    """`import tsattn`, the help of the command line, and a process from start to forecast."""
    for case, command, most in (
        ("import tsattn", (sys.executable, "-c", "import tsattn"), 0.2),
        ("tsattn --help", (sys.executable, "-m", "tsattn.cli", "--help"), 0.5),
    ):
        run = _process(*command)
        yield row("start", case, "s", ours=statistics.median(run() for _ in range(turns)), goal=("<=", most))
    if quick:
        return
    forecast = ("forecast", "air_passengers", "--horizon", "12", "--model", "seq2seq", "--seed", "0", "--quiet")
    command = _process(sys.executable, "-m", "tsattn.cli", *forecast)
    theirs = _process(python_of("neuralforecast"), HERE / "peers" / "air_passengers.py", _air_passengers())
    ours, other, ratio = paired(command, theirs, turns)
    figures = {"against": "neuralforecast LSTM", "theirs": other, "ratio": ratio, "goal": ("<=", 0.8)}
    yield row("start", "AirPassengers, from start to forecast", "s", ours=ours, **figures)


def _air_passengers():
    path = pathlib.Path(tempfile.mkdtemp()) / "air_passengers.csv"
    tsattn.load_dataset("air_passengers").rename("y").rename_axis("ds").to_csv(path)
    return path


def _process(*command):
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent), "TF_CPP_MIN_LOG_LEVEL": "3"}

    def run():
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True, env=environment, cwd=folder)
            return time.perf_counter() - start

    return run


def accuracy_rows(quick):
    """The least budget of seconds whose fit reaches the error on the test set; each budget is a fit of its own."""
    import accuracy

    task, families = tasks.load(TASK), {"lstm": ("seq2seq", "attention"), "transformer": ("transformer",)}
    for model, ours in families.items():
        peers = [] if quick else [f"{peer}_{model}" for peer in PEERS]
        reached = {name: _until(accuracy, [(task, WANTED)], name) for name in ours}
        sparse = (task.every(SPARSE), FAR)
        reached |= {name: _until(accuracy, [sparse, (task, WANTED)], name) for name in peers}
        best = min((reached[name] for name in peers if reached[name] is not None), default=None)
        for name in ours:
            yield _accuracy_row(name, reached[name], best)
        for name in peers:
            figure = np.nan if reached[name] is None else reached[name]
            yield row("time to accuracy", f"{TASK} to MSE {WANTED}, {name}", "s", ours=figure)


def _accuracy_row(name, seconds, best):
    """A row of one of ours; where no peer gets there, the ratio is at least that to the last budget."""
    case = f"{TASK} to MSE {WANTED}, {name}"
    if seconds is None:
        return row("time to accuracy", case, "s", ours=np.nan, goal=("<=", BUDGETS[-1]))
    against, other = ("no peer reached it", BUDGETS[-1]) if best is None else ("best peer", best)
    figures = {"against": against, "theirs": other, "ratio": other / seconds, "goal": (">=", 3)}
    return row("time to accuracy", case, "s", ours=seconds, **figures)


def _until(accuracy, looks, name):
    """Seconds of the fit with the least budget that reaches the error; None where the largest budget does not.

    Args:
        looks: Pairs of a task and the most that its error may be, each a fit of its own; after one that errs more
            there is no other.
    """

    def fit(budget):
        for task, most in looks:
            try:
                forecasts, figures = accuracy.measure(name, task, 0, budget)
            except MemoryError as problem:
                print(f"  {problem}", flush=True)
                return budget, False
            lasted, error = figures["fit_seconds"], task.score(forecasts)["mse"]
            print(f"  {name} {budget} s: MSE {error:.3f} of {task.windows} windows after {lasted:.0f} s", flush=True)
            if error > most:
                return lasted, False
        return lasted, True

    most, reaches = fit(BUDGETS[-1])  # first: where even this does not reach it, no other has to be asked
    if not reaches:
        return None
    lasted = 0
    for budget in BUDGETS[:-1]:
        if lasted < budget < most:  # else it would be the same fit: an epoch takes longer, or it ends by itself
            lasted, reaches = fit(budget)
            if reaches:
                return lasted
    return most
