"""Checkpoints: stored results are reused only for the same task."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from comparison_table import OPTIONS, Repeats, assert_same, candidates
from forecaster_table import FAST, HORIZON, SMALL, monthly

from tsattn import LinearForecaster, Seq2SeqForecaster, Training, compare
from tsattn.evaluation.candidate import Candidate
from tsattn.evaluation.checkpoints import Checkpoints
from tsattn.evaluation.fold import Costs, FoldResult
from tsattn.evaluation.insight import Insight


def test_interrupted_run_resumes(tmp_path, monkeypatch):
    fits = []

    class Counted(LinearForecaster):
        def fit(self, *arguments, **options):
            fits.append(len(fits))
            if len(fits) == 2:
                raise KeyboardInterrupt
            return super().fit(*arguments, **options)

    options = {**OPTIONS, "resume": tmp_path / "stored", "refit": True}
    counted = {"linear": Counted(horizon=HORIZON)}
    with pytest.raises(KeyboardInterrupt):
        compare(counted, monthly(), **options)
    stopped = compare(counted, monthly(), **options)
    assert len(fits) == 2 + 3  # the first was stored
    assert_same(compare(counted, monthly(), **options), stopped)
    assert len(fits) == 5
    assert_same(compare(counted, monthly(), **{**options, "resume": None}), stopped)
    compare(counted, monthly() + 1, **options)  # other data, nothing stored
    assert len(fits) == 5 + 4 + 4


def test_truncated_result_is_computed_again(tmp_path):
    options = {**OPTIONS, "resume": tmp_path}
    first = compare(candidates(), monthly(), **options)
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for path, content in files.items():
        path.write_bytes(content[:100])
    assert_same(compare(candidates(), monthly(), **options), first)
    assert len(files) == 5 and all(
        len(path.read_bytes()) > 100 for path in files
    )  # without the broken one, with the added baseline


COSTS = {
    "fit_seconds": 1.5,
    "predict_seconds": 0.1 + 0.2,
    "parameters": 7,
    "fell_back": True,
    "pretrained": "attention-12",
}
INSIGHT = {
    "lags": np.array([-4, -2]),
    "weights": np.full((3, 2), 0.5),
    "attention": np.array([0.1, 0.9]),
    "occlusion": np.array([0.2, np.nan]),
    "errors": np.ones((3, 2)),
}


def test_stored_result_keeps_every_field(tmp_path):
    """A new field must be in the values above, which differ from every default."""
    for kind, values in ((Costs, COSTS), (Insight, INSIGHT)):
        assert [field.name for field in dataclasses.fields(kind)] == list(values)
    written = FoldResult(np.arange(6.0).reshape(1, 1, 3, 1, 2), (0.1,), Costs(**COSTS), Insight(**INSIGHT))
    stored = Checkpoints(tmp_path, "shared")
    path = stored.path("last", Candidate(Repeats()), 0)
    stored.write(path, written)
    read = stored.read(path)
    assert read.costs == written.costs and read.levels == written.levels
    np.testing.assert_array_equal(read.values, written.values)
    for name, value in INSIGHT.items():
        np.testing.assert_array_equal(getattr(read.insight, name), value)
    assert [field.name for field in dataclasses.fields(FoldResult)] == ["values", "levels", "costs", "insight"]
    unknown = dataclasses.replace(written, costs=dataclasses.replace(written.costs, parameters=None))
    stored.write(path, unknown)
    assert stored.read(path).costs == unknown.costs


def test_result_with_other_costs_is_not_read(tmp_path, monkeypatch):
    stored = Checkpoints(tmp_path, "shared")
    path = stored.path("last", Candidate(Repeats()), 0)
    stored.write(path, FoldResult(np.zeros((1, 1, 1, 1, 1)), (), Costs(**COSTS)))
    fields = [(name, float) for name in [*COSTS, "bytes"]]
    monkeypatch.setattr("tsattn.evaluation.checkpoints.Costs", dataclasses.make_dataclass("Costs", fields))
    assert stored.read(path) is None


class StoredComparisons:
    """Comparisons that store results in one folder, and the number of fits of each."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.fits = folder, []
        for kind in (Repeats, LinearForecaster, Seq2SeqForecaster):
            fit = kind.fit
            monkeypatch.setattr(kind, "fit", lambda *a, fit=fit, **k: self.fits.append(1) or fit(*a, **k))

    def __call__(self, models, **options):
        before = len(self.fits)
        found = compare(models, monthly(), **{**OPTIONS, "resume": self.folder, "horizon": HORIZON, **options})
        return found, len(self.fits) - before


@pytest.fixture
def stored(tmp_path, monkeypatch):
    return StoredComparisons(tmp_path / "stored", monkeypatch)


def test_fit_in_place_does_not_change_the_task(stored):
    assert [stored({"last": Repeats()}, refit=True)[1] for _ in range(2)] == [4, 0]
    assert stored({"last": Repeats(3.0)}, refit=True)[1] == 4


def test_measured_seconds_are_stored(stored):
    small = {"horizon": HORIZON, **SMALL, "training": Training(**FAST)}
    models = {"one": Seq2SeqForecaster(**small), "two": Seq2SeqForecaster(**small, lookback=12)}
    first, fits = stored(models, budget="seconds")
    second, refits = stored(models, budget="seconds")
    assert (fits, refits) == (3, 0) and first.candidates == second.candidates


def test_other_versions_and_classes_are_other_tasks(stored, monkeypatch):
    def named(kind):
        class One(kind):
            pass

        One.__qualname__ = kind.__qualname__ + ".One"
        return One()

    assert [stored({"one": named(kind)})[1] for kind in (Repeats, Locks, Repeats)] == [1, 1, 0]
    monkeypatch.setattr("tsattn.evaluation.provenance.__version__", "9.9")
    assert stored({"one": named(Repeats)})[1] == 1


class Locks(Repeats):
    pass


def test_insight_is_stored(stored):
    models = {"attention": candidates()["attention"]}
    assert set(stored(models, seeds=(0, 1))[0].attention) == {"attention"}
    assert set(stored(models, seeds=(1,))[0].attention) == {"attention"}


def test_candidate_that_cannot_be_pickled_runs_each_time(stored):
    model = Repeats()
    model.function = lambda: None
    for _ in range(2):
        with pytest.warns(UserWarning, match="cannot store the forecasts of 'one'"):
            found, fits = stored({"one": model, "linear": LinearForecaster(horizon=HORIZON)})
        assert found.errors == {}
    assert fits == 1
    Path(stored.folder.parent / "file").write_text("")
    with pytest.raises(ValueError, match=r"`resume` is .*file', a file, but must be a folder"):
        stored({"one": Repeats()}, resume=stored.folder.parent / "file")
