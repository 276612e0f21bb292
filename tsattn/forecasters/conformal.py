"""How sure a forecast is: quantiles at any level, conformal calibration, and paths that belong together."""

import dataclasses
import functools
import numbers

import numpy as np

from tsattn.series.windows import evenly_spaced, sample_evenly

GRID = np.concatenate([[0.005, 0.01], np.arange(1, 40) / 40, [0.99, 0.995]])  # levels at which calibration is known
MOST_RANKS = 500  # windows whose ranks are kept
MEDIAN = 0.5
ONE = np.ones((1, 1, 1))
LEAST_CHANGE = 0.05  # of a standard deviation, so that a calm stretch does not mean certainty


def local_scale(history, season, unit):
    """How much each history changes, as what its errors are measured in: `(n, 1, channels)`.

    The square root of the mean absolute difference between values a season apart, in standard deviations of its
    series. The root is halfway between errors of one size at all times and errors as large as the changes.

    Args:
        history: `(n, lookback, channels)`, NaN where not observed.
        season: Steps in a cycle.
        unit: One standard deviation of the series, `(n, 1, channels)`.

    Reference:
        Errors in units of a difficulty: Papadopoulos et al., 2002, https://doi.org/10.1007/3-540-36755-1_29.
    """
    apart = season if season < history.shape[1] else 1
    history = history / unit  # before differences and sums, which could leave float64
    changes = np.abs(history[:, apart:] - history[:, :-apart])
    seen = ~np.isnan(changes)
    count = seen.sum(axis=1, keepdims=True)
    mean = np.where(seen, changes, 0).sum(axis=1, keepdims=True) / np.maximum(count, 1)
    return unit * np.sqrt(np.where(count, np.maximum(mean, LEAST_CHANGE), 1))


@dataclasses.dataclass(frozen=True, eq=False)
class ErrorDistribution:
    """What the errors on windows that were not learnt from tell of the distribution around a forecast, in scaled units.

    A forecast is `(n, horizon, channels, outputs)`: an output for each of the trained levels, or the one
    at `levels == (0.5,)` for a point forecast.

    Args:
        levels: Trained levels, rising, 0.5 among them.
        errors: What came less the forecast, in units of the `local_scale` of the history, float32
            `(windows, horizon, channels, outputs)`, NaN where nothing was observed.
        calibrate: Whether quantiles are moved so that they would have had their coverage on these windows.

    Reference:
        Vovk et al., 2005; for quantiles Romano et al., 2019, https://arxiv.org/abs/1905.03222, here for each
        level on its own; ranks: Clark et al., 2004, https://doi.org/10.1175/1525-7541(2004)005<0243:TSSAMF>2.0.CO;2.
    """

    levels: tuple
    errors: np.ndarray
    calibrate: bool

    @classmethod
    def of(cls, levels, forecasts, targets, units=ONE, *, calibrate):
        """Measures forecasts by what came.

        Args:
            levels: Trained levels.
            forecasts: `(n, horizon, channels, outputs)`.
            targets: `(n, horizon, channels)`, NaN where not observed.
            units: What the errors are measured in, `(n, 1, channels)`. Defaults to 1.
            calibrate: Whether quantiles are to be moved.
        """
        errors = (targets[..., None] - forecasts) / units[..., None]
        return cls(tuple(levels), errors.astype("float32"), calibrate)

    def with_later(self, later):
        """The ErrorDistribution of these windows and of those of another one, thinned evenly."""
        errors = np.concatenate([self.errors, later.errors])
        return dataclasses.replace(self, errors=errors[sample_evenly(len(errors), errors[0].size)])

    @functools.cached_property
    def windows(self):
        """In how many windows a step was observed, at least."""
        return int((~np.isnan(self.errors[..., 0])).sum(axis=0).min())

    @functools.cached_property
    def shifts(self):
        """What calibration adds to the forecast at each level of `GRID`, `(len(GRID), horizon, channels)`."""
        excess = -np.moveaxis(self.errors, 0, -2)  # of the forecast: rises with the level; windows lie side by side
        ordered = np.sort(-excess[..., 0]) if len(self.levels) == 1 else None
        return np.stack(
            [
                _shift(np.sort(-_at_level(excess, self.levels, level)) if ordered is None else ordered, level)
                for level in GRID
            ]
        )

    @functools.cached_property
    def ranks(self):
        """Ranks of the errors of a window among those of all, int32 `(windows, horizon, channels)`.

        Each goes from 0 to windows - 1. They tell how steps and channels go together.
        """
        errors = self.errors[..., self.levels.index(MEDIAN)]
        if len(self.levels) > 1:  # where the forecast is less sure, an error is less of a surprise
            errors = errors / np.maximum(self.errors[..., 0] - self.errors[..., -1], np.finfo("float32").eps)
        whole = errors[~np.isnan(errors).any(axis=(1, 2))]
        if not len(whole):
            whole = np.nan_to_num(errors)
        kept = whole[evenly_spaced(len(whole), MOST_RANKS)]
        return kept.argsort(axis=0).argsort(axis=0).astype("int32")

    @property
    def range(self):
        """The lowest and the highest level that quantiles can be given at."""
        levels = GRID if self.calibrate else self.levels
        return float(levels[0]), float(levels[-1])

    def quantiles(self, forecasts, wanted, units=ONE):
        """The quantiles of forecasts at the wanted levels, `(n, horizon, channels, len(wanted))`."""
        levels, values = self._table(forecasts, units)
        return np.stack([_at_level(values, levels, level) for level in wanted], axis=-1)

    def paths(self, forecasts, count, generator, units=ONE):
        """Draws `(n, horizon, channels, count)` whose steps and channels go together as the held-out errors did."""
        levels, values = self._table(forecasts, units)
        rows = len(self.ranks)
        drawn = np.empty((*values.shape[:-1], count))
        for series, table in enumerate(values):
            order = np.concatenate([generator.permutation(rows) for _ in range(-(-count // rows))])[:count]
            within = generator.uniform(size=(count, 1, 1))
            uniform = (self.ranks[order] + within) / rows  # each rank is drawn equally often: uniform at every step
            drawn[series] = _at_levels(table, levels, np.moveaxis(uniform, 0, -1))
        return drawn

    def _table(self, forecasts, units):
        """Levels, and the values at them, rising, `(n, horizon, channels, levels)`."""
        if not self.calibrate:
            return self.levels, forecasts
        values = np.stack([_at_level(forecasts, self.levels, level) for level in GRID], axis=-1)
        with np.errstate(over="ignore"):  # what leaves float64 is refused with the name of its series
            moved = values + np.moveaxis(self.shifts, 0, -1) * units[..., None]
        return tuple(GRID), np.sort(moved, axis=-1)


def checked_levels(quantiles):
    """The levels that a network learns for the argument `quantiles`: rising, the median among them.

    Raises:
        ValueError: they are no levels.
    """
    if quantiles is None:
        return (MEDIAN,)
    levels = quantiles if isinstance(quantiles, tuple | list) else (quantiles,)
    if not all(isinstance(level, numbers.Real) and 0 < level < 1 for level in levels) or set(levels) <= {MEDIAN}:
        raise ValueError(
            f"`quantiles` is {quantiles!r}, but must be levels between 0 and 1, such as (0.05, 0.5, 0.95)."
        )
    return tuple(sorted({MEDIAN, *map(float, levels)}))


def _shift(ordered, level):
    """The quantile a new error lies below with this probability; of `(horizon, channels, n)` in order, NaN last."""
    count = (~np.isnan(ordered)).sum(axis=-1)
    place = np.round((count + 1) * level, 9)  # 100 * 0.55 is not to count as more than 55
    place = np.round(place) if level == MEDIAN else np.ceil(place) if level > MEDIAN else np.floor(place)
    place = np.clip(place, 1, np.maximum(count, 1)).astype(int) - 1
    return np.nan_to_num(np.take_along_axis(ordered, place[..., None], axis=-1)[..., 0])


def _at_level(values, levels, level):
    """Values `(..., levels)` at one level: linear between the levels, an exponential tail beyond."""
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
    return np.minimum(low + part * (high - low), high)  # rises with the level to the last bit


def _tail(values, levels, end):
    """The scale of the exponential tail whose density goes on from that of the outermost interval."""
    low, high, mass = (0, 1, levels[0]) if end == 0 else (-2, -1, 1 - levels[-1])
    return mass * (values[..., high] - values[..., low]) / (levels[high] - levels[low])


def _at_levels(table, levels, wanted):
    """A table `(horizon, channels, levels)` at levels `(horizon, channels, n)` that differ from place to place."""
    if len(levels) == 1:
        return np.broadcast_to(table, wanted.shape)
    levels = np.asarray(levels)
    above = np.clip(np.searchsorted(levels, wanted), 1, len(levels) - 1)
    low, high = np.take_along_axis(table, above - 1, axis=-1), np.take_along_axis(table, above, axis=-1)
    part = (wanted - levels[above - 1]) / (levels[above] - levels[above - 1])
    values = low + np.clip(part, 0, 1) * (high - low)
    below = np.log(np.minimum(wanted / levels[0], 1)) * _tail(table, levels, 0)[..., None]
    beyond = np.log(np.minimum((1 - wanted) / (1 - levels[-1]), 1)) * _tail(table, levels, -1)[..., None]
    return values + below - beyond
