"""All that SECURITY.md measures, one command after the other: about 50 minutes on two cores.

    python benchmarks/trust.py [--quick]

says what it runs and how long that took, and ends with what failed, and with 1 if anything did. The last command is
pytest, with the tests that SECURITY.md names. In short, in about two minutes, the scripts measure less, results/ stays
as it is, and the tests are left out, since CI runs them all. One thing is CI's alone: to load the kept files on JAX.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parent.parent
# Script, its arguments in full, and in short. Each is a process of its own: one forks, which TensorFlow would hang.
SCRIPTS = (
    ("kill_saves.py", ("--kills", "200"), ("--kills", "10")),
    ("fuzz_files.py", ("--minutes", "10"), ("--minutes", "0.1")),
    ("generated_files.py", ("--files", "10000"), ("--files", "200")),
    ("generated_frames.py", ("--frames", "10000"), ("--frames", "200")),
)
# The tests that SECURITY.md names, in one process.
TESTS = (
    "tests/persistence/test_interrupted_saves.py",
    "tests/persistence/test_save_paths.py",
    "tests/persistence/test_hostile_files.py",
    "tests/persistence/test_kept_files.py",
    "tests/export/test_export.py",
    "tests/forecasters/test_contract.py",
    "tests/forecasters/test_bad_inputs.py",
    "tests/forecasters/test_bad_training.py",
    "tests/forecasters/test_sklearn_checks.py",
)


def commands(quick):
    """What is run, each as the arguments of Python."""
    found = [(f"benchmarks/{script}", *(short if quick else full)) for script, full, short in SCRIPTS]
    return found if quick else [*found, ("-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", *TESTS)]


def run(commands, environment):
    """Runs Python with each of these arguments, in the root and whatever comes; returns what failed."""
    failed = []
    for command in commands:
        said = f"python {' '.join(command)}"
        print(f"\n=== {said}", flush=True)
        begun = time.perf_counter()
        done = subprocess.run([sys.executable, *command], env=environment, cwd=ROOT)
        print(f"{'failed' if done.returncode else 'passed'} after {time.perf_counter() - begun:.0f} s", flush=True)
        failed += [said] * (done.returncode != 0)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the short form")
    quick = parser.parse_args().quick
    wanted = commands(quick)
    with tempfile.TemporaryDirectory() as folder:
        environment = {"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ, **({"TSATTN_RESULTS": folder} if quick else {})}
        failed = run(wanted, environment)
    print(f"\n{len(wanted) - len(failed)} of {len(wanted)} passed{', failed: ' if failed else ''}{'; '.join(failed)}")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
