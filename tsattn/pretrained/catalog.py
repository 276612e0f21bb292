"""The catalog of pretrained networks: which seasons and families there are, and the window of each network."""

import dataclasses

FAMILIES = ("seq2seq", "attention", "transformer")
LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # of the quantiles that each network forecasts
NORMALIZATION = "last_scaled"


@dataclasses.dataclass(frozen=True)
class PretrainedWindow:
    """The window of the pretrained networks of some seasons, and the series that they were trained on.

    Model files contain only the name. A network of these settings must therefore never change under the same name.

    Args:
        name: Name of the window.
        lookback: Number of past steps.
        horizon: Number of steps to forecast; longer forecasts are rolled forward.
        patch_size: Number of steps in a patch.
        cycles: Tuple of the combinations of seasons of the synthetic series; the main one is first.
        seasons: Seasons for which the networks are used.
        main_share: Share of the synthetic series that have the main combination; the others share the rest. Defaults to
            0.85.
    """

    name: str
    lookback: int
    horizon: int
    patch_size: int
    cycles: tuple
    seasons: tuple
    main_share: float = 0.85

    @property
    def season(self):
        """The main season, or 1."""
        return self.cycles[0][0] if self.cycles[0] else 1


WINDOWS = {
    window.name: window
    for window in (
        PretrainedWindow("1", 24, 8, 4, cycles=((),), seasons=(1,)),
        PretrainedWindow("4", 32, 12, 4, cycles=((4,), (2,)), seasons=(2, 4)),
        PretrainedWindow("5", 130, 30, 10, cycles=((5, 261), (10, 261)), seasons=(5, 10)),
        PretrainedWindow("7", 784, 56, 28, cycles=((7, 365), (14, 365)), seasons=(7, 14)),
        PretrainedWindow("12", 60, 24, 12, cycles=((12,), (6,), (3,)), seasons=(3, 6, 12)),
        PretrainedWindow("24", 504, 48, 24, cycles=((24, 168), (12, 168), (6, 168)), seasons=(24, 168)),
        PretrainedWindow("52", 208, 52, 26, cycles=((52,), (26,), (13,)), seasons=(13, 26, 52)),
        PretrainedWindow(
            "48", 672, 96, 48, cycles=((96, 672), (48, 336), (144, 1008)), seasons=(48, 96, 144), main_share=0.5
        ),
    )
}


def find_window(season):
    """Return the `PretrainedWindow` for a season, or None."""
    return next((window for window in WINDOWS.values() if season in window.seasons), None)
