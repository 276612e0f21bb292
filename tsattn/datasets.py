"""The embedded data sets: `load_dataset(name)`. Origin, licence and units of each are in `datasets/README.md`."""

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
        description: One line for people.
        file: Name of the CSV file; its first column is the time, its header gives the names.
        sha256: Checksum of the file.
        freq: pandas frequency of the index.
        tz: Time zone of the index. The file itself is in UTC. `None`: times without a zone.
        periods: Whether the index holds periods (`PeriodIndex`) instead of times (`DatetimeIndex`).
        impossible: `(time, column)` of the cells that cannot be true and are read as missing.
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
            impossible=(("2013-02-12T08:00Z", "EWR_wind_speed"),),  # 1048 mph; the hours around it have 21 and 13
        ),
        "sunspots": Dataset(
            description="Yearly mean sunspot number, 1700-2008: a cycle of about 11 years that is never quite the same",
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
    """Names that `load_dataset` knows.

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
        frequency; what was not observed is NaN.

    Example:

    >>> y = load_dataset("air_passengers")
    >>> y.name, len(y), y.index.freqstr
    ('passengers', 144, 'MS')

    One airport, or one variable, of the weather:

    >>> weather = load_dataset("weather")
    >>> list(weather.filter(like="JFK_").columns)
    ['JFK_temp', 'JFK_humid', 'JFK_pressure', 'JFK_wind_speed']
    >>> list(weather.filter(like="_temp").columns)
    ['JFK_temp', 'EWR_temp', 'LGA_temp']
    """
    if name not in DATASETS:
        close = difflib.get_close_matches(str(name), DATASETS, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else "Pass one of these names."
        raise ValueError(f"There is no data set {name!r}, only {', '.join(DATASETS)}. {hint}")
    dataset = DATASETS[name]
    return _read(dataset, _checked_bytes(dataset))


def _checked_bytes(dataset: Dataset) -> bytes:
    """The content of the file: inside the installed package, or in a checkout beside it."""
    package = Path(__file__).resolve().parent
    places = [folder / dataset.file for folder in (package / "data", package.parent / "datasets")]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        looked = " or ".join(str(place) for place in places)
        raise FileNotFoundError(f"The data file {dataset.file} is neither {looked}. Install tsattn again.")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != dataset.sha256:
        raise ValueError(
            f"The data file {path} was changed: its sha256 is {found}, but {dataset.sha256} is expected. "
            "Restore the file, or read your own version with `pandas.read_csv`."
        )
    return content


def _read(dataset: Dataset, content: bytes) -> pd.Series | pd.DataFrame:
    import pandas as pd  # here, so that importing this module stays cheap

    frame = pd.read_csv(io.BytesIO(content), index_col=0)
    name = frame.index.name
    if dataset.periods:
        frame.index = pd.PeriodIndex(frame.index.astype(str), freq=dataset.freq, name=name)
    else:
        frame.index = pd.DatetimeIndex(frame.index, name=name)
        frame = frame.asfreq(dataset.freq)  # hours that nobody reported appear as NaN
    for time, column in dataset.impossible:
        frame.loc[pd.Timestamp(time), column] = float("nan")
    if dataset.tz is not None:
        frame = frame.tz_convert(dataset.tz)
    return frame if frame.shape[1] > 1 else frame.iloc[:, 0]
