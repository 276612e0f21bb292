"""Data sets that are not embedded in tsattn, read from the folder TSATTN_DATA or downloaded to `benchmarks/.data`.

The checksum of each file is verified. Its address names its origin and license.
"""

import hashlib
import io
import os
import pathlib
import urllib.request
import zipfile

import pandas as pd

from benchmarks.common.processes import ROOT

GITHUB, ZENODO = "https://raw.githubusercontent.com/", "https://zenodo.org/records/"
# File: (address, sha256). The member that ends in .tsf is extracted from an archive.
FILES = {
    "ETTh1.csv": (
        GITHUB + "zhouhaoyi/ETDataset/main/ETT-small/ETTh1.csv",
        "f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066",
    ),
    "exchange_rate.csv": (
        "https://huggingface.co/datasets/thuml/Time-Series-Library/resolve/main/exchange_rate/exchange_rate.csv",
        "48b4d9d3d508f5104162e85b9a6042e3557fde11aa9f2944eba8c0d0efc89842",
    ),
    "M4-Hourly-train.csv": (
        GITHUB + "Mcompetitions/M4-methods/master/Dataset/Train/Hourly-train.csv",
        "ea59b7783573c49077a835ab6465c7d66f1474783360f310988a9a737fbca62f",
    ),
    "M4-Hourly-test.csv": (
        GITHUB + "Mcompetitions/M4-methods/master/Dataset/Test/Hourly-test.csv",
        "71a57fccb15e534d973626ada4fb87febf789e9317715b7cc6dd3b5f90db6f42",
    ),
    "EPF-NP.csv": (
        GITHUB + "thuml/TimeXer/main/dataset/EPF/NP.csv",
        "cbba6af8cf505d6d1fcadf87e86b6651abdae4a1adf616ee4956f6c1cd039fb8",
    ),
    "tourism_monthly.tsf": (
        ZENODO + "4656096/files/tourism_monthly_dataset.zip",
        "fba16c20b9c431406e4377aa61347e7310d4cd155033e2f93af4cbd0e8139b6e",
    ),
    "electricity_weekly.tsf": (
        ZENODO + "4656141/files/electricity_weekly_dataset.zip",
        "3b0bb0312c29a9cffb2f1650154adc78d9631ce9c329fcf0f415a0feb7522150",
    ),
}
FREQUENCIES = {"monthly": "MS", "weekly": "7D"}


def path_of(name):
    """Return the path of a data file, which is downloaded if it does not exist.

    Raises:
        ValueError: If the checksum differs from that of the file used for the results.
    """
    address, expected = FILES[name]
    folder = pathlib.Path(os.environ.get("TSATTN_DATA", ROOT / "benchmarks" / ".data"))
    path = folder / name
    data = path.read_bytes() if path.exists() else _download(address)
    if (received := hashlib.sha256(data).hexdigest()) != expected:
        raise ValueError(f"{name} has the sha256 {received}, expected {expected}. Download it again from {address}.")
    if not path.exists():
        folder.mkdir(exist_ok=True)
        path.write_bytes(data)
    return path


def _download(address):
    with urllib.request.urlopen(address, timeout=60) as response:
        data = response.read()
    if not address.endswith(".zip"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(next(member for member in archive.namelist() if member.endswith(".tsf")))


def read_tsf(name):
    """Read a file of the Monash archive as a Series with the MultiIndex (series, time)."""
    series, frequency = {}, None
    for line in path_of(name).read_text(encoding="latin-1").splitlines():
        if line.startswith("@frequency"):
            frequency = FREQUENCIES[line.split()[1]]
        elif line and line[0] not in "@#":
            key, start, values = line.split(":")
            values = [float(value) for value in values.split(",")]
            index = pd.date_range(start.split()[0], periods=len(values), freq=frequency)
            series[key] = pd.Series(values, index)
    return pd.concat(series, names=["series", "time"])


def read_wide(name):
    """Read a CSV file with a column `date` as a DataFrame of channels, with unchanged times."""
    frame = pd.read_csv(path_of(name))
    return frame.set_index(pd.DatetimeIndex(frame.pop("date")))


def read_m4(part):
    """Read the hourly series of the M4 competition as a Series with the MultiIndex (series, step).

    Args:
        part: `"train"` or `"test"`. The steps of the test part follow those of the training part.
    """
    first = {}
    if part == "test":
        first = read_m4("train").groupby(level=0, sort=False).size().to_dict()
    wide = pd.read_csv(path_of(f"M4-Hourly-{part}.csv"), index_col=0)
    series = {}
    for key, row in wide.iterrows():
        values = row.dropna().to_numpy("float64")
        series[key] = pd.Series(values, pd.RangeIndex(len(values)) + first.get(key, 0))
    return pd.concat(series, names=["series", "step"])
