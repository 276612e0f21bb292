"""Shared code for peers on PyTorch Lightning: a trainer without output, and a clock."""

import time

import pytorch_lightning as pl

QUIET = {"accelerator": "cpu", "enable_progress_bar": False, "enable_model_summary": False, "logger": False}


class Clock(pl.Callback):
    """Records when the batches of the current training end.

    Attributes:
        times: List of `time.perf_counter()`. It is a class attribute, because some libraries copy the callback.
    """

    times = []  # noqa: RUF012

    def on_train_start(self, trainer, module):
        self.times.clear()

    def on_train_batch_end(self, trainer, module, outputs, batch, number):
        self.times.append(time.perf_counter())
