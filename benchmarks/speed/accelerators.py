"""Measure the speedup of each component of `tsattn.accelerators` over its Keras equivalent.

    python benchmarks/speed/accelerators.py [--pieces adam,dropout,...] [--quick] [--again] [--table]

Both are measured in alternation, A B A B. The gain is the median of the ratios of the equivalent to the component:
above 1, the component is faster or uses less memory. It takes about five minutes on two cores.
"""

import functools
import gc
import json
import logging
import pathlib
import statistics
import sys
import time

import keras
import numpy as np
import tensorflow as tf

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

from benchmarks.common.processes import measure_in_process
from benchmarks.common.runner import Benchmark
from benchmarks.common.tables import print_table
from tsattn.accelerators.adam import FlatAdam
from tsattn.accelerators.devices import build_at, current_place
from tsattn.accelerators.dropout import FastDropout
from tsattn.accelerators.flat_variables import FlatVariables
from tsattn.accelerators.lstm import FusedLSTM
from tsattn.accelerators.steps import forecast_step, measure_step, train_step
from tsattn.layers.multi_head_attention import multi_head_attention
from tsattn.networks import Skeleton, attention, transformer

SEED, TURNS, NETWORKS = 0, 5, 40
LOOKBACK, HORIZON = 36, 12


# Measurements ----------------------------------------------------------------------------------------------------


def network_of(family, optimizer=FlatAdam, units=128):
    """Build and compile a network with the default settings of a monthly series."""
    skeleton = Skeleton(
        units=units,
        patch_size=12,
        normalization="last",
        embedding="relu",
        decoding="direct",
        mix_channels=False,
        dropout=0.1,
        shortcut=1,
    )
    network = family(LOOKBACK, HORIZON, 1, skeleton)
    network.compile(optimizer(), "mae", jit_compile=False)
    network.optimizer.build(network.trainable_variables)
    return network


def batch_of(size):
    normal = np.random.default_rng(SEED).normal
    shapes = (size, LOOKBACK, 1), (size, HORIZON, 1)
    history, target = (normal(size=shape).astype("float32") for shape in shapes)
    return {"history": history}, target


def seconds(call, repeats=1):
    """Return the seconds per call, averaged over several calls."""
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def steady(call, repeats):
    """Return a measurement of a call that is already compiled."""
    call()
    return lambda: seconds(call, repeats)


def as_numbers(call, arguments):
    """Wait for the result of a call, like a forecaster."""
    return np.asarray(call(*arguments))


def first_step(family, optimizer):
    """Return a measurement of building, tracing and running the first training step of a new network."""

    def measure():
        network, batch = network_of(family, optimizer), batch_of(16)
        return seconds(lambda: train_step(network, *batch))

    return measure


def training_of(layer, *shape):
    """Return a compiled call of a layer in training, forwards and backwards."""
    inputs = tf.constant(np.random.default_rng(SEED).normal(size=shape).astype("float32"))

    @tf.function
    def run():
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = tf.nest.flatten(layer(inputs, training=True))
            total = tf.add_n([tf.reduce_sum(output * output) for output in outputs])
        return tape.gradient(total, [*layer.trainable_variables, inputs])

    return run


class HeadAttention(keras.layers.Layer):
    """Self-attention by Keras or by `multi_head_attention`."""

    def __init__(self, units, plain):
        super().__init__()
        self.attention, self.plain = keras.layers.MultiHeadAttention(4, units // 4), plain

    def build(self, shape):
        self.attention.build(shape, shape)

    def call(self, inputs):
        if self.plain:
            return self.attention(inputs, inputs, return_attention_scores=True)
        return multi_head_attention(self.attention, inputs, inputs)


def in_a_process(name, way):
    """Return a measurement of `CHILDREN[name](way)` in a separate process."""
    return lambda: measure_in_process(__file__, name, way)["figure"]


def built_megabytes(place):
    """Return the memory that remains allocated after building networks, in a thread of `build_at` or in this one."""

    def build():
        network_of(attention, units=4)

    def grow(count):
        for _ in range(count):
            build_at(current_place(), build) if place == "thread" else build()
        gc.collect()
        pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
        return pages * 4096 / 2**20

    return -grow(10) + grow(NETWORKS)


def distributed_seconds(way):
    """Return the seconds of a training step on two devices, by `train_step` or by the `fit` of Keras."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    with tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"]).scope():
        network = network_of(attention, keras.optimizers.Adam)
    inputs, target = batch_of(16)
    if way == "piece":
        return steady(lambda: train_step(network, inputs, target), 20)()
    return steady(lambda: network.fit(inputs, target, batch_size=16, verbose=0), 5)()


CHILDREN = {"megabytes": built_megabytes, "distributed": distributed_seconds}


# The table: a component, its equivalent, a case, a unit, and both measurements ---------------------------------------


def adam_rows():
    twin = "keras.optimizers.Adam"
    for family in (attention, transformer):
        name = family.__name__
        measurements = first_step(family, FlatAdam), first_step(family, keras.optimizers.Adam)
        yield "adam.FlatAdam", twin, f"first training step with compilation, {name}", "s", *measurements
        networks = [network_of(family, optimizer) for optimizer in (FlatAdam, keras.optimizers.Adam)]
        measurements = (steady(functools.partial(train_step, network, *batch_of(16)), 30) for network in networks)
        yield "adam.FlatAdam", twin, f"training step, {name}", "s", *measurements


def steps_rows():
    for family in (attention, transformer):
        ours, theirs = network_of(family), network_of(family)
        for step, twin, arguments, windows in (
            (train_step, "train_on_batch", batch_of(16), "16 windows"),
            (measure_step, "test_on_batch", batch_of(16), "16 windows"),
            (forecast_step, "predict_on_batch", batch_of(1)[:1], "1 window"),
        ):
            calls = functools.partial(step, ours), getattr(theirs, twin)
            measurements = (steady(functools.partial(as_numbers, call, arguments), 50) for call in calls)
            piece, twin = f"steps.{step.__name__}", f"keras.Model.{twin}"
            yield piece, twin, f"{windows}, {family.__name__}", "s", *measurements
    measurements = in_a_process("distributed", "piece"), in_a_process("distributed", "twin")
    yield "steps.train_step", "keras.Model.fit", "16 windows on two devices, attention", "s", *measurements


def flat_variables_rows():
    network = network_of(transformer)
    flat, plain = FlatVariables(network.weights), FlatVariables(network.weights, compiled=False)
    vector, count = plain.read(), len(network.weights)
    flat.write(vector)
    for case, calls in {
        f"read {count} variables": (flat.read, plain.read),
        f"write {count} variables": (lambda: flat.write(vector), lambda: plain.write(vector)),
    }.items():
        yield "flat_variables.FlatVariables", "one by one", case, "s", *(steady(call, 50) for call in calls)


def dropout_rows():
    for shape in ((16, 3, 128), (256, 4, 8, 8), (64, 4, 96, 96)):
        layers = FastDropout(0.1), keras.layers.Dropout(0.1)
        case = f"values {' x '.join(map(str, shape))}, training"
        measurements = (steady(training_of(layer, *shape), 10) for layer in layers)
        yield "dropout.FastDropout", "keras.layers.Dropout", case, "s", *measurements


def lstm_rows():
    for units, width, batch in ((16, 7, 64), (64, 7, 64), (64, 64, 64)):  # with more units it is the layer of Keras
        options = {"return_sequences": True, "return_state": True, "use_cudnn": False}
        layers = FusedLSTM(units, **options), keras.layers.LSTM(units, **options)
        case = f"{batch} sequences of 96 steps, width {width}, {units} units, training"
        measurements = (steady(training_of(layer, batch, 96, width), 3) for layer in layers)
        yield "lstm.FusedLSTM", "keras.layers.LSTM", case, "s", *measurements


def multi_head_attention_rows():
    for batch, steps, units in ((16, 3, 128), (256, 8, 128), (64, 96, 64)):
        layers = HeadAttention(units, plain=False), HeadAttention(units, plain=True)
        case = f"{batch} sequences of {steps} steps, {units} units, training"
        measurements = (steady(training_of(layer, batch, steps, units), 10) for layer in layers)
        yield "layers.multi_head_attention", "keras.layers.MultiHeadAttention", case, "s", *measurements


def devices_rows():
    measurements = in_a_process("megabytes", "thread"), in_a_process("megabytes", "caller")
    case = f"memory that stays after {NETWORKS} networks"
    yield "devices.build_at", "in the calling thread", case, "MB", *measurements


PIECES = {
    "adam": adam_rows,
    "steps": steps_rows,
    "flat_variables": flat_variables_rows,
    "dropout": dropout_rows,
    "lstm": lstm_rows,
    "multi_head_attention": multi_head_attention_rows,
    "devices": devices_rows,
}


def measure(piece):
    """Return a row for each case of a piece."""
    logging.getLogger("tensorflow").setLevel("ERROR")  # many networks are compiled on purpose
    keras.utils.set_random_seed(SEED)
    return [compare(*case) for case in PIECES[piece]()]


def compare(name, twin, case, unit, ours, theirs):
    """Measure a case of a piece and of its twin in turn, and return its row."""
    pairs = [(ours(), theirs()) for _ in range(TURNS)]
    figures = {"ours": [one for one, _ in pairs], "theirs": [other for _, other in pairs]}
    figures["gain"] = [other / one for one, other in pairs]
    medians = {column: f"{statistics.median(values):.4g}" for column, values in figures.items()}
    return {"name": name, "twin": twin, "case": case, "unit": unit, **medians, "seed": SEED}


def report(rows):
    """Print the table of these rows, as read from the results."""
    columns = ("name", "case", "unit", "ours", "twin", "theirs", "gain")
    print_table(
        ["accelerator", "case", "unit", "tsattn", "twin", "its figure", "gain"],
        [[row[column] for column in columns] for row in sorted(rows, key=lambda row: list(PIECES).index(row["piece"]))],
    )


BENCHMARK = Benchmark(
    "accelerators",
    axes={"pieces": ("piece", tuple(PIECES))},
    figures=("name", "twin", "case", "unit", "ours", "theirs", "gain", "seed"),
    measure=measure,
    quick={"piece": "dropout"},
    report=report,
)

if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in CHILDREN:
        print(json.dumps({"figure": CHILDREN[sys.argv[1]](sys.argv[2])}))
    else:
        BENCHMARK.main(__doc__)
