"""Charts of the report page: converts pandas tables to Plotly traces and layouts."""

import numpy as np
import pandas as pd

from tsattn.report.plotly_values import floats, json_numbers, plotly_text, plotly_times, short_labels, text

FREE_RUNNING, TEACHER_FORCING = "free running", "teacher forcing"  # columns of `teacher_gap`
MAX_HORIZONS_OF_HISTORY = 8  # before an origin
MAX_FORECAST_VALUES = 300_000  # in a page, about 3 MB
MAX_ATTENTION_MAPS = 24  # of one model, one map per channel


def forecast_windows(history, forecasts, styles):
    """Collect the data of the chart that shows the forecasts from one origin at a time.

    For a model that was trained with several seeds, the first seed is shown. To limit the size of the page, first the
    earliest origins and then the last series are dropped.

    Args:
        history: DataFrame with the columns series, channel (optional), time and value; or None.
        forecasts: DataFrame with the columns model, seed, series, channel (optional), origin, time, actual, forecast
            and optional columns of quantiles, labeled by their levels as floats.
        styles: Dict of `model_styles`.

    Returns:
        A JSON-serialisable dict. `times` contains each time once. Each of the `series` has `values` at the positions
        `at`
        of `times`, and `windows`: `[origin, position of the first step in at, [[model, forecast, low, high], ...]]`.
    """
    seeds = forecasts.groupby("model", sort=False, observed=True)["seed"].transform("first")
    forecasts = forecasts[(forecasts["seed"] == seeds) | seeds.isna()]
    history = forecasts[:0].assign(value=0.0) if history is None else history
    moments = pd.concat([history["time"], forecasts["time"], forecasts["origin"]], ignore_index=True).infer_objects()
    codes, moments = pd.factorize(moments, sort=True)
    past_time, time, origin = np.split(codes, [len(history), len(history) + len(forecasts)])
    times, axis = plotly_times(moments)
    levels = sorted(column for column in forecasts.columns if isinstance(column, float))
    band = [levels[0], levels[-1]] if len(levels) > 1 else []
    models = [model for model in styles if model in forecasts["model"].unique()]
    past = pd.DataFrame({"series": _series_labels(history), "time": past_time, "value": floats(history["value"])})
    rows = pd.DataFrame({"series": _series_labels(forecasts), "origin": origin, "time": time})
    rows["model"] = pd.Index(models).get_indexer(forecasts["model"])
    names = ["forecast", "low", "high"][: 1 + len(band)]
    rows[["actual", *names]] = floats(forecasts[["actual", "forecast", *band]])
    windows = int(rows.groupby("series")["origin"].nunique().max())
    series, size = rows["series"].nunique(), len(rows) * len(names)
    shown_windows = min(windows, max(1, MAX_FORECAST_VALUES * windows // size))
    shown_series = max(1, min(series, MAX_FORECAST_VALUES * windows * series // (size * shown_windows)))
    pasts = dict(list(past.groupby("series", sort=False)))
    return {
        "times": times,
        "axis": axis,
        "models": [{"name": plotly_text(model), "group": text(model), **styles[model]} for model in models],
        "band": [text(level) for level in band],
        "left_out": {"windows": windows - shown_windows, "series": series - shown_series},
        "series": [
            _series_windows(label, table, pasts.get(label, past[:0]), names, shown_windows)
            for label, table in list(rows.groupby("series", sort=False))[:shown_series]
        ],
    }


def _series_windows(label, rows, past, names, count):
    """Return the entry of one series in `forecast_windows`, with its last `count` windows."""
    origins = np.unique(rows["origin"])[-count:]
    rows = rows[rows["origin"].isin(origins)]
    observed = pd.concat([past.set_index("time")["value"], rows.set_index("time")["actual"]])
    values = observed.groupby(level=0).last()  # sorted by time; actual values of the backtest take precedence
    window = np.searchsorted(origins, rows["origin"])
    place = values.index.searchsorted(rows["time"])
    ends = pd.Series(place).groupby(window).agg(["min", "max"])
    steps = int((ends["max"] - ends["min"]).max()) + 1
    start = max(0, int(ends["min"].min()) - MAX_HORIZONS_OF_HISTORY * steps)
    values = values.iloc[start : ends["max"].max() + 1]
    first = ends["min"].to_numpy() - start
    cube = np.full((len(origins), rows["model"].max() + 1, steps, len(names)), np.nan)
    cube[window, rows["model"], place - start - first[window]] = rows[names]
    present = np.isfinite(cube[..., 0]).any(axis=2)
    return {
        "name": label,
        "at": values.index.tolist(),
        "values": json_numbers(values),
        "windows": [
            [int(origin), int(first[w]), [[int(m), *json_numbers(cube[w, m].T)] for m in np.flatnonzero(present[w])]]
            for w, origin in enumerate(origins)
        ],
    }


def error_by_step(by_step, metric, styles):
    """Plot the metric against the forecast step, with one line per model."""
    traces = [_line(model, by_step.index, by_step[model], styles) for model in by_step.columns]
    return {"traces": traces, "layout": _axes("forecast step", metric)}


def teacher_forcing(errors, styles):
    """Draw two lines per model against the forecast step: solid for free running, dashed for teacher forcing."""
    columns = sorted(errors.columns, key=lambda column: column[1] != FREE_RUNNING)  # the legend shows the first
    traces = [_line(model, errors.index, errors[(model, mode)], styles) for model, mode in columns]
    for trace, (_, mode) in zip(traces, columns, strict=True):
        trace["name"] += f", {plotly_text(mode)}"
        trace["line"] = {**trace["line"], "dash": "solid" if mode == FREE_RUNNING else "dash"}
    return {"traces": traces, "layout": _axes("forecast step", "MAE, in standard deviations")}


def attention_by_lag(explained, styles):
    """Draw two panels against the lag: the mean attention weight, and the change of the forecast by occlusion."""
    traces = [
        {**_line(model, table["lag"], table[column], styles), "yaxis": axis}
        for model, table in explained.sort_values("lag").groupby("model", sort=False, observed=True)
        for column, axis in (("attention", "y"), ("occlusion", "y2"))
    ]
    layout = _axes("lag: steps from the end of the history", "attention weight")
    layout["xaxis"]["anchor"] = "y2"
    layout["yaxis"]["domain"] = [0.55, 1]
    layout["yaxis2"] = {"title": {"text": "change of the forecast"}, "domain": [0, 0.45], "zeroline": True}
    return {"traces": traces, "layout": layout}


def attention_maps(attention):
    """Draw one heat map per model, or per channel where a model has several, at most 24 for a model."""
    maps = []
    for model, weights in attention.items():
        tables = {text(model): weights}
        if weights.index.nlevels > 1:
            channels = weights.index.droplevel(-1)
            names = channels.unique()[:MAX_ATTENTION_MAPS]
            tables = {f"{text(model)} · {text(name)}": weights[channels.isin([name])] for name in names}
        for name, table in tables.items():
            cells = (plotly_times(index.get_level_values(-1))[0] for index in (table.columns, table.index))
            x, y = ([plotly_text(str(time).replace("T", " ")) for time in times] for times in cells)
            kind = table.columns.name if table.columns.name in ("lag", "variable") else "history"
            maps.append({"name": name, "x": x, "y": y, "z": json_numbers(table, digits=4), "kind": kind})
    return [each for each in maps if each["z"]]


def rank_diagram(ranks, critical_difference, styles):
    """Draw models on an axis of mean ranks, with bars that join ranks without a significant difference.

    Reference:
        Demšar, 2006, https://jmlr.org/papers/v7/demsar06a.html.
    """
    ranks = ranks.dropna().sort_values()
    bars = [] if critical_difference is None else _groups(ranks.to_numpy(), critical_difference)
    top = 0.6 * (len(bars) + 1)  # the rows of the models lie below the bars
    rows = [plotly_text(name) for name in short_labels([text(name) for name in ranks.index])]
    traces = [
        {**_line(model, np.full(2, rank), np.array([0, top + row]), styles), "marker": {"size": [0, 11], "opacity": 1}}
        for row, (model, rank) in enumerate(ranks.items())
    ]
    spans = [(*bar, 0.6 * (level + 1), 6, "ink") for level, bar in enumerate(bars)]
    if critical_difference is not None:
        spans.append((1, 1 + critical_difference, top + len(rows), 4, "muted"))
        rows.append("critical difference")
    for start, end, y, width, color in spans:
        traces.append({"x": [start, end], "y": [y, y], "mode": "lines", "hoverinfo": "skip"})
        traces[-1]["line"] = {"color": color, "width": width}
    last = max(len(ranks), 1 + (critical_difference or 0))
    layout = _axes("mean rank", "")
    layout["xaxis"] |= {"range": [0.85, last + 0.15], "side": "top", "dtick": 1}
    ticks = {"range": [top + len(rows) - 0.5, 0], "tickvals": (top + np.arange(len(rows))).tolist()}
    layout["yaxis"] |= {"showgrid": False, "ticktext": rows, **ticks}
    return {"traces": traces, "layout": layout, "rows": len(rows) + top}


def _groups(ranks, width):
    """Return the first and last rank of each maximal group of sorted ranks that spans at most `width`."""
    ends = np.searchsorted(ranks, ranks + width, side="right") - 1
    return [
        (float(ranks[i]), float(ranks[end]))
        for i, end in enumerate(ends)
        if end > i and (i == 0 or end > ends[i - 1])  # otherwise it is part of the previous group
    ]


def _line(model, x, y, styles):
    line = {"x": json_numbers(x, digits=15), "y": json_numbers(y), "line": styles[model]}
    return {"name": plotly_text(model), "group": text(model), "mode": "lines+markers", **line}


def _axes(x, y):
    return {"xaxis": {"title": {"text": plotly_text(x)}}, "yaxis": {"title": {"text": plotly_text(y)}}}


def _series_labels(table):
    """Return the label of each row: its series, and its channel if there are several."""
    columns = [[text(value) for value in table[name]] for name in ("series", "channel") if name in table]
    return [" · ".join(parts) for parts in zip(*columns, strict=True)]
