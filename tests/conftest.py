"""Fixtures shared by the tests of several folders."""

import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture
def draw():
    """Return a function that draws standard normal numbers of a shape, as float32."""
    rng = np.random.default_rng(1)
    return lambda *shape: rng.normal(size=shape).astype("float32")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder that is the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder):
    """Return a function that runs the command line in `folder` and checks the exit code."""
    from typer.testing import CliRunner

    from tsattn import cli

    def run(*arguments, code=0):
        result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
        assert result.exit_code == code, result.output + repr(result.exception)
        return result

    return run


@pytest.fixture
def no_fit(monkeypatch):
    """Make the test fail if a simple forecaster is fitted."""
    import tsattn

    def fit(*arguments, **options):
        raise AssertionError("fit was called before the arguments were checked")

    for forecaster in (tsattn.LinearForecaster, tsattn.SeasonalNaiveForecaster):
        monkeypatch.setattr(forecaster, "fit", fit)
