"""Only TensorFlow's start-up messages are hidden on import."""

import os
import pathlib
import subprocess
import sys

import pytest

import tsattn

ROOT = pathlib.Path(tsattn.__file__).parent.parent
STARTUP = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    "I0000 00:00:1796010982.517843    8507 port.cc:153] oneDNN custom operations are on.\n"
    "2026-01-31 10:20:30.123456: E external/local_xla/cuda_fft.cc:467] Unable to register cuFFT factory\n"
    "To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow.\n"
)
# A package that replaces TensorFlow: it writes start-up messages, and then runs the code of the test.
TENSORFLOW = f"""
import contextlib, os, sys, threading, warnings
LEVEL = os.environ.get("TF_CPP_MIN_LOG_LEVEL")
with contextlib.suppress(OSError):
    os.write(2, {STARTUP.encode()!r})
exec(os.environ["ON_IMPORT"])
"""


def run_program(program, *folders, **environment):
    """Run a program in a new process, in which the user has not set the log level."""
    unset = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    environment = {**unset, "PYTHONPATH": os.pathsep.join(map(str, [*folders, ROOT])), **environment}
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)


@pytest.fixture
def run(tmp_path):
    """Return a function that runs a program with the package that replaces TensorFlow."""
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text(TENSORFLOW)
    return lambda program, on_import="", **environment: run_program(
        program, tmp_path, ON_IMPORT=on_import, **environment
    )


IMPORTS = {
    "a plain import": "import tsattn, tensorflow",
    "a lookup before the import": """
import importlib.util, tsattn
importlib.util.find_spec("tensorflow")
import tensorflow
""",
    "two imports of tsattn": "import sys, tsattn; del sys.modules['tsattn']; import tsattn, tensorflow",
    "concurrent imports": """
import importlib, threading, tsattn
threads = [threading.Thread(target=importlib.import_module, args=("tensorflow",)) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
""",
}


@pytest.mark.parametrize("program", IMPORTS.values(), ids=IMPORTS)
def test_startup_messages_are_hidden(run, program):
    result = run(program)
    assert (result.stderr, result.returncode) == ("", 0)


KEPT = {
    "a line on stderr": ("print('a line', file=sys.stderr)", "a line\n"),
    "an incomplete line": ("sys.stderr.write('no newline')", "no newline"),
    "a fatal log message": (
        "os.write(2, b'F0000 00:00:17.1 1 x.cc:1] No AVX\\n')",
        "F0000 00:00:17.1 1 x.cc:1] No AVX\n",
    ),
    "a Python warning": ("warnings.warn_explicit('careful', UserWarning, 'a.py', 1)", "a.py:1: UserWarning: careful\n"),
    "the output of a thread": (
        "thread = threading.Thread(target=os.write, args=(2, b'other\\n')); thread.start(); thread.join()",
        "other\n",
    ),
}


@pytest.mark.parametrize(("on_import", "expected"), KEPT.values(), ids=KEPT)
def test_other_output_is_kept(run, on_import, expected):
    assert run("import tsattn, tensorflow", on_import).stderr == expected


def test_failed_import_keeps_all_output(run):
    result = run("import tsattn, tensorflow", "raise ImportError('a library is missing')")
    assert result.stderr.startswith(STARTUP) and "ImportError: a library is missing" in result.stderr
    assert result.returncode == 1


def test_crash_during_import_is_reported(run):
    stderr = run("import tsattn, tensorflow", "os.abort()").stderr
    assert "Fatal Python error: Aborted" in stderr and "tensorflow" in stderr


def test_process_is_restored_after_the_import(run):
    program = """
import faulthandler, os, sys, tsattn
before = os.fstat(2), sys.meta_path[1:]
import tensorflow
print(tensorflow.LEVEL, os.environ.get("TF_CPP_MIN_LOG_LEVEL"), faulthandler.is_enabled())
print((os.fstat(2), sys.meta_path) == before)
print(type(tensorflow.__loader__).__name__, tensorflow.__spec__.loader is tensorflow.__loader__)
os.write(2, b"I0000 00:00:17.1 1 x.cc:1] later")
"""
    result = run(program)
    assert result.stdout.splitlines() == ["3 None False", "True", "SourceFileLoader True"]
    assert result.stderr == "I0000 00:00:17.1 1 x.cc:1] later"


@pytest.mark.parametrize("level", ["0", "1", "2"])
def test_log_level_of_the_user_is_respected(run, level):
    result = run("import tsattn, tensorflow; print(tensorflow.LEVEL)", TF_CPP_MIN_LOG_LEVEL=level)
    assert (result.stderr, result.stdout) == (STARTUP, f"{level}\n")


def test_log_level_3_of_the_user_hides_messages(run):
    program = "import os, tsattn, tensorflow; print(os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    result = run(program, TF_CPP_MIN_LOG_LEVEL="3")
    assert (result.stderr, result.stdout) == ("", "3\n")


def test_tensorflow_that_is_already_imported_is_left_alone(run):
    program = "import sys; finders = list(sys.meta_path); import tensorflow, tsattn; print(sys.meta_path == finders)"
    result = run(program)
    assert (result.stderr, result.stdout) == (STARTUP, "True\n")


@pytest.mark.parametrize("close", ["os.close(2)", "sys.stderr.close()", "sys.stderr = None; os.close(2)"])
def test_closed_stderr_does_no_harm(run, close):
    result = run(f"import os, sys; {close}; import tsattn, tensorflow; print('done')")
    assert (result.stdout, result.returncode) == ("done\n", 0)


def test_missing_temporary_folder_shows_the_messages(run):
    program = "import tempfile, tsattn; tempfile.tempdir = '/no/such/folder'; import tensorflow"
    result = run(program)
    assert (result.stderr, result.returncode) == (STARTUP, 0)


def test_script_that_fits_a_network_has_empty_stderr():
    program = """
from tsattn import AttentionForecaster, Training, load_dataset
training = Training(epochs=1, batches_per_epoch=1, random_state=0, verbose=0)
model = AttentionForecaster(horizon=12, units=4, fallback=False, training=training)
print(len(model.fit(load_dataset("air_passengers")).predict()))
"""
    result = run_program(program)
    assert (result.stderr, result.stdout) == ("", "12\n")


def test_worker_process_has_empty_stderr():
    """A worker imports the modules that a pickle names, without the public names of the package."""
    result = run_program("import sys, tsattn.forecasters.attention; print('tensorflow' in sys.modules)")
    assert (result.stderr, result.stdout) == ("", "True\n")
