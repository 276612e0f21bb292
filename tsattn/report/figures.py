"""Matplotlib figures of forecasts and attention weights."""

import numpy as np
import pandas as pd
from pandas.api import types

from tsattn._utils.types import Data, Figure
from tsattn._utils.warnings import warn
from tsattn.report.charts import MAX_HORIZONS_OF_HISTORY
from tsattn.report.plotly_values import COLORS

MIN_STEPS_OF_HISTORY = 48
MAX_PANELS = 24
MAX_HEIGHT = 24.0  # inches
HISTORY, FORECAST, ACTUAL = "#4d4d4d", COLORS[0], COLORS[1]


def plot_forecast(
    history: Data, forecast: Data, *, actual: Data | None = None, interval: pd.DataFrame | None = None
) -> Figure:
    """Draw a forecast after the end of its history.

    Args:
        history: Series, or DataFrame with one column per channel, with a time index. To keep the forecast readable,
            only the last 8 horizons, but at least 48 steps, are shown. Missing values are gaps.
        forecast: Forecast as returned by `predict`, with the type and the columns of `history`.
        actual: Actual values of the forecast period, with the type and the columns of `history`. Defaults to None.
        interval: Interval as returned by `predict_interval`, drawn as a band. Defaults to None.

    Returns:
        A `matplotlib.figure.Figure` with one axes per channel, for the first 24 channels.

    Raises:
        TypeError: If an argument is not a Series or DataFrame, or not of the type of `history`.
        TypeError: If values are not numeric, or an index is not a time axis of the kind of `history`.
        ValueError: If an argument is empty, holds many series or lacks columns.
        ImportError: If matplotlib is not installed.

    Example:

    >>> from tsattn import LinearForecaster, load_dataset, plot_forecast
    >>> y = load_dataset("air_passengers")
    >>> forecast = LinearForecaster(horizon=12).fit(y[:-12]).predict()
    >>> plot_forecast(y[:-12], forecast, actual=y[-12:]).axes[0].get_xlabel()
    'month'
    """
    arguments = {"history": history, "forecast": forecast, "actual": actual}
    lines = {name: _frame(y, name, like=history) for name, y in arguments.items() if y is not None}
    channels = _first_panels(list(lines["history"].columns))
    for name, frame in lines.items():
        if missing := [channel for channel in channels if channel not in frame.columns]:
            raise ValueError(f"`{name}` lacks the column(s) {missing} of `history`. Pass the same columns.")
    band: dict = {} if interval is None else _bounds(interval, forecast, channels)
    shown = max(MAX_HORIZONS_OF_HISTORY * len(forecast), MIN_STEPS_OF_HISTORY)
    times = {name: _times(frame.index, name) for name, frame in lines.items()}
    for name, index in times.items():
        if isinstance(index, pd.DatetimeIndex) != isinstance(times["history"], pd.DatetimeIndex):
            raise TypeError(
                f"`{name}` has an index of {index.dtype}, but `history` has one of {times['history'].dtype}. "
                "Pass the same kind, dates or integers."
            )
    styles: dict = {
        "history": {"color": HISTORY},
        "forecast": {"color": FORECAST, "linewidth": 2},
        "actual": {"color": ACTUAL, "linestyle": "--"},
    }
    figure = _figure(9, min(max(2.0 * len(channels), 2.8) + 0.7, MAX_HEIGHT))
    panels = figure.subplots(len(channels), sharex=True, squeeze=False)[:, 0]
    for axes, channel in zip(panels, channels, strict=True):
        for name, frame in lines.items():
            order = np.argsort(times[name], kind="stable")[-shown if name == "history" else 0 :]
            values = frame[channel].to_numpy("float64", na_value=np.nan)[order]
            moments = _absolute(times[name])[order]
            isolated = _isolated(values)
            axes.plot(moments, values, label=name, **styles[name])
            axes.plot(moments[isolated], values[isolated], ".", color=styles[name]["color"])
        if band:
            lower, upper = band[channel]
            moments = _absolute(times["forecast"])
            axes.fill_between(moments, lower, upper, color=FORECAST, alpha=0.2, linewidth=0, label="interval")
        axes.axvline(_absolute(times["history"]).max(), color="0.6", linewidth=0.8, zorder=0)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_ylabel("value" if channel is None else str(channel), parse_math=False)
        axes.margins(x=0.01)
    figure.align_ylabels(panels)
    panels[-1].set_xlabel(str(history.index.name or "time"), parse_math=False)
    _label_times(panels[-1].xaxis, times["history"])
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=4, frameon=False)
    return figure


def plot_attention(weights: pd.DataFrame) -> Figure:
    """Draw attention weights as a heat map of forecast times against history times.

    Args:
        weights: DataFrame as returned by `attention_weights`: one row per forecast time, after the channel where there
            are several, and one column per history time or patch.

    Returns:
        A `matplotlib.figure.Figure` with one axes per channel, for the first 24 channels, and a common color bar.

    Raises:
        TypeError: If `weights` is not a DataFrame of numbers.
        ValueError: If `weights` is empty, or its columns have several levels.
        ImportError: If matplotlib is not installed.

    Example:

    >>> import pandas as pd
    >>> from tsattn import plot_attention
    >>> weights = pd.DataFrame([[0.7, 0.3], [0.4, 0.6]], index=["2024-03", "2024-04"], columns=["2024-01", "2024-02"])
    >>> plot_attention(weights).axes[0].get_ylabel()
    'forecast'
    """
    if not isinstance(weights, pd.DataFrame):
        raise TypeError(
            f"`weights` is a {type(weights).__name__}, but must be a DataFrame. Pass `model.attention_weights()`."
        )
    _frame(weights, "weights", like=weights)
    if weights.columns.nlevels > 1:
        raise ValueError(
            f"`weights` has {weights.columns.nlevels} column levels, but must have one, of times. "
            "Pass `model.attention_weights()`."
        )
    tables: dict = {None: weights}
    if isinstance(weights.index, pd.MultiIndex):
        channels = _first_panels(list(weights.index.droplevel(-1).unique()))
        levels = 0 if weights.index.nlevels == 2 else list(range(weights.index.nlevels - 1))
        tables = {channel: weights.xs(channel, level=levels) for channel in channels}
    values = {channel: table.to_numpy("float64", na_value=np.nan) for channel, table in tables.items()}
    peak = max((float(np.nanmax(part)) for part in values.values() if not np.isnan(part).all()), default=1.0)
    across = min(len(tables), 1 + (len(tables) > 1) + (len(tables) > 6))
    down = -(-len(tables) // across)
    figure = _figure(4.2 * across + 2.4 * (across == 1) + 1, min(2.6 * down + 0.8 * (down == 1) + 0.6, MAX_HEIGHT))
    grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    for axes in grid.flat[len(tables) :]:
        axes.set_visible(False)
    for place, (channel, table) in enumerate(tables.items()):
        axes = grid.flat[place]
        axes.tick_params(labelbottom=place + across >= len(tables))  # also above an empty subplot
        image = axes.imshow(values[channel], aspect="auto", cmap="viridis", vmin=0, vmax=peak, interpolation="none")
        _label_cells(axes.xaxis, table.columns, count=6 if across == 1 else 3)
        _label_cells(axes.yaxis, table.index, count=6 if down == 1 else 3)
        if channel is not None:
            axes.annotate(str(channel), (0, 1), (0, 3), "axes fraction", textcoords="offset points", parse_math=False)
    if len(tables) == 1:
        grid[0, 0].set(xlabel="history", ylabel="forecast")
    else:
        figure.supxlabel("history", fontsize="medium")
        figure.supylabel("forecast", fontsize="medium")
    figure.colorbar(image, ax=grid, label="attention weight", aspect=30)
    return figure


def _figure(width, height):
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError('Figures require matplotlib. Install it with: pip install "tsattn[plot]"') from error
    return Figure(figsize=(width, height), layout="constrained")


def _first_panels(channels):
    if len(channels) > MAX_PANELS:
        warn(
            f"Only the first {MAX_PANELS} of {len(channels)} channels are drawn. To draw other channels, pass only "
            "their columns."
        )
    return channels[:MAX_PANELS]


def _frame(y, name, *, like):
    """Validate a Series or DataFrame and return it as a DataFrame with one column per channel."""
    expected = pd.DataFrame if isinstance(like, pd.DataFrame) else pd.Series
    if not isinstance(y, expected):
        also = " like `history`" if y is not like and isinstance(like, pd.Series | pd.DataFrame) else ""
        kind = "Series or DataFrame" if y is like else expected.__name__
        raise TypeError(f"`{name}` is a {type(y).__name__}, but must be a pandas {kind}{also}.")
    # The name of a forecast may differ from that of its history, or be missing.
    frame = y if isinstance(y, pd.DataFrame) else pd.DataFrame({like.name: y})
    if name != "weights" and (frame.index.nlevels > 1 or {"unique_id", "ds"} <= set(frame.columns)):
        raise ValueError(f"`{name}` holds many series, but must hold one. Select it, as in `{name}.loc['its id']`.")
    if frame.empty:
        raise ValueError(f"`{name}` is empty. Pass at least one row and one column.")
    for column, dtype in frame.dtypes.items():
        if not types.is_numeric_dtype(dtype):
            raise TypeError(f"Column {column!r} of `{name}` has the dtype {dtype}, but must be numeric.")
    return frame


def _bounds(interval, forecast, channels):
    """Return the lower and upper bounds of each channel as float64 arrays."""
    bounds = {}
    for channel in channels:
        of = () if isinstance(forecast, pd.Series) else channel if isinstance(channel, tuple) else (channel,)
        columns = [(*of, bound) if of else bound for bound in ("lower", "upper")]
        if not isinstance(interval, pd.DataFrame) or not interval.index.equals(forecast.index):
            raise ValueError(
                "`interval` must be a DataFrame with the index of `forecast`. Pass the `predict_interval` of the same "
                "forecast."
            )
        if missing := [column for column in columns if column not in interval.columns]:
            raise ValueError(f"`interval` lacks the column(s) {missing}. Pass the result of `predict_interval`.")
        bounds[channel] = [interval[column].to_numpy("float64", na_value=np.nan) for column in columns]
    return bounds


def _times(index, name):
    """Convert an index to a DatetimeIndex or an index of integers."""
    if isinstance(index, pd.PeriodIndex):
        return index.to_timestamp()
    if isinstance(index, pd.DatetimeIndex) or types.is_integer_dtype(index.dtype):
        return index
    try:
        return pd.DatetimeIndex(pd.to_datetime(index, format="ISO8601"))
    except (ValueError, TypeError) as error:
        raise TypeError(
            f"`{name}` has an index of {index.dtype}, such as {index[0]!r}, but must have dates, periods, integers or "
            "ISO 8601 text. Convert it with `pd.to_datetime`."
        ) from error


def _absolute(times):
    """Convert times to UTC, so that a line does not go back where clocks are set back."""
    return (
        times.tz_convert(None) if isinstance(times, pd.DatetimeIndex) and times.tz is not None else times
    ).to_numpy()


def _isolated(values):
    """Return which values have no neighbor, so that a line would not show them."""
    observed = np.pad(~np.isnan(values), 1)
    return observed[1:-1] & ~observed[:-2] & ~observed[2:]


def _label_times(axis, times):
    from matplotlib import dates, ticker

    if isinstance(times, pd.DatetimeIndex):
        locator = dates.AutoDateLocator(tz=times.tz)
        axis.set_major_locator(locator)
        axis.set_major_formatter(dates.ConciseDateFormatter(locator, tz=times.tz))
    else:
        axis.set_major_locator(ticker.MaxNLocator(integer=True))


def _label_cells(axis, index, count):
    """Label at most `count` cells of a heat map by their times."""
    places = np.arange(0, len(index), -(-len(index) // count))
    axis.set_ticks(places, _time_labels(index)[places])


def _time_labels(index):
    """Format times in the shortest unambiguous form, the hour on a second line: "1961-03" or "2013-01-31"."""
    if isinstance(index, pd.PeriodIndex) and len(str(index[0])) > len("2013-01-31"):
        index = index.to_timestamp()
    if isinstance(index, pd.DatetimeIndex):
        months = (index.day == 1).all()
        days = (index == index.normalize()).all()
        index = index.strftime("%Y-%m-%d\n%H:%M" if not days else "%Y-%m" if months else "%Y-%m-%d")
    return np.array([str(time).replace(" ", "\n") for time in index], dtype=object)
