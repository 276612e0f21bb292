"""The recipe of the pretrained networks: windows, resumption, and a short training."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from benchmarks.common.processes import ROOT
from benchmarks.pretraining import pretrain
from tsattn.pretrained.catalog import WINDOWS

RECIPE = pretrain.Recipe(steps=6, series=64, batch=16, warm_up=2, average_steps=2)


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
def test_windows_are_scaled_by_their_histories_and_some_are_short(window):
    histories, targets = pretrain.draw_windows(window, RECIPE, 0)
    assert histories.shape[1:] == (window.lookback, 1) and targets.shape == (len(histories), window.horizon, 1)
    np.testing.assert_allclose(np.nanmean(histories, axis=1), 0, atol=1e-3)
    np.testing.assert_allclose(np.nanstd(histories, axis=1), 1, atol=1e-3)
    length = (~np.isnan(histories[..., 0])).sum(axis=1)
    assert (length < window.lookback / 2).mean() > 0.03 and (length == window.lookback).mean() > 0.4
    assert np.nanmax(np.abs(targets)) <= pretrain.LARGEST_TARGET
    again, _ = pretrain.draw_windows(window, RECIPE, 0)
    np.testing.assert_array_equal(histories, again)
    assert not np.array_equal(histories[:10], pretrain.draw_windows(window, RECIPE, 1)[0][:10], equal_nan=True)


def test_interrupted_training_resumes_with_the_same_result(tmp_path, monkeypatch):
    window, recipe = WINDOWS["1"], dataclasses.replace(RECIPE, series=16, steps=16)  # few steps in a chunk
    whole, losses, _ = pretrain.pretrain("seq2seq", window, recipe)
    monkeypatch.setattr(pretrain, "CHECKPOINT_SECONDS", 0)
    checkpoint = tmp_path / "state.npz"

    def interrupted(window, recipe, number, draw=pretrain.draw_windows):
        if number == 2:
            raise KeyboardInterrupt
        return draw(window, recipe, number)

    with monkeypatch.context() as context:
        context.setattr(pretrain, "draw_windows", interrupted)
        with pytest.raises(KeyboardInterrupt):
            pretrain.pretrain("seq2seq", window, recipe, checkpoint)
    resumed, resumed_losses, _ = pretrain.pretrain("seq2seq", window, recipe, checkpoint, resume=True)
    np.testing.assert_allclose(resumed_losses, losses, rtol=1e-6)
    for name, values in whole.items():
        np.testing.assert_allclose(resumed[name], values, rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="is of the recipe"):
        pretrain.pretrain("seq2seq", window, dataclasses.replace(recipe, seed=1), checkpoint, resume=True)


def test_short_training_lowers_the_loss_and_its_file_loads():
    command = [
        sys.executable,
        "benchmarks/pretraining/pretrain.py",
        "--quick",
        "--family",
        "transformer",
        "--season",
        "4",
    ]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert answer.stdout.strip().endswith("arrays loaded: equal")
