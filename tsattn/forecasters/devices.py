"""A step of a network on one device, or shared out among those of a `tf.distribute` strategy."""

import keras


def strategy_of_now():
    """The strategy of `tf.distribute` whose scope this is in, or None."""
    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    return tf.distribute.get_strategy() if tf.distribute.has_strategy() else None


def devices_of(network):
    """How many devices train a network: as many as the strategy has that it was made under."""
    return getattr(getattr(network, "distribute_strategy", None), "num_replicas_in_sync", 1)


def train_step(network, inputs, target):
    """Learn from a batch; its mean loss."""
    if devices_of(network) == 1:
        return float(network.train_on_batch(inputs, target))
    import tensorflow as tf

    strategy = network.distribute_strategy
    if not hasattr(network, "_shared_step"):  # Keras's own `fit` compiles anew for each batch that it is called with
        network._shared_step = tf.function(lambda *batch: strategy.run(network.train_step, args=(batch,)))
    count, total = devices_of(network), len(target)

    def shared(values):
        """A part for each device, of sizes that differ by 1 at most."""
        cut = [total * place // count for place in range(count + 1)]

        def part(context):
            place = context.replica_id_in_sync_group
            return tf.constant(values[cut[place] : cut[place + 1]])

        return strategy.experimental_distribute_values_from_function(part)

    network.reset_metrics()
    network._shared_step({name: shared(values) for name, values in inputs.items()}, shared(target))
    return float(network.get_metrics_result()["loss"])


def forecast_step(network, inputs):
    """The forecasts of a batch, a NumPy array."""
    if keras.backend.backend() == "tensorflow":
        return _compiled(network, inputs)(inputs).numpy()
    return network.predict_on_batch(inputs)


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
