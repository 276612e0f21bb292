"""Time steps as plain values: pandas offsets by the names of a closed list."""

from pandas import offsets

from tsattn.persistence.error import ModelFileError
from tsattn.persistence.labels import read_label, write_label

OFFSETS = {
    name: kind
    for name, kind in vars(offsets).items()
    if isinstance(kind, type) and issubclass(kind, offsets.BaseOffset) and name not in ("BaseOffset", "Tick")
}
DERIVED = "calendar"  # pandas makes it of the weekmask and the holidays


def write_step(step, name):
    """A pandas offset, or a whole number for an integer index, as plain values.

    Raises:
        ModelFileError: it is an offset of another type, or one that would not come back the same.
    """
    if type(step) is int:
        return step
    word = type(step).__name__
    if OFFSETS.get(word) is type(step):
        rest = {key: write_label(value, name) for key, value in step.kwds.items() if key != DERIVED}
        plain = {"offset": word, "n": step.n, "normalize": step.normalize, "arguments": rest}
        if read_step(plain, name) == step:
            return plain
    raise ModelFileError(f"{name} is {step!r}, which a file cannot hold. Use an offset of `pandas.offsets`.")


def read_step(plain, name):
    """The step of what `write_step` gave.

    Raises:
        ModelFileError: it is anything else. ValueError, TypeError: its content does not make such a step.
    """
    if type(plain) is int:
        return plain
    if type(plain) is not dict or set(plain) != {"offset", "n", "normalize", "arguments"}:
        raise ModelFileError(f"{name} is {str(plain)[:80]}, which is no time step.")
    if plain["offset"] not in OFFSETS:
        raise ModelFileError(f"{name} is the unknown time step {str(plain)[:80]}.")
    rest = {key: read_label(value, name) for key, value in plain["arguments"].items()}
    return OFFSETS[plain["offset"]](plain["n"], plain["normalize"], **rest)
