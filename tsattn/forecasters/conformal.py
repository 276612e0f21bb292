"""The distribution of forecast errors: quantiles at any level, conformal calibration and sample paths."""

import dataclasses
import functools
import numbers

import numpy as np

from tsattn._utils.argument_names import suggest_fractions
from tsattn.series.windows import evenly_spaced, sample_evenly

GRID = np.concatenate([[0.005, 0.01], np.arange(1, 40) / 40, [0.99, 0.995]])  # levels that are calibrated
MAX_RANKED_WINDOWS = 500
MEDIAN = 0.5
DEFAULT_LEVELS = (0.1, MEDIAN, 0.9)  # of a calibrated forecaster without `quantiles`
UNIT_SCALE = np.ones((1, 1, 1))
MIN_CHANGE = 0.05  # in standard deviations; a constant history must not give intervals of width 0


def local_scale(history, season, deviation):
    """Return the local scale of each history, by which forecast errors are divided.

    The scale is the square root of the mean absolute difference between values one season apart, in standard deviations
    of the series. The root is a compromise between errors of constant size and errors proportional to the changes.

    Args:
        history: Array `(n, lookback, channels)`, NaN where not observed.
        season: Number of steps in a cycle.
        deviation: Standard deviation of each series, array `(n, 1, channels)`.

    Returns:
        Array `(n, 1, channels)`.

    Reference:
        Normalized nonconformity scores: Papadopoulos et al., 2002, https://doi.org/10.1007/3-540-36755-1_29.
    """
    lag = season if season < history.shape[1] else 1
    history = history / deviation  # before differences and sums, which could overflow float64
    changes = np.abs(history[:, lag:] - history[:, :-lag])
    observed = ~np.isnan(changes)
    count = observed.sum(axis=1, keepdims=True)
    mean = np.where(observed, changes, 0).sum(axis=1, keepdims=True) / np.maximum(count, 1)
    return deviation * np.sqrt(np.where(count, np.maximum(mean, MIN_CHANGE), 1))


@dataclasses.dataclass(frozen=True, eq=False)
class ErrorDistribution:
    """The distribution around a forecast, from the scaled errors on held-out windows.

    A forecast is an array `(n, horizon, channels, outputs)` with one output per trained level. A point forecast has one
    output, at `levels == (0.5,)`.

    Args:
        levels: Tuple of the trained levels, increasing, with 0.5.
        errors: Actual values minus forecasts, divided by the `local_scale`, float32 array
            `(windows, horizon, channels, outputs)`, NaN where not observed.
        calibrate: If True, quantiles are shifted to their nominal coverage on these windows.

    Reference:
        Vovk et al., 2005, "Algorithmic Learning in a Random World". Quantiles: Romano et al., 2019,
        https://arxiv.org/abs/1905.03222, here for each level separately. Ranks: Clark et al., 2004,
        https://doi.org/10.1175/1525-7541(2004)005<0243:TSSAMF>2.0.CO;2.
    """

    levels: tuple
    errors: np.ndarray
    calibrate: bool

    @classmethod
    def of(cls, levels, forecasts, targets, scale=UNIT_SCALE, *, calibrate):
        """Compute the distribution from forecasts and actual values.

        Args:
            levels: Trained levels.
            forecasts: Array `(n, horizon, channels, outputs)`.
            targets: Array `(n, horizon, channels)`, NaN where not observed.
            scale: Scale of the errors, array `(n, 1, channels)`. Defaults to 1.
            calibrate: Whether to shift quantiles.
        """
        errors = (targets[..., None] - forecasts) / scale[..., None]
        return cls(tuple(levels), errors.astype("float32"), calibrate)

    @classmethod
    def measure(cls, model, windows, levels, season, *, calibrate):
        """Compute the distribution from the errors of a model on evenly spaced windows.

        Args:
            model: A `WindowModel`.
            windows: `Windows`, preferably held out.
            levels: Trained levels.
            season: Number of steps in a cycle.
            calibrate: Whether to shift quantiles.
        """
        index, parts = sample_evenly(len(windows), windows.horizon * windows.panel.channels * len(levels)), []
        generator = np.random.default_rng(0)
        for part in windows.batches(index):
            inputs, target = windows.gather(part, generator)
            scale = local_scale(inputs["history"], season, windows.scaled_std(part))
            parts.append((model.forecast(inputs), target, scale))
        return cls.of(levels, *map(np.concatenate, zip(*parts, strict=True)), calibrate=calibrate)

    def with_later(self, later):
        """Return the distribution over the windows of both, evenly subsampled if there are too many."""
        errors = np.concatenate([self.errors, later.errors])
        return dataclasses.replace(self, errors=errors[sample_evenly(len(errors), errors[0].size)])

    @functools.cached_property
    def windows(self):
        """Number of windows in which a step was observed; the minimum over steps and channels."""
        return int((~np.isnan(self.errors[..., 0])).sum(axis=0).min())

    @functools.cached_property
    def shifts(self):
        """Shift of the forecast by calibration at each level of `GRID`, array `(len(GRID), horizon, channels)`."""
        excess = -np.moveaxis(self.errors, 0, -2)  # forecast minus actual, increasing with the level; windows last
        ordered = np.sort(-excess[..., 0]) if len(self.levels) == 1 else None
        return np.stack(
            [
                _shift(np.sort(-_at_level(excess, self.levels, level)) if ordered is None else ordered, level)
                for level in GRID
            ]
        )

    @functools.cached_property
    def ranks(self):
        """Rank of each error among all windows, from 0 to windows - 1, int32 array `(windows, horizon, channels)`.

        The ranks of a window describe the dependence between steps and channels.
        """
        errors = self.errors[..., self.levels.index(MEDIAN)]
        if len(self.levels) > 1:  # relative to the width, so that errors of uncertain forecasts count less
            errors = errors / np.maximum(self.errors[..., 0] - self.errors[..., -1], np.finfo("float32").eps)
        complete = errors[~np.isnan(errors).any(axis=(1, 2))]
        if not len(complete):
            complete = np.nan_to_num(errors)
        kept = complete[evenly_spaced(len(complete), MAX_RANKED_WINDOWS)]
        return kept.argsort(axis=0).argsort(axis=0).astype("int32")

    @property
    def range(self):
        """The lowest and the highest level at which quantiles are available."""
        levels = GRID if self.calibrate else self.levels
        return float(levels[0]), float(levels[-1])

    def quantiles(self, forecasts, quantiles, scale=UNIT_SCALE):
        """Return the quantiles around forecasts, array `(n, horizon, channels, len(quantiles))`."""
        levels, values = self._table(forecasts, scale)
        return np.stack([_at_level(values, levels, level) for level in quantiles], axis=-1)

    def paths(self, forecasts, count, generator, scale=UNIT_SCALE):
        """Draw sample paths `(n, horizon, channels, count)` with the dependence of the held-out errors."""
        levels, values = self._table(forecasts, scale)
        rows = len(self.ranks)
        paths = np.empty((*values.shape[:-1], count))
        for series, table in enumerate(values):
            order = np.concatenate([generator.permutation(rows) for _ in range(-(-count // rows))])[:count]
            jitter = generator.uniform(size=(count, 1, 1))
            uniform = (
                self.ranks[order] + jitter
            ) / rows  # each rank occurs equally often: the paths are uniform at each step
            paths[series] = _at_levels(table, levels, np.moveaxis(uniform, 0, -1))
        return paths

    def _table(self, forecasts, scale):
        """Return levels and their increasing values `(n, horizon, channels, levels)`."""
        if not self.calibrate:
            return self.levels, forecasts
        values = np.stack([_at_level(forecasts, self.levels, level) for level in GRID], axis=-1)
        with np.errstate(over="ignore"):  # `check_finite` reports an overflow with the name of its series
            shifted = values + np.moveaxis(self.shifts, 0, -1) * scale[..., None]
        return tuple(GRID), np.sort(shifted, axis=-1)


def trained_levels(quantiles):
    """Return the levels to train for the argument `quantiles`: increasing, with the median.

    Raises:
        ValueError: If `quantiles` are not levels between 0 and 1.
    """
    if quantiles is None:
        return (MEDIAN,)
    levels = quantiles if isinstance(quantiles, tuple | list) else (quantiles,)
    if not all(isinstance(level, numbers.Real) and 0 < level < 1 for level in levels) or set(levels) <= {MEDIAN}:
        raise ValueError(
            f"`quantiles` is {quantiles!r}, but must be levels between 0 and 1, such as (0.05, 0.5, 0.95)."
        )
    return tuple(sorted({MEDIAN, *map(float, levels)}))


def default_levels(trained):
    """Return the levels that a calibrated forecaster forecasts by default.

    Args:
        trained: Levels that `trained_levels` returned.
    """
    return trained if len(trained) > 1 else DEFAULT_LEVELS


def check_levels(levels, received, distribution):
    """Check that quantiles are available at some levels.

    Args:
        levels: List of levels.
        received: Start of the error message, which states the argument and its value.
        distribution: An `ErrorDistribution`.

    Raises:
        ValueError: If `levels` are not valid, or are outside the trained or calibrated range.
    """
    low, high = distribution.range
    if not levels or not all(isinstance(level, numbers.Real) for level in levels):
        raise ValueError(f"`quantiles` is {levels}, but must be levels such as {DEFAULT_LEVELS}.")
    if not all(low <= level <= high for level in levels):
        source, remedy = "calibrated", "Request a narrower range."
        if not distribution.calibrate:
            source, remedy = (
                "trained",
                "Pass wider `quantiles` or `calibrate=True` to the forecaster, and fit it again.",
            )
        remedy = suggest_fractions("quantiles", list(levels)) or remedy
        raise ValueError(f"{received}, outside the {source} range of {low:g} to {high:g}. {remedy}")


def _shift(ordered, level):
    """Return the conformal quantile at a level of errors `(horizon, channels, n)` in increasing order, NaN last."""
    count = (~np.isnan(ordered)).sum(axis=-1)
    rank = np.round((count + 1) * level, 9)  # without rounding, 100 * 0.55 is more than 55
    rank = np.round(rank) if level == MEDIAN else np.ceil(rank) if level > MEDIAN else np.floor(rank)
    rank = np.clip(rank, 1, np.maximum(count, 1)).astype(int) - 1
    return np.nan_to_num(np.take_along_axis(ordered, rank[..., None], axis=-1)[..., 0])


def _at_level(values, levels, level):
    """Interpolate values `(..., levels)` at one level: linearly between the levels, with exponential tails beyond."""
    if len(levels) == 1:
        return values[..., 0]
    if level < levels[0]:
        return values[..., 0] + np.log(level / levels[0]) * _tail(values, levels, 0)
    if level > levels[-1]:
        return values[..., -1] - np.log((1 - level) / (1 - levels[-1])) * _tail(values, levels, -1)
    above = min(max(int(np.searchsorted(levels, level)), 1), len(levels) - 1)
    low, high = values[..., above - 1], values[..., above]
    if level == levels[above]:
        return high
    part = (level - levels[above - 1]) / (levels[above] - levels[above - 1])
    return np.minimum(low + part * (high - low), high)  # rounding must not make quantiles cross


def level_weights(trained, levels):
    """Return the float32 matrix `(trained, levels)` that maps quantiles at trained levels to other levels.

    It interpolates as the quantiles of an `ErrorDistribution`.
    """
    unit = np.eye(len(trained))
    columns = [
        np.array([np.interp(level, trained, row) for row in unit])
        if trained[0] <= level <= trained[-1]
        else _at_level(unit, trained, level)
        for level in levels
    ]
    return np.stack(columns, axis=-1).astype("float32")


def _tail(values, levels, end):
    """Return the scale of the exponential tail that continues the density of the outermost interval."""
    low, high, mass = (0, 1, levels[0]) if end == 0 else (-2, -1, 1 - levels[-1])
    return mass * (values[..., high] - values[..., low]) / (levels[high] - levels[low])


def _at_levels(table, levels, quantiles):
    """Interpolate a table `(horizon, channels, levels)` at an array of levels `(horizon, channels, n)`."""
    if len(levels) == 1:
        return np.broadcast_to(table, quantiles.shape)
    levels = np.asarray(levels)
    above = np.clip(np.searchsorted(levels, quantiles), 1, len(levels) - 1)
    low, high = np.take_along_axis(table, above - 1, axis=-1), np.take_along_axis(table, above, axis=-1)
    part = (quantiles - levels[above - 1]) / (levels[above] - levels[above - 1])
    values = low + np.clip(part, 0, 1) * (high - low)
    below = np.log(np.minimum(quantiles / levels[0], 1)) * _tail(table, levels, 0)[..., None]
    beyond = np.log(np.minimum((1 - quantiles) / (1 - levels[-1]), 1)) * _tail(table, levels, -1)[..., None]
    return values + below - beyond
