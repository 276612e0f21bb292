"""`read_table`: files are read as series, or rejected with an error that states the file, the column and the fix."""

import numpy as np
import pandas as pd
import pytest

from tsattn.io import read_table

DAYS = ["2024-01-01", "2024-01-02", "2024-01-03"]
READ = {
    # content: (name of the index, index as text, names of the columns, first row)
    "commas": ("d,x\n2024-01-01,1.5\n2024-01-02,\n2024-01-03,3\n", ("d", DAYS, ["x"], [1.5])),
    "a byte order mark": ("\ufeffd,x\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n", ("d", DAYS, ["x"], [1])),
    "semicolons": ("d;x\n2024-01-01;1,5\n2024-01-02;-2,5\n2024-01-03;7\n", ("d", DAYS, ["x"], [1.5])),
    "semicolons, points": (
        "d;x;t\n2024-01-01;1.5;2\n2024-01-02;2;3\n2024-01-03;2;3\n",
        ("d", DAYS, ["x", "t"], [1.5, 2]),
    ),
    "tabs, quotes": ('"d"\t"x, y"\n2024-01-01\t"1,5"\n2024-01-02\t2\n2024-01-03\t2\n', ("d", DAYS, ["x, y"], [1.5])),
    "blank lines first": ("\n\nd,x\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n", ("d", DAYS, ["x"], [1])),
    "spaces": ("d, x\n2024-01-01, 1\n2024-01-02, 2\n2024-01-03, 3\n", ("d", DAYS, ["x"], [1])),
    "rows in any order": ("d,x\n2024-01-03,3\n2024-01-01,1\n2024-01-02,2\n", ("d", DAYS, ["x"], [1])),
    "time in the last column": ("x,d\n1,2024-01-01\n2,2024-01-02\n3,2024-01-03\n", ("d", DAYS, ["x"], [1])),
    "numbers before the time column": (
        "n,d,x\n1,2024-01-01,5\n2,2024-01-02,5\n3,2024-01-03,5\n",
        ("d", DAYS, ["n", "x"], [1, 5]),
    ),
    "row numbers without a name": (",d,x\n0,2024-01-01,5\n1,2024-01-02,5\n2,2024-01-03,5\n", ("d", DAYS, ["x"], [5])),
    "a time column without a name": (",x\n2024-01-01,5\n2024-01-02,5\n2024-01-03,5\n", (None, DAYS, ["x"], [5])),
    "trailing commas": ("d,x,\n2024-01-01,5,\n2024-01-02,5,\n2024-01-03,5,\n", ("d", DAYS, ["x"], [5])),
    "dates without hyphens": ("d,x\n20240101,5\n20240102,5\n20240103,5\n", ("d", DAYS, ["x"], [5])),
    "days first": ("d,x\n01.01.2024,5\n02.01.2024,5\n13.01.2024,5\n", ("d", [*DAYS[:2], "2024-01-13"], ["x"], [5])),
    "years": ("year,x\n1999,5\n2000,5\n2001,5\n", ("year", ["1999", "2000", "2001"], ["x"], [5])),
    "increasing integers after others": ("x,t\n5,1\n3,2\n5,3\n", ("t", ["1", "2", "3"], ["x"], [5])),
    "a very long name": (f"d,{'x' * 200_000}\n2024-01-01,5\n", ("d", DAYS[:1], ["x" * 200_000], [5])),
    "a separator in a name": ('"d;e";x\n2024-01-01;1,5\n', ("d;e", DAYS[:1], ["x"], [1.5])),
    "one UTC offset": ("d,x\n2024-01-01T00:00+01:00,5\n", ("d", ["2024-01-01 00:00:00+01:00"], ["x"], [5])),
    "two UTC offsets of hours": (
        "d,x\n2024-03-31T01:00+01:00,5\n2024-03-31T03:00+02:00,5\n",
        ("d", ["2024-03-31 00:00:00+00:00", "2024-03-31 01:00:00+00:00"], ["x"], [5]),
    ),
    "two UTC offsets of days": (
        "d,x\n2024-03-30T00:00+01:00,5\n2024-03-31T00:00+01:00,5\n2024-04-01T00:00+02:00,5\n",
        ("d", ["2024-03-30", "2024-03-31", "2024-04-01"], ["x"], [5]),
    ),
    "comments": ("# Station: JFK\n# Units: C\nd,x\n2024-01-01,5\n2024-01-02,5\n", ("d", DAYS[:2], ["x"], [5])),
    "a comment as the header": ("#d,x\n2024-01-01,5\n2024-01-02,5\n", ("#d", DAYS[:2], ["x"], [5])),
    "annotations of InfluxDB": (
        "#group,false\n#datatype,double\n#default,\nd,x\n2024-01-01,5\n2024-01-02,5\n",
        ("d", DAYS[:2], ["x"], [5]),
    ),
    "a separator after each row": ("d;x\n2024-01-01;5;\n2024-01-02;5;\n", ("d", DAYS[:2], ["x"], [5])),
    "empty rows": ("d,x\n2024-01-01,5\n,\n2024-01-02,5\n,\n,\n", ("d", DAYS[:2], ["x"], [5])),
    "line breaks in names": ('"d\n(UTC)";"x\n(kWh)"\n2024-01-01;5\n', ("d\n(UTC)", DAYS[:1], ["x\n(kWh)"], [5])),
    "old line ends": ("d,x\r2024-01-01,5\r2024-01-02,5\r", ("d", DAYS[:2], ["x"], [5])),
    "mixed line ends": ("d,x\r\n2024-01-01,5\n2024-01-02,5\r\n", ("d", DAYS[:2], ["x"], [5])),
    "commas in names": (
        "Date (d, m, y);Value, EUR\n2024-01-01;5,5\n2024-01-02;5,5\n",
        ("Date (d, m, y)", DAYS[:2], ["Value, EUR"], [5.5]),
    ),
    "years and months": ("Year,Month,x\n2023,12,5\n2024,1,5\n", (None, ["2023-12-01", "2024-01-01"], ["x"], [5])),
    "years, months and days": (
        "x,Tag,Monat,Jahr\n5,31,12,2023\n5,1,1,2024\n",
        (None, ["2023-12-31", "2024-01-01"], ["x"], [5]),
    ),
    "years and quarters": ("year,quarter,x\n2023,4,5\n2024,1,5\n", (None, ["2023-10-01", "2024-01-01"], ["x"], [5])),
    "seconds since 1970": (
        "ts,x\n1709251200,5\n1709254800,5\n",
        ("ts", ["2024-03-01 00:00:00+00:00", "2024-03-01 01:00:00+00:00"], ["x"], [5]),
    ),
    "milliseconds since 1970": (
        "t,x\n1709251200000,5\n1709254800000,5\n",
        ("t", ["2024-03-01 00:00:00+00:00", "2024-03-01 01:00:00+00:00"], ["x"], [5]),
    ),
    "fractions of seconds since 1970": (
        "timestamp,x\n1709251200.000,5.5\n1709254800.000,5.5\n",
        ("timestamp", ["2024-03-01 00:00:00+00:00", "2024-03-01 01:00:00+00:00"], ["x"], [5.5]),
    ),
}


SHOPS = "shop,d,x\nb,2024-01-01,1\na,2024-01-01,2\na,2024-01-02,3\nb,2024-01-02,4\n"


def test_ids_column_creates_stacked_series(write):
    y = read_table(write(SHOPS), ids="shop")
    assert (y.name, list(y.index.names), y.tolist()) == ("x", ["shop", "d"], [2, 3, 1, 4])
    assert isinstance(y.index.levels[-1], pd.DatetimeIndex)
    assert read_table(write(SHOPS), ids="shop", time="d").equals(y)
    with pytest.raises(ValueError, match=r"several rows for the time 2024-01-01.*column 'shop'.*--id 'shop'"):
        read_table(write(SHOPS))
    with pytest.raises(ValueError, match=r"no id column 'store'\. Its columns are 'shop', 'd', 'x'"):
        read_table(write(SHOPS), ids="store")
    with pytest.raises(ValueError, match="air_passengers is one series without an id column 'shop'"):
        read_table("air_passengers", ids="shop")


@pytest.mark.parametrize(("content", "expected"), READ.values(), ids=READ)
def test_file_is_read(write, content, expected):
    y = read_table(write(content))
    assert isinstance(y, pd.Series) == (len(expected[2]) == 1)
    frame = y.to_frame() if isinstance(y, pd.Series) else y
    assert (frame.index.name, list(frame.index.astype(str)), list(frame.columns)) == expected[:3]
    assert frame.iloc[0].tolist() == expected[3]


INVALID = {
    "nothing": ("", {}, "is empty. Pass a file with a header and at least one row"),
    "blank lines": ("\n \n", {}, "is empty"),
    "only a header": ("d,x\n", {}, "has a header, but no rows"),
    "Latin-1": (
        "d,x\n2024-01-01,5\n2024-01-02,é".encode("latin-1"),
        {},
        "not UTF-8 text: line 3 contains the byte 0xe9",
    ),
    "more fields in a row": ("d,x\n2024-01-01,5\n2024-01-02,5,6\n", {}, "not a valid CSV table.*line 3"),
    "no separator": ("d x\n2024-01-01 5\n2024-01-02 5\n", {}, "no separator between its columns"),
    "an empty time": ("d,x\n2024-01-02,5\n2024-01-01,5\n,10\n", {}, "Row 3 of .* has no time in column 'd'"),
    "a total": ("d,x\n2024-01-01,5\n2024-01-02,5\nTotal,10\n", {}, "also the value 'Total' in row 3"),
    "a row of units": ("d,x\n,kWh\n2024-01-01,5\n2024-01-02,5\n", {}, "Row 1 of .* has no time in column 'd'"),
    "a total under other dates": (
        "d,x\n13.2024,5\n01.2024,5\n02.2024,5\n03.2024,5\nSumme,20\n",
        {},
        "contains '13.2024', but also the value 'Summe' in row 5. Correct or remove that row",
    ),
    "no header, but text": ("2024-01-01,JFK,5\n2024-01-02,JFK,6\n", {}, "which is not a header. Add a line"),
    "no header, but empty fields": ("2024-01-01,5,,\n2024-01-02,6,,\n", {}, "which is not a header. Add a line"),
    "weeks that may be months": ("week,x\n202401,5\n202402,5\n202403,5\n", {}, "'week' .* seem to be weeks of years"),
    "weeks as the time": ("week,x\n202401,5\n202402,5\n", {"time": "week"}, "'week' .* seem to be weeks of years"),
    "weeks as integers": (
        "week,x\n202401,5\n202402,5\n202413,5\n",
        {},
        "seem to be weeks of years. Write ISO weeks as",
    ),
    "the days of a spreadsheet": ("Date,x\n45292,5\n45293,5\n", {}, "contains 45292, which seems to be a date as"),
    "weeks of years": ("year,week,x\n2024,1,5\n2024,2,5\n", {}, "Write 'year', 'week' as one column of dates, such as"),
    "a column for each year": ("land,2021,2022,2023\nDE,1,2,3\nFR,1,2,3\n", {}, "to be times. Transpose the table"),
    "names of months in German": (
        "m,x\nM\u00e4rz 2024,5\nMai 2024,5\n",
        {},
        "'M\u00e4rz 2024', which is not read as a date",
    ),
    "names of time zones": ("d,x\n2024-01-01 00:00 CET,5\n2024-01-01 01:00 CET,5\n", {}, "CET', which is not read as"),
    "negative numbers in parentheses": (
        "d,x\n2024-01-01,(5)\n2024-01-02,6\n",
        {},
        r"'\(5\)'. Write numbers as -1234.5",
    ),
    "a minus after numbers": ("d;x\n2024-01-01;5-\n2024-01-02;6-\n", {}, "'5-'. Write numbers as -1234.5"),
    "a hyphen for 0 or a missing value": ("d,x\n2024-01-01,-\n2024-01-02,6\n", {}, "'-'. Write numbers as -1234.5"),
    "another date": (
        "d,e,x\n2024-01-01,2024-01-01,1\n2024-01-01,2024-01-02,2\n2024-01-02,2024-01-02,3\n",
        {},
        "--time 'e'",
    ),
    "more fields than the header": (
        "x;z\n2024-01-01;5;6\n2024-01-02;5;6\n",
        {},
        "more fields than the header, the first is '2024-01-01, 5, 6'. Otherwise, name every column",
    ),
    "decimal commas between commas": (
        "d,x\n2024-01-01,5,1\n2024-01-02,6,1\n",
        {},
        "If numbers have decimal commas, separate the columns by semicolons",
    ),
    "dates of which a spreadsheet converted a part": (
        "d,x\n2024-01-01 00:00:00,5\n2024-02-01 00:00:00,5\n13/01/2024,6\n14/01/2024,6\n15/01/2024,6\n",
        {},
        "in several formats: '2024-01-01 00:00:00' and, in row 3, '13/01/2024'. Write all of them as",
    ),
    "hours after midnight of the next day": (
        "date,hour,x\n" + "".join(f"2024-01-0{day},{hour},1\n" for day in (1, 2) for hour in range(6, 30)),
        {},
        "Column 'hour', with values from 6 to 29, seems to be a part of the time. If it contains hours from 0 to 24",
    ),
    "no numbers": (
        "d,x\n2024-01-01,a\n2024-01-02,b\n",
        {},
        "no numeric columns except the time. 'x' contains the value 'a'",
    ),
    "True and False": (
        "d,x\n2024-01-01,True\n2024-01-02,False\n",
        {},
        "no numeric columns.*'x' contains the value 'True'",
    ),
    "only times": ("d\n2024-01-01\n2024-01-02\n", {}, "no numeric columns except the time."),
    "no time": (
        "x,z\n1.5,3.5\n1.5,2.5\n",
        {},
        "no column of ISO dates or increasing integers. Its columns are 'x', 'z'",
    ),
    "an invalid date": (
        "d,x\n2024-01-01,1\n2024-02-01,2\n2024-13-01,3\n2024-04-01,4\n",
        {},
        "'d' of .* contains ISO dates, but also the value '2024-13-01' in row 3. Correct or remove that row",
    ),
    "an invalid date and a text column": (
        "d,s,x\n2024-01-01,a,5\n2024-02-01,b,2\n?,c,3\n",
        {},
        r"'d' of .* contains ISO dates, but also the value '\?' in row 3. Correct or remove that row",
    ),
    "text for the time": (
        "s,z\nfoo,3.5\nbar,2.5\n",
        {},
        "no column of ISO dates or increasing integers. Its columns are 's', 'z'",
    ),
    "days or months": ("d,x\n01/02/2024,5\n02/02/2024,5\n", {}, "'01/02/2024', in which day and month are ambiguous"),
    "unknown time": ("d,x\n2024-01-01,5\n", {"time": "t"}, "no time column 't'. Its columns are 'd', 'x'"),
    "a wrong time": (
        "d,x\n2024-01-01,5.5\n",
        {"time": "x"},
        "time column 'x' of .* contains the value 5.5. Use ISO dates or integers",
    ),
    "unknown target": ("d,x\n2024-01-01,5\n", {"targets": ["z"]}, "no column.s. 'z' to forecast. Its columns are 'x'"),
    "target of text": (
        "d,x\n2024-01-01,5\n2024-01-02,?\n",
        {"targets": ["x"]},
        r"'x' contains the value '\?'. Correct them",
    ),
}
# Timestamps of pandas 2 end in the year 2262, so that later ones are not recognized as times.
PANDAS_2 = pd.__version__.startswith("2.")
FAR_AHEAD = {
    "years of another calendar": (
        "d,x\n13/03/2567,5\n14/03/2567,5\n",
        {},
        "'14/03/2567', a time after the year 2200. If its years are those of another calendar, convert them",
    ),
    "a placeholder far ahead": ("d,x\n2024-01-01,5\n9999-12-31,5\n", {}, "'9999-12-31', a time after the year 2200"),
}
INVALID |= {} if PANDAS_2 else FAR_AHEAD


@pytest.mark.parametrize(("content", "options", "message"), INVALID.values(), ids=INVALID)
def test_invalid_file_is_rejected(write, content, options, message):
    with pytest.raises(ValueError, match=message):
        read_table(write(content), **options)


def test_text_columns_are_ignored_with_a_warning(write):
    path = write("d,x,z\n2024-01-01,5,1\n2024-01-02,6,?\n")
    with pytest.warns(UserWarning, match=r"Ignoring columns.*'z' contains the value '\?'"):
        assert read_table(path).name == "x"
    assert read_table(path, targets=["x"]).tolist() == [5, 6]


@pytest.mark.parametrize(
    "content",
    [
        'd,note,x\n2024-01-01,"1\n2",5\n2024-01-02,"3\n4",6\n',
        "start,d,x\n2024-01-01,2024-01-01,5\n2024-01-01,2024-01-02,6\n",
        "d,end,x\n2024-01-01,9999-12-31,5\n2024-01-02,9999-12-31,6\n",
        "end,d,x\n9999-12-31,2024-01-01,5\n9999-12-31,2024-01-02,6\n",
        "n,d,x\n200101,01-Jan-2024,5\n200102,02-Jan-2024,6\n",
        "score,d,x\n3:2,01-Jan-2024,5\n1:0,02-Jan-2024,6\n",
        "from,to,x\n1 Jan 2024,2 Jan 2024,5\n2 Jan 2024,3 Jan 2024,6\n",
    ],
    ids=["line breaks", "a constant date", "no end", "no end first", "values like months", "scores", "two dates"],
)
def test_the_time_is_found_among_columns_of_text(write, content):
    y = read_table(write(content), targets=["x"])
    assert list(y.index.astype(str)) == DAYS[:2] and y.tolist() == [5, 6]


def test_time_and_targets_select_columns(write):
    path = write("d,e,x,z\n2024-01-01,2025-01-01,5,1\n2024-01-02,2025-01-02,6,2\n")
    y = read_table(path, time="e", targets=["z", "x", "z"])
    assert (y.index.name, y.index[0], list(y.columns)) == ("e", pd.Timestamp("2025-01-01"), ["z", "x"])
    assert read_table(path, time="z", targets=["x"]).index.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("content", "date_format"),
    [("m,x\n01.2024,5\n02.2024,6\n", "%m.%Y"), ("m;x\n001.2024;5\n002.2024;6\n", "0%m.%Y")],
)
def test_dates_like_numbers_are_read_by_their_format(write, content, date_format):
    y = read_table(write(content), date_format=date_format)
    assert list(y.index.astype(str)) == ["2024-01-01", "2024-02-01"] and y.tolist() == [5, 6]


@pytest.mark.skipif(PANDAS_2, reason="timestamps end in the year 2262")
def test_a_time_far_ahead_is_read_by_its_format(write):
    y = read_table(write("d,x\n13/03/2567,5\n14/03/2567,5\n"), date_format="%d/%m/%Y")
    assert y.index.year.tolist() == [2567, 2567]


def test_a_title_before_the_header_is_ignored_with_a_warning(write):
    path = write("Monthly sales\nCreated on 2024-05-01\n\nd,x\n2024-01-01,5\n2024-01-02,6\n")
    with pytest.warns(UserWarning, match=r"first 2 line.s. .* are ignored.* header is 'd,x'"):
        y = read_table(path)
    assert y.tolist() == [5, 6] and list(y.index.astype(str)) == DAYS[:2]


def test_a_number_that_may_mark_missing_values_is_named(write):
    path = write("d,x,z\n2024-01-01,81,-1\n2024-01-02,-999,-999\n2024-01-03,79,-200\n")
    with pytest.warns(UserWarning, match=r"'x' .* contains -999 in 1 row.s., while its other values are at least 79"):
        assert read_table(path, targets=["x"]).tolist() == [81, -999, 79]
    assert read_table(path, targets=["z"]).tolist() == [-1, -999, -200]


def test_embedded_data_set_is_read_unless_a_file_has_its_name(tmp_path, monkeypatch, write):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weather").mkdir()
    assert read_table("air_passengers").index.freqstr == "MS"
    assert read_table("weather", targets=["JFK_temp", "LGA_temp"]).shape == (8730, 2)
    write("d,x\n2024-01-01,5\n", name="air_passengers")
    assert read_table("air_passengers").tolist() == [5]
    with pytest.raises(ValueError, match="The time column of sunspots is 'year', not 'month'"):
        read_table("sunspots", time="month")
    with pytest.raises(
        FileNotFoundError, match=r"no file or embedded data set 'airports'.* one of air_passengers, weather"
    ):
        read_table("airports")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        read_table("folder")


@pytest.mark.parametrize(
    ("table", "name"),
    [
        (pd.DataFrame({"day": pd.to_datetime(DAYS), "x": [1.0, 2.0, np.nan]}), "day"),
        (pd.DataFrame({"x": [1.0, 2.0, 3.0]}, index=pd.DatetimeIndex(DAYS, name="day")), "day"),
        (pd.DataFrame({"x": [1.0, 2.0, 3.0]}, index=pd.period_range(DAYS[0], periods=3, freq="D")), None),
    ],
    ids=["a column", "the index", "periods without a name"],
)
def test_parquet_time_is_a_column_or_the_index(write, monkeypatch, table, name):
    monkeypatch.setattr(pd, "read_parquet", lambda path: table.copy())  # pyarrow, which reads the format, is optional
    y = read_table(write("", name="file.parquet"))
    assert (y.name, y.index.name, list(y.index.astype(str))) == ("x", name, DAYS)
    assert y.iloc[0] == 1


def test_parquet_file_is_read(tmp_path):
    pytest.importorskip("pyarrow")
    path = tmp_path / "file.parquet"
    pd.DataFrame({"x": [1.0, 2.0, 3.0]}, index=pd.DatetimeIndex(DAYS, name="day")).to_parquet(path)
    assert list(read_table(path).index.astype(str)) == DAYS
