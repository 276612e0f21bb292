"""The arithmetic of grids."""

import numpy as np
import pandas as pd
import pytest

from tsattn.series.time_index import ClockGrid


@pytest.mark.parametrize("step", [pd.offsets.MonthEnd(), pd.DateOffset(months=1)], ids=["month end", "a month"])
def test_the_same_times_in_another_unit_stay_in_that_unit(step):
    """What is kept of one grid is not given to another that compares equal."""
    for unit in ("s", "ns", "s"):
        grid = ClockGrid(np.datetime64("2020-01-31", unit), step)
        times = grid.at(np.array([2, 0, 1]))
        assert times.dtype == f"datetime64[{unit}]"
        assert times.astype("datetime64[D]").astype(str).tolist() == ["2020-03-31", "2020-01-31", "2020-02-29"]
        times[:] = 0  # what is given away is nobody else's
