"""What the tests of several rooms share."""

import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture
def draw():
    """Standard normal numbers of a shape, float32."""
    rng = np.random.default_rng(1)
    return lambda *shape: rng.normal(size=shape).astype("float32")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, in which commands run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    return tmp_path


@pytest.fixture
def run(folder):
    """The command line, with the exit code that is expected."""
    from typer.testing import CliRunner

    from tsattn import cli

    def run(*arguments, code=0):
        result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
        assert result.exit_code == code, result.output + repr(result.exception)
        return result

    return run


@pytest.fixture
def no_fit(monkeypatch):
    """Forecasters that must not be fitted."""
    import tsattn

    def fit(*arguments, **options):
        raise AssertionError("fitted before the arguments were checked")

    for kind in (tsattn.LinearForecaster, tsattn.SeasonalNaiveForecaster):
        monkeypatch.setattr(kind, "fit", fit)
