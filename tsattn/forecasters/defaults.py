"""Defaults that depend on the data: lookback, patch size and linear shortcut."""

import itertools
import math

MAX_PATCH_SIZE = 24
PATCHES_WITHOUT_SEASON = 16
LOOKBACK_SEASONS = 14  # two weeks of hours, 14 weeks of days
LOOKBACK_HORIZONS = 3.5
MIN_SEASONS, MAX_SEASONS = 2, 30
MAX_SHORTCUT_WEIGHTS = 10_000  # a larger linear map overfits
MAX_PATCHES = 20  # a recurrent network reads them one by one
MAX_SHARE_OF_ONE, MAX_SHARE_OF_MANY = 8, 4  # the lookback is at most 1/8 of a single series, 1/4 of each of many


def default_patch_size(season, lookback):
    """Return the largest divisor of the season up to 24 steps; without a season, 1/16 of the lookback."""
    if season > 1:
        return max(size for size in range(1, min(season, MAX_PATCH_SIZE) + 1) if season % size == 0)
    return max(1, min(MAX_PATCH_SIZE, lookback // PATCHES_WITHOUT_SEASON))


def default_window(length, horizon, season, lookback=None, patch_size=None, *, series=1):
    """Choose the lookback and the patch size, unless they are passed.

    The lookback is 14 seasons or 3.5 horizons, whichever is longer, but at most 30 seasons or one horizon. It is at
    most 1/8 of a single series, or 1/4 of each of many series, but at least two seasons. At least half of the data
    remain for training. If there would be more than 20 patches, a multiple of the patch size is used.

    Args:
        length: Number of steps of a series; the median of many.
        horizon: Number of steps to forecast.
        season: Number of steps in a cycle; 1 without a season.
        lookback: Number of past steps, or None to choose it. Defaults to None.
        patch_size: Steps in a patch, of which the chosen lookback is a multiple, or None to choose it. Defaults to
            None.
        series: Number of series. Defaults to 1.

    Returns:
        A pair `(lookback, patch_size)`; the lookback is a multiple of the patch size.
    """
    if lookback is None:
        steps = max(LOOKBACK_SEASONS * season, round(LOOKBACK_HORIZONS * horizon))
        if season > 1:
            steps = min(steps, max(MAX_SEASONS * season, horizon))
        steps = min(steps, length // (MAX_SHARE_OF_ONE if series == 1 else MAX_SHARE_OF_MANY))
        steps = max(steps, MIN_SEASONS * season)
        steps = max(1, min(steps, (length - horizon) // 2))
        if patch_size is None:
            patch_size = min(default_patch_size(season, steps), steps)
            if steps > MAX_PATCHES * patch_size:
                patch_size = _multiple(patch_size, math.ceil(steps / MAX_PATCHES), season)
        return max(steps // patch_size, 1) * patch_size, patch_size
    if patch_size is None:
        largest = min(default_patch_size(season, lookback), lookback)
        patch_size = max(size for size in range(1, largest + 1) if lookback % size == 0)
    return lookback, patch_size


def default_shortcut(lookback, horizon, season, decoding, shortcut=None):
    """Choose the period of the `LinearShortcut`, or None for no shortcut.

    A small map connects all steps to all steps; a large map shares its weights across seasons. By default, there is no
    shortcut for recursive decoding, or if the map would be large and there is no season over which to share weights.

    Args:
        lookback, horizon: Number of past steps, and of steps to forecast.
        season: Number of steps in a cycle; 1 without a season.
        decoding: `"direct"` or `"recursive"`.
        shortcut: Whether to use a shortcut, or None for the default. Defaults to None.

    Returns:
        Number of steps in the period, 1 for a map from all steps to all steps; None for no shortcut.
    """
    is_small = lookback * horizon <= MAX_SHORTCUT_WEIGHTS
    if shortcut is None:
        shortcut = decoding == "direct" and (is_small or season > 1)
    if not shortcut:
        return None
    return 1 if is_small else season


def _multiple(patch_size, minimum, season):
    """Return the smallest multiple of a patch size, at least `minimum`, that divides or is divisible by a season."""
    first = math.ceil(minimum / patch_size) * patch_size
    return next(size for size in itertools.count(first, patch_size) if season % size == 0 or size % season == 0)
