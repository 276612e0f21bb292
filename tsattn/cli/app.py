"""The commands of `tsattn`."""

import os
from typing import Annotated

import typer

import tsattn
from tsattn.cli.evaluate import backtest, compare
from tsattn.cli.forecast import forecast
from tsattn.cli.predict import predict

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


app.command()(forecast)
app.command()(predict)
app.command()(backtest)
app.command()(compare)
