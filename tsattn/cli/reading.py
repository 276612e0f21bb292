"""Options that say what a command reads, and the series that it finds there."""

from typing import Annotated

import typer

from tsattn.cli.telling import without_greeting

File = Annotated[str, typer.Argument(help="CSV or Parquet file, or the name of an embedded data set.")]
Target = Annotated[list[str] | None, typer.Option(help="Column to forecast; may be repeated. [all numbers]")]
Time = Annotated[str | None, typer.Option(help="Column that holds the time. [the first with dates]")]
Ids = Annotated[str | None, typer.Option("--id", help="Column that names the series of each row, if there are many.")]
Season = Annotated[int | None, typer.Option(min=1, help="Steps in a cycle. [from the time step]")]
Freq = Annotated[str | None, typer.Option(help="Time step, such as h, D, MS. [from the times]")]


def read(file, time, ids, target, horizon, season, freq):
    """The series of a file, and the arguments that all forecasters of it share."""
    y = read_history(file, time, ids, target)
    step = int(freq) if freq is not None and freq.isdecimal() else freq  # of an integer index
    return y, {"horizon": horizon, "season": season, "freq": step}


def read_history(file, time, ids, target):
    """The series of a file."""
    from tsattn.io import read_table

    with without_greeting():
        return read_table(file, time=time, ids=ids, targets=target or ())
