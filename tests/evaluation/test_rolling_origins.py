"""Rolling origins of histories with missing timestamps: a history ends at its origin, whichever rows are missing."""

import numpy as np
import pandas as pd
import pytest
from forecaster_table import monthly, panel, wide

from tsattn import LinearForecaster, SeasonalNaiveForecaster, backtest

LONG = panel().rename_axis(["unique_id", "ds"]).rename("y").reset_index()
GAPS = {
    "series": (monthly(), [51, 52, 57]),
    "channels": (wide(), [51, 52, 57]),
    "integers": (monthly().reset_index(drop=True), [51, 52, 57]),
    "periods": (monthly().to_period(), [51, 52, 57]),
    "panel": (panel(), [41, 42, 47, 88, 93, 142]),
    "nested ids": (pd.concat({"de": panel()}, names=["country"]), [41, 42, 47, 88, 93, 142]),
    "long": (LONG, [41, 42, 47, 88, 93, 142]),
    "long with ids in the index": (LONG.set_index("unique_id"), [41, 42, 47, 88, 93, 142]),
}


@pytest.mark.parametrize("refit", [False, True, 2])
@pytest.mark.parametrize("shape", GAPS)
def test_missing_time_stamps_are_missing_values(shape, refit):
    """This also holds at the end of a history: its forecast starts at the origin, not after the last existing row."""
    y, rows = GAPS[shape]
    missing = np.isin(np.arange(len(y)), rows)
    with_nan = y.astype({"y": "float64"} if "long" in shape else "float64")
    if "long" in shape:
        with_nan["y"] = with_nan["y"].mask(missing)
    else:
        with_nan[missing] = np.nan
    model = LinearForecaster(horizon=3, lookback=4, season=1)
    expected = backtest(model, with_nan, windows=3, stride=2, refit=refit)
    with pytest.warns(UserWarning, match=f"lacks {len(rows)} of") as warnings:
        table = backtest(model, y[~missing], windows=3, stride=2, refit=refit)
    assert len(warnings) == 1  # not one per fit
    pd.testing.assert_frame_equal(table, expected, check_exact=True, check_dtype=False)


class LastObserved:
    """A forecaster of another library that repeats the last observed value."""

    def fit(self, y):
        assert y.index.freqstr == "MS"
        self.y_ = y.ffill()

    def predict(self):
        return pd.Series(self.y_.iloc[-1], pd.date_range(self.y_.index[-1], periods=4, freq="MS")[1:])


def test_other_forecasters_receive_rows_for_missing_time_stamps():
    y = monthly().drop(monthly().index[[49, 50]])
    with pytest.warns(UserWarning, match="lacks 2"):
        table = backtest(LastObserved(), y, horizon=3, windows=3, stride=6, refit=True)
    assert table.groupby("origin")["forecast"].first().tolist() == monthly().iloc[[44, 48, 56]].tolist()


def test_freq_of_the_forecaster_is_that_of_the_backtest():
    hours = pd.to_datetime([f"2024-01-01 {hour:02}:00" for hour in (0, 2, 5, 7, 10, 12, 15, 17)])
    model = SeasonalNaiveForecaster(horizon=2, season=1, freq="h")
    with pytest.warns(UserWarning, match="lacks 10 of 18"):
        table = backtest(model, pd.Series(np.arange(8.0), hours), windows=2)
    assert table["time"].tolist() == list(pd.date_range("2024-01-01 14:00", periods=4, freq="h"))
