"""Arrays by name in the safetensors format, which contains only numbers."""

from safetensors import SafetensorError
from safetensors.numpy import load, save

from tsattn.persistence.error import ModelFileError


def encode_arrays(arrays, about=None):
    """Encode a dict of NumPy arrays as bytes, with a dict of text that describes them, or None."""
    return save(arrays, about)


def decode_arrays(data):
    """Decode a dict of NumPy arrays from bytes.

    Raises:
        ModelFileError: If the bytes are not in the safetensors format, or a dtype is not supported by NumPy.
    """
    try:
        return load(data)
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise ModelFileError(f"Its arrays are not in the safetensors format: {error}.") from error
