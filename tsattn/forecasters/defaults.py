"""Defaults that depend on the data: the lookback, the patch size and the linear shortcut."""

import itertools
import math

MAX_PATCH_SIZE = 24
PATCHES_WITHOUT_SEASON = 16
LOOKBACK_SEASONS = 14  # two weeks of hours, 14 weeks of days
LOOKBACK_HORIZONS = 3.5
MIN_SEASONS, MAX_SEASONS = 2, 30
MAX_SHORTCUT_WEIGHTS = 10_000  # a larger linear map overfits
MAX_PATCHES = 20  # a recurrent network reads them one by one
MAX_SHARE_OF_ONE, MAX_SHARE_OF_MANY = 8, 4  # the lookback takes at most 1/8 of one series, 1/4 of each of many


def default_patch_size(season, lookback):
    """Return the largest divisor of a season up to 24 steps; without a season, a sixteenth of the lookback."""
    if season > 1:
        return max(size for size in range(1, min(season, MAX_PATCH_SIZE) + 1) if season % size == 0)
    return max(1, min(MAX_PATCH_SIZE, lookback // PATCHES_WITHOUT_SEASON))


def default_window(length, horizon, season, lookback=None, patch_size=None, *, series=1):
    """Choose the lookback and the patch size.

    The lookback is 14 seasons or 3.5 horizons, whichever is longer, but at most 30 seasons or one horizon. It is
    limited to an eighth of the data, or to a quarter of each of many series, but has at least two seasons; and at
    least half of the data remain for training. If it has more than 20 patches, the patch size is multiplied. Given
    values are kept.

    Args:
        length: Steps of a series, the median of many.
        horizon: Steps to forecast.
        season: Steps in a cycle, 1 for none.
        lookback: None to choose it. Defaults to None.
        patch_size: None to choose it; else it divides the chosen lookback. Defaults to None.
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

    A small map goes from all steps to all steps, a large one from season to season. Without a season a large map
    cannot share weights, and recursive decoding has no place for one; then there is a shortcut only if it is requested.

    Args:
        lookback, horizon: Steps of history, and steps to forecast.
        season: Steps in a cycle, 1 for none.
        decoding: `"direct"` or `"recursive"`.
        shortcut: True or False, or None to choose. Defaults to None.
    """
    few = lookback * horizon <= MAX_SHORTCUT_WEIGHTS
    if shortcut is None:
        shortcut = decoding == "direct" and (few or season > 1)
    if not shortcut:
        return None
    return 1 if few else season


def _multiple(patch_size, least, season):
    """The first multiple of a patch size of at least `least` steps that divides a season or is whole seasons."""
    first = math.ceil(least / patch_size) * patch_size
    return next(size for size in itertools.count(first, patch_size) if season % size == 0 or size % season == 0)
