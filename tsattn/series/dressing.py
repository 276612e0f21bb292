"""Numbers as columns of the caller's dtypes, under the caller's names."""

import numpy as np
import pandas as pd


def dressed(values, dtypes, columns, name, labels=None):
    """Numbers as a Series, or as a DataFrame where there are columns or labels, with a plain index.

    Args:
        values: float array (rows, channels, labels), with one label where `labels` is None.
        dtypes: the dtype of every channel.
        columns: an Index of the channels, or None for one channel without a column.
        name: name of a Series.
        labels: an Index of what there is of each channel, or None.
    """
    flat = values.reshape(len(values), -1).T.astype("float64")
    each = np.repeat(np.array(dtypes, dtype=object), values.shape[2])
    parts = [pd.array(part, dtype=dtype) for part, dtype in zip(flat, each, strict=True)]
    if columns is None and labels is None:
        return pd.Series(parts[0], name=name)
    frame = pd.DataFrame(dict(enumerate(parts)))
    if columns is None:
        frame.columns = labels
    elif labels is None:
        frame.columns = columns
    else:
        frame.columns = crossed(columns, labels, np.tile(np.arange(len(labels)), (len(columns), 1)))
    return frame


def crossed(outer, inner, codes):
    """A MultiIndex of every entry of `outer`, each with the entries of `inner` at its codes.

    Args:
        outer: an Index or MultiIndex of distinct entries.
        inner: an Index of distinct entries.
        codes: integers (entries of outer, any number).
    """
    count = codes.shape[1]
    nested = isinstance(outer, pd.MultiIndex)
    levels, places = (outer.levels, outer.codes) if nested else ([outer], [np.arange(len(outer))])
    codes = [*(np.repeat(part, count) for part in places), codes.ravel()]
    return pd.MultiIndex([*levels, inner], codes, names=[*outer.names, inner.name])
