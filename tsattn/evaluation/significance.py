"""Significance tests: which differences between models exceed the variation over windows and series."""

import dataclasses
import itertools

import numpy as np
import pandas as pd
from arch.bootstrap import StationaryBootstrap
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.multitest import multipletests

from tsattn._utils.validation import check_count, check_rate
from tsattn.report.verdicts import CONFIDENCE_SET_SIZE, LEVEL

MIN_WINDOWS = 8  # the smallest sample that Harvey et al. studied
# Windows per overlapping window. At level 0.05, the test rejects equal forecasts in up to 18 % of the cases with the
# minimum, in up to 10 % with enough, and in 7 % with 20; simulated with normal moving sums and horizons from 2 to 24.
MIN_WINDOWS_PER_OVERLAP, ENOUGH_WINDOWS_PER_OVERLAP = 4, 10
MIN_BOOTSTRAP_WINDOWS, MIN_BLOCKS = 20, 10  # with fewer, the confidence set excludes equally good models
BOOTSTRAP_SAMPLES = 1000
ROUNDING = 1e-12  # relative; losses that differ by less are equal


@dataclasses.dataclass(frozen=True)
class DieboldMariano:
    """Result of `diebold_mariano`.

    Args:
        statistic: Negative if the first forecast has the smaller mean loss.
        p_value: Two-sided p-value.
        note: Description of a limitation of this test, or an empty string.
    """

    statistic: float
    p_value: float
    note: str = ""


@dataclasses.dataclass(frozen=True, eq=False)
class MeanRanks:
    """Result of `mean_ranks`.

    Args:
        ranks: Series with the mean rank of each model, the best (closest to 1) first.
        friedman_p: p-value of Friedman's test that all models rank equally; of the sign test for two models.
        critical_difference: Mean ranks that differ by less do not differ significantly at level 0.05 (Nemenyi).
        series: Number of ranked series.
    """

    ranks: pd.Series
    friedman_p: float
    critical_difference: float
    series: int


def diebold_mariano(first, second, *, horizon=1):
    """Test whether two forecasts of the same windows have the same expected loss.

    The variance of the mean difference includes its autocovariances up to lag `horizon - 1` with equal weights, as
    proposed by Diebold and Mariano. If that is not positive, Bartlett weights are used. (R's `dm.test` then uses no
    autocovariances, and offers Bartlett weights as an option.)

    Args:
        first: Losses of a forecast, `(windows,)`, in order of time. A window with a NaN in either forecast is ignored.
        second: Losses of the other forecast in the same windows.
        horizon: Number of consecutive windows that overlap: the forecast horizon divided by the stride. Defaults to 1.

    Returns:
        A `DieboldMariano`. Statistic and p-value are NaN for fewer than 8 windows, or fewer than 4 per overlapping
        window. With fewer, equal forecasts would be rejected more than three times as often as the level states.

    Raises:
        ValueError: If the losses have different shapes or more than one dimension, or a loss is infinite.

    Reference:
        Diebold and Mariano, 1995, https://doi.org/10.1080/07350015.1995.10524599. Small-sample correction and Student's
        distribution: Harvey et al., 1997, https://doi.org/10.1016/S0169-2070(96)00719-4.

    Example:

    >>> first, second = [1, 2, 1, 3, 2, 1, 2, 1], [2, 2, 3, 3, 1, 3, 4, 2]
    >>> result = diebold_mariano(first, second)
    >>> round(result.statistic, 3), round(result.p_value, 3)
    (-2.198, 0.064)
    >>> diebold_mariano(first, second, horizon=3).note
    'Too few windows: 8, but the test needs at least 12 because 3 consecutive windows overlap.'
    """
    horizon = check_count("horizon", horizon)
    first, second = _check_losses("`first`", first), _check_losses("`second`", second)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(
            f"`first` has the shape {first.shape} and `second` {second.shape}, but both must have one loss per window, "
            "(windows,). Average over the steps and series of a window first."
        )
    known = ~np.isnan(first + second)
    first, second = first[known], second[known]
    count, difference = len(first), first - second
    needed = max(MIN_WINDOWS, MIN_WINDOWS_PER_OVERLAP * horizon)
    if count < needed:
        return DieboldMariano(np.nan, np.nan, _too_few_windows("test", count, needed, horizon))
    offset = _constant_difference(first, second)
    if offset == 0:
        return DieboldMariano(0.0, 1.0, "The losses are identical.")
    if offset is not None:
        note = "The losses differ by the same amount in every window."
        return DieboldMariano(float(np.copysign(np.inf, offset)), 0.0, note)
    notes = []
    variance = _variance_of_mean(difference, horizon - 1, "uniform")
    if variance <= 0:
        variance = _variance_of_mean(difference, horizon - 1, "bartlett")
        notes.append("The variance estimate with equal weights is not positive: Bartlett weights are used.")
    if horizon > 1 and count < (enough := ENOUGH_WINDOWS_PER_OVERLAP * horizon):
        notes.append(
            f"Few windows: {count}, but {horizon} consecutive windows overlap. With fewer than {enough}, the p-value "
            "may be too small."
        )
    correction = (count + 1 - 2 * horizon + horizon * (horizon - 1) / count) / count
    statistic = float(difference.mean() * np.sqrt(correction / variance))
    return DieboldMariano(statistic, float(2 * stats.t.sf(abs(statistic), count - 1)), " ".join(notes))


def _too_few_windows(what, count, needed, overlap):
    reason = f" because {overlap} consecutive windows overlap" if overlap > 1 else ""
    return f"Too few windows: {count}, but the {what} needs at least {needed}{reason}."


def _variance_of_mean(difference, lags, kernel):
    """Return the variance of a mean, with autocovariances up to a lag. The mean is a regression on a constant."""
    options = {"maxlags": lags, "kernel": kernel}
    return OLS(difference, np.ones(len(difference))).fit(cov_type="HAC", cov_kwds=options).cov_params()[0, 0]


def _constant_difference(first, second):
    """Return the difference between losses if it is constant over the windows, up to rounding, else None."""
    difference, rounding = first - second, ROUNDING * (np.abs(first) + np.abs(second))
    if (np.abs(difference) <= rounding).all():
        return 0.0
    offset = np.median(difference)
    return float(offset) if (np.abs(difference - offset) <= rounding).all() else None


def holm(p_values):
    """Adjust p-values for multiple tests, to bound the probability of any false rejection (Holm).

    Args:
        p_values: Numbers from 0 to 1. NaN stays NaN and is not counted.

    Returns:
        Array of the same length.

    Reference:
        Holm, 1979, https://www.jstor.org/stable/4615733.

    Example:

    >>> [round(float(p), 3) for p in holm([0.01, 0.04, np.nan, 0.03])]
    [0.03, 0.06, nan, 0.06]
    """
    adjusted = np.array(p_values, dtype="float64")
    known = ~np.isnan(adjusted)
    if known.any():
        adjusted[known] = multipletests(adjusted[known], method="holm")[1]
    return adjusted


def compare_losses(losses, *, horizon, reference=None):
    """Test all pairs of models, or all models against one, by Diebold-Mariano tests with Holm's adjustment.

    Args:
        losses: DataFrame with one row per origin, in order of time, and one column of mean losses per model.
        horizon: As in `diebold_mariano`.
        reference: Model that each other model is compared with. None compares all pairs. Defaults to None.

    Returns:
        DataFrame with the columns model_a, model_b (the reference), mean_difference (mean loss of a minus that of b),
        statistic, p_value, p_adjusted and note.

    Raises:
        ValueError: If `reference` is not a column, a model is duplicated, or a loss is infinite.

    Example:

    >>> losses = pd.DataFrame({"naive": [3, 2, 4, 3, 5, 3, 4, 4.0], "ours": [1, 2, 1, 3, 2, 1, 2, 1.0]})
    >>> compare_losses(losses, horizon=1)[["model_a", "model_b", "mean_difference", "p_value"]].round(3)
      model_a model_b  mean_difference  p_value
    0   naive    ours            1.875    0.004
    """
    _check_models(losses)
    pairs = itertools.combinations(losses.columns, 2)
    if reference is not None:
        if reference not in losses.columns:
            raise ValueError(f"`reference` is {reference!r}, but must be one of {', '.join(map(repr, losses))}.")
        pairs = ((model, reference) for model in losses.columns if model != reference)
    rows = []
    for a, b in pairs:
        test = diebold_mariano(losses[a], losses[b], horizon=horizon)
        rows.append((a, b, (losses[a] - losses[b]).mean(), test.statistic, test.p_value, test.note))
    names = ["model_a", "model_b", "mean_difference", "statistic", "p_value", "note"]
    table = pd.DataFrame(rows, columns=names)
    table.insert(names.index("note"), "p_adjusted", holm(table["p_value"]))
    return table


def confidence_set(losses, *, size=CONFIDENCE_SET_SIZE, block, random_state=0):
    """Model confidence set: the models that include the best one with confidence `1 - size`.

    Models with identical losses share a p-value. A model whose losses exceed those of another one by the same amount in
    every window has a p-value of 0.

    Args:
        losses: DataFrame with one row per origin, in order of time, and one column per model. Rows with a NaN are
            ignored.
        size: Probability that the best model is excluded. Defaults to 0.1.
        block: Mean length of the bootstrap blocks, in rows; at least the number of overlapping windows.
        random_state: Seed of the bootstrap. Defaults to 0.

    Returns:
        DataFrame on the models with the columns p_value, included (whether p_value exceeds `size`) and note. With one
        model, or fewer than 20 rows or 10 blocks, p_value is NaN, all models are included, and the note states the
        reason.

    Raises:
        ValueError: If a model is duplicated, or a loss is infinite.

    Reference:
        Hansen et al., 2011, https://doi.org/10.3982/ECTA5771, with the range statistic.

    Example:

    >>> noise = np.random.default_rng(0).uniform(size=(40, 3))
    >>> losses = pd.DataFrame(noise + [0, 0, 1], columns=["a", "b", "worse"])
    >>> confidence_set(losses, block=1)["included"].to_dict()
    {'a': True, 'b': True, 'worse': False}
    """
    size, block = check_rate("size", size), check_count("block", block)
    _check_models(losses)
    values = losses.dropna().to_numpy("float64")
    windows, models = values.shape
    p_values, note, needed = np.full(models, np.nan), "", max(MIN_BOOTSTRAP_WINDOWS, MIN_BLOCKS * block)
    if models < 2:
        note = "One model: nothing to test."
    elif windows < needed:
        note = _too_few_windows("set", windows, needed, block)
    else:
        p_values = _confidence_p_values(values, block, random_state)
    included = np.isnan(p_values) | (p_values > size)
    index = losses.columns.rename("model")
    return pd.DataFrame({"p_value": p_values, "included": included, "note": note}, index=index)


def _confidence_p_values(values, block, random_state):
    """Return the p-values `(models,)` of the confidence set for losses `(windows, models)`."""
    # A constant difference has zero variance: of each group of such models, only the best is tested.
    groups = []
    for model in range(values.shape[1]):
        known = [group for group in groups if _constant_difference(values[:, model], values[:, group[0]]) is not None]
        if known:
            known[0].append(model)
        else:
            groups.append([model])
    best = [min(group, key=lambda model: values[:, model].mean()) for group in groups]
    p_values = np.zeros(values.shape[1])
    tested = _eliminate(values[:, best], block, random_state)
    for group, leader, p_value in zip(groups, best, tested, strict=True):
        same = [model for model in group if _constant_difference(values[:, model], values[:, leader]) == 0]
        p_values[same] = p_value
    return p_values


def _eliminate(values, block, random_state):
    """Return the p-values `(models,)` of sequential elimination, as `arch.bootstrap.MCS`.

    If several pairs share the largest statistic, `MCS` eliminates several models at once, possibly the best. That
    occurs if one model is the mean of two others, or so much worse that the differences to the others are equal.
    """
    bootstrap = StationaryBootstrap(block, np.arange(len(values)), seed=random_state)
    means = np.array([values[rows].mean(axis=0) for (rows,), _ in bootstrap.bootstrap(BOOTSTRAP_SAMPLES)])
    differences = _pairwise_differences(values.mean(axis=0))
    samples = _pairwise_differences(means) - differences
    errors = np.sqrt(
        (samples**2).mean(axis=0) + np.eye(len(differences))
    )  # 1 on the diagonal, to avoid a division of 0 by 0
    differences, samples = differences / errors, samples / errors
    left, p_values, p_value = list(range(len(differences))), np.ones(len(differences)), 0.0
    while len(left) > 1:
        worst = differences[np.ix_(left, left)].max(axis=1)
        exceeded = samples[:, left][:, :, left].max(axis=(1, 2)) > worst.max()
        p_value = max(p_value, exceeded.mean())
        p_values[left.pop(worst.argmax())] = p_value
    return p_values


def _pairwise_differences(means):
    return means[..., :, None] - means[..., None, :]


def mean_ranks(scores):
    """Rank the models on each series, 1 for the best, and test which mean ranks differ.

    Args:
        scores: DataFrame with one row per series and one column per model, lower is better. Scores that differ only by
            rounding are tied. Rows with a NaN are ignored.

    Returns:
        A `MeanRanks`. For fewer than 2 series or models, its p-value and critical difference are NaN.

    Reference:
        Demšar, 2006, https://jmlr.org/papers/v7/demsar06a.html.

    Example:

    >>> result = mean_ranks(pd.DataFrame({"naive": [3, 2, 2, 4], "ours": [1, 1, 3, 2], "theirs": [2, 3, 1, 3]}))
    >>> result.ranks.to_dict(), result.series
    ({'ours': 1.5, 'theirs': 2.0, 'naive': 2.5}, 4)
    >>> round(result.critical_difference, 3)
    1.657
    """
    scores = scores.dropna()
    series, models = scores.shape
    ranks = _without_rounding(scores).rank(axis=1)
    friedman_p = difference = np.nan
    if min(series, models) > 1:
        friedman_p = _friedman(ranks)
        quantile = stats.studentized_range.ppf(1 - LEVEL, models, np.inf) / np.sqrt(2)
        difference = float(quantile * np.sqrt(models * (models + 1) / (6 * series)))
    return MeanRanks(ranks.mean().sort_values(kind="stable"), friedman_p, difference, series)


def _without_rounding(scores):
    """Return integers in the order of the scores in each row, equal if scores differ only by rounding."""
    values = scores.to_numpy("float64")
    order = values.argsort(axis=1)
    increasing = np.take_along_axis(values, order, axis=1)
    above = np.diff(increasing) > ROUNDING * (np.abs(increasing[:, 1:]) + np.abs(increasing[:, :-1]))
    integers = np.zeros(values.shape)
    np.put_along_axis(integers, order[:, 1:], above.cumsum(axis=1), axis=1)
    return pd.DataFrame(integers, scores.index, scores.columns)


def _friedman(ranks):
    """Return the p-value of Friedman's test, or of the sign test for two models, which Friedman's approximates."""
    if ranks.eq(ranks.iloc[:, 0], axis=0).all(axis=None):
        return 1.0  # all tied
    if ranks.shape[1] == 2:
        wins, losses = (ranks.iloc[:, 0] < ranks.iloc[:, 1]).sum(), (ranks.iloc[:, 0] > ranks.iloc[:, 1]).sum()
        return float(stats.binomtest(wins, wins + losses).pvalue)
    return float(stats.friedmanchisquare(*ranks.to_numpy().T).pvalue)


def _check_models(losses):
    duplicates = losses.columns[losses.columns.duplicated()]
    if len(duplicates):
        raise ValueError(f"`losses` contains the model {duplicates[0]!r} twice. Give each column a unique name.")
    for model in losses.columns:
        _check_losses(f"The model {model!r}", losses[model])


def _check_losses(name, losses):
    """Return losses as float64, NaN where missing."""
    losses = np.asarray(losses, dtype="float64")
    if np.isinf(losses).any():
        raise ValueError(f"{name} has an infinite loss in window {int(np.isinf(losses).argmax())}. Drop that window.")
    return losses
