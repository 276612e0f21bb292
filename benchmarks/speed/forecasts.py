"""Duration of one forecast of a fitted network, pandas in and pandas out."""

import statistics

import numpy as np

import tsattn
from benchmarks.speed.rows import row
from benchmarks.speed.workers import Worker

REPEATS = 50
MODELS = ("seq2seq", "transformer")


def job():
    """Return the arguments of the job `forecast` of a worker."""
    y = tsattn.load_dataset("air_passengers")
    return {"values": y.tolist(), "horizon": 12, "lookback": 24, "season": 12}


def rows(turns, quick):
    """Yield the median and the 99th percentile, compared with darts."""
    common = job()
    ours, theirs = Worker("tsattn"), None if quick else Worker("darts")
    for model in MODELS:
        own = {**common, "repeats": REPEATS, "model": model}
        if quick:
            yield from _milliseconds(f"one series, {model}", _seconds(ours, **own), 5)
            continue
        pairs = [(_seconds(ours, **own), _seconds(theirs, **common, repeats=REPEATS)) for _ in range(turns)]
        medians = [[statistics.median(seconds) for seconds in pair] for pair in pairs]
        one, other = (statistics.median(values) * 1e3 for values in zip(*medians, strict=True))
        ratio = statistics.median(one / other for one, other in medians)
        figures = {"against": "darts LSTM", "theirs": other, "ratio": ratio, "goal": ("<=", 0.4)}
        yield row("one forecast", f"one series, {model}", "ms", ours=one, **figures)
        yield from _milliseconds(f"one series, {model}", np.concatenate([pair[0] for pair in pairs]).tolist(), 5)
        for series, repeats, limit in ((100, 10, None), (10_000, 2, 10_000)):
            seconds = _seconds(ours, **common, repeats=repeats, series=series, model=model)
            yield from _milliseconds(f"{series:,} series, {model}", seconds, limit)
    for worker in (ours, theirs):
        if worker:
            worker.close()


def forecasts_per_second(worker, series, repeats):
    """Measure one forecast of some series: one over the median of the seconds."""
    return 1 / statistics.median(_seconds(worker, **job(), series=series, repeats=repeats))


def _seconds(worker, **arguments):
    return worker.ask("forecast", **arguments)["seconds"]


def _milliseconds(case, seconds, limit):
    goal = None if limit is None else ("<=", limit)
    yield row("one forecast", f"{case}, median", "ms", ours=statistics.median(seconds) * 1e3, goal=goal)
    yield row("one forecast", f"{case}, 99th percentile", "ms", ours=float(np.percentile(seconds, 99)) * 1e3)
