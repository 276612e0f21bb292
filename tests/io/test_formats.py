"""Numbers, dates, ids and encodings as people write them: read, or refused with a hint that works when followed."""

import gzip
import io
import re
import sys
import zipfile

import pandas as pd
import pytest

from tsattn.io import read_table

DAYS = [f"2024-01-{day:02d}" for day in range(1, 5)]


def table(values, separator=",", name="x"):
    """Return the text of a file with a column of values."""
    quoted = [f'"{value}"' if separator in value else value for value in values]
    rows = [f"{day}{separator}{value}" for day, value in zip(DAYS, quoted, strict=False)]
    return "\n".join([f"d{separator}{name}", *rows, ""])


NUMBERS = {
    # (values, separator): numbers
    "decimal points": (["1.5", "-2", "+3.25"], ",", [1.5, -2, 3.25]),
    "three decimals everywhere": (["1.001", "9.998"], ",", [1.001, 9.998]),
    "three decimals below 1": (["0.125", "998"], ",", [0.125, 998]),
    "an exponent": (["1e3", "2.5E-1"], ",", [1000, 0.25]),
    "quoted thousands": (["1,027", "998", "1,234,567"], ",", [1027, 998, 1234567]),
    "quoted thousands and decimals": (["1,027.50", "998"], ",", [1027.5, 998]),
    "quoted decimal commas": (["1,5", "998"], ",", [1.5, 998]),
    "decimal commas": (["1,5", "998", "1,001"], ";", [1.5, 998, 1.001]),
    "decimal commas below 1": (["0,125", "1,500"], ";", [0.125, 1.5]),
    "decimal commas of large numbers": (["1027", "1,234"], ";", [1027, 1.234]),
    "points for thousands, decimal commas": (["1.000,00", "2,5"], ";", [1000, 2.5]),
    "points for thousands": (["1.234.567", "998"], ";", [1234567, 998]),
    "spaces for thousands": (["1 000,00", "2 500"], ";", [1000, 2500]),
    "narrow spaces for thousands": (["1\u202f000", "12\u00a0"], ";", [1000, 12]),
    "apostrophes for thousands": (["1'000.5", "998"], ";", [1000.5, 998]),
    "vertical bars": (["1.5", "2"], "|", [1.5, 2]),
    "a currency": (["$1,200.00", "-$2.50"], ",", [1200, -2.5]),
    "a currency after decimal commas": (["1.200,00 \u20ac", "2,50 \u20ac"], ";", [1200, 2.5]),
    "per cent": (["1.5%", "2 %"], ",", [1.5, 2]),
    "the minus of typography": (["\u22121,5", "2"], ";", [-1.5, 2]),
    "missing numbers of other sources": (["1", ".", ":", "unavailable"], ",", [1, None, None, None]),
    "missing numbers": (["NA", "2", "null", "#N/A"], ",", [None, 2, None, None]),
}


@pytest.mark.parametrize(("values", "separator", "expected"), NUMBERS.values(), ids=NUMBERS)
def test_numbers_are_read(write, values, separator, expected):
    y = read_table(write(table(values, separator)))
    pd.testing.assert_series_equal(y.reset_index(drop=True).astype(float), pd.Series(expected, name="x", dtype=float))


@pytest.mark.parametrize("separator", [";", "\t", "|", ","])
@pytest.mark.parametrize("sign", [",", "."])
def test_a_sign_before_three_digits_beside_integers_of_three_digits_is_refused(write, separator, sign):
    if separator == "," == sign:
        return  # in quotes, it separates thousands
    values = ["998", f"1{sign}001", "999"]
    path = write(table(values, separator))
    message = rf"'x' .*contains the value '1{re.escape(sign)}001' in row 2, .* either decimals or thousands"
    with pytest.raises(ValueError, match=message) as raised:
        read_table(path)
    options = re.findall(r'`(\w+)="(.)"`', str(raised.value))
    assert options == [("decimal", sign), ("thousands", sign)]
    assert [read_table(path, **dict([option])).tolist() for option in options] == [[998, 1.001, 999], [998, 1001, 999]]


@pytest.mark.parametrize("values", [["1,500", "2,250"], ["1.500", "2.250"]])
def test_three_digits_everywhere_between_semicolons_are_refused(write, values):
    with pytest.raises(ValueError, match="either decimals or thousands"):
        read_table(write(table(values, ";")))


def test_another_column_shows_what_the_sign_separates(write):
    y = read_table(write("d;x;z\n2024-01-01;998;1,5\n2024-01-02;1,001;2\n"))
    assert y["x"].tolist() == [998, 1.001]


def test_a_column_that_is_not_read_may_be_unclear(write):
    path = write("d;x;z\n2024-01-01;998;5\n2024-01-02;1,001;6\n")
    with pytest.raises(ValueError, match="'x'"):
        read_table(path)
    assert read_table(path, targets=["z"]).tolist() == [5, 6]


IDS = ["007", "7", "1.1", "1.10", "NA", "1e5", "00501", "True", "2024-01-01"]


def test_ids_are_text(write):
    rows = [f"{name},{day},{place}" for place, name in enumerate(IDS) for day in DAYS[:2]]
    y = read_table(write("\n".join(["store,d,x", *rows, ""])), ids="store")
    assert set(y.index.get_level_values("store")) == set(IDS)
    assert y.loc["007"].tolist() == [0, 0] and y.loc["7"].tolist() == [1, 1]


def test_letters_before_digits_are_no_currency(write):
    path = write("station,d,x\nUSW1,2024-01-01,1\nUSW1,2024-01-02,2\n")
    with pytest.warns(UserWarning, match="'station' contains the value 'USW1'"):
        assert read_table(path).tolist() == [1, 2]


def test_an_empty_id_is_missing(write):
    y = read_table(write("store,d,x\n,2024-01-01,1\nb,2024-01-01,2\n"), ids="store")
    assert y.index.get_level_values("store").isna().sum() == 1


def test_ids_of_a_parquet_file_are_text(write, monkeypatch):
    frame = pd.DataFrame({"store": [7, 7, 12], "d": pd.to_datetime([*DAYS[:2], DAYS[0]]), "x": [1.0, 2.0, 3.0]})
    monkeypatch.setattr(pd, "read_parquet", lambda path: frame.copy())
    y = read_table(write("", name="file.parquet"), ids="store")
    assert list(y.index.get_level_values("store")) == ["12", "7", "7"]


DATES = {
    "months as integers": (["202401", "202402"], ["2024-01-01", "2024-02-01"]),
    "days as integers": (["20240101", "20240102"], ["2024-01-01", "2024-01-02"]),
    "ISO months": (["2024-01", "2024-02"], ["2024-01-01", "2024-02-01"]),
    "names of months": (["Jan 2024", "Feb 2024"], ["2024-01-01", "2024-02-01"]),
    "quarters": (["2023-Q4", "2024-Q1"], ["2023-10-01", "2024-01-01"]),
    "quarters after a space": (["2023 Q4", "2024 Q1"], ["2023-10-01", "2024-01-01"]),
    "quarters before years": (["Q4 2023", "Q1 2024"], ["2023-10-01", "2024-01-01"]),
    "quarters after a slash": (["Q4/2023", "Q1/2024"], ["2023-10-01", "2024-01-01"]),
    "ISO weeks": (["2023-W52", "2024-W01"], ["2023-12-25", "2024-01-01"]),
    "ISO weeks without a hyphen": (["2023W52", "2024W01"], ["2023-12-25", "2024-01-01"]),
    "half years": (["2023-H2", "2024-H1"], ["2023-07-01", "2024-01-01"]),
    "months of Eurostat": (["2023M12", "2024M01"], ["2023-12-01", "2024-01-01"]),
    "months of Stata": (["2023m12", "2024m1"], ["2023-12-01", "2024-01-01"]),
    "days of SAS": (["31DEC2023", "01JAN2024"], ["2023-12-31", "2024-01-01"]),
    "months after a hyphen": (["2024-M01", "2024-M02"], ["2024-01-01", "2024-02-01"]),
    "intervals": (
        ["13.01.2024 00:00 - 13.01.2024 01:00", "13.01.2024 01:00 - 13.01.2024 02:00"],
        ["2024-01-13 00:00", "2024-01-13 01:00"],
    ),
    "half days": (["2024-01-31 11:00 PM", "2024-02-01 12:00 AM"], ["2024-01-31 23:00", "2024-02-01 00:00"]),
    "days, names of months": (["15 Jan 2024", "16 Jan 2024"], ["2024-01-15", "2024-01-16"]),
    "days first": (["13/01/2024", "14/01/2024"], ["2024-01-13", "2024-01-14"]),
    "months first": (["01/13/2024", "01/14/2024"], ["2024-01-13", "2024-01-14"]),
    "UTC": (["2024-01-01T00:00Z", "2024-01-01T01:00Z"], ["2024-01-01 00:00:00+00:00", "2024-01-01 01:00:00+00:00"]),
}


@pytest.mark.parametrize(("values", "expected"), DATES.values(), ids=DATES)
def test_dates_are_read(write, values, expected):
    y = read_table(write("\n".join(["d,x", *(f"{value},1" for value in values), ""])))
    assert list(y.index) == list(pd.DatetimeIndex(expected))


def test_integers_that_are_no_months_are_integers(write):
    y = read_table(write("t,x\n" + "".join(f"{t},1\n" for t in range(202401, 202414))))
    assert y.index.tolist() == list(range(202401, 202414))


UNDATED = {
    "Excel's months": (["Jan-15", "Feb-15"], "%b-%y", "2015-01-01"),
    "months and years": (["01/15", "02/15"], "%m/%y", "2015-01-01"),
    "fiscal years": (["FY23", "FY24"], "FY%y", "2023-01-01"),
    "months of the USA": (["03/13/24", "03/14/24"], "%m/%d/%y", "2024-03-13"),
    "two digits": (["24-01-15", "24-01-16"], "%y-%m-%d", "2024-01-15"),
    "two digits at the end": (["15.01.24", "16.01.24"], "%d.%m.%y", "2024-01-15"),
    "months and days": (["Mar 1", "Mar 2"], "%b %d", "1900-03-01"),
    "names of months": (["January", "February"], "%B", "1900-01-01"),
    "times": (["00:00", "01:00"], "%H:%M", "1900-01-01"),
}


@pytest.mark.parametrize("time", [None, "d"])
@pytest.mark.parametrize(("values", "date_format", "first"), UNDATED.values(), ids=UNDATED)
def test_dates_without_a_year_of_four_digits_are_refused(write, values, date_format, first, time):
    path = write("\n".join(["d,x", *(f"{value},1" for value in values), ""]))
    with pytest.raises(ValueError, match=f"'d' .* contains '{values[0]}' in row 1, which has no year of four digits"):
        read_table(path, time=time)
    y = read_table(path, time=time, date_format=date_format)
    assert y.index[0] == pd.Timestamp(first)


@pytest.mark.parametrize("values", [["1Q24", "2Q24"], ["1Q98", "2Q98"], ["Q1-24", "Q2-24"], ["Q1'24", "Q2'24"]])
def test_quarters_without_a_century_are_refused(write, values):
    path = write("\n".join(["d,x", *(f"{value},1" for value in values), ""]))
    with pytest.raises(ValueError, match=r"has no year of four digits.*quarters as 2024-Q1\.$"):
        read_table(path)


HINTED = {
    "days or months": ["01/02/2024", "02/02/2024"],
    "days or months, and hours": ["01.02.2024 01:00", "01.02.2024 02:00"],
    "half days": ["3/1/2024 1:00:00 AM", "3/1/2024 2:00:00 AM"],
    "intervals": ["01.02.2024 00:00 - 01.02.2024 01:00", "01.02.2024 01:00 - 01.02.2024 02:00"],
    "Excel's months": ["Jan-15", "Feb-15"],
    "months and years": ["01/15", "02/15"],
    "two digits at the end": ["15.01.24", "16.01.24"],
    "fiscal years": ["FY23", "FY24"],
}


@pytest.mark.parametrize("values", HINTED.values(), ids=HINTED)
def test_each_format_in_an_error_reads_the_dates(write, values):
    path = write("\n".join(["d,x", *(f"{value},1" for value in values), ""]))
    with pytest.raises(ValueError, match="--date-format") as raised:
        read_table(path)
    formats = re.findall(r'--date-format "([^"]*)"', str(raised.value))
    read = [read_table(path, date_format=each).index for each in formats]
    assert read and all(index.is_unique and index.year.min() > 2000 for index in read)


def test_the_hint_for_ambiguous_days_works(write):
    path = write("d,x\n01/02/2024,1\n02/02/2024,2\n")
    with pytest.raises(ValueError, match=r'`date_format`, such as "%d/%m/%Y"'):
        read_table(path)
    assert read_table(path, date_format="%d/%m/%Y").index[0] == pd.Timestamp("2024-02-01")


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04" + b"0" * 100, b"\x1f\x8b\x08" + b"0" * 50, gzip.compress(b"d,x\n2024-01-01,5\n" * 99)[:-40]],
    ids=["zip", "gzip", "truncated"],
)
def test_a_damaged_archive_is_refused(write, content):
    with pytest.raises(ValueError, match=r"cannot be decompressed.* Compress it again, or pass the CSV file"):
        read_table(write(content))


def test_a_date_format_that_does_not_match_is_named(write):
    path = write("d,x\n01/02/2024,1\n31/02/2024,2\n")
    with pytest.raises(ValueError, match=r"value '31/02/2024', which does not have the date format '%d/%m/%Y'"):
        read_table(path, time="d", date_format="%d/%m/%Y")
    with pytest.raises(ValueError, match=r"no column of dates with the format '%d/%m/%Y'\. Its columns are 'd', 'x'"):
        read_table(path, date_format="%d/%m/%Y")


TEXT = table(["1.5", "2"])


def zipped(*names):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, TEXT)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [TEXT.encode("utf-16"), gzip.compress(TEXT.encode()), zipped("sales.csv"), f"sep=,\n{TEXT}", f"sep=,\r\n{TEXT}"],
    ids=["UTF-16", "gzip", "zip", "sep=", "sep= of Windows"],
)
def test_encodings_are_read(write, content):
    assert read_table(write(content)).tolist() == [1.5, 2]


def test_the_standard_input_is_read(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert read_table("-").tolist() == [1.5, 2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zipped("xl/workbook.xml", "other.xml"), r"is an Excel workbook\. Save the sheet as CSV"),
        (zipped("one.csv", "two.csv"), "contains 2 files. Pass a zip file with a single CSV file"),
        ("2024-01-01,1.5\n2024-01-02,2\n", "first line of .* is '2024-01-01,1.5', which is not a header. Add a line"),
    ],
    ids=["a workbook", "two files", "no header"],
)
def test_other_files_are_refused(write, content, message):
    with pytest.raises(ValueError, match=message):
        read_table(write(content))


@pytest.mark.parametrize(
    "options", [{"decimal": "point"}, {"thousands": "k"}, {"decimal": ",", "thousands": ","}], ids=str
)
def test_other_signs_are_refused(write, options):
    name = list(options)[-1]
    with pytest.raises(ValueError, match=f"`{name}` is '{options[name]}', but must be one of"):
        read_table(write(TEXT), **options)


def test_a_date_format_is_applied_to_the_text(write):
    y = read_table(write("d,x\n0124,1\n0224,2\n"), time="d", date_format="%m%y")
    assert list(y.index) == list(pd.DatetimeIndex(["2024-01-01", "2024-02-01"]))


TIMES_OF_DAY = {
    "hours": ("date,hour,x", ["2024-01-01,22,1", "2024-01-01,23,2", "2024-01-02,0,3"]),
    "times": ("date,time,x", ["2024-01-01,22:00,1", "2024-01-01,23:00,2", "2024-01-02,00:00,3"]),
    "times before dates": ("Time,Date,x", ["22:00:00,13/01/2024,1", "23:00:00,13/01/2024,2", "00:00:00,14/01/2024,3"]),
    "half days": ("date,time,x", ["2024-01-01,10:00 PM,1", "2024-01-01,11:00 p.m.,2", "2024-01-02,12:00 AM,3"]),
    "hours with a unit": ("date,Hour,x", ["2024-01-01,22h,1", "2024-01-01,23h,2", "2024-01-02,0h,3"]),
    "hours and minutes as integers": ("date,time,x", ["2024-01-01,2200,1", "2024-01-01,2300,2", "2024-01-02,0,3"]),
    "midnight as 24:00": ("date,time,x", ["2024-01-01,22:00,1", "2024-01-01,23:00,2", "2024-01-01,24:00,3"]),
    "intervals": (
        "date,time,x",
        ["2024-01-01,22:00 - 23:00,1", "2024-01-01,23:00 - 00:00,2", "2024-01-02,00:00 - 01:00,3"],
    ),
    "intervals of hours": ("date,Hours,x", ["2024-01-01,22 - 23,1", "2024-01-01,23 - 00,2", "2024-01-02,00 - 01,3"]),
    "fractions of seconds": (
        "date,time (UTC),x",
        ["2024-01-01,22:00:00.000,1", "2024-01-01,23:00:00.000,2", "2024-01-02,00:00:00.000,3"],
    ),
    "German names": ("Datum;Uhrzeit;x", ["13.01.2024;22:00;1", "13.01.2024;23:00;2", "14.01.2024;00:00;3"]),
    "days first": ("date,Hour,x", ["13/01/2024,22,1", "13/01/2024,23,2", "14/01/2024,0,3"]),
}


@pytest.mark.parametrize(("header", "rows"), TIMES_OF_DAY.values(), ids=TIMES_OF_DAY)
def test_dates_are_completed_by_a_column_of_hours_or_times(write, header, rows):
    y = read_table(write("\n".join([header, *rows, ""])))
    assert y.name == "x" and y.tolist() == [1, 2, 3]
    assert [str(stamp)[11:16] for stamp in y.index] == ["22:00", "23:00", "00:00"]
    assert (y.index[1:] - y.index[:-1] == pd.Timedelta("1h")).all()


def test_hours_are_completed_by_minutes(write):
    rows = [f"2024-01-01,{minute // 60},{minute % 60},{minute}" for minute in range(0, 120, 30)]
    y = read_table(write("\n".join(["date,hour,minute,x", *rows, ""])))
    assert list(y.index) == list(pd.date_range("2024-01-01", periods=4, freq="30min")) and y.name == "x"


def test_hours_from_1_to_24_are_ends_of_hours(write):
    rows = [f"2024-01-0{day},{hour},1" for day in (1, 2) for hour in range(1, 25)]
    with pytest.warns(UserWarning, match="'hour' .* hours from 1 to 24. They are read as the ends of hours"):
        y = read_table(write("\n".join(["date,hour,x", *rows, ""])))
    assert list(y.index) == list(pd.date_range("2024-01-01 01:00", periods=48, freq="h"))


@pytest.mark.parametrize(
    ("name", "values"),
    [("SETTLEMENT_PERIOD", range(1, 49)), ("hour", range(1, 26)), ("Block time", ["09:00", "10:00"])],
)
def test_another_part_of_the_time_is_not_an_id(write, name, values):
    path = write(
        "\n".join([f"date,{name},x", *(f"2024-01-0{day},{value},1" for day in (1, 2) for value in values), ""])
    )
    with pytest.raises(ValueError, match=f"Column '{name}'.* seems to be a part of the time") as raised:
        read_table(path)
    assert "--id" not in str(raised.value)


def test_the_opening_time_of_a_shop_is_not_the_time_of_its_rows(write):
    path = write("date,opens,x\n2024-01-01,09:00,1\n2024-01-01,10:00,2\n2024-01-02,09:00,3\n2024-01-02,10:00,4\n")
    with pytest.raises(ValueError, match=r"several rows for the time 2024-01-01"):
        read_table(path)
    assert read_table(path, ids="opens").loc["10:00"].tolist() == [2, 4]


def test_dates_of_a_panel_are_completed_by_hours(write):
    rows = [f"{shop},2024-01-01,{hour},{hour}" for shop in "ab" for hour in range(3)]
    y = read_table(write("\n".join(["shop,date,hour,x", *rows, ""])), ids="shop")
    assert list(y.loc["b"].index) == list(pd.date_range("2024-01-01", periods=3, freq="h"))


def test_other_columns_named_hour_are_values(write):
    for values in ([1.5, 30], [14, 15]):
        y = read_table(write(f"date,hour\n2024-01-01,{values[0]}\n2024-01-02,{values[1]}\n"))
        assert y.name == "hour" and y.tolist() == values and y.index[1] == pd.Timestamp("2024-01-02")
