"""The equations of the papers in NumPy and float64, the reference of the layers and the networks.

Pure functions of arrays that take one step at a time and share no code with the library. Weights are passed as
`named_weights(layer)` returns them: a dict from the last part of the path of a weight to its value.
"""

import math

import numpy as np


def named_weights(layer):
    """Return the weights of a built layer by path, without the name of the layer, in float64."""
    paths = [variable.path.split("/") for variable in layer.weights]
    name = layer.name
    relative = [path[path.index(name) + 1 :] if name in path else path for path in paths]
    return {"/".join(path): v.numpy().astype("float64") for path, v in zip(relative, layer.weights, strict=True)}


def randomized(layer, seed=0):
    """Set all weights of a built layer to random numbers, so that each bias and each scale has an effect."""
    normal = np.random.default_rng(seed).normal
    layer.set_weights([normal(0.0, 0.5, w.shape) for w in layer.get_weights()])
    return layer


def weights_under(weights, *parts):
    """Return the weights whose path contains `parts` in sequence, by the rest of their path."""
    part = "/".join(parts) + "/"
    return {path.split(part, 1)[1]: w for path, w in weights.items() if ("/" + path).find("/" + part) >= 0}


def dense(x, weights):
    return x @ weights["kernel"] + weights.get("bias", 0.0)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def softmax(scores, mask=None):
    """Over the last axis, with weight 0 where `mask` is False; all weights of a fully masked row are 0."""
    mask = np.broadcast_to(True if mask is None else mask, scores.shape)
    powers = np.zeros(scores.shape)
    for row in np.ndindex(scores.shape[:-1]):
        visible = mask[row]
        if visible.any():
            powers[row][visible] = np.exp(scores[row][visible] - scores[row][visible].max())
            powers[row] /= powers[row].sum()
    return powers


# Recurrence (Hochreiter and Schmidhuber, 1997; Keras orders the gates i, f, c, o) -------------


def lstm_step(x, h, c, weights):
    gates = x @ weights["kernel"] + h @ weights["recurrent_kernel"] + weights["bias"]
    i, f, candidate, o = np.split(gates, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(candidate)
    return sigmoid(o) * np.tanh(c), c


def lstm(xs, weights, mask=None, backwards=False):
    """States h_1..h_m and the last (h, c); a masked step does not change the state."""
    batch, steps = xs.shape[:2]
    units = weights["recurrent_kernel"].shape[0]
    h, c, states = np.zeros((batch, units)), np.zeros((batch, units)), np.zeros((batch, steps, units))
    for t in reversed(range(steps)) if backwards else range(steps):
        new_h, new_c = lstm_step(xs[:, t], h, c, weights)
        visible = np.ones((batch, 1), bool) if mask is None else mask[:, t, None]
        h, c = np.where(visible, new_h, h), np.where(visible, new_c, c)
        states[:, t] = h
    return states, h, c


def recurrent_encoder(xs, weights, layers=1, bidirectional=False, mask=None):
    """States of the top layer, and the last [h, c] of each layer in turn."""
    last = []
    for layer in range(layers):
        stack = weights_under(weights, f"lstm_{layer}")
        if bidirectional:
            forward = lstm(xs, weights_under(stack, f"forward_lstm_{layer}", "lstm_cell"), mask)
            backward = lstm(xs, weights_under(stack, f"backward_lstm_{layer}", "lstm_cell"), mask, backwards=True)
            xs, h, c = (a + b for a, b in zip(forward, backward, strict=True))
        else:
            xs, h, c = lstm(xs, weights_under(stack, "lstm_cell"), mask)
        last += [h, c]
    return xs, last


# Attention (Bahdanau et al., 2015; Luong et al., 2015) ------------------------------------------------------


def score(kind, query, memory, weights):
    """Score of each memory step h for each query s, `(batch, steps, memory steps)`."""
    result = np.zeros((query.shape[0], query.shape[1], memory.shape[1]))
    for b, t, i in np.ndindex(result.shape):
        s, h = query[b, t], memory[b, i]
        if kind == "additive":
            hidden = np.tanh(s @ weights["query/kernel"] + h @ weights["memory/kernel"])
            result[b, t, i] = hidden @ weights["score/kernel"][:, 0]
        elif kind in ("dot", "general"):
            result[b, t, i] = s @ (h if kind == "dot" else h @ weights["memory/kernel"])
        else:
            raise ValueError(f"There is no reference for the score {kind!r}.")
    return result


def temporal_attention(kind, query, memory, weights, mask=None):
    alpha = softmax(score(kind, query, memory, weights), None if mask is None else mask[:, None])
    return alpha @ memory, alpha


def decoder_step(x, states, memory, weights, kind=None, mask=None):
    """alpha_t from s_{t-1}, context_t, s_t = LSTM([x'_t ; context_t], s_{t-1}); and the new states."""
    context = alpha = None
    if kind is not None:
        previous = states[-2][:, None]
        context, alpha = temporal_attention(kind, previous, memory, weights_under(weights, "attention"), mask)
        context, alpha = context[:, 0], alpha[:, 0]
        x = np.concatenate([x, context], axis=-1)
    new_states = []
    for layer in range(len(states) // 2):
        x, c = lstm_step(x, states[2 * layer], states[2 * layer + 1], weights_under(weights, f"lstm_{layer}"))
        new_states += [x, c]
    return x, context, alpha, new_states


# The Transformer (Vaswani et al., 2017; pre-norm: Xiong et al., 2020) ---------------------------------------


def sinusoids(steps, units, start=0):
    code = np.zeros((steps, units))
    for step in range(steps):
        for j in range(units):
            angle = (start + step) / 10000 ** (2 * (j // 2) / units)
            code[step, j] = math.sin(angle) if j % 2 == 0 else math.cos(angle)
    return code


def layer_norm(x, weights, epsilon=1e-6):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + epsilon) * weights["gamma"] + weights["beta"]


def multi_head(query, memory, weights, mask=None):
    """Concat(head_1, ..., head_n) W_O with head_j = softmax(Q_j K_j' / sqrt(d)) V_j; and the weights of every head."""
    heads, d = weights["query/kernel"].shape[1:]
    total, alphas = weights["attention_output/bias"], []
    for j in range(heads):
        q, k, v = (
            x @ weights[f"{name}/kernel"][:, j] + weights[f"{name}/bias"][j]
            for name, x in (("query", query), ("key", memory), ("value", memory))
        )
        alpha = softmax(q @ k.transpose(0, 2, 1) / math.sqrt(d), mask)
        total = total + alpha @ v @ weights["attention_output/kernel"][j]
        alphas.append(alpha)
    return total, np.stack(alphas, axis=1)


def feed_forward(x, weights):
    return dense(np.maximum(dense(x, weights_under(weights, "expand")), 0.0), weights_under(weights, "contract"))


def residual(name, x, sublayer, weights, norm):
    """LayerNorm(x + sublayer(x)), or x + sublayer(LayerNorm(x))."""
    parts = weights_under(weights, f"{name}_residual", "layer_norm")
    if norm == "post":
        return layer_norm(x + sublayer(x), parts)
    return x + sublayer(layer_norm(x, parts))


def encoder_block(x, weights, norm="post", mask=None):
    mask = None if mask is None else mask[:, None]
    own = weights_under(weights, "self_attention")
    x = residual("self_attention", x, lambda q: multi_head(q, q, own, mask)[0], weights, norm)
    return residual("feed_forward", x, lambda q: feed_forward(q, weights), weights, norm)


def decoder_block(x, memory, weights, norm="post", mask=None):
    causal = np.tril(np.ones((x.shape[1], x.shape[1]), bool))
    mask = None if mask is None else mask[:, None]
    own, cross = weights_under(weights, "self_attention"), weights_under(weights, "cross_attention")
    x = residual("self_attention", x, lambda q: multi_head(q, q, own, causal)[0], weights, norm)
    x = residual("cross_attention", x, lambda q: multi_head(q, memory, cross, mask)[0], weights, norm)
    return residual("feed_forward", x, lambda q: feed_forward(q, weights), weights, norm)


def window_statistics(x, observed, kind, epsilon=1e-5):
    """Center and scale of the observed values of each window and channel; without any, the center is 0."""
    center, scale = np.zeros((x.shape[0], 1, x.shape[2])), np.ones((x.shape[0], 1, x.shape[2]))
    for b, k in np.ndindex(x.shape[0], x.shape[2]):
        values = x[b, observed[b, :, k], k]
        if values.size:
            center[b, 0, k] = values.mean() if kind == "standard" else values[-1]
        if kind != "last":
            scale[b, 0, k] = math.sqrt((values.var() if values.size else 0.0) + epsilon)
    return center, scale


def patches(x, size):
    """Concatenate each `size` neighboring steps; the channels of a step stay together."""
    rows = [[np.concatenate(list(w[s : s + size])) for s in range(0, x.shape[1], size)] for w in x]
    return np.array(rows)


# The three families, free running and with teacher forcing, on `(batch, steps, width)` ------------------------


def forecast(family, history, weights, steps, teacher=None, mask=None, score="additive", layers=1, norm="post"):
    """The textbook model: x'_1 is the last step of the history, x'_{t+1} the forecast or the true value of step t."""
    embedding, head = weights_under(weights, "embed"), weights_under(weights, "head", "dense")
    embed = (lambda x: dense(x, embedding)) if embedding else (lambda x: x)
    if family == "transformer":
        decode = transformer_decoder(embed(history), weights, mask, layers, norm)
    else:
        decode = recurrent_decoder(embed(history), weights, mask, layers, score if family == "attention" else None)
    x, outputs = history[:, -1], []
    for t in range(steps):
        outputs.append(dense(decode(embed(x)), head))
        x = outputs[-1] if teacher is None else teacher[:, t]
    return np.stack(outputs, axis=1)


def recurrent_decoder(embedded, weights, mask, layers, kind):
    memory, states = recurrent_encoder(embedded, weights_under(weights, "encoder"), layers, mask=mask)

    def decode(x):
        nonlocal states
        s, context, _, states = decoder_step(x, states, memory, weights_under(weights, "decoder"), kind, mask)
        return s if kind is None else np.concatenate([s, context], axis=-1)

    return decode


def transformer_decoder(embedded, weights, mask, layers, norm):
    final = (lambda x, _: x) if norm == "post" else (lambda x, name: layer_norm(x, weights_under(weights, name)))
    memory = embedded + sinusoids(*embedded.shape[1:])
    for layer in range(layers):
        memory = encoder_block(memory, weights_under(weights, f"encoder_{layer}"), norm, mask)
    memory, queries = final(memory, "encoder_norm"), []

    def decode(x):
        queries.append(x)
        decoded = np.stack(queries, axis=1) + sinusoids(len(queries), x.shape[-1], start=embedded.shape[1])
        for layer in range(layers):
            decoded = decoder_block(decoded, memory, weights_under(weights, f"decoder_{layer}"), norm, mask)
        return final(decoded, "decoder_norm")[:, -1]

    return decode
