"""`insert_missing_rows`: missing timestamps become missing values, and everything else is unchanged."""

import numpy as np
import pandas as pd
import pytest
from forecaster_table import monthly, panel, wide

from tsattn.series.layout import insert_missing_rows
from tsattn.series.panel import read_panel

LONG = panel().rename_axis(["unique_id", "ds"]).rename("y").reset_index()
HOURS = pd.date_range("2024-10-25", periods=60, freq="h", tz="Europe/Berlin", name="hour")
COMPLETE = {
    "series": monthly(),
    "channels": wide(),
    "integers": monthly().set_axis(pd.RangeIndex(10, 130, 2)),
    "periods": monthly().to_period(),
    "text": monthly().set_axis(monthly().index.strftime("%Y-%m")),
    "clocks set back": monthly().set_axis(HOURS),
    "days across the clock change": monthly().set_axis(pd.date_range("2024-10-01", periods=60, tz="Europe/Berlin")),
    "panel": panel(),
    "nested ids": pd.concat({"de": panel(), "at": panel()}, names=["country"]).sort_index(),
    "long": LONG,
    "categorical ids": LONG.astype({"unique_id": "category"}),
    "ids in the index": LONG.set_index("unique_id"),
}


@pytest.mark.parametrize("shape", COMPLETE)
def test_missing_stamps_become_missing_values(shape):
    complete = COMPLETE[shape]
    is_missing = np.isin(np.arange(len(complete)), [5, 6, 30, 70])
    with pytest.warns(UserWarning, match="lacks"):
        _, layout = read_panel(complete[~is_missing])
    found = insert_missing_rows(complete[~is_missing].sample(frac=1, random_state=0), layout)
    expected = complete.copy()
    if "y" in expected:
        expected["y"] = expected["y"].mask(is_missing)
    else:
        expected = expected.astype("float64")
        expected[is_missing] = np.nan
    check = pd.testing.assert_series_equal if complete.ndim == 1 else pd.testing.assert_frame_equal
    check(found, expected, check_freq=False, check_index_type="equiv")


@pytest.mark.parametrize("shape", COMPLETE)
def test_a_complete_table_is_unchanged(shape):
    complete = COMPLETE[shape]
    _, layout = read_panel(complete)
    found = insert_missing_rows(complete, layout)
    assert found.equals(complete)
    if layout.ids is not None:
        assert found is complete
    elif isinstance(found.index, pd.DatetimeIndex):
        assert found.index.freq is not None
