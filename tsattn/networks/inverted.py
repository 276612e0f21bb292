"""The inverted Transformer: each variable is one token, and the variables attend to each other."""

import keras
from keras import ops

from tsattn.accelerators.dropout import FastDropout
from tsattn.layers.attention_rollout import attention_rollout
from tsattn.networks.encoder_stack import attend_through, encoder_stack
from tsattn.networks.forecast_network import ForecastNetwork
from tsattn.networks.head import PatchHead


class Inverted(keras.layers.Layer):
    """The body of a `ForecastNetwork` with one token for each variable.

    The whole lookback of a channel is embedded as one token. Covariates are also tokens: past covariates embed their
    lookback, known covariates their lookback and horizon, and all static covariates share one token. Each token has a
    learned embedding. In encoder blocks, the variables attend to each other, and one linear map transforms the token of
    a channel into its forecast. A channel without an observed value is masked.

    Args:
        lookback, horizon, channels, skeleton: See `ForecastNetwork`. The patches and the decoding of the skeleton are
            not used: the lookback is one patch, and the horizon one step.
        layers: See `tsattn.InvertedTransformerForecaster`.
        **block_options: Further arguments of `TransformerEncoder`.

    Call arguments:
        values, observed, covariates, teacher, teaching: See `tsattn.networks.forecast_network.Body`. `teacher` and
            `teaching` are not used.

    Returns:
        Forecast `(batch, horizon, channels, outputs)`. `attend` also returns the attention weights
        `(batch, 1, layers, heads, channels, variables)`, where the channels are the first variables. `rollout` returns
        `(batch, 1, channels, variables)`, the share of each variable in the last token of each channel.

    Reference:
        Liu et al., 2024, https://arxiv.org/abs/2310.06625.
    """

    has_attention = has_rollout = True

    def __init__(self, lookback, horizon, channels, skeleton, *, layers, **block_options):
        super().__init__(name="inverted")
        self.lookback = lookback
        self.horizon = horizon
        self.channels = channels
        self.units = skeleton.units
        self.blocks = encoder_stack(skeleton, layers, **block_options)
        self.embed = keras.layers.Dense(skeleton.units, activation=skeleton.embedding, name="embed")
        self.embeds = {
            kind: keras.layers.Dense(skeleton.units, activation=skeleton.embedding, name=f"embed_{kind}")
            for kind in skeleton.covariates
        }
        self.dropout = FastDropout(skeleton.dropout)
        self.head = PatchHead(horizon, skeleton.quantiles, name="head")

    def build(self, values_shape, covariates_shape):
        self.embed.build((None, self.channels, self.lookback))
        variables = self.channels
        for kind, shape in covariates_shape.items():
            tokens, steps = (1, shape[-1]) if kind == "static" else (shape[-1], shape[1])
            self.embeds[kind].build((None, tokens, steps))
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
        tokens, weights = self._encode(values, observed, covariates)
        return self._forecast(tokens, False), weights[:, None, :, :, : self.channels]

    def rollout(self, values, observed, covariates):
        _, weights = self._encode(values, observed, covariates)
        return attention_rollout(weights)[:, None, : self.channels]

    def _encode(self, values, observed, covariates):
        """Return the last tokens, and the weights `(batch, layers, heads, variables, variables)`."""
        tokens, mask = self._tokens(values, observed, covariates, False)
        tokens, layers = attend_through(self.blocks, tokens, mask, training=False)
        return tokens, ops.stack(layers, axis=1)

    def _tokens(self, values, observed, covariates, training):
        """Return the tokens `(batch, variables, units)` and the mask of visible tokens `(batch, variables)`."""
        tokens = [self.embed(ops.transpose(values, (0, 2, 1)))]
        for kind, features in covariates.items():
            series = features[:, None] if kind == "static" else ops.transpose(features, (0, 2, 1))
            tokens.append(self.embeds[kind](series))
        tokens = ops.concatenate(tokens, axis=1) + self.code
        visible_channels = ops.any(observed, axis=1)
        visible_covariates = ops.ones_like(tokens[:, self.channels :, 0], dtype="bool")
        mask = ops.concatenate([visible_channels, visible_covariates], axis=1)
        return self.dropout(tokens, training=training), mask

    def _forecast(self, tokens, training):
        values = self.head(self.dropout(tokens[:, : self.channels], training=training))
        return ops.transpose(values, (0, 2, 1, 3))


def inverted(lookback, horizon, channels, skeleton, *, layers=2, heads=4, feed_forward=None, norm="post"):
    """Build a `ForecastNetwork` with an `Inverted` body.

    Args:
        lookback, horizon, channels, skeleton: See `ForecastNetwork`.
        layers, heads, feed_forward, norm: See `tsattn.InvertedTransformerForecaster`.
    """
    block = {"heads": heads, "feed_forward": feed_forward, "norm": norm}
    body = Inverted(lookback, horizon, channels, skeleton, layers=layers, **block)
    return ForecastNetwork(body, lookback, horizon, channels, skeleton)
