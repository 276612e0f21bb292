"""The command line: what it prints, what it writes, what it refuses and with which exit code."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tsattn
from tsattn.cli.telling import without_greeting
from tsattn.forecasters.linear import LinearForecaster

AIR = ["forecast", "air_passengers", "--horizon", "12"]
PNG = b"\x89PNG"


pytestmark = pytest.mark.usefixtures("folder")


def rows(stdout):
    """The printed forecast as lines of cells."""
    return [line.split() for line in stdout.split("steps:\n")[1].splitlines()]


def test_help_is_quick_because_it_imports_little():
    program = (
        "import sys, atexit; from tsattn.cli import main; sys.argv = ['tsattn', '--help']; "
        "atexit.register(lambda: print([m for m in ('tensorflow', 'keras', 'pandas', 'numpy', 'rich') "
        "if m in sys.modules])); main()"
    )
    root = Path(tsattn.__file__).parents[1]
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root).stdout
    assert "forecast" in shown and "datasets" in shown
    assert shown.splitlines()[-1] == "[]"


def test_it_runs_as_a_module(run):
    told = subprocess.run([sys.executable, "-m", "tsattn.cli", "--version"], capture_output=True, text=True, check=True)
    assert told.stdout == run("--version").stdout and tsattn.__version__ in told.stdout


def test_version_and_data_sets(run):
    assert run("--version").stdout == f"tsattn {tsattn.__version__}\n"
    listed = run("datasets").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["air_passengers", "weather", "sunspots", "co2"]
    assert "Monthly" in listed[0]


def test_the_error_beside_the_naive_one_and_then_the_forecast(run):
    result = run(*AIR, "--model", "linear")
    y = tsattn.load_dataset("air_passengers")
    model = LinearForecaster(horizon=12).fit(y[:-12])
    table = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines()[2:4]}
    assert result.stdout.splitlines()[1].split() == ["linear", "seasonal_naive"]
    assert float(table["MAE"][0]) == pytest.approx((model.predict() - y[-12:]).abs().mean(), rel=1e-3)
    assert float(table["MASE"][0]) == pytest.approx(-model.score(y[-12:]), rel=1e-3)
    assert float(table["MAE"][1]) == pytest.approx(np.abs(y[-12:].to_numpy() - y[-24:-12].to_numpy()).mean(), rel=1e-3)
    ahead = rows(result.stdout)
    assert (len(ahead), ahead[0], ahead[1][0]) == (13, ["month", "passengers"], "1961-01-01")
    assert float(ahead[-1][1]) == pytest.approx(LinearForecaster(horizon=12).fit(y).predict().iloc[-1], abs=1e-3)
    assert "1949-01-01 to 1960-12-01" in result.stderr


def test_channels_have_their_own_error_and_long_forecasts_are_cut(run):
    options = ["--target", "JFK_temp", "--target", "LGA_temp", "--model", "seasonal_naive", "--quiet"]
    result = run("forecast", "weather", "--horizon", 60, *options)
    assert [line.split()[:-1] for line in result.stdout.splitlines()[2:5]] == [
        ["MAE", "JFK_temp"],
        ["MAE", "LGA_temp"],
        ["MASE"],
    ]
    assert rows(result.stdout)[0] == ["time", "JFK_temp", "LGA_temp"]
    assert len(rows(result.stdout)) == 52
    assert result.stderr == ""


def test_a_file_becomes_a_file_that_continues_it(run, folder):
    Path("in.csv").write_text("Tag;Wert;Ort\n" + "".join(f"2024-01-{d:02};{d % 7},5;x\n" for d in range(1, 31)))
    arguments = ["forecast", "in.csv", "--horizon", 7, "--model", "linear", "--out", "out.csv", "--plot", "out.PNG"]
    result = run(*arguments)
    assert "Warning: Left out, since not all values are numbers: 'Ort' has the value 'x'." in result.stderr
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


def test_a_series_too_short_to_hold_out_is_forecast_all_the_same(run):
    Path("in.csv").write_text("t,y\n1,1\n2,4\n3,1\n4,5\n")
    result = run("forecast", "in.csv", "--horizon", 2, "--season", 2, "--model", "linear", "--quiet")
    assert result.stdout.startswith("Forecast of the next 2 steps:")
    assert "Warning: The error is not measured. With the last 2 rows held out: `y` has 2 steps" in result.stderr


def test_missing_rows_are_compared_where_they_are_observed(run):
    days = [day for day in pd.date_range("2024-01-01", periods=40).strftime("%Y-%m-%d") if day != "2024-02-07"]
    Path("in.csv").write_text("d,y\n" + "".join(f"{day},{n % 7}\n" for n, day in enumerate(days)))
    result = run("forecast", "in.csv", "--horizon", 3, "--model", "seasonal_naive")
    assert "MAE" in result.stdout
    assert "lacks 1 of 40 stamps, the first is 2024-02-07" in result.stderr


USAGE = {
    "no horizon": ["forecast", "air_passengers"],
    "horizon 0": ["forecast", "air_passengers", "--horizon", "0"],
    "season 0": [*AIR, "--season", "0"],
    "an unknown model": [*AIR, "--model", "arima"],
    "an unknown command": ["forcast", "air_passengers"],
    "no attention": [*AIR, "--model", "seq2seq", "--plot-attention", "a.png"],
    "an output that exists": [*AIR, "--out", "old.csv"],
    "a folder": [*AIR, "--out", ".", "--overwrite"],
    "no such folder": [*AIR, "--out", "none/a.csv"],
    "a picture of an unknown kind": [*AIR, "--plot", "a.bmp"],
    "two outputs in one": [*AIR, "--plot", "a.png", "--plot-attention", "a.png"],
    "the input as output": ["forecast", "old.csv", "--horizon", "1", "--out", "old.csv", "--overwrite"],
}


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE)
def test_wrong_usage_is_refused_before_training(run, no_fit, arguments):
    Path("old.csv").write_text("d,x\n2024-01-01,1\n")
    model = [] if "--model" in arguments or "--plot-attention" in arguments else ["--model", "linear"]
    result = run(*arguments, *model, code=2)
    assert "Usage:" in result.stderr and result.stdout == ""
    assert [path.name for path in Path().iterdir()] == ["old.csv"]


def test_a_picture_without_matplotlib_is_refused_before_training(run, no_fit, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert 'pip install "tsattn[plot]"' in run(*AIR, "--model", "linear", "--plot", "a.png", code=2).stderr


WRONG_DATA = {
    "no such file": ("missing.csv", [], "There is no file 'missing.csv'"),
    "unknown target": ("air_passengers", ["--target", "cars"], "no column(s) 'cars' to forecast, only 'passengers'"),
    "unknown time": ("air_passengers", ["--time", "day"], "The time column of air_passengers is 'month'"),
    "wrong step": ("air_passengers", ["--freq", "H"], "`freq` is 'H', an old pandas alias"),
    "too short": ("short.csv", [], "`y` has 3 steps"),
}


@pytest.mark.parametrize(("file", "options", "message"), WRONG_DATA.values(), ids=WRONG_DATA)
def test_wrong_data_is_one_line_on_stderr(run, file, options, message):
    Path("short.csv").write_text("d,x\n2024-01-01,1\n2024-01-02,1\n2024-01-03,1\n")
    result = run("forecast", file, "--horizon", 12, "--model", "linear", "--quiet", *options, code=1)
    assert result.stderr.startswith("Error: ") and message in result.stderr
    assert result.stderr.count("\n") == 1 and result.stdout == ""


ENDS = {
    "Ctrl-C": (KeyboardInterrupt(), 130, "Interrupted.\n"),
    "data": (ValueError("the values"), 1, "Error: the values\n"),
    "a disk": (OSError("the disk"), 1, "Error: the disk\n"),
    "memory": (MemoryError("a batch"), 1, "Error: a batch\n"),
}


@pytest.mark.parametrize(("problem", "code", "message"), ENDS.values(), ids=ENDS)
def test_an_end_in_the_middle_leaves_no_partial_file(run, monkeypatch, problem, code, message):
    def interrupted(self, path, **options):
        Path(path).write_text("half")
        raise problem

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", interrupted)
    Path("out.csv").write_text("old")
    options = ["--model", "linear", "--out", "out.csv", "--overwrite", "--plot", "out.png", "--quiet"]
    assert run(*AIR, *options, code=code).stderr == message
    assert [(path.name, path.read_text()) for path in Path().iterdir()] == [("out.csv", "old")]


def test_ctrl_c_in_training_exits_with_130(run, monkeypatch):
    def fit(self, y):
        raise KeyboardInterrupt

    monkeypatch.setattr(LinearForecaster, "fit", fit)
    result = run(*AIR, "--model", "linear", "--out", "out.csv", "--quiet", code=130)
    assert result.stderr == "Interrupted.\n"
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("bug", [KeyError("a"), TypeError("b"), ZeroDivisionError("c")], ids=repr)
def test_a_bug_keeps_its_traceback(run, monkeypatch, bug):
    def fit(self, y):
        raise bug

    monkeypatch.setattr(LinearForecaster, "fit", fit)
    assert run(*AIR, "--model", "linear", code=1).exception is bug


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras and NumPy 2
def test_a_network_is_seeded_reports_and_shows_its_attention(run, monkeypatch):
    Path("in.csv").write_text("t,y\n" + "".join(f"{n},{n % 4}\n" for n in range(40)))
    made = []

    def small(**options):
        made.append((options["training"].random_state, options["training"].verbose))
        model = AttentionForecaster(**options, units=4, lookback=8, fallback=False)
        model.training.epochs = 1
        return model

    from tsattn import AttentionForecaster

    monkeypatch.setattr(tsattn, "AttentionForecaster", small, raising=False)
    options = ["--horizon", 4, "--season", 4, "--plot-attention", "a.png", "--overwrite"]
    first = run("forecast", "in.csv", "--seed", 1, *options)
    other = run("forecast", "in.csv", "--seed", 2, "--quiet", *options)
    assert first.stdout != other.stdout
    assert made == [(1, 1), (2, 0)]
    assert "attention" in first.stdout and Path("a.png").read_bytes()[:4] == PNG


def test_the_greeting_of_tensorflow_is_hidden_only_by_default(capfd, monkeypatch):
    import os

    def greet():
        with without_greeting():
            os.write(2, b"greeting")
        return capfd.readouterr().err

    assert greet() == ""
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    assert greet() == "greeting"
