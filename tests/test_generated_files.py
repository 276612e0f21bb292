"""Broken CSV files on the command line. `benchmarks/trust/generated_files.py` reads ten thousand."""

import random

import pytest

from benchmarks.trust import generated_files
from tsattn.io import LONG


def test_a_forecast_or_one_line_that_says_what_is_wrong(folder):
    rng = random.Random(7)
    codes = [generated_files.check(generated_files.content(rng), folder / "file.csv") for _ in range(150)]
    assert codes.count(0) > 10 and codes.count(1) > 10


DAYS = [f"2024-01-{day:02}" for day in range(1, 29)]


def written(value="1.5", separator=",", newline="\n", encoding="utf-8", name="x"):
    """The bytes of a table in which the value stands in the tenth row."""
    lines = [["day", name], *([day, value if row == 9 else str(row % 7)] for row, day in enumerate(DAYS))]
    return newline.join(separator.join(line) for line in lines).encode(encoding)


FILES = {
    "commas": (written(), 0, ""),
    "semicolons": (written("1,5", ";"), 0, ""),
    "tabs": (written("1,5", "\t"), 0, ""),
    "Windows": (written(newline="\r\n", encoding="utf-8-sig"), 0, ""),
    "an old Macintosh": (written(newline="\r"), 0, ""),
    "an empty field": (written(""), 0, ""),
    "a value of 400 digits": (written("9" * 400), 1, "'x' has the value 9999"),
    "a value of 5,000 digits": (written("9" * 5000), 1, "'x' has the value '9999"),
    "a text of a million letters": (written("x" * 10**6), 1, "'x' has the value 'xxx"),
    "a NUL byte": (written("1\x00"), 1, "'x' has the value"),
    "only NUL bytes": (b"\x00" * 1000, 1, "no "),
    "UTF-16": (written(encoding="utf-16"), 1, "is not UTF-8 text: line 1 has the byte 0xff. Save it as CSV in UTF-8."),
    "Latin-1": (written(name="Lösung", encoding="latin-1"), 1, "line 1 has the byte 0xf6"),
    "an empty file": (b"", 1, "is empty"),
    "a mark and nothing": (b"\xef\xbb\xbf", 1, "is empty"),
    "a quote that never ends": (written('"1.5'), 1, "is no regular CSV table"),
    "a row that is too long": (written("1,5,3"), 1, "is no regular CSV table"),
    "bars": (written(separator="|"), 1, "has no column of ISO dates"),
}


@pytest.mark.parametrize(("data", "code", "words"), FILES.values(), ids=FILES)
def test_what_comes_of_a_file(run, folder, data, code, words):
    (folder / "in.csv").write_bytes(data)
    result = run("forecast", "in.csv", "--horizon", 2, "--model", "linear", "--quiet", code=code)
    assert words in result.stderr
    errors = [line for line in result.stderr.splitlines() if not line.startswith("Warning: ")]
    assert len(errors) == (code == 1) and sum(map(len, errors)) < 300 + LONG


def test_what_would_be_wrong_is_found(folder, monkeypatch):
    for problem in (KeyError("x"), ValueError("two\nlines")):

        def read_csv(*arguments, problem=problem, **options):
            raise problem

        monkeypatch.setattr("pandas.read_csv", read_csv)
        with pytest.raises(AssertionError):
            generated_files.check(written(), folder / "file.csv")
