"""The command `tsattn` and its subcommands."""

from typing import Annotated

import typer

import tsattn
from tsattn.cli.evaluate import backtest, compare
from tsattn.cli.forecast import forecast
from tsattn.cli.predict import predict

# Rich would double the duration of --help and truncate the traceback of a bug.
app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


def main():
    """Run the console command `tsattn`."""
    app()


def _print_version(value: bool):
    if value:
        typer.echo(f"tsattn {tsattn.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
):
    """Forecast time series with seq2seq, attention and Transformer networks."""


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
