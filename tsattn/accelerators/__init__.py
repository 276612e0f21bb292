"""Code that names a backend, all of it for speed or for several devices.

Each piece has a plain Keras twin, which it replaces where it is faster. The twin is used on every other backend and
for every case that the piece does not cover. Tests hold that both agree, and `benchmarks/results/accelerators.csv`
holds what each piece gains.

| piece | plain twin |
|---|---|
| `adam.FlatAdam` | `keras.optimizers.Adam` |
| `dropout.FastDropout` | `keras.layers.Dropout` |
| `lstm.FusedLSTM`, `lstm.fused_lstm` | `keras.layers.LSTM` |
| `flat_variables.FlatVariables` | reading and assigning variables one by one |
| `steps.train_step`, `steps.measure_step` | `train_on_batch`, `test_on_batch` of a Keras model |
| `steps.forecast_step` | `predict_on_batch` of a Keras model |
| `devices.build_at` | building a network in the calling thread |
"""
