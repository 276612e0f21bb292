"""How accurate the defaults are: tasks x candidates x seeds, beside published figures and the peers' defaults.

    TSATTN_DATA=../shared/data python benchmarks/accuracy.py [--tasks etth1_96,...] [--candidates attention,...]
        [--seeds 0,1,2] [--quick] [--again] [--table]

Of our forecasters only the horizon is given, and the season where the index does not tell it; where a protocol names
the rows to choose the epoch by, the fraction held out. The test set is looked at once, after the fit. The peers run in
their own environments (`python benchmarks/peers/environments.py`), on the lookback that ours choose. All train for at
most MOST_SECONDS. Every cell goes to results/accuracy.csv when it ends, and a run goes on after those that are there;
--again measures them anew, --quick measures one and keeps nothing, and --table prints what is asked beside what was
measured.
"""

import argparse
import pathlib
import signal
import subprocess
import tempfile
import time

import accuracy_table
import numpy as np
import results
import tasks
from peers.environments import python_of
from peers.handover import Handover
from tqdm import tqdm

import tsattn

NAME = "accuracy"
MOST_SECONDS = 300  # of training
FIGURES = ("fit_seconds", "predict_seconds", "epochs", "parameters", "lookback")
KEY = ("task", "candidate", "seed")
COLUMNS = (*KEY, *accuracy_table.SCORES, *FIGURES)
NETWORKS = {
    "seq2seq": tsattn.Seq2SeqForecaster,
    "attention": tsattn.AttentionForecaster,
    "transformer": tsattn.TransformerForecaster,
    "inverted": tsattn.InvertedTransformerForecaster,
    "ensemble": tsattn.EnsembleForecaster,
}
FIXED = ("seasonal_naive", "last_value", "linear")  # no seed changes them
PEERS = {
    f"{peer}_{model}": (peer, model)
    for peer in ("darts", "neuralforecast", "tfts")
    for model in ("lstm", "transformer")
}
QUICK = ("electricity_weekly", "attention", 0)


def forecaster_of(candidate, task, seed):
    """One of our forecasters for a task, otherwise as it comes."""
    options = {"horizon": task.horizon, **({"season": task.season} if task.told else {})}
    held_out = {} if task.validation is None else {"validation_fraction": task.validation}
    if candidate == "last_value":
        return tsattn.SeasonalNaiveForecaster(**{**options, "season": 1})
    if candidate == "seasonal_naive":
        return tsattn.SeasonalNaiveForecaster(**{**options, "season": task.season})
    if candidate == "linear":
        return tsattn.LinearForecaster(**options, **held_out)
    training = tsattn.Training(random_state=seed, verbose=0, **held_out)
    return NETWORKS[candidate](**options, training=training)


def measure(candidate, task, seed, seconds=MOST_SECONDS):
    """Forecasts of a candidate, `(series, windows, horizon, channels)`, and the figures of the fit.

    Raises:
        MemoryError: there was too little, or a peer was killed. PeerFailedError: a peer failed, or is not installed.
    """
    if candidate in PEERS:
        return _measure_peer(candidate, task, seed, seconds)
    model = forecaster_of(candidate, task, seed)
    if candidate in NETWORKS:
        model.set_params(training__max_seconds=seconds)
    start = time.perf_counter()
    model.fit(task.learn)
    fitted = time.perf_counter()
    forecasts = model.predict_windows(task.whole, windows=task.windows, stride=task.stride)[..., 0]
    figures = {"fit_seconds": fitted - start, "predict_seconds": time.perf_counter() - fitted}
    figures["lookback"] = model.lookback_
    if candidate != "ensemble" and candidate in NETWORKS:
        figures |= {"epochs": len(model.training_history_["loss"]), "parameters": model.network_.count_params()}
    return forecasts, figures


class PeerFailedError(RuntimeError):
    """A peer gave no forecasts."""


def _measure_peer(candidate, task, seed, seconds):
    peer, model = PEERS[candidate]
    if not python_of(peer).exists():
        raise PeerFailedError(f"{python_of(peer)} is missing: python benchmarks/peers/environments.py {peer}")
    series = tasks.arrays(task.whole)
    learn = [len(values) for values in tasks.arrays(task.learn)]
    glance = tsattn.Training(epochs=1, batches_per_epoch=1, verbose=0)
    season = task.season if task.told else None
    chooser = tsattn.Seq2SeqForecaster(task.horizon, season=season, fallback=False, training=glance)
    lookback = chooser.fit(task.learn).lookback_
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        spans = (lookback, task.horizon, task.windows, task.stride, task.season)
        Handover(series, learn, *spans).write(folder / "task.npz")
        script = pathlib.Path(__file__).parent / "peers" / "run.py"
        command = [python_of(peer), script, peer, model, folder / "task.npz", folder / "answer.npz"]
        ran = subprocess.run([*command, str(seed), str(seconds)], cwd=folder, capture_output=True, text=True)
        if ran.returncode == -signal.SIGKILL:
            raise MemoryError(f"{candidate} was killed, as systems do where memory runs out.")
        if ran.returncode:
            raise PeerFailedError(f"{candidate} failed:\n{ran.stderr[-2000:]}")
        with np.load(folder / "answer.npz") as answer:
            figures = {name: answer[name].item() for name in ("fit_seconds", "predict_seconds")}
            return answer["forecasts"], {**figures, "lookback": lookback}


def row_of(name, candidate, seed):
    """The row of a cell."""
    task = tasks.load(name)
    forecasts, figures = measure(candidate, task, seed)
    scores = {metric: f"{value:.4f}" for metric, value in task.score(forecasts).items()}
    figures = {key: f"{value:.2f}" if isinstance(value, float) else value for key, value in figures.items()}
    row = dict(zip(KEY, (name, candidate, seed), strict=True)) | scores | figures
    tqdm.write(" ".join(f"{key}={value}" for key, value in row.items()))
    return {column: row.get(column, "") for column in COLUMNS}


def run(names, candidates, seeds, again):
    """Measure the cells that are not in the results yet; one that fails for its peer or the memory is told of.

    What no seed changes, and the peers, are measured by the seed 0 alone.
    """
    done = set() if again else {(row["task"], row["candidate"], int(row["seed"])) for row in results.read(NAME)}
    cells = [
        (name, candidate, seed)
        for name in names
        for seed in seeds
        for candidate in candidates
        if seed == 0 or candidate in NETWORKS
    ]
    for cell in tqdm([cell for cell in cells if cell not in done], unit="cell"):
        try:
            row = row_of(*cell)
        except (MemoryError, PeerFailedError) as problem:
            tqdm.write(f"{cell[0]}: {problem}")
            continue
        results.put(NAME, row, key=KEY)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = {"tasks": list(tasks.TASKS), "candidates": [*FIXED, *NETWORKS, *PEERS]}
    for name, values in every.items():
        parser.add_argument(f"--{name}", type=lambda text: text.split(","), default=values)
    parser.add_argument(
        "--seeds",
        type=lambda text: [int(seed) for seed in text.split(",")],
        default=[0, 1, 2],
        help="what no seed changes, and the peers, are measured by 0 alone",
    )
    for name in ("quick", "again", "table"):
        parser.add_argument(f"--{name}", action="store_true")
    asked = parser.parse_args()
    for name, values in every.items():
        if unknown := set(getattr(asked, name)) - set(values):
            parser.error(f"--{name} {','.join(sorted(unknown))}: there are {', '.join(values)}.")
    if asked.quick:
        row_of(*QUICK)
    elif not asked.table:
        run(asked.tasks, asked.candidates, asked.seeds, asked.again)
    accuracy_table.print_from(results.read(NAME))


if __name__ == "__main__":
    main()
