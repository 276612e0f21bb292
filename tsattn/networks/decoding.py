"""The two ways from a core to a forecast: all steps at once, or each from the one before."""

import inspect
import math

import keras
from keras import ops

from tsattn.accelerators.dropout import FastDropout


class Decoding(keras.layers.Layer):
    """Embedding, core and head around one way of decoding; abstract.

    Args:
        core, embed, head: The layers to decode with.
        dropout: Rate on the embedded patches; in direct decoding on the decoded steps too.
        steps: Patches of the horizon.

    Call arguments:
        patches: Tensor `(batch, patches, width)`: the values of a patch, then its context.
        observed: Boolean tensor `(batch, patches)`, False where nothing was observed.
        newest: The values of the last patch, `(batch, patch width)`, the last observed value where it has none.
        future: None, or the context of the patches of the horizon, `(batch, steps, context width)`.
        teacher: None, or the true patches `(batch, steps, patch width)`, NaN where not observed.
        teaching: None, or `(batch,)`, the probability that a step is fed the true patch before it.

    Returns:
        The patches of the horizon, `(batch, steps, patch width, outputs)`. `attend` takes the first four and
        gives the attention weights `(batch, layers, heads, steps, patches)` too. `rollout` takes the first two and
        gives what the core's `rollout` does.
    """

    def __init__(self, core, embed, head, dropout, steps, **kwargs):
        super().__init__(**kwargs)
        self.core = core
        self.embed = embed
        self.head = head
        self.steps = steps
        self.dropout = FastDropout(dropout)
        self.takes_mask = "patches_mask" in inspect.signature(core.call).parameters

    def _build_around(self, patches_shape, queries_shape):
        self.embed.build(patches_shape)
        embedded = keras.KerasTensor(self.embed.compute_output_shape(patches_shape))
        # A symbolic call tells the width of any core's output, and builds what the core builds late.
        decoded = self.core(embedded, keras.KerasTensor(queries_shape))
        shape = getattr(decoded, "shape", None)
        if shape is None or len(shape) != 3 or shape[1] != self.steps:
            raise ValueError(
                f"The core {self.core.name!r} gave {type(decoded).__name__ if shape is None else shape}, but must give "
                f"decoded steps of shape (batch, {self.steps}, width), one for each query."
            )
        self.head.build(shape)

    def rollout(self, patches, observed):
        return self.core.rollout(self.embed(patches), **self._masked(observed))

    def _masked(self, observed):
        return {"patches_mask": observed} if self.takes_mask else {}


class DirectDecoding(Decoding):
    """Asks the core with learned queries, one a patch of the horizon: all steps in parallel.

    The context of a step, where there is one, is mapped to the width of its query and added.

    Args:
        core, embed, head, dropout, steps: As in `Decoding`.
        units: Width of the queries.
        channels: Rows of the batch that belong together, each a channel with its own code.
    """

    def __init__(self, core, embed, head, dropout, steps, *, units, channels, **kwargs):
        super().__init__(core, embed, head, dropout, steps, **kwargs)
        self.units = units
        self.channels = channels
        self.context = keras.layers.Dense(units, use_bias=False, name="context")

    def build(self, patches_shape, future_shape):
        shape = (self.steps, self.units)
        self.step_code = self.add_weight(name="step_code", shape=shape, initializer="random_normal")
        if self.channels > 1:
            shape = (self.channels, self.units)
            self.channel_code = self.add_weight(name="channel_code", shape=shape, initializer="random_normal")
        if future_shape[-1]:
            self.context.build(future_shape)
        self._build_around(patches_shape, (None, self.steps, self.units))

    def _queries(self, batch, future):
        codes = self.step_code[None]
        if self.channels > 1:
            codes = codes + self.channel_code[:, None]
        shape = (batch // self.channels, self.channels, self.steps, self.units)
        queries = ops.reshape(ops.broadcast_to(codes[None], shape), (-1, self.steps, self.units))
        return queries if future is None else queries + self.context(future)

    def _asked(self, patches, future, training):
        return self.dropout(self.embed(patches), training=training), self._queries(ops.shape(patches)[0], future)

    def call(self, patches, observed, newest, future=None, teacher=None, teaching=None, training=None):
        decoded = self.core(*self._asked(patches, future, training), **self._masked(observed), training=training)
        return self.head(self.dropout(decoded, training=training))

    def attend(self, patches, observed, newest, future=None):
        asked = self._asked(patches, future, False)
        decoded, weights = self.core.attend(*asked, **self._masked(observed), training=False)
        return self.head(decoded), weights


class RecursiveDecoding(Decoding):
    """Asks the core step by step, each query the embedded patch before: the textbook's decoder.

    With covariates a query is the values of the patch before and the context of its own step.

    In training with a teacher that is always fed, all queries are known and the core gets them at
    once. Else one loop of constant size serves free running and every mixture with the teacher.
    """

    def __init__(self, core, embed, head, dropout, steps, **kwargs):
        super().__init__(core, embed, head, dropout, steps, **kwargs)
        self.seed_generator = keras.random.SeedGenerator()
        self.loop = keras.layers.RNN(FeedbackCell(embed, core, head), return_sequences=True)

    def build(self, patches_shape, future_shape):
        if not (hasattr(self.core, "start") and hasattr(self.core, "step")):
            raise ValueError(
                f"The core {self.core.name!r} cannot decode recursively: that takes the methods `start` and `step`. "
                "Add them, or use decoding='direct'."
            )
        embedded_width = self.embed.compute_output_shape(patches_shape)[-1]
        self._build_around(patches_shape, (None, self.steps, embedded_width))

    def call(self, patches, observed, newest, future=None, teacher=None, teaching=None, training=None):
        if teacher is not None:
            # What is fed to step t is the true patch of step t - 1, and to step 1 the last one seen.
            teacher = ops.concatenate([newest[:, None], teacher[:, :-1]], axis=1)
            if teaching is None:
                fed = ops.where(ops.isnan(teacher), 0.0, teacher)
                queries = self.embed(fed if future is None else ops.concatenate([fed, future], axis=-1))
                embedded = self.dropout(self.embed(patches), training=training)
                return self.head(self.core(embedded, queries, **self._masked(observed), training=training))
            drawn = keras.random.uniform((*ops.shape(teacher)[:2], 1), seed=self.seed_generator)
            teacher = ops.where(drawn < teaching[:, None, None], teacher, float("nan"))
        return self._loop(patches, observed, newest, future, teacher, training)[0]

    def _loop(self, patches, observed, newest, future, teacher, training):
        """The patches `(batch, steps, patch width, outputs)`, and flat weights `(batch, steps, any)`."""
        width = newest.shape[-1]
        if teacher is None:
            teacher = ops.full((ops.shape(patches)[0], self.steps, width), float("nan"))
        inputs = teacher if future is None else ops.concatenate([teacher, future], axis=-1)
        embedded = self.dropout(self.embed(patches), training=training)
        states = self.core.start(embedded, self.steps, **self._masked(observed), training=training)
        outputs = self.loop(inputs, initial_state=[newest, *states])
        shape = (-1, self.steps, width, self.head.outputs)
        return ops.reshape(outputs[..., : math.prod(shape[2:])], shape), outputs[..., math.prod(shape[2:]) :]

    def attend(self, patches, observed, newest, future=None):
        forecast, weights = self._loop(patches, observed, newest, future, None, False)
        shape = (-1, self.steps, *self.core.attention_shape, patches.shape[1])
        return forecast, ops.transpose(ops.reshape(weights, shape), (0, 2, 3, 1, 4))


class FeedbackCell(keras.layers.Layer):
    """One recursive step as a Keras cell: the patch before in, the next patch out.

    Call arguments:
        inputs: Tensor `(batch, patch width + context width)`: a patch to be fed in place of the cell's
            own last one, which is fed where it is NaN; then the context of the step.
        states: List of the cell's own last patch and the states of the core.

    Returns:
        The patch with all its outputs, flat, followed by the attention weights of the step if the core
        gives any, as one tensor; and the list of new states.
    """

    def __init__(self, embed, core, head, **kwargs):
        super().__init__(**kwargs)
        self.embed = embed
        self.core = core
        self.head = head
        self.state_size = []  # every call passes the states: only the core knows their widths
        self.built = True

    def call(self, inputs, states):
        own, *core_states = states
        width = own.shape[-1]
        fed = ops.where(ops.isnan(inputs[:, :width]), own, inputs[:, :width])
        query = self.embed(ops.concatenate([fed, inputs[:, width:]], axis=-1))
        decoded, weights, core_states = self.core.step(query, core_states)
        patch = self.head(decoded)
        parts = [patch] if weights is None else [patch, weights]
        outputs = [ops.reshape(part, (-1, math.prod(part.shape[1:]))) for part in parts]
        return ops.concatenate(outputs, axis=-1), [self.head.point(patch), *core_states]
