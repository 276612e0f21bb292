"""Measurements in turn, A B A B, so that whatever else the machine does falls on both."""

import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from peers.environments import python_of

HERE = pathlib.Path(__file__).parent
HOSTS = {"torch": "darts"}  # whose environment has it


class Worker:
    """A system in a process of its own that stays, so that starting and compiling are not measured.

    Args:
        system: `"tsattn"`, `"torch"` or the name of a peer.
        root: The checkout that tsattn comes from. Defaults to this one.
    """

    def __init__(self, system, root=HERE.parent):
        python = sys.executable if system == "tsattn" else python_of(HOSTS.get(system, system))
        path = os.pathsep.join(map(str, (root, HERE / "peers")))
        environment = {**os.environ, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}
        self._folder = tempfile.TemporaryDirectory()  # some libraries leave files where they run
        self._errors = pathlib.Path(self._folder.name) / "errors.txt"
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        command = [python, HERE / "peers" / "work.py", f"time_{system}"]
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(command, **pipes, stderr=errors, env=environment, cwd=self._folder.name)

    def ask(self, job, **arguments):
        """The figures of a job, as a dict."""
        try:
            print(json.dumps([job, arguments]), file=self._process.stdin, flush=True)
            return json.loads(self._process.stdout.readline())
        except (BrokenPipeError, json.JSONDecodeError) as problem:
            raise RuntimeError(f"{job} {arguments} failed:\n{self._errors.read_text()[-2000:]}") from problem

    def close(self):
        """End the process."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()
        self._folder.cleanup()


def paired(ours, theirs, turns):
    """What two functions measure in turn: `(median of ours, median of theirs, median of the ratios)`."""
    pairs = [(ours(), theirs()) for _ in range(turns)]
    ratios = [one / other for one, other in pairs]
    return tuple(statistics.median(values) for values in (*zip(*pairs, strict=True), ratios))
