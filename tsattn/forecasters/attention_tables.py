"""Attention weights as tables: what looks, row by row, at what is seen, column by column."""

import numpy as np
import pandas as pd


def chosen(weights, layer, head):
    """Of weights `(series, channels, layers, heads, rows, columns)` one layer, and one head or the mean of all.

    Args:
        weights: The weights.
        layer: Counted from 0, or from the last with -1.
        head: The same, or None for the mean.

    Returns:
        `(series, channels, rows, columns)`.

    Raises:
        ValueError: there is no such layer or head.
    """
    weights = weights[:, :, _place("layer", layer, weights.shape[2])]
    return weights.mean(axis=2) if head is None else weights[:, :, _place("head", head, weights.shape[2])]


def over_time(weights, layout, lookback, patch_size):
    """Weights `(series, channels, steps, patches)` as a DataFrame: forecast time by history time.

    Args:
        weights: Those of the steps that follow the series of a layout, for the patches before.
        layout: The `Layout` of the series.
        lookback, patch_size: Steps that the patches cover, and steps in each.
    """
    steps = weights.shape[2]
    if layout.ids is None:
        end = layout.time_axis.length
        times = layout.time_axis.stamps(end, steps)
        starts = layout.time_axis.stamps(end - lookback, lookback)[::patch_size]
    else:
        times = layout.future_index(steps)
        starts = pd.RangeIndex(-lookback, 0, patch_size, name="lag")
    tables = [
        pd.DataFrame(part.reshape(-1, part.shape[-1]), index=times, columns=starts) for part in weights.swapaxes(0, 1)
    ]
    if len(tables) == 1:
        return tables[0]
    names = ["channel"] if layout.columns.names == [None] else list(layout.columns.names)
    return pd.concat(tables, keys=list(layout.columns), names=[*names, *times.names])


def over_variables(weights, layout, covariates):
    """Weights `(series, channels, variables)` as a DataFrame: channel by channel and covariate.

    Args:
        weights: The first variables are the channels.
        layout: The `Layout` of the series.
        covariates: A label for each variable after the channels; the weights of those with one label are summed.
    """
    series, channels, _ = weights.shape
    own = pd.Index([layout.name if layout.name is not None else "y"]) if layout.columns is None else layout.columns
    labels = [*own, *covariates]
    places = {label: place for place, label in reversed(list(enumerate(labels)))}
    rows = own.rename("channel") if own.names == [None] else own
    if layout.ids is not None:
        ids = layout.ids.repeat(channels)
        parts = [ids.get_level_values(level) for level in range(ids.nlevels)]
        rows = pd.MultiIndex.from_arrays([*parts, np.tile(np.asarray(rows), series)], names=[*ids.names, "channel"])
    table = pd.DataFrame(weights.reshape(series * channels, -1), index=rows)
    table = table.T.groupby([places[label] for label in labels]).sum().T
    columns = [labels[place] for place in table.columns]
    return table.set_axis(pd.Index(columns, name="variable", tupleize_cols=False), axis=1)


def _place(name, place, length):
    """A place in a list of this length, counted from its end where below 0."""
    if place not in range(-length, length):
        raise ValueError(f"`{name}` is {place!r}, but must be a whole number from {-length} to {length - 1}.")
    return place
