"""Seeds: results are reproducible, and the random state of the caller is unchanged."""

import random

import keras
import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, HORIZON, NETWORKS, monthly

from tsattn import Training
from tsattn.training.seeding import generator_of, seeded

LONG = monthly(180)  # long enough for early stopping, so that there is one training


@pytest.fixture(scope="module")
def model():
    """A network that tests refit, so that it is compiled only once."""
    return NETWORKS["seq2seq"](horizon=HORIZON)


def train(model, **options):
    """Fit with other arguments of the training."""
    return model.set_params(training=Training(**{**FAST, **options})).fit(LONG)


def test_equal_seeds_give_equal_forecasts(model):
    first, other = train(model, random_state=1).predict(), train(model, random_state=2).predict()
    assert not np.allclose(first, other)
    pd.testing.assert_series_equal(train(model, random_state=1).predict(), first, check_exact=True)


def test_random_state_of_the_caller_is_used_without_a_seed(model):
    random.seed(3)
    first = train(model, random_state=None).predict()
    random.seed(3)
    pd.testing.assert_series_equal(train(model, random_state=None).predict(), first, check_exact=True)
    assert not np.allclose(train(model, random_state=None).predict(), first)


class DrawRandom(keras.callbacks.Callback):
    """Records the state of Python's `random` after each epoch, and draws from it."""

    def on_epoch_end(self, epoch, logs=None):
        self.state = random.getstate()
        random.random()


def test_training_does_not_change_the_random_state_of_the_caller(model):
    expected = train(model, random_state=1).predict()
    state, callback = random.getstate(), DrawRandom()
    model.set_params(training=Training(**{**FAST, "epochs": 1, "random_state": 1})).fit(LONG, callbacks=callback)
    assert callback.state == state and random.getstate() != state
    random.seed(7)
    pd.testing.assert_series_equal(train(model, random_state=1).predict(), expected, check_exact=True)


def test_seeded_restores_the_random_state_after_an_error():
    state = random.getstate()
    with pytest.raises(RuntimeError), seeded(5):
        random.random()
        raise RuntimeError
    assert random.getstate() == state


def test_generator_depends_on_the_seed_or_the_random_state_of_the_caller():
    first, second, other = (generator_of(seed).random(3) for seed in (7, 7, 8))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)
    state = random.getstate()
    drawn = generator_of(None).random(3)
    random.setstate(state)
    np.testing.assert_array_equal(drawn, generator_of(None).random(3))
    assert not np.array_equal(drawn, generator_of(None).random(3))
