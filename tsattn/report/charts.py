"""What the charts of the page show: pandas tables in, numbers and Plotly traces for its JavaScript out."""

import numpy as np
import pandas as pd

from tsattn.report.drawn import drawn_times, floats, numbers, plotly, shortened, text

HORIZONS_SHOWN = 8  # of history before an origin, at most
MOST_NUMBERS = 300_000  # of forecasts in one page: up to 3 MB of it
MOST_MAPS = 24  # attention maps of one model, a map for each channel


def forecast_windows(history, forecasts, styles):
    """Pack forecasts for the chart that draws one window at a time.

    A model that was trained with several seeds is drawn with its first. If the page would grow too large, the last
    origins of each series are kept, and of too many series the first.

    Args:
        history: DataFrame with the columns series, perhaps channel, time and value; or None.
        forecasts: DataFrame with the columns model, seed, series, perhaps channel, origin, time, actual and forecast,
            and perhaps quantiles, whose labels are floats.
        styles: What `model_styles` gave.

    Returns:
        A dict ready for JSON: all `times` once, and for each of the `series` its places `at` in them, its `values`, and
        its `windows`, each `[origin, place of its first step in at, [[model, forecast, low, high], ...]]`.
    """
    seeds = forecasts.groupby("model", sort=False, observed=True)["seed"].transform("first")
    forecasts = forecasts[(forecasts["seed"] == seeds) | seeds.isna()]
    history = forecasts[:0].assign(value=0.0) if history is None else history
    moments = pd.concat([history["time"], forecasts["time"], forecasts["origin"]], ignore_index=True).infer_objects()
    codes, moments = pd.factorize(moments, sort=True)
    past_time, time, origin = np.split(codes, [len(history), len(history) + len(forecasts)])
    times, axis = drawn_times(moments)
    levels = sorted(column for column in forecasts.columns if isinstance(column, float))
    band = [levels[0], levels[-1]] if len(levels) > 1 else []
    models = [model for model in styles if model in forecasts["model"].unique()]
    past = pd.DataFrame({"series": _labels(history), "time": past_time, "value": floats(history["value"])})
    rows = pd.DataFrame({"series": _labels(forecasts), "origin": origin, "time": time})
    rows["model"] = pd.Index(models).get_indexer(forecasts["model"])
    names = ["forecast", "low", "high"][: 1 + len(band)]
    rows[["actual", *names]] = floats(forecasts[["actual", "forecast", *band]])
    windows = int(rows.groupby("series")["origin"].nunique().max())
    series, size = rows["series"].nunique(), len(rows) * len(names)
    kept_windows = min(windows, max(1, MOST_NUMBERS * windows // size))
    kept = max(1, min(series, MOST_NUMBERS * windows * series // (size * kept_windows)))
    pasts = dict(list(past.groupby("series", sort=False)))
    return {
        "times": times,
        "axis": axis,
        "models": [{"name": plotly(model), "group": text(model), **styles[model]} for model in models],
        "band": [text(level) for level in band],
        "left_out": {"windows": windows - kept_windows, "series": series - kept},
        "series": [
            _series(label, table, pasts.get(label, past[:0]), names, kept_windows)
            for label, table in list(rows.groupby("series", sort=False))[:kept]
        ],
    }


def _series(label, rows, past, names, most):
    """One series of `forecast_windows`, with its last `most` windows."""
    origins = np.unique(rows["origin"])[-most:]
    rows = rows[rows["origin"].isin(origins)]
    seen = pd.concat([past.set_index("time")["value"], rows.set_index("time")["actual"]])
    values = seen.groupby(level=0).last()  # sorted by time, and what the backtest compared with wins
    window = np.searchsorted(origins, rows["origin"])
    place = values.index.searchsorted(rows["time"])
    ends = pd.Series(place).groupby(window).agg(["min", "max"])
    steps = int((ends["max"] - ends["min"]).max()) + 1
    start = max(0, int(ends["min"].min()) - HORIZONS_SHOWN * steps)
    values = values.iloc[start : ends["max"].max() + 1]
    first = ends["min"].to_numpy() - start
    cube = np.full((len(origins), rows["model"].max() + 1, steps, len(names)), np.nan)
    cube[window, rows["model"], place - start - first[window]] = rows[names]
    drawn = np.isfinite(cube[..., 0]).any(axis=2)
    return {
        "name": label,
        "at": values.index.tolist(),
        "values": numbers(values),
        "windows": [
            [int(origin), int(first[w]), [[int(m), *numbers(cube[w, m].T)] for m in np.flatnonzero(drawn[w])]]
            for w, origin in enumerate(origins)
        ],
    }


def error_by_step(by_step, metric, styles):
    """A line of the metric over the steps ahead for each model."""
    traces = [_line(model, by_step.index, by_step[model], styles) for model in by_step.columns]
    return {"traces": traces, "layout": _axes("step ahead", metric)}


def teacher_gap(teacher, styles):
    """Two lines for each model: solid as it forecasts, dashed as it is fed the true past."""
    columns = sorted(teacher.columns, key=lambda column: column[1] != "free running")  # the legend shows the first
    traces = [_line(model, teacher.index, teacher[(model, mode)], styles) for model, mode in columns]
    for trace, (_, mode) in zip(traces, columns, strict=True):
        trace["name"] += f", {plotly(mode)}"
        trace["line"] = {**trace["line"], "dash": "solid" if mode == "free running" else "dash"}
    return {"traces": traces, "layout": _axes("step ahead", "MAE, in standard deviations")}


def lags(explained, styles):
    """Two panels over the lag: the mean attention weight, and below it how the forecast changes without that lag."""
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
    """A heat map for each model, and for each channel where there are several, up to 24 a model."""
    maps = []
    for model, weights in attention.items():
        tables = {text(model): weights}
        if weights.index.nlevels > 1:
            channels = weights.index.droplevel(-1)
            names = channels.unique()[:MOST_MAPS]
            tables = {f"{text(model)} · {text(name)}": weights[channels.isin([name])] for name in names}
        for name, table in tables.items():
            cells = (drawn_times(index.get_level_values(-1))[0] for index in (table.columns, table.index))
            x, y = ([plotly(str(time).replace("T", " ")) for time in times] for times in cells)
            kind = table.columns.name if table.columns.name in ("lag", "variable") else "history"
            maps.append({"name": name, "x": x, "y": y, "z": numbers(table, digits=4), "kind": kind})
    return [drawn for drawn in maps if drawn["z"]]


def rank_diagram(ranks, critical_difference, styles):
    """Models on an axis of mean ranks, bars joining those not told apart (Demšar, 2006, JMLR 7, 1-30)."""
    ranks = ranks.dropna().sort_values()
    bars = [] if critical_difference is None else _joined(ranks.to_numpy(), critical_difference)
    top = 0.6 * (len(bars) + 1)  # the rows of the models lie below the bars
    rows = [plotly(name) for name in shortened([text(name) for name in ranks.index])]
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
    places = {"range": [top + len(rows) - 0.5, 0], "tickvals": (top + np.arange(len(rows))).tolist()}
    layout["yaxis"] |= {"showgrid": False, "ticktext": rows, **places}
    return {"traces": traces, "layout": layout, "rows": len(rows) + top}


def _joined(ranks, width):
    """First and last of every largest group of sorted ranks that lie within a width."""
    ends = np.searchsorted(ranks, ranks + width, side="right") - 1
    return [
        (float(ranks[i]), float(ranks[end]))
        for i, end in enumerate(ends)
        if end > i and (i == 0 or end > ends[i - 1])  # else it lies within the group before
    ]


def _line(model, x, y, styles):
    line = {"x": numbers(x, digits=15), "y": numbers(y), "line": styles[model]}
    return {"name": plotly(model), "group": text(model), "mode": "lines+markers", **line}


def _axes(x, y):
    return {"xaxis": {"title": {"text": plotly(x)}}, "yaxis": {"title": {"text": plotly(y)}}}


def _labels(table):
    """Each row's series, with its channel where there are several."""
    columns = [[text(value) for value in table[name]] for name in ("series", "channel") if name in table]
    return [" · ".join(parts) for parts in zip(*columns, strict=True)]
