"""Does another table have the ids and the columns of the one that was read first?"""

import numpy as np
import pandas as pd

from tsattn.warning import warn


def refuse_other_ids(ids, rows, first):
    """TypeError or ValueError unless the Rows have ids if and only if `ids` are there, of as many levels.

    Args:
        ids: the ids of what was read first, None for one series.
        rows: the Rows of the other table.
        first: what was read first, in words.
    """
    if ids is None and rows.ids is not None:
        raise TypeError(
            f"`{rows.name}` is a panel with the ids {shown(rows.ids)}, but {first} is one series without an id. "
            "Select the rows of one id and leave only the time in the index."
        )
    if ids is not None and rows.ids is None:
        raise TypeError(
            f"`{rows.name}` is one series without an id, but {first} is a panel with the ids {shown(ids)}. "
            f"Give it one: `pd.concat({{{ids[:1].tolist()[0]!r}: {rows.name}}}, names={list(ids.names)})`."
        )
    if ids is not None and ids.nlevels != rows.ids.nlevels:
        raise ValueError(
            f"`{rows.name}` has the id levels {list(rows.ids.names)}, but {first} has {list(ids.names)}. "
            "Pass ids of the same levels."
        )


def find_ids(ids, rows):
    """The number of each of the ids of the Rows among `ids`, int64 (ids of the rows,); -1, and a warning, for others.

    Raises:
        ValueError: none is among them.
    """
    found = ids.get_indexer(rows.ids)
    unknown = rows.ids[found < 0]
    if len(unknown) == len(found):
        raise ValueError(
            f"`{rows.name}` has the ids {shown(unknown)} (dtype {_dtype(unknown)}), none of which is in `y`: its ids "
            f"are {shown(ids)} (dtype {_dtype(ids)}). Pass rows for the series of `y`, with ids of the same dtype."
        )
    if len(unknown):
        message = f"`{rows.name}` has {len(unknown)} id(s) that are not in `y`: {shown(unknown)}. They are left out."
        warn(message)
    return found


def matching(frame, columns, name):
    """The columns of a frame, the argument `name`, that are in `columns`, in that order; a warning for others.

    Raises:
        ValueError: one is missing.
    """
    places = frame.columns.get_indexer(columns)
    extra = list(frame.columns.delete(places[places >= 0]))
    if np.any(places < 0):
        missing = list(columns[places < 0])
        raise ValueError(
            f"`{name}` lacks the column(s) {missing}, which were fitted, and has the unknown column(s) {extra}. "
            "Pass all fitted columns under their names."
        )
    if extra:
        message = f"`{name}` has column(s) that were not fitted: {extra}. They are left out."
        warn(message)
    return frame.iloc[:, places].set_axis(columns, axis=1)


def shown(labels):
    """The first few labels of an Index, as text for messages."""
    return ", ".join(repr(label) for label in labels[:3].tolist()) + (", ..." if len(labels) > 3 else "")


def _dtype(ids):
    return ", ".join(map(str, ids.dtypes)) if isinstance(ids, pd.MultiIndex) else ids.dtype
