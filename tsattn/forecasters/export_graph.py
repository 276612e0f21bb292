"""Export of a fitted forecaster: its network as a graph, and a description of inputs and outputs."""

import numpy as np

from tsattn.export.formats import check_export_path, write_graph
from tsattn.export.graph import ForecastGraph
from tsattn.forecasters.conformal import MEDIAN
from tsattn.forecasters.fallback import FallbackModel
from tsattn.forecasters.rolled_model import RolledModel
from tsattn.series.covariates.buffers import ROLES
from tsattn.series.covariates.calendar import count_columns
from tsattn.series.scaling import TransformedScaler
from tsattn.training.compiled import TrainedNetwork


def export_model(forecaster, model, path, format, overwrite):
    """Export the network of a fitted forecaster as a graph; see `Forecaster.export`.

    Args:
        forecaster: The fitted forecaster.
        model: Its `WindowModel`.
        path, format, overwrite: See `Forecaster.export`.
    """
    graph = _graph(forecaster, model)
    path = check_export_path(path, format, overwrite)
    write_graph(graph, path, format, overwrite)
    return _description(forecaster.layout_, forecaster.schema_, forecaster.levels_)


def _graph(forecaster, model):
    fallback = level_weights = None
    if isinstance(model, FallbackModel):
        model, fallback = model.network, model.coefficients
    if isinstance(model, RolledModel):
        network, level_weights = model.network, model.level_weights
    elif isinstance(model, TrainedNetwork):
        network = model
    else:
        raise TypeError(
            f"{type(forecaster).__name__} has no single network to export. Export a forecaster with a network (of an "
            "ensemble, each of its `members_`), or save the forecaster and load it on the target machine."
        )
    schema, scaler, transform, columns = forecaster.schema_, forecaster.origins_.scaler, None, {}
    if isinstance(scaler, TransformedScaler):
        transform, scaler = scaler.function.name, scaler.scaler
    _check_range("y", scaler.center, scaler.scale)
    for role in ROLES:
        pairs = [(column.center, column.scale) for column in getattr(schema, role)]
        if role == "known":
            pairs += [(0.0, 1.0)] * count_columns(schema.calendar)
        if pairs:
            _check_range("static" if role == "static" else "covariates", *zip(*pairs, strict=True))
            columns[role] = np.array(pairs, "float32").T
    return ForecastGraph(
        network.copy(),
        scaler.center,
        scaler.scale,
        columns,
        median=forecaster.levels_.index(MEDIAN),
        fallback=fallback,
        positive=bool(forecaster.positive),
        counts=bool(forecaster.counts),
        horizon=forecaster.horizon_,
        level_weights=level_weights,
        transform=transform,
    )


def _check_range(name, center, scale):
    """Check that float32, the dtype of the graph, can represent numbers with this center and scale.

    Raises:
        ValueError: If float32 cannot represent them.
    """
    limits, scale = np.finfo("float32"), np.asarray(scale)
    # Inputs and outputs may be far from the center: allow for 100 scales.
    outside = (np.abs(center) + 100 * scale > limits.max) | (scale < limits.tiny)
    if outside.any():
        raise ValueError(
            f"`{name}` varies by {scale[outside].flat[0]:.3g}, but the graph uses float32, from {limits.tiny:.2g} to "
            f"{limits.max:.2g}. Rescale the data, and fit again."
        )


def _description(layout, schema, levels):
    columns = [column for role in ROLES for column in getattr(schema, role)]
    return {
        "channels": [layout.name] if layout.columns is None else list(layout.columns),
        **schema.labels,
        "categories": {column.label: list(column.categories) for column in columns if column.categories is not None},
        "series": [] if layout.ids is None else list(layout.ids),
        "levels": list(levels),
    }
