"""Weight averaging: the trained weights are averages over the last epoch."""

import keras
import numpy as np
import pytest
from forecaster_table import FAST, HORIZON, NETWORKS, monthly

from tsattn import Training
from tsattn.training.trainer import AVERAGED_SAMPLES as SAMPLES
from tsattn.training.trainer import WeightAverage


@pytest.fixture
def network():
    layer = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    layer.layers[0].kernel.assign([[7.0], [-7.0]])
    return layer


def weight_of(network):
    return network.get_weights()[0][0, 0]


def run(network, batches, epochs):
    """Return the average of weights that increase by 1 in each batch, from 0."""
    average = WeightAverage(network, batches)
    for step in range(epochs * batches):
        network.layers[0].kernel.assign([[float(step)], [-float(step)]])
        average.add(step % batches)
    return average


@pytest.mark.parametrize("batches, epochs", [(SAMPLES, 5), (10 * SAMPLES, 5), (10 * SAMPLES + 7, 4)])
def test_average_lags_half_an_epoch_behind_increasing_weights(network, batches, epochs):
    average = run(network, batches, epochs)
    last = epochs * batches - 1
    with average.in_place():
        assert last - weight_of(network) == pytest.approx(batches / 2, rel=0.1)
        assert network.get_weights()[0][1, 0] == -weight_of(network)
    assert weight_of(network) == last


def test_initial_weights_have_little_influence_after_one_epoch(network):
    average = run(network, SAMPLES, 1)
    shares = np.array([2 / (count + 1) for count in range(1, SAMPLES + 1)])
    weights = [share * np.prod(1 - shares[count + 1 :]) for count, share in enumerate(shares)]  # per batch
    assert sum(weights) == pytest.approx(1.0) and weights[0] < 0.01
    with average.in_place():
        assert weight_of(network) == pytest.approx(np.dot(weights, np.arange(SAMPLES)), rel=1e-5)


def test_current_weights_are_restored_after_an_error(network):
    average = run(network, 4, 1)
    with pytest.raises(RuntimeError), average.in_place():
        raise RuntimeError
    assert weight_of(network) == 3.0


class RecordWeights(keras.callbacks.Callback):
    """Records the weights after each batch and at the end of each epoch."""

    def __init__(self):
        super().__init__()
        self.batches, self.epochs = [], []

    def on_train_batch_end(self, batch, logs=None):
        self.batches.append(self.model.get_weights()[0].copy())

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(self.model.get_weights()[0].copy())


@pytest.mark.parametrize("averaged", [True, False])
def test_training_uses_the_average_in_callbacks_and_as_trained_weights(averaged):
    options = {**FAST, "epochs": 2, "validation_fraction": 0, "average_weights": averaged}
    record = RecordWeights()
    model = NETWORKS["seq2seq"](horizon=HORIZON, training=Training(**options)).fit(monthly(), callbacks=[record])
    np.testing.assert_array_equal(model.network_.weights[0], record.epochs[-1])
    count = len(record.batches) // 2
    for number, weights in enumerate(record.epochs, 1):
        assert np.array_equal(weights, record.batches[number * count - 1]) != averaged
    # Training continues from the current weights: the first batch of an epoch changes them as little as the other
    # batches.
    changes = np.abs(np.diff(record.batches, axis=0)).max(axis=(1, 2))
    assert changes[count - 1] < 2 * np.median(changes)
