"""The rows of the speed benchmark, and their printed table."""

from benchmarks.common import tables


def row(part, case, unit, *, ours, against="", theirs=None, ratio=None, goal=None):
    """Return a row of the results.

    Args:
        part, case, unit: Description of the measurement.
        ours: Measurement of tsattn.
        against, theirs, ratio: The other system, its measurement, and the median of the paired ratios. Default to none.
        goal: None, or a pair of `">="` or `"<="` and a number, for the ratio or, if there is none, for `ours`.
            Defaults to None.
    """
    text, met = "", ""
    if goal is not None:
        sign, limit = goal
        value = ours if ratio is None else ratio
        text = f"{sign} {limit:g} {unit if ratio is None else 'x'}".strip()
        met = value >= limit if sign == ">=" else value <= limit
    figures = {"ours": ours, "theirs": theirs, "ratio": ratio}
    figures = {name: "" if value is None else f"{value:.4g}" for name, value in figures.items()}
    return {"part": part, "case": case, "unit": unit, "against": against, **figures, "goal": text, "met": met}


def print_rows(rows):
    """Print the table of these rows, grouped by part."""
    parts = list(dict.fromkeys(row["part"] for row in rows))
    lines = []
    for row in sorted(rows, key=lambda row: parts.index(row["part"])):
        met = {"True": "met", "False": "**missed**"}.get(str(row["met"]), "")
        figures = (row[name] for name in ("unit", "ours", "against", "theirs", "ratio", "goal"))
        lines.append([f"{row['part']}: {row['case']}", *figures, met])
    tables.print_table(["measurement", "unit", "tsattn", "compared with", "its figure", "ratio", "goal", ""], lines)
