"""`tsattn backtest` and `tsattn compare`: how good forecasts would have been."""

from pathlib import Path
from typing import Annotated

import typer

import tsattn
from tsattn.cli.models import FORECASTERS, Model, made
from tsattn.cli.outputs import refuse_outputs, write_all
from tsattn.cli.telling import told_to_people, without_greeting

File = Annotated[str, typer.Argument(help="CSV or Parquet file, or the name of an embedded data set.")]
Horizon = Annotated[int, typer.Option(min=1, help="Steps to forecast from each origin.")]
Target = Annotated[list[str] | None, typer.Option(help="Column to forecast; may be repeated. [all numbers]")]
Time = Annotated[str | None, typer.Option(help="Column that holds the time. [the first with dates]")]
Season = Annotated[int | None, typer.Option(min=1, help="Steps in a cycle. [from the time step]")]
Freq = Annotated[str | None, typer.Option(help="Time step, such as h, D, MS. [from the times]")]
Windows = Annotated[int, typer.Option(min=1, help="Number of origins.")]
Stride = Annotated[int | None, typer.Option(min=1, help="Steps from one origin to the next. [the horizon]")]
Refit = Annotated[bool, typer.Option("--refit", help="Fit anew at every origin, not only at the first.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace output files that exist.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no notes.")]
Jobs = Annotated[int, typer.Option(min=1, help="Fits at once, in processes of their own.")]


def backtest(
    file: File,
    horizon: Horizon,
    model: Annotated[Model, typer.Option(help="Kind of forecaster.")] = Model.attention,
    target: Target = None,
    time: Time = None,
    season: Season = None,
    freq: Freq = None,
    windows: Windows = 5,
    stride: Stride = None,
    refit: Refit = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the training of a network.")] = 0,
    jobs: Jobs = 1,
    out: Annotated[Path | None, typer.Option(help="Write the forecasts to this CSV file.")] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Forecast from several origins and measure the error, by step of the forecast."""
    refuse_outputs(file, {"--out": out}, overwrite)
    with told_to_people():
        y, options = _read(file, time, target, horizon, season, freq)
        forecaster = made(model, options, seed, verbose=False)
        rolling = {"windows": windows, "stride": stride, "refit": refit, "season": season, "n_jobs": jobs}
        table = tsattn.backtest(forecaster, y, **rolling, verbose=int(not quiet))
        scores = tsattn.evaluate(table)
        typer.echo(f"{model}, {windows} origins:\n{_text(scores, index=False)}\n")
        typer.echo(f"By step of the forecast:\n{_text(tsattn.evaluate(table, by='step'))}")
        if out:
            write_all({out: lambda path: table.to_csv(path, index=False)})


def compare(
    file: File,
    horizon: Horizon,
    models: Annotated[str, typer.Option(help="Kinds of forecasters, separated by commas.")] = ",".join(
        name for name in FORECASTERS if name != "inverted"
    ),
    target: Target = None,
    time: Time = None,
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
        y, options = _read(file, time, target, horizon, season, freq)
        rolling = {"windows": windows, "stride": stride, "refit": refit, "season": season, "n_jobs": jobs}
        result = tsattn.compare(
            {name: made(Model(name), options, 0, verbose=False) for name in names},
            y,
            **rolling,
            seeds=tuple(range(seeds)),
            budget=float(budget) if budget is not None and budget.replace(".", "", 1).isdecimal() else budget,
            resume=resume,
            verbose=int(not quiet),
        )
        typer.echo(f"{_text(result.leaderboard)}\n\n{_told(result)}")
        writers = {}
        if out:
            writers[out] = result.leaderboard.to_csv
        if report:
            title = f"{Path(file).stem}, horizon {horizon}"
            command = f"tsattn compare {file} --horizon {horizon} --models {','.join(names)} --windows {windows}"
            writers[report] = lambda path: result.to_html(path, title=title, command=command)
        write_all(writers)
        if report and not quiet:
            typer.echo(f"Wrote {report}.", err=True)


def _read(file, time, target, horizon, season, freq):
    """The series of a file, and the arguments that all forecasters of it share."""
    from tsattn.tables import read_table

    with without_greeting():
        y = read_table(file, time=time, targets=target or ())
    step = int(freq) if freq is not None and freq.isdecimal() else freq  # of an integer index
    return y, {"horizon": horizon, "season": season, "freq": step}


def _text(table, **options):
    return table.to_string(float_format="{:.4g}".format, na_rep="-", **options)


def _told(result):
    """What the tests say, in words."""
    tests = result.significance
    if tests.empty:
        return "One candidate: nothing to test."
    if tests["p_adjusted"].isna().all():
        return f"Not tested: {tests['note'].iloc[0]}"
    lines = []
    for row in tests.itertuples():
        better, worse = (row.model_a, row.model_b) if row.mean_difference < 0 else (row.model_b, row.model_a)
        said = f"{better} is better than {worse}" if row.p_adjusted < 0.05 else f"{better} and {worse}: not told apart"
        lines.append(f"{said} (p {row.p_adjusted:.3f})")
    return "Diebold-Mariano tests, Holm's adjustment:\n  " + "\n  ".join(lines)
