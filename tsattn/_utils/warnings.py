"""Warnings that point to the caller's code instead of the package."""

import inspect
import pathlib
import warnings

PACKAGE = str(pathlib.Path(__file__).parent.parent)


def warn(message):
    """Emit a UserWarning for the line outside the package that called it."""
    frame, level, outermost = inspect.currentframe(), 1, 1
    while frame is not None:
        if frame.f_code.co_filename.startswith(PACKAGE):
            outermost = level
        frame, level = frame.f_back, level + 1
    warnings.warn(message, UserWarning, stacklevel=outermost + 1)
