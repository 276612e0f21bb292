"""The lookback and the patch size for data of a given length, season and horizon."""

LONGEST_PATCH = 24
PATCHES_WITHOUT_SEASON = 16
SEASONS = 14  # two weeks of hours, 14 weeks of days
HORIZONS = 3.5
LEAST_SEASONS = 2


def default_patch_size(season, lookback_wanted):
    """The largest part of a season of at most 24 steps; without a season a sixteenth of the lookback."""
    if season > 1:
        return max(size for size in range(1, min(season, LONGEST_PATCH) + 1) if season % size == 0)
    return max(1, min(LONGEST_PATCH, lookback_wanted // PATCHES_WITHOUT_SEASON))


def default_window(length, horizon, season, lookback=None, patch_size=None):
    """Lookback and patch size for series of `length` steps.

    A lookback of 14 seasons or 3.5 horizons, whichever is longer, as long as it takes no more than
    an eighth of the data; at least two seasons; and in any case so short that half of the data is
    left to learn from. What is given is kept.

    Args:
        length: Steps of a series, the median of many.
        horizon: Steps to forecast.
        season: Steps in a cycle, 1 for none.
        lookback: None to choose it.
        patch_size: None to choose it; else it divides the lookback that comes out.

    Returns:
        A pair `(lookback, patch_size)`, the lookback a multiple of the patch size.
    """
    if lookback is None:
        wanted = max(SEASONS * season, round(HORIZONS * horizon))
        wanted = max(min(wanted, length // 8), LEAST_SEASONS * season)
        wanted = max(1, min(wanted, (length - horizon) // 2))
        if patch_size is None:
            patch_size = min(default_patch_size(season, wanted), wanted)
        return max(wanted // patch_size, 1) * patch_size, patch_size
    if patch_size is None:
        largest = min(default_patch_size(season, lookback), lookback)
        patch_size = max(size for size in range(1, largest + 1) if lookback % size == 0)
    return lookback, patch_size
