"""Closed-form models of windows, the yardsticks of every network: ridge regression and the seasonal naive forecast."""
