"""The weights that a training keeps are averages over its last epoch."""

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
    """Weights that grow by 1 a batch from 0 on, and their average as a function of the batch."""
    average = WeightAverage(network, batches)
    for step in range(epochs * batches):
        network.layers[0].kernel.assign([[float(step)], [-float(step)]])
        average.add(step % batches)
    return average


@pytest.mark.parametrize("batches, epochs", [(SAMPLES, 5), (10 * SAMPLES, 5), (10 * SAMPLES + 7, 4)])
def test_it_lags_half_an_epoch_behind_weights_that_move_on(network, batches, epochs):
    average = run(network, batches, epochs)
    last = epochs * batches - 1
    with average.in_place():
        assert last - weight_of(network) == pytest.approx(batches / 2, rel=0.1)
        assert network.get_weights()[0][1, 0] == -weight_of(network)
    assert weight_of(network) == last


def test_at_first_what_was_before_training_is_soon_forgotten(network):
    average = run(network, SAMPLES, 1)
    shares = np.array([2 / (count + 1) for count in range(1, SAMPLES + 1)])
    weights = [share * np.prod(1 - shares[count + 1 :]) for count, share in enumerate(shares)]  # of each batch
    assert sum(weights) == pytest.approx(1.0) and weights[0] < 0.01
    with average.in_place():
        assert weight_of(network) == pytest.approx(np.dot(weights, np.arange(SAMPLES)), rel=1e-5)


def test_the_own_weights_come_back_whatever_happens(network):
    average = run(network, 4, 1)
    with pytest.raises(RuntimeError), average.in_place():
        raise RuntimeError
    assert weight_of(network) == 3.0


class Seen(keras.callbacks.Callback):
    """The weights at the end of each epoch, and after each batch."""

    def __init__(self):
        super().__init__()
        self.batches, self.epochs = [], []

    def on_train_batch_end(self, batch, logs=None):
        self.batches.append(self.model.get_weights()[0].copy())

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(self.model.get_weights()[0].copy())


@pytest.mark.parametrize("averaged", [True, False])
def test_a_training_keeps_and_shows_the_average(averaged):
    options = {**FAST, "epochs": 2, "validation_fraction": 0, "average_weights": averaged}
    seen = Seen()
    model = NETWORKS["seq2seq"](horizon=HORIZON, training=Training(**options)).fit(monthly(), callbacks=[seen])
    np.testing.assert_array_equal(model.network_.weights[0], seen.epochs[-1])
    count = len(seen.batches) // 2
    for number, shown in enumerate(seen.epochs, 1):
        assert np.array_equal(shown, seen.batches[number * count - 1]) != averaged
    # What trains goes on from its own weights: the first batch of an epoch moves it no further than others do.
    moves = np.abs(np.diff(seen.batches, axis=0)).max(axis=(1, 2))
    assert moves[count - 1] < 2 * np.median(moves)
