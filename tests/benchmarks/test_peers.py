"""The data of a task that peers receive."""

import numpy as np

from benchmarks.peers.handover import Handover


def test_short_series_are_padded_and_gaps_are_filled_from_the_past(tmp_path):
    nan = float("nan")
    series = [np.array([[nan, 1.0], [2.0, nan], [nan, 3.0], [4.0, 4.0], [5.0, 5.0]]), np.arange(16.0).reshape(8, 2)]
    Handover(series, [3, 6], lookback=5, horizon=2, windows=1, stride=1, season=1).write(tmp_path / "task.npz")
    task = Handover.read(tmp_path / "task.npz")
    assert task.series[0].tolist() == [[2, 1]] * 2 + [[2, 1], [2, 1], [2, 3], [4, 4], [5, 5]]
    assert task.train_steps == [5, 6] and task.first == [5, 6]
    np.testing.assert_array_equal(task.series[1], series[1])
    train = task.scaled[1][:6]
    np.testing.assert_allclose([train.mean(axis=0), train.std(axis=0)], [[0, 0], [1, 1]], atol=1e-8)
    forecasts = np.stack([part[-2:] for part in task.scaled])[:, None]
    np.testing.assert_allclose(task.unscaled(forecasts)[:, 0], np.stack([part[-2:] for part in task.series]))
