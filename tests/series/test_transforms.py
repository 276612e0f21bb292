"""Increasing functions of the values of series, their inverses and domains."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsattn.series.panel import read_panel
from tsattn.series.transforms import TRANSFORMS

EXPECTED = {
    "log": (np.e**2, 2.0),
    "log1p": (np.e**2 - 1, 2.0),
    "sqrt": (9.0, 3.0),
    "asinh": (-(np.e - 1 / np.e) / 2, -1.0),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_function_and_its_inverse(name):
    value, expected = EXPECTED[name]
    transform = TRANSFORMS[name]
    assert transform.name == name
    np.testing.assert_allclose(transform.apply(np.array([value, np.nan], "float32")), [expected, np.nan], rtol=1e-6)
    np.testing.assert_allclose(transform.invert(np.array([expected, np.nan])), [value, np.nan], rtol=1e-12)
    assert transform.apply(np.ones(1, "float32")).dtype == np.float64


@pytest.mark.parametrize("name", TRANSFORMS)
@given(values=st.lists(st.floats(-800, 800), min_size=2))
def test_an_inverse_is_increasing_and_in_the_domain(name, values):
    """Forecasts of any size can be forecast further."""
    transform = TRANSFORMS[name]
    inverse = transform.invert(np.sort(values))
    assert (np.diff(inverse[np.isfinite(inverse)]) >= 0).all() and not np.isnan(inverse).any()
    assert (inverse >= transform.lowest).all()
    assert np.isfinite(transform.apply(inverse[np.isfinite(inverse)])).all()


DAYS = pd.date_range("2024-03-01", periods=4)
OUTSIDE = [
    ("log", 0.0, "values above 0. Use 'log1p' or 'sqrt' or 'asinh', or correct the value."),
    ("log", -2.5, "values above 0. Use 'asinh', or correct the value."),
    ("log1p", -1.0, "values above -1. Use 'asinh', or correct the value."),
    ("sqrt", -0.5, "values of at least 0. Use 'log1p' or 'asinh', or correct the value."),
]


@pytest.mark.parametrize(("name", "value", "advice"), OUTSIDE)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_value_outside_of_the_domain_is_named_with_other_functions(name, value, advice, dtype):
    y = pd.concat({"a": pd.Series([1.0, np.nan, 2.0, 3.0], DAYS), "b": pd.Series([4.0, 3.0, value, 5.0], DAYS)})
    y = pd.DataFrame({"in": 1.0, "out": y}).rename_axis(["shop", "day"]).astype(dtype)
    with pytest.raises(ValueError) as error:
        TRANSFORMS[name].check_domain(*read_panel(y))
    place = f"Column 'out' of series 'b' of `y` is {value:g} at 2024-03-03 00:00:00"
    assert str(error.value) == f"{place}, but `target_transform` is '{name}', which requires {advice}"
    TRANSFORMS[name].check_domain(*read_panel(y.replace(value, 7.0)))
    TRANSFORMS["asinh"].check_domain(*read_panel(y))
