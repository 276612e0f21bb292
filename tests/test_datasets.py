"""The embedded data sets: what they contain, and that nobody changed them unnoticed."""

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


def test_every_dataset_has_its_facts():
    assert dataset_names() == list(DATASETS) == list(FACTS)


@pytest.mark.parametrize("name", FACTS)
def test_contents(name):
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
def test_readme_table_and_file_have_one_checksum(name):
    section = re.split(r"^## ", (FOLDER / "README.md").read_text(encoding="utf-8"), flags=re.M)
    (text,) = (part for part in section if part.startswith(f"{name}\n"))
    content = (FOLDER / DATASETS[name].file).read_bytes()
    assert re.findall(r"`([0-9a-f]{64})`", text) == [DATASETS[name].sha256] == [hashlib.sha256(content).hexdigest()]
    assert b"\r" not in content
    rows = content.count(b"\n") - 1  # less the header
    assert f"`{DATASETS[name].file}`, {rows} rows" in text


def test_the_files_are_small():
    assert sum((FOLDER / dataset.file).stat().st_size for dataset in DATASETS.values()) < 1_000_000


def test_air_passengers_are_those_of_box_and_jenkins():
    y = load_dataset("air_passengers")
    assert y.iloc[:6].tolist() == [112, 118, 132, 129, 121, 135]
    assert y.iloc[-3:].tolist() == [461, 390, 432]
    assert y.sum() == 40363


def test_weather_counts_true_hours_over_both_clock_changes():
    weather = load_dataset("weather")
    assert weather.loc["2013-03-10"].index.hour.tolist() == [0, 1, *range(3, 24)]
    assert weather.loc["2013-11-03"].index.hour.tolist() == [0, 1, 1, *range(2, 24)]
    assert (np.diff(weather.index.tz_convert("UTC").to_numpy()) == np.timedelta64(1, "h")).all()
    # known values of the source beside the changes: 10 March 03:00 and the second 3 November 01:00
    assert weather["EWR_temp"][pd.Timestamp("2013-03-10T07:00Z")] == 37.04
    assert weather["JFK_pressure"][pd.Timestamp("2013-11-03T06:00Z")] == 1010.5


def test_weather_reads_the_impossible_gale_as_missing():
    newark = load_dataset("weather")["EWR_wind_speed"]
    assert np.isnan(newark[pd.Timestamp("2013-02-12T08:00Z")])
    assert newark.max() < 50
    assert "1048.36058" in (FOLDER / "weather.csv").read_text(encoding="utf-8")


def test_every_call_gives_a_frame_of_its_own():
    mine = load_dataset("co2")
    mine.iloc[:] = 0
    assert load_dataset("co2").iloc[0] == 316.1


def test_unknown_name_lists_the_names_and_the_closest():
    with pytest.raises(ValueError, match=r"'air_pasengers', only air_passengers, weather.*mean 'air_passengers'"):
        load_dataset("air_pasengers")
    with pytest.raises(ValueError, match="Pass one of these names"):
        load_dataset("zzz")


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The module as a wheel lays it out: the data files in a folder `data` beside it, no checkout around."""
    package = tmp_path / "site-packages" / "tsattn"
    package.mkdir(parents=True)
    source = shutil.copy(tsattn.datasets.__file__, package / "datasets.py")
    shutil.copytree(FOLDER, package / "data")
    spec = importlib.util.spec_from_file_location("installed_datasets", source)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def test_an_installed_package_finds_its_files(installed):
    pd.testing.assert_series_equal(installed.load_dataset("sunspots"), load_dataset("sunspots"))


def test_a_changed_file_is_refused(installed):
    path = Path(installed.__file__).parent / "data" / "sunspots.csv"
    path.write_bytes(path.read_bytes().replace(b"1700,5\n", b"1700,6\n"))
    with pytest.raises(ValueError, match=r"sunspots\.csv was changed: its sha256 is .* is expected"):
        installed.load_dataset("sunspots")


def test_a_missing_file_is_named(installed):
    shutil.rmtree(Path(installed.__file__).parent / "data")
    with pytest.raises(FileNotFoundError, match=r"The data file co2\.csv is neither .*Install tsattn again"):
        installed.load_dataset("co2")


def test_importing_the_module_does_not_import_pandas():
    code = "import sys, tsattn.datasets; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_examples_run():
    results = doctest.testmod(tsattn.datasets)
    assert results.attempted > 0 and results.failed == 0
