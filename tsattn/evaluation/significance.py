"""Which of several models are better than others, and which only were so in these windows or on these series."""

import dataclasses
import itertools

import numpy as np
import pandas as pd
from arch.bootstrap import StationaryBootstrap
from scipy import stats
from statsmodels.stats.multitest import multipletests

from tsattn._utils.validation import check_count, check_rate
from tsattn.evaluation.diebold_mariano import ROUNDING, check_losses, diebold_mariano, offset_of

LEAST_BOOTSTRAPPED, LEAST_BLOCKS = 20, 10  # below that, the confidence set drops models that are as good as the others
DRAWS = 1000  # of the bootstrap
LEVEL = 0.05  # of the Nemenyi test


@dataclasses.dataclass(frozen=True, eq=False)
class Ranks:
    """What `mean_ranks` found.

    Args:
        ranks: Series with the mean rank of each model, the best one (near 1) first.
        friedman_p: The p-value of Friedman's test that all models rank alike; of the sign test for two models.
        critical_difference: Mean ranks that differ by less do not differ at 0.05 (Nemenyi).
        series: How many series were ranked.
    """

    ranks: pd.Series
    friedman_p: float
    critical_difference: float
    series: int


def holm(p_values):
    """p-values adjusted for being many: the chance of any false rejection stays below the level (Holm).

    Args:
        p_values: Numbers from 0 to 1; NaN stays NaN and does not count.

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
    """Tests all pairs of models, or all models against one, by Diebold and Mariano, adjusted by Holm.

    Args:
        losses: DataFrame with a row for each origin, in order of time, and a column of mean losses for each model.
        horizon: As in `diebold_mariano`.
        reference: A model that each of the others is compared with. None compares all pairs.

    Returns:
        DataFrame with the columns model_a, model_b (the reference), mean_difference (of the losses, a less b),
        statistic, p_value, p_adjusted and note.

    Raises:
        ValueError: `reference` is not a column, a model is there twice, or a loss is infinite.

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
        found = diebold_mariano(losses[a], losses[b], horizon=horizon)
        rows.append((a, b, (losses[a] - losses[b]).mean(), found.statistic, found.p_value, found.note))
    names = ["model_a", "model_b", "mean_difference", "statistic", "p_value", "note"]
    table = pd.DataFrame(rows, columns=names)
    table.insert(names.index("note"), "p_adjusted", holm(table["p_value"]))
    return table


def confidence_set(losses, *, size=0.1, block, random_state=0):
    """The models that the best one is among, with confidence 1 - size: the model confidence set.

    A model whose losses are those of another one shares its p-value; one whose losses are higher than those of another
    one by the same in every window gets 0.

    Args:
        losses: DataFrame with a row for each origin, in order of time, and a column for each model. Rows with a NaN
            are left out.
        size: The chance that the best model is dropped.
        block: Mean length, in rows, of the blocks that are drawn together; at least as many as windows overlap.
        random_state: Seed of the bootstrap.

    Returns:
        DataFrame on the models with the columns p_value, included (whether that is above `size`) and note. If there
        is one model, or fewer than 20 rows or 10 blocks of them, the note says so, p_value is NaN and all models are
        included.

    Raises:
        ValueError: a model is there twice, or a loss is infinite.

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
    p_values, note, needed = np.full(models, np.nan), "", max(LEAST_BOOTSTRAPPED, LEAST_BLOCKS * block)
    if models < 2:
        note = "One model: nothing to test."
    elif windows < needed:
        overlap = f"with {block} that overlap " if block > 1 else ""
        note = f"Too few windows: {windows}, but {overlap}the set needs at least {needed}."
    else:
        p_values = _set_p_values(values, block, random_state)
    included = np.isnan(p_values) | (p_values > size)
    index = losses.columns.rename("model")
    return pd.DataFrame({"p_value": p_values, "included": included, "note": note}, index=index)


def mean_ranks(scores):
    """Ranks the models on each series, 1 for the best, and tells which mean ranks differ.

    Args:
        scores: DataFrame with a row for each series and a column for each model, lower is better; what differs by
            rounding ties. Rows with a NaN are left out.

    Returns:
        A `Ranks`; with fewer than 2 series or models, its p-value and critical difference are NaN.

    Reference:
        Demsar, 2006, https://jmlr.org/papers/v7/demsar06a.html.

    Example:
        >>> found = mean_ranks(pd.DataFrame({"naive": [3, 2, 2, 4], "ours": [1, 1, 3, 2], "theirs": [2, 3, 1, 3]}))
        >>> found.ranks.to_dict(), found.series
        ({'ours': 1.5, 'theirs': 2.0, 'naive': 2.5}, 4)
        >>> round(found.critical_difference, 3)
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
    return Ranks(ranks.mean().sort_values(kind="stable"), friedman_p, difference, series)


def _without_rounding(scores):
    """Whole numbers in the order of the scores of each row, the same where these differ by rounding."""
    values = scores.to_numpy("float64")
    order = values.argsort(axis=1)
    rising = np.take_along_axis(values, order, axis=1)
    above = np.diff(rising) > ROUNDING * (np.abs(rising[:, 1:]) + np.abs(rising[:, :-1]))
    numbers = np.zeros(values.shape)
    np.put_along_axis(numbers, order[:, 1:], above.cumsum(axis=1), axis=1)
    return pd.DataFrame(numbers, scores.index, scores.columns)


def _friedman(ranks):
    """The p-value of Friedman's test; with two models, of the sign test, which it is then an approximation of."""
    if ranks.eq(ranks.iloc[:, 0], axis=0).all(axis=None):
        return 1.0  # all tied
    if ranks.shape[1] == 2:
        wins, losses = (ranks.iloc[:, 0] < ranks.iloc[:, 1]).sum(), (ranks.iloc[:, 0] > ranks.iloc[:, 1]).sum()
        return float(stats.binomtest(wins, wins + losses).pvalue)
    return float(stats.friedmanchisquare(*ranks.to_numpy().T).pvalue)


def _set_p_values(values, block, random_state):
    """p-values `(models,)` of the confidence set for losses `(windows, models)`."""
    # Where a difference does not vary there is nothing to divide by: such models are decided here, one goes on.
    groups = []
    for model in range(values.shape[1]):
        known = [group for group in groups if offset_of(values[:, model], values[:, group[0]]) is not None]
        if known:
            known[0].append(model)
        else:
            groups.append([model])
    best = [min(group, key=lambda model: values[:, model].mean()) for group in groups]
    found = _eliminate(values[:, best], block, random_state)
    p_values = np.zeros(values.shape[1])
    for group, leader, p_value in zip(groups, best, found, strict=True):
        same = [model for model in group if offset_of(values[:, model], values[:, leader]) == 0]
        p_values[same] = p_value
    return p_values


def _eliminate(values, block, random_state):
    """p-values `(models,)` as of `arch.bootstrap.MCS`, which mistakes the models where two pairs differ the most.

    They do so exactly where a model is the mean of two others, or so bad that the others are the same beside it.
    """
    bootstrap = StationaryBootstrap(block, np.arange(len(values)), seed=random_state)
    means = np.array([values[rows].mean(axis=0) for (rows,), _ in bootstrap.bootstrap(DRAWS)])
    differences = _all_less_all(values.mean(axis=0))
    drawn = _all_less_all(means) - differences
    errors = np.sqrt((drawn**2).mean(axis=0) + np.eye(len(differences)))  # on the diagonal 0 / 1
    differences, drawn = differences / errors, drawn / errors
    left, p_values, p_value = list(range(len(differences))), np.ones(len(differences)), 0.0
    while len(left) > 1:
        worst = differences[np.ix_(left, left)].max(axis=1)
        as_large = drawn[:, left][:, :, left].max(axis=(1, 2)) > worst.max()
        p_value = max(p_value, as_large.mean())
        p_values[left.pop(worst.argmax())] = p_value
    return p_values


def _all_less_all(means):
    return means[..., :, None] - means[..., None, :]


def _check_models(losses):
    twice = losses.columns[losses.columns.duplicated()]
    if len(twice):
        raise ValueError(f"`losses` has the model {twice[0]!r} twice. Give each column its own name.")
    for model in losses.columns:
        check_losses(f"The model {model!r}", losses[model])
