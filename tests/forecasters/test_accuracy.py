"""The defaults on AirPassengers, the last 12 months held out, seed 0: far better than the seasonal naive's 1.57."""

import pytest

import tsattn
from tsattn import Training

FAMILIES = ("Seq2SeqForecaster", "AttentionForecaster", "TransformerForecaster")


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_beats_the_seasonal_naive_by_far(family):
    y = tsattn.load_dataset("air_passengers")
    model = getattr(tsattn, family)(horizon=12, training=Training(random_state=0, verbose=0))
    assert -model.fit(y[:-12]).score(y[-12:]) <= 0.75
    assert -tsattn.SeasonalNaiveForecaster(horizon=12).fit(y[:-12]).score(y[-12:]) > 1.5
