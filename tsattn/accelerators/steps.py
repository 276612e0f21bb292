"""What a network does with a batch: learn from it, measure it, forecast it."""

import keras
import numpy as np

from tsattn.accelerators.devices import devices_of


def train_step(network, inputs, target):
    """Learn from a batch; its mean loss.

    Raises:
        ValueError: it has fewer windows than there are devices.
    """
    if devices_of(network) == 1:
        return _learnt_or_measured(network, "train", inputs, target)
    if len(target) < devices_of(network):
        raise ValueError(
            f"A batch has {len(target)} window(s), but the strategy shares it out among {devices_of(network)} devices. "
            "Raise `batch_size` of the Training, or fit outside of the strategy's scope."
        )
    return _shared_step(network, inputs, target)


def measure_step(network, inputs, target):
    """The mean loss of a batch, of which nothing is learnt."""
    if devices_of(network) == 1:
        return _learnt_or_measured(network, "test", inputs, target)
    return float(network.test_on_batch(inputs, target))


def forecast_step(network, inputs):
    """The forecasts of a batch, a NumPy array."""
    if keras.backend.backend() == "tensorflow":
        return _forecasting(network, inputs)(inputs).numpy()
    return network.predict_on_batch(inputs)


def _learnt_or_measured(network, what, inputs, target):
    """The loss of the step that Keras's `fit` or `evaluate` makes, called as a function of TensorFlow's.

    What Keras does beside it for each batch takes several times a step of a small network.
    """
    if keras.backend.backend() != "tensorflow" or network.run_eagerly:
        return float(getattr(network, f"{what}_on_batch")(inputs, target))
    import tensorflow as tf

    def step(inputs, target):
        network.reset_metrics()
        step_of_keras = getattr(network, f"{what}_step")
        return network.distribute_strategy.run(step_of_keras, args=((inputs, target),))["loss"]

    return float(_kept(network, "training", what, lambda: tf.function(step, autograph=False))(inputs, target))


def _shared_step(network, inputs, target):
    """A step that the devices of the network's strategy share; Keras's own `fit` compiles anew for each batch."""
    import tensorflow as tf

    strategy = network.distribute_strategy

    def step(*batch):
        return strategy.run(network.train_step, args=(batch,))

    shared = _kept(network, "training", "shared", lambda: tf.function(step, autograph=False))
    network.reset_metrics()
    inputs = {name: _shared(values, strategy) for name, values in inputs.items()}
    shared(inputs, _shared(target, strategy))
    return float(network.get_metrics_result()["loss"])


def _shared(values, strategy):
    """A part of an array for each device, of lengths that differ by 1 at most."""
    import tensorflow as tf

    parts = np.array_split(values, strategy.num_replicas_in_sync)
    return strategy.experimental_distribute_values_from_function(
        lambda context: tf.constant(parts[context.replica_id_in_sync_group])
    )


def _forecasting(network, inputs):
    """The network as a function of TensorFlow's, compiled once for batches of any size.

    Keras compiles for the size of the first batch, and then for any: the last bits of a forecast would depend on which
    was the first. Nor is it asked anew which compiled function a batch goes to, which takes a fifth of a forecast.
    """
    import tensorflow as tf

    def forecasting():
        specs = {name: tf.TensorSpec((None, *inputs[name].shape[1:]), inputs[name].dtype, name) for name in names}
        function = tf.function(lambda inputs: network(inputs, training=False), autograph=False)
        return function.get_concrete_function(specs)

    names = tuple(sorted(inputs))
    return _kept(network, "forecast", names, forecasting)


def _kept(network, kind, key, make):
    """What is compiled once and kept with a network; `network.compile` drops the kind `"training"`."""
    kept = vars(network).setdefault(f"_{kind}_steps", {})
    if key not in kept:
        kept[key] = make()
    return kept[key]
