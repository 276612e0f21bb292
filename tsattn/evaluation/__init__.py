"""Evaluation of forecasts: backtests, metrics, comparisons, tests of significance and attribution."""
