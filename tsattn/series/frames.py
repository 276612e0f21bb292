"""The border: the caller's table becomes a Panel, and a Layout that gives numbers the look of that table again."""

from tsattn.series.layout import Layout
from tsattn.series.shapes import Table


def read(y, *, freq=None, name="y"):
    """Reads the caller's history.

    Args:
        y: a Series (one channel) or a wide DataFrame (a channel for each column) with a time index; many series as a
            Series or DataFrame with a MultiIndex (series, time), of which all levels but the last are the id, or
            as a long DataFrame with the columns unique_id, ds and y, where unique_id may be the index.
        freq: the step of the stamps; None takes the index's own or infers it from the series with the most rows.
        name: the argument that error messages name.

    Returns:
        `(Panel, Layout)`: each series from its first stamp to its last, in the order of sorted ids (of first
        appearance where they cannot be sorted); NaN where nothing was observed. The values are float32 where
        all columns are, else float64, and may be a view of the caller's memory that cannot be written to.

    Raises:
        TypeError: neither Series nor DataFrame, columns that are no numbers, an index that is no time axis.
        ValueError: empty, infinite values, a series or column without any value, duplicate columns or stamps,
            missing ids, levels in another order, a step that cannot be decided, a stamp off the grid.
    """
    return Layout.of(Table.of_targets(y, name), freq=freq)
