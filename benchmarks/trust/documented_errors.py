"""Distinguishes documented errors of tsattn from crashes."""

import linecache
import pathlib
import traceback

import tsattn

PACKAGE = str(pathlib.Path(tsattn.__file__).parent)
SHORTEST_MESSAGE = 20  # characters


def is_documented(error):
    """Return whether an error comes from a `raise` statement of tsattn and has a type documented for calls with data.

    A `ModelFileError` is not included, because it concerns a file, not data.
    """
    last = traceback.extract_tb(error.__traceback__)[-1]
    line = linecache.getline(last.filename, last.lineno).strip()
    raised = last.filename.startswith(PACKAGE) and line.startswith("raise ")
    documented = isinstance(error, ValueError | TypeError) and not isinstance(error, tsattn.ModelFileError)
    return raised and documented and len(str(error)) > SHORTEST_MESSAGE
