"""`tsattn predict`: what a forecaster says that `tsattn forecast --save` kept."""

from pathlib import Path
from typing import Annotated

import typer

import tsattn
from tsattn.cli.outputs import Overwrite, Quiet, refuse_outputs, write_all
from tsattn.cli.reading import Ids, Target, Time, read_history
from tsattn.cli.telling import rows, told_to_people, without_greeting


def predict(
    model: Annotated[Path, typer.Argument(help="File that `tsattn forecast --save` wrote.")],
    file: Annotated[
        str | None,
        typer.Argument(help="CSV or Parquet file, or embedded data set, to forecast from. [what was fitted]"),
    ] = None,
    horizon: Annotated[int | None, typer.Option(min=1, help="Steps to forecast. [as fitted]")] = None,
    target: Target = None,
    time: Time = None,
    ids: Ids = None,
    out: Annotated[Path | None, typer.Option(help="Write the forecast to this CSV file.")] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Forecast with a saved forecaster, without fitting: what follows the series that it was fitted on, or another."""
    refuse_outputs(model, {"--out": out}, overwrite)
    if file is not None:
        refuse_outputs(file, {"--out": out}, overwrite)
    with told_to_people():
        with without_greeting():
            forecaster = tsattn.load_forecaster(model)
        y = None if file is None else read_history(file, time, ids, target)
        ahead = forecaster.predict(y=y, horizon=horizon)
        typer.echo(f"Forecast:\n{rows(ahead)}")
        if out:
            write_all({out: ahead.to_csv})
            if not quiet:
                typer.echo(f"Wrote {out}.", err=True)
