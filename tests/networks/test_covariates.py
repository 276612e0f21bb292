"""Covariates in the networks: each kind affects the forecast, and later steps do not affect earlier ones."""

import itertools

import keras
import numpy as np
import pytest
from networks.small_networks import CHANNELS, FAMILIES, HORIZON, LOOKBACK, STRONG, TEXTBOOK, random_network

CATEGORIES = {"past": (0, 3), "known": (4, 0), "static": (0, 3)}  # one column of numbers and one of categories each
STEPS = {"past": (LOOKBACK,), "known": (LOOKBACK + HORIZON,), "static": ()}
PATCH_SIZE = 2
WINDOWS = 3
# Family, decoding, mix_channels: each value is combined with each of the others at least once.
CASES = [
    ("seq2seq", "direct", False),
    ("seq2seq", "recursive", True),
    ("attention", "recursive", False),
    ("transformer", "direct", True),
    ("transformer", "recursive", False),
]

# Positions of the inputs to change: the kind, the column, and the step if it has steps.
CHANGES = {
    "past number": ("past", 0, 2),
    "past category": ("past", 1, 3),
    "known number of the history": ("known", 1, 4),
    "known category of the history": ("known", 0, 5),
    "known number of the horizon": ("known", 1, LOOKBACK + 3),
    "known category of the horizon": ("known", 0, LOOKBACK + 2),
    "known number of the last step": ("known", 1, LOOKBACK + 4),
    "static number": ("static", 0, None),
    "static category": ("static", 1, None),
}


def random_inputs(batch, seed=0, kinds=tuple(CATEGORIES)):
    """Return a history and covariates of the kinds: standard normal numbers, and codes from 1 on."""
    rng = np.random.default_rng(seed)
    inputs = {"history": rng.normal(size=(batch, LOOKBACK, CHANNELS))}
    for kind in kinds:
        shape = (batch, *STEPS[kind])
        columns = [rng.integers(1, count, shape) if count else rng.normal(size=shape) for count in CATEGORIES[kind]]
        inputs[kind] = np.stack(columns, axis=-1)
    return {name: values.astype("float32") for name, values in inputs.items()}


def changed(inputs, kind, column, step, value=None):
    """Return a copy with a different number or category, or with `value`, at a position of every window."""
    values, count = inputs[kind].copy(), CATEGORIES[kind][column]
    place = (..., column) if step is None else (..., step, column)
    if value is None:
        value = values[place] % (count - 1) + 1 if count else values[place] + 2.0
    values[place] = value
    return {**inputs, kind: values}


def covariate_network(family, **changes):
    # Post-norm with so few units hides most of the effect.
    options = {"norm": "pre"} if family == "transformer" else {}
    return random_network(family, STRONG, options=options, **{"patch_size": PATCH_SIZE, **CATEGORIES, **changes})


@pytest.fixture(scope="module", params=CASES, ids=lambda row: f"{row[0]}-{row[1]}-{'mixed' if row[2] else 'shared'}")
def network(request):
    family, decoding, mix_channels = request.param
    return covariate_network(family, decoding=decoding, mix_channels=mix_channels)


@pytest.fixture(scope="module")
def forecasts(network):
    """Forecasts `(windows, horizon, channels)` by the name of the change, also with each number missing and 0.

    All come from one call of the network.
    """
    base = random_inputs(WINDOWS)
    rows = {"base": base, **{name: changed(base, *place) for name, place in CHANGES.items()}}
    for name, place in CHANGES.items():
        if "number" in name:
            rows[f"{name} missing"] = changed(base, *place, value=np.nan)
            rows[f"{name} 0"] = changed(base, *place, value=0.0)
    batch = {kind: np.concatenate([row[kind] for row in rows.values()]) for kind in base}
    outputs = np.asarray(network(batch))
    assert outputs.shape == (len(rows) * WINDOWS, HORIZON, CHANNELS)
    assert np.isfinite(outputs).all()
    return dict(zip(rows, np.split(outputs, len(rows)), strict=True))


def test_each_kind_has_an_effect_on_the_forecast_of_every_channel(forecasts):
    for name in CHANGES:
        change = np.abs(forecasts[name] - forecasts["base"]).max(axis=(0, 1))
        assert (change > 1e-4).all(), name


@pytest.mark.parametrize("name", [name for name in CHANGES if "horizon" in name or "last step" in name])
def test_known_covariates_of_a_step_have_no_effect_on_earlier_patches(name, forecasts):
    first = (CHANGES[name][2] - LOOKBACK) // PATCH_SIZE * PATCH_SIZE
    change = np.abs(forecasts[name] - forecasts["base"]).max(axis=(0, 2))
    np.testing.assert_allclose(change[:first], 0.0, atol=1e-6)
    assert change[first : first + PATCH_SIZE].max() > 1e-4


def test_known_covariates_of_a_step_have_an_effect_on_later_patches_if_forecasts_are_fed_back(network, forecasts):
    change = np.abs(forecasts["known category of the horizon"] - forecasts["base"])[:, 4]
    if network.skeleton.decoding == "recursive":
        assert change.max() > 1e-4
    elif "transformer" not in network.body.core.name:
        assert change.max() < 1e-6


@pytest.mark.parametrize("name", [name for name in CHANGES if "number" in name])
def test_a_missing_number_equals_its_mean_0(name, forecasts):
    np.testing.assert_allclose(forecasts[f"{name} missing"], forecasts[f"{name} 0"], atol=1e-6)
    assert np.abs(forecasts[f"{name} missing"] - forecasts["base"]).max() > 1e-4


def test_rows_are_independent(network, forecasts):
    np.testing.assert_allclose(
        network({k: v[1:2] for k, v in random_inputs(WINDOWS).items()}), forecasts["base"][1:2], atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize("family", ["attention", "transformer"])
@pytest.mark.parametrize("decoding", ["direct", "recursive"])
def test_attention_weights_depend_on_the_covariates(family, decoding):
    network, inputs = covariate_network(family, decoding=decoding), random_inputs(2)
    forecast, weights = network.attend(inputs)
    np.testing.assert_allclose(forecast, network(inputs), atol=1e-5)
    other = network.attend(changed(inputs, *CHANGES["known number of the history"]))[1]
    assert np.abs(np.asarray(other) - np.asarray(weights)).max() > 1e-4


@pytest.mark.parametrize("family", FAMILIES)
def test_teacher_forcing_with_the_forecast_itself_changes_nothing(family):
    """Parallel queries, stepwise decoding with teacher forcing, and free running agree."""
    network, inputs = covariate_network(family, decoding="recursive"), random_inputs(3)
    free = np.asarray(network(inputs))
    forced = {**inputs, "target": free}
    np.testing.assert_allclose(network(forced), free, atol=1e-4, rtol=1e-4)
    np.testing.assert_allclose(network({**forced, "teaching": np.ones(3, "float32")}), free, atol=1e-4, rtol=1e-4)
    forced["target"] = free + 1.0
    assert np.abs(np.asarray(network(forced)) - free).max() > 1e-3


@pytest.mark.parametrize("way", ["direct", "free running", "teacher forcing"])
@pytest.mark.parametrize("family", FAMILIES)
def test_training_reaches_every_weight(family, way):
    network = covariate_network(family, decoding="direct" if way == "direct" else "recursive")
    inputs, target = random_inputs(8), np.random.default_rng(1).normal(size=(8, HORIZON, CHANNELS)).astype("float32")
    if way == "teacher forcing":
        inputs["target"] = target
    network.compile(keras.optimizers.SGD(1.0), "mse", run_eagerly=keras.backend.backend() == "tensorflow")
    # The softmax is invariant to the bias of the keys.
    before = {v.path: v.numpy() for v in network.trainable_weights if "key/bias" not in v.path}
    network.train_on_batch(inputs, target)
    changes = {v.path: np.abs(v.numpy() - before[v.path]).max() for v in network.trainable_weights if v.path in before}
    assert sum("/column_" in path for path in changes) == 3
    assert min(changes.values()) > 1e-7, changes


@pytest.mark.parametrize("decoding", ["direct", "recursive"])
@pytest.mark.parametrize("kinds", [k for n in (1, 2) for k in itertools.combinations(CATEGORIES, n)], ids=" ".join)
def test_each_subset_of_kinds_works(kinds, decoding):
    absent = {kind: () for kind in CATEGORIES if kind not in kinds}
    network = covariate_network("seq2seq", decoding=decoding, **absent)
    inputs = random_inputs(2, kinds=kinds)
    forecast = np.asarray(network(inputs))
    assert forecast.shape == (2, HORIZON, CHANNELS)
    for name, place in CHANGES.items():
        if place[0] in kinds:
            assert np.abs(np.asarray(network(changed(inputs, *place))) - forecast).max() > 1e-4, name


def test_a_skeleton_lists_the_kinds_that_are_used():
    assert TEXTBOOK.covariates == {}
    network = covariate_network("seq2seq", known=())
    assert network.skeleton.covariates == {"past": (0, 3), "static": (0, 3)}
    assert network.encodings.keys() == {"past", "static"}
