"""Pieces of work of a comparison: run in any process, kept in files, and taken up again."""

import dataclasses
import io
import json
import pathlib
import zipfile

import joblib
import numpy as np

from tsattn._utils.atomic_write import write_atomic
from tsattn._utils.warnings import warn
from tsattn.evaluation.insight import Insight
from tsattn.evaluation.rolling import Piece, run_copy

INSIGHT = [field.name for field in dataclasses.fields(Insight)]


def attempt(key, copies, *arguments, **options):
    """A piece of work with its key, or the error that it ended with, as text."""
    try:
        return key, run_copy(copies, *arguments, **options)
    except Exception as problem:
        return key, told(problem)


def told(problem):
    """An exception as text."""
    return f"{type(problem).__name__}: {problem}"


class Kept:
    """Finished pieces in a folder, so that a run that was stopped goes on where it ended.

    Args:
        folder: Path; None keeps nothing.
        shared: What all pieces depend on: the data, the plan, the versions of the libraries.

    Raises:
        ValueError: a file has that name. OSError: the folder cannot be made.
    """

    def __init__(self, folder, shared):
        self.folder = None if folder is None else pathlib.Path(folder)
        self.shared = None if folder is None else joblib.hash(shared)
        if self.folder is not None:
            if self.folder.exists() and not self.folder.is_dir():
                raise ValueError(f"`resume` is {str(folder)!r}, which is a file, but must be a folder. Name another.")
            self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, name, forecaster, *task):
        """The file of a piece of work with a forecaster that is not fitted; None where nothing can be kept."""
        if self.folder is None:
            return None
        try:
            made = forecaster.get_params() if hasattr(forecaster, "get_params") else vars(forecaster)
            kind = type(forecaster)
            key = joblib.hash((self.shared, name, kind.__module__, kind.__qualname__, made, task))
        except Exception as problem:
            warn(f"`resume` cannot keep what {name!r} forecasts, as it cannot be pickled: {told(problem)}")
            return None
        return self.folder / f"{key}.npz"

    def read(self, path):
        """The piece in a file, None where there is none, or none that is whole."""
        if path is None:
            return None
        try:
            with path.open("rb") as whole, np.load(whole) as file:
                seconds = map(float, file["seconds"])
                parameters = None if file["parameters"] < 0 else int(file["parameters"])
                insight = Insight(**{name: file[name] for name in INSIGHT if name in file.files})
                fell_back = bool(file["fell_back"])
                return Piece(file["values"], tuple(file["levels"]), *seconds, parameters, fell_back, insight)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def write(self, path, piece):
        """Keeps a piece."""
        if path is None:
            return
        buffer = io.BytesIO()
        np.savez(
            buffer,
            values=piece.values,
            levels=np.array(piece.levels, dtype="float64"),
            seconds=[piece.fit_seconds, piece.predict_seconds],
            parameters=-1 if piece.parameters is None else piece.parameters,
            fell_back=piece.fell_back,
            **{name: values for name, values in vars(piece.insight or Insight()).items() if values is not None},
        )
        write_atomic(path, buffer.getvalue(), overwrite=True)

    def number(self, name, forecaster, measure):
        """What a function of no arguments measures of a forecaster, or measured when this was first asked."""
        path = self.path(name, forecaster, "number")
        if path is None:
            return measure()
        path = path.with_suffix(".json")
        if not path.is_file():
            write_atomic(path, json.dumps(measure()), overwrite=True)
        return json.loads(path.read_text())
