"""The README and the pages in docs: their Python code runs, their commands, links and figures are valid."""

import inspect
import pathlib
import re
import runpy
import shlex

import numpy as np
import pandas as pd
import pytest

import tsattn
from tsattn.forecasters.registry import FORECASTERS

ROOT = pathlib.Path(__file__).parent.parent


def read(paths):
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


PAGES = read([ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])
DOCUMENTS = {**PAGES, **read(ROOT / name for name in ("SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md"))}
CODE_BLOCK = re.compile(r"^```.*?^```", flags=re.S | re.M)


def blocks(text, language):
    """The code blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.S | re.M)


# Expected results of the code on each page, as functions of its variables and the working folder.


def check_readme(names, folder):
    assert len(names["model"].predict()) == 12
    assert len(pd.read_csv(folder / "forecast.csv")) == 12
    assert names["shop_model"].predict().groupby("shop").size().to_dict() == {"north": 12, "south": 12}
    assert set(names["result"].leaderboard.index) == {
        *("TransformerForecaster", "AttentionForecaster", "LinearForecaster", "seasonal_naive")
    }


def check_architecture(names, folder):
    assert len(names["textbook"].fit(tsattn.load_dataset("air_passengers")).predict()) == 12
    assert names["classifier"](np.zeros((2, 96, 7))).shape == (2, 1)


def check_attention(names, folder):
    np.testing.assert_allclose(names["weights"].sum(axis=1), 1, rtol=1e-5)
    assert names["by_lag"].index.equals(names["change"].index)


def check_compare(names, folder):
    assert set(names["result"].leaderboard.index) == {"seq2seq", "attention", "linear", "seasonal_naive"}
    assert (folder / "report.html").stat().st_size > 10**6
    assert len(names["table"]) == 6 * 12


def check_covariates(names, folder):
    assert (names["future"]["price"] == 15).all() and list(names["future"]) == ["strike", "price"]


def check_ensembles(names, folder):
    assert names["weighted"].weights_.shape == (3,)  # one linear forecast, two seeds of a network


def check_files(names, folder):
    assert names["description"]["channels"] == ["passengers"]


def check_forecasting(names, folder):
    assert (folder / "forecast.png").stat().st_size > 0


def check_integrations(names, folder):
    states = {trial.state.name for trial in names["study"].trials}
    assert states == {"COMPLETE", "PRUNED"} and names["model"].units == names["study"].best_params["units"]
    assert (
        len(names["runs"]) == 2 and (folder / "mlflow.db").exists() and len(list(folder.glob("mlruns/**/*.html"))) == 1
    )
    table = names["reconciled"].set_index(["unique_id", "ds"]).unstack("unique_id").round(6)
    for method in ("tsattn/BottomUp", "tsattn/MinTrace_method-mint_shrink"):
        forecasts = table[method]
        np.testing.assert_allclose(forecasts.filter(regex=r"/\w+/").sum(axis=1), forecasts["all"], rtol=1e-6)
        assert not np.allclose(forecasts["all"], table["tsattn"]["all"], rtol=1e-6)


def check_other_models(names, folder):
    assert "error" not in names["result"].leaderboard
    assert np.isfinite(names["result"].leaderboard.loc["stand-in", ["MASE", "CRPS", "coverage"]].astype(float)).all()
    model, shops = names["ZeroShot"]("stand-in", 12), names["shops"]
    windows = model.predict_windows(shops, windows=3, stride=2, quantiles=(0.1, 0.9))
    earlier = shops.groupby(level=0).head(-14)  # before the second of the three origins
    np.testing.assert_allclose(windows[:, 1, :, 0, 0].ravel(), model.fit(earlier).predict())


def check_scikit_learn(names, folder):
    assert len(names["search"].best_estimator_.predict()) == 12
    assert names["model"].training.random_state == 0


def check_statistical(names, folder):
    assert set(names["result"].leaderboard.index) == {"auto_ets", "auto_theta", "linear", "seasonal_naive"}


def check_training(names, folder):
    assert 1 <= len(names["model"].training_history_["loss"]) <= 40


def check_uncertainty(names, folder):
    assert names["paths"].shape == (12, 200)
    assert names["draws"].shape == (7, 1000) and (names["draws"] % 1 == 0).all(axis=None)


CHECKS = {
    "README.md": check_readme,
    "docs/architecture.md": check_architecture,
    "docs/attention.md": check_attention,
    "docs/compare.md": check_compare,
    "docs/covariates.md": check_covariates,
    "docs/ensembles.md": check_ensembles,
    "docs/files.md": check_files,
    "docs/forecasting.md": check_forecasting,
    "docs/integrations.md": check_integrations,
    "docs/other-models.md": check_other_models,
    "docs/scikit-learn.md": check_scikit_learn,
    "docs/statistical.md": check_statistical,
    "docs/training.md": check_training,
    "docs/uncertainty.md": check_uncertainty,
}

# Libraries that a page needs and that are not test dependencies: `.ci/run` installs them in other steps.
LIBRARIES = {
    "docs/integrations.md": ("hierarchicalforecast", "mlflow", "optuna"),
    "docs/statistical.md": ("statsforecast",),
}


@pytest.fixture
def short_training(monkeypatch):
    """Change the defaults of `Training` to 2 epochs of 4 batches."""
    options = {name: option.default for name, option in inspect.signature(tsattn.Training).parameters.items()}
    assert tuple(options.values()) == tsattn.Training.__init__.__defaults__
    options |= {"epochs": 2, "batches_per_epoch": 4}
    monkeypatch.setattr(tsattn.Training.__init__, "__defaults__", tuple(options.values()))


@pytest.mark.filterwarnings(
    "ignore:On the held-out windows"
)  # networks are replaced by a fallback after so little training
@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")  # MLflow with SQLAlchemy 2.1
@pytest.mark.parametrize("page", [page for page, text in PAGES.items() if blocks(text, "python")])
def test_python_of_a_page_runs_from_top_to_bottom(page, short_training, monkeypatch, tmp_path):
    for library in LIBRARIES.get(page, ()):
        pytest.importorskip(library)
    monkeypatch.chdir(tmp_path)
    revenue = tsattn.load_dataset("air_passengers").rename("revenue")
    revenue.to_csv("sales.csv")  # the reader's own file
    names = {}
    for match in re.finditer(r"^```python\n(.*?)^```", PAGES[page], flags=re.S | re.M):
        lines_before = PAGES[page].count("\n", 0, match.start(1))  # so that a traceback has the lines of the page
        exec(compile("\n" * lines_before + match[1], ROOT / page, "exec"), names)
    assert names.keys() > {"__builtins__"}
    if page in CHECKS:
        CHECKS[page](names, tmp_path)


def test_every_check_belongs_to_a_page():
    assert {*CHECKS, *LIBRARIES} <= set(PAGES)
    assert sum(len(blocks(text, "python")) for text in PAGES.values()) > 25


def commands(text):
    """The `tsattn` commands in code blocks and in the text, except those that only name a command."""
    lines = [line for block in blocks(text, "bash") for line in block.splitlines()]
    inline = re.findall(r"`(tsattn [^`]+)`", CODE_BLOCK.sub("", text))
    for line in [*lines, *inline]:
        command = line.partition("tsattn ")[2] if line.startswith("tsattn ") or "/tsattn " in line else ""
        if " " in command:
            yield command


@pytest.mark.parametrize("command", sorted({command for text in DOCUMENTS.values() for command in commands(text)}))
def test_command_has_valid_arguments(command):
    import typer

    from tsattn.cli import app

    name, *arguments = shlex.split(command)
    command = typer.main.get_command(app).commands[name]
    context = command.make_context(name, arguments, resilient_parsing="--help" in arguments)  # raises a usage error
    assert context.command is command and not context.args


def test_readme_has_one_command_to_run_and_one_to_test():
    run, test = blocks(PAGES["README.md"], "bash")
    assert run.count("\n") == test.count("\n") == 1
    assert "tsattn compare" in run and "pytest" in test
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in ci and "pytest -q\n" not in ci.split("JAX")[0]
    assert 'bash -euo pipefail -c "$command"' in ci


def test_readme_is_short():
    assert len(PAGES["README.md"].splitlines()) <= 115


def anchors(text):
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", CODE_BLOCK.sub("", text), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


LINKS = sorted(
    (page, target)
    for page, text in DOCUMENTS.items()
    for target in set(re.findall(r"\]\(([^)\s]+)\)", CODE_BLOCK.sub("", text)))
    if not target.startswith("http")
)


@pytest.mark.parametrize(("page", "target"), LINKS)
def test_link_leads_to_a_file_and_an_anchor(page, target):
    path, _, anchor = target.partition("#")
    file = (ROOT / page).parent / path if path else ROOT / page
    assert file.exists()
    assert not anchor or anchor in anchors(file.read_text(encoding="utf-8"))


PATH = re.compile(r"(?<![\w/])(?:tsattn|tests|benchmarks|docs|datasets)/[\w./-]*\w")


@pytest.mark.parametrize("path", sorted({path for text in DOCUMENTS.values() for path in PATH.findall(text)}))
def test_named_file_exists(path):
    assert (ROOT / path).exists()


def test_table_of_forecasters_has_every_registered_one():
    """With its name on the command line, in the order of the registry."""
    rows = re.findall(r"^\| `(\w+Forecaster)` \| `?(\w*)`? ?\|", PAGES["docs/forecasting.md"], flags=re.M)
    assert rows == [(name, entry.command or "") for name, entry in FORECASTERS.items()]


def test_index_lists_every_page():
    listed = re.findall(r"\]\(([\w-]+\.md)\)", PAGES["docs/index.md"])
    assert sorted(listed) == sorted(path.name for path in (ROOT / "docs").glob("*.md") if path.name != "index.md")


def test_every_page_has_one_title():
    for page, text in PAGES.items():
        assert text.startswith("# ") and len(re.findall(r"^# ", CODE_BLOCK.sub("", text), flags=re.M)) == 1, page


# The numbers in the tables equal those in the results.


def results(name):
    return pd.read_csv(ROOT / "benchmarks" / "results" / f"{name}.csv")


def assert_has_row(page, *cells):
    assert f"| {' | '.join(cells)} |" in PAGES[page].replace("**", "")


HORIZONS = (96, 192, 336, 720)
MODELS = ("seq2seq", "attention", "transformer", "ensemble", "linear", "seasonal_naive")
PANELS = (("tourism_monthly", "mase"), ("electricity_weekly", "mase"), ("m4_hourly", "owa"))
PEERS = ("darts", "neuralforecast", "tfts")


def test_accuracy_tables_show_the_results():
    means = results("accuracy").groupby(["task", "candidate"])[["mse", "mase", "owa"]].mean()

    def mean(model, task, score):
        return f"{means.loc[(task, model), score]:.3f}" if (task, model) in means.index else "-"

    for model in MODELS:
        label = "seasonal naive" if model == "seasonal_naive" else f"tsattn `{model}`"
        errors = [mean(model, *task) for task in PANELS]
        assert_has_row("README.md", label, *errors, mean(model, "etth1_96", "mse"))
        etth1 = np.mean([means.loc[(f"etth1_{horizon}", model), "mse"] for horizon in HORIZONS])
        assert_has_row("docs/evidence.md", f"`{model}`", *errors, f"{etth1:.3f}")
    for peer in PEERS:
        cells = [
            " / ".join(mean(f"{peer}_{model}", *task) for model in ("lstm", "transformer"))
            for task in (*PANELS, ("etth1_96", "mse"))
        ]
        assert_has_row("README.md", f"{peer} LSTM / Transformer", *cells)


def test_air_passengers_table_shows_the_results():
    table = results("air_passengers")
    for model in ("seq2seq", "attention", "transformer", "linear", "seasonal_naive"):
        rows = table[table["model"] == model].set_index("seed")
        first = rows.loc[0]
        mean = f"{rows['mase'].mean():.3f}" if len(rows) > 1 else "the same"
        seconds = f"{first['process_seconds']:.0f} s"
        assert_has_row("docs/evidence.md", f"`{model}`", f"{first['mase']:.3f}", mean, seconds)


def test_covariates_table_shows_the_results():
    means = results("covariates").groupby(["model", "covariates"])[["mse", "mae"]].mean()
    number = r"(0\.\d{3})"
    for model in ("attention", "seq2seq", "transformer"):
        row = re.search(
            rf"^\| `{model}` \| {number} / {number} \| {number} / {number} \|$", PAGES["docs/evidence.md"], re.M
        )
        expected = [means.loc[(model, covariates)] for covariates in ("load and wind forecasts", "none")]
        np.testing.assert_allclose([float(cell) for cell in row.groups()], np.concatenate(expected), atol=5.1e-4)


def test_coverage_table_shows_the_results():
    means = results("coverage").groupby("model")[["coverage", "interval_score"]].mean()
    for model, row in means.iterrows():
        assert_has_row(
            "docs/evidence.md", f"`{model}`", f"{100 * row['coverage']:.1f} %", f"{row['interval_score']:.2f}"
        )


@pytest.mark.filterwarnings("ignore:On the held-out windows")
def test_example_cores_run():
    cores = runpy.run_path(str(ROOT / "benchmarks" / "accuracy" / "cores.py"))["CORES"]
    y = tsattn.load_dataset("air_passengers")
    training = tsattn.Training(epochs=1, batches_per_epoch=4, random_state=0, verbose=0)
    assert len(cores) == 3
    for core in cores.values():
        options = {"core": core, "units": 8, "lookback": 36, "fallback": False, "training": training}
        model = tsattn.CoreForecaster(12, **options).fit(y)
        assert np.isfinite(model.predict()).all()
    np.testing.assert_allclose(model.attention_weights().sum(axis=1), 1.0, rtol=1e-5)
