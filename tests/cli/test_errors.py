"""Errors and interrupts of a command: the message, the exit code and the files."""

from pathlib import Path

import pytest

from tsattn import LinearForecaster

AIR = ["forecast", "air_passengers", "--horizon", "12"]
ERRORS = {
    "Ctrl-C": (KeyboardInterrupt(), 130, "Interrupted.\n"),
    "invalid data": (ValueError("the values"), 1, "Error: the values\n"),
    "a full disk": (OSError("the disk"), 1, "Error: the disk\n"),
    "too little memory": (MemoryError("a batch"), 1, "Error: a batch\n"),
}


@pytest.mark.parametrize(("error", "code", "message"), ERRORS.values(), ids=ERRORS)
def test_error_while_writing_leaves_no_partial_file(run, monkeypatch, error, code, message):
    def interrupted(self, path, **options):
        Path(path).write_text("half")
        raise error

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", interrupted)
    Path("out.csv").write_text("old")
    options = ["--model", "linear", "--out", "out.csv", "--overwrite", "--plot", "out.png", "--quiet"]
    assert run(*AIR, *options, code=code).stderr == message
    assert [(path.name, path.read_text()) for path in Path().iterdir()] == [("out.csv", "old")]


def test_ctrl_c_during_fit_exits_with_130(run, monkeypatch):
    def fit(self, y):
        raise KeyboardInterrupt

    monkeypatch.setattr(LinearForecaster, "fit", fit)
    result = run(*AIR, "--model", "linear", "--out", "out.csv", "--quiet", code=130)
    assert result.stderr == "Interrupted.\n"
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("bug", [KeyError("a"), TypeError("b"), ZeroDivisionError("c")], ids=repr)
def test_unexpected_error_keeps_its_traceback(run, monkeypatch, bug):
    def fit(self, y):
        raise bug

    monkeypatch.setattr(LinearForecaster, "fit", fit)
    assert run(*AIR, "--model", "linear", code=1).exception is bug
