"""All that SECURITY.md measures at length, one script after the other: about 40 minutes on two cores.

    python benchmarks/trust.py [--quick]

says what it runs and how long that took, and ends with 1 if any found something wrong. In short, in two or
three minutes, it measures less and leaves results/ as it is.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

FOLDER = pathlib.Path(__file__).parent
# Script, its arguments in full, and in short. Each is a process of its own: one forks, which TensorFlow would hang.
RUNS = (
    ("kill_saves.py", ("--kills", "200"), ("--kills", "10")),
    ("fuzz_files.py", ("--minutes", "10"), ("--minutes", "0.1")),
    ("generated_files.py", ("--files", "10000"), ("--files", "200")),
    ("generated_frames.py", ("--frames", "10000"), ("--frames", "200")),
)


def run(runs, environment):
    """Runs scripts with their arguments, all of them whatever comes; returns those that failed."""
    failed = []
    for script, arguments in runs:
        print(f"\n=== python benchmarks/{script} {' '.join(arguments)}", flush=True)
        begun = time.perf_counter()
        done = subprocess.run([sys.executable, str(FOLDER / script), *arguments], env=environment)
        print(f"{'failed' if done.returncode else 'passed'} after {time.perf_counter() - begun:.0f} s", flush=True)
        failed += [script] * (done.returncode != 0)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the short form")
    quick = parser.parse_args().quick
    runs = [(script, short if quick else full) for script, full, short in RUNS]
    with tempfile.TemporaryDirectory() as folder:
        environment = {"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ, **({"TSATTN_RESULTS": folder} if quick else {})}
        failed = run(runs, environment)
    print(f"\n{len(runs) - len(failed)} of {len(runs)} passed{': not ' if failed else ''}{', '.join(failed)}")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
