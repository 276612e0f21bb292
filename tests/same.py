"""Deep comparison of two forecasters."""

import dataclasses
import functools

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator


def assert_same(one, other, where="it"):
    """Assert that all pickled attributes have equal values of equal types."""
    assert type(one) is type(other), f"{where}: {type(one)} and {type(other)}"
    if isinstance(one, BaseEstimator):
        assert_same(one.__getstate__(), other.__getstate__(), where)
    elif isinstance(one, dict):
        assert set(one) == set(other), where
        for name in one:
            assert_same(one[name], other[name], f"{where}.{name}")
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), where
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            assert_same(left, right, f"{where}.{number}")
    elif isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other, err_msg=where, strict=True)
    elif isinstance(one, pd.Index):
        pd.testing.assert_index_equal(one, other, exact=True)
        assert getattr(one, "freq", None) == getattr(other, "freq", None), where
        assert [type(value) for value in one] == [type(value) for value in other], where
    elif dataclasses.is_dataclass(one) or (hasattr(one, "__dict__") and type(one).__module__.startswith("tsattn.")):
        cached = {name for name, value in vars(type(one)).items() if isinstance(value, functools.cached_property)}
        plain = [{name: value for name, value in vars(each).items() if name not in cached} for each in (one, other)]
        assert_same(*plain, where)
    else:
        is_missing = one is other or (one != one) is True
        assert is_missing or one == other, f"{where}: {one!r} and {other!r}"
        assert str(one) == str(other), where
