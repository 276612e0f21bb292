"""Provenance of a comparison: its settings, the versions of the libraries, and the code that reproduces it."""

import platform
from importlib.metadata import version

from tsattn.version import __version__

LIBRARIES = ("keras", "tensorflow", "pandas", "scikit-learn", "numpy")


def settings(origins, history, seeds, budget, baseline):
    """Return the settings that the report shows, as a dict of texts and numbers."""
    shown = {
        "horizon": origins.horizon,
        "windows": origins.windows,
        "stride": origins.stride,
        "refit": {1: "at every origin", origins.windows: "once"}.get(origins.refit, f"every {origins.refit} origins"),
        "training history": "all" if origins.train_size is None else f"at most {origins.train_size} steps",
        "seeds": ", ".join(map(str, seeds)),
        "budget": "none" if budget is None else str(budget),
        "baseline": baseline,
    }
    if len(set(history.layout.ends)) > 1:
        shown["origins"] = (
            "counted from the end of each series: a joint fit may include later values of series that end after others"
        )
    return shown


def library_versions():
    """Return the versions of Python, tsattn and the libraries that it uses."""
    libraries = {name: _version(name) for name in LIBRARIES}
    return {"python": platform.python_version(), "tsattn": __version__, **libraries}


def _version(name):
    try:
        return version(name)
    except ImportError:
        return "not installed"


def command(candidates, covariates, static, arguments):
    """Return the Python code of a call of `compare`.

    Args:
        candidates: Dict of name to the code of each candidate, with its budget.
        covariates, static: As in `compare`; they are referred to by name unless None.
        arguments: Dict of the other arguments. Those that are None or False are omitted.
    """
    lines = [f"    {name!r}: {code}," for name, code in candidates.items()]
    data = ["y"]
    if covariates is not None:
        data.append("covariates")
    if static is not None:
        data.append("static=static")
    options = [f"{name}={value!r}" for name, value in arguments.items() if value is not None and value is not False]
    return "\n".join(["compare({", *lines, f"}}, {', '.join([*data, *options])})"])
