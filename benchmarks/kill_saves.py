"""Saves that are killed at a random moment: the old file is there or the new one; where none was, none or the new one.

    python benchmarks/kill_saves.py --kills 200

goes on until so many kills came in the middle of writing, and counts the others too; a tenth of them are of a network.
A kill comes at any moment of the time that a save takes, by the clock alone: whether it came in the middle is looked up
afterwards. That it did shows a `.partial` file, or a file that is broken.
"""

import argparse
import collections
import contextlib
import multiprocessing
import pathlib
import random
import statistics
import tempfile
import time

import results

from tsattn import SeasonalNaiveForecaster, load_dataset

NETWORK = pathlib.Path(__file__).parent.parent / "tests" / "files" / "format_1_attention.tsattn"
FORK = multiprocessing.get_context("fork")
ENDS = ("old", "new", "none", "broken")
MOST = 300  # kills for each in the middle, which is one in three to eight
LONGER = 1.2  # some saves take longer than most
HANGS = 60  # seconds


def naive(season, steps):
    """A forecaster with so many steps of history, so that writing it takes a while."""
    y = load_dataset("weather")["JFK_temp"]
    y = y.iloc[[place % len(y) for place in range(steps)]].reset_index(drop=True)
    return SeasonalNaiveForecaster(24, season=season, lookback=steps).fit(y)


def network():
    """A forecaster with a network. Imports TensorFlow, which makes each fork take longer: not before it is needed."""
    from tsattn import load_forecaster

    return load_forecaster(NETWORK)


def shares(kills):
    """How many kills in the middle each way gets: forecaster, overwrite, kills. Those of networks come last."""
    networks = max(kills // 20, 1)
    half = kills // 2 - networks
    yield from (("seasonal_naive", True, half + kills % 2), ("seasonal_naive", False, half))
    yield from (("attention", True, networks), ("attention", False, networks))


def run(folder, ways, seed=0, steps=200_000):
    """Kills so many saves in each way, as `shares` gives them; returns a row for each.

    Args:
        folder: Where the files are.
        ways: Of the forecasters `seasonal_naive` and `attention`.
        seed: Of the moments.
        steps: Of history in the files of the former.
    """
    make = {"seasonal_naive": lambda: naive(168, steps), "attention": network}
    path, rng, rows = pathlib.Path(folder) / "model.tsattn", random.Random(seed), []
    old = bytes_of(naive(24, steps), path)
    for name, overwrite, wanted in ways:
        model = make[name]()
        new = bytes_of(model, path)
        counts = killed(Saves(model, path, old if overwrite else None), new, wanted, rng)
        rows.append({"forecaster": name, "overwrite": overwrite, **counts})
    return rows


def bytes_of(model, path):
    """What a save that nobody kills writes."""
    model.save(path, overwrite=True)
    return path.read_bytes()


def killed(saves, new, wanted, rng):
    """Kills until so many came in the middle; counts all, those, and what was there after each, by `ENDS`."""
    longest = LONGER * statistics.median(saves.seconds() for _ in range(7))
    names, counts, middle = {saves.old: "old", new: "new", None: "none"}, collections.Counter(), 0
    while middle < wanted:
        if counts.total() == MOST * wanted:
            raise RuntimeError(f"Of {counts.total()} kills {middle} came in the middle, but {wanted} are wanted.")
        found, was_partial = saves.kill(rng.uniform(0, longest))
        end = names.get(found, "broken")
        counts[end] += 1
        middle += was_partial or end == "broken"
    return {"kills": counts.total(), "in the middle": middle, **{end: counts[end] for end in ENDS}}


class Saves:
    """One save after the other, each in a process of its own and over the same old file.

    The process is forked: it is there at once. In a fork networks cannot compute, but their weights can be read, and
    a save does no more.

    Args:
        model: What is saved.
        path: Where.
        old: Bytes of the file that is there before; None if there is none, and then none is overwritten.
    """

    def __init__(self, model, path, old):
        self.model, self.path, self.old = model, path, old

    def seconds(self):
        """How long a save takes that is left alone."""
        with self._begun() as told:
            begun = time.perf_counter()
            _hear(told)
            return time.perf_counter() - begun

    def kill(self, delay):
        """Kills a save after a delay; the bytes that are there then, or None, and whether a part of a file is."""
        with self._begun():
            time.sleep(delay)
        parts = list(self.path.parent.glob("*.partial"))
        for part in parts:
            part.unlink()
        return self.path.read_bytes() if self.path.exists() else None, bool(parts)

    @contextlib.contextmanager
    def _begun(self):
        """A process begins to save just now; gives the pipe on which it says that it is done, and ends in a kill."""
        self.path.unlink(missing_ok=True)
        if self.old is not None:
            self.path.write_bytes(self.old)
        told, tells = FORK.Pipe(duplex=False)
        saver = FORK.Process(target=self._save, args=(tells,))
        saver.start()
        tells.close()
        with told:
            try:
                _hear(told)
                yield told
            finally:
                saver.kill()
                saver.join()

    def _save(self, tells):
        tells.send("begins")
        self.model.save(self.path, overwrite=self.old is not None)
        tells.send("done")


def _hear(told):
    """Waits for a word; an EOFError if the process ended without one."""
    if not told.poll(HANGS):
        raise RuntimeError(f"For {HANGS} s nothing was heard of a process that saves.")
    told.recv()


def is_wrong(row):
    """Whether a file was broken, or was gone that had been there."""
    return row["broken"] > 0 or (row["overwrite"] and row["none"] > 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="in the middle of writing")
    with tempfile.TemporaryDirectory() as folder:
        rows = run(folder, shares(parser.parse_args().kills))
    for row in rows:
        print(row)
    results.write("kill_saves", rows)
    raise SystemExit(1 if any(map(is_wrong, rows)) else 0)


if __name__ == "__main__":
    main()
