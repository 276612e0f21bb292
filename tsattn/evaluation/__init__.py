"""Evaluation of forecasts: backtests, metrics, comparisons, significance tests and attribution."""
