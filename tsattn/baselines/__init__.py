"""Closed-form baselines, ridge regression and the seasonal naive forecast, and errors relative to them."""
