"""The text of CSV files, plain or compressed, as a table of text."""

import collections
import gzip
import io
import itertools
import re
import sys
import zipfile
import zlib

import pandas as pd

from tsattn._utils.warnings import warn
from tsattn.io.messages import format_value

SEPARATORS = ("\t", ";", "|", ",")  # ties are resolved in favor of the first: names contain commas more often than tabs
QUOTED = re.compile(r'"[^"]*"')
LINE = re.compile(r'(?:"[^"]*"|[^\n])+')  # line breaks in quotes belong to the line
SAMPLE = 50  # lines
STATED_SEPARATOR = re.compile(r"sep=(.)\r?\n")  # a first line that spreadsheets write
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
DATE = re.compile(r"\d{4}-?\d\d-?\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{4}.*")
DATA = re.compile(r"[+-]?[\d.,]*\d[\d.,]*|\d{4}-\d\d(?:-\d\d.*)?")  # a number or a date, not the name of a column
STANDARD_INPUT = "-"


def read_text(source):
    """Read a CSV file as a table of text.

    Args:
        source: Path of the file, or "-" for the standard input.

    Returns:
        DataFrame of text without surrounding spaces, NaN for empty fields; and the separator of the columns.

    Raises:
        ValueError: If the file is not a table of text with a header.
    """
    text = _decode(_content(source), source)
    stated = STATED_SEPARATOR.match(text)
    text = text[stated.end() :] if stated else text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [line for line in itertools.islice(LINE.finditer(text), 2 * SAMPLE) if line[0].strip()][:SAMPLE]
    if not lines:
        raise ValueError(f"{source} is empty. Pass a file with a header and at least one row.")
    counts = {sign: [QUOTED.sub("", line[0]).count(sign) for line in lines] for sign in SEPARATORS}
    separator = stated[1] if stated else max(SEPARATORS, key=lambda sign: _evenness(counts[sign]))
    header = _find_header(lines, separator, source)
    if not stated and len(lines) > 1 and not any(counts[separator]) and all(_has_words(line[0]) for line in lines):
        raise ValueError(
            f"{source} has no separator between its columns. Its second line is {format_value(lines[1][0])}. Separate "
            "the columns by commas, semicolons, tabs or vertical bars."
        )
    options = {"sep": separator, "dtype": str, "keep_default_na": False, "skipinitialspace": True}
    try:
        table = pd.read_csv(io.StringIO(text[header.start() :]), **options)
    except pd.errors.ParserError as error:
        raise ValueError(
            f"{source} is not a valid CSV table. {str(error).strip()}.{_decimal_commas(separator)}"
        ) from error
    if not isinstance(table.index, pd.RangeIndex):
        table = _without_last_column(table, source, separator)
    names = [field.strip(' "') for field in header[0].split(separator)]
    is_data = DATA.fullmatch(names[0]) and all(DATA.fullmatch(name) for name in names if name)
    if is_data or any(map(_is_date_among_dates, table.columns, table.iloc[:1].to_numpy().ravel())):
        raise ValueError(
            f"The first line of {source} is {header[0][:60]!r}, which is not a header. Add a line with the names of "
            "the columns."
        )
    table = table.apply(lambda column: column.str.strip())
    return table.mask(table == "").dropna(how="all"), separator


def _has_words(line):
    return len(re.findall(r"[\w.+-]+", line)) > 1


def _is_date_among_dates(name, value):
    """Return whether the name of a column is a date, as its first value: the first line is not a header."""
    return all(DATE.fullmatch(str(each).strip()) for each in (name, value))


def _evenness(counts):
    """Return how many lines have the same number of separators, and this number; 0 if most have none."""
    (most, lines), *_ = collections.Counter(counts).most_common(1)
    return (lines, most) if most else (0, 0)


def _find_header(lines, separator, source):
    """Return the first line of the table, after comments and a title, which have fewer or more fields.

    Args:
        lines: Matches of the first lines.
        separator: Separator of the columns.
        source: Path of the file, for messages.
    """
    fields = [[field.strip(' "') for field in QUOTED.sub("", line[0]).split(separator)] for line in lines]
    comments = sum(1 for _ in itertools.takewhile(lambda line: line[0].startswith("#"), lines))
    sizes = collections.Counter(map(len, fields[comments:]))
    start = next((row for row in range(comments, len(lines)) if len(fields[row]) == sizes.most_common(1)[0][0]), 0)
    if start == 0 or any(map(DATA.fullmatch, fields[start])):
        return lines[0]  # a line of data: the first line is the header, even if it has other fields
    if start > comments:
        warn(
            f"The first {start} line(s) of {source} are ignored, because they have other fields than the table. Its "
            f"header is {lines[start][0][:60]!r}."
        )
    return lines[start]


def _without_last_column(table, source, separator):
    """Drop the last field of rows that end with a separator, unlike the header, as pandas shifts all columns then."""
    shifted = table.reset_index()
    if table.index.nlevels > 1 or (shifted.iloc[:, -1].fillna("") != "").any():
        row = ", ".join(map(str, shifted.iloc[0]))
        raise ValueError(
            f"{source} has rows with more fields than the header, the first is {format_value(row)}."
            f"{_decimal_commas(separator)} Otherwise, name every column in the header."
        )
    return shifted.iloc[:, :-1].set_axis(table.columns, axis=1)


def _decimal_commas(separator):
    """Return advice for numbers such as 21,8 between commas, as the rest of a message."""
    if separator != ",":
        return ""
    return " If numbers have decimal commas, separate the columns by semicolons."


def _content(source):
    """Return the bytes of a file, uncompressed. Raise a ValueError if it is damaged."""
    content = sys.stdin.buffer.read() if str(source) == STANDARD_INPUT else source.read_bytes()
    try:
        return _uncompressed(content, source)
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise ValueError(
            f"{source} is compressed, but cannot be decompressed: {error}. It may be damaged or encrypted. Compress it "
            "again, or pass the CSV file."
        ) from error


def _uncompressed(content, source):
    if content.startswith(GZIP):
        return gzip.decompress(content)
    if content.startswith(ZIP):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            if any(name.startswith("xl/") for name in names):
                raise ValueError(f"{source} is an Excel workbook. Save the sheet as CSV (UTF-8).")
            if len(names) != 1:
                raise ValueError(f"{source} contains {len(names)} files. Pass a zip file with a single CSV file.")
            return archive.read(names[0])
    return content


def _decode(content, source):
    encoding = BYTE_ORDER_MARKS.get(content[:2], "utf-8-sig")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{source} is not UTF-8 text: line {line} contains the byte 0x{content[error.start]:02x}. Save it as CSV "
            "in UTF-8."
        ) from error
