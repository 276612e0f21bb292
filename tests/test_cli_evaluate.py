"""The command line of `backtest` and `compare`: what is printed, what is written, what is refused."""

import html
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_cli import rows

import tsattn
from tsattn.cli.telling import without_greeting_of_workers
from tsattn.forecasters.linear import LinearForecaster

AIR_AGAIN = ["air_passengers", "--horizon", 12]


def test_a_backtest_prints_the_error_by_step(run, folder):
    result = run("backtest", *AIR_AGAIN, "--model", "linear", "--windows", 3, "--out", "out.csv", "--quiet")
    table = pd.read_csv("out.csv")
    found = tsattn.backtest(LinearForecaster(horizon=12), tsattn.load_dataset("air_passengers"), windows=3)
    np.testing.assert_allclose(table["forecast"], found["forecast"])
    lines = result.stdout.splitlines()
    assert lines[0] == "linear, 3 origins:" and lines[4] == "By step of the forecast:"
    assert float(lines[2].split()[0]) == pytest.approx(tsattn.evaluate(found)["MAE"].item(), rel=1e-3)
    assert len(lines) == 5 + 2 + 12


def test_a_comparison_prints_the_leaderboard_and_writes_the_page(run, folder):
    options = ["--models", "linear,seasonal_naive", "--report", "report.html", "--out", "board.csv"]
    result = run("compare", *AIR_AGAIN, *options, "--windows", 24, "--stride", 2, "--resume", "kept")
    board = pd.read_csv("board.csv")
    assert board["model"].tolist() == ["linear", "seasonal_naive"]
    air = tsattn.load_dataset("air_passengers")
    options_again = {"windows": 24, "stride": 2, "verbose": 0}
    found = tsattn.compare([LinearForecaster(12), tsattn.SeasonalNaiveForecaster(12)], air, **options_again)
    assert found.significance["p_adjusted"].item() < 0.05
    assert "linear is better than seasonal_naive (p 0.0" in result.stdout
    assert "tests of the absolute error over that of the seasonal naive forecast" in result.stdout
    assert "with 6 that overlap, the p-value may be too small" in result.stdout
    assert "Model confidence set: Too few windows: 24, but with 6 that overlap the set needs" in result.stdout
    assert "compare:" in result.stderr and "Wrote report.html." in result.stderr
    page = Path("report.html").read_text(encoding="utf-8")
    assert "air_passengers, horizon 12" in page and "tsattn compare air_passengers --horizon 12" in page
    assert len(list(Path("kept").iterdir())) == 2
    again = run("compare", *AIR_AGAIN, *options, "--windows", 24, "--stride", 2, "--resume", "kept", "--overwrite")
    assert again.stdout == result.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--models", "linear,prophet"], "prophet"),
        (["--report", "report.txt"], "does not end in .html"),
        (["--report", "nowhere/report.html"], "nowhere must be a folder"),
    ],
)
def test_a_comparison_that_cannot_be_is_refused_before_any_fit(run, no_fit, options, message):
    assert message in run("compare", *AIR_AGAIN, *options, code=2).stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--windows", 50], "nothing is left to fit"), (["--budget", "flops"], "`budget` is 'flops'")],
)
def test_what_compare_refuses_is_one_line(run, no_fit, options, message):
    result = run("compare", *AIR_AGAIN, *options, "--models", "linear", code=1)
    assert message in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("models", "windows", "words"),
    [
        ("linear,seasonal_naive", 3, "Not tested: Too few windows: 3, but the test needs at least"),
        ("seasonal_naive", 3, "One candidate: nothing to test."),
        ("linear,seasonal_naive", 24, "The best one is, with 90 % confidence, among: linear"),
    ],
)
def test_what_the_tests_find_is_said(run, models, windows, words):
    options = ["--models", models, "--windows", windows, "--quiet"]
    said = run("compare", "air_passengers", "--horizon", 2, *options).stdout
    assert words in said and ("confidence" in said) == (models != "seasonal_naive")


@pytest.fixture
def shops(folder):
    steps = np.arange(48)
    months = pd.date_range("2020-01-01", periods=48, freq="MS")
    parts = [pd.DataFrame({"shop": shop, "month": months, "sales": steps % 12 + 0.1 * steps}) for shop in "abcdef"]
    pd.concat(parts).to_csv("shops.csv", index=False)
    return "shops.csv"


def test_many_series_are_read_by_their_ids(run, shops):
    many = [shops, "--horizon", 3, "--id", "shop", "--quiet"]
    ahead = rows(run("forecast", *many, "--model", "linear").stdout)
    assert ahead[0] == ["shop", "month", "sales"]
    assert "".join(row[0] for row in ahead[1:]) == "aaabbbcccdddeeefff"
    run("backtest", *many, "--model", "linear", "--windows", 2, "--out", "out.csv")
    assert pd.read_csv("out.csv")["series"].unique().tolist() == list("abcdef")
    said = run("compare", *many, "--models", "linear,seasonal_naive", "--windows", 20, "--stride", 1).stdout
    assert "Mean ranks over 6 series" in said and "linear  1.00\n" in said
    said = run("compare", *many, "--models", "linear,seasonal_naive", "--windows", 10, "--stride", 3).stdout
    assert "Model confidence set: Too few windows: 10, but the set needs at least 20." in said
    refused = run("forecast", *many, "--model", "linear", "--plot", "a.png", code=2)
    assert "many series are not drawn" in refused.stderr
    result = run("backtest", *many[:3], "--model", "linear", code=1)
    assert "--id 'shop'" in result.stderr and result.stderr.count("\n") == 1


def test_the_command_on_the_page_gives_the_same_again(run, shops):
    Path("my file.csv").write_text(Path(shops).read_text())
    typed = "--horizon 3 --id shop --models linear,seasonal_naive --windows 2 --stride 2 --refit --season 6 --seeds 2"
    typed = [*typed.split(), *["--target", "sales", "--time", "month", "--freq", "MS", "--budget", "9.5"]]
    first = run("compare", "my file.csv", *typed, "--report", "report.html", "--jobs", 1, "--quiet")
    page = html.unescape(Path("report.html").read_text(encoding="utf-8"))
    words = shlex.split(re.search(r"<code>(tsattn compare [^<]*)</code>", page).group(1))
    assert words[:3] == ["tsattn", "compare", "my file.csv"] and sorted(words[3:]) == sorted(typed)
    boards = [[line.split()[:7] for line in result.stdout.splitlines()] for result in (run(*words[1:]), first)]
    assert boards[0] == boards[1]


def test_all_that_failed_is_said_and_ends_with_1(run):
    values = ["", "", *range(1, 7)]  # nothing was observed before the first origin
    Path("short.csv").write_text("d,x\n" + "".join(f"2024-01-{day:02},{x}\n" for day, x in enumerate(values, start=1)))
    result = run("compare", "short.csv", "--horizon", 3, "--windows", 2, "--models", "linear", "--quiet", code=1)
    assert result.stderr.startswith("Error: All candidates failed.\n  ") and "  linear: ValueError" in result.stderr
    assert result.stdout == "" and isinstance(result.exception, SystemExit)


def test_stamps_that_were_left_out_are_said_once(run, shops):
    lines = Path(shops).read_text().splitlines()
    Path("gaps.csv").write_text("\n".join(line for line in lines if "2023-09" not in line))
    options = ["--id", "shop", "--model", "linear", "--windows", 3, "--refit", "--quiet"]
    result = run("backtest", "gaps.csv", "--horizon", 3, *options)
    assert result.stderr.count("lacks 6 of 288 stamps") == 1 and result.stderr.count("Warning") == 1


def test_workers_do_not_greet(capfd):
    greet = [sys.executable, "-c", "import os; os.write(2, b'greeting')"]
    for jobs, seen in ((1, "greeting"), (2, "")):
        with without_greeting_of_workers(jobs):
            subprocess.run(greet, check=True)
            print("own", file=sys.stderr)
        assert capfd.readouterr().err.replace("own\n", "") == seen
