"""The times at which training batches begin and end in Keras."""

import time

import keras


class Clock(keras.callbacks.Callback):
    """Records when the batches of an epoch begin and end.

    Attributes:
        begins: Values of `time.perf_counter()` at which the batches of the current epoch began.
        ends: Values at which these batches ended.
    """

    def on_epoch_begin(self, epoch, logs=None):
        self.begins, self.ends = [], []

    def on_train_batch_begin(self, batch, logs=None):
        self.begins.append(time.perf_counter())

    def on_train_batch_end(self, batch, logs=None):
        self.ends.append(time.perf_counter())
