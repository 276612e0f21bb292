"""Which errors are tsattn's own answers to what it was given, and which are crashes."""

import linecache
import pathlib
import traceback

import tsattn

PACKAGE = str(pathlib.Path(tsattn.__file__).parent)


def is_ours(problem):
    """Whether an error was raised by a `raise` of tsattn, and is of a kind that it documents of calls with data.

    A `ModelFileError` is none of them: it tells of a file, which is where it was read or cannot be written.
    """
    last = traceback.extract_tb(problem.__traceback__)[-1]
    line = linecache.getline(last.filename, last.lineno).strip()
    raised = last.filename.startswith(PACKAGE) and line.startswith("raise ")
    documented = isinstance(problem, ValueError | TypeError) and not isinstance(problem, tsattn.ModelFileError)
    return raised and documented and len(str(problem)) > 20
