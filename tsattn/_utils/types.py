"""The kinds of data that go in and come out, as type checkers read them."""

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure
else:
    Figure = Any  # matplotlib is an extra

Data = pd.Series | pd.DataFrame  # of one series, of channels, of many series
CovariateData = pd.DataFrame | None  # covariates, where there may be none
