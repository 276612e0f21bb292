"""Attention weights as tables."""

import numpy as np
import pandas as pd


def select_weights(weights, layer, head):
    """Select a layer, and a head or the mean of all heads.

    Args:
        weights: Array `(series, channels, layers, heads, rows, columns)`.
        layer: Index of the layer, from 0, or from -1 for the last.
        head: Index of the head, or None for the mean.

    Returns:
        Array `(series, channels, rows, columns)`.

    Raises:
        ValueError: If there is no such layer or head.
    """
    weights = weights[:, :, _index("layer", layer, weights.shape[2])]
    return weights.mean(axis=2) if head is None else weights[:, :, _index("head", head, weights.shape[2])]


def _index(name, index, length):
    if index not in range(-length, length):
        raise ValueError(f"`{name}` is {index!r}, but must be a whole number from {-length} to {length - 1}.")
    return index


def weights_over_time(weights, layout, lookback, patch_size):
    """Return attention weights as a DataFrame with a row for each forecast time and a column for each history time.

    Args:
        weights: Array `(series, channels, steps, patches)`.
        layout: `Layout` of the series, whose end the steps follow.
        lookback: Steps that the patches cover.
        patch_size: Steps in a patch.
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


def weights_over_variables(weights, layout, covariates):
    """Return attention weights as a DataFrame with a row for each channel and a column for each variable.

    Args:
        weights: Array `(series, channels, variables)`; the first variables are the channels.
        layout: `Layout` of the series.
        covariates: Label of each variable after the channels. Weights of variables with the same label are summed.
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
