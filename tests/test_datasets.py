"""The embedded data sets: their contents, checksums and errors."""

import doctest
import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tsattn.datasets
from tsattn.datasets import DATASETS, dataset_names, load_dataset

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "datasets"

WEATHER = [f"{airport}_{m}" for airport in ("JFK", "EWR", "LGA") for m in ("temp", "humid", "pressure", "wind_speed")]
# name: (columns, rows, index type, index name, freq, time zone, missing values, first time, last time)
FACTS = {
    "air_passengers": (
        ["passengers"], 144, pd.DatetimeIndex, "month", "MS", None, 0, "1949-01-01", "1960-12-01"
    ),
    "weather": (
        WEATHER, 8730, pd.DatetimeIndex, "time", "h", "America/New_York", 3036,
        "2013-01-01 01:00:00-05:00", "2013-12-30 18:00:00-05:00",
    ),
    "sunspots": (["sunspots"], 309, pd.PeriodIndex, "year", "Y-DEC", None, 0, "1700", "2008"),
    "co2": (["co2"], 2284, pd.DatetimeIndex, "week", "W-SAT", None, 59, "1958-03-29", "2001-12-29"),
}  # fmt: skip


def test_every_data_set_is_in_the_table():
    assert dataset_names() == list(DATASETS) == list(FACTS)


@pytest.mark.parametrize("name", FACTS)
def test_contents_match_the_table(name):
    columns, rows, index_type, index_name, freq, zone, missing, first, last = FACTS[name]
    data = load_dataset(name)
    frame = data.to_frame() if isinstance(data, pd.Series) else data
    index = data.index
    assert isinstance(data, pd.Series) == (len(columns) == 1)
    assert list(frame.columns) == columns
    assert len(frame) == rows
    assert type(index) is index_type
    assert (index.name, index.freqstr) == (index_name, freq)
    assert str(getattr(index, "tz", None)) == str(zone)
    assert index.is_unique and index.is_monotonic_increasing
    assert frame.isna().to_numpy().sum() == missing
    assert np.isfinite(frame.to_numpy(dtype=float, na_value=0.0)).all()
    kind = pd.Period if index_type is pd.PeriodIndex else pd.Timestamp
    assert (index[0], index[-1]) == tuple(kind(t, freq=freq) if kind is pd.Period else kind(t) for t in (first, last))


@pytest.mark.parametrize("name", FACTS)
def test_checksums_of_readme_module_and_file_agree(name):
    section = re.split(r"^## ", (FOLDER / "README.md").read_text(encoding="utf-8"), flags=re.M)
    (text,) = (part for part in section if part.startswith(f"{name}\n"))
    content = (FOLDER / DATASETS[name].file).read_bytes()
    assert re.findall(r"`([0-9a-f]{64})`", text) == [DATASETS[name].sha256] == [hashlib.sha256(content).hexdigest()]
    assert b"\r" not in content
    rows = content.count(b"\n") - 1  # without the header
    assert f"`{DATASETS[name].file}`, {rows} rows" in text


def test_files_are_small():
    assert sum((FOLDER / dataset.file).stat().st_size for dataset in DATASETS.values()) < 1_000_000


def test_air_passengers_equal_the_published_values():
    y = load_dataset("air_passengers")
    assert y.iloc[:6].tolist() == [112, 118, 132, 129, 121, 135]
    assert y.iloc[-3:].tolist() == [461, 390, 432]
    assert y.sum() == 40363


def test_weather_has_every_hour_at_both_clock_changes():
    weather = load_dataset("weather")
    assert weather.loc["2013-03-10"].index.hour.tolist() == [0, 1, *range(3, 24)]
    assert weather.loc["2013-11-03"].index.hour.tolist() == [0, 1, 1, *range(2, 24)]
    assert (np.diff(weather.index.tz_convert("UTC").to_numpy()) == np.timedelta64(1, "h")).all()
    # values of the source next to the clock changes: 10 March 03:00 and the second 3 November 01:00
    assert weather["EWR_temp"][pd.Timestamp("2013-03-10T07:00Z")] == 37.04
    assert weather["JFK_pressure"][pd.Timestamp("2013-11-03T06:00Z")] == 1010.5


def test_impossible_wind_speed_is_read_as_missing():
    newark = load_dataset("weather")["EWR_wind_speed"]
    assert np.isnan(newark[pd.Timestamp("2013-02-12T08:00Z")])
    assert newark.max() < 50
    assert "1048.36058" in (FOLDER / "weather.csv").read_text(encoding="utf-8")


def test_every_call_returns_new_data():
    data = load_dataset("co2")
    data.iloc[:] = 0
    assert load_dataset("co2").iloc[0] == 316.1


def test_unknown_name_error_lists_names_and_suggests_one():
    with pytest.raises(
        ValueError, match=r"'air_pasengers'. The data sets are air_passengers, weather.*mean 'air_passengers'"
    ):
        load_dataset("air_pasengers")
    with pytest.raises(ValueError, match="Pass one of these names"):
        load_dataset("zzz")


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The module as installed from a wheel: the data files are in a folder `data` next to it, outside a checkout."""
    package = tmp_path / "site-packages" / "tsattn"
    package.mkdir(parents=True)
    source = shutil.copy(tsattn.datasets.__file__, package / "datasets.py")
    shutil.copytree(FOLDER, package / "data")
    spec = importlib.util.spec_from_file_location("installed_datasets", source)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)  # dataclasses look up their module there
    spec.loader.exec_module(module)
    return module


def test_installed_package_finds_its_data_files(installed):
    pd.testing.assert_series_equal(installed.load_dataset("sunspots"), load_dataset("sunspots"))


def test_changed_file_is_rejected(installed):
    path = Path(installed.__file__).parent / "data" / "sunspots.csv"
    path.write_bytes(path.read_bytes().replace(b"1700,5\n", b"1700,6\n"))
    with pytest.raises(ValueError, match=r"sunspots\.csv was changed: its sha256 is .*, expected 74b8e3ac"):
        installed.load_dataset("sunspots")


def test_missing_file_is_named(installed):
    shutil.rmtree(Path(installed.__file__).parent / "data")
    with pytest.raises(
        FileNotFoundError, match=r"The data file co2\.csv is missing: neither .*data.* nor .* exists\. Reinstall tsattn"
    ):
        installed.load_dataset("co2")


def test_module_does_not_import_pandas():
    code = "import sys, tsattn.datasets; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_examples_run():
    results = doctest.testmod(tsattn.datasets)
    assert results.attempted > 0 and results.failed == 0
