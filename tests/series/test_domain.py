"""Domains of series: their checks, and quantiles of counts from those of counts with noise."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tsattn.series.domain import Domain, jitter, spread
from tsattn.series.panel import read_panel

POSITIVE, COUNTS = Domain(), Domain(counts=True)
DAYS = pd.date_range("2024-03-01", periods=4)
DISTRIBUTIONS = {
    "rare": stats.poisson(0.3),
    "few": stats.poisson(2.0),
    "many": stats.poisson(20.0),
    "overdispersed": stats.nbinom(0.5, 0.2),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_quantiles_of_counts_are_those_of_their_jittered_values(name):
    distribution, generator = DISTRIBUTIONS[name], np.random.default_rng(0)
    levels = np.linspace(0.01, 0.99, 99)
    near = np.abs(distribution.cdf(np.arange(100))[:, None] - levels).min(axis=0) < 0.005  # where the samples decide
    levels = levels[~near]
    jittered = jitter(distribution.rvs(200_000, random_state=generator).astype("float64"), generator)
    found = COUNTS.restrict(np.quantile(jittered, levels))
    np.testing.assert_array_equal(found, distribution.ppf(levels))


def test_restricted_values():
    values = np.array([-1.0, -0.2, 0.3, 0.5, 0.5001, 1.5, 2.4999, np.nan])
    np.testing.assert_array_equal(POSITIVE.restrict(values), [0, 0, 0.3, 0.5, 0.5001, 1.5, 2.4999, np.nan])
    found = COUNTS.restrict(values)
    np.testing.assert_array_equal(found, [0, 0, 0, 0, 1, 1, 2, np.nan])
    assert not np.signbit(found[:-1]).any()
    np.testing.assert_array_equal(COUNTS.restrict(found), found)


def test_noise_is_uniform_and_keeps_the_count():
    generator = np.random.default_rng(0)
    counts = np.array([0.0, 1.0, 7.0, np.nan]).repeat(10_000)
    noise = jitter(counts, generator) - counts
    assert np.isnan(noise[-10_000:]).all() and (np.abs(noise[:-10_000]) <= 0.5).all()
    np.testing.assert_allclose(np.quantile(noise[10_000:20_000], [0.1, 0.5, 0.9]), [-0.4, 0.0, 0.4], atol=0.02)
    assert noise[:10_000].min() == 0  # no jittered value is below 0
    jittered, both = jitter(counts, generator)[10_000:30_000], spread(counts[10_000:30_000, None])
    assert both.mean() == pytest.approx(jittered.mean(), abs=0.01)
    assert both.std() == pytest.approx(jittered.std(), abs=0.01)


def columns(value):
    y = pd.concat({"a": pd.Series([1.0, np.nan, 2.0, 3.0], DAYS), "b": pd.Series([4.0, 3.0, value, 5.0], DAYS)})
    return pd.DataFrame({"in": 1.0, "out": y}).rename_axis(["shop", "day"])


OUTSIDE = [
    (POSITIVE, -2.0, "`positive` is True, which requires values of at least 0. Remove `positive`"),
    (COUNTS, -2.0, "`counts` is True, which requires values of at least 0. Remove `counts`"),
    (COUNTS, 1000000.5, "`counts` is True, which requires whole numbers. Remove `counts`"),
]


@pytest.mark.parametrize(("domain", "value", "advice"), OUTSIDE)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_value_outside_of_the_domain_is_named(domain, value, advice, dtype):
    with pytest.raises(ValueError) as error:
        domain.checked(*read_panel(columns(value).astype(dtype)))
    assert str(error.value).startswith(
        f"Column 'out' of series 'b' of `y` is {value} at 2024-03-03 00:00:00, but {advice}"
    )
    for other in (POSITIVE, COUNTS):
        panel, layout = read_panel(columns(6.0).astype(dtype))
        checked = other.checked(panel, layout)
        assert checked.values is panel.values and checked.counts == other.counts
