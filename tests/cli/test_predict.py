"""`tsattn predict`: forecast with a saved forecaster."""

from pathlib import Path

import pandas as pd
import pytest

from tsattn import LinearForecaster, load_dataset, load_forecaster

AIR = ["forecast", "air_passengers", "--horizon", 12, "--model", "linear", "--quiet"]


@pytest.fixture
def saved(run):
    run(*AIR, "--save", "air.tsattn", "--out", "first.csv")
    return Path("air.tsattn")


def test_saved_forecaster_returns_same_forecast(run, saved):
    result = run("predict", saved, "--out", "later.csv")
    assert result.stdout.startswith("Forecast:") and "Wrote later.csv" in result.stderr
    assert Path("later.csv").read_text() == Path("first.csv").read_text()
    assert load_forecaster(saved).horizon_ == 12
    assert [path.name for path in Path().glob("*partial*")] == []


def test_other_history_and_horizon_are_used(run, saved):
    load_dataset("air_passengers")[:-5].to_csv("history.csv")
    run("predict", saved, "history.csv", "--horizon", 15, "--out", "later.csv", "--quiet")
    expected = (
        LinearForecaster(12)
        .fit(load_dataset("air_passengers"))
        .predict(y=load_dataset("air_passengers")[:-5], horizon=15)
    )
    later = pd.read_csv("later.csv", index_col=0, parse_dates=True)["passengers"]
    pd.testing.assert_series_equal(later, expected, check_freq=False, check_index_type=False, rtol=1e-9)


INVALID = {
    "no such file": (["none.tsattn"], 1, "The file 'none.tsattn' does not exist"),
    "not a model file": (["other.tsattn"], 1, "other.tsattn cannot be loaded. It starts with b'a,b"),
    "another suffix": (["first.csv"], 1, "does not end in '.tsattn'. Pass a file that `save` or"),
    "the output is the model": (
        ["air.tsattn", "--out", "air.tsattn", "--overwrite"],
        2,
        "is also the input or another output",
    ),
    "the output is the input": (
        ["air.tsattn", "first.csv", "--out", "first.csv", "--overwrite"],
        2,
        "is also the input or another output",
    ),
}


@pytest.mark.parametrize(("arguments", "code", "message"), INVALID.values(), ids=INVALID)
def test_errors_are_reported(run, saved, arguments, code, message):
    Path("other.tsattn").write_text("a,b\n1,2\n")
    result = run("predict", *arguments, code=code)
    assert message in " ".join(result.stderr.replace("\u2502", " ").split())
    assert result.stdout == ""


def test_save_requires_a_new_tsattn_file(run, saved, no_fit):
    assert "must end in .tsattn" in run(*AIR, "--save", "air.pkl", code=2).stderr
    assert "air.tsattn exists" in run(*AIR, "--save", "air.tsattn", code=2).stderr
