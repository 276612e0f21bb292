"""How good forecasts are, and how sure that is: backtests, metrics, comparisons and tests of significance."""
