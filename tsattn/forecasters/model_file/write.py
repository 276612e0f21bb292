"""Writing of a fitted forecaster to a model file."""

import importlib.metadata
import platform

from tsattn._utils.atomic_write import check_file_name, check_target, write_atomic
from tsattn.forecasters.model_file.state import write_forecaster
from tsattn.persistence.container import ARRAYS, PARAMS, STATE, pack
from tsattn.persistence.error import ModelFileError
from tsattn.persistence.specs import Location
from tsattn.persistence.strict_json import encode_json
from tsattn.persistence.tensors import encode_arrays
from tsattn.version import __version__

SUFFIX = ".tsattn"
LIBRARIES = ("keras", "numpy", "pandas", "safetensors")


def check_path(path, advice):
    """Check that a path ends in `.tsattn`.

    Args:
        path: Path of a model file.
        advice: Last sentence of the error message: what to do instead.

    Returns:
        The path as a `pathlib.Path`.

    Raises:
        ValueError: If the path does not end in `.tsattn`, or is not a valid file name.
    """
    path = check_file_name(path)
    if path.suffix != SUFFIX:
        raise ValueError(f"{str(path)!r} does not end in {SUFFIX!r}. {advice}")
    return path


def save_forecaster(forecaster, path, overwrite):
    """Write a fitted forecaster to a file; see `Forecaster.save`."""
    path = check_path(path, "Add this suffix.")
    check_target(path, overwrite)
    write_atomic(path, encode_forecaster(forecaster), overwrite=overwrite)


def encode_forecaster(forecaster):
    """Encode a fitted forecaster as the bytes of a model file.

    Raises:
        ModelFileError: If a model file cannot store it.
    """
    location = Location("model", {}, helpers={"cores": []})
    plain = write_forecaster(forecaster, location)
    if len({id(core) for core in location.helpers["cores"]}) > 1:
        raise ModelFileError(
            "The forecaster has more than one `core`, but `load_forecaster` accepts only one: the members of an "
            "ensemble must share it, and it must not change after the fit. Fit the forecaster with one core, or "
            "pickle it."
        )
    versions = {"tsattn": __version__, "python": platform.python_version()}
    versions |= {name: importlib.metadata.version(name) for name in LIBRARIES}
    members = {
        PARAMS: encode_json(plain["params"]),
        STATE: encode_json(plain["state"]),
        ARRAYS: encode_arrays(location.arrays),
    }
    return pack(plain["kind"], versions, members)
