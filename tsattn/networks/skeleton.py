"""The settings shared by the networks of all families."""

import dataclasses

from tsattn._utils.validation import check_choice, check_count, check_rate
from tsattn.layers.instance_normalization import NORMALIZATIONS

CHOICES = {
    "normalization": (*NORMALIZATIONS, None),
    "embedding": ("linear", "relu", None),
    "decoding": ("direct", "recursive"),
}


@dataclasses.dataclass(frozen=True)
class Skeleton:
    """The settings shared by the networks of all families.

    With `patch_size=1, normalization=None, embedding=None, decoding="recursive", shortcut=None` the equations of a
    network are those of its textbook model. A Transformer needs `embedding="linear"`.

    Args:
        units: Width of the embedding, the queries and the core.
        patch_size: Steps in a patch. It must divide the lookback.
        normalization: Normalization of each window, inverted in the forecast: a kind of
            `tsattn.layers.ReversibleInstanceNormalization`, or None.
        embedding: Map from a patch to `units`: `"linear"`, `"relu"`, or None for the patch itself.
        decoding: `"direct"`, all patches in parallel, or `"recursive"`, each patch from the previous one.
        mix_channels: If True, a patch contains all channels; else the channels share one network.
        dropout: Dropout rate of the embedded patches, of the decoded steps and in Transformer blocks.
        shortcut: Period of a `LinearShortcut` that is added to the forecast of the body, or None. It must be None in
            recursive decoding.
        patch_copy: If True, add a `PatchCopy` to the forecast of the body, in direct decoding only. Defaults to False.
        quantiles: Increasing levels to forecast, which include 0.5; empty for a point forecast. Defaults to `()`.
        past: For each covariate that is known up to the origin, 0 for a numeric or the number of codes for a
            categorical one. Defaults to `()`.
        known: The same for each covariate that is known in advance. Defaults to `()`.
        static: The same for each covariate that is constant over time. Defaults to `()`.

    Raises:
        ValueError: If a value is invalid.
    """

    units: int
    patch_size: int
    normalization: str | None
    embedding: str | None
    decoding: str
    mix_channels: bool
    dropout: float
    shortcut: int | None
    patch_copy: bool = False
    quantiles: tuple = ()
    past: tuple = ()
    known: tuple = ()
    static: tuple = ()

    def __post_init__(self):
        for name in ("units", "patch_size"):
            object.__setattr__(self, name, check_count(name, getattr(self, name)))  # converts NumPy integers
        check_rate("dropout", self.dropout)
        for name, choices in CHOICES.items():
            check_choice(name, getattr(self, name), choices)
        shortcuts = {"shortcut": self.shortcut is not None, "patch_copy": self.patch_copy}
        if any(shortcuts.values()) and self.decoding == "recursive":
            name = next(name for name, is_used in shortcuts.items() if is_used)
            raise ValueError(
                f"`{name}` cannot be used with decoding='recursive', where each step is forecast from the previous "
                f"one and none directly from the window. Omit `{name}`, or use decoding='direct'."
            )
        increasing = all(low < high for low, high in zip(self.quantiles, self.quantiles[1:], strict=False))
        in_range = all(0 < level < 1 for level in self.quantiles)
        if self.quantiles and not (increasing and in_range and 0.5 in self.quantiles and len(self.quantiles) > 1):
            raise ValueError(
                f"`quantiles` is {self.quantiles!r}, but must be increasing levels between 0 and 1 that include 0.5 "
                "and at least one other level."
            )

    @property
    def covariates(self):
        """Dict of the kinds of covariates that are used: `"past"`, `"known"` and `"static"`."""
        kinds = {"past": self.past, "known": self.known, "static": self.static}
        return {kind: categories for kind, categories in kinds.items() if categories}
