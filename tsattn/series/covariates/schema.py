"""Schema of the covariates: the fitted columns, with which later tables are read, extended and checked."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tsattn.series.covariates.alignment import CovariateTable, locate_covariates
from tsattn.series.covariates.buffers import ROLES, Covariates, RowBuffer
from tsattn.series.covariates.calendar import calendar_features, column_names, count_columns, resolve_calendar
from tsattn.series.covariates.encoding import Column
from tsattn.series.covariates.future import check_future, extend_future, future_values
from tsattn.series.covariates.static import fitted_static_rows, select_static_rows
from tsattn.series.tables import select_columns


def read_covariates(layout, covariates=None, static=None, *, past=(), calendar=None, steps):
    """Read the covariates of a fit.

    Args:
        layout: `Layout` of the history.
        covariates: DataFrame with the index of the history, or with its time index for all series; it can extend
            beyond the end of the history. Defaults to None.
        static: DataFrame with a row for each series of a panel, the ids in its index or in a column `unique_id`.
            Defaults to None.
        past: Labels of the columns of `covariates` that are not known in advance. Defaults to ().
        calendar: None, "auto" or a tuple of names, see `calendar.resolve_calendar`. Defaults to None.
        steps: Steps after each series for which the calendar is needed.

    Returns:
        `(Schema, Covariates)`.

    Raises:
        TypeError: If a table is not a DataFrame, or a column holds neither numbers, booleans, text nor categories.
        ValueError: If columns are duplicated, are the series to forecast, or have infinite values or no observed value;
            if labels in `past` are missing, a series has no row, or the timestamps do not support the `calendar`.
    """
    names = () if calendar is None else resolve_calendar(calendar, layout.time_axis)
    table, roles = None, {}
    if covariates is not None:
        table = CovariateTable.read(layout, covariates, layout.lengths)
    labels = [] if table is None else list(table.frame.columns)
    if isinstance(past, str) or any(label not in labels for label in past):
        raise ValueError(
            f"`past_covariates` is {past!r}, but must be a list of columns of `covariates`, which are {labels}. "
            "All other columns are known in advance."
        )
    if table is not None:
        columns = [Column.fit(values, "covariates") for _, values in table.history().frame.items()]
        roles["past"] = tuple(column for column in columns if column.label in past)
        roles["known"] = tuple(column for column in columns if column.label not in past)
    if static is not None:
        static = select_static_rows(layout, static)
        roles["static"] = tuple(Column.fit(values, "static") for _, values in static.items())
    schema = Schema(**roles, calendar=names)
    return schema, schema._encode(layout, table, static, layout.lengths, steps)


@dataclass(frozen=True, eq=False)
class Schema:
    """The fitted covariate columns.

    Args:
        past: A `Column` for each column that is known only up to the end of the history. Defaults to ().
        known: The same for the columns that are known in advance, without the calendar. Defaults to ().
        static: The same for the columns with one value per series. Defaults to ().
        calendar: Names of the calendar features. Defaults to ().
    """

    past: tuple = ()
    known: tuple = ()
    static: tuple = ()
    calendar: tuple = ()

    @property
    def cardinalities(self):
        """For "past", "known" and "static" the number of codes of each column, 0 for numbers; the calendar is last."""
        counts = {role: tuple(column.cardinality for column in getattr(self, role)) for role in ROLES}
        counts["known"] += (0,) * count_columns(self.calendar)
        return counts

    @property
    def labels(self):
        """For "past", "known" and "static" the label of each column; the calendar is last."""
        labels = {role: _labels(getattr(self, role)) for role in ROLES}
        labels["known"] += column_names(self.calendar)
        return labels

    def read(self, layout, covariates=None, static=None, *, steps, lookback, reach=None, fitted=None):
        """Read the covariates of another history.

        Columns are matched by name, in any order; those that were not fitted are ignored with one UserWarning.

        Args:
            layout: `Layout` of the history.
            covariates: As in `read_covariates`.
            static: As in `read_covariates`. If None, the values of the fit are used for fitted series.
            steps: Steps after each series for which the calendar is needed.
            lookback: Number of last steps of the history that must be complete. If None, any row may be missing.
            reach: Number of last steps of the history to read, if available. Defaults to `lookback`.
            fitted: `Covariates` of the fit. Defaults to None.

        Returns:
            `Covariates`.

        Raises:
            TypeError: As in `read_covariates`.
            ValueError: As in `read_covariates`, or if columns, ids or rows of the last `lookback` steps are missing.
        """
        labels = _labels(self.past + self.known)
        needed, table = None if lookback is None else np.minimum(layout.lengths, lookback), None
        before = layout.lengths if needed is None else needed if reach is None else np.minimum(layout.lengths, reach)
        if covariates is not None:
            table = CovariateTable.read(layout, covariates, before, needed)
            table = replace(table, frame=select_columns(table.frame, _index(labels), "covariates"))
        elif labels:
            raise ValueError(
                f"The forecaster was fitted with the covariates {labels}, but received none for this history. "
                "Pass them as `covariates=`, for its last steps and for the steps to forecast."
            )
        if static is not None:
            static = select_static_rows(layout, static)
            static = select_columns(static, _index(_labels(self.static)), "static")
        data = self._encode(layout, table, static, before, steps)
        if self.static and static is None:
            data = replace(data, static=fitted_static_rows(fitted, layout), ids=layout.ids)
        return data

    def _encode(self, layout, table, static, before, steps):
        """Return the `Covariates` of a `CovariateTable` of past and known columns, and a frame of static columns."""
        roles = {"calendar": self._calendar_rows(layout, before, steps)}
        if self.past:
            roles["past"] = table.history().encode(self.past)
        if self.known:
            roles["known"] = table.encode(self.known)
        if self.static and static is not None:
            series = dict(static.items())
            roles["static"] = np.column_stack([column.encode(series[column.label], "static") for column in self.static])
            roles["ids"] = layout.ids
        return Covariates(self.cardinalities, **roles)

    def _calendar_rows(self, layout, before, steps):
        if not self.calendar:
            return None
        start = int((layout.ends - before).min())
        count = int(layout.ends.max()) + steps - start
        ends = layout.ends - start
        return RowBuffer(calendar_features(self.calendar, layout.time_axis, start, count), ends, before, count - ends)

    def with_steps(self, data, layout, steps):
        """Return the same `Covariates` with a calendar of at least `steps` steps after each series."""
        if data.calendar is None or data.calendar.after.min() >= steps:
            return data
        return replace(data, calendar=self._calendar_rows(layout, data.calendar.before, steps))

    def extend(self, data, layout, covariates):
        """Return the same `Covariates` with the rows of a table that are after the end of their series.

        They replace the known values of these steps. Rows up to the end and past columns are ignored.

        Args:
            data: `Covariates` of a history.
            layout: `Layout` of that history.
            covariates: As in `read_covariates`.

        Raises:
            TypeError: As `read`.
            ValueError: As in `read`, except for missing rows.
        """
        series, rows, frame = locate_covariates(layout, covariates)
        past = _labels(self.past)
        frame = frame.loc[:, [label not in past for label in frame.columns]]
        frame = select_columns(frame, _index(_labels(self.known)), "covariates")
        if not self.known:
            return data
        return replace(data, known=extend_future(data.known, layout.ends, self.known, series, rows, frame))

    def check_future(self, data, layout, steps):
        """Check that every known column has a value in each of the `steps` steps after each series.

        Raises:
            ValueError: If a value is missing.
        """
        if self.known:
            check_future(future_values(data.known, steps), layout, _labels(self.known))

    def future_frame(self, data, layout, steps):
        """Return a table of the known columns, without the calendar, for the steps after each series.

        Values in `data` are filled in, with the precision of float32. All others are missing, including categories
        that were not in the history of the fit.

        Args:
            data: `Covariates` of a history.
            layout: `Layout` of that history.
            steps: Number of rows per series.
        """
        no_columns = np.empty((len(layout), steps, 0), dtype="float32")
        values = future_values(data.known, steps) if self.known else no_columns
        return layout.set_future_index(_decode(self.known, values), steps)

    def empty_frame(self, layout, lookback, steps):
        """Return an empty table of all columns for the last `lookback` and the next `steps` steps of each series."""
        columns, start = self.past + self.known, replace(layout, lengths=layout.lengths - lookback)
        values = np.full((len(layout), lookback + steps, len(columns)), np.nan, dtype="float32")
        return start.set_future_index(_decode(columns, values), lookback + steps)


def _decode(columns, values):
    """Return a table of values `(series, steps, columns)`, series by series."""
    values, labels = values.reshape(values.shape[0] * values.shape[1], len(columns)), _labels(columns)
    series = {number: column.decode(values[:, number]) for number, column in enumerate(columns)}
    frame = pd.DataFrame(series, index=range(len(values)))
    index = pd.Index(labels)
    frame.columns = index if index.tolist() == labels else _index(labels)  # pandas 3 converts None among text to NaN
    return frame


def _labels(columns):
    return [column.label for column in columns]


def _index(labels):
    return pd.Index(labels, dtype=object, tupleize_cols=False)
