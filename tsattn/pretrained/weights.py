"""Weights of the pretrained networks: files of plain numbers inside the package, checked by their digests."""

import functools
import hashlib
import pathlib

import numpy as np

from tsattn.persistence.error import ModelFileError
from tsattn.persistence.tensors import decode_arrays, encode_arrays
from tsattn.pretrained.digests import DIGESTS

FOLDER = pathlib.Path(__file__).parent / "weights"


def file_name(family, window):
    """Return the name of the file of weights of a family and a `PretrainedWindow`."""
    return f"{family}-{window.name}.safetensors"


def is_available(family, window):
    """Return whether there is a pretrained network of a family for a `PretrainedWindow`."""
    return file_name(family, window) in DIGESTS


@functools.lru_cache(maxsize=8)
def load_weights(family, window):
    """Load the weights of a pretrained network.

    Args:
        family: Name of the family.
        window: A `PretrainedWindow`.

    Returns:
        Dict of float32 arrays by the path of the weight in the network. Do not change them.

    Raises:
        ModelFileError: If the file is missing, damaged or changed.
    """
    path = FOLDER / file_name(family, window)
    remedy = "Reinstall tsattn, or set `pretrained=False`."
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"The pretrained weights {path} cannot be read: {error.strerror}. {remedy}") from error
    if hashlib.sha256(data).hexdigest() != DIGESTS[path.name]:
        raise ModelFileError(f"The pretrained weights {path} were changed or damaged. {remedy}")
    return decode_weights(data)


def encode_weights(weights, about):
    """Encode weights as the bytes of a file, in float16.

    Args:
        weights: Dict of arrays by path.
        about: Dict of text that describes them.
    """
    return encode_arrays({name: np.ascontiguousarray(values, "float16") for name, values in weights.items()}, about)


def decode_weights(data):
    """Decode the bytes of a file as a dict of float32 arrays by path.

    Raises:
        ModelFileError: If they are not in the safetensors format.
    """
    return {name: values.astype("float32") for name, values in decode_arrays(data).items()}
