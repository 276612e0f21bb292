"""Attention weights as DataFrames."""

import numpy as np
import pandas as pd


def select_weights(weights, layer, head):
    """Select the attention weights of a layer, and of a head or the mean of all heads.

    Args:
        weights: Array `(series, channels, layers, heads, rows, columns)`.
        layer: Index of the layer, from 0, or from -1 for the last.
        head: Index of the head, or None for the mean of all heads.

    Returns:
        Array `(series, channels, rows, columns)`.

    Raises:
        ValueError: If `layer` or `head` is out of range.
    """
    weights = weights[:, :, _index("layer", layer, weights.shape[2])]
    return weights.mean(axis=2) if head is None else weights[:, :, _index("head", head, weights.shape[2])]


def _index(name, index, length):
    if index not in range(-length, length):
        raise ValueError(f"`{name}` is {index!r}, but must be an integer from {-length} to {length - 1}.")
    return index


def weights_over_time(weights, layout, lookback, patch_size):
    """Return attention weights as a DataFrame with one row per forecast time and one column per patch.

    Args:
        weights: Array `(series, channels, steps, patches)`.
        layout: `Layout` of the series.
        lookback: Number of steps that the patches cover.
        patch_size: Number of steps in a patch.
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
    """Return attention weights as a DataFrame with one row per channel and one column per variable.

    Args:
        weights: Array `(series, channels, variables)`; the first variables are the channels.
        layout: `Layout` of the series.
        covariates: Labels of the variables after the channels. The weights of variables with the same label are summed.
    """
    series, channels, _ = weights.shape
    columns = pd.Index([layout.name if layout.name is not None else "y"]) if layout.columns is None else layout.columns
    labels = [*columns, *covariates]
    first = {label: position for position, label in reversed(list(enumerate(labels)))}
    rows = columns.rename("channel") if columns.names == [None] else columns
    if layout.ids is not None:
        ids = layout.ids.repeat(channels)
        parts = [ids.get_level_values(level) for level in range(ids.nlevels)]
        rows = pd.MultiIndex.from_arrays([*parts, np.tile(np.asarray(rows), series)], names=[*ids.names, "channel"])
    table = pd.DataFrame(weights.reshape(series * channels, -1), index=rows)
    table = table.T.groupby([first[label] for label in labels]).sum().T
    variables = [labels[position] for position in table.columns]
    return table.set_axis(pd.Index(variables, name="variable", tupleize_cols=False), axis=1)
