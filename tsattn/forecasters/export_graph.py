"""What of a fitted network goes into the graph that is exported, and how it is described."""

import numpy as np

from tsattn.export.graph import ForecastGraph
from tsattn.forecasters.conformal import MEDIAN
from tsattn.series.covariates.calendar import count_columns

KINDS = ("past", "known", "static")


def graph_of(forecaster):
    """The `ForecastGraph` of a fitted forecaster with a network.

    Raises:
        ValueError: numbers that float32, in which the graph computes, does not hold.
    """
    schema, scaler, columns = forecaster.schema_, forecaster.origins_.scaler, {}
    _refuse_sizes("y", scaler.center, scaler.scale)
    for kind in KINDS:
        pairs = [(column.center, column.scale) for column in getattr(schema, kind)]
        if kind == "known":
            pairs += [(0.0, 1.0)] * count_columns(schema.calendar)
        if pairs:
            _refuse_sizes("static" if kind == "static" else "covariates", *zip(*pairs, strict=True))
            columns[kind] = np.array(pairs, "float32").T
    return ForecastGraph(
        forecaster.network_.copy(),
        scaler.center,
        scaler.scale,
        columns,
        median=forecaster.levels_.index(MEDIAN),
        fallback=forecaster.fallback_,
        positive=bool(forecaster.positive),
    )


def _refuse_sizes(name, center, scale):
    limits, scale = np.finfo("float32"), np.asarray(scale)
    # The units of the data are taken off once and put on once: a hundred scales are room for both.
    outside = (np.abs(center) + 100 * scale > limits.max) | (scale < limits.tiny)
    if outside.any():
        raise ValueError(
            f"`{name}` varies by {scale[outside].flat[0]:.3g}, but the graph takes and gives float32, from "
            f"{limits.tiny:.2g} to {limits.max:.2g}. Fit it in other units."
        )


def described(forecaster):
    """What goes in and comes out, as `Storable.export` says."""
    layout, schema = forecaster.layout_, forecaster.schema_
    every = [column for kind in KINDS for column in getattr(schema, kind)]
    return {
        "channels": [layout.name] if layout.columns is None else list(layout.columns),
        **schema.labels,
        "categories": {column.label: list(column.categories) for column in every if column.categories is not None},
        "series": [] if layout.ids is None else list(layout.ids),
        "levels": list(forecaster.levels_),
    }
