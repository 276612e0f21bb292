"""What a network does with a batch: learn from it, measure it, forecast it."""

import keras
import numpy as np

from tsattn.forecasters.devices import devices_of


def train_step(network, inputs, target):
    """Learn from a batch; its mean loss.

    Raises:
        ValueError: it has fewer windows than there are devices.
    """
    if keras.backend.backend() != "tensorflow":
        return float(network.train_on_batch(inputs, target))
    if devices_of(network) == 1:
        return float(_compiled(network, "train_step")(inputs, target))
    if len(target) < devices_of(network):
        raise ValueError(
            f"A batch has {len(target)} window(s), but the strategy shares it out among {devices_of(network)} devices. "
            "Raise `batch_size` of the Training, or fit outside of the strategy's scope."
        )
    return _shared_step(network, inputs, target)


def test_step(network, inputs, target):
    """The mean loss of a batch, of which nothing is learnt."""
    if keras.backend.backend() != "tensorflow" or devices_of(network) > 1:
        return float(network.test_on_batch(inputs, target))
    return float(_compiled(network, "test_step")(inputs, target))


def forecast_step(network, inputs):
    """The forecasts of a batch, a NumPy array."""
    if keras.backend.backend() == "tensorflow":
        return _forecasting(network, inputs)(inputs).numpy()
    return network.predict_on_batch(inputs)


def _compiled(network, name):
    """One of the steps that Keras's `fit` and `evaluate` make, as a function of TensorFlow's that gives the loss.

    What Keras does beside it for each batch takes several times a step of a small network.
    """
    import tensorflow as tf

    def step(inputs, target):
        network.reset_metrics()
        return getattr(network, name)((inputs, target))["loss"]

    return _kept(network, name, lambda: tf.function(step))


def _shared_step(network, inputs, target):
    """A step that the devices of the network's strategy share; Keras's own `fit` compiles anew for each batch."""
    import tensorflow as tf

    strategy = network.distribute_strategy
    step = _kept(network, "shared", lambda: tf.function(lambda *batch: strategy.run(network.train_step, args=(batch,))))
    network.reset_metrics()
    inputs = {name: _shared(values, strategy) for name, values in inputs.items()}
    step(inputs, _shared(target, strategy))
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
    was the first.
    """
    import tensorflow as tf

    def forecasting():
        specs = {name: tf.TensorSpec((None, *inputs[name].shape[1:]), inputs[name].dtype, name) for name in names}
        return tf.function(lambda inputs: network(inputs, training=False), input_signature=[specs])

    names = tuple(sorted(inputs))
    return _kept(network, names, forecasting)


def _kept(network, key, make):
    """What is compiled once and kept with a network."""
    kept = vars(network).setdefault("_compiled_steps", {})
    if key not in kept:
        kept[key] = make()
    return kept[key]
