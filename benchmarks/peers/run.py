"""Fit a peer and forecast all windows of a task, in the environment of the peer.

ENVIRONMENT/bin/python benchmarks/peers/run.py PEER MODEL task.npz forecasts.npz SEED SECONDS
"""

import importlib
import sys

import numpy as np
from handover import Handover


def main(peer, model, task, output, seed, seconds):
    task = Handover.read(task)
    forecasts, figures = importlib.import_module(f"with_{peer}").forecast(task, model, int(seed), float(seconds))
    expected = (len(task.series), task.windows, task.horizon, task.series[0].shape[1])
    if forecasts.shape != expected:
        raise ValueError(f"{peer} {model} returned forecasts of shape {forecasts.shape}, expected {expected}.")
    np.savez(output, forecasts=forecasts, **figures)


if __name__ == "__main__":
    main(*sys.argv[1:])
