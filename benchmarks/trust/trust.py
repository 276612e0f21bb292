"""Run all measurements and tests listed in SECURITY.md, which takes about 50 minutes on two cores.

    python benchmarks/trust/trust.py [--quick]

Prints each command, its duration, and finally which commands failed. The exit code is 1 if any failed. The last command
is pytest with the tests that SECURITY.md names. `--quick` runs short versions of the measurements in about two minutes,
writes no results and skips the tests, which CI runs. Stored files are loaded on the JAX backend only in CI.
"""

import os
import pathlib
import subprocess
import sys
import time

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

from benchmarks.common.processes import ROOT
from benchmarks.common.runner import make_parser

# Script and its arguments. Each runs in a separate process: kill_saves.py forks, which would hang after TensorFlow.
SCRIPTS = {
    "kill_saves.py": ("--kills", "200"),
    "fuzz_files.py": ("--minutes", "10"),
    "generated_files.py": ("--files", "10000"),
    "generated_frames.py": ("--frames", "10000"),
}
# The tests that SECURITY.md names, in one process.
TESTS = (
    "tests/persistence/test_interrupted_saves.py",
    "tests/persistence/test_save_paths.py",
    "tests/persistence/test_hostile_files.py",
    "tests/persistence/test_kept_files.py",
    "tests/export/test_export.py",
    "tests/forecasters/test_contract.py",
    "tests/forecasters/test_bad_inputs.py",
    "tests/training/test_bad_training.py",
    "tests/forecasters/test_sklearn_checks.py",
)


def commands(quick):
    """Return the arguments of Python for each command."""
    scripts = [(f"benchmarks/trust/{name}", *(("--quick",) if quick else full)) for name, full in SCRIPTS.items()]
    return scripts if quick else [*scripts, ("-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", *TESTS)]


def run(commands, environment):
    """Run Python with each of these arguments in the repository root, and return the commands that failed."""
    failed = []
    for command in commands:
        text = f"python {' '.join(command)}"
        print(f"\n=== {text}", flush=True)
        start = time.perf_counter()
        process = subprocess.run([sys.executable, *command], env=environment, cwd=ROOT)
        result = "failed" if process.returncode else "passed"
        print(f"{result} after {time.perf_counter() - start:.0f} s", flush=True)
        failed += [text] * (process.returncode != 0)
    return failed


def main():
    quick = make_parser(__doc__, flags=("quick",)).parse_args().quick
    all_commands = commands(quick)
    failed = run(all_commands, {"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ})
    passed = f"{len(all_commands) - len(failed)} of {len(all_commands)} passed"
    print(f"\n{passed}{', failed: ' if failed else ''}{'; '.join(failed)}")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
