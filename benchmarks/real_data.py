"""The data of the benchmarks that is not embedded: from the folder TSATTN_DATA, or downloaded, checked either way.

Downloads go to the folder `.data` beside this file. Origin and licence of each file stand at its address.
"""

import hashlib
import io
import os
import pathlib
import urllib.request
import zipfile

import pandas as pd

GITHUB, ZENODO = "https://raw.githubusercontent.com/", "https://zenodo.org/records/"
# File: (address, sha256 of the file). Of an archive the one member with this ending is taken.
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
STEPS = {"monthly": "MS", "weekly": "7D"}


def path_of(name):
    """The path of a file, whose contents are those that the results were measured on."""
    address, wanted = FILES[name]
    folder = pathlib.Path(os.environ.get("TSATTN_DATA", pathlib.Path(__file__).parent / ".data"))
    path = folder / name
    if path.exists():
        data = path.read_bytes()
    else:
        with urllib.request.urlopen(address, timeout=60) as answer:
            data = answer.read()
        if address.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                data = archive.read(next(member for member in archive.namelist() if member.endswith(".tsf")))
    if (came := hashlib.sha256(data).hexdigest()) != wanted:
        raise ValueError(f"{name} has the sha256 {came}, but {wanted} is needed. Get it anew from {address}.")
    if not path.exists():
        folder.mkdir(exist_ok=True)
        path.write_bytes(data)
    return path


def read_tsf(name):
    """A file of the Monash archive as a Series with the MultiIndex (series, time)."""
    series, step = {}, None
    for line in path_of(name).read_text(encoding="latin-1").splitlines():
        if line.startswith("@frequency"):
            step = STEPS[line.split()[1]]
        elif line and line[0] not in "@#":
            key, start, values = line.split(":")
            values = [float(value) for value in values.split(",")]
            stamps = pd.date_range(start.split()[0], periods=len(values), freq=step)
            series[key] = pd.Series(values, stamps)
    return pd.concat(series, names=["series", "time"])


def read_wide(name):
    """A CSV file with a column `date` as a DataFrame of channels, the stamps as they are."""
    frame = pd.read_csv(path_of(name))
    return frame.set_index(pd.DatetimeIndex(frame.pop("date")))


def read_m4(part):
    """The hourly series of the M4 competition as a Series with the MultiIndex (series, step).

    Args:
        part: `"train"` or `"test"`; the steps of the test go on where those of the training end.
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
