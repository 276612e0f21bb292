"""What the networks of all families have in common, as one immutable value."""

import dataclasses

from tsattn._utils.validation import check_choice, check_count, check_rate
from tsattn.layers.normalization import KINDS

CHOICES = {
    "normalization": (*KINDS, None),
    "embedding": ("linear", "relu", None),
    "decoding": ("direct", "recursive"),
}


@dataclasses.dataclass(frozen=True)
class Skeleton:
    """What the families have in common.

    With `patch_size=1, normalization=None, embedding=None, decoding="recursive", shortcut=None` the networks are
    the textbook's, equation by equation (a Transformer needs an embedding: `"linear"`).

    Args:
        units: Width of the embedding, the queries and the core.
        patch_size: Steps in a patch; it must divide the lookback.
        normalization: How each window is normalised, and the forecast de-normalised: a kind of
            `tsattn.layers.ReversibleInstanceNormalization`, or None.
        embedding: Map from a patch to `units`: `"linear"`, `"relu"`, or None for the patch itself.
        decoding: `"direct"`, all steps in parallel, or `"recursive"`, each from the one before.
        mix_channels: If True a patch holds all channels; else one network is shared by them.
        dropout: Rate on the embedded patches and the decoded steps.
        shortcut: Period of a `LinearShortcut`, which is added to what the body forecasts; or None. Not in recursive
            decoding.
        quantiles: Levels to forecast, rising, 0.5 among them; none for one value. Defaults to none.
        past: A number for each covariate that is known up to the origin only: 0 for numbers, for
            categories how many there are. Defaults to none.
        known: The same for the covariates that are known in advance. Defaults to none.
        static: The same for the covariates that do not change with time. Defaults to none.
    """

    units: int
    patch_size: int
    normalization: str | None
    embedding: str | None
    decoding: str
    mix_channels: bool
    dropout: float
    shortcut: int | None
    quantiles: tuple = ()
    past: tuple = ()
    known: tuple = ()
    static: tuple = ()

    def __post_init__(self):
        for name in ("units", "patch_size"):
            object.__setattr__(self, name, check_count(name, getattr(self, name)))  # an int, where NumPy's came
        check_rate("dropout", self.dropout)
        for name, choices in CHOICES.items():
            check_choice(name, getattr(self, name), choices)
        if self.shortcut is not None and self.decoding == "recursive":
            raise ValueError(
                "There is to be a `shortcut`, but `decoding` is 'recursive', where each step comes of the one before, "
                "and none directly of the window. Leave `shortcut` out, or use decoding='direct'."
            )
        rising = all(low < high for low, high in zip(self.quantiles, self.quantiles[1:], strict=False))
        within = all(0 < level < 1 for level in self.quantiles)
        if self.quantiles and not (rising and within and 0.5 in self.quantiles and len(self.quantiles) > 1):
            raise ValueError(
                f"`quantiles` is {self.quantiles!r}, but must be rising levels between 0 and 1, with 0.5 and another."
            )

    @property
    def covariates(self):
        """The levels of each kind of covariate that there is, by name."""
        kinds = {"past": self.past, "known": self.known, "static": self.static}
        return {name: levels for name, levels in kinds.items() if levels}
