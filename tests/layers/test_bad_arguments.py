"""An invalid argument raises a ValueError with the name of the argument and the received value."""

import numpy as np
import pytest

from tsattn.layers import (
    DecoderCell,
    Patching,
    PositionalEncoding,
    RecurrentEncoder,
    ReversibleInstanceNormalization,
    TemporalAttention,
    TransformerDecoder,
    TransformerEncoder,
)

X = np.ones((2, 5, 4), "float32")


@pytest.mark.parametrize(
    ("call", "name", "value"),
    [
        (lambda: TemporalAttention(4, "no_such_score"), "score", "'no_such_score'"),
        (lambda: TemporalAttention(0), "units", "0"),
        (lambda: TemporalAttention(4, "dot")(X, X[:, :, :3]), "width", "3"),
        (lambda: DecoderCell(4, score="no_such_score"), "score", "'no_such_score'"),
        (lambda: DecoderCell(-1), "units", "-1"),
        (lambda: RecurrentEncoder(-1), "units", "-1"),
        (lambda: PositionalEncoding("binary"), "kind", "'binary'"),
        (lambda: ReversibleInstanceNormalization("robust"), "kind", "'robust'"),
        (lambda: Patching(3)(X), "patch", "3"),
        (lambda: TransformerEncoder(2, norm="rms"), "norm", "'rms'"),
        (lambda: TransformerDecoder(2, norm="rms"), "norm", "'rms'"),
        (lambda: TransformerEncoder(3)(X), "heads", "3"),
        (lambda: TransformerDecoder(3)(X, X), "heads", "3"),
        (lambda: TransformerEncoder(-2)(X), "heads", "-2"),
        (lambda: TransformerEncoder(2, -6), "feed_forward", "-6"),
        (lambda: TransformerEncoder(2, dropout=1.5)(X), "rate", "1.5"),
        (lambda: RecurrentEncoder(4, layers=0)(X), "layers", "0"),
        (lambda: DecoderCell(4, layers=0), "layers", "0"),
        (lambda: Patching(0)(X), "patch_size", "0"),
        (lambda: Patching(-1)(X), "patch_size", "-1"),
        (lambda: TransformerEncoder(0)(X), "heads", "0"),
        (lambda: TransformerEncoder(2, 0)(X), "feed_forward", "0"),
        (lambda: PositionalEncoding("learned", start=-1)(X), "start", "-1"),
        (lambda: ReversibleInstanceNormalization(epsilon=-1.0)(X), "epsilon", "-1.0"),
    ],
)
def test_the_error_names_the_argument_and_the_value(call, name, value):
    with pytest.raises(ValueError) as caught:
        call()
    assert name in str(caught.value)
    assert value in str(caught.value)
