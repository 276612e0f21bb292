"""The command line: it parses, calls the public names and prints. Tables go to stdout, all else to stderr."""

import contextlib
import enum
import importlib.util
import os
import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer

import tsattn

FORECASTERS = {
    "seq2seq": "Seq2SeqForecaster",
    "attention": "AttentionForecaster",
    "transformer": "TransformerForecaster",
    "linear": "LinearForecaster",
    "seasonal_naive": "SeasonalNaiveForecaster",
}
Model = enum.StrEnum("Model", {name: name for name in FORECASTERS})
ROWS_PRINTED = 50

# Rich would double the time that --help takes, and shorten the traceback of a bug.
app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


def main():
    """The console command `tsattn`."""
    app()


def _version(wanted: bool):
    if wanted:
        typer.echo(f"tsattn {tsattn.__version__}")
        raise typer.Exit


@app.callback()
def _every_command(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
):
    """Forecast time series with seq2seq, attention and Transformer networks."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@app.command()
def datasets():
    """List the embedded data sets."""
    from tsattn.datasets import DATASETS

    width = max(map(len, DATASETS))
    for name, dataset in DATASETS.items():
        typer.echo(f"{name:{width}}  {dataset.description}")


@app.command()
def forecast(
    file: Annotated[str, typer.Argument(help="CSV or Parquet file, or the name of an embedded data set.")],
    horizon: Annotated[int, typer.Option(min=1, help="Steps to forecast.")],
    model: Annotated[Model, typer.Option(help="Kind of forecaster.")] = Model.attention,
    target: Annotated[list[str] | None, typer.Option(help="Column to forecast; may be repeated. [all numbers]")] = None,
    time: Annotated[str | None, typer.Option(help="Column that holds the time. [the first with dates]")] = None,
    season: Annotated[int | None, typer.Option(min=1, help="Steps in a cycle. [from the time step]")] = None,
    freq: Annotated[str | None, typer.Option(help="Time step, such as h, D, MS. [from the times]")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the training of a network.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Write the forecast to this CSV file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the forecast to this .png, .pdf or .svg file.")] = None,
    plot_attention: Annotated[Path | None, typer.Option(help="Draw the attention weights likewise.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace output files that exist.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no notes.")] = False,
):
    """Forecast what follows a series, after measuring the error on its last horizon."""
    _refuse_outputs(file, {"--out": out, "--plot": plot, "--plot-attention": plot_attention}, overwrite)
    if plot_attention and model not in (Model.attention, Model.transformer):
        raise typer.BadParameter(
            f"{model} has no attention weights: use attention or transformer.", param_hint="--model"
        )
    with _told_to_people():
        from tsattn.tables import read_table

        note = (lambda text: None) if quiet else (lambda text: typer.echo(text, err=True))
        y = read_table(file, time=time, targets=target or ())
        step = int(freq) if freq is not None and freq.isdecimal() else freq  # of an integer index
        options = {"horizon": horizon, "season": season, "freq": step}
        forecaster = _forecaster(model, options, seed, verbose=not quiet)
        first, last = y.index[[0, -1]].astype(str)
        note(f"Read {len(y)} rows from {first} to {last}. Fitting {model} without the last {horizon}.")
        unmeasured = None
        try:
            errors = _errors(
                {model: forecaster, Model.seasonal_naive: tsattn.SeasonalNaiveForecaster(**options)}, y, horizon
            )
            typer.echo(f"Error on the last {horizon} rows, held out:\n{errors}\n")
        except ValueError as problem:
            unmeasured = problem
        note(f"Fitting {model} on all rows.")
        ahead = forecaster.fit(y).predict()
        if unmeasured:  # said only here: if all rows do not do either, that error is enough
            warnings.warn(
                f"The error is not measured. With the last {horizon} rows held out: {unmeasured}", stacklevel=1
            )
        typer.echo(f"Forecast of the next {horizon} steps:\n{_rows(ahead)}")
        writers = {}
        if out:
            writers[out] = ahead.to_csv
        if plot:
            writers[plot] = _drawing(tsattn.plot_forecast(y, ahead), plot)
        if plot_attention:
            writers[plot_attention] = _drawing(tsattn.plot_attention(forecaster.attention_weights()), plot_attention)
        _write(writers)
        for path in writers:
            note(f"Wrote {path}.")


def _refuse_outputs(file, outputs, overwrite):
    """A usage error, before any work, where an output could not be written, or would destroy something."""
    outputs = {option: path for option, path in outputs.items() if path is not None}
    for option, path in outputs.items():
        problem = None
        if not path.parent.is_dir() or not os.access(path.parent, os.W_OK) or path.is_dir():
            problem = f"{path} cannot be written: {path.parent} must be a folder with the right to write."
        elif path.resolve() == Path(file).resolve() or list(outputs.values()).count(path) > 1:
            problem = f"{path} is named twice."
        elif path.exists() and not overwrite:
            problem = f"{path} exists. Name another file, or replace it with --overwrite."
        elif option != "--out" and path.suffix.lower() not in (".png", ".pdf", ".svg"):
            problem = f"{path} does not end in .png, .pdf or .svg."
        elif option != "--out" and importlib.util.find_spec("matplotlib") is None:
            problem = 'Figures need matplotlib. Install it with: pip install "tsattn[plot]"'
        if problem:
            raise typer.BadParameter(problem, param_hint=option)


def _forecaster(model, options, seed, verbose):
    with _without_greeting():
        kind = getattr(tsattn, FORECASTERS[model])
        if model in (Model.seq2seq, Model.attention, Model.transformer):
            options = {**options, "training": tsattn.Training(random_state=seed, verbose=int(verbose))}
        return kind(**options)


def _errors(forecasters, y, horizon):
    """MAE and MASE on the last rows, held out, as text: a row for each, a column for each forecaster."""
    import pandas as pd

    errors = {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`y` lacks .* stamps")  # the fit on all rows says it
        for name, forecaster in forecasters.items():
            ahead = forecaster.fit(y.iloc[:-horizon]).predict()
            actual = y[y.index.isin(ahead.index)]  # fewer than the horizon where rows are missing
            mae = (ahead - actual).abs().mean()
            parts = {f"MAE {channel}": mae[channel] for channel in y} if y.ndim > 1 else {"MAE": mae}
            errors[str(name)] = {**parts, "MASE": -forecaster.score(actual)}
    return pd.DataFrame(errors).to_string(float_format="{:.4g}".format, na_rep="-")


def _rows(ahead):
    import pandas as pd

    with pd.option_context("display.precision", 3):
        return ahead.reset_index().to_string(index=False, max_rows=ROWS_PRINTED)


def _drawing(figure, path):
    return lambda partial: figure.savefig(partial, format=path.suffix[1:].lower(), dpi=150)


def _write(writers):
    """Each file whole beside its place, and then all renamed, so that no partial file is left."""
    partial = {path: path.with_name(f"{path.name}.partial-{os.getpid()}") for path in writers}
    try:
        for path, write in writers.items():
            write(partial[path])
        for path in writers:
            os.replace(partial[path], path)
    finally:
        for path in partial.values():
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _told_to_people():
    """Warnings, errors in the data and Ctrl-C as one line of text. A bug keeps its traceback."""
    with warnings.catch_warnings():
        warnings.simplefilter("default", UserWarning)
        warnings.showwarning = lambda message, *_, **__: typer.echo(f"Warning: {message}", err=True)
        try:
            yield
        except KeyboardInterrupt:
            typer.echo("Interrupted.", err=True)
            raise typer.Exit(130) from None
        except Exception as problem:
            mendable = (ValueError, OSError, ImportError)
            if isinstance(problem, ArithmeticError):  # only then: this name imports TensorFlow
                mendable = tsattn.TrainingDivergedError
            if isinstance(problem, BrokenPipeError) or not isinstance(problem, mendable):
                raise  # of a pipe that is closed, `| head`, Typer makes a quiet end
            typer.echo(f"Error: {problem}", err=True)
            raise typer.Exit(1) from None


@contextlib.contextmanager
def _without_greeting():
    """Hide what TensorFlow writes to file descriptor 2 when imported, before it heeds its own log level."""
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] != "3" or sys.stderr is None:
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


if __name__ == "__main__":
    main()
