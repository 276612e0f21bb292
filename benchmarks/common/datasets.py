"""Data sets that are not embedded in tsattn.

A file is read from the folder that TSATTN_DATA names, or from the folder `published` next to it. Otherwise it is
downloaded: to the folder that TSATTN_DATA names, by default `benchmarks/.data`. The checksum of each file is verified.
Its address names its origin and license.
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
    "ETTm1.csv": (
        GITHUB + "zhouhaoyi/ETDataset/main/ETT-small/ETTm1.csv",
        "6ce1759b1a18e3328421d5d75fadcb316c449fcd7cec32820c8dafda71986c9e",
    ),
    "EPF-NP.csv": (
        GITHUB + "thuml/TimeXer/main/dataset/EPF/NP.csv",
        "cbba6af8cf505d6d1fcadf87e86b6651abdae4a1adf616ee4956f6c1cd039fb8",
    ),
    "EPF-BE.csv": (
        GITHUB + "thuml/TimeXer/main/dataset/EPF/BE.csv",
        "93ca5ab6614adef1e93e561d5fd6868588c035ea68a676c9423462113303e8ab",
    ),
    "EPF-FR.csv": (
        GITHUB + "thuml/TimeXer/main/dataset/EPF/FR.csv",
        "ac400691243cc3aac32a4680d5f428f720da61385277813083b9fe61e642bd0c",
    ),
    "tourism_monthly.tsf": (
        ZENODO + "4656096/files/tourism_monthly_dataset.zip",
        "fba16c20b9c431406e4377aa61347e7310d4cd155033e2f93af4cbd0e8139b6e",
    ),
    "electricity_weekly.tsf": (
        ZENODO + "4656141/files/electricity_weekly_dataset.zip",
        "3b0bb0312c29a9cffb2f1650154adc78d9631ce9c329fcf0f415a0feb7522150",
    ),
    "m1_monthly.tsf": (
        ZENODO + "4656159/files/m1_monthly_dataset.zip",
        "0c9cb65c1ad1d7acf34ef659d7669fddfd5fb54ca484762c2706e02d2e89e66e",
    ),
    "m1_quarterly.tsf": (
        ZENODO + "4656154/files/m1_quarterly_dataset.zip",
        "d8c1c3c3372fca578fef3f3e032c975199c7c8b3af93fd099c83187c778bb219",
    ),
    "m3_yearly.tsf": (
        ZENODO + "4656222/files/m3_yearly_dataset.zip",
        "ca9f01bf47f46f18d656ff8fe9c4e018162ae219071b8df5f41ee3cf7d53e2bf",
    ),
    "tourism_quarterly.tsf": (
        ZENODO + "4656093/files/tourism_quarterly_dataset.zip",
        "2180678fdd99afa4bd1e2920829adf81cad3e2811d529b6c6fba5fd914a24673",
    ),
    "us_births.tsf": (
        ZENODO + "4656049/files/us_births_dataset.zip",
        "7c5c0f85661592d30000aa8a9066d938629ee5f3f5a3f72c75517179a50b38bb",
    ),
}
FREQUENCIES = {"yearly": "YS", "quarterly": "QS", "monthly": "MS", "weekly": "7D", "daily": "D"}


def find(name):
    """Return the path of a data file, or None if it does not exist."""
    folder = _folder()
    paths = (folder / name, folder.parent / "published" / name)
    return next((path for path in paths if path.exists()), None)


def path_of(name):
    """Return the path of a data file, which is downloaded if it does not exist.

    Raises:
        ValueError: If the checksum differs from that of the file used for the results.
    """
    address, expected = FILES[name]
    path = find(name)
    data = _download(address) if path is None else path.read_bytes()
    if (received := hashlib.sha256(data).hexdigest()) != expected:
        raise ValueError(
            f"{name} has the sha256 {received}, but expected {expected}. Download it again from {address}."
        )
    if path is None:
        path = _folder() / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return path


def _folder():
    return pathlib.Path(os.environ.get("TSATTN_DATA", ROOT / "benchmarks" / ".data"))


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


def read_prices(name):
    """Read the hourly electricity prices of a market.

    Returns:
        The price, and a DataFrame of two covariates that are known in advance, both for the same hours.
    """
    frame = pd.read_csv(path_of(name), skipinitialspace=True)
    frame = frame.set_index(pd.DatetimeIndex(frame.pop("date"), freq="h"))
    return frame.pop("OT"), frame


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
