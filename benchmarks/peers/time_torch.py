"""PyTorch alone: a loop over one batch in memory."""

import time

import torch
from shape import CHANNELS, FEED_FORWARD, HEADS, HORIZON, LAYERS, LOOKBACK, UNITS, speed, steps_of
from torch import nn


class EncoderDecoder(nn.Module):
    """The textbook LSTM encoder-decoder, with teacher forcing."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(CHANNELS, UNITS, batch_first=True)
        self.decoder = nn.LSTM(CHANNELS, UNITS, batch_first=True)
        self.head = nn.Linear(UNITS, CHANNELS)

    def forward(self, history, previous):
        _, states = self.encoder(history)
        return self.head(self.decoder(previous, states)[0])


class Encoder(nn.Module):
    """`nn.TransformerEncoder` over the steps, and a linear map from the last of them to the forecast."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(CHANNELS, UNITS)
        block = nn.TransformerEncoderLayer(UNITS, HEADS, FEED_FORWARD, batch_first=True)
        self.encoder = nn.TransformerEncoder(block, LAYERS)
        self.head = nn.Linear(UNITS, HORIZON * CHANNELS)

    def forward(self, history, previous):
        return self.head(self.encoder(self.embed(history))[:, -1]).reshape(-1, HORIZON, CHANNELS)


def train(model, batch):
    """Train with the given batch size."""
    network = EncoderDecoder() if model == "lstm" else Encoder()
    optimizer = torch.optim.Adam(network.parameters())
    history, target = torch.randn(batch, LOOKBACK, CHANNELS), torch.randn(batch, HORIZON, CHANNELS)
    previous = torch.cat([history[:, -1:], target[:, :-1]], dim=1)

    def measure():
        times = []
        for _ in range(steps_of(batch)):
            optimizer.zero_grad()
            (network(history, previous) - target).abs().mean().backward()
            optimizer.step()
            times.append(time.perf_counter())
        return speed(batch, times)

    return measure
