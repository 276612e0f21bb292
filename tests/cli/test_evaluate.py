"""`tsattn backtest` and `tsattn compare`: what they print and write, and which arguments they reject."""

import html
import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tsattn
from tsattn import LinearForecaster

AIR = ["air_passengers", "--horizon", 12]


def test_backtest_prints_error_by_step(run, folder):
    result = run("backtest", *AIR, "--model", "linear", "--windows", 3, "--out", "out.csv", "--quiet")
    table = pd.read_csv("out.csv")
    expected = tsattn.backtest(LinearForecaster(horizon=12), tsattn.load_dataset("air_passengers"), windows=3)
    np.testing.assert_allclose(table["forecast"], expected["forecast"])
    lines = result.stdout.splitlines()
    assert lines[0] == "linear, 3 origins:" and lines[4] == "By step of the forecast:"
    assert float(lines[2].split()[0]) == pytest.approx(tsattn.evaluate(expected)["MAE"].item(), rel=1e-3)
    assert len(lines) == 5 + 2 + 12


def test_comparison_prints_leaderboard_and_writes_report(run, folder):
    options = ["--models", "linear,seasonal_naive", "--report", "report.html", "--out", "board.csv"]
    result = run("compare", *AIR, *options, "--windows", 24, "--stride", 2, "--resume", "fits")
    board = pd.read_csv("board.csv")
    assert board["model"].tolist() == ["linear", "seasonal_naive"]
    air = tsattn.load_dataset("air_passengers")
    arguments = {"windows": 24, "stride": 2, "verbose": 0}
    expected = tsattn.compare([LinearForecaster(12), tsattn.SeasonalNaiveForecaster(12)], air, **arguments)
    assert expected.significance["p_adjusted"].item() < 0.05
    assert "linear is significantly better than seasonal_naive (p = 0.0" in result.stdout
    assert "tests of the absolute error divided by that of the seasonal naive forecast" in result.stdout
    assert "6 consecutive windows overlap. With fewer than 60, the p-value may be too small" in result.stdout
    note = "Too few windows: 24, but the set needs at least 60 because 6 consecutive windows overlap."
    assert f"Model confidence set: {note}" in result.stdout
    assert "compare:" in result.stderr and "Wrote report.html." in result.stderr
    page = Path("report.html").read_text(encoding="utf-8")
    assert "air_passengers, horizon 12" in page and "tsattn compare air_passengers --horizon 12" in page
    assert len(list(Path("fits").iterdir())) == 2
    resumed = run("compare", *AIR, *options, "--windows", 24, "--stride", 2, "--resume", "fits", "--overwrite")
    assert resumed.stdout == result.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--models", "linear,prophet"], "prophet"),
        (["--report", "report.txt"], "must end in .html"),
        (["--report", "nowhere/report.html"], "nowhere/report.html cannot be written"),
    ],
)
def test_compare_rejects_arguments_before_fitting(run, no_fit, options, message):
    assert message in run("compare", *AIR, *options, code=2).stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--windows", 50], "leaves no history to fit"), (["--budget", "flops"], "`budget` is 'flops'")],
)
def test_errors_of_compare_are_one_line(run, no_fit, options, message):
    result = run("compare", *AIR, *options, "--models", "linear", code=1)
    assert message in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("models", "windows", "text"),
    [
        ("linear,seasonal_naive", 3, "Not tested: Too few windows: 3, but the test needs at least"),
        ("seasonal_naive", 3, "One candidate: nothing to test."),
        ("linear,seasonal_naive", 24, "with 90 % confidence, the best model is among linear"),
    ],
)
def test_significance_is_summarized(run, models, windows, text):
    options = ["--models", models, "--windows", windows, "--quiet"]
    stdout = run("compare", "air_passengers", "--horizon", 2, *options).stdout
    assert text in stdout and ("confidence" in stdout) == (models != "seasonal_naive")


@pytest.fixture
def shops(folder):
    steps = np.arange(48)
    months = pd.date_range("2020-01-01", periods=48, freq="MS")
    parts = [pd.DataFrame({"shop": shop, "month": months, "sales": steps % 12 + 0.1 * steps}) for shop in "abcdef"]
    pd.concat(parts).to_csv("shops.csv", index=False)
    return "shops.csv"


def test_series_are_identified_by_ids(run, shops, forecast_rows):
    many = [shops, "--horizon", 3, "--id", "shop", "--quiet"]
    ahead = forecast_rows(run("forecast", *many, "--model", "linear").stdout)
    assert ahead[0] == ["shop", "month", "sales"]
    assert "".join(row[0] for row in ahead[1:]) == "aaabbbcccdddeeefff"
    run("backtest", *many, "--model", "linear", "--windows", 2, "--out", "out.csv")
    assert pd.read_csv("out.csv")["series"].unique().tolist() == list("abcdef")
    stdout = run("compare", *many, "--models", "linear,seasonal_naive", "--windows", 20, "--stride", 1).stdout
    assert "Mean ranks over 6 series" in stdout and "linear  1.00\n" in stdout
    stdout = run("compare", *many, "--models", "linear,seasonal_naive", "--windows", 10, "--stride", 3).stdout
    assert "Model confidence set: Too few windows: 10, but the set needs at least 20." in stdout
    result = run("forecast", *many, "--model", "linear", "--plot", "a.png", code=2)
    assert "Several series cannot be plotted" in result.stderr
    result = run("backtest", *many[:3], "--model", "linear", code=1)
    assert "--id 'shop'" in result.stderr and result.stderr.count("\n") == 1


def test_command_on_the_report_reproduces_the_result(run, shops):
    Path("my file.csv").write_text(Path(shops).read_text())
    typed = "--horizon 3 --id shop --models linear,seasonal_naive --windows 2 --stride 2 --refit --season 6 --seeds 2"
    typed = [*typed.split(), *["--target", "sales", "--time", "month", "--freq", "MS", "--budget", "9.5"]]
    first = run("compare", "my file.csv", *typed, "--report", "report.html", "--jobs", 1, "--quiet")
    page = html.unescape(Path("report.html").read_text(encoding="utf-8"))
    words = shlex.split(re.search(r"<code>(tsattn compare [^<]*)</code>", page).group(1))
    assert words[:3] == ["tsattn", "compare", "my file.csv"] and sorted(words[3:]) == sorted(typed)
    boards = [[line.split()[:7] for line in result.stdout.splitlines()] for result in (run(*words[1:]), first)]
    assert boards[0] == boards[1]


def test_failure_of_all_candidates_is_an_error(run):
    values = ["", "", *range(1, 7)]  # no value is observed before the first origin
    Path("short.csv").write_text("d,x\n" + "".join(f"2024-01-{day:02},{x}\n" for day, x in enumerate(values, start=1)))
    result = run("compare", "short.csv", "--horizon", 3, "--windows", 2, "--models", "linear", "--quiet", code=1)
    assert result.stderr.startswith("Error: All candidates failed.\n  ") and "  linear: ValueError" in result.stderr
    assert result.stdout == "" and isinstance(result.exception, SystemExit)


def test_missing_times_are_warned_about_once(run, shops):
    lines = Path(shops).read_text().splitlines()
    Path("gaps.csv").write_text("\n".join(line for line in lines if "2023-09" not in line))
    options = ["--id", "shop", "--model", "linear", "--windows", 3, "--refit", "--quiet"]
    result = run("backtest", "gaps.csv", "--horizon", 3, *options)
    assert result.stderr.count("lacks 6 of 288 timestamps") == 1 and result.stderr.count("Warning") == 1
