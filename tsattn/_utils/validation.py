"""Checks of arguments. Forecasters make them in `fit` and `predict`, never in `__init__`."""

import numbers


def check_count(name, value, *, least=1):
    """A whole number of at least `least`, as an int.

    Raises:
        ValueError: it is anything else; the message names the argument.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
        raise ValueError(f"`{name}` is {value!r}, but must be a whole number of at least {least}.")
    return int(value)


def check_optional_count(name, value):
    """None, or what `check_count` gives."""
    return None if value is None else check_count(name, value)


def check_rate(name, value, *, below_one=True):
    """A number from 0 to 1, as a float; 1 itself only if not `below_one`.

    Raises:
        ValueError: it is anything else; the message names the argument.
    """
    fits = isinstance(value, numbers.Real) and not isinstance(value, bool) and 0 <= value <= 1
    if not fits or (below_one and value == 1):
        raise ValueError(f"`{name}` is {value!r}, but must be a number from 0 to {'below 1' if below_one else '1'}.")
    return float(value)


def check_choice(name, value, choices):
    """One of the choices.

    Raises:
        ValueError: it is none of them; the message names the argument and the choices.
    """
    if value not in choices:
        raise ValueError(f"`{name}` is {value!r}, but must be one of {', '.join(map(repr, choices))}.")
    return value


def is_same(one, other):
    """Whether two arguments are the same, also where they are indexes of pandas, alone or within dicts."""
    if hasattr(one, "equals"):
        return type(one) is type(other) and one.equals(other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(value, other[name]) for name, value in one.items())
    return not hasattr(other, "equals") and bool(one == other)
