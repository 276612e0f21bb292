"""Strict JSON: no NaN and no duplicate names."""

import json

from tsattn.persistence.error import ModelFileError


def encode_json(plain):
    """Encode plain values as bytes."""
    return json.dumps(plain, allow_nan=False, separators=(",", ":")).encode("ascii")


def decode_json(data, name):
    """Decode plain values from bytes.

    Args:
        data: The bytes.
        name: Name of the member, for error messages.

    Raises:
        ModelFileError: If the bytes are not JSON as written by `encode_json`.
    """
    try:
        return json.loads(data.decode("ascii"), object_pairs_hook=_check_names, parse_constant=_reject_constant)
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"Its {name} is not JSON written by tsattn: {error}.") from error


def _check_names(pairs):
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a name occurs more than once")
    return values


def _reject_constant(constant):
    raise ValueError(f"{constant} is not allowed")
