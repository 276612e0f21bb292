"""Print the modules of tsattn that the data enter in one `fit` and one `predict`, in order.

    python benchmarks/trust/data_path.py [--quick]

An `AttentionForecaster` is fitted to AirPassengers, from random weights. The data enter a module if another module
calls a function of it with data among its arguments: a pandas object, an array, an object of `tsattn.series` or
`Origins`, or a collection of them. The subpackages `_utils`, `networks` and `layers`, and the layers and weights in
`accelerators` are omitted: they are checks, or run inside the compiled function. Two figures show how straight the path
is:

- A re-entry is such a call of a module that is already on the stack, below the module that calls it. It means that a
  lower room calls back into a higher one.
- A return, the stricter count, is an entry into a module after which the data have already been in a module further
  along the path. A loop over batches returns to the windows, the scaling and the steps of the network with each batch,
  so that returns cannot be avoided.

`--quick` traces a `LinearForecaster`.
"""

import ast
import collections
import functools
import pathlib
import sys
import warnings

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import numpy as np
import pandas as pd

import tsattn
from benchmarks.common.runner import make_parser
from benchmarks.common.tables import print_table

PACKAGE = pathlib.Path(tsattn.__file__).parent
SKIPPED = ("_utils", "networks", "layers")
# The first two run inside the compiled function, as the layers do; the last one copies weights, which are not data.
EXCLUDED = ("accelerators/dropout.py", "accelerators/lstm.py", "accelerators/flat_variables.py")
HORIZON = 12


@functools.cache
def module_of(file):
    """Return the path of a file in the package, or None if it is omitted or not in the package."""
    path = pathlib.Path(file)
    if PACKAGE not in path.parents:
        return None
    module = path.relative_to(PACKAGE)
    return None if module.parts[0] in SKIPPED or module.as_posix() in EXCLUDED else module.as_posix()


def is_data(value, depth=2):
    """Whether a value is data, or a collection that contains data."""
    if isinstance(value, np.ndarray | pd.Series | pd.DataFrame | pd.Index):
        return True
    if type(value).__module__.startswith(("tsattn.series", "tsattn.forecasters.origins")):
        return True
    if depth and isinstance(value, list | tuple | dict):
        return any(is_data(part, depth - 1) for part in (value.values() if isinstance(value, dict) else value))
    return False


class Trace:
    """Records the calls between the modules of tsattn in the current thread.

    Attributes:
        modules: Paths in the package, in the order in which they were entered.
        reentries: Number of calls by (calling module, called module) where the called one is further up the stack.
        returns: Number of entries by module, if the data have been in a module further along the path since the last.
    """

    def __init__(self):
        self.modules, self.reentries, self.returns = [], collections.Counter(), collections.Counter()
        self._stack, self._last = [], {}

    def __enter__(self):
        sys.setprofile(self._profile)
        return self

    def __exit__(self, *error):
        sys.setprofile(None)

    def _profile(self, frame, event, argument):
        code = frame.f_code
        # The code "<module>" runs when a module is imported.
        if event not in ("call", "return") or code.co_name == "<module>":
            return
        module = module_of(code.co_filename)
        if module is None:
            return
        if event == "return":
            if self._stack:
                self._stack.pop()
            return
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        has_data = any(is_data(frame.f_locals[name]) for name in names if name in frame.f_locals)
        if has_data and (not self._stack or self._stack[-1] != module):
            self._enter(module)
        self._stack.append(module)

    def _enter(self, module):
        if module in self._last:
            further = self.modules[self.modules.index(module) + 1 :]
            self.returns[module] += any(self._last[other] > self._last[module] for other in further)
        else:
            self.modules.append(module)
        if module in self._stack:
            self.reentries[self._stack[-1], module] += 1
        self._last[module] = 1 + max(self._last.values(), default=0)


def summary(module):
    """Return the first line of the docstring of a module."""
    docstring = ast.get_docstring(ast.parse((PACKAGE / module).read_text(encoding="utf-8")))
    return (docstring or "").split("\n")[0]


def table_rows(trace):
    """Return the number, the path and the contents of each module of a trace, as in the tables of CONTRIBUTING.md."""
    return [(number, f"`tsattn/{module}`", summary(module)) for number, module in enumerate(trace.modules, 1)]


def print_trace(name, trace):
    """Print the modules of a trace as a Markdown table, its re-entries and its returns."""
    print(f"\n{len(trace.modules)} modules in `{name}`:")
    print_table(["", "module", "contents"], table_rows(trace))
    print(f"\n{len(trace.reentries)} re-entries{':' if trace.reentries else ''}")
    for (caller, called), count in trace.reentries.items():
        print(f"- `tsattn/{called}` from `tsattn/{caller}`, {count} times")
    returned = {module: count for module, count in trace.returns.items() if count}
    print(f"\n{len(returned)} modules with returns, {sum(returned.values())} returns:")
    for module, count in returned.items():
        print(f"- `tsattn/{module}`, {count} times")


def trace_fit_and_predict(model):
    """Return the traces of `fit` and `predict` of a forecaster on AirPassengers."""
    y = tsattn.load_dataset("air_passengers")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # training is short
        with Trace() as fit:
            model.fit(y)
        with Trace() as predict:
            model.predict()
    return fit, predict


def main():
    if make_parser(__doc__, flags=("quick",)).parse_args().quick:
        model = tsattn.LinearForecaster(HORIZON)
    else:
        training = tsattn.Training(epochs=1, random_state=0, verbose=0)
        model = tsattn.AttentionForecaster(HORIZON, pretrained=False, training=training)
    for name, trace in zip(("fit", "predict"), trace_fit_and_predict(model), strict=True):
        print_trace(name, trace)


if __name__ == "__main__":
    main()
