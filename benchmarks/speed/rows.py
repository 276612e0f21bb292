"""The rows of the speed benchmark, and their printed table."""

from benchmarks.common import tables

# The rows of results/speed.csv are identified by their original labels; the table shows these labels instead.
WORDING = {
    "share of the limit": "compute rate in training",
    "the most a worker takes beyond its start": "peak memory of a worker above that at its start",
    "the same, forecast in": "duration of the same forecast",
    "AirPassengers, from start to forecast": "AirPassengers, from process start to forecast",
    "refits: memory of 30 after the first": "refits: additional memory of 30 refits",
    "the last beside the second": "duration of the last relative to the first refit",
    "refits: memory of 30 forecasters of other seeds": "refits: additional memory of 30 forecasters with other seeds",
    "seconds beside the first fit, 30 forecasters of other seeds": "duration relative to the first fit, other seeds",
    "growth: seconds of a batch": "growth: duration of a batch",
    "growth: peak memory more": "growth: increase of the peak memory",
    "growth: peak memory per data": "growth: increase of the peak memory per data",
    "folds a second": "folds per second",
    "windows/s by ": "windows/s, batch sizes ",
}


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
        lines.append([reword(str(cell)) for cell in (f"{row['part']}: {row['case']}", *figures, met)])
    tables.print_table(["measurement", "unit", "tsattn", "compared with", "its figure", "ratio", "goal", ""], lines)


def reword(text):
    """Replace the labels in the results by those in the table."""
    for wording, better in WORDING.items():
        text = text.replace(wording, better)
    return text
