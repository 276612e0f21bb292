"""Significance test results in sentences, for the command line and the report page."""

from tsattn.report.plotly_values import MISSING, text

LEVEL = 0.05  # significance level of the tests of pairs and of mean ranks
CONFIDENCE_SET_SIZE = 0.1  # probability that the model confidence set excludes the best model


def p_value_text(p_value):
    """Format a p-value, a missing one as a dash."""
    if not p_value >= 0:
        return MISSING
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def pair_verdict(test):
    """State which model of a pair is significantly better.

    Args:
        test: Row of the table of `compare_losses`, as a named tuple.

    Returns:
        A phrase, such as "linear is significantly better than seasonal_naive".

    Example:

    >>> import pandas as pd
    >>> tests = pd.DataFrame({"model_a": ["a"], "model_b": ["b"], "mean_difference": [-0.3], "p_adjusted": [0.01]})
    >>> pair_verdict(next(tests.itertuples()))
    'a is significantly better than b'
    """
    if not test.p_adjusted >= 0:
        return "not tested"
    if test.p_adjusted >= LEVEL:
        return "no significant difference"
    better, worse = (test.model_a, test.model_b) if test.mean_difference < 0 else (test.model_b, test.model_a)
    return f"{text(better)} is significantly better than {text(worse)}"


def confidence_set_verdict(table):
    """State the set of models that contains the best one.

    Args:
        table: DataFrame of `confidence_set`.

    Returns:
        A sentence; empty for fewer than two models.
    """
    if len(table) < 2:
        return ""
    if table["p_value"].isna().all():
        return f"Model confidence set: {table['note'].iloc[0]}"
    models = ", ".join(map(text, table.index[table["included"]]))
    confidence = f"{100 * (1 - CONFIDENCE_SET_SIZE):.0f} %"
    return f"Model confidence set: with {confidence} confidence, the best model is among {models}."


def ranks_verdict(critical_difference):
    """State the difference above which mean ranks are significantly different.

    Args:
        critical_difference: Critical difference of the Nemenyi test.
    """
    return f"Mean ranks that differ by less than {critical_difference:.3g} are not significantly different."


def summary(significance, loss, confidence_set, ranks=None):
    """Summarize all tests of a comparison as plain text.

    Args:
        significance: DataFrame of `compare_losses`.
        loss: Description of the tested loss.
        confidence_set: DataFrame of `confidence_set`.
        ranks: `MeanRanks`, or None.

    Returns:
        Paragraphs of text, separated by blank lines.
    """
    paragraphs = [_pairs(significance, loss), confidence_set_verdict(confidence_set)]
    if ranks is not None and len(ranks.ranks) > 1:
        lines = [f"  {text(model)}  {rank:.2f}" for model, rank in ranks.ranks.items()]
        head = f"Mean ranks over {ranks.series} series, 1 is best ({_p_equals(ranks.friedman_p, 'Friedman p')}):"
        if ranks.critical_difference >= 0:
            lines.append(ranks_verdict(ranks.critical_difference))
        paragraphs.append("\n".join([head, *lines]))
    return "\n\n".join(filter(None, paragraphs))


def _pairs(tests, loss):
    if tests.empty:
        return "One candidate: nothing to test."
    if tests["p_adjusted"].isna().all():
        return f"Not tested: {tests['note'].iloc[0]}"
    lines = [f"Diebold-Mariano tests of the {loss}, with Holm's adjustment:"]
    for test in tests.itertuples():
        verdict = pair_verdict(test)
        if not test.p_adjusted < LEVEL:
            verdict = f"{text(test.model_a)} and {text(test.model_b)}: {verdict}"
        lines.append(f"  {verdict}" + (f" ({_p_equals(test.p_adjusted)})" if test.p_adjusted >= 0 else ""))
    return "\n".join([*lines, *(f"  {note}" for note in dict.fromkeys(tests["note"]) if note)])


def _p_equals(p_value, name="p"):
    value = p_value_text(p_value)
    return f"{name} {value}" if value.startswith("<") else f"{name} = {value}"
