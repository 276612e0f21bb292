"""The LSTM encoder-decoder as a forecaster."""

import dataclasses

from tsattn._utils.validation import check_count
from tsattn.forecasters.documented import documented
from tsattn.forecasters.patched import PatchedForecaster
from tsattn.networks.seq2seq import seq2seq


@documented
@dataclasses.dataclass(eq=False, repr=False)
class Seq2SeqForecaster(PatchedForecaster):
    """LSTM encoder-decoder: the past is carried into the future in one fixed state.

    An LSTM reads the patches of the history; another starts from its last state and gives the
    patches of the forecast.

    Args:
        layers: LSTMs on top of each other, in the encoder and in the decoder. Defaults to 1.
        bidirectional: Encode in both directions. Defaults to False.

    Reference:
        Sutskever et al., 2014, https://arxiv.org/abs/1409.3215; direct decoding as in SegRNN, Lin et
        al., 2023, https://arxiv.org/abs/2308.11200.

    Example:

    >>> from tsattn import Seq2SeqForecaster, Training, load_dataset
    >>> y = load_dataset("air_passengers")
    >>> model = Seq2SeqForecaster(horizon=12, units=8, training=Training(epochs=8, random_state=0))
    >>> len(model.fit(y).predict())
    12
    """

    _: dataclasses.KW_ONLY
    layers: int = 1
    bidirectional: bool = False

    def _making(self):
        return seq2seq, {"layers": check_count("layers", self.layers), "bidirectional": bool(self.bidirectional)}
