"""The two decoding modes: all patches in parallel, or each patch from the previous one."""

import math

import keras
from keras import ops

from tsattn.accelerators.dropout import FastDropout
from tsattn.networks.core import RecursiveCore, takes_mask


class Decoding(keras.layers.Layer):
    """Abstract base class: embedding, core and head of a patched network.

    Args:
        core: A temporal core, see `tsattn.networks.core`.
        embed: Layer that embeds patches.
        head: Layer that maps decoded steps to patches.
        dropout: Dropout rate of the embedded patches; in direct decoding also of the decoded steps.
        steps: Number of patches in the horizon.

    Call arguments:
        patches: Tensor `(batch, patches, width)`: the values of a patch, followed by its context.
        observed: Boolean tensor `(batch, patches)`, False for a patch without an observed value.
        newest: Values of the last patch, `(batch, patch width)`; missing values are replaced by the last observed one.
        future: Context of the patches of the horizon, `(batch, steps, context width)`, or None. Defaults to None.
        teacher: True patches `(batch, steps, patch width)`, NaN for missing values, or None. Defaults to None.
        teaching: Probability of feeding the true previous patch, `(batch,)`; None means that it is always fed. Defaults
            to None.

    Returns:
        The patches of the horizon, `(batch, steps, patch width, outputs)`. `attend` takes the first four arguments and
        also returns the attention weights `(batch, layers, heads, steps, patches)`. `rollout` takes the first two
        arguments and returns the rollout of the core.
    """

    def __init__(self, core, embed, head, dropout, steps, **kwargs):
        super().__init__(**kwargs)
        self.core = core
        self.embed = embed
        self.head = head
        self.steps = steps
        self.dropout = FastDropout(dropout)
        self.takes_mask = takes_mask(core)

    def rollout(self, patches, observed):
        return self.core.rollout(self.embed(patches), **self._mask(observed))

    def _build_parts(self, patches_shape, queries_shape):
        """Build embedding, core and head, check the output of the core, and return its shape."""
        self.embed.build(patches_shape)
        embedded = keras.KerasTensor(self.embed.compute_output_shape(patches_shape))
        # A symbolic call infers the output of any core, and builds layers that the core creates lazily.
        decoded = self.core(embedded, keras.KerasTensor(queries_shape))
        shape = decoded.shape if isinstance(decoded, keras.KerasTensor) else None
        if shape is None or len(shape) != 3 or shape[1] != self.steps:
            raise ValueError(
                f"The core {self.core.name!r} returned {type(decoded).__name__ if shape is None else shape}, but must "
                f"return decoded steps of shape (batch, {self.steps}, width), one for each query."
            )
        self.head.build(shape)
        return shape

    def _mask(self, observed):
        """The keyword argument of the core for its mask, if it accepts one."""
        return {"patches_mask": observed} if self.takes_mask else {}


class DirectDecoding(Decoding):
    """Decodes all steps in parallel, each from a learned query.

    The context of a step, if there are covariates, is mapped to the width of the queries and added.

    Args:
        core, embed, head, dropout, steps: See `Decoding`.
        units: Width of the queries.
        channels: Number of consecutive rows of the batch that belong to one window. Each of these channels has a
            learned embedding.
        copy: `PatchCopy` that is added to the output of the head, or None. Defaults to None.
    """

    def __init__(self, core, embed, head, dropout, steps, *, units, channels, copy=None, **kwargs):
        super().__init__(core, embed, head, dropout, steps, **kwargs)
        self.copy = copy
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
        decoded_shape = self._build_parts(patches_shape, (None, self.steps, self.units))
        if self.copy is not None:
            self.copy.build(decoded_shape, patches_shape)

    def call(self, patches, observed, newest, future=None, teacher=None, teaching=None, training=None):
        inputs = self._core_inputs(patches, future, training)
        decoded = self.core(*inputs, **self._mask(observed), training=training)
        return self._outputs(self.dropout(decoded, training=training), patches, observed)

    def attend(self, patches, observed, newest, future=None):
        inputs = self._core_inputs(patches, future, False)
        decoded, weights = self.core.attend(*inputs, **self._mask(observed), training=False)
        return self._outputs(decoded, patches, observed), weights

    def _outputs(self, decoded, patches, observed):
        """Return the patches of the horizon from the decoded steps."""
        outputs = self.head(decoded)
        return outputs if self.copy is None else outputs + self.copy(decoded, patches, observed)[..., None]

    def _core_inputs(self, patches, future, training):
        return self.dropout(self.embed(patches), training=training), self._queries(ops.shape(patches)[0], future)

    def _queries(self, batch, future):
        codes = self.step_code[None]
        if self.channels > 1:
            codes = codes + self.channel_code[:, None]
        shape = (batch // self.channels, self.channels, self.steps, self.units)
        queries = ops.reshape(ops.broadcast_to(codes[None], shape), (-1, self.steps, self.units))
        return queries if future is None else queries + self.context(future)


class RecursiveDecoding(Decoding):
    """Decodes step by step, each from the embedded previous patch: the textbook decoder.

    With covariates, a query consists of the values of the previous patch and the context of the current step.

    If the true patches are always fed in training, all queries are known and the core receives them at once. Free
    running and scheduled sampling use one loop with a graph of constant size.
    """

    def __init__(self, core, embed, head, dropout, steps, **kwargs):
        super().__init__(core, embed, head, dropout, steps, **kwargs)
        self.seed_generator = keras.random.SeedGenerator()
        self.loop = keras.layers.RNN(FeedbackCell(embed, core, head), return_sequences=True)

    def build(self, patches_shape, future_shape):
        if not isinstance(self.core, RecursiveCore):
            raise ValueError(
                f"The core {self.core.name!r} does not support recursive decoding, which needs the methods `start` and "
                "`step`. Add them, or use decoding='direct'."
            )
        embedded_width = self.embed.compute_output_shape(patches_shape)[-1]
        self._build_parts(patches_shape, (None, self.steps, embedded_width))

    def call(self, patches, observed, newest, future=None, teacher=None, teaching=None, training=None):
        if teacher is not None:
            # Step t is fed the true patch of step t - 1, and step 1 the newest one of the history.
            teacher = ops.concatenate([newest[:, None], teacher[:, :-1]], axis=1)
            if teaching is None:
                fed = ops.where(ops.isnan(teacher), 0.0, teacher)
                queries = self.embed(fed if future is None else ops.concatenate([fed, future], axis=-1))
                embedded = self.dropout(self.embed(patches), training=training)
                return self.head(self.core(embedded, queries, **self._mask(observed), training=training))
            random = keras.random.uniform((*ops.shape(teacher)[:2], 1), seed=self.seed_generator)
            teacher = ops.where(random < teaching[:, None, None], teacher, float("nan"))
        return self._run_loop(patches, observed, newest, future, teacher, training)[0]

    def attend(self, patches, observed, newest, future=None):
        forecast, weights = self._run_loop(patches, observed, newest, future, None, False)
        shape = (-1, self.steps, *self.core.attention_shape, patches.shape[1])
        return forecast, ops.transpose(ops.reshape(weights, shape), (0, 2, 3, 1, 4))

    def _run_loop(self, patches, observed, newest, future, teacher, training):
        """Return the patches `(batch, steps, patch width, outputs)` and the flat weights `(batch, steps, any)`."""
        width = newest.shape[-1]
        if teacher is None:
            teacher = ops.full((ops.shape(patches)[0], self.steps, width), float("nan"))
        inputs = teacher if future is None else ops.concatenate([teacher, future], axis=-1)
        embedded = self.dropout(self.embed(patches), training=training)
        states = self.core.start(embedded, self.steps, **self._mask(observed), training=training)
        outputs = self.loop(inputs, initial_state=[newest, *states])
        shape = (-1, self.steps, width, self.head.outputs)
        return ops.reshape(outputs[..., : math.prod(shape[2:])], shape), outputs[..., math.prod(shape[2:]) :]


class FeedbackCell(keras.layers.Layer):
    """One step of recursive decoding as a Keras cell: from the previous patch to the next one.

    Args:
        embed, core, head: See `Decoding`.

    Call arguments:
        inputs: Tensor `(batch, patch width + context width)`: the patch to feed, NaN where the cell feeds its previous
            output, followed by the context of the step.
        states: List of the previous output and the states of the core.

    Returns:
        A pair: one tensor with the outputs of the patch, flat, followed by the attention weights of the step if the
        core has any; and the list of new states.
    """

    def __init__(self, embed, core, head, **kwargs):
        super().__init__(**kwargs)
        self.embed = embed
        self.core = core
        self.head = head
        self.state_size = []  # only the core defines the sizes; every call passes the initial states
        self.built = True

    def call(self, inputs, states):
        previous, *core_states = states
        width = previous.shape[-1]
        fed = ops.where(ops.isnan(inputs[:, :width]), previous, inputs[:, :width])
        query = self.embed(ops.concatenate([fed, inputs[:, width:]], axis=-1))
        decoded, weights, core_states = self.core.step(query, core_states)
        patch = self.head(decoded)
        parts = [patch] if weights is None else [patch, weights]
        outputs = [ops.reshape(part, (-1, math.prod(part.shape[1:]))) for part in parts]
        return ops.concatenate(outputs, axis=-1), [self.head.point(patch), *core_states]
