"""Warnings that point at the line of the caller, not into the library."""

import inspect
import pathlib
import warnings

PACKAGE = str(pathlib.Path(__file__).parent.parent)


def warn(message):
    """A UserWarning at the last line on the stack that is of another package and called this one."""
    frame, level, outermost = inspect.currentframe(), 1, 1
    while frame is not None:
        if frame.f_code.co_filename.startswith(PACKAGE):
            outermost = level
        frame, level = frame.f_back, level + 1
    warnings.warn(message, UserWarning, stacklevel=outermost + 1)
