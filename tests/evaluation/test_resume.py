"""What a comparison keeps in a folder is found again, and only where it is the same."""

from pathlib import Path

import pytest
from comparison_table import OPTIONS, Repeats, candidates, same
from forecaster_table import FAST, HORIZON, SMALL, monthly

from tsattn import LinearForecaster, Seq2SeqForecaster, Training, compare


def test_a_run_that_was_stopped_goes_on(tmp_path, monkeypatch):
    fits = []

    class Counted(LinearForecaster):
        def fit(self, *arguments, **options):
            fits.append(len(fits))
            if len(fits) == 2:
                raise KeyboardInterrupt
            return super().fit(*arguments, **options)

    kept = {**OPTIONS, "resume": tmp_path / "kept", "refit": True}
    counted = {"linear": Counted(horizon=HORIZON)}
    with pytest.raises(KeyboardInterrupt):
        compare(counted, monthly(), **kept)
    stopped = compare(counted, monthly(), **kept)
    assert len(fits) == 2 + 3  # the first was kept
    same(compare(counted, monthly(), **kept), stopped)
    assert len(fits) == 5
    same(compare(counted, monthly(), **{**kept, "resume": None}), stopped)
    compare(counted, monthly() + 1, **kept)  # other data, nothing kept
    assert len(fits) == 5 + 4 + 4


def test_a_kept_piece_that_is_not_whole_is_made_again(tmp_path):
    options = {**OPTIONS, "resume": tmp_path}
    first = compare(candidates(), monthly(), **options)
    pieces = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for path, whole in pieces.items():
        path.write_bytes(whole[:100])
    same(compare(candidates(), monthly(), **options), first)
    assert len(pieces) == 5 and all(len(path.read_bytes()) > 100 for path in pieces)  # one failed, the naive was added


class Kept:
    """Calls that keep what is finished in one folder, and how many fits each took."""

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
def kept(tmp_path, monkeypatch):
    return Kept(tmp_path / "kept", monkeypatch)


def test_what_is_fitted_in_place_is_found_again(kept):
    assert [kept({"last": Repeats()}, refit=True)[1] for _ in range(2)] == [4, 0]
    assert kept({"last": Repeats(3.0)}, refit=True)[1] == 4


def test_seconds_that_were_measured_are_kept(kept):
    small = {"horizon": HORIZON, **SMALL, "training": Training(**FAST)}
    models = {"one": Seq2SeqForecaster(**small), "two": Seq2SeqForecaster(**small, lookback=12)}
    first, fits = kept(models, budget="seconds")
    again, none = kept(models, budget="seconds")
    assert (fits, none) == (3, 0) and first.candidates == again.candidates


def test_what_other_versions_or_classes_made_is_made_again(kept, monkeypatch):
    def named(kind):
        class One(kind):
            pass

        One.__qualname__ = kind.__qualname__ + ".One"
        return One()

    assert [kept({"one": named(kind)})[1] for kind in (Repeats, Locks, Repeats)] == [1, 1, 0]
    monkeypatch.setattr("tsattn.evaluation.setting.__version__", "9.9")
    assert kept({"one": named(Repeats)})[1] == 1


class Locks(Repeats):
    pass


def test_what_a_kept_candidate_looked_at_is_not_lost(kept):
    models = {"looking": candidates()["looking"]}
    assert set(kept(models, seeds=(0, 1))[0].attention) == {"looking"}
    assert set(kept(models, seeds=(1,))[0].attention) == {"looking"}


def test_what_cannot_be_kept_is_run_each_time(kept):
    model = Repeats()
    model.function = lambda: None
    for _ in range(2):
        with pytest.warns(UserWarning, match="cannot keep what 'one' forecasts"):
            found, fits = kept({"one": model, "linear": LinearForecaster(horizon=HORIZON)})
        assert found.errors == {}
    assert fits == 1
    Path(kept.folder.parent / "file").write_text("")
    with pytest.raises(ValueError, match=r"`resume` is .*file', which is a file"):
        kept({"one": Repeats()}, resume=kept.folder.parent / "file")
