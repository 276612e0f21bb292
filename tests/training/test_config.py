"""The settings of a training: defaults that depend on the data, held-out windows, schedules and checks."""

import pandas as pd
import pytest
from forecaster_table import FAST, HORIZON, NETWORKS, monthly

from tsattn import Training


@pytest.fixture(scope="module")
def model():
    """A fitted network, which `fit` must not change if it fails."""
    return NETWORKS["seq2seq"](horizon=HORIZON).fit(monthly())


@pytest.mark.parametrize("forcing, expected", [(1.0, [1, 1, 1]), (0.25, [0.25] * 3), ((1.0, 0.0), [1, 0.5, 0])])
def test_teacher_forcing_is_interpolated_over_the_epochs(forcing, expected):
    training = Training(epochs=3, teacher_forcing=forcing)
    assert [training.teacher_forcing_at(epoch) for epoch in range(3)] == expected


@pytest.mark.parametrize(
    "windows, channels, size",
    [
        (100, 1, 64),
        (4095, 1, 64),
        (4096, 1, 128),
        (8192, 1, 256),
        (10**6, 1, 256),
        (10**6, 2, 128),
        (10**6, 7, 32),
        (100, 7, 32),
        (100, 99, 16),
    ],
)
def test_default_batch_size_and_learning_rate_depend_on_the_windows(windows, channels, size):
    resolved = Training().resolve(windows, channels)
    assert resolved.batch_size == size
    assert resolved.learning_rate == pytest.approx(1e-3 * max(1, size / 64) ** 0.5)
    resolved = Training(batch_size=10, learning_rate=0.1).resolve(windows, channels)
    assert (resolved.batch_size, resolved.learning_rate) == (10, 0.1)


def test_default_epochs_depend_on_early_stopping():
    assert [Training().resolve(100, 1, early_stopping).epochs for early_stopping in (True, False)] == [80, 15]
    assert Training(epochs=7).resolve(100, 1, False).epochs == 7


@pytest.mark.parametrize(
    "argument, value",
    [
        ("epochs", 0),
        ("decay", 0),
        ("decay", 1.5),
        ("batch_size", 2.5),
        ("patience", "3"),
        ("input_noise", -0.1),
        ("input_noise", True),
        ("input_noise", float("nan")),
        ("max_seconds", 0),
        ("max_seconds", True),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("validation_fraction", 1.0),
        ("teacher_forcing", 1.5),
        ("teacher_forcing", (1.0, 0.5, 0.0)),
        ("random_state", -1),
        ("verbose", "loud"),
    ],
)
def test_fit_rejects_invalid_argument(model, argument, value):
    before = model.predict()
    model.set_params(training=Training(**{**FAST, argument: value}))
    with pytest.raises(ValueError, match=argument):
        model.fit(monthly())
    pd.testing.assert_series_equal(model.predict(), before)


def test_fit_rejects_unknown_loss(model):
    model.set_params(training=Training(**FAST, loss="no_such_loss"))
    with pytest.raises(ValueError, match="no_such_loss"):
        model.fit(monthly())
