"""The files of pretrained weights: complete, unchanged, and refused otherwise."""

import hashlib
import pathlib
import re

import numpy as np
import pytest

from tsattn.forecasters.pretrained import pretrained_spec
from tsattn.persistence.error import ModelFileError
from tsattn.pretrained import weights
from tsattn.pretrained.catalog import FAMILIES, WINDOWS, find_window
from tsattn.pretrained.digests import DIGESTS

NETWORKS = [
    (family, window) for family in FAMILIES for window in WINDOWS.values() if weights.is_available(family, window)
]
MEGABYTES = 16


def test_every_file_has_a_digest_and_every_digest_a_file():
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in weights.FOLDER.iterdir()}
    assert files == DIGESTS
    assert len(NETWORKS) == len(DIGESTS)
    assert sum(path.stat().st_size for path in weights.FOLDER.iterdir()) < MEGABYTES * 1e6


@pytest.mark.parametrize("family, window", NETWORKS, ids=lambda value: getattr(value, "name", value))
def test_weights_fit_the_default_network(family, window):
    loaded = weights.load_weights(family, window)
    network = pretrained_spec(family, window).network()
    assert {weight.path: tuple(weight.shape) for weight in network.weights} == {
        path: values.shape for path, values in loaded.items()
    }
    assert all(values.dtype == "float32" and np.isfinite(values).all() for values in loaded.values())


def test_each_season_has_at_most_one_window():
    seasons = [season for window in WINDOWS.values() for season in window.seasons]
    assert len(set(seasons)) == len(seasons)
    for window in WINDOWS.values():
        assert window.lookback % window.patch_size == 0 and window.horizon >= 2 * min(window.season, window.patch_size)
        assert all(find_window(season) is window for season in window.seasons)
    assert find_window(9999) is None


def test_the_documentation_lists_the_available_windows():
    page = pathlib.Path(__file__).parents[2] / "docs" / "pretrained.md"
    rows = re.findall(r"^\| ([\d, ]+) \| (\d+) \| (\d+) \|", page.read_text(encoding="utf-8"), flags=re.M)
    available = {window for _, window in NETWORKS}
    assert {(*map(int, seasons.split(", ")), int(lookback), int(horizon)) for seasons, lookback, horizon in rows} == {
        (*sorted(window.seasons), window.lookback, window.horizon) for window in available
    }
    assert {(family, window) for window in available for family in FAMILIES} == set(NETWORKS)  # all families


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Path of a file of weights in another folder, which replaces that of the package."""
    family, window = NETWORKS[0]
    path = tmp_path / weights.file_name(family, window)
    path.write_bytes((weights.FOLDER / path.name).read_bytes())
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    weights.load_weights.cache_clear()
    yield path
    weights.load_weights.cache_clear()


@pytest.mark.parametrize("damage", ["missing", "truncated", "altered", "empty"])
def test_damaged_weights_raise_an_error_and_are_not_loaded(copied, damage):
    data = bytearray(copied.read_bytes())
    if damage == "missing":
        copied.unlink()
    else:
        data[len(data) // 2] ^= 1
        copied.write_bytes({"truncated": data[:1000], "altered": data, "empty": b""}[damage])
    with pytest.raises(ModelFileError, match=r"(?s)pretrained weights.*Reinstall tsattn, or set `pretrained=False`"):
        weights.load_weights(*NETWORKS[0])
    if damage != "missing":
        copied.write_bytes(
            bytes(data[: len(data) // 2]) + bytes([data[len(data) // 2] ^ 1]) + bytes(data[len(data) // 2 + 1 :])
        )
        assert weights.load_weights(*NETWORKS[0])


def test_weights_are_stored_as_float16():
    values = {"layer/kernel": np.array([[0.1, -2.5]]), "layer/bias": np.zeros(2)}
    data = weights.encode_weights(values, {"recipe": "{}"})
    loaded = weights.decode_weights(data)
    assert {name: part.dtype.name for name, part in loaded.items()} == {
        "layer/kernel": "float32",
        "layer/bias": "float32",
    }
    np.testing.assert_array_equal(loaded["layer/kernel"], np.array([[0.1, -2.5]], "float16").astype("float32"))
    with pytest.raises(ModelFileError):
        weights.decode_weights(data[:-1])
