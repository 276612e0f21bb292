"""`tsattn forecast`: what it prints and writes, which arguments it rejects, and its exit codes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tsattn
from tsattn import AttentionForecaster, LinearForecaster

AIR = ["forecast", "air_passengers", "--horizon", "12"]
PNG = b"\x89PNG"


pytestmark = pytest.mark.usefixtures("folder")


def test_held_out_error_and_forecast_are_printed(run, forecast_rows):
    result = run(*AIR, "--model", "linear")
    y = tsattn.load_dataset("air_passengers")
    model = LinearForecaster(horizon=12).fit(y[:-12])
    table = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines()[2:4]}
    assert result.stdout.splitlines()[1].split() == ["linear", "seasonal_naive"]
    assert float(table["MAE"][0]) == pytest.approx((model.predict() - y[-12:]).abs().mean(), rel=1e-3)
    assert float(table["MASE"][0]) == pytest.approx(-model.score(y[-12:]), rel=1e-3)
    assert float(table["MAE"][1]) == pytest.approx(np.abs(y[-12:].to_numpy() - y[-24:-12].to_numpy()).mean(), rel=1e-3)
    ahead = forecast_rows(result.stdout)
    assert (len(ahead), ahead[0], ahead[1][0]) == (13, ["month", "passengers"], "1961-01-01")
    assert float(ahead[-1][1]) == pytest.approx(LinearForecaster(horizon=12).fit(y).predict().iloc[-1], abs=1e-3)
    assert "1949-01-01 to 1960-12-01" in result.stderr


def test_each_channel_has_an_error_and_long_forecasts_are_truncated(run, forecast_rows):
    options = ["--target", "JFK_temp", "--target", "LGA_temp", "--model", "seasonal_naive", "--quiet"]
    result = run("forecast", "weather", "--horizon", 60, *options)
    assert [line.split()[:-1] for line in result.stdout.splitlines()[2:5]] == [
        ["MAE", "JFK_temp"],
        ["MAE", "LGA_temp"],
        ["MASE"],
    ]
    assert forecast_rows(result.stdout)[0] == ["time", "JFK_temp", "LGA_temp"]
    assert len(forecast_rows(result.stdout)) == 52
    assert result.stderr == ""


def test_file_is_forecast_to_file(run, folder):
    Path("in.csv").write_text("Tag;Wert;Ort\n" + "".join(f"2024-01-{d:02};{d % 7},5;x\n" for d in range(1, 31)))
    arguments = ["forecast", "in.csv", "--horizon", 7, "--model", "linear", "--out", "out.csv", "--plot", "out.PNG"]
    result = run(*arguments)
    assert "Warning: Ignoring columns with values that are not numbers: 'Ort' contains the value 'x'." in result.stderr
    ahead = pd.read_csv("out.csv")
    assert list(ahead.columns) == ["Tag", "Wert"]
    assert ahead.Tag.tolist() == [f"2024-01-{31}", *(f"2024-02-{d:02}" for d in range(1, 7))]
    assert Path("out.PNG").read_bytes()[:4] == PNG
    assert sorted(path.name for path in folder.iterdir()) == ["in.csv", "out.PNG", "out.csv"]
    run(*arguments, code=2)
    Path("out.csv").write_text("old")
    assert "Wrote out.csv." in run(*arguments, "--overwrite").stderr
    assert pd.read_csv("out.csv").equals(ahead)


@pytest.mark.parametrize(
    ("options", "values"),
    [
        (["--season", "2"], [1.0, 4.0]),
        (["--season", "3"], [5.0, 1.0]),
        (["--time", "t2", "--freq", "10", "--season", "2"], [1.0, 4.0]),
        (["--season", "2", "--target", "z"], [7.0, 8.0]),
    ],
)
def test_options_reach_the_forecaster(run, options, values):
    Path("in.csv").write_text("t1,t2,y,z\n1,10,1,7\n2,20,4,8\n3,30,1,7\n4,40,5,8\n5,50,1,7\n6,60,4,8\n")
    common = ["--horizon", 2, "--model", "seasonal_naive", "--out", "out.csv"]
    target = [] if "--target" in options else ["--target", "y"]
    run("forecast", "in.csv", *common, *target, *options)
    ahead = pd.read_csv("out.csv")
    assert ahead.iloc[:, 1].tolist() == pytest.approx(values)
    assert ahead.iloc[:, 0].tolist() == ([70, 80] if "--freq" in options else [7, 8])


def test_target_transform_reaches_the_forecaster(run):
    command = (*AIR, "--model", "linear", "--target-transform")
    run(*command, "log", "--out", "out.csv")
    expected = tsattn.LinearForecaster(12, target_transform="log").fit(tsattn.load_dataset("air_passengers")).predict()
    assert pd.read_csv("out.csv")["passengers"].tolist() == pytest.approx(expected.tolist())
    result = run(*command, "ln", code=2)
    assert "--target-transform: 'ln' is none of log, log1p, sqrt, asinh" in " ".join(result.stderr.split())
    assert "Fitting" not in result.stderr


def test_series_too_short_for_held_out_rows_is_forecast(run):
    Path("in.csv").write_text("t,y\n1,1\n2,4\n3,1\n4,5\n")
    result = run("forecast", "in.csv", "--horizon", 2, "--season", 2, "--model", "linear", "--quiet")
    assert result.stdout.startswith("Forecast of the next 2 steps:")
    assert "Warning: The error could not be measured. With the last 2 rows held out: `y` has 2 steps" in result.stderr


def test_error_is_measured_at_observed_rows(run):
    days = [day for day in pd.date_range("2024-01-01", periods=40).strftime("%Y-%m-%d") if day != "2024-02-07"]
    Path("in.csv").write_text("d,y\n" + "".join(f"{day},{n % 7}\n" for n, day in enumerate(days)))
    result = run("forecast", "in.csv", "--horizon", 3, "--model", "seasonal_naive")
    assert "MAE" in result.stdout
    assert "lacks 1 of 40 timestamps, the first is 2024-02-07" in result.stderr
    assert result.stderr.count("2024-02-07") == 1  # not repeated by the fit without the last rows


USAGE = {
    "no horizon": ["forecast", "air_passengers"],
    "horizon 0": ["forecast", "air_passengers", "--horizon", "0"],
    "season 0": [*AIR, "--season", "0"],
    "an unknown model": [*AIR, "--model", "arima"],
    "an unknown command": ["forcast", "air_passengers"],
    "a model without attention": [*AIR, "--model", "seq2seq", "--plot-attention", "a.png"],
    "an output that exists": [*AIR, "--out", "old.csv"],
    "a folder": [*AIR, "--out", ".", "--overwrite"],
    "no such folder": [*AIR, "--out", "none/a.csv"],
    "an unsupported figure format": [*AIR, "--plot", "a.bmp"],
    "one file for two outputs": [*AIR, "--plot", "a.png", "--plot-attention", "a.png"],
    "the input as output": ["forecast", "old.csv", "--horizon", "1", "--out", "old.csv", "--overwrite"],
}


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE)
def test_usage_errors_are_reported_before_fitting(run, no_fit, arguments):
    Path("old.csv").write_text("d,x\n2024-01-01,1\n")
    model = [] if "--model" in arguments or "--plot-attention" in arguments else ["--model", "linear"]
    result = run(*arguments, *model, code=2)
    assert "Usage:" in result.stderr and result.stdout == ""
    assert [path.name for path in Path().iterdir()] == ["old.csv"]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("seq2seq", "seq2seq has no attention weights to plot. Use attention, transformer or zero_shot."),
        ("linear", "linear has no attention weights to plot. Use attention, transformer or zero_shot."),
        (
            "inverted",
            "inverted has attention weights on variables only, which cannot be plotted over time. Use attention, "
            "transformer or zero_shot.",
        ),
    ],
)
def test_attention_is_plotted_over_time_only(run, no_fit, model, message):
    result = run(*AIR, "--model", model, "--plot-attention", "a.png", code=2)
    words = " ".join(result.stderr.replace("│", " ").split())
    assert "Invalid value for --model" in words and message in words


def test_plot_without_matplotlib_is_rejected_before_fitting(run, no_fit, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert 'pip install "tsattn[plot]"' in run(*AIR, "--model", "linear", "--plot", "a.png", code=2).stderr


INVALID_DATA = {
    "no such file": ("missing.csv", [], "There is no file or embedded data set 'missing.csv'"),
    "unknown target": (
        "air_passengers",
        ["--target", "cars"],
        "no column(s) 'cars' to forecast. Its columns are 'passengers'",
    ),
    "unknown time": ("air_passengers", ["--time", "day"], "The time column of air_passengers is 'month'"),
    "wrong step": ("air_passengers", ["--freq", "H"], "`freq` is 'H', a deprecated pandas alias"),
    "too short": ("short.csv", [], "`y` has 3 steps"),
}


@pytest.mark.parametrize(("file", "options", "message"), INVALID_DATA.values(), ids=INVALID_DATA)
def test_data_errors_are_one_line_on_stderr(run, file, options, message):
    Path("short.csv").write_text("d,x\n2024-01-01,1\n2024-01-02,1\n2024-01-03,1\n")
    result = run("forecast", file, "--horizon", 12, "--model", "linear", "--quiet", *options, code=1)
    assert result.stderr.startswith("Error: ") and message in result.stderr
    assert result.stderr.count("\n") == 1 and result.stdout == ""


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras and NumPy 2
def test_network_uses_seed_shows_progress_and_plots_attention(run, monkeypatch):
    Path("in.csv").write_text("t,y\n" + "".join(f"{n},{n % 4}\n" for n in range(40)))
    created = []

    def small(**options):
        created.append((options["training"].random_state, options["training"].verbose))
        model = AttentionForecaster(**options, units=4, lookback=8, fallback=False)
        model.training.epochs = 1
        return model

    monkeypatch.setattr("tsattn.forecasters.attention.AttentionForecaster", small)
    options = ["--horizon", 4, "--season", 4, "--plot-attention", "a.png", "--overwrite"]
    first = run("forecast", "in.csv", "--seed", 1, *options)
    other = run("forecast", "in.csv", "--seed", 2, "--quiet", *options)
    assert first.stdout != other.stdout
    assert created == [(1, 1), (2, 0)]
    assert "attention" in first.stdout and Path("a.png").read_bytes()[:4] == PNG
