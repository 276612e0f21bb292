"""CSV files that were broken in every way, read by `tsattn forecast`: a forecast, or one line that says what is wrong.

    python benchmarks/generated_files.py [--files 10000] [--seed 0]

prints how many were forecast and how many refused, by exit code, and writes it to results/generated_files.csv; it ends
at the first that is neither.
"""

import argparse
import collections
import csv
import pathlib
import random
import tempfile
import time

import results
from typer.testing import CliRunner

from tsattn import cli

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
    """A regular table as lines of fields."""
    name, layout = rng.choice(["day", "day", "day", "", "日"]), rng.choice(DATES)
    columns = rng.randrange(1, 4)
    lines = [[name, *(rng.choice([f"x{place}"] * 3 + ["x", "", "a b", "é"]) for place in range(columns))]]
    for row in range(rng.choice([28] * 16 + [40] * 4 + [8, 3, 2, 1, 0])):
        date = layout.format(y=2024, m=1 + row // 28, d=1 + row % 28)
        lines.append([date, *(f"{rng.gauss(0, 10):.2f}" for _ in range(columns))])
    return lines


def content(rng):
    """The bytes of a file: a table, written in some way, and then broken in none or in several."""
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
    """The exit code of a forecast from a file of these bytes: 0, 1 for data or 2 for usage.

    Raises:
        AssertionError: a traceback, or an error that is not said in one line.
    """
    path.write_bytes(data)
    out = path.with_suffix(".forecast.csv")
    command = ["forecast", str(path), "--horizon", "2", "--model", "seasonal_naive", "--quiet", *options]
    command += ["--out", str(out), "--overwrite"]
    result = CliRunner().invoke(cli.app, command)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise AssertionError(f"a traceback of {data!r}") from result.exception
    assert result.exit_code in (0, 1, 2), result.exit_code
    said = [line for line in result.stderr.splitlines() if not line.startswith("Warning: ")]
    if result.exit_code == 1:
        assert len(said) == 1 and said[0].startswith("Error: "), f"{result.stderr!r} of {data!r}"
    if result.exit_code == 0:
        last = csv.reader(out.read_text(encoding="utf-8").splitlines()[-2:])
        assert all(all(row) for row in last), f"{result.stdout} of {data!r}"  # a missing number is an empty field
    return result.exit_code


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng, counts, begun = random.Random(options.seed), collections.Counter(), time.perf_counter()
    choices = [*[()] * 10, ("--time", "day"), ("--target", "x0"), ("--id", "x0"), ("--freq", "D"), ("--freq", "x")]
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.files):
            counts[check(content(rng), pathlib.Path(folder) / "file.csv", rng.choice(choices))] += 1
    for code, words in ((0, "forecast"), (1, "refused by what is wrong with the data"), (2, "refused as wrong usage")):
        print(f"{counts[code]:6} {words} (exit code {code})")
    results.write(
        "generated_files", [{"exit_code": c, "files": n, "seed": options.seed} for c, n in sorted(counts.items())]
    )
    print(f"{counts.total()} files in {time.perf_counter() - begun:.0f} s, no traceback")


if __name__ == "__main__":
    main()
