"""Import TensorFlow without the log lines that it writes at start-up.

TensorFlow writes them in C++, to file descriptor 2, and in part before it reads its own log level. An import hook
covers every way to import it: through a public name, through a module, or in a worker process that loads a pickle.
"""

import contextlib
import faulthandler
import os
import re
import sys

LEVEL = "TF_CPP_MIN_LOG_LEVEL"
SILENT = "3"  # only fatal errors are logged
# Messages of severity I, W or E in the formats of Abseil and of TensorFlow, and two lines that belong to them.
STARTUP_LINE = re.compile(
    rb"[IWE]\d{4} \d{2}:\d{2}:\d+\.\d+ |\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d+: [IWE] "
    rb"|WARNING: All log messages before absl::InitializeLog\(\)|To enable the following instructions:"
)


def hide_startup_messages():
    """Hide TensorFlow's start-up messages when it is imported for the first time.

    Its log level stays at `"3"` afterwards. Other output is kept: Python warnings, what other threads write, and all
    output of an import that fails. Does nothing if TensorFlow is already imported, or if the user has set
    `TF_CPP_MIN_LOG_LEVEL` to a level other than `"3"`.
    """
    if "tensorflow" not in sys.modules and not any(isinstance(finder, _TensorFlowFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _TensorFlowFinder())


class _TensorFlowFinder:
    """Finder on `sys.meta_path` that adds `_QuietLoader` to the spec of TensorFlow that the other finders return."""

    def find_spec(self, name, path=None, target=None):
        if name != "tensorflow":
            return None
        for finder in sys.meta_path:
            if isinstance(finder, _TensorFlowFinder) or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _QuietLoader(spec.loader, self)
                return spec
        return None


class _QuietLoader:
    """Loader that hides the start-up messages once and then delegates to the original loader."""

    def __init__(self, loader, finder):
        self._loader = loader
        self._finder = finder

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._loader
        with contextlib.suppress(ValueError):
            sys.meta_path.remove(self._finder)
        with _silent_log_level() as silent, _filtered_stderr() if silent else contextlib.nullcontext():
            self._loader.exec_module(module)


@contextlib.contextmanager
def _silent_log_level():
    """Set the log level while TensorFlow reads it, unless the user has set it. Yields whether they are hidden."""
    is_set = LEVEL in os.environ
    if not is_set:
        os.environ[LEVEL] = SILENT
    try:
        yield os.environ[LEVEL] == SILENT
    finally:
        if not is_set:
            os.environ.pop(LEVEL, None)


@contextlib.contextmanager
def _filtered_stderr():
    """Capture the output to file descriptor 2, and finally write it there without the start-up messages."""
    import tempfile  # imported here, so that `import tsattn` is fast

    with contextlib.ExitStack() as stack:
        try:
            stderr = os.dup(2)
            stack.callback(os.close, stderr)
            collected = stack.enter_context(tempfile.TemporaryFile())
        except OSError:  # descriptor 2 is closed, or no temporary file can be created
            yield
            return
        _flush_stderr()
        if not faulthandler.is_enabled():  # a crash would lose the captured output: show at least where it happened
            faulthandler.enable(stderr)
            stack.callback(faulthandler.disable)
        os.dup2(collected.fileno(), 2)
        keep = None  # after an error, all lines
        try:
            yield
            keep = _is_no_startup_line
        finally:
            _flush_stderr()
            os.dup2(stderr, 2)
            collected.seek(0)
            kept = b"".join(filter(keep, collected))
            with contextlib.suppress(OSError):
                while kept:
                    kept = kept[os.write(2, kept) :]


def _is_no_startup_line(line):
    return not STARTUP_LINE.match(line)


def _flush_stderr():
    with contextlib.suppress(AttributeError, OSError, ValueError):  # there is no stream, or it is closed
        sys.stderr.flush()
