"""Separate Python processes that import tsattn from this checkout or from that of another commit."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[2]


def environment(root=ROOT):
    """Return the environment variables of a process that imports tsattn from the checkout `root`."""
    return {**os.environ, "PYTHONPATH": str(root), "TF_CPP_MIN_LOG_LEVEL": "3"}


def run_python(*arguments, root=ROOT, **options):
    """Run Python with some arguments and return what it printed.

    Args:
        *arguments: Command-line arguments; each is converted to text.
        root: Checkout that tsattn is imported from. Defaults to this one.
        **options: Options of `subprocess.run`.

    Raises:
        CalledProcessError: If the process fails.
    """
    command = [sys.executable, *map(str, arguments)]
    process = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment(root), **options)
    return process.stdout


def measure_in_process(script, *arguments):
    """Run a script that prints its measurements as JSON on the last line, and return them as a dict."""
    return json.loads(run_python(script, *arguments).splitlines()[-1])


@contextlib.contextmanager
def checkout(commit):
    """Check out a commit into a temporary git worktree and yield its path."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "-q", "--detach", folder, commit], check=True)
        try:
            yield pathlib.Path(folder)
        finally:
            subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", folder], check=True)
