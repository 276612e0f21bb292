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
@pytest.mark.parametrize("function", ["matplotlib.figure.Figure.savefig", "os.fsync", "os.replace"])
def test_error_while_writing_leaves_no_partial_file(run, monkeypatch, function, error, code, message):
    def interrupted(*arguments, **options):
        raise error

    monkeypatch.setattr(function, interrupted)
    Path("out.csv").write_text("old")
    options = ["--model", "linear", "--out", "out.csv", "--overwrite", "--plot", "out.png", "--quiet"]
    assert run(*AIR, *options, code=code).stderr == message
    assert [(path.name, path.read_text()) for path in Path().iterdir()] == [("out.csv", "old")]


def test_replaced_files_keep_their_permissions(run):
    for name in ("out.csv", "model.tsattn"):
        Path(name).write_text("old")
        Path(name).chmod(0o600)
    run(*AIR, "--model", "linear", "--out", "out.csv", "--save", "model.tsattn", "--overwrite", "--quiet")
    for name in ("out.csv", "model.tsattn"):
        assert Path(name).stat().st_mode & 0o777 == 0o600 and Path(name).read_bytes() != b"old"


def test_file_created_during_fit_is_not_overwritten(run, monkeypatch):
    def fit(self, *arguments, **options):
        Path("out.csv").write_text("other")
        return whole(self, *arguments, **options)

    whole = LinearForecaster.fit
    monkeypatch.setattr(LinearForecaster, "fit", fit)
    result = run(*AIR, "--model", "linear", "--out", "out.csv", "--save", "model.tsattn", "--quiet", code=1)
    assert "Error: out.csv exists. Pass another path" in result.stderr
    assert [(path.name, path.read_text()) for path in Path().iterdir()] == [("out.csv", "other")]


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
