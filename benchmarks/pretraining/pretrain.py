"""Pretrain a network on synthetic series, and write its weights into the package.

    python benchmarks/pretraining/pretrain.py --family attention --season 12 [--steps N] [--resume] [--quick]

One run trains the network of one family and one window of `tsattn/pretrained/catalog.py` by the recipe below. It writes
`tsattn/pretrained/weights/FAMILY-WINDOW.safetensors`, the digests of all weights, and a row of
`results/pretraining.csv`. A checkpoint is written about once a minute; `--resume` continues from it with the same
result. `--quick` trains for a few steps, writes nothing into the package, and checks that the file of weights loads.
"""

import argparse
import dataclasses
import hashlib
import json
import math
import pathlib
import sys
import tempfile
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import numpy as np
from tqdm import tqdm

import tsattn
from benchmarks.common import results
from tsattn._utils.atomic_write import write_atomic
from tsattn.accelerators.flat_variables import flat_variables
from tsattn.accelerators.steps import train_step
from tsattn.forecasters.pretrained import pretrained_spec
from tsattn.pretrained import digests, generator, weights
from tsattn.pretrained.catalog import FAMILIES, find_window
from tsattn.training.compiled import CompiledNetwork

CHECKPOINTS = results.FOLDER.parent / "checkpoints"
CHECKPOINT_SECONDS = 60
LARGEST_TARGET = 40.0  # in standard deviations of the history; a series beyond explodes
STEPS = {False: 8_000, True: 5_000}  # of the training, by whether the lookback is above 64 steps


@dataclasses.dataclass(frozen=True)
class Recipe:
    """The settings of a pretraining.

    Args:
        steps: Number of training steps.
        seed: Seed of the initial weights and of the series.
        batch: Number of windows in a batch.
        rate: Learning rate after the warm-up; it decays by a cosine to `last_rate`.
        last_rate: Learning rate at the end.
        warm_up: Number of steps in which the learning rate rises linearly.
        series: Number of series in a chunk.
        short: Share of the windows whose history is shorter than the lookback.
        missing: Share of the series with missing values.
        average: Weight of the earlier average of the weights, which is updated every `average_steps` steps.
        average_steps: Number of steps between two updates.
    """

    steps: int
    seed: int = 0
    batch: int = 256
    rate: float = 2e-3
    last_rate: float = 1e-5
    warm_up: int = 200
    series: int = 2048
    short: float = 0.4
    missing: float = 0.05
    average: float = 0.99
    average_steps: int = 20

    def rate_at(self, step):
        """Return the learning rate at a step, counted from 0."""
        cosine = (1 + math.cos(math.pi * step / self.steps)) / 2
        return min(1, (step + 1) / self.warm_up) * self.rate * cosine + self.last_rate


def draw_windows(window, recipe, number):
    """Draw the windows of chunk `number`.

    Each is scaled by the mean and standard deviation of its history. Some histories are shorter than the lookback.

    Returns:
        Histories `(n, lookback, 1)`, NaN where missing, and targets `(n, horizon, 1)`.
    """
    random = np.random.default_rng([recipe.seed, number])
    lookback, width = window.lookback, window.lookback + window.horizon
    is_long = lookback > 64
    extra, per_series = (lookback, 8) if is_long else (24, 4)
    others = len(window.cycles) - 1
    shares = [window.main_share] + [(1 - window.main_share) / others] * others if others else [1.0]
    parts = []
    for share, cycle in zip(shares, window.cycles, strict=True):
        count, seed = round(share * recipe.series), int(random.integers(2**31))
        options = {"missing": recipe.missing, "random_state": seed}
        parts.append(generator.synthetic_series(count, width + extra, cycle, **options))
    values = np.concatenate(parts)[random.permutation(sum(map(len, parts)))].repeat(per_series, axis=0)
    start = random.integers(0, extra + 1, (len(values), 1))
    values = np.take_along_axis(values, start + np.arange(width), axis=1)
    history, target = values[:, :lookback], values[:, lookback:]
    shortest = max((4, *window.cycles[0][:1]))
    length = np.exp(random.uniform(np.log(shortest), np.log(lookback), len(values))).astype(int)
    length = np.where(random.random(len(values)) < recipe.short, length, lookback)
    history[np.arange(lookback) < (lookback - length)[:, None]] = np.nan
    seen = ~np.isnan(history).all(axis=1)
    history, target = history[seen], target[seen]
    mean, deviation = np.nanmean(history, axis=1, keepdims=True), np.nanstd(history, axis=1, keepdims=True)
    varies = (deviation > 1e-6 * np.abs(mean))[:, 0]
    mean, deviation = mean[varies], deviation[varies]
    history, target = (history[varies] - mean) / deviation, (target[varies] - mean) / deviation
    usable = ~np.isnan(target).all(axis=1) & ~(np.abs(target) > LARGEST_TARGET).any(axis=1)
    order = random.permutation(np.flatnonzero(usable))
    return history[order, :, None].astype("float32"), target[order, :, None].astype("float32")


def pretrain(family, window, recipe, checkpoint=None, resume=False):
    """Train a network, and return its weights by path, the losses of all steps and the seconds.

    Args:
        family: Name of the family.
        window: A `PretrainedWindow`.
        recipe: A `Recipe`.
        checkpoint: Path of the checkpoint, or None for none.
        resume: Whether to continue from the checkpoint, if there is one.
    """
    compiled = CompiledNetwork(pretrained_spec(family, window), recipe.seed)
    compiled.compile(("mae", recipe.batch, False))
    compiled.start(compiled.initial_values(recipe.seed))
    network = compiled.network
    variables = [*network.variables, *network.optimizer.variables]
    average_of = flat_variables(network, network.trainable_variables)
    average, losses, chunk, seconds = average_of.read(), [], 0, 0.0
    if resume and checkpoint.exists():
        with np.load(checkpoint) as state:
            if str(state["recipe"]) != repr(recipe):
                raise ValueError(f"{checkpoint} is of the recipe {state['recipe']}. Delete it, or omit --resume.")
            for place, variable in enumerate(variables):
                variable.assign(state[f"variable_{place}"])
            average, losses, chunk = state["average"], list(state["losses"]), int(state["chunk"])
            seconds = float(state["seconds"])
    begun = saved = time.perf_counter()
    with tqdm(total=recipe.steps, initial=len(losses), desc=f"{family}-{window.name}", mininterval=10) as bar:
        while len(losses) < recipe.steps:
            histories, targets = draw_windows(window, recipe, chunk)
            chunk += 1
            for first in range(0, len(histories) - recipe.batch + 1, recipe.batch):
                step = len(losses)
                if step >= recipe.steps:
                    break
                network.optimizer.learning_rate = recipe.rate_at(step)
                batch = slice(first, first + recipe.batch)
                losses.append(float(train_step(network, {"history": histories[batch]}, targets[batch])))
                if step % recipe.average_steps == 0:
                    current = average_of.read()
                    average = current if step == 0 else recipe.average * average + (1 - recipe.average) * current
                bar.update()
            bar.set_postfix(loss=f"{np.mean(losses[-500:]):.4f}", refresh=False)
            if not np.isfinite(losses[-1]):
                raise ArithmeticError(f"The loss is {losses[-1]} at step {len(losses)}. Lower the learning rate.")
            if checkpoint is not None and time.perf_counter() - saved > CHECKPOINT_SECONDS:
                saved = time.perf_counter()
                state = {f"variable_{place}": np.asarray(variable) for place, variable in enumerate(variables)}
                state |= {"average": average, "losses": losses, "chunk": chunk, "seconds": seconds + saved - begun}
                partial = checkpoint.with_suffix(".part.npz")
                np.savez(partial, recipe=repr(recipe), **state)
                partial.replace(checkpoint)
    average_of.write(average)
    values = {variable.path: np.asarray(variable) for variable in network.weights}
    return values, losses, seconds + time.perf_counter() - begun


def write_weights(folder, family, window, recipe, values, seconds):
    """Write a file of weights with its recipe, and return its path."""
    folder.mkdir(exist_ok=True)
    path = folder / weights.file_name(family, window)
    about = {**dataclasses.asdict(recipe), "generator": generator.VERSION, "seconds": round(seconds)}
    write_atomic(path, weights.encode_weights(values, {"recipe": json.dumps(about)}), overwrite=True)
    return path


def write_digests():
    """Write the digests of all files of weights into the source."""
    files = sorted(weights.FOLDER.glob("*.safetensors"))
    lines = [f'    "{file.name}": "{hashlib.sha256(file.read_bytes()).hexdigest()}",' for file in files]
    text = f'"""{digests.__doc__}"""\n\nDIGESTS = {{\n' + "\n".join(lines) + "\n}\n"
    write_atomic(pathlib.Path(digests.__file__), text.encode(), overwrite=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", choices=FAMILIES, default="attention")
    parser.add_argument("--season", type=int, default=12)
    parser.add_argument("--steps", type=int, help="training steps. Defaults to 8000, or 5000 for long windows")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="continue from the checkpoint of an interrupted run")
    parser.add_argument("--quick", action="store_true", help="train for a few steps only, and write nothing")
    arguments = parser.parse_args()
    window = find_window(arguments.season)
    if window is None:
        parser.error(f"--season {arguments.season} has no pretrained networks.")
    if arguments.quick:
        return _quick(arguments.family, window, arguments.steps or 60)
    recipe = Recipe(arguments.steps or STEPS[window.lookback > 64], arguments.seed)
    CHECKPOINTS.mkdir(exist_ok=True)
    checkpoint = CHECKPOINTS / f"{arguments.family}-{window.name}.npz"
    values, losses, seconds = pretrain(arguments.family, window, recipe, checkpoint, arguments.resume)
    path = write_weights(weights.FOLDER, arguments.family, window, recipe, values, seconds)
    write_digests()
    row = {"family": arguments.family, "window": window.name, "steps": recipe.steps, "seed": recipe.seed}
    row |= {"generator": generator.VERSION, "tsattn": tsattn.__version__, "minutes": round(seconds / 60, 1)}
    row |= {"first_loss": round(np.mean(losses[:200]), 4), "loss": round(np.mean(losses[-1000:]), 4)}
    row |= {"weights": sum(part.size for part in values.values()), "bytes": path.stat().st_size}
    results.write("pretraining", [row], key=("family", "window"))
    checkpoint.unlink(missing_ok=True)
    print(row)


def _quick(family, window, steps):
    """Train for a few steps on small chunks. Check that the loss falls and that the file of weights loads."""
    recipe = Recipe(steps, series=256, warm_up=10)
    values, losses, seconds = pretrain(family, window, recipe)
    first, last = (float(np.mean(part)) for part in (losses[:10], losses[-10:]))
    with tempfile.TemporaryDirectory() as folder:
        path = write_weights(pathlib.Path(folder), family, window, recipe, values, seconds)
        loaded = weights.decode_weights(path.read_bytes())
    equal = all(np.array_equal(loaded[name], part.astype("float16")) for name, part in values.items())
    print(f"loss {first:.3f} -> {last:.3f}, {len(loaded)} arrays loaded: {'equal' if equal else 'DIFFERENT'}")
    if not (last < first and equal):
        raise SystemExit("The loss did not fall, or the weights differ after loading.")


if __name__ == "__main__":
    main()
