"""The protocol of a temporal core, the part of a network that differs between the families.

A core is a Keras layer that decodes the horizon from the history, both in patches. Only `call` is required. Each of the
other methods enables a feature:

| protocol | methods | feature |
|---|---|---|
| `Core` | `call` | forecasts by direct decoding |
| `AttentiveCore` | `attend` | attention weights |
| `RolloutCore` | `rollout` | attention weights traced back through the encoder |
| `RecursiveCore` | `start`, `step` | recursive decoding |

If `call` has an argument `patches_mask`, it and all other methods receive the mask by keyword: a boolean tensor
`(batch, patches)`, False for a patch without an observed value. `attend`, `start` and, if it has the argument, `call`
receive `training`.
"""

import inspect
from typing import Protocol, runtime_checkable


class Core(Protocol):
    """A temporal core: any Keras layer with this `call`."""

    def call(self, patches, queries):
        """Decode all steps of the horizon. In recursive decoding, step t may depend only on the queries up to t.

        Args:
            patches: Embedded patches of the history, `(batch, patches, units)`.
            queries: One query for each patch of the horizon, `(batch, steps, units)`.

        Returns:
            Decoded steps `(batch, steps, any width)`.
        """


@runtime_checkable
class AttentiveCore(Core, Protocol):
    """A core that returns its attention weights."""

    def attend(self, patches, queries, *, training):
        """Decode as in `call`, and also return the attention weights.

        Returns:
            A pair: decoded steps, and weights `(batch, layers, heads, steps, patches)`.
        """


@runtime_checkable
class RolloutCore(Core, Protocol):
    """A core with self-attention among the patches, through which attention weights can be traced back."""

    def rollout(self, patches):
        """Return the share of each patch in each encoded patch, `(batch, patches, patches)`."""


@runtime_checkable
class RecursiveCore(Core, Protocol):
    """A core that decodes one step at a time.

    If `step` returns weights, the attribute `attention_shape` is their pair `(layers, heads)`.
    """

    def start(self, patches, steps, *, training):
        """Return the initial states, a list of tensors with a leading batch axis.

        Args:
            patches: Embedded patches of the history, `(batch, patches, units)`.
            steps: Number of steps that will be decoded.
        """

    def step(self, query, states):
        """Decode one step.

        Args:
            query: Query of the step, `(batch, units)`.
            states: List of states from `start` or from the previous step.

        Returns:
            A triple: the decoded step `(batch, any width)`; the weights `(batch, layers, heads, patches)`, or None
            without attention; and the list of new states.
        """


def takes_mask(core):
    """Return whether a core has an argument `patches_mask`."""
    return "patches_mask" in inspect.signature(core.call).parameters
