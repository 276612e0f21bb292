"""Options that select the input data, and the functions that read them."""

from typing import Annotated

import typer

File = Annotated[str, typer.Argument(help="CSV or Parquet file, or the name of an embedded data set.")]
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


def read_inputs(file, time, ids, target, horizon, season, freq):
    """Read the series of a file, and collect the arguments that all its forecasters share.

    Returns:
        Tuple of the Series or DataFrame, and a dict of the arguments `horizon`, `season` and `freq`.
    """
    y = read_history(file, time, ids, target)
    step = int(freq) if freq is not None and freq.isdecimal() else freq  # the step of an integer index
    return y, {"horizon": horizon, "season": season, "freq": step}


def read_history(file, time, ids, target):
    """Read the series of a file as a Series or DataFrame."""
    from tsattn.io import read_table

    return read_table(file, time=time, ids=ids, targets=target or ())
