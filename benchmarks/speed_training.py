"""Windows in a second of training, beside the peers and beside PyTorch alone; and the share of what the machine can."""

import time

from peers import shape
from speed_pairs import Worker, paired
from speed_table import row

BATCHES = (32, 64, 128, 256)
MODELS = ("lstm", "transformer")
# At the best batch of each; 32 has no goals of its own.
GOALS = {
    ("lstm", "darts"): 1.1,
    ("lstm", "torch"): 1.0,
    ("transformer", "darts"): 3.0,
    ("transformer", "torch"): 2.0,
    **{(model, peer): 5.0 for model in MODELS for peer in ("neuralforecast", "tfts")},
}


def rows(turns, quick):
    """A row for each model, peer and size of batch: 32, and the best of each system."""
    peers = ("torch",) if quick else ("torch", "darts", "neuralforecast", "tfts")
    workers = {system: Worker(system) for system in ("tsattn", *peers)}
    for model in MODELS:
        best = {}
        for system, worker in workers.items():
            speeds = {batch: _train(worker, model, batch)() for batch in ((32,) if quick else BATCHES)}
            best[system] = max(speeds, key=speeds.get)
        for peer in peers:
            pairs = {"batch 32": (32, 32)}
            if not quick:
                pairs["best batch"] = (best["tsattn"], best[peer])
            for name, (ours, theirs) in pairs.items():
                tasks = _train(workers["tsattn"], model, ours), _train(workers[peer], model, theirs)
                one, other, ratio = paired(*tasks, turns)
                goal = (">=", GOALS[model, peer]) if name == "best batch" else None
                unit = "windows/s" if name == "batch 32" else f"windows/s by {ours} and {theirs}"
                figures = {"ours": one, "against": peer, "theirs": other, "ratio": ratio, "goal": goal}
                yield row("training", f"{model}, {name}", unit, **figures)
    for worker in workers.values():
        worker.close()


def _train(worker, model, batch):
    return lambda: worker.ask("train", model=model, batch=batch)["windows_per_second"]


def share_rows(turns):
    """The operations of a training step, counted, over those of a large product of matrices in the same seconds."""
    worker = Worker("tsattn")
    for model in MODELS:
        train = _train(worker, model, 128)
        ours, limit, ratio = paired(lambda each=train, name=model: each() * operations(name), _product_rate, turns)
        figures = {"ours": ours / 1e9, "against": "matrix product", "theirs": limit / 1e9, "ratio": ratio}
        yield row("share of the limit", f"{model}, batch 128", "GFLOP/s", **figures)
    worker.close()


def operations(model):
    """Floating-point operations of a training step for one window: products of matrices, forwards and twice back."""
    units, steps, ahead, channels = shape.UNITS, shape.LOOKBACK, shape.HORIZON, shape.CHANNELS
    if model == "lstm":
        return 3 * ((steps + ahead) * 2 * (channels + units) * 4 * units + ahead * 2 * units * channels)
    attended = {(steps, steps): shape.LAYERS, (ahead, ahead): 1, (ahead, steps): 1}  # queries and keys: how often
    attention = sum(
        count * (4 * units**2 * (queries + keys) + 4 * queries * keys * units)
        for (queries, keys), count in attended.items()
    )
    feed_forward = 4 * units * shape.FEED_FORWARD * (shape.LAYERS * steps + ahead)
    return 3 * (attention + feed_forward + 2 * units * channels * (steps + ahead))


def _product_rate(size=2048):
    """Operations in a second."""
    import tensorflow as tf

    matrix = tf.random.normal((size, size))
    tf.matmul(matrix, matrix).numpy()
    start = time.perf_counter()
    for _ in range(5):
        tf.matmul(matrix, matrix).numpy()
    return 5 * 2 * size**3 / (time.perf_counter() - start)
