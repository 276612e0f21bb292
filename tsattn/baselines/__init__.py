"""Closed-form forecasts of windows: ridge regression and the seasonal naive forecast."""
