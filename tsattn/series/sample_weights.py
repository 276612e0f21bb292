"""Weights of observed values in the training loss, aligned with a panel."""

import numpy as np
import pandas as pd

from tsattn.series.layout import Layout
from tsattn.series.panel import Panel, locate
from tsattn.series.tables import ID, TARGET, TIME, read_values, select_columns

NAME = "sample_weight"


def read_sample_weight(sample_weight, y, panel: Panel, layout: Layout):
    """Read a caller's weights.

    Args:
        sample_weight: See `Forecaster.fit`.
        y: The caller's history.
        panel, layout: `Panel` and `Layout` read from it.

    Returns:
        float32 `(rows, channels)` like `panel.values`, with mean 1 over the observed values and 0 elsewhere.

    Raises:
        TypeError: If `sample_weight` does not contain numbers, or has another kind of index than `y`.
        ValueError: If a weight is missing, negative or not finite, all are 0, or their number does not match.
    """
    if _is_per_series(sample_weight, layout):
        weights = _read_per_series(sample_weight, layout)
    else:
        weights = _read_rows(_to_frame(sample_weight, y), panel, layout)
    weights, observed = np.broadcast_to(weights, panel.values.shape), ~np.isnan(panel.values)
    invalid = observed & ~((weights >= 0) & np.isfinite(weights))
    if invalid.any():
        row, channel = divmod(int(invalid.argmax()), panel.channels)
        series, stamp = locate(row, panel.offsets, layout)
        value = weights[row, channel]
        received = "missing" if np.isnan(value) else f"{value:g}"
        raise ValueError(
            f"`{NAME}` is {received} for {layout.value_name(series, channel)} at {stamp}, but must be a finite number "
            "that is not negative for each observed value. To exclude a value from training, pass 0."
        )
    weights = np.where(observed, weights, 0.0)
    if not weights.any():
        raise ValueError(f"`{NAME}` is 0 for all observed values. Pass a positive weight for the values to train on.")
    return (weights / weights[observed].mean()).astype("float32")


def _is_per_series(weights, layout):
    """Return whether the index of a Series contains ids instead of times."""
    return (
        isinstance(weights, pd.Series)
        and layout.ids is not None
        and weights.index.nlevels == layout.ids.nlevels
        and bool(layout.ids.isin(weights.index).any())
    )


def _read_per_series(weights, layout):
    """Return the weights `(rows, 1)` of a Series with one weight per id."""
    if not weights.index.is_unique:
        repeated = weights.index[weights.index.duplicated()][0]
        raise ValueError(f"`{NAME}` has several weights for series {repeated!r}. Pass one for each series.")
    places = weights.index.get_indexer(layout.ids)
    if (places < 0).any():
        raise ValueError(
            f"`{NAME}` has a weight for each series, but none for {layout.series_name(int(places.argmin()))}. Add it, "
            "or pass 0 to exclude the series from training."
        )
    values = _read_numbers(weights.to_frame())
    return np.repeat(values[places], layout.lengths, axis=0)


def _to_frame(weights, y):
    """Return the weights as a DataFrame with an index like that of `y`, or long like `y`."""
    if isinstance(weights, pd.DataFrame):
        return weights
    if isinstance(weights, pd.Series) and not {ID, TIME} & {*getattr(y, "columns", ())}:
        return weights.to_frame(NAME)
    values = np.asarray(weights)
    if values.ndim != 1 or len(values) != len(y):
        raise ValueError(
            f"`{NAME}` has the shape {values.shape}, but `y` has {len(y)} rows. Pass one number per row, or a Series "
            "or DataFrame with the index of `y`."
        )
    if isinstance(y, pd.DataFrame) and TARGET in y.columns and TIME in y.columns:  # a long frame
        return y.drop(columns=TARGET).assign(**{NAME: values})
    return pd.DataFrame({NAME: values}, y.index)


def _read_rows(frame, panel, layout):
    """Return the weights `(rows, channels)` of a DataFrame, or `(rows, 1)` of one column; NaN where there is no row."""
    series, rows, data = layout.locate_rows(frame, NAME)
    if data.shape[1] > 1:
        data = select_columns(data, pd.Index(layout.channel_names) if layout.columns is None else layout.columns, NAME)
    values = _read_numbers(data)
    weights = np.full((len(panel.values), values.shape[1]), np.nan)
    for s in range(len(layout)) if series is None else [slice(None)]:
        at = series[s] if series is not None else np.full(len(rows), s)
        steps = rows - layout.firsts[at]
        kept = (steps >= 0) & (steps < layout.lengths[at])
        weights[panel.offsets[at[kept]] + steps[kept]] = values[kept]
    return weights


def _read_numbers(frame):
    """Return the numbers of a DataFrame; booleans are 0 and 1."""
    masks = [label for label, dtype in frame.dtypes.items() if pd.api.types.is_bool_dtype(dtype)]
    return read_values(frame.astype(dict.fromkeys(masks, "float64")), NAME)[0]
