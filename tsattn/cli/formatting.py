"""Format forecasts and scores as text."""

MAX_ROWS = 50


def format_forecast(forecast):
    """Format a forecast, one row per time. The middle of a long forecast is omitted."""
    import pandas as pd

    with pd.option_context("display.precision", 3):
        return forecast.reset_index().to_string(index=False, max_rows=MAX_ROWS)


def format_scores(table, **options):
    """Format a table of scores to four significant digits. `options` are passed to `DataFrame.to_string`."""
    return table.to_string(float_format="{:.4g}".format, na_rep="-", **options)
