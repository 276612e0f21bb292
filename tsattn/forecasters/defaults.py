"""The lookback, the patch size and the linear shortcut for data of a given length, season and horizon."""

import itertools
import math

LONGEST_PATCH = 24
PATCHES_WITHOUT_SEASON = 16
SEASONS = 14  # two weeks of hours, 14 weeks of days
HORIZONS = 3.5
LEAST_SEASONS, MOST_SEASONS = 2, 30
MOST_WEIGHTS = 10_000  # of a linear map; of more it learns the noise
MOST_PATCHES = 20  # a recurrent network takes them one by one
PART_OF_ONE, PART_OF_MANY = 8, 4


def default_patch_size(season, lookback_wanted):
    """The largest part of a season of at most 24 steps; without a season a sixteenth of the lookback."""
    if season > 1:
        return max(size for size in range(1, min(season, LONGEST_PATCH) + 1) if season % size == 0)
    return max(1, min(LONGEST_PATCH, lookback_wanted // PATCHES_WITHOUT_SEASON))


def default_window(length, horizon, season, lookback=None, patch_size=None, *, series=1):
    """Lookback and patch size for series of `length` steps.

    A lookback of 14 seasons or 3.5 horizons, whichever is longer, but of no more than 30 seasons or a
    horizon; as long as it takes no more than an eighth of the data, or of many series a quarter of each; at
    least two seasons; and in any case so short that half of the data is left to learn from. Where that
    makes more than 20 patches, a patch is a multiple of what it would be. What is given is kept.

    Args:
        length: Steps of a series, the median of many.
        horizon: Steps to forecast.
        season: Steps in a cycle, 1 for none.
        lookback: None to choose it.
        patch_size: None to choose it; else it divides the lookback that comes out.
        series: How many there are. Defaults to 1.

    Returns:
        A pair `(lookback, patch_size)`, the lookback a multiple of the patch size.
    """
    if lookback is None:
        wanted = max(SEASONS * season, round(HORIZONS * horizon))
        if season > 1:
            wanted = min(wanted, max(MOST_SEASONS * season, horizon))
        wanted = min(wanted, length // (PART_OF_ONE if series == 1 else PART_OF_MANY))
        wanted = max(wanted, LEAST_SEASONS * season)
        wanted = max(1, min(wanted, (length - horizon) // 2))
        if patch_size is None:
            patch_size = min(default_patch_size(season, wanted), wanted)
            if wanted > MOST_PATCHES * patch_size:
                patch_size = _longer(patch_size, math.ceil(wanted / MOST_PATCHES), season)
        return max(wanted // patch_size, 1) * patch_size, patch_size
    if patch_size is None:
        largest = min(default_patch_size(season, lookback), lookback)
        patch_size = max(size for size in range(1, largest + 1) if lookback % size == 0)
    return lookback, patch_size


def default_shortcut(lookback, horizon, season, decoding, wanted=None):
    """The period of a `LinearShortcut`, or None for no such map.

    From all steps to all, if those are few; else from season to season. Without a season a map of many steps has none
    to share its weights in, and recursive decoding has no place for one: there is one only where it is `wanted`.

    Args:
        lookback, horizon: Steps seen, and to forecast.
        season: Steps in a cycle, 1 for none.
        decoding: `"direct"` or `"recursive"`.
        wanted: True or False, or None to choose. Defaults to None.
    """
    few = lookback * horizon <= MOST_WEIGHTS
    if wanted is None:
        wanted = decoding == "direct" and (few or season > 1)
    if not wanted:
        return None
    return 1 if few else season


def _longer(patch_size, least, season):
    """The first multiple of a patch size of at least so many steps that is part of a season, or whole seasons."""
    first = math.ceil(least / patch_size) * patch_size
    return next(size for size in itertools.count(first, patch_size) if season % size == 0 or size % season == 0)
