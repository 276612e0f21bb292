"""Kill saves at random times, and check that afterwards the old file, the new file, or no file (if there was none)
exists.

    python benchmarks/trust/kill_saves.py [--kills 200] [--seed 0] [--quick]

Continues until enough kills occurred during writing, and also counts the others; a tenth of the kills are saves of a
network. The time of a kill is uniform over the duration of a save. A `.partial` file or a corrupt file indicates that a
kill occurred during writing.
"""

import collections
import contextlib
import multiprocessing
import pathlib
import random
import statistics
import sys
import tempfile
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

from benchmarks.common import results
from benchmarks.common.processes import ROOT
from benchmarks.common.runner import make_parser
from tsattn import SeasonalNaiveForecaster, load_dataset

QUICK = 10  # kills
NETWORK = ROOT / "tests" / "files" / "format_1_attention.tsattn"
FORK = multiprocessing.get_context("fork")
ENDS = ("old", "new", "none", "broken")
MAX_TRIES = 300  # kills per kill during writing; typically three to eight are sufficient
MARGIN = 1.2  # some saves take longer than the median
TIMEOUT = 60  # seconds


def naive(season, steps):
    """Return a forecaster with a long history, so that writing takes some time."""
    y = load_dataset("weather")["JFK_temp"]
    y = y.iloc[[place % len(y) for place in range(steps)]].reset_index(drop=True)
    return SeasonalNaiveForecaster(24, season=season, lookback=steps).fit(y)


def network():
    """Return a forecaster with a network. It is created last, because importing TensorFlow makes each fork slower."""
    from tsattn import load_forecaster

    return load_forecaster(NETWORK)


def shares(kills):
    """Yield forecaster, overwrite and number of kills during writing, with networks last."""
    networks = max(kills // 20, 1)
    half = kills // 2 - networks
    yield from (("seasonal_naive", True, half + kills % 2), ("seasonal_naive", False, half))
    yield from (("attention", True, networks), ("attention", False, networks))


def run(folder, ways, seed=0, steps=200_000):
    """Kill saves and return a row of counts for each kind.

    Args:
        folder: Folder of the files.
        ways: Tuples of `shares`.
        seed: Seed of the times. Defaults to 0.
        steps: Steps of history in the files of the seasonal naive forecaster. Defaults to 200,000.
    """
    builders = {"seasonal_naive": lambda: naive(168, steps), "attention": network}
    path, rng, rows = pathlib.Path(folder) / "model.tsattn", random.Random(seed), []
    old = bytes_of(naive(24, steps), path)
    for name, overwrite, kills in ways:
        model = builders[name]()
        new = bytes_of(model, path)
        counts = killed(Saves(model, path, old if overwrite else None), new, kills, rng)
        rows.append({"forecaster": name, "overwrite": overwrite, "seed": seed, **counts})
    return rows


def bytes_of(model, path):
    """Return the bytes of a complete save."""
    model.save(path, overwrite=True)
    return path.read_bytes()


def killed(saves, new, kills, rng):
    """Kill saves until enough kills occurred during writing.

    Returns:
        Counts of all kills, of those during the writing, and of the files that existed after them, by `ENDS`.
    """
    longest = MARGIN * statistics.median(saves.seconds() for _ in range(7))
    names, counts, middle = {saves.old: "old", new: "new", None: "none"}, collections.Counter(), 0
    while middle < kills:
        if counts.total() == MAX_TRIES * kills:
            raise RuntimeError(f"{middle} of {counts.total()} kills were during writing, but {kills} are required.")
        found, was_partial = saves.kill(rng.uniform(0, longest))
        end = names.get(found, "broken")
        counts[end] += 1
        middle += was_partial or end == "broken"
    return {"kills": counts.total(), "in the middle": middle, **{end: counts[end] for end in ENDS}}


class Saves:
    """Saves of a forecaster, each in a separate process and over the same old file.

    The process is forked, so that it starts immediately. Networks cannot compute in a forked process, but saving only
    reads weights.

    Args:
        model: Forecaster to save.
        path: Path of the file.
        old: Bytes of the file before the save. None if there is none; then `overwrite` is False.
    """

    def __init__(self, model, path, old):
        self.model, self.path, self.old = model, path, old

    def seconds(self):
        """Return the duration of a complete save."""
        with self._process() as receiver:
            start = time.perf_counter()
            _wait(receiver)
            return time.perf_counter() - start

    def kill(self, delay):
        """Kill a save after a delay.

        Returns:
            The bytes of the file, or None if it does not exist, and whether a `.partial` file exists.
        """
        with self._process():
            time.sleep(delay)
        parts = list(self.path.parent.glob("*.partial"))
        for part in parts:
            part.unlink()
        return self.path.read_bytes() if self.path.exists() else None, bool(parts)

    @contextlib.contextmanager
    def _process(self):
        """Start a process that saves, yield the pipe on which it reports completion, and kill the process."""
        self.path.unlink(missing_ok=True)
        if self.old is not None:
            self.path.write_bytes(self.old)
        receiver, sender = FORK.Pipe(duplex=False)
        saver = FORK.Process(target=self._save, args=(sender,))
        saver.start()
        sender.close()
        with receiver:
            try:
                _wait(receiver)
                yield receiver
            finally:
                saver.kill()
                saver.join()

    def _save(self, sender):
        sender.send("begins")
        self.model.save(self.path, overwrite=self.old is not None)
        sender.send("done")


def _wait(receiver):
    """Wait for a message from the process. Raises an EOFError if the process ended without one."""
    if not receiver.poll(TIMEOUT):
        raise RuntimeError(f"The process that saves sent no message for {TIMEOUT} s.")
    receiver.recv()


def is_wrong(row):
    """Return whether a file was broken, or an existing file was lost."""
    return row["broken"] > 0 or (row["overwrite"] and row["none"] > 0)


def main():
    parser = make_parser(__doc__, flags=("quick",))
    parser.add_argument("--kills", type=int, default=200, help="during the writing. Defaults to %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of the times. Defaults to %(default)s")
    arguments = parser.parse_args()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        rows = run(folder, shares(QUICK if arguments.quick else arguments.kills), arguments.seed)
    for row in rows:
        print(row)
    if not arguments.quick:
        seconds = f"{time.perf_counter() - start:.0f}"
        results.write("kill_saves", [{**row, "seconds": seconds} for row in rows])
    raise SystemExit(1 if any(map(is_wrong, rows)) else 0)


if __name__ == "__main__":
    main()
