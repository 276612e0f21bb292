"""Time steps as plain values: pandas offsets from a closed list of names."""

from pandas import offsets

from tsattn.persistence.error import ModelFileError
from tsattn.persistence.labels import read_label, write_label

OFFSETS = {
    name: offset
    for name, offset in vars(offsets).items()
    if isinstance(offset, type) and issubclass(offset, offsets.BaseOffset) and name not in ("BaseOffset", "Tick")
}
DERIVED = "calendar"  # pandas computes it from the weekmask and the holidays


def write_step(step, name):
    """Convert a pandas offset, or an int for an integer index, to plain values.

    Args:
        step: The step.
        name: Location of the value, for error messages.

    Raises:
        ModelFileError: If it is an offset of another type, or would not be restored unchanged.
    """
    if type(step) is int:
        return step
    offset = type(step).__name__
    if OFFSETS.get(offset) is type(step):
        arguments = {key: write_label(value, name) for key, value in step.kwds.items() if key != DERIVED}
        plain = {"offset": offset, "n": step.n, "normalize": step.normalize, "arguments": arguments}
        if read_step(plain, name) == step:
            return plain
    raise ModelFileError(f"{name} is {step!r}, which a model file cannot store. Use an offset of `pandas.offsets`.")


def read_step(plain, name):
    """Convert plain values from `write_step` back to a step.

    Args:
        plain: The plain values.
        name: Location of the values, for error messages.

    Raises:
        ModelFileError: If the plain values have an invalid structure.
        ValueError: If the content is not a valid step.
        TypeError: If the content is not a valid step.
    """
    if type(plain) is int:
        return plain
    if type(plain) is not dict or set(plain) != {"offset", "n", "normalize", "arguments"}:
        raise ModelFileError(f"{name} is {str(plain)[:80]}, which is not a time step.")
    if plain["offset"] not in OFFSETS:
        raise ModelFileError(f"{name} is the unknown time step {str(plain)[:80]}.")
    arguments = {key: read_label(value, name) for key, value in plain["arguments"].items()}
    return OFFSETS[plain["offset"]](plain["n"], plain["normalize"], **arguments)
