"""Windows per second of training, compared with other libraries and plain PyTorch, and with a matrix product."""

import time

from benchmarks.peers import shape
from benchmarks.speed.rows import row
from benchmarks.speed.workers import Worker, paired

BATCHES = (32, 64, 128, 256)
MODELS = ("lstm", "transformer")
# Goals for the best batch size of each system. The batch size 32 has no goals.
GOALS = {
    ("lstm", "darts"): 1.1,
    ("lstm", "torch"): 1.0,
    ("transformer", "darts"): 3.0,
    ("transformer", "torch"): 2.0,
    **{(model, peer): 5.0 for model in MODELS for peer in ("neuralforecast", "tfts")},
}


def rows(turns, quick):
    """Yield a row for each model, peer and batch size: 32, and the best one of each system."""
    peers = ("torch",) if quick else ("torch", "darts", "neuralforecast", "tfts")
    workers = {system: Worker(system) for system in ("tsattn", *peers)}
    for model in MODELS:
        best = {}
        for system, worker in workers.items():
            speeds = {batch: _training(worker, model, batch)() for batch in ((32,) if quick else BATCHES)}
            best[system] = max(speeds, key=speeds.get)
        for peer in peers:
            pairs = {"batch 32": (32, 32)}
            if not quick:
                pairs["best batch"] = (best["tsattn"], best[peer])
            for name, (ours, theirs) in pairs.items():
                jobs = _training(workers["tsattn"], model, ours), _training(workers[peer], model, theirs)
                one, other, ratio = paired(*jobs, turns)
                goal = (">=", GOALS[model, peer]) if name == "best batch" else None
                unit = "windows/s" if name == "batch 32" else f"windows/s, batch sizes {ours} and {theirs}"
                figures = {"ours": one, "against": peer, "theirs": other, "ratio": ratio, "goal": goal}
                yield row("training", f"{model}, {name}", unit, **figures)
    for worker in workers.values():
        worker.close()


def windows_per_second(worker, model, batch):
    """Measure one training."""
    return worker.ask("train", model=model, batch=batch)["windows_per_second"]


def _training(worker, model, batch):
    return lambda: windows_per_second(worker, model, batch)


def share_rows(turns):
    """Yield the counted operations per second of training, relative to those of a large matrix product."""
    worker = Worker("tsattn")
    for model in MODELS:
        train = _training(worker, model, 128)
        ours, limit, ratio = paired(lambda each=train, name=model: each() * operations(name), _product_rate, turns)
        figures = {"ours": ours / 1e9, "against": "matrix product", "theirs": limit / 1e9, "ratio": ratio}
        yield row("compute rate in training", f"{model}, batch 128", "GFLOP/s", **figures)
    worker.close()


def operations(model):
    """Return the floating-point operations of a training step per window.

    Only matrix products are counted: one forward, and two backward for each.
    """
    units, steps, ahead, channels = shape.UNITS, shape.LOOKBACK, shape.HORIZON, shape.CHANNELS
    if model == "lstm":
        return 3 * ((steps + ahead) * 2 * (channels + units) * 4 * units + ahead * 2 * units * channels)
    # Number of attention layers with this number of queries and keys.
    attended = {(steps, steps): shape.LAYERS, (ahead, ahead): 1, (ahead, steps): 1}
    attention = sum(
        count * (4 * units**2 * (queries + keys) + 4 * queries * keys * units)
        for (queries, keys), count in attended.items()
    )
    feed_forward = 4 * units * shape.FEED_FORWARD * (shape.LAYERS * steps + ahead)
    return 3 * (attention + feed_forward + 2 * units * channels * (steps + ahead))


def _product_rate(size=2048):
    """Return the operations per second of a matrix product."""
    import tensorflow as tf

    matrix = tf.random.normal((size, size))
    tf.matmul(matrix, matrix).numpy()
    start = time.perf_counter()
    for _ in range(5):
        tf.matmul(matrix, matrix).numpy()
    return 5 * 2 * size**3 / (time.perf_counter() - start)
