"""The forecasters: `fit` and `predict` on pandas time series."""
