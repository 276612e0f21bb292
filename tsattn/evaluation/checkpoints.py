"""Checkpoints of a comparison: results of folds stored in a folder, so that an interrupted run can resume."""

import dataclasses
import io
import json
import pathlib
import zipfile

import joblib
import numpy as np

from tsattn._utils.atomic_write import write_atomic
from tsattn._utils.warnings import warn
from tsattn.evaluation.fold import Costs, FoldResult, error_text
from tsattn.evaluation.insight import Insight

INSIGHT = [field.name for field in dataclasses.fields(Insight)]


class Checkpoints:
    """Results of folds in a folder.

    Args:
        folder: Path of the folder, or None to store nothing.
        shared: Everything that all results depend on: the data, the origins and the versions of the libraries.

    Raises:
        ValueError: If `folder` is a file.
        OSError: If the folder cannot be created.
    """

    def __init__(self, folder, shared):
        self.folder = None if folder is None else pathlib.Path(folder)
        self.shared = None if folder is None else joblib.hash(shared)
        if self.folder is not None:
            if self.folder.exists() and not self.folder.is_dir():
                raise ValueError(f"`resume` is {str(folder)!r}, a file, but must be a folder. Pass another path.")
            self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, name, candidate, *task):
        """Return the file for a task of an unfitted candidate, or None if its result cannot be stored."""
        if self.folder is None:
            return None
        try:
            key = joblib.hash((self.shared, name, *candidate.identity, task))
        except Exception as error:
            warn(f"`resume` cannot store the forecasts of {name!r}: pickling failed. {error_text(error)}")
            return None
        return self.folder / f"{key}.npz"

    def read(self, path):
        """Return the result in a file, or None if the file is missing or incomplete."""
        if path is None:
            return None
        try:
            with path.open("rb") as whole, np.load(whole) as file:
                costs = Costs(**json.loads(str(file["costs"])))  # a TypeError if another version measured other costs
                insight = Insight(**{name: file[name] for name in INSIGHT if name in file.files})
                return FoldResult(file["values"], tuple(file["levels"]), costs, insight)
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            return None

    def write(self, path, result):
        """Store a result."""
        if path is None:
            return
        content = io.BytesIO()
        np.savez(
            content,
            values=result.values,
            levels=np.array(result.levels, dtype="float64"),
            costs=json.dumps(dataclasses.asdict(result.costs)),
            **{name: values for name, values in vars(result.insight or Insight()).items() if values is not None},
        )
        write_atomic(path, content.getvalue(), overwrite=True)

    def number(self, name, candidate, measure):
        """Return the number that `measure` returns for a candidate, or the stored one of an earlier call."""
        path = self.path(name, candidate, "number")
        if path is None:
            return measure()
        path = path.with_suffix(".json")
        if not path.is_file():
            write_atomic(path, json.dumps(measure()), overwrite=True)
        return json.loads(path.read_text())
