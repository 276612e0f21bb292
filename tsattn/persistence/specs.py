"""Specs: the requirements on each value of a file, its conversion to plain values and arrays, and the inverse.

The content of a file is defined here, never by the file itself.
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
class Location:
    """Location of a value in a file.

    Args:
        name: Dotted name, such as "model.state.layout_".
        arrays: Dict of location names to arrays, those already written or those not yet read.
        sizes: Known sizes of dimensions, by name. Defaults to {}.
        helpers: Objects that the specs of the caller use. Defaults to {}.
    """

    name: str
    arrays: dict
    sizes: dict = dataclasses.field(default_factory=dict)
    helpers: dict = dataclasses.field(default_factory=dict)

    def at(self, part):
        """Return the location of a part of the value."""
        return dataclasses.replace(self, name=f"{self.name}.{part}")

    def require(self, condition, received, expected):
        """Raise a ModelFileError unless a condition is True.

        Args:
            condition: The condition.
            received: Description of the value.
            expected: Description of the expected value.
        """
        if not condition:
            raise ModelFileError(f"{self.name} is {str(received)[:80]}, but must be {expected}.")

    def check_size(self, dimension, size):
        """Check that a dimension has the same size as elsewhere in the file.

        Args:
            dimension: Its name, or None for any size; "series+1" is one more than "series".
            size: Its size.
        """
        if dimension is None:
            return
        base, _, extra = dimension.partition("+")
        size -= int(extra or 0)
        self.require(self.sizes.setdefault(base, size) == size, size, f"{self.sizes[base]} {base} as elsewhere")


@dataclasses.dataclass(frozen=True)
class Spec:
    """Requirements on a value, and its conversion.

    Args:
        write: Function of a value and its `Location` that returns plain values; arrays are added to the location.
        read: Function of plain values and a `Location` that returns the value.
    """

    write: Callable
    read: Callable


def number(dimension=None, least=1, most=2**20):
    """Return the spec of an integer, which can be the size of a dimension."""

    def check(value, location):
        is_valid = isinstance(value, int | np.integer) and not isinstance(value, bool) and least <= value <= most
        location.require(is_valid, value, f"an integer from {least} to {most}")
        location.check_size(dimension, int(value))
        return int(value)

    return Spec(check, check)


def choice(*options):
    """Return the spec of one of a few plain values."""

    def check(value, location):
        is_valid = any(type(value) is type(option) and value == option for option in options)
        location.require(is_valid, value, f"one of {options}")
        return value

    return Spec(check, check)


def _check_text(value, location):
    location.require(type(value) is str, value, "text")
    return value


def _write_real(value, location):
    return write_label(float(value), location.name)


def _read_real(plain, location):
    value = read_label(plain, location.name)
    location.require(type(value) is float, value, "a number")
    return value


def exact(write, read):
    """Return the spec of two functions, which rejects all plain values except those that `write` returns.

    Otherwise pandas would silently convert numbers in an index of text to text, and any text to True.
    """

    def checked(plain, location):
        value = read(plain, location)
        location.require(_to_text(write(value, location)) == _to_text(plain), plain, "a value written by `save`")
        return value

    return Spec(write, checked)


def _to_text(plain):
    return json.dumps(plain, sort_keys=True)  # compared as text, because True, 1 and 1.0 are equal


def _named(write, read):
    return exact(
        lambda value, location: write(value, location.name), lambda plain, location: read(plain, location.name)
    )


TEXT = Spec(_check_text, _check_text)
FLAG = choice(True, False)
REAL = Spec(_write_real, _read_real)  # including NaN
LABEL = _named(write_label, read_label)
STEP = _named(write_step, read_step)
DTYPE = _named(write_dtype, read_dtype)
INDEX = _named(write_index, read_index)


def index(dimension):
    """Return the spec of a pandas Index whose length is the size of a dimension."""

    def write(value, location):
        location.check_size(dimension, len(value))
        return INDEX.write(value, location)

    def read(plain, location):
        value = INDEX.read(plain, location)
        location.check_size(dimension, len(value))
        return value

    return Spec(write, read)


def optional(spec):
    """Return the spec of None or a value of another spec."""
    return Spec(
        lambda value, location: None if value is None else spec.write(value, location),
        lambda plain, location: None if plain is None else spec.read(plain, location),
    )


def sequence(spec, dimension=None, kind=tuple):
    """Return the spec of a tuple of values, or of a list if that is the `kind`.

    Args:
        spec: Spec of each value.
        dimension: Name of the dimension whose size is the number of values. Defaults to None.
        kind: tuple or list. Defaults to tuple.
    """

    def convert(values, location, function):
        location.require(isinstance(values, list | tuple), values, "a list")
        location.check_size(dimension, len(values))
        return [function(value, location.at(position)) for position, value in enumerate(values)]

    return Spec(
        lambda values, location: convert(values, location, spec.write),
        lambda plain, location: kind(convert(plain, location, spec.read)),
    )


def fields(specs):
    """Return the spec of a dict with exactly these names, each with its own spec."""

    def convert(values, location, function_of):
        location.require(isinstance(values, dict), values, "a dict")
        other = sorted(set(values) ^ set(specs))
        location.require(not other, f"different in {other}", f"a dict with the names {sorted(specs)}")
        return {name: function_of(specs[name])(values[name], location.at(name)) for name in specs}

    return Spec(
        lambda values, location: convert(values, location, lambda spec: spec.write),
        lambda plain, location: convert(plain, location, lambda spec: spec.read),
    )


def record(kind, /, *, attributes=None, **specs):
    """Return the spec of an object of a class that is built from its attributes.

    Args:
        kind: The class.
        attributes: Dict of names in the file to names of attributes, if they differ. Defaults to None.
        specs: Spec of each attribute, by its name in the file.
    """
    plain, attributes = fields(specs), {name: name for name in specs} | (attributes or {})
    return Spec(
        lambda value, location: plain.write({name: getattr(value, attributes[name]) for name in specs}, location),
        lambda values, location: kind(
            **{attributes[name]: part for name, part in plain.read(values, location).items()}
        ),
    )


def array(dtypes, *dimensions, finite=False):
    """Return the spec of a NumPy array.

    Args:
        dtypes: Names of the allowed dtypes.
        dimensions: Name of each dimension, None for any size; a single `...` for any shape.
        finite: Whether all values must be finite; else NaN is allowed. Defaults to False.
    """
    any_shape = dimensions == (...,)

    def check(value, location):
        location.require(isinstance(value, np.ndarray), type(value).__name__, "an array")
        location.require(value.dtype.name in dtypes, f"of the dtype {value.dtype}", f"of {' or '.join(dtypes)}")
        if not any_shape:
            expected = f"of {len(dimensions)} dimensions"
            location.require(value.ndim == len(dimensions), f"of the shape {value.shape}", expected)
            for dimension, size in zip(dimensions, value.shape, strict=True):
                location.check_size(dimension, size)
        if value.dtype.kind == "f":
            is_valid = np.isfinite(value) if finite else ~np.isinf(value)
            location.require(is_valid.all(), "an array with NaN or infinite values", "finite")

    def write(value, location):
        check(value, location)
        location.arrays[location.name] = np.asarray(value, order="C")
        return {"array": location.name}

    def read(plain, location):
        is_known = plain == {"array": location.name} and location.name in location.arrays
        location.require(is_known, plain, "an array in the file")
        value = location.arrays.pop(location.name)
        check(value, location)
        return value

    return Spec(write, read)
