"""The public names, their docstrings, and the examples in them."""

import doctest
import importlib
import inspect
import pathlib
import pkgutil

import pytest

import tsattn
import tsattn.layers
import tsattn.networks
import tsattn.testing

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(tsattn.__path__, "tsattn.")
    if not module.name.startswith("tsattn.data")
)
NAMES = {
    **{name: getattr(tsattn, name) for name in tsattn.__all__ if name != "__version__"},
    **{f"layers.{name}": getattr(tsattn.layers, name) for name in tsattn.layers.__all__},
    **{f"networks.{name}": getattr(tsattn.networks, name) for name in tsattn.networks.__all__},
    **{f"testing.{name}": getattr(tsattn.testing, name) for name in tsattn.testing.__all__ if name != "CHECKS"},
}


def test_public_names():
    assert set(tsattn.__all__) == {
        "__version__",
        *("Seq2SeqForecaster", "AttentionForecaster", "TransformerForecaster", "CoreForecaster"),
        *("InvertedTransformerForecaster", "EnsembleForecaster"),
        *("LinearForecaster", "SeasonalNaiveForecaster", "StatisticalForecaster"),
        *("Training", "TrainingDivergedError"),
        *("load_dataset", "plot_forecast", "plot_attention", "load_forecaster", "ModelFileError", "predict_partitions"),
        *("backtest", "compare", "evaluate", "weights_by", "occlusion", "agreement", "teacher_gap"),
    }
    assert set(tsattn.__all__) <= set(dir(tsattn))
    with pytest.raises(AttributeError, match="no_such_name"):
        tsattn.no_such_name  # noqa: B018


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("statsmodels", r'compare requires statsmodels\. Install it with: pip install "tsattn\[compare\]"'),
        ("numpy", "numpy"),
    ],
)
def test_a_name_whose_extra_is_not_installed_says_which(monkeypatch, missing, words):
    def absent(path):
        raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)

    monkeypatch.setattr(tsattn.importlib, "import_module", absent)
    with pytest.raises(ImportError, match=words) as caught:
        tsattn.__getattr__("compare")
    assert isinstance(caught.value, ModuleNotFoundError) == (missing == "numpy")  # which is not part of an extra


@pytest.mark.parametrize("name", NAMES)
def test_public_names_are_described_with_every_argument(name):
    thing = NAMES[name]
    doc = inspect.getdoc(thing)
    assert doc and doc[0].isupper()
    if isinstance(thing, type) and issubclass(thing, Exception):
        return
    for argument in inspect.signature(thing).parameters:
        if argument not in ("kwargs", "_"):
            assert f"{argument}:" in doc or f"{argument}," in doc, f"{name} does not describe `{argument}`"


@pytest.mark.parametrize("name", ["fit", "predict", "score", "attention_weights", "save", "export"])
def test_methods_are_described(name):
    assert inspect.getdoc(getattr(tsattn.AttentionForecaster, name))


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    assert module.__doc__
    results = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert results.failed == 0


def test_installed_version_is_the_packages():
    root = pathlib.Path(tsattn.__file__).parent.parent
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {tsattn.__version__}" in changelog
