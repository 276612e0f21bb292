"""Each family in its textbook form equals its equations, end to end and step by step."""

import numpy as np
import numpy_reference as reference
import pytest
from networks.small_networks import (
    CHANNELS,
    FAMILIES,
    HORIZON,
    LOOKBACK,
    join_channels,
    random_network,
    split_channels,
)

CASES = [
    ("seq2seq", {"layers": 2}),
    ("attention", {"attention_score": "additive"}),
    ("attention", {"attention_score": "dot"}),
    ("attention", {"attention_score": "general", "layers": 2}),
    ("transformer", {"layers": 2, "decoder_layers": 2}),
    ("transformer", {"norm": "pre"}),
]
REFERENCE_NAMES = {"attention_score": "score", "layers": "layers", "norm": "norm"}  # of options


@pytest.fixture(scope="module", params=CASES, ids=lambda case: "-".join(map(str, [case[0], *case[1].values()])))
def case(request):
    family, options = request.param
    return family, options, random_network(family, options=options)


@pytest.fixture
def history(draw):
    return draw(2, LOOKBACK, CHANNELS)


@pytest.fixture
def target(draw):
    return draw(2, HORIZON, CHANNELS) + 1.0


def equations(case, history, target=None, mask=None):
    """Forecast by the equations, with teacher forcing if there is a target."""
    family, options, network = case
    options = {name: options[key] for key, name in REFERENCE_NAMES.items() if key in options}
    teacher, weights = None if target is None else split_channels(target), reference.named_weights(network)
    values = reference.forecast(family, split_channels(history), weights, HORIZON, teacher, mask, **options)
    return join_channels(values, CHANNELS)


def assert_close(forecast, expected):
    np.testing.assert_allclose(forecast, expected, atol=1e-5, rtol=1e-5)


def test_free_running(case, history):
    assert_close(case[2]({"history": history}), equations(case, history))


def test_teacher_forcing_all_at_once(case, history, target):
    assert_close(case[2]({"history": history, "target": target}), equations(case, history, target))


def test_teacher_forcing_step_by_step(case, history, target):
    inputs = {"history": history, "target": target, "teaching": np.ones(2, "float32")}
    assert_close(case[2](inputs), equations(case, history, target))


def test_teacher_forcing_with_probability_0_is_free_running(case, history, target):
    inputs = {"history": history, "target": target, "teaching": np.zeros(2, "float32")}
    assert_close(case[2](inputs), equations(case, history))


def test_each_window_has_its_own_probability(case, history, target):
    forecast = case[2]({"history": history, "target": target, "teaching": np.array([0.0, 1.0], "float32")})
    assert_close(forecast[:1], equations(case, history)[:1])
    assert_close(forecast[1:], equations(case, history, target)[1:])


def test_teacher_forcing_changes_all_steps_but_the_first(case, history, target):
    free, forced = equations(case, history), np.asarray(case[2]({"history": history, "target": target}))
    assert_close(forced[:, 0], free[:, 0])
    assert (np.abs(forced[:, 1:] - free[:, 1:]).max((0, 2)) > 3e-5).all()


def test_the_forecast_is_fed_where_the_true_value_is_missing(case, history, target):
    inputs = {"history": history, "target": target.copy(), "teaching": np.ones(2, "float32")}
    inputs["target"][:, 1, 0] = np.nan
    inputs["target"][0, 3, 1] = np.nan
    forecast = np.asarray(case[2](inputs))
    assert np.isfinite(forecast).all()
    filled = np.where(np.isnan(inputs["target"]), forecast, inputs["target"])
    assert_close(forecast, equations(case, history, filled))


def test_the_forecast_is_finite_if_a_true_value_is_missing_and_always_fed(case, history, target):
    target[:, 1] = np.nan
    assert np.isfinite(np.asarray(case[2]({"history": history, "target": target}))).all()


def test_missing_steps_are_masked(case, history):
    history[:, 2] = np.nan
    history[1, 4, 1] = np.nan
    mask = ~np.isnan(split_channels(history)[..., 0])
    assert_close(case[2]({"history": history}), equations(case, np.nan_to_num(history), mask=mask))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_first_step_is_fed_the_last_observed_value(family, draw):
    network, history = random_network(family), 5.0 + draw(1, LOOKBACK, CHANNELS)
    history[:, -1] = np.nan
    observed = history[:, :-1]
    mask = np.array([[True] * (LOOKBACK - 1) + [False]] * CHANNELS)
    filled = split_channels(np.concatenate([observed, observed[:, -1:]], axis=1))
    expected = reference.forecast(family, filled, reference.named_weights(network), 1, mask=mask)
    assert_close(np.asarray(network({"history": history}))[:, :1], join_channels(expected, CHANNELS))


@pytest.mark.parametrize("family", FAMILIES)
def test_mixed_channels_are_one_step_of_the_equations(family, history, target):
    network = random_network(family, mix_channels=True)
    weights = reference.named_weights(network)
    assert_close(network({"history": history}), reference.forecast(family, history, weights, HORIZON))
    forced = reference.forecast(family, history, weights, HORIZON, target)
    assert_close(network({"history": history, "target": target}), forced)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("kind", "size"), [("standard", 4), ("last", 1), ("last_scaled", 2)])
def test_normalization_and_patches_enclose_the_equations(family, kind, size, history, target):
    network = random_network(family, normalization=kind, patch_size=size, embedding="linear")
    history = 50.0 + 4.0 * history
    center, scale = reference.window_statistics(history, np.ones_like(history, bool), kind)
    steps = -(-HORIZON // size)
    teacher = np.pad((50.0 + target - center) / scale, ((0, 0), (0, steps * size - HORIZON), (0, 0)))
    patches, teacher = (reference.patches(split_channels(a), size) for a in ((history - center) / scale, teacher))
    with_target = {"history": history, "target": 50.0 + target}
    for inputs, fed in (({"history": history}, None), (with_target, teacher)):
        outputs = reference.forecast(family, patches, reference.named_weights(network), steps, fed)
        values = join_channels(outputs.reshape(len(outputs), -1, 1)[:, :HORIZON], CHANNELS)
        np.testing.assert_allclose(network(inputs), values * scale + center, rtol=1e-5, atol=1e-5)
