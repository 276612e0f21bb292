"""One fit and all forecasts of a peer, in the peer's own environment: task.npz in, answer.npz out.

ENVIRONMENT/bin/python benchmarks/peers/run.py PEER MODEL task.npz answer.npz SEED SECONDS
"""

import importlib
import sys

import numpy as np
from handover import Handover


def main(peer, model, task, answer, seed, seconds):
    task = Handover.read(task)
    forecasts, figures = importlib.import_module(f"with_{peer}").forecast(task, model, int(seed), float(seconds))
    wanted = (len(task.series), task.windows, task.horizon, task.series[0].shape[1])
    if forecasts.shape != wanted:
        raise ValueError(f"{peer} {model} gave forecasts of shape {forecasts.shape}, not {wanted}.")
    np.savez(answer, forecasts=forecasts, **figures)


if __name__ == "__main__":
    main(*sys.argv[1:])
