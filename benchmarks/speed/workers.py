"""Measurements in alternation, A B A B, so that other load on the machine affects both systems equally."""

import contextlib
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

from benchmarks.common.processes import ROOT, environment
from benchmarks.peers import environments

HOSTS = {"torch": "darts"}  # PyTorch runs in the environment of darts


class Worker:
    """A system in a separate, persistent process, so that startup and compilation are not measured.

    Args:
        system: `"tsattn"`, `"torch"` or the name of a peer.
        root: Checkout that tsattn is imported from. Defaults to this one. The measurement script is always that of this
            checkout.
    """

    def __init__(self, system, root=ROOT):
        python = sys.executable if system == "tsattn" else environments.python_of(HOSTS.get(system, system))
        self._folder = tempfile.TemporaryDirectory()  # some libraries write files to the working directory
        self._errors = pathlib.Path(self._folder.name) / "errors.txt"
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        options = {"env": environment(root), "cwd": self._folder.name}
        command = [python, environments.FOLDER / "work.py", f"time_{system}"]
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(command, **pipes, stderr=errors, **options)

    def ask(self, job, **arguments):
        """Return the measurements of a job as a dict.

        Raises:
            RuntimeError: If the job fails.
        """
        try:
            print(json.dumps([job, arguments]), file=self._process.stdin, flush=True)
            return json.loads(self._process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError) as error:
            raise RuntimeError(f"{job} {arguments} failed:\n{self._errors.read_text()[-2000:]}") from error

    def close(self):
        """End the process."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()
        self._folder.cleanup()


def paired(ours, theirs, turns):
    """Measure with two functions in alternation.

    Returns:
        Median of `ours`, median of `theirs`, and median of the ratios of each pair.
    """
    pairs = [(ours(), theirs()) for _ in range(turns)]
    ratios = [one / other for one, other in pairs]
    return tuple(statistics.median(values) for values in (*zip(*pairs, strict=True), ratios))
