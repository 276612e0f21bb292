"""Tables in Markdown."""


def print_table(header, rows):
    """Print an empty line and a Markdown table.

    Args:
        header: Names of the columns.
        rows: Lists of cells, one for each row; each cell is converted to text.
    """
    print(f"\n{line(header)}\n|{'---|' * len(header)}")
    for row in rows:
        print(line(row))


def line(cells):
    """Return one line of a Markdown table."""
    return f"| {' | '.join(map(str, cells))} |"


def number(value):
    """Return a number with three decimal places, or "-" for None."""
    return "-" if value is None else f"{value:.3f}"
