"""A step of a network on one device, or shared out among those of a `tf.distribute` strategy."""

import keras


def devices_of(network):
    """How many devices train a network: as many as the strategy has that it was made under."""
    return getattr(getattr(network, "distribute_strategy", None), "num_replicas_in_sync", 1)


def train_step(network, inputs, target):
    """Learn from a batch; its mean loss."""
    if devices_of(network) == 1:
        return float(network.train_on_batch(inputs, target))
    # Keras shares out what it trains on by `fit` alone, which forgets that a callback wants to stop.
    stops = network.stop_training
    history = network.fit(inputs, target, batch_size=len(target), shuffle=False, verbose=0)
    network.stop_training = network.stop_training or stops
    return history.history["loss"][0]


def forecast_step(network, inputs):
    """The forecasts of a batch, a NumPy array."""
    if devices_of(network) == 1 and keras.backend.backend() == "tensorflow":
        return _compiled(network, inputs)(inputs).numpy()
    forecasts = network.predict_on_batch(inputs)
    return forecasts[: len(inputs["history"])]  # each device of several forecasts all


def _compiled(network, inputs):
    """The network as a function of TensorFlow's, compiled once for batches of any size.

    Keras compiles for the size of the first batch, and then for any: the last bits of a forecast would depend on which
    was the first.
    """
    import tensorflow as tf

    kept = vars(network).setdefault("_forecast_steps", {})
    names = tuple(sorted(inputs))
    if names not in kept:
        specs = {name: tf.TensorSpec((None, *inputs[name].shape[1:]), inputs[name].dtype, name) for name in names}
        kept[names] = tf.function(lambda inputs: network(inputs, training=False), input_signature=[specs])
    return kept[names]
