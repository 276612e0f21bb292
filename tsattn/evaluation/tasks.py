"""Pieces of work of a comparison: run in any process, kept in files, and taken up again."""

import dataclasses
import pathlib
import zipfile

import joblib
import numpy as np

from tsattn.evaluation.insight import Insight
from tsattn.evaluation.rolling import Piece, run_piece

INSIGHT = [field.name for field in dataclasses.fields(Insight)]


def attempt(key, forecaster, *arguments, **options):
    """A piece of work with its key, or the error that it ended with, as text."""
    try:
        return key, run_piece(forecaster, *arguments, **options)
    except Exception as problem:
        return key, f"{type(problem).__name__}: {problem}"


class Kept:
    """Finished pieces in a folder, so that a run that was stopped goes on where it ended.

    Args:
        folder: Path; None keeps nothing.
        shared: What all pieces depend on: the data and the plan.
    """

    def __init__(self, folder, shared):
        self.folder = None if folder is None else pathlib.Path(folder)
        self.shared = None if folder is None else joblib.hash(shared)
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, name, forecaster, seed, backs):
        """The file of a piece."""
        told = forecaster.get_params() if hasattr(forecaster, "get_params") else vars(forecaster)
        return self.folder / f"{joblib.hash((self.shared, name, type(forecaster).__name__, told, seed, backs))}.npz"

    def read(self, *task):
        """The piece of a task, None where there is none, or none that is whole."""
        if self.folder is None:
            return None
        try:
            with self.path(*task).open("rb") as whole, np.load(whole) as file:
                seconds = map(float, file["seconds"])
                parameters = None if file["parameters"] < 0 else int(file["parameters"])
                insight = Insight(**{name: file[name] for name in INSIGHT if name in file.files})
                return Piece(file["values"], tuple(file["levels"]), *seconds, parameters, insight)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def write(self, piece, *task):
        if self.folder is None:
            return
        path = self.path(*task)
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            np.savez(
                file,
                values=piece.values,
                levels=np.array(piece.levels, dtype="float64"),
                seconds=[piece.fit_seconds, piece.predict_seconds],
                parameters=-1 if piece.parameters is None else piece.parameters,
                **{name: values for name, values in vars(piece.insight or Insight()).items() if values is not None},
            )
        partial.replace(path)
