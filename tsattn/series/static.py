"""Covariates with one value for each series: a row of the caller's table for every id."""

import numpy as np
import pandas as pd

from tsattn.series.matching import shown


def static_rows(layout, static):
    """The rows of a caller's table in the order of the series of a Layout; other rows are left out.

    Args:
        layout: the Layout of a panel.
        static: a DataFrame with the ids in its index, or in a column `unique_id`.

    Raises:
        TypeError: no DataFrame. ValueError: the Layout is of one series, ids that are missing or come twice.
    """
    if layout.ids is None:
        raise ValueError(
            "`static` is for the series of a panel, but `y` is one series, for which it cannot differ. "
            "Leave `static` out, or pass a panel: its index has the levels (series, time)."
        )
    if not isinstance(static, pd.DataFrame):
        raise TypeError(
            f"`static` is a {type(static).__name__}, but a pandas DataFrame with a row for each series is needed. "
            "Pass a Series as `series.to_frame()`."
        )
    if not static.columns.is_unique:
        repeated = static.columns[static.columns.duplicated()].unique()
        raise ValueError(f"`static` has columns with the same name: {shown(repeated)}. Rename or drop them.")
    if "unique_id" in static.columns:
        static = static.set_index("unique_id")
    if not static.index.is_unique:
        repeated = static.index[static.index.duplicated()].unique()
        raise ValueError(f"`static` has ids that come more than once: {shown(repeated)}. Keep one row for each series.")
    places = static.index.to_flat_index().get_indexer(layout.ids.to_flat_index())
    missing = layout.ids[places < 0]
    if len(missing):
        raise ValueError(
            f"`static` has no row for {len(missing)} of {len(layout.ids)} series: {shown(missing)}. Its ids are "
            f"{shown(static.index)}. Pass a row for each series of `y`, with its id as the index."
        )
    return static.iloc[places]


def remembered(fitted, layout):
    """What `fitted`, the `Covariates` of the fit, has for each series of a Layout: float32 (series, columns).

    Raises:
        ValueError: series that were not fitted.
    """
    places = np.full(len(layout.ids), -1) if fitted is None else fitted.ids.get_indexer(layout.ids)
    missing = layout.ids[places < 0]
    if len(missing):
        raise ValueError(
            f"`y` has {len(missing)} series that were not fitted: {shown(missing)}. The forecaster was fitted with "
            "static covariates: pass those of the new series as `static=`."
        )
    return fitted.static[places]
