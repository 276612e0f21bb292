"""Arrays by name as safetensors: numbers and nothing else."""

from safetensors import SafetensorError
from safetensors.numpy import load, save

from tsattn.persistence.error import ModelFileError


def bytes_of(arrays):
    """The bytes of a dict of NumPy arrays."""
    return save(arrays)


def arrays_of(data):
    """The dict of NumPy arrays of bytes.

    Raises:
        ModelFileError: they are not safetensors, or hold a type of number that NumPy has not.
    """
    try:
        return load(data)
    except (SafetensorError, KeyError, ValueError, TypeError) as problem:
        raise ModelFileError(f"Its arrays are no safetensors: {problem}.") from problem
