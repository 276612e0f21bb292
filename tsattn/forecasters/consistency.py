"""Whether the parts of a state that was read fit each other: each may be well formed, and break a later call."""

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pandas as pd

from tsattn.forecasters.origins import Origins
from tsattn.series.calendar import resolve, width
from tsattn.series.covariates import Covariates


def completed(state, place):
    """The state of a forecaster that was read, with what is not in a file twice.

    Raises:
        ModelFileError: a part does not fit the others. Others: the same, as it is tried out here.
    """
    layout, schema, levels = state["layout_"], state["schema_"], state["levels_"]
    panel, scaler, beside = state["origins_"]
    _check_layout(layout, place)
    _check_schema(schema, layout.timeline, place)
    rows = np.minimum(layout.lengths, state["lookback_"])
    place.require(np.array_equal(panel.lengths, rows), "ends of other series", "the last lookback of each")
    origins = Origins(
        panel, layout, scaler, _covariates(beside, schema, layout, place), state["lookback_"], state["horizon_"]
    )
    next(iter(origins.batches()))
    place.require(not (state["naive_error_"] < 0).any(), "a naive error below 0", "one of 0 or more")
    return {**state, "origins_": origins, "spread_": _spread(state["spread_"], levels, place)}


def check_members(state, place):
    """A ModelFileError unless the members of an ensemble forecast the same from the same."""
    place.require(state["members_"], "an ensemble of nobody", "one of members")
    for member in state["members_"]:
        fits = (member.horizon_, member.levels_) == (state["horizon_"], state["levels_"])
        fits = fits and member.lookback_ <= state["lookback_"] and _shape(vars(member)) == _shape(state)
        place.require(fits, "an ensemble of other members", "one of members with its own horizon, levels and columns")
    weights = state["weights_"]
    fits = weights is None or ((weights >= 0).all() and weights.any())
    place.require(fits, f"of the weights {weights}", "of weights of 0 or more")


def _shape(state):
    return len(state["layout_"]), len(state["layout_"].dtypes), state["schema_"].levels


def _check_layout(layout, place):
    within = (layout.firsts >= 0) & (layout.lengths > 0) & (layout.ends <= layout.timeline.length)
    place.require(within.all(), "series outside of their time line", "series within it")
    for labels, count, of in ((layout.ids, len(layout), "ids"), (layout.columns, len(layout.dtypes), "columns")):
        named = count == 1 if labels is None else labels.is_unique
        came = f"with the {of} {None if labels is None else labels.tolist()} for {count}"
        place.require(named, came, f"with {of} of which none comes twice")
    # It tells which stamps there are, whether the grid can count them, and what a forecast looks like.
    nothing = np.zeros((len(layout), 1, len(layout.dtypes)))
    layout.dress(nothing)
    layout.dress(nothing[..., None], pd.Index([0.5]))


def _check_schema(schema, timeline, place):
    for columns in (schema.past + schema.known, schema.static):
        labels = [column.label for column in columns]
        place.require(len(set(labels)) == len(labels), f"with the columns {labels}", "with columns of different names")
        for column in columns:
            moments = np.isfinite([column.center, column.scale]).all() and column.scale > 0
            place.require(moments, f"with {column.label!r} of {column.scale}", "with columns of a scale above 0")
            codes = np.append(np.arange(max(column.levels, 2)), np.nan).astype("float32")
            came = column.encode(column.decode(codes), "covariates")
            place.require(np.isfinite(came[1:-1]).all(), f"with {column.label!r} of {came}", "with columns of numbers")
    with suppress(ImportError):  # holidays are needed only for stamps that are not in the file
        known = resolve(schema.calendar, timeline) == schema.calendar
        place.require(known, f"with the calendar {schema.calendar}", "with one that is known")


def _covariates(beside, schema, layout, place):
    columns = {"past": len(schema.past), "known": len(schema.known), "static": len(schema.static)}
    columns["calendar"] = width(schema.calendar)
    for role, part in beside.items():
        place.require((part is not None) == (columns[role] > 0), f"with other {role} columns", "as in its schema")
        if part is not None:
            place.size(role, columns[role])
    covariates = Covariates(schema.levels, **beside, ids=None if beside["static"] is None else layout.ids)
    place.require(covariates.codes_are_known(), "covariates of other categories", "of those in its schema")
    return covariates


def _spread(spread, levels, place):
    if spread is None:
        return None
    place.require(len(spread.errors) > 0, "a spread of no errors", "one of the errors on some windows")
    return replace(spread, levels=levels)
