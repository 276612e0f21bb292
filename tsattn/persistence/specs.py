"""What a value must be: how it is written as plain values and arrays, and how it is read again.

What a place in a file holds is decided here, never by the file.
"""

import dataclasses
import json
from collections.abc import Callable

import numpy as np

from tsattn.persistence.error import ModelFileError
from tsattn.persistence.indexes import read_dtype, read_index, write_dtype, write_index
from tsattn.persistence.labels import read_label, write_label
from tsattn.persistence.steps import read_step, write_step

FLOATS = ("float32", "float64")


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a value is in a file.

    Args:
        name: Of this place.
        arrays: The arrays that were written, or are still to be read, by the names of their places.
        sizes: The sizes of dimensions that are known, by name.
        helpers: What a caller's own specs need.
    """

    name: str
    arrays: dict
    sizes: dict = dataclasses.field(default_factory=dict)
    helpers: dict = dataclasses.field(default_factory=dict)

    def at(self, part):
        """The place of a part of the value."""
        return dataclasses.replace(self, name=f"{self.name}.{part}")

    def require(self, fits, came, wanted):
        """A ModelFileError unless it fits."""
        if not fits:
            raise ModelFileError(f"{self.name} is {str(came)[:80]}, but must be {wanted}.")

    def size(self, dimension, size):
        """Checks the size of a dimension, unless that is None, by what it was elsewhere. "series+1" is one more."""
        if dimension is None:
            return
        base, _, more = dimension.partition("+")
        size -= int(more or 0)
        self.require(self.sizes.setdefault(base, size) == size, size, f"{self.sizes[base]} {base} as elsewhere")


@dataclasses.dataclass(frozen=True)
class Spec:
    """What a value must be.

    Args:
        write: Function of a value and its `Place`, to plain values; arrays are put into the place's.
        read: Function of plain values and a `Place`, to the value.
    """

    write: Callable
    read: Callable


def number(dimension=None, least=1, most=2**20):
    """A whole number; if it is the size of a dimension, checked by it."""

    def same(value, place):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool) and least <= value <= most
        place.require(whole, value, f"a whole number from {least} to {most}")
        place.size(dimension, int(value))
        return int(value)

    return Spec(same, same)


def choice(*options):
    """One of a few plain values."""

    def same(value, place):
        known = any(type(value) is type(option) and value == option for option in options)
        place.require(known, value, f"one of {options}")
        return value

    return Spec(same, same)


def _text(value, place):
    place.require(type(value) is str, value, "text")
    return value


def _write_real(value, place):
    return write_label(float(value), place.name)


def _read_real(plain, place):
    value = read_label(plain, place.name)
    place.require(type(value) is float, value, "a number")
    return value


def exactly(write, read):
    """What two functions say, of which the second reads what the first wrote, and nothing else to the same effect.

    pandas makes an index of text of numbers too, and true of any text: a file that says it so is none of ours.
    """

    def checked(plain, place):
        value = read(plain, place)
        place.require(_sorted(write(value, place)) == _sorted(plain), plain, "a value as it is written")
        return value

    return Spec(write, checked)


def _sorted(plain):
    return json.dumps(plain, sort_keys=True)  # True and 1 and 1.0 are equal, but not the same


def _named(write, read):
    return exactly(lambda value, place: write(value, place.name), lambda plain, place: read(plain, place.name))


TEXT = Spec(_text, _text)
FLAG = choice(True, False)
REAL = Spec(_write_real, _read_real)  # NaN too
LABEL = _named(write_label, read_label)
STEP = _named(write_step, read_step)
DTYPE = _named(write_dtype, read_dtype)
INDEX = _named(write_index, read_index)


def index(dimension):
    """A pandas Index, as long as a dimension is."""

    def write(value, place):
        place.size(dimension, len(value))
        return INDEX.write(value, place)

    def read(plain, place):
        value = INDEX.read(plain, place)
        place.size(dimension, len(value))
        return value

    return Spec(write, read)


def optional(spec):
    """None, or what another spec says."""
    return Spec(
        lambda value, place: None if value is None else spec.write(value, place),
        lambda plain, place: None if plain is None else spec.read(plain, place),
    )


def several(spec, dimension=None, kind=tuple):
    """A tuple, or a list as the `kind`, of values, as many as a dimension is long."""

    def each(values, place, way):
        place.require(isinstance(values, list | tuple), values, "a list")
        place.size(dimension, len(values))
        return [way(value, place.at(number)) for number, value in enumerate(values)]

    return Spec(
        lambda values, place: each(values, place, spec.write), lambda plain, place: kind(each(plain, place, spec.read))
    )


def fields(specs):
    """A dict from these names to what their specs say."""

    def each(values, place, way):
        place.require(isinstance(values, dict), values, "a dict")
        other = sorted(set(values) ^ set(specs))
        place.require(not other, f"different in {other}", f"a dict with the names {sorted(specs)}")
        return {name: way(specs[name])(values[name], place.at(name)) for name in specs}

    return Spec(
        lambda values, place: each(values, place, lambda spec: spec.write),
        lambda plain, place: each(plain, place, lambda spec: spec.read),
    )


def record(kind, /, **specs):
    """An object of a class that is made from these attributes."""
    plain = fields(specs)
    return Spec(
        lambda value, place: plain.write({name: getattr(value, name) for name in specs}, place),
        lambda values, place: kind(**plain.read(values, place)),
    )


def array(dtypes, *dimensions, finite=False):
    """A NumPy array.

    Args:
        dtypes: Names of the dtypes that it may have.
        dimensions: The name of each dimension, None for any size; a lone `...` for any shape.
        finite: Whether every value must be a number, else it may be NaN as well.
    """
    anything = dimensions == (...,)

    def check(value, place):
        place.require(isinstance(value, np.ndarray), type(value).__name__, "an array")
        place.require(value.dtype.name in dtypes, f"of the dtype {value.dtype}", f"of {' or '.join(dtypes)}")
        if not anything:
            wanted = f"of {len(dimensions)} dimensions"
            place.require(value.ndim == len(dimensions), f"of the shape {value.shape}", wanted)
            for dimension, size in zip(dimensions, value.shape, strict=True):
                place.size(dimension, size)
        if value.dtype.kind == "f":
            fits = np.isfinite(value) if finite else ~np.isinf(value)
            place.require(fits.all(), "an array with NaN or infinite values", "finite")

    def write(value, place):
        check(value, place)
        place.arrays[place.name] = np.asarray(value, order="C")
        return {"array": place.name}

    def read(plain, place):
        place.require(plain == {"array": place.name} and place.name in place.arrays, plain, "an array of the file")
        value = place.arrays.pop(place.name)
        check(value, place)
        return value

    return Spec(write, read)
