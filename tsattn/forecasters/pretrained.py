"""The choice of the pretrained network of a forecaster."""

import dataclasses

from tsattn._utils.validation import check_choice, is_same
from tsattn.forecasters.registry import FORECASTERS, load_class, registered_name
from tsattn.pretrained.catalog import FAMILIES, LEVELS, WINDOWS, find_window
from tsattn.pretrained.weights import is_available
from tsattn.training.config import FEW_HORIZONS

LONG_SERIES = 100  # horizons; a network of such series gains nothing from other series
# Arguments that a pretrained network does not fix.
FREE = {
    *("horizon", "season", "freq", "past_covariates", "calendar", "positive", "counts"),
    *("target_transform", "calibrate"),
    *("dropout", "quantiles", "fallback", "training", "pretrained"),
}


def select_pretrained(forecaster, season, length, series):
    """Select the pretrained network of an unfitted forecaster.

    With `pretrained="auto"`, there is none if the data suffice to train a better one from random weights. Long series
    do. So do series of fewer steps if the horizon of the forecaster is longer than that of the network, because a
    direct forecast is more accurate than a rolled one; or if there are covariates, of which the network has learned
    nothing.

    Args:
        forecaster: A `PatchedForecaster` whose `schema_` is set.
        season: Number of steps in a cycle.
        length: Median number of steps of the series.
        series: Number of series.

    Returns:
        A `PretrainedWindow`, or None to start from random weights.

    Raises:
        ValueError: If there is no network, but `pretrained` is True or nothing is trained; or if it is invalid.
    """
    pretrained = check_choice("pretrained", forecaster.pretrained, ("auto", True, False))
    window, reason = None, "`pretrained` is False. Remove it"
    if pretrained is not False:
        window, reason = _find(forecaster, season)
    is_untrained = forecaster.training.epochs == 0
    if reason and is_untrained:
        raise ValueError(f"`training` has 0 epochs, which needs a pretrained network, but {reason}, or set `epochs`.")
    if reason and pretrained is True:
        raise ValueError(f'`pretrained` is True, but {reason}, or set `pretrained="auto"` to start without it.')
    horizon = forecaster.horizon
    if window is None or pretrained is True or is_untrained or length * series < FEW_HORIZONS * horizon:
        return window
    has_covariates = any(forecaster.schema_.cardinalities.values())
    return None if length >= LONG_SERIES * horizon or has_covariates or horizon > window.horizon else window


def fitted_window(forecaster):
    """Return the `PretrainedWindow` of a fitted forecaster, or None."""
    return None if forecaster.pretrained_ is None else WINDOWS[forecaster.pretrained_.split("-")[1]]


def family_of(forecaster):
    """Return the family of pretrained networks of a forecaster, or None."""
    name = registered_name(type(forecaster))
    command = None if name is None else FORECASTERS[name].command
    return command if command in FAMILIES else None


def _find(forecaster, season):
    """Return the window and None, or None and the reason why there is no pretrained network."""
    family, name = family_of(forecaster), type(forecaster).__name__
    if family is None:
        return None, f"{name} has no pretrained networks. Use Seq2Seq-, Attention- or TransformerForecaster"
    for field in dataclasses.fields(forecaster):
        value = getattr(forecaster, field.name)
        if field.name not in FREE and not is_same(value, field.default):
            expected = f"`{field.name}` is {value!r}, and its networks have {field.name}={field.default!r}"
            return None, f"{expected}. Remove `{field.name}`"
    if (loss := forecaster.training.loss) != "mae":
        return None, f'`training` has the loss {loss!r}, and its networks forecast the median. Use loss="mae"'
    window = find_window(season)
    if window is None or not is_available(family, window):
        seasons = sorted(s for window in WINDOWS.values() if is_available(family, window) for s in window.seasons)
        listed = ", ".join(map(str, seasons))
        return None, f"there is no network for the season {season}. Set `season` to one of {listed}"
    return window, None


def pretrained_spec(family, window):
    """Return the `NetworkSpec` of the pretrained network of a family and a `PretrainedWindow`."""
    name = next(name for name, entry in FORECASTERS.items() if entry.command == family)
    forecaster = load_class(name)(window.horizon, dropout=0.0)  # synthetic series are never repeated
    forecaster.horizon_, forecaster.season_, forecaster.levels_ = window.horizon, window.season, LEVELS
    forecaster.dtype_policy_ = "float32"
    forecaster._use_window(window)
    return forecaster._spec(channels=1, cardinalities={})
