"""Which series and which stamp every row of a table has, in little memory however many rows there are."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsattn.series.indexes import MISSING, refuse_empty

CHUNK = 1 << 16


def chunks(rows):
    """Slices that cover 0..rows, a chunk each."""
    return (slice(start, min(start + CHUNK, rows)) for start in range(0, rows, CHUNK))


def entry(index, place):
    """An entry of an Index as Python shows it: 3, not np.int64(3)."""
    return index[[place]].tolist()[0]


def spot(name, *parts):
    """The argument `name`, or a part of it, in words: "Column 'b' of series 'a' of `y`"."""
    text = " of ".join([*(f"{what} {label!r}" for what, label in parts), f"`{name}`"])
    return text[0].upper() + text[1:]


@dataclass(frozen=True, eq=False)
class Codes:
    """A number for every row, kept as a small code: row `r` has `numbers[codes[r]]`.

    Args:
        codes: integers of any size, (rows,).
        numbers: int64 (distinct codes,).
    """

    codes: np.ndarray
    numbers: np.ndarray

    def __len__(self):
        return len(self.codes)

    def __getitem__(self, rows):
        return self.numbers[self.codes[rows]]

    def mapped(self, numbers):
        """The numbers at the places that the numbers are now."""
        return Codes(self.codes, numbers[self.numbers])


@dataclass(frozen=True, eq=False)
class Rows:
    """The series and the stamp of every row of a table.

    Args:
        name: the argument that the table came as.
        ids: the ids, each once, in the order of the series; None for one series without an id.
        series: Codes of the series of every row.
        stamps: the stamps; each once, unless there is one series.
        places: Codes of the place in `stamps` of every row.
    """

    name: str
    ids: pd.Index | None
    series: Codes
    stamps: pd.Index
    places: Codes

    @classmethod
    def of_one(cls, index, name):
        """The rows of one series, whose stamps are its index."""
        refuse_empty(index, name)
        every = np.arange(len(index))
        one = Codes(np.broadcast_to(np.int8(0), len(index)), np.zeros(1, "int64"))
        return cls(name, None, one, index, Codes(every, every))

    @classmethod
    def of_levels(cls, levels, codes, name):
        """The rows of many series, as a MultiIndex holds them: the last level is the time, those before it the id.

        Raises:
            ValueError: empty, missing ids or stamps.
        """
        refuse_empty(codes[-1], name)
        ids, series = _ids(levels[:-1], codes[:-1], name)
        used = _used(levels[-1], codes[-1], "stamp", name)
        return cls(name, ids, series, levels[-1][used], Codes(codes[-1], np.cumsum(used) - 1))

    def longest(self):
        """The places in `stamps`, sorted, of the series with the most rows, the first of these."""
        counts, parts = np.zeros(len(self.ids), "int64"), [*chunks(len(self.series))]
        for part in parts:
            np.add.at(counts, self.series[part], 1)
        longest = counts.argmax()
        return np.unique(np.concatenate([self.places[part][self.series[part] == longest] for part in parts]))

    def spans(self, grid):
        """First grid row and number of grid rows of every series, int64 (series,); `grid`: grid rows of `stamps`."""
        count, limits = 1 if self.ids is None else len(self.ids), np.iinfo("int64")
        firsts, lasts = np.full(count, limits.max), np.full(count, limits.min)
        for part in chunks(len(self.series)):
            series, row = self.series[part], grid[self.places[part]]
            np.minimum.at(firsts, series, row)
            np.maximum.at(lasts, series, row)
        return firsts, lasts - firsts + 1

    def whose(self, place):
        """The first series that has the stamp at this place, in words."""
        if self.ids is None:
            return spot(self.name)
        found = (self.series[part][self.places[part] == place] for part in chunks(len(self.places)))
        return self.series_name(next(series[0] for series in found if len(series)))

    def series_name(self, series):
        """The series with this number, in words."""
        return spot(self.name, *id_parts(self.ids, series))


def id_parts(ids, series):
    """The part of the argument that one series is, for `spot`: nothing where there are no ids."""
    return [] if ids is None else [("series", entry(ids, series))]


def _ids(levels, codes, name):
    """The distinct ids in order, and the Codes of the series of every row."""
    kept, members, series = [], [], None
    for level, code in zip(levels, codes, strict=True):
        order = _order(level, code, name)
        rank = np.zeros(len(level), "int64")
        rank[order] = np.arange(len(order))
        kept.append(level[order])
        if series is None:
            series, members = Codes(code, rank), [np.arange(len(order))]
        else:
            series, first, second = _pairs(series, Codes(code, rank), len(order))
            members = [*(member[first] for member in members), second]
    return kept[0] if len(kept) == 1 else pd.MultiIndex(kept, members, names=[level.name for level in kept]), series


def _order(level, codes, name):
    """The places of the used entries of a level: sorted, or as they come in the rows where they cannot be sorted."""
    used = np.flatnonzero(_used(level, codes, "id", name))
    try:
        return used[np.argsort(level[used].factorize(sort=True)[0])]
    except TypeError:
        first = np.full(len(level), len(codes))
        for part in chunks(len(codes)):
            np.minimum.at(first, codes[part], np.arange(part.start, part.stop))
        return used[np.argsort(first[used])]


def _used(level, codes, what, name):
    """Which entries of a level any row has, bool (entries,); ValueError where a row has none."""
    if codes.min() < 0:
        place = "its index" if level.name is None else repr(level.name)
        raise ValueError(MISSING.format(name=name, what=what, place=place, row=np.argmax(codes < 0)))
    used = np.zeros(len(level), bool)
    for part in chunks(len(codes)):
        used[codes[part]] = True
    return used


def _pairs(first, second, width):
    """Codes of the distinct pairs of two Codes, sorted, and the two members of each; the second is below `width`."""
    parts = list(chunks(len(first)))
    keys = np.unique(np.concatenate([np.unique(first[part] * width + second[part]) for part in parts]))
    codes = np.empty(len(first), np.min_scalar_type(len(keys)))
    for part in parts:
        codes[part] = np.searchsorted(keys, first[part] * width + second[part])
    return Codes(codes, np.arange(len(keys))), keys // width, keys % width
