"""A fitted forecaster as the bytes of a model file, and as the file."""

import importlib.metadata
import platform

from tsattn._utils.atomic_write import check_file_name, check_target, write_atomic
from tsattn.forecasters.model_file.state import write_forecaster
from tsattn.persistence import tensors
from tsattn.persistence.container import ARRAYS, PARAMS, STATE, pack
from tsattn.persistence.error import ModelFileError
from tsattn.persistence.plain import text_of
from tsattn.persistence.specs import Place
from tsattn.version import __version__

SUFFIX = ".tsattn"
LIBRARIES = ("keras", "numpy", "pandas", "safetensors")


def checked_path(path):
    """A path that ends as model files do, as a `Path`.

    Raises:
        ValueError: it ends in something else, or is no path.
    """
    path = check_file_name(path)
    if path.suffix != SUFFIX:
        raise ValueError(f"{str(path)!r} does not end in {SUFFIX!r}, as the files of forecasters do. Add it.")
    return path


def save_forecaster(forecaster, path, overwrite):
    """Writes the file, as `BaseForecaster.save` says."""
    path = checked_path(path)
    check_target(path, overwrite)
    write_atomic(path, file_bytes(forecaster), overwrite=overwrite)


def file_bytes(forecaster):
    """The bytes of the file.

    Raises:
        ModelFileError: a file cannot hold this forecaster.
    """
    place = Place("model", {}, helpers={"cores": []})
    plain = write_forecaster(forecaster, place)
    if len({id(core) for core in place.helpers["cores"]}) > 1:
        raise ModelFileError(
            "The forecaster has more than one `core`, but `load_forecaster` is handed one: of an ensemble all members, "
            "and each as it was fitted. Fit it with one, or pickle it."
        )
    versions = {"tsattn": __version__, "python": platform.python_version()}
    versions |= {name: importlib.metadata.version(name) for name in LIBRARIES}
    members = {
        PARAMS: text_of(plain["params"]),
        STATE: text_of(plain["state"]),
        ARRAYS: tensors.bytes_of(place.arrays),
    }
    return pack(plain["kind"], versions, members)
