"""What a command says when something is wrong, and the silence around it."""

import contextlib
import os
import sys
import warnings

import typer

import tsattn

ROWS_PRINTED = 50


@contextlib.contextmanager
def told_to_people():
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
            mendable = (ValueError, OSError, ImportError, MemoryError)
            if isinstance(problem, ArithmeticError):  # only then: this name imports TensorFlow
                mendable = tsattn.TrainingDivergedError
            if isinstance(problem, BrokenPipeError) or not isinstance(problem, mendable):
                raise  # of a pipe that is closed, `| head`, Typer makes a quiet end
            typer.echo(f"Error: {problem}", err=True)
            raise typer.Exit(1) from None


@contextlib.contextmanager
def without_greeting():
    """Hide what TensorFlow writes to file descriptor 2 when imported, before it heeds its own log level."""
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] != "3" or sys.stderr is None:
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield kept
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextlib.contextmanager
def without_greeting_of_workers(jobs):
    """Hide what processes greet with that are started meanwhile; what is written by this one is seen."""
    if jobs == 1:
        yield
        return
    with without_greeting() as kept, contextlib.ExitStack() as own:
        if kept is not None and _writes_to_descriptor_2(sys.stderr):
            seen = own.enter_context(open(kept, "w", buffering=1, closefd=False))
            own.enter_context(contextlib.redirect_stderr(seen))
        yield


def _writes_to_descriptor_2(stream):
    try:
        return stream.fileno() == 2
    except OSError:  # of a stream in memory
        return False


def rows(ahead):
    """A forecast as text, row by row."""
    import pandas as pd

    with pd.option_context("display.precision", 3):
        return ahead.reset_index().to_string(index=False, max_rows=ROWS_PRINTED)
