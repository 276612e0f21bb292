"""The published tasks: windows, preparation of the data, scores, candidates and tables."""

import argparse
import dataclasses
import hashlib
import math

import numpy as np
import pandas as pd
import pytest

import tsattn
from benchmarks.accuracy import published, published_candidates, published_scores, published_tasks
from benchmarks.accuracy.published_figures import FIGURES, MODELS, figures, is_leaked
from benchmarks.accuracy.published_scores import LEVELS
from benchmarks.common import datasets, results

Z = [-1.2815515655, -0.8416212336, -0.5244005127, -0.2533471031, 0.0, 0.2533471031, 0.5244005127, 0.8416212336]
Z.append(1.2815515655)  # quantiles of the normal distribution at LEVELS
FLAGS = argparse.Namespace(quick=False, again=False, table=False)


@pytest.mark.parametrize("task", published_tasks.TASKS)
def test_the_seasonal_naive_forecast_has_the_scores_in_print(task, monkeypatch):
    def skip(address):
        pytest.skip(f"the file of {address} is not in the folder that TSATTN_DATA names")

    monkeypatch.setattr(datasets, "_download", skip)
    assert max(published.deviations(task).values()) <= 2e-4


def test_the_results_in_git_have_the_scores_in_print_of_the_seasonal_naive_forecast():
    rows = results.read("published")
    for score in (0, 1):
        mean = published.means(rows, score)
        for task in published_tasks.TASKS:
            assert mean[task, "seasonal_naive"] == pytest.approx(figures(task)[score]["seasonal naive"][0], abs=2e-4)


@pytest.fixture
def panel(draw):
    """Two series of 31 and 24 steps; the ids are not sorted."""
    values = {"b": 31, "a": 24}
    parts = {
        name: pd.Series(draw(steps).astype("float64") + 9, pd.date_range("2000", periods=steps, freq="MS"))
        for name, steps in values.items()
    }
    return pd.concat(parts, names=["series", "time"])


def make_task(y, table="gift", covariates=None, horizon=3, season=4, windows=2):
    return published_tasks.Task(y, covariates, "MS", horizon, season, windows, *published_tasks.TABLES[table])


def test_windows_follow_one_another_and_end_at_the_end():
    windows = published_scores.split(np.arange(11.0), horizon=3, windows=3)
    assert [(len(history), actual.tolist()) for history, actual in windows] == [
        (2, [2, 3, 4]),
        (5, [5, 6, 7]),
        (8, [8, 9, 10]),
    ]
    assert all(history.tolist() == list(range(len(history))) for history, _ in windows)


def test_a_candidate_is_fitted_to_what_precedes_the_first_window(panel, monkeypatch):
    task = make_task(panel)
    train, covariates = task.train
    assert covariates is None
    assert train.groupby(level=0).size().to_dict() == {"a": 24 - 6, "b": 31 - 6}
    for name in "ab":
        pd.testing.assert_series_equal(train.loc[name], panel.loc[name][:-6])
    assert [[len(history) for history in row] for row in task.histories] == [[18, 21], [25, 28]]  # sorted by ids
    fitted = []
    monkeypatch.setitem(published_candidates.CANDIDATES, "naive", lambda task, seed: Recorded(fitted, task))
    forecasts, quantiles, _ = published_candidates.measure("naive", task, seed=0)
    assert len(fitted) == 1 and quantiles is None
    pd.testing.assert_series_equal(fitted[0], train)
    for s, name in enumerate("ab"):
        for window, history in enumerate(task.histories[s]):
            np.testing.assert_allclose(forecasts[s, window], history[-4:-1], rtol=1e-6)
            np.testing.assert_array_equal(history, panel.loc[name].to_numpy()[: len(history)])


class Recorded(tsattn.SeasonalNaiveForecaster):
    """A seasonal naive forecaster that records what it is fitted to."""

    def __init__(self, fitted, task):
        super().__init__(task.horizon, freq=task.freq, season=task.season)
        self.fitted = fitted

    def fit(self, y, covariates=None, *, static=None):
        self.fitted.append(y)
        return super().fit(y, covariates, static=static)


def slow_scores(series, forecasts, quantiles, task):
    """The scores by the formulas of the tables, in loops."""
    absolute, scaled, losses, scaled_losses = [], [], [0.0] * 9, []
    for s, y in enumerate(series):
        for window in range(task.windows):
            origin = len(y) - (task.windows - window) * task.horizon
            changes = [abs(y[t] - y[t - task.season]) for t in range(task.season, origin)]
            scale = sum(changes) / len(changes)
            for step in range(task.horizon):
                actual = y[origin + step]
                absolute.append(abs(actual))
                if scale:
                    scaled.append(abs(actual - forecasts[s, window, step]) / scale)
                for index, level in enumerate(LEVELS):
                    error = actual - quantiles[s, window, step, index]
                    loss = 2 * (level * error if error > 0 else (level - 1) * error)
                    losses[index] += loss
                    if scale:
                        scaled_losses.append(loss / scale)
    weighted = sum(loss / sum(absolute) for loss in losses) / 9
    return {
        "mase": sum(scaled) / len(scaled),
        "wql": weighted,
        "crps": weighted,
        "sql": sum(scaled_losses) / len(scaled_losses),
    }


@pytest.mark.parametrize(("table", "metric"), [("chronos", "wql"), ("gift", "crps"), ("fev", "sql")])
@pytest.mark.parametrize("constant", [False, True])
def test_the_scores_are_those_of_the_formulas(table, metric, constant, panel, draw):
    if constant:
        panel.loc["a"] = 5.0  # scale 0: left out of MASE and SQL, but not of WQL
    task = make_task(panel, table)
    forecasts, quantiles = draw(2, 2, 3), np.sort(draw(2, 2, 3, 9), axis=-1)
    expected = slow_scores([panel.loc[name].to_numpy() for name in "ab"], forecasts, quantiles, task)
    scores = task.score(forecasts, quantiles)
    assert scores == pytest.approx({name: expected[name] for name in ("mase", metric)}, rel=1e-6)
    assert task.score(forecasts) == {"mase": scores["mase"]}


def test_a_forecast_that_is_not_finite_is_not_scored(panel):
    forecasts = np.full((2, 2, 3), np.nan)
    with pytest.raises(ValueError, match="NaN or infinite"):
        make_task(panel).score(forecasts)
    with pytest.raises(ValueError, match="NaN or infinite"):
        make_task(panel).score(np.zeros((2, 2, 3)), forecasts[..., None] * np.ones(9))


@pytest.mark.parametrize("table", ["chronos", "gift", "fev"])
def test_the_quantiles_of_the_seasonal_naive_forecast_are_those_of_the_table(table, draw):
    y = pd.Series(draw(1100).cumsum().astype("float64"), pd.date_range("1900", periods=1100, freq="MS"))
    task = make_task(y, table, horizon=6)
    forecasts, quantiles, _ = published_candidates.measure("seasonal_naive", task, seed=0)
    values = y.to_numpy()
    for window, origin in enumerate((1088, 1094)):
        first = {"chronos": 0, "gift": 0, "fev": origin - 1000}[table]
        squares = [(values[t] - values[t - 4]) ** 2 for t in range(first + 4, origin)]
        deviation = 0 if table == "chronos" else math.sqrt(sum(squares) / len(squares))
        for step in range(6):
            point = values[origin - 4 + step % 4]
            expected = [point + deviation * math.sqrt(1 + step // 4) * z for z in Z]
            np.testing.assert_allclose(quantiles[0, window, step], expected, rtol=1e-5, atol=1e-5)
            assert forecasts[0, window, step] == pytest.approx(point, rel=1e-6)


def test_a_tsf_file_is_read_by_its_frequency(tmp_path, monkeypatch):
    text = "# A comment: ignored\r\n@frequency quarterly\r\n@data\r\nT2:1975-04-01 00-00-00:1,2.5,3\r\n"
    data = (text + "T1:1980-10-01 00-00-00:4,5\r\n").encode()
    (tmp_path / "data").mkdir()
    (tmp_path / "published").mkdir()
    monkeypatch.setenv("TSATTN_DATA", str(tmp_path / "data"))
    monkeypatch.setitem(datasets.FILES, "small.tsf", ("nowhere", hashlib.sha256(data).hexdigest()))
    assert datasets.find("small.tsf") is None
    (tmp_path / "published" / "small.tsf").write_bytes(data)
    y, covariates = published_tasks.archive("small")
    assert covariates is None and y.index.names == ["series", "time"]
    for name, stamps, values in (("T2", ["1975-04", "1975-07", "1975-10"], [1, 2.5, 3]), ("T1", ["1980-10"], [4, 5])):
        assert y.loc[name].tolist() == values
        assert y.loc[name].index[: len(stamps)].tolist() == pd.to_datetime(stamps).tolist()
    (tmp_path / "data" / "small.tsf").write_bytes(b"other")  # takes precedence
    with pytest.raises(ValueError, match="sha256"):
        published_tasks.archive("small")


def test_blocks_start_at_the_first_stamp_and_an_incomplete_last_one_is_dropped():
    days = pd.Series(np.arange(66.0), pd.date_range("2020-01-01", periods=66, freq="D"))  # a Wednesday, to 6 March
    weeks = published_tasks.blocks(days, "7D", "sum")
    assert weeks.to_numpy().tolist() == [sum(range(7 * week, 7 * week + 7)) for week in range(9)]
    assert weeks.index[:2].tolist() == [pd.Timestamp("2020-01-01"), pd.Timestamp("2020-01-08")]
    assert published_tasks.blocks(days[:63], "7D", "sum").equals(weeks)
    months = published_tasks.blocks(days, "MS", "sum")
    assert months.tolist() == [sum(range(31)), sum(range(31, 60))]
    quarters = pd.DataFrame({"x": np.arange(200.0)}, pd.date_range("2020-01-01", periods=200, freq="15min"))
    assert published_tasks.blocks(quarters, "15min", "mean")["x"].tolist() == list(range(200))
    assert published_tasks.blocks(quarters, "h", "mean")["x"].tolist() == [4 * hour + 1.5 for hour in range(50)]
    assert published_tasks.blocks(quarters, "D", "mean")["x"].tolist() == [47.5, 143.5]


@pytest.fixture
def files(monkeypatch):
    """Small data instead of the files."""
    stamps = pd.date_range("2016-07-01", periods=96 * 15, freq="15min")
    frame = pd.DataFrame(
        np.arange(96 * 30.0).reshape(-1, 2), pd.DatetimeIndex(stamps.to_numpy(), name="date"), ["HUFL", "OT"]
    )
    births = pd.Series(1.0, pd.date_range("1969", periods=62, freq="D"))
    parts = {
        "train": pd.concat({"H2": pd.Series([1.0, 2.0]), "H10": pd.Series([5.0])}),
        "test": pd.concat({"H2": pd.Series([3.0], [2]), "H10": pd.Series([6.0], [1])}),
    }
    monkeypatch.setattr(datasets, "read_wide", lambda name: frame)
    monkeypatch.setattr(datasets, "read_tsf", lambda name: pd.concat({"T1": births}))
    monkeypatch.setattr(datasets, "read_m4", parts.get)


def test_channels_become_series_of_a_panel(files):
    y, _ = published_tasks.ett1("7D")
    assert list(y.index.unique(0)) == ["HUFL", "OT"] and len(y) == 4  # one day of the 15 is left
    assert y.loc["OT"].tolist() == [2 * 335.5 + 1, 2 * (672 + 335.5) + 1]
    assert y.index.unique(1)[1] == pd.Timestamp("2016-07-08")


def test_births_are_summed(files):
    assert published_tasks.us_births("D")[0].shape == (62,)
    assert published_tasks.us_births("7D")[0].tolist() == [7] * 8
    assert published_tasks.us_births("MS")[0].tolist() == [31, 28]


def test_exchange_rates_are_working_days(files):
    index = published_tasks.exchange_rate()[0].loc["OT"].index
    assert index[0] == pd.Timestamp("1990-01-01") and len(index) == 96 * 15
    assert set(index.day_of_week) == {0, 1, 2, 3, 4}


def test_the_test_part_of_m4_follows_the_training_part(files):
    y, _ = published_tasks.m4_hourly()
    assert {name: y.loc[name].tolist() for name in ("H2", "H10")} == {"H2": [1, 2, 3], "H10": [5, 6]}
    assert set(np.diff(y.loc["H2"].index)) == {pd.Timedelta(hours=1).to_timedelta64()}


def test_covariates_are_known_in_the_windows(draw):
    stamps = pd.date_range("2000", periods=400, freq="h")
    known = pd.DataFrame({"load": draw(400)}, stamps)
    y = (3 * known["load"] + 0.01 * draw(400)).rename("OT")
    task = dataclasses.replace(make_task(y, "fev", known, horizon=6, season=6), freq="h")
    assert [len(part) for part in task.train] == [388, 388]
    forecasts, quantiles, _ = published_candidates.measure("linear", task, seed=0)
    assert quantiles is None and task.score(forecasts)["mase"] < 0.05


def test_the_task_table_and_the_figures_have_the_same_tasks():
    assert list(FIGURES) == list(published_tasks.TASKS)
    assert {len(row) for rows in FIGURES.values() for row in rows} == {len(MODELS)}
    assert [len(names) for names in published.GROUPS.values()] == [5, 8, 3, 1, 3]
    assert is_leaked("Chronos-Bolt base", "gift/ett1/D/short") and not is_leaked("Chronos-2", "gift/ett1/D/short")


def test_every_family_forecasts_the_levels_of_the_metrics(panel):
    task = make_task(panel)
    for name, build in published_candidates.CANDIDATES.items():
        model = build(task, 7)
        assert (model.horizon, model.freq) == (3, "MS")
        if name not in published_candidates.DETERMINISTIC:
            assert model.training.random_state == 7
        has_levels = name.removesuffix("_zero_shot") in published.candidates.FAMILIES or name.startswith("auto_")
        assert getattr(model, "quantiles", None) == (LEVELS if has_levels else None)
    tuned = published_candidates.network(tsattn.AttentionForecaster, epochs=2, max_seconds=None)(task, 1)
    assert (tuned.training.epochs, tuned.training.max_seconds, tuned.quantiles) == (2, None, LEVELS)


@pytest.fixture
def two_tasks(panel, tmp_path, monkeypatch):
    """The benchmark with two small tasks, and an empty folder for the results."""
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(published_tasks, "load", lambda name: make_task(panel, name.partition("/")[0]))
    return "fev/epf_np,gift/ett1/D/short"


def test_a_run_resumes_and_rows_have_the_metric_of_their_table(two_tasks, monkeypatch, capsys):
    names = {"tasks": two_tasks, "candidates": "seasonal_naive,linear", "seeds": "0,1"}
    published.BENCHMARK.run(FLAGS, names)
    output = capsys.readouterr().out
    assert "| MASE | seasonal_naive | linear | seasonal naive (in print) |" in output
    rows = results.read("published")
    assert len(rows) == 4  # neither candidate depends on the seed
    filled = {(row["task"], row["candidate"]): [name for name in published.SCORES if row[name]] for row in rows}
    assert filled["fev/epf_np", "seasonal_naive"] == ["mase", "sql"]
    assert filled["gift/ett1/D/short", "seasonal_naive"] == ["mase", "crps"]
    assert filled["gift/ett1/D/short", "linear"] == ["mase"]
    monkeypatch.setattr(published_candidates, "measure", None)  # a call fails
    published.BENCHMARK.run(FLAGS, names)
    assert capsys.readouterr().out == output[output.index("\n| MASE") :]
    with pytest.raises(TypeError):
        published.BENCHMARK.fill(names, again=True)


def test_a_group_has_the_geometric_mean_if_all_its_tasks_are_measured(capsys):
    printed = {task: [row["seasonal naive"][0] for row in figures(task)] for task in published_tasks.TASKS}
    row = {"candidate": "linear", "wql": "", "crps": "", "sql": ""}
    factors = [0.5, 2.0, 1.0]  # the mean is 1
    rows = [
        {**row, "task": task, "mase": f"{printed[task][0] * factor}"}
        for task, factor in zip(published.GROUPS["fev"], factors, strict=True)
    ]
    rows += [{**row, "task": "chronos/m1_monthly", "mase": value} for value in ("1", "2")]
    mean = published.means(rows, 0)
    assert mean["chronos/m1_monthly", "linear"] == 1.5
    ours, theirs = published.relative_means(mean, published.GROUPS["fev"], 0)
    assert ours == {"linear": pytest.approx(1.0)}
    assert theirs["seasonal naive"] == pytest.approx(1.0)
    ratios = [1.24094 / 1.7613036, 0.727295 / 1.0270532, 0.563838 / 0.85011887]
    assert theirs["Chronos-Bolt base"] == pytest.approx(math.prod(ratios) ** (1 / 3))
    assert published.relative_means(mean, published.GROUPS["short"], 0)[0] == {}
    assert published.means(rows, 1) == {}
    published.print_tables(rows)
    output = capsys.readouterr().out
    assert "| fev, MASE | 1.000 | 1.000 |" in output and "| fev, SQL | - | 1.000 |" in output
    assert "| chronos/m1_monthly | 1.500 | 1.314 | 1.034 ensemble | 1.168 N-BEATS | 1.100 | 1.027 |" in output
    assert "| chronos/electricity_weekly | - | 3.037 | - | - | 1.839* | - |" in output


def test_the_check_names_the_tasks_that_deviate(two_tasks, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["published.py", "--check", "--tasks", two_tasks])
    with pytest.raises(SystemExit, match=r"more than 0\.0002 on fev/epf_np, gift/ett1/D/short"):
        published.BENCHMARK.main("Some benchmark.")
    assert "fev/epf_np mase " in capsys.readouterr().out
    monkeypatch.setattr(published, "deviations", lambda task: {"mase": 1e-4})
    published.BENCHMARK.main("Some benchmark.")
    assert capsys.readouterr().out.splitlines()[-1] == "gift/ett1/D/short mase 1.0e-04"
    assert results.read("published") == []


def test_quick_forecasts_quantiles_without_files(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setenv("TSATTN_DATA", str(tmp_path / "none"))
    monkeypatch.setattr("sys.argv", ["published.py", "--quick"])
    published.BENCHMARK.main("Some benchmark.")
    words = dict(word.split("=") for word in capsys.readouterr().out.split())
    assert words["candidate"] == "attention" and set(words) > {"mase", "crps", "fit_seconds", "predict_seconds"}
    assert 0 < float(words["crps"]) < 0.1 and not list(tmp_path.iterdir())
