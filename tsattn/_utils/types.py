"""Type aliases for the public signatures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure
else:
    Figure = Any  # matplotlib is an optional dependency

Data = pd.Series | pd.DataFrame  # one series, several channels, or a panel
CovariateData = pd.DataFrame | None
SampleWeight = pd.Series | pd.DataFrame | Sequence | np.ndarray | None  # one per row, per series or per time
