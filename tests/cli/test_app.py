"""`tsattn` without a forecasting command: help, version and the list of data sets."""

import subprocess
import sys
from pathlib import Path

import tsattn


def test_help_imports_no_large_package():
    program = (
        "import sys, atexit; from tsattn.cli import main; sys.argv = ['tsattn', '--help']; "
        "atexit.register(lambda: print([m for m in ('tensorflow', 'keras', 'pandas', 'numpy', 'rich') "
        "if m in sys.modules])); main()"
    )
    root = Path(tsattn.__file__).parents[1]
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root).stdout
    assert "forecast" in shown and "datasets" in shown
    assert shown.splitlines()[-1] == "[]"


def test_module_runs_the_command_line(run):
    command = [sys.executable, "-m", "tsattn.cli", "--version"]
    stdout = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert stdout == run("--version").stdout and tsattn.__version__ in stdout


def test_version_is_printed(run):
    assert run("--version").stdout == f"tsattn {tsattn.__version__}\n"


def test_datasets_are_listed(run):
    lines = run("datasets").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["air_passengers", "weather", "sunspots", "co2"]
    assert "Monthly" in lines[0]
