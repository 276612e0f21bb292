"""`tsattn predict`: forecast with a forecaster that `tsattn forecast --save` saved."""

from pathlib import Path
from typing import Annotated

import typer

import tsattn
from tsattn._utils.atomic_write import write_atomic
from tsattn.cli.errors import report_errors
from tsattn.cli.formatting import format_forecast
from tsattn.cli.inputs import DateFormat, Decimal, Ids, Target, Thousands, Time, read_history
from tsattn.cli.outputs import Overwrite, Quiet, check_outputs


def predict(
    model: Annotated[Path, typer.Argument(help="File that `tsattn forecast --save` wrote.")],
    file: Annotated[
        str | None,
        typer.Argument(
            help="CSV or Parquet file, - for CSV from the standard input, or the name of an embedded data set, with the"
            " history to forecast from.",
            show_default="the series that was fitted",
        ),
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(min=1, help="Number of steps to forecast.", show_default="the fitted horizon")
    ] = None,
    target: Target = None,
    time: Time = None,
    ids: Ids = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    date_format: DateFormat = None,
    out: Annotated[Path | None, typer.Option(help="Write the forecast to this CSV file.")] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Forecast with a saved forecaster, without fitting it again."""
    check_outputs(model, {"--out": out}, overwrite)
    if file is not None:
        check_outputs(file, {"--out": out}, overwrite)
    with report_errors():
        forecaster = tsattn.load_forecaster(model)
        y = None if file is None else read_history(file, time, ids, target, decimal, thousands, date_format)
        forecast = forecaster.predict(y=y, horizon=horizon)
        typer.echo(f"Forecast:\n{format_forecast(forecast)}")
        if out:
            write_atomic(out, forecast.to_csv(), overwrite=overwrite)
            if not quiet:
                typer.echo(f"Wrote {out}.", err=True)
