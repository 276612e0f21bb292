"""The text of CSV files, plain or compressed, as a table of text."""

import gzip
import io
import re
import sys
import zipfile

import pandas as pd

SEPARATORS = ("\t", ";", "|", ",")  # ties are resolved in favor of the first: names contain commas more often than tabs
QUOTED = re.compile(r'"[^"]*"')
STATED_SEPARATOR = re.compile(r"sep=(.)\r?\n")  # a first line that spreadsheets write
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
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
    header = next((line for line in text.splitlines() if line.strip()), None)
    if header is None:
        raise ValueError(f"{source} is empty. Pass a file with a header and at least one row.")
    separator = stated[1] if stated else max(SEPARATORS, key=QUOTED.sub("", header).count)
    options = {"sep": separator, "dtype": str, "keep_default_na": False, "skipinitialspace": True}
    try:
        table = pd.read_csv(io.StringIO(text), **options)
    except pd.errors.ParserError as error:
        raise ValueError(f"{source} is not a valid CSV table. {str(error).strip()}") from error
    if not isinstance(table.index, pd.RangeIndex):
        raise ValueError(f"{source} has rows with more fields than the header. Name every column in the header.")
    names = [field.strip(' "') for field in header.split(separator)]
    if all(map(DATA.fullmatch, names)):
        raise ValueError(
            f"The first line of {source} is {header[:60]!r}, which is not a header. Add a line with the names of the "
            "columns."
        )
    table = table.apply(lambda column: column.str.strip())
    return table.mask(table == ""), separator


def _content(source):
    """Return the bytes of a file, uncompressed."""
    content = sys.stdin.buffer.read() if str(source) == STANDARD_INPUT else source.read_bytes()
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
