"""The three families of networks that most benchmarks compare."""

import tsattn

FAMILIES = {
    "seq2seq": tsattn.Seq2SeqForecaster,
    "attention": tsattn.AttentionForecaster,
    "transformer": tsattn.TransformerForecaster,
}
