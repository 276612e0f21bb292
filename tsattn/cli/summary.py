"""Summarise the significance tests of a comparison in words."""

LEVEL = 0.05  # of significance


def failure_summary(result):
    """List the candidates that failed, one line each."""
    return "\n".join(f"  {name}: {error}" for name, error in result.errors.items())


def significance_summary(result):
    """Summarise the tests of a `Comparison`: of pairs, of all candidates, and of mean ranks over many series."""
    parts = [_pairs(result), _confidence_set(result.confidence_set)]
    if result.ranks is not None and len(result.ranks.ranks) > 1:
        parts.append(_ranks(result.ranks))
    return "\n\n".join(part for part in parts if part)


def _pairs(result):
    tests = result.significance
    if tests.empty:
        return "One candidate: nothing to test."
    if tests["p_adjusted"].isna().all():
        return f"Not tested: {tests['note'].iloc[0]}"
    lines = [f"Diebold-Mariano tests of the {result.loss}, Holm's adjustment:"]
    for row in tests.itertuples():
        better, worse = (row.model_a, row.model_b) if row.mean_difference < 0 else (row.model_b, row.model_a)
        significant = row.p_adjusted < LEVEL
        finding = f"{better} is better than {worse}" if significant else f"{better} and {worse}: not significant"
        lines.append(f"  {finding} (p {row.p_adjusted:.3f})")
    return "\n".join([*lines, *(f"  {note}" for note in dict.fromkeys(tests["note"]) if note)])


def _confidence_set(table):
    if len(table) < 2:
        return ""
    if table["p_value"].isna().all():
        return f"Model confidence set: {table['note'].iloc[0]}"
    return f"The best one is, with 90 % confidence, among: {', '.join(table.index[table['included']])}"


def _ranks(ranks):
    lines = [f"  {model}  {rank:.2f}" for model, rank in ranks.ranks.items()]
    rule = f"differences of {ranks.critical_difference:.2f} or more are significant (Friedman p {ranks.friedman_p:.3f})"
    return "\n".join([f"Mean ranks over {ranks.series} series; {rule}:", *lines])
