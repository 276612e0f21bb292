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
