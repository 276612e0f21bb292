"""Options that select the input data, and the functions that read them."""

from typing import Annotated

import typer

File = Annotated[
    str,
    typer.Argument(help="CSV or Parquet file, - for CSV from the standard input, or the name of an embedded data set."),
]
Target = Annotated[
    list[str] | None,
    typer.Option(help="Column to forecast. Repeat the option for several columns.", show_default="all numeric columns"),
]
Time = Annotated[
    str | None, typer.Option(help="Column that contains the time.", show_default="the first column of dates")
]
Ids = Annotated[
    str | None, typer.Option("--id", help="Column that identifies the series, in a file of several series.")
]
Decimal = Annotated[
    str | None, typer.Option(help='Sign before the decimals, "." or ",".', show_default="inferred from the file")
]
Thousands = Annotated[
    str | None, typer.Option(help="Sign between groups of three digits.", show_default="inferred from the file")
]
DateFormat = Annotated[
    str | None,
    typer.Option(help="Format of the times, such as %d/%m/%Y or %b-%y.", show_default="inferred from the file"),
]
Season = Annotated[
    int | None, typer.Option(min=1, help="Steps in a seasonal cycle.", show_default="inferred from the time step")
]
Freq = Annotated[
    str | None,
    typer.Option(
        help="Time step: a pandas alias such as h, D or MS, or an integer for an integer index.",
        show_default="inferred from the time column",
    ),
]
TargetTransform = Annotated[
    str | None,
    typer.Option(
        help="Function applied to the series before they are scaled: log, log1p, sqrt or asinh.", show_default="none"
    ),
]


def read_inputs(file, *columns, freq, target_transform, **arguments):
    """Read the series of a file, and collect the arguments that all its forecasters share.

    Args:
        file: See `read_history`.
        *columns: Further arguments of `read_history`.
        freq: Argument of the forecasters; digits are an integer.
        target_transform: Argument of the forecasters, or None.
        **arguments: Other arguments of the forecasters.

    Returns:
        Tuple of the Series or DataFrame, and a dict of the arguments of the forecasters.

    Raises:
        typer.BadParameter: If `target_transform` is unknown.
    """
    from tsattn.forecasters.base import TRANSFORMS

    if target_transform is not None and target_transform not in TRANSFORMS:
        names = ", ".join(TRANSFORMS)
        raise typer.BadParameter(f"{target_transform!r} is none of {names}.", param_hint="--target-transform")
    y = read_history(file, *columns)
    step = int(freq) if freq is not None and freq.isdecimal() else freq  # the step of an integer index
    return y, {**arguments, "freq": step, "target_transform": target_transform}


def read_history(file, time, ids, target, decimal, thousands, date_format):
    """Read the series of a file as a Series or DataFrame; see `tsattn.io.read_table`."""
    from tsattn.io import read_table

    formats = {"decimal": decimal, "thousands": thousands, "date_format": date_format}
    return read_table(file, time=time, ids=ids, targets=target or (), **formats)
