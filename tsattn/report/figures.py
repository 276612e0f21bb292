"""Figures of a forecast and of attention weights: pandas in, a matplotlib Figure out."""

import numpy as np
import pandas as pd
from pandas.api import types

from tsattn._utils.types import Data, Figure
from tsattn._utils.warnings import warn

HORIZONS_SHOWN = 8
LEAST_SHOWN = 48  # steps of history, where eight horizons are fewer
MOST_PANELS = 24
TALLEST = 24.0  # inches
HISTORY, FORECAST, ACTUAL = "#4d4d4d", "#0072b2", "#d55e00"  # of Okabe and Ito: told apart by the colour-blind


def plot_forecast(
    history: Data, forecast: Data, *, actual: Data | None = None, interval: pd.DataFrame | None = None
) -> Figure:
    """Draw a forecast behind the end of its history.

    Args:
        history: Series, or DataFrame with a column for each channel, with a time index. Its last 8 horizons are
            shown, or 48 steps if that is more, so that the forecast stays visible. Missing values are gaps.
        forecast: What `predict` gave: of the type and with the columns of `history`.
        actual: The values that came, to compare. Of `history`'s type and columns. Defaults to None.
        interval: What `predict_interval` gave, drawn as a band. Defaults to None.

    Returns:
        A `matplotlib.figure.Figure` with one axes for each channel, the first 24 of them.

    Raises:
        TypeError: no Series or DataFrame, values that are no numbers, an index that is no time axis, or mixed types.
        ValueError: nothing to draw, or columns that are missing.
        ImportError: matplotlib is not installed.

    Example:

    >>> from tsattn import LinearForecaster, load_dataset, plot_forecast
    >>> y = load_dataset("air_passengers")
    >>> forecast = LinearForecaster(horizon=12).fit(y[:-12]).predict()
    >>> plot_forecast(y[:-12], forecast, actual=y[-12:]).axes[0].get_xlabel()
    'month'
    """
    given = {"history": history, "forecast": forecast, "actual": actual}
    lines = {name: _frame(y, name, like=history) for name, y in given.items() if y is not None}
    channels = _first_panels(list(lines["history"].columns))
    for name, frame in lines.items():
        if missing := [channel for channel in channels if channel not in frame.columns]:
            raise ValueError(f"`{name}` lacks the column(s) {missing} of `history`. Pass the same columns.")
    band: dict = {} if interval is None else _bounds(interval, forecast, channels)
    shown = max(HORIZONS_SHOWN * len(forecast), LEAST_SHOWN)
    times = {name: _times(frame.index, name) for name, frame in lines.items()}
    for name, index in times.items():
        if isinstance(index, pd.DatetimeIndex) != isinstance(times["history"], pd.DatetimeIndex):
            raise TypeError(f"`{name}` has another kind of index than `history`. Pass the same, dates or integers.")
    styles: dict = {
        "history": {"color": HISTORY},
        "forecast": {"color": FORECAST, "linewidth": 2},
        "actual": {"color": ACTUAL, "linestyle": "--"},
    }
    figure = _figure(9, min(max(2.0 * len(channels), 2.8) + 0.7, TALLEST))
    panels = figure.subplots(len(channels), sharex=True, squeeze=False)[:, 0]
    for axes, channel in zip(panels, channels, strict=True):
        for name, frame in lines.items():
            order = np.argsort(times[name], kind="stable")[-shown if name == "history" else 0 :]
            values = frame[channel].to_numpy("float64", na_value=np.nan)[order]
            moments = _numbers(times[name])[order]
            alone = _alone(values)
            axes.plot(moments, values, label=name, **styles[name])
            axes.plot(moments[alone], values[alone], ".", color=styles[name]["color"])
        if band:
            lower, upper = band[channel]
            moments = _numbers(times["forecast"])
            axes.fill_between(moments, lower, upper, color=FORECAST, alpha=0.2, linewidth=0, label="interval")
        axes.axvline(_numbers(times["history"]).max(), color="0.6", linewidth=0.8, zorder=0)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_ylabel("value" if channel is None else str(channel), parse_math=False)
        axes.margins(x=0.01)
    figure.align_ylabels(panels)
    panels[-1].set_xlabel(str(history.index.name or "time"), parse_math=False)
    _label_times(panels[-1].xaxis, times["history"])
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=4, frameon=False)
    return figure


def plot_attention(weights: pd.DataFrame) -> Figure:
    """Draw attention weights as a heat map: how much each time of the history weighs in each of the forecast.

    Args:
        weights: The DataFrame that `attention_weights()` gave: a row for each time of the forecast, after the channel
            where there are several, and a column for each time of the history, or for the start of each patch.

    Returns:
        A `matplotlib.figure.Figure` with one axes for each channel, the first 24 of them, and a colour bar for all.

    Raises:
        TypeError: no DataFrame, or values that are no numbers.
        ValueError: nothing to draw, or columns that are no times.
        ImportError: matplotlib is not installed.

    Example:

    >>> import pandas as pd
    >>> from tsattn import plot_attention
    >>> weights = pd.DataFrame([[0.7, 0.3], [0.4, 0.6]], index=["2024-03", "2024-04"], columns=["2024-01", "2024-02"])
    >>> plot_attention(weights).axes[0].get_ylabel()
    'forecast'
    """
    if not isinstance(weights, pd.DataFrame):
        raise TypeError(
            f"`weights` is a {type(weights).__name__}, but a DataFrame is needed. Pass `model.attention_weights()`."
        )
    _frame(weights, "weights", like=weights)
    if weights.columns.nlevels > 1:
        raise ValueError(
            f"`weights` has {weights.columns.nlevels} column levels, but columns are times. "
            "Pass what `attention_weights()` gave."
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
    figure = _figure(4.2 * across + 2.4 * (across == 1) + 1, min(2.6 * down + 0.8 * (down == 1) + 0.6, TALLEST))
    grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    for axes in grid.flat[len(tables) :]:
        axes.set_visible(False)
    for place, (channel, table) in enumerate(tables.items()):
        axes = grid.flat[place]
        axes.tick_params(labelbottom=place + across >= len(tables))  # also above a place that is left empty
        image = axes.imshow(values[channel], aspect="auto", cmap="viridis", vmin=0, vmax=peak, interpolation="none")
        _label_cells(axes.xaxis, table.columns, most=6 if across == 1 else 3)
        _label_cells(axes.yaxis, table.index, most=6 if down == 1 else 3)
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
    except ImportError as problem:
        raise ImportError('Figures need matplotlib. Install it with: pip install "tsattn[plot]"') from problem
    return Figure(figsize=(width, height), layout="constrained")


def _first_panels(channels):
    if len(channels) > MOST_PANELS:
        message = f"Only the first {MOST_PANELS} of {len(channels)} channels are drawn. Pass the columns that matter."
        warn(message)
    return channels[:MOST_PANELS]


def _frame(y, name, *, like):
    """A checked Series or DataFrame as a frame with a column for each channel."""
    wanted = pd.DataFrame if isinstance(like, pd.DataFrame) else pd.Series
    if not isinstance(y, wanted):
        also = ", as `history` is one" if y is not like and isinstance(like, pd.Series | pd.DataFrame) else ""
        wanted = "Series or DataFrame" if y is like else wanted.__name__
        raise TypeError(f"`{name}` is a {type(y).__name__}, but a pandas {wanted} is needed{also}.")
    # The one column of a Series has no name where the Series has none; forecasts may have lost theirs.
    frame = y if isinstance(y, pd.DataFrame) else pd.DataFrame({like.name: y})
    if name != "weights" and (frame.index.nlevels > 1 or {"unique_id", "ds"} <= set(frame.columns)):
        raise ValueError(f"`{name}` has many series, but one is drawn. Pick it, as with `{name}.loc['its id']`.")
    if frame.empty:
        raise ValueError(f"`{name}` is empty: there is nothing to draw. Pass at least one row and one column.")
    for column, dtype in frame.dtypes.items():
        if not types.is_numeric_dtype(dtype):
            raise TypeError(f"Column {column!r} of `{name}` holds {dtype}, but numbers are needed.")
    return frame


def _bounds(interval, forecast, channels):
    """For each channel the lower and the upper bound, float64."""
    bounds = {}
    for channel in channels:
        of = () if isinstance(forecast, pd.Series) else channel if isinstance(channel, tuple) else (channel,)
        places = [(*of, bound) if of else bound for bound in ("lower", "upper")]
        if not isinstance(interval, pd.DataFrame) or not interval.index.equals(forecast.index):
            raise ValueError("`interval` must have the index of `forecast`. Pass what `predict_interval` gave for it.")
        if missing := [place for place in places if place not in interval.columns]:
            raise ValueError(f"`interval` lacks the column(s) {missing}. Pass what `predict_interval` gave.")
        bounds[channel] = [interval[place].to_numpy("float64", na_value=np.nan) for place in places]
    return bounds


def _times(index, name):
    """An index as a DatetimeIndex or an index of integers."""
    if isinstance(index, pd.PeriodIndex):
        return index.to_timestamp()
    if isinstance(index, pd.DatetimeIndex) or types.is_integer_dtype(index.dtype):
        return index
    try:
        return pd.DatetimeIndex(pd.to_datetime(index, format="ISO8601"))
    except (ValueError, TypeError) as problem:
        raise TypeError(
            f"`{name}` has an index of {index.dtype} like {index[0]!r}, but dates, periods, integers or ISO text are "
            "needed. Convert it with `pd.to_datetime`."
        ) from problem


def _numbers(times):
    """Times as what matplotlib draws: absolute, so that a clock put back does not fold the line."""
    return (times if getattr(times, "tz", None) is None else times.tz_convert(None)).to_numpy()


def _alone(values):
    """Which values have no neighbour that a line could be drawn to."""
    seen = np.pad(~np.isnan(values), 1)
    return seen[1:-1] & ~seen[:-2] & ~seen[2:]


def _label_times(axis, times):
    from matplotlib import dates, ticker

    if isinstance(times, pd.DatetimeIndex):
        locator = dates.AutoDateLocator(tz=times.tz)
        axis.set_major_locator(locator)
        axis.set_major_formatter(dates.ConciseDateFormatter(locator, tz=times.tz))
    else:
        axis.set_major_locator(ticker.MaxNLocator(integer=True))


def _label_cells(axis, index, most):
    """A few of the cells of a heat map by their times."""
    places = np.arange(0, len(index), -(-len(index) // most))
    axis.set_ticks(places, _texts(index)[places])


def _texts(index):
    """Times as short as tells them apart, in lines that leave room: "1961-03", "2013-01-31", or with the hour below."""
    if isinstance(index, pd.PeriodIndex) and len(str(index[0])) > len("2013-01-31"):
        index = index.to_timestamp()
    if isinstance(index, pd.DatetimeIndex):
        months = (index.day == 1).all()
        whole_days = (index == index.normalize()).all()
        index = index.strftime("%Y-%m-%d\n%H:%M" if not whole_days else "%Y-%m" if months else "%Y-%m-%d")
    return np.array([str(time).replace(" ", "\n") for time in index], dtype=object)
