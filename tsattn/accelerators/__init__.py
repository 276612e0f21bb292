"""Backend-specific code, for speed or for training on several devices.

Each accelerator replaces a plain Keras equivalent where it is faster. The equivalent is used on all other backends and
in all cases that the accelerator does not support. Tests check that both agree, and
`benchmarks/results/accelerators.csv` contains the speedups.

| accelerator | Keras equivalent |
|---|---|
| `adam.FlatAdam` | `keras.optimizers.Adam` |
| `dropout.FastDropout` | `keras.layers.Dropout` |
| `lstm.FusedLSTM`, `lstm.fused_lstm` | `keras.layers.LSTM` |
| `flat_variables.FlatVariables` | reading and assigning variables one by one |
| `steps.train_step`, `steps.measure_step` | `train_on_batch`, `test_on_batch` of a Keras model |
| `steps.forecast_step` | `predict_on_batch` of a Keras model |
| `devices.build_at` | building a network in the calling thread |
"""
