"""Duration of complete processes: the import, the command-line help, and one forecast from a file."""

import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import tsattn
from benchmarks.common.processes import environment
from benchmarks.peers import environments
from benchmarks.speed.rows import row
from benchmarks.speed.workers import paired


def rows(turns, quick):
    """Yield the seconds of `import tsattn`, of `tsattn --help`, and from process start to forecast."""
    for case, command, limit in (
        ("import tsattn", (sys.executable, "-c", "import tsattn"), 0.2),
        ("tsattn --help", (sys.executable, "-m", "tsattn.cli", "--help"), 0.5),
    ):
        run = _process(*command)
        yield row("start", case, "s", ours=statistics.median(run() for _ in range(turns)), goal=("<=", limit))
    if quick:
        return
    forecast = ("forecast", "air_passengers", "--horizon", "12", "--model", "seq2seq", "--seed", "0", "--quiet")
    ours = _process(sys.executable, "-m", "tsattn.cli", *forecast)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "air_passengers.csv"
        tsattn.load_dataset("air_passengers").rename("y").rename_axis("ds").to_csv(path)
        script = environments.FOLDER / "air_passengers.py"
        one, other, ratio = paired(ours, _process(environments.python_of("neuralforecast"), script, path), turns)
    figures = {"against": "neuralforecast LSTM", "theirs": other, "ratio": ratio, "goal": ("<=", 0.8)}
    yield row("start", "AirPassengers, from process start to forecast", "s", ours=one, **figures)


def _process(*command):
    """Return a function that runs a command and returns its seconds."""

    def run():
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True, env=environment(), cwd=folder)
            return time.perf_counter() - start

    return run
