"""`tsattn backtest` and `tsattn compare`: measure the errors of forecasts from past origins."""

from pathlib import Path
from typing import Annotated

import typer

import tsattn
from tsattn._utils.atomic_write import write_atomic, write_files_atomic
from tsattn.cli.errors import report_errors
from tsattn.cli.formatting import format_scores
from tsattn.cli.inputs import (
    DateFormat,
    Decimal,
    File,
    Freq,
    Ids,
    Season,
    Target,
    TargetTransform,
    Thousands,
    Time,
    read_inputs,
)
from tsattn.cli.models import COMPARED, Model, ModelName, Seed
from tsattn.cli.outputs import Overwrite, Quiet, check_outputs
from tsattn.cli.reproduce import reproducing_command
from tsattn.forecasters.registry import build, commands

Horizon = Annotated[int, typer.Option(min=1, help="Number of steps to forecast from each origin.")]
Windows = Annotated[int, typer.Option(min=1, help="Number of origins.")]
Stride = Annotated[
    int | None, typer.Option(min=1, help="Steps from one origin to the next.", show_default="the horizon")
]
Refit = Annotated[bool, typer.Option("--refit", help="Refit at every origin, not only at the first.")]
SkipShort = Annotated[
    bool, typer.Option("--skip-short", help="Leave out series that have no history before the first origin.")
]
Jobs = Annotated[int, typer.Option(min=1, help="Number of fits that run in parallel, each in a separate process.")]


def backtest(
    file: File,
    horizon: Horizon,
    model: ModelName = Model.attention,
    target: Target = None,
    time: Time = None,
    ids: Ids = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    date_format: DateFormat = None,
    season: Season = None,
    freq: Freq = None,
    target_transform: TargetTransform = None,
    windows: Windows = 5,
    stride: Stride = None,
    refit: Refit = False,
    skip_short: SkipShort = False,
    seed: Seed = 0,
    jobs: Jobs = 1,
    out: Annotated[Path | None, typer.Option(help="Write the forecasts to this CSV file.")] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Measure the forecast error from several origins.

    Prints the error over all steps, and by forecast step.
    """
    check_outputs(file, {"--out": out}, overwrite)
    with report_errors():
        columns = time, ids, target, decimal, thousands, date_format
        arguments = {"horizon": horizon, "season": season, "freq": freq, "target_transform": target_transform}
        y, options = read_inputs(file, *columns, **arguments)
        forecaster = build(model, random_state=seed, **options)
        rolling = {"windows": windows, "stride": stride, "refit": refit, "season": season, "n_jobs": jobs}
        rolling |= {"skip_short": skip_short}
        table = tsattn.backtest(forecaster, y, **rolling, verbose=int(not quiet))
        scores = tsattn.evaluate(table)
        typer.echo(f"{model}, {windows} origins:\n{format_scores(scores, index=False)}\n")
        typer.echo(f"By step of the forecast:\n{format_scores(tsattn.evaluate(table, by='step'))}")
        if out:
            write_atomic(out, table.to_csv(index=False), overwrite=overwrite)


def compare(
    context: typer.Context,
    file: File,
    horizon: Horizon,
    models: Annotated[str, typer.Option(help="Forecasters to compare, separated by commas.")] = ",".join(COMPARED),
    target: Target = None,
    time: Time = None,
    ids: Ids = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    date_format: DateFormat = None,
    season: Season = None,
    freq: Freq = None,
    target_transform: TargetTransform = None,
    windows: Windows = 8,
    stride: Stride = None,
    refit: Refit = False,
    skip_short: SkipShort = False,
    seeds: Annotated[int, typer.Option(min=1, help="Number of random seeds to train each network with.")] = 1,
    budget: Annotated[
        str | None,
        typer.Option(help='Equal budget for all networks: "parameters", "seconds", or a number of seconds.'),
    ] = None,
    jobs: Jobs = 1,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report to this .html file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the leaderboard to this CSV file.")] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Folder that stores finished fits. The same command reuses them.")
    ] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Compare forecasters on the same origins.

    Prints a leaderboard, and tests which differences are statistically significant.
    """
    names = [name.strip() for name in models.split(",")]
    if unknown := [name for name in names if name not in commands()]:
        raise typer.BadParameter(f"Unknown {unknown}. Choose from {', '.join(commands())}.", param_hint="--models")
    check_outputs(file, {"--report": report, "--out": out}, overwrite)
    with report_errors():
        columns = time, ids, target, decimal, thousands, date_format
        arguments = {"horizon": horizon, "season": season, "freq": freq, "target_transform": target_transform}
        y, options = read_inputs(file, *columns, **arguments)
        rolling = {"windows": windows, "stride": stride, "refit": refit, "season": season, "n_jobs": jobs}
        rolling |= {"skip_short": skip_short}
        candidates = {name: build(name, random_state=0, **options) for name in names}
        result = tsattn.compare(
            candidates,
            y,
            **rolling,
            seeds=tuple(range(seeds)),
            budget=float(budget) if budget is not None and budget.replace(".", "", 1).isdecimal() else budget,
            resume=resume,
            verbose=int(not quiet),
        )
        if result.forecasts.empty:
            failures = "\n".join(f"  {name}: {error}" for name, error in result.errors.items())
            raise ValueError(f"All candidates failed.\n{failures}")
        typer.echo(f"{format_scores(result.leaderboard)}\n\n{result.summary()}")
        files = {}
        if out:
            files[out] = result.leaderboard.to_csv()
        if report:
            title, command = f"{Path(file).stem}, horizon {horizon}", reproducing_command(context)
            files[report] = result._html(title, command)
        write_files_atomic(files, overwrite=overwrite)
        if report and not quiet:
            typer.echo(f"Wrote {report}.", err=True)
