"""Plain values as JSON in bytes, strictly: no NaN, and no name twice."""

import json

from tsattn.persistence.error import ModelFileError


def text_of(plain):
    """The bytes of plain values."""
    return json.dumps(plain, allow_nan=False, separators=(",", ":")).encode("ascii")


def plain_of(data, name):
    """The plain values of bytes.

    Args:
        data: The bytes.
        name: What they are called in an error.

    Raises:
        ModelFileError: they are no JSON, or JSON that we do not write.
    """
    try:
        return json.loads(data.decode("ascii"), object_pairs_hook=_once, parse_constant=_refused)
    except (ValueError, RecursionError) as problem:
        raise ModelFileError(f"Its {name} is not JSON as tsattn writes it: {problem}.") from problem


def _once(pairs):
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a name comes twice")
    return values


def _refused(constant):
    raise ValueError(f"{constant} is no number")
