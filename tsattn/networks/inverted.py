"""The inverted Transformer: every variable is one token, and attention is among variables."""

import keras
from keras import ops

from tsattn.accelerators.dropout import FastDropout
from tsattn.layers.attention import attention_rollout
from tsattn.layers.transformer import TransformerEncoder
from tsattn.networks.forecast_network import ForecastNetwork
from tsattn.networks.head import PatchHead


class Inverted(keras.layers.Layer):
    """Forecasts a normalised window with one token for each variable.

    The whole lookback of a channel is embedded as one token, and so are the covariates: those of the past by
    their lookback, those known in advance by lookback and horizon, the static ones all together. Every token
    has a learned code, encoder blocks let the variables see each other, and one map takes the token of a
    channel to its horizon. A channel without any observed value is not seen.

    Args:
        lookback, horizon, channels, skeleton: See `ForecastNetwork`.
        blocks: `TransformerEncoder` layers.

    Call arguments:
        values, observed, covariates: As in `tsattn.networks.Patched`.
        teacher, teaching: None; nothing is decoded step by step.

    Returns:
        Forecast `(batch, horizon, channels, outputs)`. `attend` gives the attention weights
        `(batch, 1, layers, heads, channels, variables)` too, the channels being the first variables. `rollout`
        gives `(batch, 1, channels, variables)`: how much of each channel's last token came in at each variable.

    Reference:
        Liu et al., 2024, https://arxiv.org/abs/2310.06625.
    """

    def __init__(self, lookback, horizon, channels, skeleton, blocks, **kwargs):
        super().__init__(**kwargs)
        self.lookback = lookback
        self.horizon = horizon
        self.channels = channels
        self.units = skeleton.units
        self.blocks = blocks
        self.embed = keras.layers.Dense(skeleton.units, activation=skeleton.embedding, name="embed")
        self.embeds = {
            role: keras.layers.Dense(skeleton.units, activation=skeleton.embedding, name=f"embed_{role}")
            for role in skeleton.covariates
        }
        self.dropout = FastDropout(skeleton.dropout)
        self.head = PatchHead(horizon, skeleton.quantiles, name="head")

    def build(self, values_shape, covariates_shape):
        self.embed.build((None, self.channels, self.lookback))
        variables = self.channels
        for role, shape in covariates_shape.items():
            tokens, steps = (1, shape[-1]) if role == "static" else (shape[-1], shape[1])
            self.embeds[role].build((None, tokens, steps))
            variables += tokens
        self.code = self.add_weight(name="code", shape=(variables, self.units), initializer="random_normal")
        for block in self.blocks:
            block.build((None, variables, self.units))
        self.head.build((None, self.channels, self.units))

    def call(self, values, observed, covariates, teacher=None, teaching=None, training=None):
        tokens, mask = self._tokens(values, observed, covariates, training)
        for block in self.blocks:
            tokens = block(tokens, mask=mask, training=training)
        return self._forecast(tokens, training)

    def attend(self, values, observed, covariates):
        tokens, weights = self._attended(values, observed, covariates)
        return self._forecast(tokens, False), weights[:, None, :, :, : self.channels]

    def rollout(self, values, observed, covariates):
        _, weights = self._attended(values, observed, covariates)
        return attention_rollout(weights)[:, None, : self.channels]

    def _attended(self, values, observed, covariates):
        """The last tokens, and the weights `(batch, layers, heads, variables, variables)` of all blocks."""
        tokens, mask = self._tokens(values, observed, covariates, False)
        layers = []
        for block in self.blocks:
            tokens, weights = block.attend(tokens, mask=mask, training=False)
            layers.append(weights)
        return tokens, ops.stack(layers, axis=1)

    def _tokens(self, values, observed, covariates, training):
        """Tokens `(batch, variables, units)`, and which of them may be seen, `(batch, variables)`."""
        tokens = [self.embed(ops.transpose(values, (0, 2, 1)))]
        for role, features in covariates.items():
            series = features[:, None] if role == "static" else ops.transpose(features, (0, 2, 1))
            tokens.append(self.embeds[role](series))
        tokens = ops.concatenate(tokens, axis=1) + self.code
        seen = ops.any(observed, axis=1)
        beside = ops.ones_like(tokens[:, self.channels :, 0], dtype="bool")
        return self.dropout(tokens, training=training), ops.concatenate([seen, beside], axis=1)

    def _forecast(self, tokens, training):
        values = self.head(self.dropout(tokens[:, : self.channels], training=training))
        return ops.transpose(values, (0, 2, 1, 3))


def inverted(lookback, horizon, channels, skeleton, *, layers=2, heads=4, feed_forward=None, norm="post"):
    """The inverted Transformer network, a `ForecastNetwork` with an `Inverted` body.

    Args:
        lookback, horizon, channels, skeleton: See `ForecastNetwork`; of the skeleton the patches and the way of
            decoding are not read: the whole lookback is one patch, and the whole horizon one step.
        layers: Encoder blocks. Defaults to 2.
        heads: Attention heads; they must divide the width. Defaults to 4.
        feed_forward: Width of the feed-forward layers. Defaults to four times the width.
        norm: `"post"` or `"pre"`. Defaults to `"post"`.
    """
    options = {"heads": heads, "feed_forward": feed_forward, "norm": norm, "dropout": skeleton.dropout}
    blocks = [TransformerEncoder(**options, name=f"encoder_{place}") for place in range(layers)]
    body = Inverted(lookback, horizon, channels, skeleton, blocks, name="inverted")
    return ForecastNetwork(body, lookback, horizon, channels, skeleton)
