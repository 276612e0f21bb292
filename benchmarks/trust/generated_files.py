"""Broken CSV files on the command line: `tsattn forecast` forecasts them or prints one line with the error.

    python benchmarks/trust/generated_files.py [--files 10000] [--seed 0] [--quick]

Counts the exit codes and writes them to `results/generated_files.csv`. Stops at the first traceback.
"""

import collections
import csv
import pathlib
import random
import sys
import tempfile
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

from typer.testing import CliRunner

from benchmarks.common import results
from benchmarks.common.runner import make_parser
from tsattn import cli

QUICK = 200  # files
MEANINGS = {0: "forecast", 1: "rejected because of the data", 2: "rejected because of the usage"}  # of exit codes

SEPARATORS = (",", ";", "\t", "|", " ", ", ")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252", "shift_jis", "utf-32")
NEWLINES = ("\n", "\r\n", "\r")
DATES = (
    *("{y}-{m:02}-{d:02}", "{y}-{m:02}-{d:02}", "{d:02}.{m:02}.{y}", "{m:02}/{d:02}/{y}", "{y}{m:02}{d:02}"),
    "{y}-{m:02}-{d:02}T00:00+01:00",
)
FIELDS = (
    *("", " ", "NaN", "NA", "None", "NULL", "NaT", "--", "?", "#", "\\", "'5'", '"', '""', '"a', "\x00"),
    *("x" * 5000, "x" * 200_000),
    *("inf", "-inf", "1e999", "1e-999", "1e5", "-0", "+7", "1,5", "1.234,5", "1 234", "1_000", "0x1f", "True", "=1+1"),
    *("9" * 400, "9" * 5000, "é", "日本", "٣", "\u202e", "\ufeff"),
    *("2024-13-45", "0000-00-00", "1677-01-01", "99999-01-01"),
)


def table(rng):
    """Return a regular table as lists of fields."""
    name, layout = rng.choice(["day", "day", "day", "", "日"]), rng.choice(DATES)
    columns = rng.randrange(1, 4)
    lines = [[name, *(rng.choice([f"x{place}"] * 3 + ["x", "", "a b", "é"]) for place in range(columns))]]
    for row in range(rng.choice([28] * 16 + [40] * 4 + [8, 3, 2, 1, 0])):
        date = layout.format(y=2024, m=1 + row // 28, d=1 + row % 28)
        lines.append([date, *(f"{rng.gauss(0, 10):.2f}" for _ in range(columns))])
    return lines


def content(rng):
    """Return the bytes of a file: a table in some encoding, with some faults or none."""
    lines = table(rng)
    for _ in range(rng.choice([0, 0, 1, 1, 2, 5])):
        line = rng.choice(lines)
        damage = rng.choice(["change a field"] * 5 + ["lose a field", "add a field", "add a line", "shuffle"])
        if damage == "change a field" and line:
            line[rng.randrange(len(line))] = rng.choice(FIELDS)
        elif damage == "lose a field" and line:
            line.pop(rng.randrange(len(line)))
        elif damage == "add a field":
            line.insert(rng.randrange(len(line) + 1), rng.choice(FIELDS))
        elif damage == "add a line":
            lines.insert(rng.randrange(len(lines) + 1), list(rng.choice([[], [""], line])))
        elif damage == "shuffle":
            lines[1:] = rng.sample(lines[1:], len(lines[1:]))
    separator = rng.choice(SEPARATORS[:3] * 12 + SEPARATORS)
    text = rng.choice(NEWLINES).join(separator.join(line) for line in lines)
    text += rng.choice(["", "\n"] * 9 + ["\n\n", "\x00", "\x1a"])
    data = text.encode(rng.choice(("utf-8",) * 40 + ENCODINGS), "replace")
    for _ in range(rng.choice([0] * 9 + [1, 3])):
        place = rng.randrange(len(data) + 1)
        byte = bytes([rng.randrange(256)])
        data = rng.choice([data[:place], data[:place] + byte + data[place:], data[:place] + byte + data[place + 1 :]])
    return data


def check(data, path, options=()):
    """Write bytes to a file and forecast from it.

    Returns:
        The exit code: 0, 1 for an error in the data or 2 for an error in the usage.

    Raises:
        AssertionError: If there is a traceback, or an error is not printed as one line.
    """
    path.write_bytes(data)
    out = path.with_suffix(".forecast.csv")
    command = ["forecast", str(path), "--horizon", "2", "--model", "seasonal_naive", "--quiet", *options]
    command += ["--out", str(out), "--overwrite"]
    result = CliRunner().invoke(cli.app, command)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise AssertionError(f"a traceback of {data!r}") from result.exception
    assert result.exit_code in (0, 1, 2), result.exit_code
    printed = [line for line in result.stderr.splitlines() if not line.startswith("Warning: ")]
    if result.exit_code == 1:
        assert len(printed) == 1 and printed[0].startswith("Error: "), f"{result.stderr!r} of {data!r}"
    if result.exit_code == 0:
        last = csv.reader(out.read_text(encoding="utf-8").splitlines()[-2:])
        assert all(all(row) for row in last), f"{result.stdout} of {data!r}"  # a missing number is an empty field
    return result.exit_code


def main():
    parser = make_parser(__doc__, flags=("quick",))
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng, counts, start = random.Random(options.seed), collections.Counter(), time.perf_counter()
    choices = [*[()] * 10, ("--time", "day"), ("--target", "x0"), ("--id", "x0"), ("--freq", "D"), ("--freq", "x")]
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(QUICK if options.quick else options.files):
            counts[check(content(rng), pathlib.Path(folder) / "file.csv", rng.choice(choices))] += 1
    seconds = f"{time.perf_counter() - start:.0f}"
    for code, meaning in MEANINGS.items():
        print(f"{counts[code]:6} {meaning} (exit code {code})")
    print(f"{counts.total()} files in {seconds} s, no traceback")
    if not options.quick:
        common = {"seed": options.seed, "seconds": seconds}
        rows = [{"exit_code": code, "files": count, **common} for code, count in sorted(counts.items())]
        results.write("generated_files", rows)


if __name__ == "__main__":
    main()
