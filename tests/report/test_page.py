"""The report page contains all of its contents in one file that works offline."""

import builtins
import dataclasses
import json
import os
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tsattn.report.page import ColumnDescription, Contents, check_path, write_page

pytest.importorskip("jinja2")
pytest.importorskip("plotly")

MODELS = ["attention", "seq2seq", "linear", "seasonal_naive"]
FAILED = "MemoryError: 12 GiB are needed.\nLower `units`."
TIMES = {
    "months": pd.date_range("1949-01", periods=144, freq="MS", name="month"),
    "hours with a clock change": pd.date_range("2024-10-25", periods=144, freq="h", tz="Europe/Berlin"),
    "periods": pd.period_range("2001-01", periods=144, freq="M"),
    "integers": pd.RangeIndex(10, 154),
    "ISO text": pd.date_range("2024-01-01", periods=144).strftime("%Y-%m-%d"),
    "tuples": [(1 + step // 12, step % 12) for step in range(144)],
}


def backtest(names, times, models, windows, horizon, levels=()):
    """The tables `history` and `forecasts` of artificial series."""
    rng = np.random.default_rng(0)
    times = pd.Series(list(times))
    count = len(times)
    season = 1 + 0.25 * np.sin(np.arange(count) * 2 * np.pi / 12)
    history, forecasts = [], []
    for name in names:
        values = (120 + np.arange(count) * 2.2) * season * rng.normal(1, 0.03, count)
        history.append(pd.DataFrame({"series": [name] * count, "time": times, "value": values}))
        origins = np.repeat(count - horizon - 1 - np.arange(windows)[::-1] * (horizon // 2), horizon)
        step = np.tile(np.arange(1, horizon + 1), windows)
        actual = values[origins + step]
        keys = {"seed": 0, "series": [name] * len(step), "origin": times[origins].to_list()}
        keys |= {"time": times[origins + step].to_list(), "step": step, "actual": actual}
        for place, model in enumerate(models):
            spread = (0.03 + 0.03 * place) * actual
            forecast = actual + spread * rng.normal(0, 1, len(step))
            quantiles = {level: forecast + spread * 3 * (level - 0.5) for level in levels}
            forecasts.append(pd.DataFrame({"model": model, **keys, "forecast": forecast} | quantiles))
    return {"history": pd.concat(history), "forecasts": pd.concat(forecasts, ignore_index=True)}


def contents(times=TIMES["months"], name="air_passengers", horizon=12):
    """All possible contents of a page, for one series."""
    rng = np.random.default_rng(1)
    columns = ["MASE", "MAE", "RMSE", "sMAPE", "skill", "fit_seconds", "predict_ms", "parameters", "seeds", "spread"]
    numbers = [
        [0.5123, 14.31, 18.2, 3.312, 0.4821, 42.31, 3.92, 128_412, 3, 0.0214],
        [0.6031, 16.82, 21.1, 3.901, 0.3902, 35.02, 3.31, 96_220, 3, 0.0311],
        [0.7209, 20.13, 25.7, 4.512, 0.2713, 0.0121, 0.09, 156, 1, np.nan],
        [0.9893, 27.64, 34.9, 6.224, 0.0, 0.0008, 0.02, 0, 1, np.nan],
        [np.nan] * 10,
    ]
    board = pd.DataFrame(numbers, index=pd.Index([*MODELS, "transformer"], name="model"), columns=columns)
    board["error"] = [None] * 4 + [FAILED]
    steps = pd.RangeIndex(1, horizon + 1, name="step")
    grown = np.sqrt(np.arange(1, horizon + 1))
    lag = np.arange(-36, 0)
    p_values = [0.0212, 0.0004, 0.00001, 0.21, 0.0007, np.nan]
    pairs = [(a, b) for place, a in enumerate(MODELS) for b in MODELS[place + 1 :]]
    weights = rng.dirichlet(np.ones(36) * 0.4, horizon)
    parts = {"teacher forcing": 0.2 + 0.01 * grown, "free running": 0.2 + 0.12 * grown}
    return Contents(
        title=f"{name}, horizon {horizon}",
        leaderboard=board,
        **backtest([name], times, MODELS, 4, horizon, levels=(0.1, 0.5, 0.9)),
        by_step=pd.DataFrame({m: (0.2 + 0.05 * k) * grown for k, m in enumerate(MODELS)}, index=steps),
        significance=pd.DataFrame(
            {
                "model_a": [a for a, _ in pairs],
                "model_b": [b for _, b in pairs],
                "mean_difference": [-0.091, -0.209, -0.477, 0.0118, -0.386, -0.268],
                "statistic": [-2.41, -3.9, -5.2, 1.25, -3.7, np.nan],
                "p_value": p_values,
                "p_adjusted": np.multiply(p_values, 2),
                "note": [None] * 5 + ["fewer than 8 windows"],
            }
        ),
        confidence_set=pd.DataFrame(
            {"p_value": [1.0, 0.12, 0.031, 0.0002], "included": [True, True, False, False], "note": ""}, index=MODELS
        ),
        ranks=pd.Series([1.4, 1.9, 2.8, 3.9], index=MODELS),
        critical_difference=1.05,
        loss="absolute error",
        attention={
            "attention": pd.DataFrame(weights, index=list(times)[-horizon:], columns=list(times)[-48:-12]),
            "empty": pd.DataFrame(),
        },
        explained=pd.DataFrame(
            {
                "model": np.repeat(["attention", "transformer"], 36),
                "lag": np.tile(lag, 2),
                "attention": rng.dirichlet(np.ones(36), 2).ravel(),
                "occlusion": rng.normal(0.1, 0.1, 72),
            }
        ),
        agreement={"attention": 0.712, "transformer": np.nan},
        teacher=pd.DataFrame({("attention", mode): part for mode, part in parts.items()}, index=steps),
        settings={"horizon": horizon, "windows": 4, "stride": 6, "refit": False, "seeds": (0, 1, 2), "budget": "60 s"},
        versions={"tsattn": "0.3.0", "keras": "3.15.1", "tensorflow": "2.21.0", "numpy": np.__version__},
        command=f"tsattn compare {name} --horizon 12 --windows 4 --report report.html",
        seconds=734.2,
    )


def many(series=50, models=5, windows=20, horizon=24, levels=(0.1, 0.9)):
    names = [f"store {place}" for place in range(series)]
    models = [f"model {place}" for place in range(models)]
    board = pd.DataFrame({"MASE": np.linspace(0.6, 1.2, len(models))}, index=models)
    times = pd.date_range("2023-01-01", periods=600, freq="h")
    return Contents("many", board, **backtest(names, times, models, windows, horizon, levels))


class Page(HTMLParser):
    """The parsed page: tags with their attributes, the text of each section, and the embedded data."""

    def __init__(self, path):
        super().__init__()
        self.source = Path(path).read_text(encoding="utf-8")
        self.tags, self.texts, self.rows, self.scripts, self.inside = [], {None: ""}, [], [], [None]
        self.section = None
        self.feed(self.source)
        self.data = json.loads(self.scripts[0])

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside.append(tag)
        if tag == "section":
            self.section = dict(attrs)["id"]
            self.texts[self.section] = ""
        elif tag == "script":
            self.scripts.append("")
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.inside.append(None)
        self.section = None if tag == "section" else self.section

    def handle_data(self, text):
        if self.inside[-1] == "script":
            self.scripts[-1] += text
            return
        self.texts[self.section] += text
        if self.inside[-1] in ("td", "th", "span") and self.rows and self.rows[-1]:
            self.rows[-1][-1] += text

    def row(self, head):
        return next(row for row in self.rows if row and row[0] == head)


def page(folder, contents):
    return Page(write_page(folder / "report.html", contents, overwrite=True))


SECTIONS = ["leaderboard", "forecasts", "by_step", "significance", "attention", "explained", "teacher", "settings"]


def test_page_is_one_file_without_external_resources(tmp_path):
    found = page(tmp_path, contents())
    assert [name.name for name in tmp_path.iterdir()] == ["report.html"]
    for tag, attributes in found.tags:
        for name in ("src", "href", "action", "data", "srcset"):
            assert not (attributes.get(name) or "").startswith(("http", "//", "file")), (tag, attributes)
    assert [attributes.get("type") for tag, attributes in found.tags if tag == "script"] == [
        "application/json",
        None,
        None,
    ]
    assert found.source.count("plotly.js v") == 1
    assert "default-src 'none'" in found.source
    assert "@import" not in found.source.split("</style>")[0]
    assert list(found.texts)[1:] == SECTIONS


def test_sections_without_contents_are_omitted(tmp_path):
    board = contents().leaderboard
    found = page(tmp_path, Contents("only", board))
    assert list(found.texts)[1:] == ["leaderboard"]
    assert found.data == {}
    empty = {"forecasts": pd.DataFrame(), "attention": {}, "settings": {}, "ranks": pd.Series(dtype=float)}
    assert list(page(tmp_path, Contents("only", board, **empty)).texts)[1:] == ["leaderboard"]
    lists = [attributes["href"] for tag, attributes in found.tags if tag == "a"]
    assert lists == ["#leaderboard"]


@pytest.mark.parametrize("section", SECTIONS[1:])
def test_each_section_is_independent(tmp_path, section):
    parts = {"significance": ("ranks",), "explained": ("explained", "agreement"), "settings": ("seconds",)}
    full = contents()
    part = {name: getattr(full, name) for name in parts.get(section, (section,))}
    found = page(tmp_path, Contents("part", full.leaderboard, **part))
    assert list(found.texts)[1:] == ["leaderboard", section]


def test_tables_show_formatted_values(tmp_path):
    found = page(tmp_path, contents())
    assert found.row("attention")[1:6] == ["0.512", "14.3", "18.2", "3.31", "0.482"]
    assert found.row("linear")[6:] == ["0.0121", "0.09", "156", "1", "\u2013"]
    assert found.row("transformer")[1] == f"Failed: {FAILED}"
    assert "1 model failed" in found.texts[None]
    assert found.row("attention \u2013 seq2seq")[1:] == [
        "attention is significantly better than seq2seq", "\u22120.091", "\u22122.41", "0.021", "0.042", "\u2013",
    ]  # fmt: skip
    assert found.row("seq2seq \u2013 linear")[1] == "no significant difference"
    assert found.row("linear \u2013 seasonal_naive")[1] == "not tested"
    assert "attention 0.71, transformer unknown." in found.texts["explained"]
    assert found.row("seeds") == ["seeds", "0, 1, 2"]
    assert "12 min 14 s" in found.texts["settings"]


def test_columns_are_described_and_the_best_value_is_bold(tmp_path):
    columns = {
        "MASE": ColumnDescription("scaled error", "mean absolute scaled error", "lower"),
        "skill": ColumnDescription("skill", "1 minus a ratio", "higher"),
        "seeds": ColumnDescription("number of seeds", "how many"),
    }
    found = page(tmp_path, Contents("t", contents().leaderboard, columns=columns))
    assert found.row("model")[1:4] == ["scaled error", "MAE", "RMSE"] and "number of seeds" in found.row("model")
    assert "mean absolute scaled error" in found.texts["leaderboard"]
    classes = [attributes.get("class") or "" for tag, attributes in found.tags if tag == "td"][:10]
    assert [place for place, names in enumerate(classes) if "best" in names] == [0, 4]
    assert "Meaning of the columns" not in page(tmp_path, Contents("t", contents().leaderboard)).source


def test_single_model_has_no_critical_difference(tmp_path):
    board = contents().leaderboard[:1].drop(columns="error")
    one = Contents("one", board, ranks=pd.Series([1.0], ["attention"]), critical_difference=float("nan"))
    assert "critical difference" not in page(tmp_path, one).texts["significance"]


def test_tests_and_their_limits_are_described(tmp_path):
    full = contents()
    assert "Diebold-Mariano tests of the absolute error" in page(tmp_path, full).texts["significance"]
    common = page(tmp_path, dataclasses.replace(full, significance=full.significance.assign(note="Few windows: 12.")))
    assert common.source.count("Few windows: 12.") == 1 and "note" not in common.row("pair")
    few = full.confidence_set.assign(p_value=np.nan, included=True, note="Too few windows: 12.")
    found = page(tmp_path, dataclasses.replace(full, confidence_set=few))
    assert "Too few windows: 12." in found.texts["significance"]
    assert [row[1:] for row in found.rows if row and row[0] in MODELS][-4:] == [["not tested", "\u2013"]] * 4


def test_better_model_has_the_smaller_loss(tmp_path):
    table = contents().significance.assign(p_adjusted=0.01, mean_difference=0.5)
    assert page(tmp_path, Contents("t", contents().leaderboard, significance=table)).row("seq2seq \u2013 linear")[
        1
    ] == ("linear is significantly better than seq2seq")


def test_columns_of_every_type(tmp_path):
    board = pd.DataFrame(
        {
            "MASE": [0.51, 0.6, np.nan],
            "pinball": pd.array([12345.6, None, 1e-9], dtype="Float64"),
            "done": [True, False, None],
            "loss": ["mae", None, "mse"],
            "units": pd.Series([64, None, 32], dtype=object).to_numpy(),
        },
        index=[("a", 1), 2.5, pd.Timestamp("2024-01-01")],
    )
    found = page(tmp_path, Contents("kinds", board))
    assert found.row("a / 1")[1:] == ["0.510", "12,346", "yes", "mae", "64"]
    assert found.row("2.5")[1:] == ["0.600", "\u2013", "no", "\u2013", "\u2013"]
    assert found.row("2024-01-01 00:00:00")[2] == "0.000000001"


def test_model_with_some_failed_seeds_keeps_its_scores(tmp_path):
    board = pd.DataFrame({"MASE": [np.nan, np.nan], "MAE": [3.5, 4.5], "error": [None, "no memory"]}, index=["a", "b"])
    found = page(tmp_path, Contents("some", board, metric="MAE"))
    assert [row[1:] for row in found.rows if row[0] == "b"] == [["\u2013", "4.50"], ["Failed: no memory"]]
    assert "with MAE 3.50" in found.texts[None]


def test_page_of_failed_models(tmp_path):
    board = pd.DataFrame({"MASE": [np.nan], "error": ["no memory"]}, index=["lstm"])
    found = page(tmp_path, Contents("failed", board))
    assert found.row("lstm")[1] == "Failed: no memory"
    assert "The model failed. Its error is listed below." in found.texts[None]


HOSTILE = "</script><script>alert('1')</script><!-- \"&<img src=x onerror=alert(2)> \u2028"


def test_every_text_is_escaped(tmp_path):
    full = contents(name=HOSTILE)
    rename = {"attention": HOSTILE}
    hostile = dataclasses.replace(
        full,
        leaderboard=full.leaderboard.rename(index=rename, columns={"MAE": HOSTILE}).assign(
            error=[None] * 4 + [HOSTILE]
        ),
        forecasts=full.forecasts.replace({"model": rename}),
        by_step=full.by_step.rename(columns=rename),
        significance=full.significance.replace({"model_a": rename}).assign(note=HOSTILE),
        confidence_set=full.confidence_set.rename(index=rename),
        ranks=full.ranks.rename(index=rename),
        attention={HOSTILE: full.attention["attention"]},
        explained=full.explained.replace({"model": rename}),
        agreement={HOSTILE: 0.5},
        settings={HOSTILE: HOSTILE},
        versions={HOSTILE: HOSTILE},
        command=HOSTILE,
    )
    found = page(tmp_path, hostile)
    assert len(found.scripts) == 3
    assert "img" not in {tag for tag, _ in found.tags}
    assert not [attributes for _, attributes in found.tags if "onerror" in attributes]
    assert found.row(HOSTILE)[0] == HOSTILE
    assert found.data["forecasts"]["series"][0]["name"] == HOSTILE
    assert found.data["forecasts"]["models"][0]["group"] == HOSTILE
    assert "<" not in found.data["forecasts"]["models"][0]["name"]  # Plotly interprets tags in names


@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES)
def test_every_kind_of_time_axis(tmp_path, times):
    data = page(tmp_path, contents(times=times)).data["forecasts"]
    (series,) = data["series"]
    assert len(series["windows"]) == 4
    assert series["at"] == list(range(144 - len(series["at"]), 144))
    assert len(set(data["times"])) == len(data["times"]) == 144  # no time is missing where clocks are set back
    origin, first, predictions = series["windows"][-1]
    assert series["at"][first] == origin + 1
    assert [len(forecast) for _, forecast, *_ in predictions] == [12] * 4


def test_times_are_local_or_utc(tmp_path):
    def axis(times):
        data = page(tmp_path, contents(times=times)).data["forecasts"]
        return data["axis"]["type"], data["axis"]["title"]["text"], data["times"][0]

    assert axis(TIMES["months"]) == ("date", "time", "1949-01")
    assert axis(TIMES["integers"]) == ("linear", "time", 10)
    assert axis(TIMES["tuples"]) == ("category", "time", "1 / 0")
    assert axis(TIMES["hours with a clock change"]) == ("date", "time (UTC)", "2024-10-24T22:00")
    days = pd.date_range("2024-01-01", periods=144, freq="D", tz="Europe/Berlin")
    assert axis(days) == ("date", "time (Europe/Berlin)", "2024-01-01")


def test_data_of_the_forecast_chart(tmp_path):
    full = contents()
    data = page(tmp_path, full).data["forecasts"]
    (series,) = data["series"]
    origin, first, predictions = series["windows"][1]
    for place, forecast, low, high in predictions:
        table = full.forecasts[full.forecasts["model"] == MODELS[place]]
        table = table[table["origin"] == pd.Timestamp(data["times"][origin])]
        np.testing.assert_allclose(forecast, table["forecast"], rtol=1e-5)
        np.testing.assert_allclose(low, table[0.1], rtol=1e-5)
        np.testing.assert_allclose(high, table[0.9], rtol=1e-5)
    assert data["band"] == ["0.1", "0.9"]
    assert first == 8 * 12 + 6
    np.testing.assert_allclose(series["values"], full.history["value"].iloc[-len(series["values"]) :], rtol=1e-5)
    assert max(len(str(number)) for number in series["values"]) <= len("123.456")


def test_missing_values_are_none(tmp_path):
    full = contents()
    forecasts, history = full.forecasts.copy(), full.history.copy()
    forecasts.loc[forecasts.index[:3], "forecast"] = np.nan
    forecasts.loc[forecasts["model"] == "linear", "forecast"] = np.nan
    forecasts["actual"] = np.nan
    history.loc[history.index[-20:], "value"] = np.inf
    (series,) = page(tmp_path, Contents("gaps", full.leaderboard, history, forecasts)).data["forecasts"]["series"]
    _, _, models = series["windows"][0]
    assert models[0][1][:4].count(None) == 3
    assert [place for place, *_ in models] == [0, 1, 3]
    assert series["values"][-20:] == [None] * 20


def test_channels_and_first_seed(tmp_path):
    full = contents()
    forecasts = pd.concat(
        [full.forecasts.assign(channel=name, seed=seed) for name in ("load", 7) for seed in (3, 4)], ignore_index=True
    )
    forecasts.loc[forecasts["seed"] == 4, "forecast"] = 0.0
    history = pd.concat([full.history.assign(channel=name) for name in ("load", 7)])
    rows = pd.MultiIndex.from_product([["load", 7], pd.RangeIndex(12)], names=["channel", "time"])
    weights = pd.DataFrame(np.full((24, 3), 0.5), index=rows)
    attention = {"attention": weights}
    found = page(tmp_path, Contents("channels", full.leaderboard, history, forecasts, attention=attention))
    data = found.data["forecasts"]["series"]
    assert [series["name"] for series in data] == ["air_passengers \u00b7 load", "air_passengers \u00b7 7"]
    assert min(data[1]["windows"][0][2][0][1]) > 0
    assert "The first seed of each model is shown" in found.texts["forecasts"]
    assert [each["name"] for each in found.data["attention"]] == ["attention \u00b7 load", "attention \u00b7 7"]
    assert [len(each["z"]) for each in found.data["attention"]] == [12, 12]


def test_bars_join_close_ranks(tmp_path):
    def bars(ranks, width):
        ranks = pd.Series(ranks, index=list("abcde")[: len(ranks)])
        full = Contents("ranks", contents().leaderboard, ranks=ranks, critical_difference=width)
        traces = page(tmp_path, full).data["ranks"]["traces"]
        return [trace["x"] for trace in traces if trace["line"]["color"] == "ink"]

    assert bars([1.0, 1.5, 2.0, 4.0], 0.6) == [[1.0, 1.5], [1.5, 2.0]]
    assert bars([1.0, 1.5, 2.0, 4.0], 1.0) == [[1.0, 2.0]]
    assert bars([4.0, 1.0, 2.5], 1.0) == []
    assert bars([1.0, 2.0], None) == []


def test_long_names_of_ranked_models_are_distinct(tmp_path):
    names = [f"linear with a lookback of {steps} steps" for steps in (3, 6, 12)]
    names += [f"a model of {place} whose name differs in the middle" for place in "bc"]
    full = Contents("ranks", contents().leaderboard, ranks=pd.Series(range(1, 6), names), critical_difference=1.0)
    rows = page(tmp_path, full).data["ranks"]["layout"]["yaxis"]["ticktext"]
    assert rows == [
        "linear with\u2026of 3 steps",
        "linear with\u2026of 6 steps",
        "linear with\u2026f 12 steps",
        "a model of \u2026the middle (4)",
        "a model of \u2026the middle (5)",
        "critical difference",
    ]


def test_size_of_the_page_is_limited(tmp_path, monkeypatch):
    write_page(tmp_path / "many.html", many(levels=()))
    assert (tmp_path / "many.html").stat().st_size < 8e6
    monkeypatch.setattr("tsattn.report.charts.MAX_FORECAST_VALUES", 2 * 3 * 6 * 4)
    found = page(tmp_path, many(series=5, models=2, windows=4, horizon=6))
    assert found.data["forecasts"]["left_out"] == {"windows": 3, "series": 1}
    assert "first 3 origins are omitted" in found.texts["forecasts"]
    assert "last 1 series are omitted" in found.texts["forecasts"]


@pytest.mark.parametrize("name", ["report", "report.htm", "report.html.gz", "folder.html", "missing/report.html"])
def test_invalid_paths_raise(tmp_path, name):
    (tmp_path / "folder.html").mkdir()
    for call in (check_path, lambda path: write_page(path, contents())):
        with pytest.raises((OSError, ValueError), match=r"is a folder|does not exist|end in \.html"):
            call(tmp_path / name)
    assert [found.name for found in tmp_path.rglob("*")] == ["folder.html"]


def test_folder_without_write_permission_raises(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda folder, mode: False)
    with pytest.raises(PermissionError, match="not writable"):
        check_path(tmp_path / "report.html")


def test_page_is_replaced_completely_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_text("before")
    check_path(path)
    with pytest.raises(ValueError, match=r"`forecasts` .* Add the column\(s\) \['actual'\]"):
        write_page(path, dataclasses.replace(contents(), forecasts=contents().forecasts.drop(columns="actual")), True)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk")))
        with pytest.raises(OSError, match="disk"):
            write_page(path, contents(), overwrite=True)
    assert [found.name for found in tmp_path.iterdir()] == ["report.html"]
    assert path.read_text() == "before"
    link = tmp_path / "link.html"
    link.symlink_to(path)
    write_page(link, contents(), overwrite=True)
    assert link.is_symlink()
    assert "plotly" in path.read_text(encoding="utf-8")


def test_no_models_raise(tmp_path):
    with pytest.raises(ValueError, match="no models"):
        write_page(tmp_path / "report.html", Contents("empty", pd.DataFrame()))
    assert not list(tmp_path.iterdir())


def test_missing_library_names_the_extra(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *arguments, **options):
        if name.split(".")[0] == "plotly":
            raise ImportError("no plotly")
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"tsattn\[report\]"):
        check_path(tmp_path / "report.html")
