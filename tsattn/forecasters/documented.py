"""The docstring of a forecaster, with the arguments that it inherits: each is described once."""

import dataclasses
import inspect

ARGS = "Args:\n"


def documented(cls):
    """Put the arguments of the base classes, described there, before a class's own."""
    defaults = {field.name: field.default for field in dataclasses.fields(cls)}
    sections = []
    for base in reversed(cls.__mro__):
        doc = inspect.cleandoc(vars(base).get("__doc__") or "")
        if base.__module__.startswith("tsattn.") and ARGS in doc:
            own = doc.split(ARGS)[1].split("\n\n")[0].rstrip()
            sections.append(own.format(**defaults) if base is not cls else own)
    before, _, after = inspect.cleandoc(cls.__doc__).partition(ARGS)
    rest = after.partition("\n\n")[2]
    cls.__doc__ = f"{before}{ARGS}" + "\n".join(sections) + (f"\n\n{rest}" if rest else "")
    return cls
