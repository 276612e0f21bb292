"""The embedded data sets. Origin, license and units of each are documented in `datasets/README.md`."""

from __future__ import annotations

import difflib
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Dataset:
    """One embedded file and how to read it.

    Args:
        description: One-line description.
        file: Name of the CSV file. Its first column is the time.
        sha256: Checksum of the file.
        freq: pandas frequency of the index.
        tz: Time zone of the index; the times in the file are in UTC. If None, the index has no time zone. Defaults to
            None.
        periods: Whether the index is a `PeriodIndex` instead of a `DatetimeIndex`. Defaults to False.
        impossible: Pairs `(time, column)` of values that are physically impossible and are read as missing. Defaults
            to `()`.
    """

    description: str
    file: str
    sha256: str
    freq: str
    tz: str | None = None
    periods: bool = False
    impossible: tuple[tuple[str, str], ...] = ()


DATASETS: Mapping[str, Dataset] = MappingProxyType(
    {
        "air_passengers": Dataset(
            description="Monthly international airline passengers in thousands, 1949-1960: trend and growing season",
            file="air_passengers.csv",
            sha256="961137884a1bed241a548137ff52be6bbb79f81db0ea8bd95817a23c4842ca10",
            freq="MS",
        ),
        "weather": Dataset(
            description="Hourly weather at JFK, EWR and LGA in 2013: 12 channels with gaps and two clock changes",
            file="weather.csv",
            sha256="957ac390ffbba103040eddf600eab50d50d14c9e39aa434986db684460a0d149",
            freq="h",
            tz="America/New_York",
            impossible=(("2013-02-12T08:00Z", "EWR_wind_speed"),),  # 1048 mph; the adjacent hours have 21 and 13
        ),
        "sunspots": Dataset(
            description="Yearly mean sunspot number, 1700-2008: an irregular cycle of about 11 years",
            file="sunspots.csv",
            sha256="74b8e3acb9886b68abe9c56f6081257d522e2cb2470f17dbf597b396f4ea1706",
            freq="Y-DEC",
            periods=True,
        ),
        "co2": Dataset(
            description="Weekly carbon dioxide in the air at Mauna Loa in ppm, 1958-2001: trend, season, missing weeks",
            file="co2.csv",
            sha256="7d077399889a653ed32d67760860eb152bf8b0f9cec6bf0763902af010bf9dfe",
            freq="W-SAT",
        ),
    }
)


def dataset_names() -> list[str]:
    """Return the names of the embedded data sets.

    Example:

    >>> dataset_names()
    ['air_passengers', 'weather', 'sunspots', 'co2']
    """
    return list(DATASETS)


def load_dataset(name: str) -> pd.Series | pd.DataFrame:
    """Load an embedded data set.

    Args:
        name: One of `dataset_names()`.

    Returns:
        A Series, or for `"weather"` a DataFrame with one column per channel. The index is complete and has a
        frequency; missing observations are NaN.

    Raises:
        ValueError: If `name` is unknown, or if the data file was changed.
        FileNotFoundError: If the data file is missing.

    Example:

    >>> y = load_dataset("air_passengers")
    >>> y.name, len(y), y.index.freqstr
    ('passengers', 144, 'MS')

    Select one airport or one variable of the weather:

    >>> weather = load_dataset("weather")
    >>> list(weather.filter(like="JFK_").columns)
    ['JFK_temp', 'JFK_humid', 'JFK_pressure', 'JFK_wind_speed']
    >>> list(weather.filter(like="_temp").columns)
    ['JFK_temp', 'EWR_temp', 'LGA_temp']
    """
    if name not in DATASETS:
        close = difflib.get_close_matches(str(name), DATASETS, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else "Pass one of these names."
        raise ValueError(f"Unknown data set {name!r}. The data sets are {', '.join(DATASETS)}. {hint}")
    dataset = DATASETS[name]
    return _parse(dataset, _read_bytes(dataset))


def _read_bytes(dataset: Dataset) -> bytes:
    """Read the data file of the installed package or of the checkout, and verify its checksum."""
    package = Path(__file__).resolve().parent
    paths = [folder / dataset.file for folder in (package / "data", package.parent / "datasets")]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        raise FileNotFoundError(
            f"The data file {dataset.file} is missing: neither {paths[0]} nor {paths[1]} exists. Reinstall tsattn."
        )
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != dataset.sha256:
        raise ValueError(
            f"The data file {path} was changed: its sha256 is {found}, expected {dataset.sha256}. Restore the file, or "
            "read your own version with `pandas.read_csv`."
        )
    return content


def _parse(dataset: Dataset, content: bytes) -> pd.Series | pd.DataFrame:
    import pandas as pd  # imported here, so that importing this module is fast

    frame = pd.read_csv(io.BytesIO(content), index_col=0)
    name = frame.index.name
    if dataset.periods:
        frame.index = pd.PeriodIndex(frame.index.astype(str), freq=dataset.freq, name=name)
    else:
        frame.index = pd.DatetimeIndex(frame.index, name=name)
        frame = frame.asfreq(dataset.freq)  # hours without a report become NaN
    for time, column in dataset.impossible:
        frame.loc[pd.Timestamp(time), column] = float("nan")
    if dataset.tz is not None:
        frame = frame.tz_convert(dataset.tz)
    return frame if frame.shape[1] > 1 else frame.iloc[:, 0]
