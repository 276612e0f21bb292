"""A forecaster from its file."""

import os
from collections.abc import Callable
from os import PathLike

from tsattn.forecasters.attention import AttentionForecaster
from tsattn.forecasters.core import CoreForecaster
from tsattn.forecasters.ensemble import EnsembleForecaster
from tsattn.forecasters.forecaster import Forecaster
from tsattn.forecasters.inverted import InvertedTransformerForecaster
from tsattn.forecasters.linear import LinearForecaster
from tsattn.forecasters.naive import SeasonalNaiveForecaster
from tsattn.forecasters.rebuilding import read_forecaster
from tsattn.forecasters.saving import checked_path
from tsattn.forecasters.seq2seq import Seq2SeqForecaster
from tsattn.forecasters.training import Training
from tsattn.forecasters.transformer import TransformerForecaster
from tsattn.persistence import tensors
from tsattn.persistence.container import ARRAYS, LARGEST, PARAMS, STATE, unpack
from tsattn.persistence.error import ModelFileError
from tsattn.persistence.plain import plain_of
from tsattn.persistence.specs import Place
from tsattn.process import ForkedError

CLASSES = (
    Seq2SeqForecaster,
    AttentionForecaster,
    TransformerForecaster,
    InvertedTransformerForecaster,
    CoreForecaster,
    LinearForecaster,
    SeasonalNaiveForecaster,
    EnsembleForecaster,
    Training,
)
KINDS = {kind.__name__: kind for kind in CLASSES}
ZIP = b"PK\x03\x04"


def load_forecaster(path: str | PathLike, core: Callable | None = None) -> Forecaster:
    """The fitted forecaster that `save` wrote.

    Nothing in the file is run, and nothing is read but what `save` writes: no pickle, no `.keras`, no `.h5`. The
    network is built by this version of tsattn, and gets the weights of the file.

    Args:
        path: The file, `.tsattn`.
        core: Of a `CoreForecaster`, what it was made with: the file does not hold code. Defaults to None.

    Returns:
        The forecaster, which forecasts as it did when it was saved, and can be fitted again.

    Raises:
        ModelFileError: the file is anything else, was damaged or changed, or is of a later version; or `core` is
            missing, not needed, or another one.
        FileNotFoundError, OSError: there is no such file, or it cannot be read.
        ValueError: the path does not end in `.tsattn`.
        RuntimeError: it holds a network, and this process was forked from one that had used networks.
        MemoryError: there is no memory for it; that takes several times the size of the file.

    Example:

    >>> from tsattn import LinearForecaster, load_dataset, load_forecaster
    >>> y = load_dataset("air_passengers")
    >>> LinearForecaster(horizon=12).fit(y).save("air.tsattn")
    >>> len(load_forecaster("air.tsattn").predict())
    12
    """
    path = checked_path(path)
    try:
        return forecaster_of(_read(path), core)
    except ModelFileError as problem:
        raise ModelFileError(f"{path} cannot be loaded. {problem}") from problem


def forecaster_of(data, core=None):
    """The forecaster of the bytes of a file; see `load_forecaster`."""
    kind, members = unpack(data)
    if kind not in KINDS or KINDS[kind] is Training:
        raise ModelFileError(f"It holds a {kind!r}, which this version of tsattn has not.")
    arrays = tensors.arrays_of(members[ARRAYS])
    helpers = {"kinds": KINDS, "core": core, "cores": [], "forecaster": read_forecaster}
    place = Place("model", arrays, helpers=helpers)
    plain = {"kind": kind, "params": plain_of(members[PARAMS], PARAMS), "state": plain_of(members[STATE], STATE)}
    try:
        forecaster = read_forecaster(plain, place)
    except (ModelFileError, ForkedError):
        raise
    except Exception as problem:  # a file that was made to look like ours may break any part that is built from it
        raise ModelFileError(f"No forecaster comes of it: {type(problem).__name__}: {problem}") from problem
    if core is not None and not place.helpers["cores"]:
        raise ModelFileError(f"`core` was passed, but it holds no forecaster that takes a `core`, but a {kind}.")
    if arrays:
        raise ModelFileError(f"It holds arrays that belong to nothing: {', '.join(sorted(arrays)[:8])}.")
    return forecaster


def _read(path):
    """The bytes of a file that begins as a zip does, and is no larger than ours can be."""
    if not path.exists():
        raise FileNotFoundError(f"There is no file {str(path)!r}.")
    if not path.is_file():
        raise ModelFileError("It is no file.")
    with open(path, "rb") as file:
        start = file.read(len(ZIP))
        if start != ZIP:
            raise ModelFileError(
                f"It begins with {start!r}, but a model is a zip that `save` wrote. Pickles, .keras and .h5 files are "
                "not read: they can run code."
            )
        size, most = os.fstat(file.fileno()).st_size, sum(LARGEST.values())
        if size > most:
            raise ModelFileError(f"It has {size} bytes, but no model has more than {most}.")
        return start + file.read(size)
