"""What a comparison found, in words."""

LEVEL = 0.05  # at which two models are told apart


def failures(result):
    """The candidates that failed, a line for each."""
    return "\n".join(f"  {name}: {error}" for name, error in result.errors.items())


def verdicts(result):
    """What the tests of a `Comparison` say: of pairs, of all together, and over many series."""
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
        apart = row.p_adjusted < LEVEL
        said = f"{better} is better than {worse}" if apart else f"{better} and {worse}: not told apart"
        lines.append(f"  {said} (p {row.p_adjusted:.3f})")
    return "\n".join([*lines, *(f"  {note}" for note in dict.fromkeys(tests["note"]) if note)])


def _confidence_set(table):
    if len(table) < 2:
        return ""
    if table["p_value"].isna().all():
        return f"Model confidence set: {table['note'].iloc[0]}"
    return f"The best one is, with 90 % confidence, among: {', '.join(table.index[table['included']])}"


def _ranks(found):
    lines = [f"  {model}  {rank:.2f}" for model, rank in found.ranks.items()]
    apart = f"apart are those that differ by {found.critical_difference:.2f} (Friedman p {found.friedman_p:.3f})"
    return "\n".join([f"Mean ranks over {found.series} series; told {apart}:", *lines])
