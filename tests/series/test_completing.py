"""A history with every stamp: the rows that were left out come back as missing values, and all else stays."""

import numpy as np
import pandas as pd
import pytest
from forecaster_table import monthly, panel, wide

from tsattn.series.layout import completed, read

LONG = panel().rename_axis(["unique_id", "ds"]).rename("y").reset_index()
HOURS = pd.date_range("2024-10-25", periods=60, freq="h", tz="Europe/Berlin", name="hour")
WHOLE = {
    "series": monthly(),
    "channels": wide(),
    "integers": monthly().set_axis(pd.RangeIndex(10, 130, 2)),
    "periods": monthly().to_period(),
    "text": monthly().set_axis(monthly().index.strftime("%Y-%m")),
    "a clock that is put back": monthly().set_axis(HOURS),
    "days of such clocks": monthly().set_axis(pd.date_range("2024-10-01", periods=60, tz="Europe/Berlin")),
    "panel": panel(),
    "nested ids": pd.concat({"de": panel(), "at": panel()}, names=["country"]).sort_index(),
    "long": LONG,
    "categories as ids": LONG.astype({"unique_id": "category"}),
    "ids in the index": LONG.set_index("unique_id"),
}


@pytest.mark.parametrize("shape", WHOLE)
def test_what_was_left_out_is_missing(shape):
    whole = WHOLE[shape]
    left_out = np.isin(np.arange(len(whole)), [5, 6, 30, 70])
    with pytest.warns(UserWarning, match="lacks"):
        _, layout = read(whole[~left_out])
    found = completed(whole[~left_out].sample(frac=1, random_state=0), layout)
    expected = whole.copy()
    if "y" in expected:
        expected["y"] = expected["y"].mask(left_out)
    else:
        expected = expected.astype("float64")
        expected[left_out] = np.nan
    check = pd.testing.assert_series_equal if whole.ndim == 1 else pd.testing.assert_frame_equal
    check(found, expected, check_freq=False, check_index_type="equiv")


@pytest.mark.parametrize("shape", WHOLE)
def test_what_is_whole_stays_as_it_is(shape):
    whole = WHOLE[shape]
    _, layout = read(whole)
    found = completed(whole, layout)
    assert found.equals(whole)
    if layout.ids is not None:
        assert found is whole
    elif isinstance(found.index, pd.DatetimeIndex):
        assert found.index.freq is not None
