"""The border: the caller's Series or DataFrame becomes a Panel, and numbers become the caller's own type again."""

import warnings
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsattn.series.columns import floats, output_dtype
from tsattn.series.panel import Panel
from tsattn.series.timeline import Timeline

LONG_COLUMNS = {"unique_id", "ds", "y"}


@dataclass(frozen=True, eq=False)
class Layout:
    """What the caller's numbers wear: the time grid, the names and the dtypes.

    Args:
        timeline: the Timeline of the history.
        columns: columns Index of a DataFrame, None for a Series.
        name: name of a Series.
        dtypes: the dtype of the output of every channel.
    """

    timeline: Timeline
    columns: pd.Index | None
    name: Hashable
    dtypes: tuple

    @property
    def channel_names(self):
        """The names of the channels, as text for messages."""
        return [str(label) for label in ([self.name] if self.columns is None else self.columns)]

    def dress(self, values, start):
        """Numbers (steps, channels) of the rows from `start` on as a Series or DataFrame like the caller's.

        Raises:
            ValueError: another number of channels.
        """
        steps, channels = values.shape
        if channels != len(self.dtypes):
            raise ValueError(f"The layout has {len(self.dtypes)} channel(s), but the values have {channels}.")
        stamps = self.timeline.stamps(start, steps)
        pairs = zip(values.T.astype("float64"), self.dtypes, strict=True)
        parts = [pd.array(column, dtype=dtype) for column, dtype in pairs]
        if self.columns is None:
            return pd.Series(parts[0], index=stamps, name=self.name)
        frame = pd.DataFrame(dict(enumerate(parts)), index=stamps)
        frame.columns = self.columns
        return frame

    def read_more(self, y, *, name="y"):
        """Reads another history for the same forecaster: `(Panel, Layout)`, the layout being that of the new one.

        The columns of a frame are matched by name, in any order; those that are not known are left out with one
        UserWarning. A Series may have another name.

        Raises:
            TypeError: a frame instead of a series, or the reverse, or other stamps. ValueError: columns that are
                missing, another step, and all that `read` refuses.
        """
        refuse_other_shapes(y, name)
        if isinstance(y, pd.Series) != (self.columns is None):
            wanted, cure = ("Series", "y['column']") if self.columns is None else ("DataFrame", "y.to_frame()")
            raise TypeError(f"`{name}` is a {type(y).__name__}, but a {wanted} was fitted. Pass `{cure}`.")
        if self.columns is not None:
            y = self._matching(y, name)
        return _read(y, *self.timeline.continued(y.index, name), name)

    def _matching(self, y, name):
        places = y.columns.get_indexer(self.columns)
        extra = list(y.columns.delete(places[places >= 0]))
        if np.any(places < 0):
            missing = list(self.columns[places < 0])
            raise ValueError(
                f"`{name}` lacks the column(s) {missing}, which were fitted, and has the unknown column(s) {extra}. "
                "Pass all fitted columns under their names."
            )
        if extra:
            message = f"`{name}` has column(s) that were not fitted: {extra}. They are left out."
            warnings.warn(message, UserWarning, stacklevel=3)
        matching = y.iloc[:, places]
        return matching.set_axis(self.columns, axis=1)


def read(y, *, freq=None, name="y"):
    """Reads the caller's history.

    Args:
        y: a Series (one channel), or a wide DataFrame (a channel for each column), with a time index.
        freq: the step of the index; None takes the index's own or infers it.
        name: the argument that error messages name.

    Returns:
        `(Panel, Layout)`: one series of float64 on the completed time grid, NaN where nothing was observed.

    Raises:
        TypeError: neither Series nor DataFrame, columns that are no numbers, an index that is no time axis.
        ValueError: empty, several series, infinite values, a column without any value, duplicate columns or
            stamps, a step that cannot be decided.
    """
    refuse_other_shapes(y, name)
    return _read(y, *Timeline.read(y.index, freq=freq, name=name), name)


def refuse_other_shapes(y, name):
    """TypeError or ValueError unless `y` is one series: a Series, or a wide DataFrame with distinct columns."""
    if not isinstance(y, pd.Series | pd.DataFrame):
        raise TypeError(
            f"`{name}` is a {type(y).__name__}, but a pandas Series or DataFrame with a time index is needed. "
            f"Pass `pd.Series(values, index=pd.date_range(start, periods=len(values), freq=...))`."
        )
    if isinstance(y.index, pd.MultiIndex):
        raise ValueError(
            f"`{name}` is a panel: its index has the levels {list(y.index.names)}. Panels are not read yet. "
            f"Take one series, `{name}.xs(key, level=0)`, or a wide frame, `{name}.unstack(level=0)`."
        )
    if isinstance(y, pd.Series):
        return
    if LONG_COLUMNS.issubset(y.columns):
        raise ValueError(
            f"`{name}` is a long frame with the columns unique_id, ds, y. Panels are not read yet. "
            f"Take one series, `{name}[{name}.unique_id == key].set_index('ds').y`, "
            f"or a wide frame, `{name}.pivot(index='ds', columns='unique_id', values='y')`."
        )
    if y.shape[1] == 0:
        raise ValueError(f"`{name}` is empty: it has no columns. Pass at least one.")
    if not y.columns.is_unique:
        repeated = list(y.columns[y.columns.duplicated()].unique())
        raise ValueError(f"`{name}` has columns with the same name: {repeated}. Rename or drop them.")


def _read(y, timeline, positions, name):
    whole = isinstance(y, pd.Series)
    columns = [y] if whole else [y.iloc[:, place] for place in range(y.shape[1])]
    values = np.full((timeline.length, len(columns)), np.nan)
    for channel, column in enumerate(columns):
        values[positions, channel] = floats(column, f"`{name}`" if whole else f"Column {column.name!r} of `{name}`")
    dtypes = tuple(output_dtype(column.dtype) for column in columns)
    layout = Layout(timeline, None if whole else y.columns, y.name if whole else None, dtypes)
    return Panel(values, np.array([0, timeline.length])), layout
