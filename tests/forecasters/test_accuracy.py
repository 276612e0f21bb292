"""The default networks on AirPassengers with seed 0; the MASE of the seasonal naive forecast is 1.57."""

import pytest

import tsattn
from tsattn import Training

FAMILIES = ("Seq2SeqForecaster", "AttentionForecaster", "TransformerForecaster")


@pytest.mark.parametrize("family", FAMILIES)
def test_default_network_halves_the_error_of_the_seasonal_naive_forecast(family):
    y = tsattn.load_dataset("air_passengers")
    model = getattr(tsattn, family)(horizon=12, training=Training(random_state=0, verbose=0))
    assert -model.fit(y[:-12]).score(y[-12:]) <= 0.75
    assert -tsattn.SeasonalNaiveForecaster(horizon=12).fit(y[:-12]).score(y[-12:]) > 1.5
