"""Synthetic time series at random: the only series that the pretrained networks have seen."""

from collections.abc import Sequence

import numpy as np

from tsattn._utils.validation import check_count, check_rate

VERSION = 2  # of the distribution of the series; raised by every change of it
DAYS_PER_YEAR = 365
DAYS_PER_WEEK = (5, 7)
LONG_CYCLE = 24  # steps; patterns and noise of longer cycles are smoother
MAX_ORDER = 24  # of the Fourier terms of a seasonal pattern
FEATURES = 16  # random Fourier features of a smooth path


def synthetic_series(
    n: int, steps: int, season: int | Sequence[int] = 1, *, missing: float = 0.0, random_state: int | None = None
) -> np.ndarray:
    """Draw synthetic time series.

    A series is a level, combined with seasons and noise by multiplication or addition, or a combination of random
    kernels. The level is a random walk with a damped random slope, changes of slope, saturation, smooth paths, mean
    reversion and cycles without a fixed period. Seasons have smooth, rough, spiky or block-shaped patterns, which may
    evolve; days within weeks depend on the weekday. Noise may be autocorrelated, heavy-tailed and of changing variance.
    Some series are mixtures, are counts, intermittent, bounded or clipped, or have level shifts and outliers.

    Args:
        n: Number of series.
        steps: Number of steps of each series.
        season: Number of steps in a cycle, or a list of such numbers, such as `(24, 168)` for hours in days in weeks.
            Some series do not have it. 1 or an empty list is no season. Defaults to 1.
        missing: Share of the series that have missing values, single ones or stretches. Defaults to 0.
        random_state: Seed, or None for different series in each call. Defaults to None.

    Returns:
        float64 array `(n, steps)`, NaN where a value is missing. The scale differs between series.

    Raises:
        ValueError: If an argument is invalid.

    Reference:
        Kernels: KernelSynth, Ansari et al., 2024, https://arxiv.org/abs/2403.07815. Components: ForecastPFN, Dooley et
        al., 2023, https://arxiv.org/abs/2311.01933.

    Example:

    >>> from tsattn.pretrained import synthetic_series
    >>> synthetic_series(100, 120, season=12, random_state=0).shape
    (100, 120)
    """
    seasons = (season,) if isinstance(season, int | float) else tuple(season)
    seasons = tuple(length for length in (check_count("season", length) for length in seasons) if length > 1)
    check_rate("missing", missing, below_one=False)
    generator = np.random.default_rng(random_state)
    draw = _Draw(generator, check_count("n", n), check_count("steps", steps), seasons)
    values = _structural_paths(draw)
    rows, part = draw.part(0.12)
    values[rows] = _kernel_paths(part)
    values = _observe(draw, _disturb(draw, _mix(draw, values)))
    if missing:
        _remove(draw, values, missing)
    return values


class _Draw:
    """The random numbers of `n` series of `steps` steps with these seasons.

    Attributes:
        cycle: The main season, or 1.
        pace: The longest season, or 1: the number of steps to which the rates of change of the level are relative.
    """

    def __init__(self, generator, n, steps, seasons):
        self.generator, self.n, self.steps, self.seasons = generator, n, steps, seasons
        self.cycle = seasons[0] if seasons else 1
        self.pace = max(seasons, default=1)
        self.time = np.arange(steps)

    def log_uniform(self, low, high):
        """Draw a number for each series."""
        return np.exp(self.generator.uniform(np.log(low), np.log(high), self.n))

    def flags(self, share):
        """Draw a boolean for each series."""
        return self.generator.random(self.n) < share

    def some(self, share, values):
        """Keep the values of a share of the series; the others are 0."""
        return np.where(self.flags(share), values, 0.0)

    def normal(self, *shape):
        return self.generator.standard_normal((self.n, *shape))

    def uniform(self, low, high, *shape):
        return self.generator.uniform(low, high, (self.n, *shape))

    def part(self, share):
        """Draw the indices of a share of the series, and return them with the `_Draw` of that many series."""
        rows = np.flatnonzero(self.flags(share))
        return rows, _Draw(self.generator, len(rows), self.steps, self.seasons)


def _structural_paths(draw):
    """Return level, seasons and noise, combined by multiplication for some of the series and else by addition."""
    level, season, noise = _level(draw), _seasons(draw), _noise(draw)
    is_product = draw.flags(0.35 if draw.cycle == 1 else 0.5)
    product = np.exp(np.clip(level, -8, 8)) * (1 + np.clip(season, -0.95, 5)) * np.maximum(1 + noise, 0.02)
    return np.where(is_product[:, None], product, 1 + level + season + noise)


def _level(draw):
    """Return the logarithm of the level.

    Rates of change are relative to the longest season, such as a year for days and a week for hours.
    """
    cycle, pace = draw.cycle, draw.pace
    walk = draw.some(0.8, draw.log_uniform(0.003, 0.35)) / np.sqrt(pace)
    slope_walk = draw.some(0.25, draw.log_uniform(0.001, 0.05)) / pace**1.5  # the drift of most series is constant
    drift = draw.some(0.85, 0.06 * draw.normal() + 0.02) / pace
    damping = np.where(draw.flags(0.5), draw.uniform(0.75, 1) ** (1 / pace), 1.0)
    is_fast = cycle in DAYS_PER_WEEK or cycle >= 24  # days and hours revert to their mean more often
    reversion = draw.some(0.4 if is_fast else 0.15, draw.log_uniform(0.02, 0.5)) / np.sqrt(cycle)
    slope = drift + 2 * np.sqrt(pace) * slope_walk * draw.normal()
    level, path = np.zeros(draw.n), np.empty((draw.n, draw.steps))
    shocks, turns = draw.generator.standard_normal((2, draw.steps, draw.n))
    for step in range(draw.steps):
        slope = drift + damping * (slope - drift) + slope_walk * turns[step]
        level = (1 - reversion) * level + slope + walk * shocks[step]
        path[:, step] = level
    bend, start = draw.some(0.2, 0.12 * draw.normal()) / pace, draw.generator.integers(0, draw.steps, (draw.n, 1))
    path += bend[:, None] * np.maximum(0, draw.time - start)
    rows, part = draw.part(0.04)
    middle, width = part.uniform(-0.2, 1.2, 1) * part.steps, part.uniform(0.05, 0.5, 1) * part.steps
    path[rows] += part.uniform(-1.5, 3, 1) / (1 + np.exp(-(part.time - middle) / width))
    rows, part = draw.part(0.1)
    shortest = 0.03 if cycle == 1 else np.clip(2 * cycle / draw.steps, 0.3, 1)
    path[rows] += part.log_uniform(0.02, 0.4)[:, None] * _smooth_paths(part, shortest)
    # Cycles are longer than the season, from which they cannot be told apart otherwise.
    rows, part = draw.part(0.12 if cycle == 1 else 0.06)
    size = part.log_uniform(0.02, 0.4 if cycle == 1 else 0.2)
    period = part.log_uniform(4, 12) if cycle == 1 else part.log_uniform(1.8 * cycle, 10 * cycle)
    path[rows] += size[:, None] * _stochastic_cycles(part, period)
    return path


def _stochastic_cycles(draw, period):
    """Return cycles of changing phase and size, with variance 1 (Harvey, 1989)."""
    memory, angle = draw.uniform(0.85, 0.995), 2 * np.pi / period
    cosine, sine = np.cos(angle), np.sin(angle)
    (state, other), path = draw.generator.standard_normal((2, draw.n)), np.empty((draw.n, draw.steps))
    for step in range(draw.steps):
        shocks = draw.generator.standard_normal((2, draw.n)) * np.sqrt(1 - memory**2)
        state, other = (
            memory * (cosine * state + sine * other) + shocks[0],
            memory * (cosine * other - sine * state) + shocks[1],
        )
        path[:, step] = state
    return path


def _smooth_paths(draw, shortest):
    """Return paths of Gaussian processes with a squared-exponential or a rational quadratic kernel.

    Args:
        shortest: Shortest length scale, as a fraction of the steps.

    Reference:
        Random Fourier features: Rahimi and Recht, 2007.
    """
    frequency = draw.normal(FEATURES) / (draw.log_uniform(shortest, 1.0) * draw.steps)[:, None]
    mixed = frequency / np.sqrt(draw.generator.chisquare(3, (draw.n, 1)) / 3)
    frequency = np.where(draw.flags(0.5)[:, None], mixed, frequency)
    phase, path = draw.uniform(0, 2 * np.pi, FEATURES), np.zeros((draw.n, draw.steps))
    for feature in range(FEATURES):
        path += np.cos(frequency[:, feature, None] * draw.time + phase[:, feature, None])
    return path * np.sqrt(2 / FEATURES)


def _standardize(values):
    """Return each row with mean 0 and standard deviation 1."""
    values = values - values.mean(axis=1, keepdims=True)
    deviation = values.std(axis=1, keepdims=True)
    return values / np.where(deviation > 1e-9, deviation, 1)


def _patterns(draw, season):
    """Return seasonal patterns `(n, season)`, standardized: smooth, rough, spiky or block-shaped ones."""
    steps, orders = np.arange(season), np.arange(1, min(season // 2, MAX_ORDER) + 1)
    decay = draw.uniform(1.0, 2.5, 1) if season >= LONG_CYCLE else draw.uniform(0.3, 2.2, 1)
    size, phase = (
        draw.normal(len(orders)) * orders**-decay,
        draw.uniform(0, 2 * np.pi, len(orders)),
    )
    angle = 2 * np.pi * orders[:, None] * steps / season
    smooth = (size * np.cos(phase)) @ np.cos(angle) - (size * np.sin(phase)) @ np.sin(angle)
    rough = draw.normal(season)
    spiky = rough * (draw.uniform(0, 1, season) < draw.uniform(0.05, 0.4, 1))
    start, length = draw.generator.integers(0, season, (draw.n, 1)), 1 + draw.uniform(0, season / 2, 1).astype(int)
    block = ((steps - start) % season < length).astype(float)
    shares = (0.5, 0.28, 0.1, 0.06, 0.06) if season < LONG_CYCLE else (0.75, 0.05, 0.05, 0.08, 0.07)
    kind = draw.generator.choice(5, draw.n, p=shares)[:, None]
    patterns = np.select([kind == number for number in range(4)], [smooth, rough, spiky, block], block + 0.3 * smooth)
    return _standardize(patterns)


def _week_patterns(draw, day, days):
    """Return patterns of weeks `(n, day x days)`: the profile of a day depends on whether it is a free day."""
    profile, other = _patterns(draw, day)[:, None], _patterns(draw, day)[:, None]
    start, count = draw.generator.integers(0, days, (draw.n, 1)), np.where(draw.flags(0.85), 2, 1)[:, None]
    is_free = ((np.arange(days) - start) % days < count)[..., None]
    share = draw.some(0.6, draw.uniform(0, 1))[:, None, None]
    free = draw.uniform(0.1, 1.2, 1, 1) * ((1 - share) * profile + share * other) + 0.6 * draw.normal(1, 1)
    working = profile * (1 + 0.12 * draw.normal(days, 1))
    week = np.where(is_free, free, working) + 0.12 * draw.normal(days, 1)
    return _standardize(week.reshape(draw.n, day * days))


def _year_patterns(draw):
    """Return patterns of years in days: a smooth one, and holidays on fixed dates for half of the series."""
    coarse, position = _patterns(draw, MAX_ORDER), np.arange(DAYS_PER_YEAR) * MAX_ORDER / DAYS_PER_YEAR
    left, share = position.astype(int), position % 1
    smooth = coarse[:, left] * (1 - share) + coarse[:, (left + 1) % MAX_ORDER] * share
    dips = (draw.uniform(0, 1, DAYS_PER_YEAR) < 0.02) * (draw.normal(DAYS_PER_YEAR) - 1)
    return smooth + dips * draw.some(0.5, draw.uniform(0.5, 4))[:, None]


def _repeat(draw, patterns):
    """Repeat patterns `(n, season)` from a random phase. Their size and shape change from cycle to cycle for some."""
    season = patterns.shape[1]
    cycles = -(-draw.steps // season) + 1
    position = draw.generator.integers(0, season, (draw.n, 1)) + draw.time
    size = np.exp(np.cumsum(draw.normal(cycles) * draw.some(0.3, draw.log_uniform(0.01, 0.2))[:, None], axis=1))
    path = np.take_along_axis(patterns, position % season, axis=1) * np.take_along_axis(
        size, position // season, axis=1
    )
    rows, part = draw.part(0.4)
    change = np.cumsum(part.normal(cycles, season) * part.log_uniform(0.01, 0.3)[:, None, None], axis=1)
    path[rows] += np.take_along_axis(change.reshape(part.n, cycles * season), position[rows], axis=1)
    return path


def _seasons(draw):
    """Return the sum of the seasons, relative to the level."""
    if not draw.seasons:
        return np.zeros((draw.n, draw.steps))
    main, *others = draw.seasons
    path = _repeat(draw, _patterns(draw, main))
    if others and others[0] % main == 0 and others[0] // main in DAYS_PER_WEEK:
        rows, part = draw.part(0.6)
        path[rows] = _repeat(part, _week_patterns(part, main, others[0] // main))
        others = others[1:]
    size = draw.log_uniform(0.03, 0.8) if draw.cycle >= LONG_CYCLE else draw.log_uniform(0.01, 0.6)
    total = draw.some(0.5 if draw.cycle == 5 else 0.88, size)[:, None] * path  # prices on business days have no season
    for season in others:
        patterns = _year_patterns(draw) if season == DAYS_PER_YEAR else _patterns(draw, season)
        total += draw.some(0.7 if season == DAYS_PER_YEAR else 0.5, draw.log_uniform(0.01, 0.6))[:, None] * _repeat(
            draw, patterns
        )
    return total


def _noise(draw):
    """Return noise relative to the level: for some series heavy-tailed, of changing variance or autocorrelated."""
    shocks = draw.normal(draw.steps)
    rows, part = draw.part(0.25)
    shocks[rows] = part.generator.standard_t(3, (part.n, part.steps)) / np.sqrt(3)
    rows, part = draw.part(0.2)
    shocks[rows] *= np.exp(_autoregression(0.9, part.log_uniform(0.02, 0.3)[:, None] * part.normal(part.steps)))
    if draw.cycle >= LONG_CYCLE:  # neighboring steps are close in time
        memory = draw.some(0.75, draw.uniform(0.3, 0.98))
        return (draw.log_uniform(0.002, 0.3) * np.sqrt(1 - memory**2))[:, None] * _autoregression(memory, shocks)
    memory = draw.some(0.4, draw.uniform(-0.4, 0.95))
    return draw.log_uniform(0.003, 0.3)[:, None] * _autoregression(memory, shocks)


def _autoregression(memory, shocks):
    """Return autoregressive paths of order 1 with these shocks."""
    path, state = np.empty_like(shocks), np.zeros(len(shocks))
    for step in range(shocks.shape[1]):
        state = memory * state + shocks[:, step]
        path[:, step] = state
    return path


def _kernel_paths(draw):
    """Return sums and products of paths of random kernels: smooth, periodic, linear and white noise."""
    shares = (0.3, 0.4, 0.15, 0.15) if draw.seasons else (0.6, 0, 0.25, 0.15)

    def path():
        kind = draw.generator.choice(4, draw.n, p=shares)[:, None]
        smooth = _smooth_paths(draw, 0.08)
        periodic = _repeat(draw, _patterns(draw, draw.cycle)) if draw.seasons else smooth
        line = 2 * draw.normal(1) * (draw.time / draw.steps - draw.uniform(0, 1, 1))
        white = draw.normal(draw.steps) * draw.log_uniform(0.05, 1)[:, None]
        return np.select([kind == 0, kind == 1, kind == 2], [smooth, periodic, line], white)

    total = path()
    for _ in range(3):
        other, is_product, is_used = path(), draw.flags(0.4)[:, None], draw.flags(0.6)[:, None]
        total = np.where(is_used, np.where(is_product, total * other, total + other), total)
    return total + draw.log_uniform(0.005, 0.3)[:, None] * draw.normal(draw.steps)


def _mix(draw, values):
    """Replace some series by a weighted mean of two."""
    rows, part = draw.part(0.1)
    other, weight = draw.generator.integers(0, draw.n, part.n), part.uniform(0.2, 0.8, 1)
    one, two = (values[index] / (np.abs(values[index]).mean(axis=1, keepdims=True) + 1e-9) for index in (rows, other))
    values[rows] = weight * one + (1 - weight) * two
    return values


def _disturb(draw, values):
    """Add level shifts and outliers to some series, and turn some upside down."""
    start = draw.generator.integers(0, draw.steps, (draw.n, 1))
    shift = np.exp(draw.some(0.12, 0.4 * draw.normal()))[:, None]
    values = np.where(draw.time >= start, values * shift, values)
    is_outlier = (draw.uniform(0, 1, draw.steps) < 0.006) & draw.flags(0.3)[:, None]
    values = np.where(is_outlier, values * np.exp(0.7 * draw.normal(draw.steps)), values)
    rows, _ = draw.part(0.05)
    values[rows] = values[rows].max(axis=1, keepdims=True) + values[rows].min(axis=1, keepdims=True) - values[rows]
    return values


def _observe(draw, values):
    """Convert some series to counts, to bounded values, or to values with an upper or a lower limit."""
    rows, part = draw.part(0.13)
    rate = np.abs(values[rows])
    rate *= part.log_uniform(0.3, 300)[:, None] / np.maximum(rate.mean(axis=1, keepdims=True), 1e-6)
    spread = part.log_uniform(0.01, 1)[:, None]
    rate = np.where(part.flags(0.5)[:, None], rate * part.generator.gamma(1 / spread, spread, rate.shape), rate)
    present = part.uniform(0, 1, part.steps) < np.where(part.flags(0.25), part.uniform(0.1, 0.9), 1)[:, None]
    values[rows] = part.generator.poisson(np.clip(rate, 0, 1e5)) * present
    rows, part = draw.part(0.04)
    values[rows] = 1 / (1 + np.exp(-_standardize(values[rows]) * part.uniform(0.5, 3, 1)))
    rows, part = draw.part(0.03)
    if part.n:
        low, high = np.quantile(values[rows], [0.1, 0.9], axis=1)[..., None]
        is_high = part.flags(0.5)[:, None]
        values[rows] = np.where(is_high, np.minimum(values[rows], high), np.maximum(values[rows], low))
    return values


def _remove(draw, values, share):
    """Set values of a share of the series to NaN: 10 % of single steps, or one stretch of up to a fifth."""
    rows, part = draw.part(share)
    single = part.uniform(0, 1, part.steps) < 0.1
    start, length = part.uniform(0, part.steps, 1), part.uniform(0, part.steps / 5, 1)
    stretch = (part.time >= start) & (part.time < start + length)
    values[rows] = np.where(np.where(part.flags(0.5)[:, None], single, stretch), np.nan, values[rows])
