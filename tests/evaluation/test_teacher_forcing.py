"""Teacher forcing and free running: stubs with a known result, and small networks."""

import dataclasses
import types

import numpy as np
import pandas as pd
import pytest
from forecaster_table import SMALL

from tsattn import AttentionForecaster, LinearForecaster, Seq2SeqForecaster, Training
from tsattn.evaluation.teacher_forcing import teacher_gap
from tsattn.series.panel import read_panel

HORIZON = 4


def monthly(length=60):
    steps = np.arange(length)
    values = 50 + 10 * np.sin(steps * np.pi / 6) + np.random.default_rng(0).normal(size=length)
    return pd.Series(values, pd.date_range("2020-01", periods=length, freq="MS", name="month"), name="sales")


def wide():
    return pd.DataFrame({"north": monthly(), "south": 1000 - 30 * monthly().to_numpy()[::-1]})


def actual_values(y, windows, stride):
    """Actual values after each origin, (series, windows, horizon, channels)."""
    values = y.to_frame().to_numpy()
    firsts = len(values) - HORIZON - stride * np.arange(windows)[::-1]
    return np.stack([values[first : first + HORIZON] for first in firsts])[None]


def stub(y, error):
    """A forecaster whose free-running error at each step is `error`, and 0 with teacher forcing."""
    free = np.asarray(error)[:, None]
    return types.SimpleNamespace(
        layout_=read_panel(y)[1],
        predict_windows=lambda y, covariates, *, windows, stride: (actual_values(y, windows, stride) + free)[..., None],
        predict_windows_taught=lambda y, covariates, *, static, windows, stride: actual_values(y, windows, stride),
    )


@pytest.mark.parametrize("stride", [1, 3])
def test_errors_are_means_by_step_in_standard_deviations(stride):
    y = monthly()
    gap = teacher_gap(stub(y, [0.0, 1.0, -2.0, 3.0]), y, windows=5, stride=stride)
    assert gap.index.tolist() == [1, 2, 3, 4] and gap.index.name == "step"
    assert list(gap.columns) == ["free running", "teacher forcing"]
    np.testing.assert_allclose(gap["free running"] * y.std(ddof=0), [0, 1, 2, 3], atol=1e-12)
    assert (gap["teacher forcing"] == 0).all()


def test_missing_values_are_ignored():
    y = monthly()
    y.iloc[-1] = np.nan
    gap = teacher_gap(stub(y, [0.0, 1.0, 1.0, 1.0]), y, windows=1)
    assert np.isnan(gap.loc[4]).all() and gap.loc[:3].notna().all(axis=None)


@pytest.fixture(scope="module", params=[1, 2], ids=["steps", "patches"])
def recursive(request):
    """A recursive network, fitted on all but the last values."""
    training = Training(epochs=1, batches_per_epoch=4, random_state=0, verbose=0)
    options = {"lookback": 12, "patch_size": request.param, "decoding": "recursive", **SMALL}
    return AttentionForecaster(HORIZON, training=training, **options).fit(wide()[:-10])


def test_only_the_first_patch_is_the_same(recursive):
    gap, patch = teacher_gap(recursive, wide(), windows=5), recursive.patch_size_
    free, taught = gap["free running"].to_numpy(), gap["teacher forcing"].to_numpy()
    np.testing.assert_allclose(free[:patch], taught[:patch], rtol=1e-5)
    assert (np.abs(free - taught)[patch:] > 1e-4).all()


def test_step_depends_on_previous_actual_values_only(recursive):
    y, patch = wide(), recursive.patch_size_
    before = recursive.predict_windows_taught(y, windows=1)
    assert before.shape == (1, 1, HORIZON, 2)
    y.iloc[-HORIZON] += 5.0  # the first forecast step
    change = np.abs(recursive.predict_windows_taught(y, windows=1) - before)[0, 0].min(axis=1)
    assert (change[:patch] == 0).all() and (change[patch:] > 1e-4).all()
    y.iloc[-1] = 1e3  # the decoder does not receive the last value
    np.testing.assert_array_equal(
        recursive.predict_windows_taught(y, windows=1),
        recursive.predict_windows_taught(y[:-1].reindex(y.index), windows=1),
    )


def test_missing_actual_values_mean_free_running(recursive):
    y = wide()
    y.iloc[-HORIZON:] = np.nan
    free = recursive.predict_windows(y, windows=1)[..., 0]
    np.testing.assert_allclose(recursive.predict_windows_taught(y, windows=1), free, rtol=1e-5)


def test_network_that_ignores_its_input_has_no_gap():
    """With an embedding of 0, the decoder does not depend on its previous values."""
    y, training = monthly(), Training(epochs=1, batches_per_epoch=4, random_state=0, verbose=0)
    options = {"lookback": 12, "patch_size": 1, "decoding": "recursive", **SMALL}
    model = Seq2SeqForecaster(HORIZON, training=training, **options).fit(y)
    network = model.network_.copy()
    for weight in network.body.decoding.embed.weights:
        weight.assign(np.zeros(weight.shape))
    model.network_ = dataclasses.replace(model.network_, weights=network.get_weights())
    gap = teacher_gap(model, y, windows=5)
    np.testing.assert_allclose(gap["free running"], gap["teacher forcing"], rtol=1e-5)


def test_many_series():
    y = pd.concat({"a": monthly(), "b": 5 * monthly()[20:]}, names=["shop", "month"])
    training = Training(epochs=1, batches_per_epoch=4, random_state=0, verbose=0)
    model = Seq2SeqForecaster(HORIZON, lookback=12, decoding="recursive", **SMALL, training=training).fit(y)
    assert teacher_gap(model, y, windows=3).notna().all(axis=None)


def test_direct_decoding_raises():
    y, training = monthly(), Training(epochs=1, batches_per_epoch=4, random_state=0, verbose=0)
    model = Seq2SeqForecaster(HORIZON, lookback=12, **SMALL, training=training).fit(y)
    with pytest.raises(ValueError, match="`decoding='recursive'`"):
        teacher_gap(model, y, windows=5)
    with pytest.raises(ValueError, match=r"LinearForecaster.*`decoding='recursive'`"):
        teacher_gap(LinearForecaster(HORIZON).fit(y), y)


def test_too_many_windows_raise(recursive):
    with pytest.raises(ValueError, match="Lower `windows`"):
        teacher_gap(recursive, wide(), windows=100)
