"""Covariates in the networks: each kind reaches the forecast, and none reaches it from a later step."""

import itertools

import keras
import numpy as np
import pytest
from networks.textbook import CHANNELS, FAMILIES, HORIZON, LOOKBACK, STRONG, TEXTBOOK, network

from tsattn.networks.covariate_encoding import WIDEST, CovariateEncoding

LEVELS = {"past": (0, 3), "known": (4, 0), "static": (0, 3)}  # a column of numbers and one of categories each
STEPS = {"past": (LOOKBACK,), "known": (LOOKBACK + HORIZON,), "static": ()}
SIZE = 2  # of the patches
WINDOWS = 3
# Family, decoding, mix_channels: each beside each of the others at least once.
TABLE = [
    ("seq2seq", "direct", False),
    ("seq2seq", "recursive", True),
    ("attention", "recursive", False),
    ("transformer", "direct", True),
    ("transformer", "recursive", False),
]

# Places of the inputs that are changed: the kind, the column, and the step where it has any.
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


def inputs_of(batch, seed=0, kinds=tuple(LEVELS)):
    """History and covariates of the kinds, standard normal numbers and codes from 1 on."""
    rng = np.random.default_rng(seed)
    inputs = {"history": rng.normal(size=(batch, LOOKBACK, CHANNELS))}
    for kind in kinds:
        shape = (batch, *STEPS[kind])
        columns = [rng.integers(1, levels, shape) if levels else rng.normal(size=shape) for levels in LEVELS[kind]]
        inputs[kind] = np.stack(columns, axis=-1)
    return {name: values.astype("float32") for name, values in inputs.items()}


def changed(inputs, kind, column, step, value=None):
    """A copy with another number or category at a place of every window, or with this value there."""
    values, levels = inputs[kind].copy(), LEVELS[kind][column]
    place = (..., column) if step is None else (..., step, column)
    if value is None:
        value = values[place] % (levels - 1) + 1 if levels else values[place] + 2.0
    values[place] = value
    return {**inputs, kind: values}


def covariate_network(family, **changes):
    # After a norm of so few units little is left of a change.
    options = {"norm": "pre"} if family == "transformer" else {}
    return network(family, STRONG, options=options, **{"patch_size": SIZE, **LEVELS, **changes})


@pytest.fixture(scope="module", params=TABLE, ids=lambda row: f"{row[0]}-{row[1]}-{'mixed' if row[2] else 'shared'}")
def model(request):
    family, decoding, mix_channels = request.param
    return covariate_network(family, decoding=decoding, mix_channels=mix_channels)


@pytest.fixture(scope="module")
def forecasts(model):
    """By the name of a change `(windows, horizon, channels)`, each number unknown and 0 too, all in one call."""
    base = inputs_of(WINDOWS)
    rows = {"base": base, **{name: changed(base, *place) for name, place in CHANGES.items()}}
    for name, place in CHANGES.items():
        if "number" in name:
            rows[f"{name} unknown"] = changed(base, *place, value=np.nan)
            rows[f"{name} 0"] = changed(base, *place, value=0.0)
    batch = {kind: np.concatenate([row[kind] for row in rows.values()]) for kind in base}
    found = np.asarray(model(batch))
    assert found.shape == (len(rows) * WINDOWS, HORIZON, CHANNELS)
    assert np.isfinite(found).all()
    return dict(zip(rows, np.split(found, len(rows)), strict=True))


def test_each_kind_reaches_the_forecast_of_every_channel(forecasts):
    for name in CHANGES:
        change = np.abs(forecasts[name] - forecasts["base"]).max(axis=(0, 1))
        assert (change > 1e-4).all(), name


@pytest.mark.parametrize("name", [name for name in CHANGES if "horizon" in name or "last step" in name])
def test_what_is_known_of_a_step_does_not_reach_earlier_patches(name, forecasts):
    first = (CHANGES[name][2] - LOOKBACK) // SIZE * SIZE
    change = np.abs(forecasts[name] - forecasts["base"]).max(axis=(0, 2))
    np.testing.assert_allclose(change[:first], 0.0, atol=1e-6)
    assert change[first : first + SIZE].max() > 1e-4


def test_what_is_known_of_a_step_reaches_later_patches_where_forecasts_are_fed_back(model, forecasts):
    change = np.abs(forecasts["known category of the horizon"] - forecasts["base"])[:, 4]
    if model.skeleton.decoding == "recursive":
        assert change.max() > 1e-4
    elif "transformer" not in model.body.core.name:
        assert change.max() < 1e-6


@pytest.mark.parametrize("name", [name for name in CHANGES if "number" in name])
def test_a_number_that_is_not_known_is_its_mean_0(name, forecasts):
    np.testing.assert_allclose(forecasts[f"{name} unknown"], forecasts[f"{name} 0"], atol=1e-6)
    assert np.abs(forecasts[f"{name} unknown"] - forecasts["base"]).max() > 1e-4


def test_rows_do_not_see_each_other(model, forecasts):
    np.testing.assert_allclose(
        model({k: v[1:2] for k, v in inputs_of(WINDOWS).items()}), forecasts["base"][1:2], atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize("family", ["attention", "transformer"])
@pytest.mark.parametrize("decoding", ["direct", "recursive"])
def test_attend_sees_the_covariates_too(family, decoding):
    made, inputs = covariate_network(family, decoding=decoding), inputs_of(2)
    forecast, weights = made.attend(inputs)
    np.testing.assert_allclose(forecast, made(inputs), atol=1e-5)
    other = made.attend(changed(inputs, *CHANGES["known number of the history"]))[1]
    assert np.abs(np.asarray(other) - np.asarray(weights)).max() > 1e-4


@pytest.mark.parametrize("family", FAMILIES)
def test_a_teacher_who_says_what_was_forecast_changes_nothing(family):
    """All queries at once, step by step with a draw that always takes the teacher, and free running agree."""
    made, inputs = covariate_network(family, decoding="recursive"), inputs_of(3)
    free = np.asarray(made(inputs))
    taught = {**inputs, "target": free}
    np.testing.assert_allclose(made(taught), free, atol=1e-4, rtol=1e-4)
    np.testing.assert_allclose(made({**taught, "teaching": np.ones(3, "float32")}), free, atol=1e-4, rtol=1e-4)
    taught["target"] = free + 1.0
    assert np.abs(np.asarray(made(taught)) - free).max() > 1e-3


@pytest.mark.parametrize("way", ["direct", "free", "taught"])
@pytest.mark.parametrize("family", FAMILIES)
def test_training_reaches_every_weight(family, way):
    made = covariate_network(family, decoding="direct" if way == "direct" else "recursive")
    inputs, target = inputs_of(8), np.random.default_rng(1).normal(size=(8, HORIZON, CHANNELS)).astype("float32")
    if way == "taught":
        inputs["target"] = target
    made.compile(keras.optimizers.SGD(1.0), "mse", run_eagerly=keras.backend.backend() == "tensorflow")
    before = {v.path: v.numpy() for v in made.trainable_weights if "key/bias" not in v.path}  # unseen by a softmax
    made.train_on_batch(inputs, target)
    moved = {v.path: np.abs(v.numpy() - before[v.path]).max() for v in made.trainable_weights if v.path in before}
    assert sum("/column_" in path for path in moved) == 3
    assert min(moved.values()) > 1e-7, moved


@pytest.mark.parametrize("decoding", ["direct", "recursive"])
@pytest.mark.parametrize("kinds", [k for n in (1, 2) for k in itertools.combinations(LEVELS, n)], ids=" ".join)
def test_some_kinds_only(kinds, decoding):
    made = covariate_network("seq2seq", decoding=decoding, **{kind: () for kind in LEVELS if kind not in kinds})
    inputs = inputs_of(2, kinds=kinds)
    forecast = np.asarray(made(inputs))
    assert forecast.shape == (2, HORIZON, CHANNELS)
    for name, place in CHANGES.items():
        if place[0] in kinds:
            assert np.abs(np.asarray(made(changed(inputs, *place))) - forecast).max() > 1e-4, name


def test_a_skeleton_tells_the_kinds_that_there_are():
    assert TEXTBOOK.covariates == {}
    made = covariate_network("seq2seq", known=())
    assert made.skeleton.covariates == {"past": (0, 3), "static": (0, 3)}
    assert made.encodings.keys() == {"past", "static"}


# The encoding by itself -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(4,), (2, 3, 4)], ids=["static", "steps"])
def test_numbers_stand_as_they_are_and_categories_as_their_vectors(shape):
    encoding = CovariateEncoding((0, 3, 0, 5))
    codes = np.random.default_rng(0).integers(0, 3, shape)
    inputs = np.where([True, False, True, False], np.random.default_rng(1).normal(size=shape), codes).astype("float32")
    inputs[..., 2].flat[0] = np.nan
    encoding.build(shape)
    tables = [np.random.default_rng(i).normal(size=e.embeddings.shape) for i, e in enumerate(encoding.embeddings)]
    encoding.set_weights(tables)
    found = np.asarray(encoding(inputs))
    assert found.shape == encoding.compute_output_shape(shape) == (*shape[:-1], 1 + 2 + 1 + 3)
    for place in np.ndindex(shape[:-1]):
        first, code, third, other = inputs[place]
        wanted = [first, *tables[0][int(code)], 0.0 if np.isnan(third) else third, *tables[1][int(other)]]
        np.testing.assert_allclose(found[place], wanted, rtol=1e-6)


def test_a_category_says_nothing_before_training_and_has_a_vector_for_each_code():
    encoding = CovariateEncoding((1000, 2))
    codes = np.array([[0, 0], [1, 1], [999, 1]], "float32")
    assert (np.asarray(encoding(codes)) == 0).all()
    assert [e.embeddings.shape for e in encoding.embeddings] == [(1000, WIDEST), (2, 1)]
