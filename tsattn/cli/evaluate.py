"""`tsattn backtest` and `tsattn compare`: how good forecasts would have been."""

from pathlib import Path
from typing import Annotated

import typer

import tsattn
from tsattn.cli.again import again
from tsattn.cli.models import FORECASTERS, USUAL, Kind, Model, Seed, made
from tsattn.cli.outputs import Overwrite, Quiet, refuse_outputs, write_all
from tsattn.cli.reading import File, Freq, Ids, Season, Target, Time, read
from tsattn.cli.telling import told_to_people, without_greeting_of_workers
from tsattn.cli.verdicts import failures, verdicts

Horizon = Annotated[int, typer.Option(min=1, help="Steps to forecast from each origin.")]
Windows = Annotated[int, typer.Option(min=1, help="Number of origins.")]
Stride = Annotated[int | None, typer.Option(min=1, help="Steps from one origin to the next. [the horizon]")]
Refit = Annotated[bool, typer.Option("--refit", help="Fit anew at every origin, not only at the first.")]
Jobs = Annotated[int, typer.Option(min=1, help="Fits at once, in processes of their own.")]


def backtest(
    file: File,
    horizon: Horizon,
    model: Kind = Model.attention,
    target: Target = None,
    time: Time = None,
    ids: Ids = None,
    season: Season = None,
    freq: Freq = None,
    windows: Windows = 5,
    stride: Stride = None,
    refit: Refit = False,
    seed: Seed = 0,
    jobs: Jobs = 1,
    out: Annotated[Path | None, typer.Option(help="Write the forecasts to this CSV file.")] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Forecast from several origins and measure the error, by step of the forecast."""
    refuse_outputs(file, {"--out": out}, overwrite)
    with told_to_people():
        y, options = read(file, time, ids, target, horizon, season, freq)
        forecaster = made(model, options, seed, verbose=False)
        rolling = {"windows": windows, "stride": stride, "refit": refit, "season": season, "n_jobs": jobs}
        with without_greeting_of_workers(jobs):
            table = tsattn.backtest(forecaster, y, **rolling, verbose=int(not quiet))
        scores = tsattn.evaluate(table)
        typer.echo(f"{model}, {windows} origins:\n{_text(scores, index=False)}\n")
        typer.echo(f"By step of the forecast:\n{_text(tsattn.evaluate(table, by='step'))}")
        if out:
            write_all({out: lambda path: table.to_csv(path, index=False)})


def compare(
    context: typer.Context,
    file: File,
    horizon: Horizon,
    models: Annotated[str, typer.Option(help="Kinds of forecasters, separated by commas.")] = ",".join(USUAL),
    target: Target = None,
    time: Time = None,
    ids: Ids = None,
    season: Season = None,
    freq: Freq = None,
    windows: Windows = 8,
    stride: Stride = None,
    refit: Refit = False,
    seeds: Annotated[int, typer.Option(min=1, help="Number of seeds that each network is trained with.")] = 1,
    budget: Annotated[str | None, typer.Option(help='"parameters", "seconds" or a number of seconds.')] = None,
    jobs: Jobs = 1,
    report: Annotated[Path | None, typer.Option(help="Write the report page to this .html file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the leaderboard to this CSV file.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Folder to keep finished fits in, and to go on from.")] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Compare kinds of forecasters on the same origins, with tests of which differences are more than chance."""
    names = [name.strip() for name in models.split(",")]
    if unknown := [name for name in names if name not in FORECASTERS]:
        raise typer.BadParameter(f"{unknown} are none of {', '.join(FORECASTERS)}.", param_hint="--models")
    refuse_outputs(file, {"--report": report, "--out": out}, overwrite)
    with told_to_people():
        y, options = read(file, time, ids, target, horizon, season, freq)
        rolling = {"windows": windows, "stride": stride, "refit": refit, "season": season, "n_jobs": jobs}
        candidates = {name: made(Model(name), options, 0, verbose=False) for name in names}
        with without_greeting_of_workers(jobs):
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
            raise ValueError(f"All candidates failed.\n{failures(result)}")
        typer.echo(f"{_text(result.leaderboard)}\n\n{verdicts(result)}")
        writers = {}
        if out:
            writers[out] = result.leaderboard.to_csv
        if report:
            title = f"{Path(file).stem}, horizon {horizon}"
            writers[report] = lambda path: result.to_html(path, title=title, command=again(context))
        write_all(writers)
        if report and not quiet:
            typer.echo(f"Wrote {report}.", err=True)


def _text(table, **options):
    return table.to_string(float_format="{:.4g}".format, na_rep="-", **options)
