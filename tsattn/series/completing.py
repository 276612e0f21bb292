"""A caller's history as forecasters like it best: series by series, in order of time, with every stamp."""

import numpy as np
import pandas as pd

from tsattn.series.shapes import ID, TIME


def completed(y, layout):
    """The same table, in order, and with a row of missing values for each stamp that was left out.

    A history that is cut from it ends where it was cut, whatever was left out there.

    Args:
        y: What the layout was read from.
        layout: Its `Layout`.

    Returns:
        `y` itself where it is so already; for one series its index knows its step.
    """
    series, rows, _ = layout.place(y.to_frame() if isinstance(y, pd.Series) else y, "y")
    series = np.zeros_like(rows) if series is None else series
    starts = np.cumsum(layout.lengths) - layout.lengths
    places = (starts - layout.firsts)[series] + rows
    if not np.array_equal(places, np.arange(layout.lengths.sum())):
        taken = np.full(layout.lengths.sum(), -1)
        taken[places] = np.arange(len(y))
        y = _with_index(y.reset_index(drop=True).reindex(taken), layout)  # no row is called -1
    return y.set_axis(layout.timeline.stamps(0, layout.timeline.length)) if layout.ids is None else y


def _with_index(y, layout):
    """A table of all stamps of all series, with these in its index, or in the columns of a long frame."""
    if layout.ids is None:
        return y
    ids, series = layout.ids, np.arange(len(layout)).repeat(layout.lengths)
    starts = np.cumsum(layout.lengths) - layout.lengths
    rows = np.arange(len(y)) + (layout.firsts - starts)[series]
    stamps = layout.timeline.at(np.arange(layout.timeline.length))
    if layout.long is None:
        nested = isinstance(ids, pd.MultiIndex)
        levels, codes = (ids.levels, [code[series] for code in ids.codes]) if nested else ([ids], [series])
        return y.set_axis(pd.MultiIndex([*levels, stamps], [*codes, rows], names=[*ids.names, stamps.name]))
    y = y.assign(**{TIME: stamps.take(rows)})
    if ID in layout.long:
        return y.assign(**{ID: ids.take(series)}).set_axis(pd.RangeIndex(len(y)))
    return y.set_axis(ids.take(series))
