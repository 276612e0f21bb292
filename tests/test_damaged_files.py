"""Damaged CSV files on the command line. `benchmarks/trust/generated_files.py` reads ten thousand of them."""

import random

import pytest

from benchmarks.trust import generated_files
from tsattn.io.messages import MAX_VALUE_LENGTH


def test_every_file_gives_a_forecast_or_a_one_line_error(folder):
    rng = random.Random(7)
    codes = [generated_files.check(generated_files.content(rng), folder / "file.csv") for _ in range(150)]
    assert codes.count(0) > 10 and codes.count(1) > 10


DAYS = [f"2024-01-{day:02}" for day in range(1, 29)]


def table(value="1.5", separator=",", newline="\n", encoding="utf-8", name="x"):
    """Return the bytes of a CSV table with a value in its tenth row."""
    lines = [["day", name], *([day, value if row == 9 else str(row % 7)] for row, day in enumerate(DAYS))]
    return newline.join(separator.join(line) for line in lines).encode(encoding)


FILES = {
    "commas": (table(), 0, ""),
    "semicolons": (table("1,5", ";"), 0, ""),
    "tabs": (table("1,5", "\t"), 0, ""),
    "Windows": (table(newline="\r\n", encoding="utf-8-sig"), 0, ""),
    "carriage returns": (table(newline="\r"), 0, ""),
    "an empty field": (table(""), 0, ""),
    "a value of 400 digits": (table("9" * 400), 1, "'x' contains the value '9999"),
    "a value of 5,000 digits": (table("9" * 5000), 1, "'x' contains the value '9999"),
    "a text of a million letters": (table("x" * 10**6), 1, "'x' contains the value 'xxx"),
    "a NUL byte": (table("1\x00"), 1, "'x' contains the value"),
    "only NUL bytes": (b"\x00" * 1000, 1, "no "),
    "UTF-16": (table(encoding="utf-16"), 0, ""),
    "Latin-1": (
        table(name="Lösung", encoding="latin-1"),
        1,
        "is not UTF-8 text: line 1 contains the byte 0xf6. Save it as CSV in UTF-8",
    ),
    "an empty file": (b"", 1, "is empty"),
    "only a byte order mark": (b"\xef\xbb\xbf", 1, "is empty"),
    "an unclosed quote": (table('"1.5'), 1, "is not a valid CSV table"),
    "a row with too many fields": (table("1,5,3"), 1, "is not a valid CSV table"),
    "an unsupported separator": (table(separator=":"), 1, "has no separator between its columns"),
}


@pytest.mark.parametrize(("data", "code", "message"), FILES.values(), ids=FILES)
def test_file_gives_exit_code_and_message(run, folder, data, code, message):
    (folder / "in.csv").write_bytes(data)
    result = run("forecast", "in.csv", "--horizon", 2, "--model", "linear", "--quiet", code=code)
    assert message in result.stderr
    errors = [line for line in result.stderr.splitlines() if not line.startswith("Warning: ")]
    assert len(errors) == (code == 1) and sum(map(len, errors)) < 300 + MAX_VALUE_LENGTH


def test_check_fails_for_tracebacks_and_long_errors(folder, monkeypatch):
    for error in (KeyError("x"), ValueError("two\nlines")):

        def read_csv(*arguments, error=error, **options):
            raise error

        monkeypatch.setattr("pandas.read_csv", read_csv)
        with pytest.raises(AssertionError):
            generated_files.check(table(), folder / "file.csv")
