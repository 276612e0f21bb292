"""Checks of arguments. Forecasters call them in `fit` and `predict`, never in `__init__`."""

import numbers


def check_count(name, value, *, least=1):
    """Check that an argument is an integer of at least `least`.

    Returns:
        The value as an int.

    Raises:
        ValueError: If it is not.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
        raise ValueError(f"`{name}` is {value!r}, but must be an integer of at least {least}.")
    return int(value)


def check_optional_count(name, value):
    """Check that an argument is None or passes `check_count`; return it."""
    return None if value is None else check_count(name, value)


def check_rate(name, value, *, below_one=True):
    """Check that an argument is a number from 0 to 1.

    Args:
        name: Name of the argument.
        value: Its value.
        below_one: Whether to exclude 1 itself. Defaults to True.

    Returns:
        The value as a float.

    Raises:
        ValueError: If `value` is not such a number.
    """
    is_rate = isinstance(value, numbers.Real) and not isinstance(value, bool) and 0 <= value <= 1
    if not is_rate or (below_one and value == 1):
        raise ValueError(f"`{name}` is {value!r}, but must be a number from 0 to {'below 1' if below_one else '1'}.")
    return float(value)


def check_choice(name, value, choices):
    """Check that an argument is one of the choices; return it.

    Raises:
        ValueError: If it is not.
    """
    if value not in choices:
        raise ValueError(f"`{name}` is {value!r}, but must be one of {', '.join(map(repr, choices))}.")
    return value


def is_same(one, other):
    """Return whether two arguments are equal, including pandas indexes, alone or in dicts."""
    if hasattr(one, "equals"):
        return type(one) is type(other) and one.equals(other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(value, other[name]) for name, value in one.items())
    return not hasattr(other, "equals") and bool(one == other)
