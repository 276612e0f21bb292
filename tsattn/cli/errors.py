"""Report warnings, errors and interrupts of a command."""

import contextlib
import warnings

import typer

import tsattn


@contextlib.contextmanager
def report_errors():
    """Print each warning, and an expected error or an interrupt, as one line on stderr.

    Expected errors concern the data, the files or the installation. Any other exception is a bug and keeps its
    traceback.

    Raises:
        typer.Exit: With code 1 after an expected error, with code 130 after an interrupt.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("default", UserWarning)
        warnings.showwarning = lambda message, *_, **__: typer.echo(f"Warning: {message}", err=True)
        try:
            yield
        except KeyboardInterrupt:
            typer.echo("Interrupted.", err=True)
            raise typer.Exit(130) from None
        except Exception as error:
            expected = (ValueError, OSError, ImportError, MemoryError)
            if isinstance(error, ArithmeticError):  # imported late, because this name imports TensorFlow
                expected = tsattn.TrainingDivergedError
            if isinstance(error, BrokenPipeError) or not isinstance(error, expected):
                raise  # Typer exits silently after a closed pipe, such as `| head`
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(1) from None
