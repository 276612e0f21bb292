"""Static covariates: one row of the caller's table for each series of a panel."""

import numpy as np
import pandas as pd

from tsattn.series.tables import ID, format_labels


def select_static_rows(layout, static):
    """Return the rows of a caller's table in the order of the series of a panel; other rows are ignored.

    Args:
        layout: `Layout` of the panel.
        static: DataFrame with the ids in its index, or in a column `unique_id`.

    Raises:
        TypeError: If `static` is not a DataFrame.
        ValueError: If the layout is of one series, or if ids are missing or duplicated.
    """
    if layout.ids is None:
        raise ValueError(
            "`static` is for the series of a panel, but `y` is one series, for which it would be constant. "
            "Omit `static`, or pass a panel, whose index has the levels (series, time)."
        )
    if not isinstance(static, pd.DataFrame):
        raise TypeError(
            f"`static` is a {type(static).__name__}, but a pandas DataFrame with a row for each series is expected. "
            "Pass a Series as `series.to_frame()`."
        )
    if not static.columns.is_unique:
        repeated = static.columns[static.columns.duplicated()].unique()
        raise ValueError(f"`static` has columns with the same name: {format_labels(repeated)}. Rename or drop them.")
    if ID in static.columns:
        static = static.set_index(ID)
    if not static.index.is_unique:
        repeated = static.index[static.index.duplicated()].unique()
        raise ValueError(f"`static` has duplicate ids: {format_labels(repeated)}. Keep one row for each series.")
    positions = static.index.to_flat_index().get_indexer(layout.ids.to_flat_index())
    missing = layout.ids[positions < 0]
    if len(missing):
        raise ValueError(
            f"`static` has no row for {len(missing)} of {len(layout.ids)} series: {format_labels(missing)}. Its ids "
            f"are {format_labels(static.index)}. Pass a row for each series of `y`, with its id as the index."
        )
    return static.iloc[positions]


def fitted_static_rows(fitted, layout):
    """Return the encoded static covariates of the fit for the series of a panel, float32 `(series, columns)`.

    Args:
        fitted: `Covariates` of the fit, or None.
        layout: `Layout` of the panel.

    Raises:
        ValueError: If a series was not fitted.
    """
    positions = np.full(len(layout.ids), -1) if fitted is None else fitted.ids.get_indexer(layout.ids)
    missing = layout.ids[positions < 0]
    if len(missing):
        raise ValueError(
            f"`y` has {len(missing)} series that were not fitted: {format_labels(missing)}. The forecaster was fitted "
            "with static covariates. Pass those of the new series as `static=`."
        )
    return fitted.static[positions]
