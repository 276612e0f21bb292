"""Single values such as names and ids as plain values: a closed list of types, each restored exactly."""

import datetime
import math
import uuid
import zoneinfo
from contextlib import suppress

import numpy as np
import pandas as pd

from tsattn.persistence.error import ModelFileError

NUMPY = {dtype: np.dtype(dtype).type for dtype in ("bool", "str", "float16", "float32", "float64")}
NUMPY.update({f"{sign}int{bits}": np.dtype(f"{sign}int{bits}").type for sign in ("", "u") for bits in (8, 16, 32, 64)})
SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
MISSING = {"NA": pd.NA, "NaT": pd.NaT}


def write_label(value, name):
    """Convert a value to plain values: the value itself if JSON has its type, else a dict from the name of its type.

    Args:
        value: The value.
        name: Location of the value, for error messages.

    Raises:
        ModelFileError: If it is of a type that a model file cannot store.
    """
    kind = type(value)
    if value is None or kind in (bool, int, str) or (kind is float and math.isfinite(value)):
        return value
    for word, (python, write, _) in TYPES.items():
        if kind is python or (python is np.generic and kind in NUMPY.values()):
            return {word: write(value, name)}
    raise ModelFileError(
        f"{name} is {value!r} of type {kind.__module__}.{kind.__qualname__}, which a model file cannot store. Use "
        "text, numbers, times or tuples of them, or pickle the forecaster."
    )


def read_label(plain, name):
    """Convert plain values from `write_label` back to a value.

    Args:
        plain: The plain values.
        name: Location of the values, for error messages.

    Raises:
        ModelFileError: If the plain values have an invalid structure.
        ValueError: If the content is not valid.
        TypeError: If the content is not valid.
    """
    if plain is None or type(plain) in (bool, int, float, str):
        return plain
    if type(plain) is dict and len(plain) == 1:
        ((word, content),) = plain.items()
        if word in TYPES:
            return TYPES[word][2](content, name)
    raise ModelFileError(f"{name} is {str(plain)[:80]}, which is not a value of a model file.")


def _write_zone(zone):
    if zone is None:
        return None
    name = str(zone)
    with suppress(KeyError, ValueError):  # raised for an unknown name
        return zoneinfo.ZoneInfo(name).key
    offset = zone.utcoffset(None)
    if offset is None:
        raise ModelFileError(f"The time zone {zone!r} has no name that a model file can store. Use `tz_convert` first.")
    return offset.total_seconds()


def _read_zone(plain):
    if isinstance(plain, str):
        return datetime.UTC if plain == "UTC" else zoneinfo.ZoneInfo(plain)
    return None if plain is None else datetime.timezone(datetime.timedelta(seconds=plain))


def _write_timestamp(value, name):
    naive = value.to_datetime64()  # in UTC
    return [int(naive.astype("int64")), value.unit, _write_zone(value.tz)]


def _read_timestamp(plain, name):
    count, unit, zone = plain
    naive = pd.Timestamp(np.datetime64(count, unit))
    return naive if zone is None else naive.tz_localize("UTC").tz_convert(_read_zone(zone))


def _write_datetime64(value, name):
    return [int(value.astype("int64")), *np.datetime_data(value.dtype)]


def _write_numpy(value, name):
    word = next(word for word, kind in NUMPY.items() if kind is type(value))
    return [word, write_label(value.item(), name)]


def _write_period(value, name):
    return [value.ordinal, value.freqstr]


def _write_interval(value, name):
    return [write_label(value.left, name), write_label(value.right, name), value.closed]


def _read_interval(plain, name):
    left, right, closed = plain
    return pd.Interval(read_label(left, name), read_label(right, name), closed)


def _write_missing(value, name):
    return next(word for word, known in MISSING.items() if known is value)


# Name of each type in a file: the type, and the functions that convert its values to plain values and back.
TYPES = {
    "float": (float, lambda value, name: str(value), lambda plain, name: SPECIAL[plain]),
    "tuple": (
        tuple,
        lambda value, name: [write_label(part, name) for part in value],
        lambda plain, name: tuple(read_label(part, name) for part in plain),
    ),
    "numpy": (np.generic, _write_numpy, lambda plain, name: NUMPY[plain[0]](read_label(plain[1], name))),
    "timestamp": (pd.Timestamp, _write_timestamp, _read_timestamp),
    "timedelta": (
        pd.Timedelta,
        lambda value, name: [int(value.to_timedelta64().astype("int64")), value.unit],
        lambda plain, name: pd.Timedelta(np.timedelta64(*plain)),
    ),
    "period": (pd.Period, _write_period, lambda plain, name: pd.Period(ordinal=plain[0], freq=plain[1])),
    "interval": (pd.Interval, _write_interval, _read_interval),
    "date": (
        datetime.date,
        lambda value, name: value.isoformat(),
        lambda plain, name: datetime.date.fromisoformat(plain),
    ),
    "time": (
        datetime.time,
        lambda value, name: value.isoformat(),
        lambda plain, name: datetime.time.fromisoformat(plain),
    ),
    "datetime": (
        datetime.datetime,
        lambda value, name: [value.replace(tzinfo=None).isoformat(), value.fold, _write_zone(value.tzinfo)],
        lambda plain, name: datetime.datetime.fromisoformat(plain[0]).replace(
            fold=plain[1], tzinfo=_read_zone(plain[2])
        ),
    ),
    "duration": (
        datetime.timedelta,
        lambda value, name: [value.days, value.seconds, value.microseconds],
        lambda plain, name: datetime.timedelta(*plain),
    ),
    "datetime64": (np.datetime64, _write_datetime64, lambda plain, name: np.datetime64(plain[0], tuple(plain[1:]))),
    "uuid": (uuid.UUID, lambda value, name: value.hex, lambda plain, name: uuid.UUID(plain)),
    "missing": (type(pd.NA), _write_missing, lambda plain, name: MISSING[plain]),
    "no time": (type(pd.NaT), _write_missing, lambda plain, name: MISSING[plain]),
}
