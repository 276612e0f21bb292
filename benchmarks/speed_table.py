"""The rows of the speed benchmark, and the table that they make."""


def row(part, case, unit, *, ours, against="", theirs=None, ratio=None, goal=None):
    """A row: what was measured, and whether the goal is met.

    Args:
        part, case, unit: What was measured.
        ours, against, theirs, ratio: Our figure; the other system, its figure, and the median of the paired ratios.
        goal: None, or a pair of `">="` or `"<="` and a number. It judges the ratio or, without one, our figure.
    """
    said, met = "", ""
    if goal is not None:
        sign, limit = goal
        value = ours if ratio is None else ratio
        said = f"{sign} {limit:g} {unit if ratio is None else 'x'}".strip()
        met = value >= limit if sign == ">=" else value <= limit
    figures = {"ours": ours, "theirs": theirs, "ratio": ratio}
    figures = {name: "" if value is None else f"{value:.4g}" for name, value in figures.items()}
    return {"part": part, "case": case, "unit": unit, "against": against, **figures, "goal": said, "met": met}


def print_from(rows):
    """Print rows as Markdown, goal and measured side by side; those of a part stand together."""
    parts = list(dict.fromkeys(line["part"] for line in rows))
    print("\n| what | unit | ours | against | theirs | ratio | goal | |\n|---|---|---|---|---|---|---|---|")
    for line in sorted(rows, key=lambda line: parts.index(line["part"])):
        mark = {"True": "met", "False": "**missed**"}.get(str(line["met"]), "")
        cells = (f"{line['part']}: {line['case']}", *(line[name] for name in ("unit", "ours", "against", "theirs")))
        print(f"| {' | '.join(cells)} | {line['ratio']} | {line['goal']} | {mark} |")
