"""Covariates with one value for each series: a row of the caller's table for every id."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tsattn.series.covariates.alignment import Aligned, Placed, placed
from tsattn.series.covariates.calendar import columns, resolve, table, width
from tsattn.series.covariates.data import Covariates
from tsattn.series.covariates.encoding import Column
from tsattn.series.covariates.future import extended, following, refuse_missing
from tsattn.series.tables import matching, shown


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


def read_covariates(layout, covariates=None, static=None, *, past=(), calendar=None, steps):
    """Reads the covariates that a forecaster is fitted with.

    Args:
        layout: the Layout of the history.
        covariates: a DataFrame on the index of the history, or on its time axis alone; it may run past its end.
        static: a DataFrame with a row for each series of a panel, the ids in its index or a column `unique_id`.
        past: labels of the columns of `covariates` that are not known in advance.
        calendar: None, "auto" or a tuple of names, see `calendar.resolve`.
        steps: how many steps after each series the calendar is needed for.

    Returns:
        `(Schema, Covariates)`.

    Raises:
        TypeError: no DataFrame; columns that are neither numbers, True and False, text nor categories.
        ValueError: columns that come twice, are the target, have no observed or an infinite value; labels in `past`
            that are not there; a series without any row; a `calendar` that the stamps do not have.
    """
    names, rows, roles = resolve(calendar, layout.timeline), None, {}
    if covariates is not None:
        rows = Placed.read(layout, covariates, layout.lengths)
    labels = [] if rows is None else list(rows.frame.columns)
    if isinstance(past, str) or any(label not in labels for label in past):
        raise ValueError(
            f"`past_covariates` is {past!r}, but must be a list of columns of `covariates`, which are {labels}. "
            "The columns that are not in the list are known in advance."
        )
    if rows is not None:
        columns = [Column.of(values, "covariates") for _, values in rows.past().frame.items()]
        roles["past"] = tuple(column for column in columns if column.label in past)
        roles["known"] = tuple(column for column in columns if column.label not in past)
    if static is not None:
        static = static_rows(layout, static)
        roles["static"] = tuple(Column.of(values, "static") for _, values in static.items())
    schema = Schema(**roles, calendar=names)
    return schema, schema._covariates(layout, rows, static, layout.lengths, steps)


@dataclass(frozen=True, eq=False)
class Schema:
    """The columns that a forecaster was fitted with.

    Args:
        past: a `Column` for each column that is known up to the end of the history.
        known: the same for those known in advance, without the calendar.
        static: the same for those with one value for each series.
        calendar: names of calendar features.
    """

    past: tuple = ()
    known: tuple = ()
    static: tuple = ()
    calendar: tuple = ()

    @property
    def levels(self):
        """For "past", "known" and "static" the number of codes of each column, 0 for numbers; the calendar is last."""
        levels = {role: tuple(column.levels for column in getattr(self, role)) for role in ("past", "known", "static")}
        levels["known"] += (0,) * width(self.calendar)
        return levels

    @property
    def labels(self):
        """For "past", "known" and "static" the label of each column, in the order of the levels."""
        labels = {role: _labels(getattr(self, role)) for role in ("past", "known", "static")}
        labels["known"] += columns(self.calendar)
        return labels

    def read(self, layout, covariates=None, static=None, *, steps, lookback, reach=None, fitted=None):
        """Reads the covariates of another history, of which the last `lookback` steps are needed.

        Columns are matched by name, in any order; those that were not fitted are left out with one UserWarning.

        Args:
            layout: its Layout.
            covariates: as in `read_covariates`.
            static: the same; None takes that of the fit for the ids that it had.
            steps: how many steps after each series the calendar is needed for.
            lookback: steps of the history that are needed; None for those that come of all.
            reach: steps of the history that are read, where they came. Defaults to those that are needed.
            fitted: the `Covariates` of the fit.

        Returns:
            `Covariates`.

        Raises:
            TypeError, ValueError: as `read_covariates`. ValueError: columns, rows of the last `lookback` steps or ids
                that are missing.
        """
        labels = _labels(self.past + self.known)
        needed, rows = None if lookback is None else np.minimum(layout.lengths, lookback), None
        before = layout.lengths if needed is None else needed if reach is None else np.minimum(layout.lengths, reach)
        if covariates is not None:
            rows = Placed.read(layout, covariates, before, needed)
            rows = replace(rows, frame=matching(rows.frame, _index(labels), "covariates"))
        elif labels:
            raise ValueError(
                f"The forecaster was fitted with the covariates {labels}, which another history needs too. "
                "Pass them as `covariates=`, for its last steps and for those that are forecast."
            )
        if static is not None:
            static = static_rows(layout, static)
            static = matching(static, _index(_labels(self.static)), "static")
        data = self._covariates(layout, rows, static, before, steps)
        if self.static and static is None:
            data = replace(data, static=remembered(fitted, layout), ids=layout.ids)
        return data

    def _covariates(self, layout, rows, static, before, steps):
        """The `Covariates` of a `Placed` of past and known columns, and of the frame of the static ones."""
        roles = {"calendar": self._calendar(layout, before, steps)}
        if self.past:
            roles["past"] = rows.past().filled(self.past)
        if self.known:
            roles["known"] = rows.filled(self.known)
        if self.static and static is not None:
            series = dict(static.items())
            roles["static"] = np.column_stack([column.encode(series[column.label], "static") for column in self.static])
            roles["ids"] = layout.ids
        return Covariates(self.levels, **roles)

    def _calendar(self, layout, before, steps):
        if not self.calendar:
            return None
        start = int((layout.ends - before).min())
        count = int(layout.ends.max()) + steps - start
        ends = layout.ends - start
        return Aligned(table(self.calendar, layout.timeline, start, count), ends, before, count - ends)

    def with_steps(self, data, layout, steps):
        """The same `Covariates` with a calendar that covers at least `steps` steps after each series."""
        if data.calendar is None or data.calendar.after.min() >= steps:
            return data
        return replace(data, calendar=self._calendar(layout, data.calendar.before, steps))

    def extend(self, data, layout, covariates):
        """The same `Covariates` with the rows of a table that lie after the end of their series.

        They replace what was known of these steps; rows up to the end and past columns are ignored.

        Args:
            data: the `Covariates` of a history.
            layout: the Layout of that history.
            covariates: as in `read_covariates`.

        Raises:
            TypeError, ValueError: as `read`, but for the rows of the history.
        """
        series, rows, frame = placed(layout, covariates)
        past = _labels(self.past)
        frame = frame.loc[:, [label not in past for label in frame.columns]]
        frame = matching(frame, _index(_labels(self.known)), "covariates")
        if not self.known:
            return data
        return replace(data, known=extended(data.known, layout.ends, self.known, series, rows, frame))

    def require(self, data, layout, steps):
        """Checks that every known column has a value in each of the `steps` steps after each series.

        Raises:
            ValueError: the rows end too early, or a value is missing.
        """
        if self.known:
            refuse_missing(following(data.known, steps), layout, _labels(self.known))

    def future_frame(self, data, layout, steps):
        """The table of the known columns, without the calendar, for the `steps` steps after each series.

        What `data` knows already is filled in, to the digits that float32 keeps. The rest is missing, and so is a
        level that the history of the fit did not have.
        """
        values = following(data.known, steps) if self.known else np.empty((len(layout), steps, 0), dtype="float32")
        return layout.after(_decoded(self.known, values), steps)

    def empty_frame(self, layout, lookback, steps):
        """The table of the past and known columns for the last `lookback` steps of each series and `steps` after."""
        columns, before = self.past + self.known, replace(layout, lengths=layout.lengths - lookback)
        values = np.full((len(layout), lookback + steps, len(columns)), np.nan, dtype="float32")
        return before.after(_decoded(columns, values), lookback + steps)


def _decoded(columns, values):
    """A table of values (series, steps, columns), series by series."""
    values, labels = values.reshape(values.shape[0] * values.shape[1], len(columns)), _labels(columns)
    series = {place: column.decode(values[:, place]) for place, column in enumerate(columns)}
    frame = pd.DataFrame(series, index=range(len(values)))
    index = pd.Index(labels)
    frame.columns = index if index.tolist() == labels else _index(labels)  # pandas 3 makes a None among text NaN
    return frame


def _labels(columns):
    return [column.label for column in columns]


def _index(labels):
    return pd.Index(labels, dtype=object, tupleize_cols=False)
