"""Saves that are killed at a random moment: the old file or the new one loads, always.

python benchmarks/kill_saves.py --kills 200
"""

import argparse
import collections
import multiprocessing
import pathlib
import random
import tempfile
import time

import results

from tsattn import SeasonalNaiveForecaster, load_dataset, load_forecaster

ENDS = ("one", "other", "broken")


def run(folder, kills, seed=0, steps=200_000):
    """Kills so many times; counts which file was there, by `ENDS`, and how many saves were killed while writing.

    The saver is forked, which is quick as long as neither it nor this process has imported TensorFlow.

    Args:
        folder: Where the files are.
        kills: How often.
        seed: Of the moments.
        steps: Of history in the file, so that writing it takes a while.
    """
    folder, rng, counts, parts = pathlib.Path(folder), random.Random(seed), collections.Counter(), 0
    y = load_dataset("weather")["JFK_temp"]
    y = y.iloc[[place % len(y) for place in range(steps)]].reset_index(drop=True)
    path, expected = folder / "model.tsattn", {}
    models = [SeasonalNaiveForecaster(24, season=season, lookback=steps).fit(y) for season in (24, 168)]
    for name, model in zip(ENDS, models, strict=False):
        model.save(path, overwrite=True)
        expected[path.read_bytes()] = name
    for _ in range(kills):
        saver = multiprocessing.get_context("fork").Process(target=_save, args=(models, path))
        saver.start()
        time.sleep(rng.uniform(0, 0.2))
        saver.kill()
        saver.join()
        counts[expected.get(path.read_bytes(), "broken")] += 1
        for part in folder.glob("*.partial"):  # killed while it was written
            parts += 1
            part.unlink()
    for data, model in zip(expected, models, strict=True):  # the two that were found load
        path.write_bytes(data)
        assert load_forecaster(path).season_ == model.season_
    return counts, parts


def _save(models, path):
    while True:
        for model in models:
            model.save(path, overwrite=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counts, parts = run(folder, arguments.kills)
    row = {"kills": arguments.kills, "in the middle": parts, **{end: counts[end] for end in ENDS}}
    print(row)
    results.write("kill_saves", [row])
    raise SystemExit(1 if counts["broken"] else 0)


if __name__ == "__main__":
    main()
