"""What a comparison was run with: what its page shows, and what gives the same numbers again."""

import platform
from importlib.metadata import version

from tsattn.version import __version__

LIBRARIES = ("keras", "tensorflow", "pandas", "scikit-learn", "numpy")


def settings(plan, cuts, seeds, budget, baseline):
    """What the page shows: names and texts or numbers."""
    shown = {
        "horizon": plan.horizon,
        "windows": plan.windows,
        "stride": plan.stride,
        "refit": {1: "at every origin", plan.windows: "once"}.get(plan.refit, f"every {plan.refit} origins"),
        "history of a fit": "all" if plan.train_size is None else f"at most {plan.train_size} steps",
        "seeds": ", ".join(map(str, seeds)),
        "budget": "none" if budget is None else str(budget),
        "baseline": baseline,
    }
    if len(set(cuts.layout.ends)) > 1:
        shown["origins"] = (
            "counted from the end of each series, so that a fit for all has learnt from what series that end later "
            "were after the origins of those that end earlier"
        )
    return shown


def libraries():
    """The versions of Python, of this library and of those below it."""
    return {"python": platform.python_version(), "tsattn": __version__, **{name: _version(name) for name in LIBRARIES}}


def _version(name):
    try:
        return version(name)
    except ImportError:
        return "not installed"


def command(candidates, covariates, static, arguments):
    """The call of `compare`, as Python.

    Args:
        candidates: Dict of how each is made by name, given its budget.
        covariates, static: As of `compare`, to be named if there are any.
        arguments: Dict of the others; those that are None or False are left out.
    """
    lines = [f"    {name!r}: {made}," for name, made in candidates.items()]
    beside = [*(["covariates"] if covariates is not None else []), *(["static=static"] if static is not None else [])]
    given = [f"{name}={value!r}" for name, value in arguments.items() if value is not None and value is not False]
    return "\n".join(["compare({", *lines, f"}}, {', '.join(['y', *beside, *given])})"])
