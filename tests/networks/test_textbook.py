"""Each family in its textbook form against the equations, end to end and step by step."""

import numpy as np
import numpy_reference as reference
import pytest
from networks.textbook import CHANNELS, FAMILIES, HORIZON, LOOKBACK, channels_of, network, rows

CASES = [
    ("seq2seq", {"layers": 2}),
    ("attention", {"attention_score": "additive"}),
    ("attention", {"attention_score": "dot"}),
    ("attention", {"attention_score": "general", "layers": 2}),
    ("transformer", {"layers": 2, "decoder_layers": 2}),
    ("transformer", {"norm": "pre"}),
]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: "-".join(map(str, [case[0], *case[1].values()])))
def case(request):
    family, options = request.param
    return family, options, network(family, options=options)


@pytest.fixture
def history(draw):
    return draw(2, LOOKBACK, CHANNELS)


@pytest.fixture
def target(draw):
    return draw(2, HORIZON, CHANNELS) + 1.0


def by_the_book(case, history, target=None, mask=None):
    family, options, made = case
    names = {"attention_score": "score", "layers": "layers", "norm": "norm"}  # here and in the reference
    read = {names[key]: options[key] for key in names if key in options}
    teacher = None if target is None else rows(target)
    weights = reference.named(made)
    return channels_of(reference.forecast(family, rows(history), weights, HORIZON, teacher, mask, **read), CHANNELS)


def close(forecast, wanted):
    np.testing.assert_allclose(forecast, wanted, atol=1e-5, rtol=1e-5)


def test_free_running(case, history):
    close(case[2]({"history": history}), by_the_book(case, history))


def test_teacher_forcing_all_at_once(case, history, target):
    close(case[2]({"history": history, "target": target}), by_the_book(case, history, target))


def test_teacher_forcing_step_by_step(case, history, target):
    inputs = {"history": history, "target": target, "teaching": np.ones(2, "float32")}
    close(case[2](inputs), by_the_book(case, history, target))


def test_a_teacher_never_asked_is_free_running(case, history, target):
    inputs = {"history": history, "target": target, "teaching": np.zeros(2, "float32")}
    close(case[2](inputs), by_the_book(case, history))


def test_each_window_is_taught_with_its_own_probability(case, history, target):
    forecast = case[2]({"history": history, "target": target, "teaching": np.array([0.0, 1.0], "float32")})
    close(forecast[:1], by_the_book(case, history)[:1])
    close(forecast[1:], by_the_book(case, history, target)[1:])


def test_a_teacher_makes_a_difference_after_the_first_step(case, history, target):
    free, taught = by_the_book(case, history), np.asarray(case[2]({"history": history, "target": target}))
    close(taught[:, 0], free[:, 0])
    assert (np.abs(taught[:, 1:] - free[:, 1:]).max((0, 2)) > 3e-5).all()


def test_where_the_teacher_is_silent_the_own_forecast_is_fed(case, history, target):
    inputs = {"history": history, "target": target.copy(), "teaching": np.ones(2, "float32")}
    inputs["target"][:, 1, 0] = np.nan
    inputs["target"][0, 3, 1] = np.nan
    wanted = np.asarray(case[2](inputs))
    assert np.isfinite(wanted).all()
    filled = np.where(np.isnan(inputs["target"]), wanted, inputs["target"])
    close(wanted, by_the_book(case, history, filled))


def test_an_always_teacher_that_is_silent_leaves_a_finite_forecast(case, history, target):
    target[:, 1] = np.nan
    assert np.isfinite(np.asarray(case[2]({"history": history, "target": target}))).all()


def test_missing_steps_are_masked(case, history):
    history[:, 2] = np.nan
    history[1, 4, 1] = np.nan
    mask = ~np.isnan(rows(history)[..., 0])
    close(case[2]({"history": history}), by_the_book(case, np.nan_to_num(history), mask=mask))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_first_step_is_fed_the_last_observed_value(family, draw):
    made, history = network(family), 5.0 + draw(1, LOOKBACK, CHANNELS)
    history[:, -1] = np.nan
    seen = history[:, :-1]
    mask = np.array([[True] * (LOOKBACK - 1) + [False]] * CHANNELS)
    carried = rows(np.concatenate([seen, seen[:, -1:]], axis=1))
    wanted = reference.forecast(family, carried, reference.named(made), 1, mask=mask)
    close(np.asarray(made({"history": history}))[:, :1], channels_of(wanted, CHANNELS))


@pytest.mark.parametrize("family", FAMILIES)
def test_mixed_channels_are_one_step_of_the_book(family, history, target):
    made = network(family, mix_channels=True)
    weights = reference.named(made)
    close(made({"history": history}), reference.forecast(family, history, weights, HORIZON))
    taught = reference.forecast(family, history, weights, HORIZON, target)
    close(made({"history": history, "target": target}), taught)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("kind", "size"), [("standard", 4), ("last", 1), ("last_scaled", 2)])
def test_normalised_and_patched_it_is_the_book_between_two_maps(family, kind, size, history, target):
    made = network(family, normalization=kind, patch_size=size, embedding="linear")
    history = 50.0 + 4.0 * history
    center, scale = reference.window_statistics(history, np.ones_like(history, bool), kind)
    steps = -(-HORIZON // size)
    teacher = np.pad((50.0 + target - center) / scale, ((0, 0), (0, steps * size - HORIZON), (0, 0)))
    patches, teacher = (reference.patches(rows(a), size) for a in ((history - center) / scale, teacher))
    taught = {"history": history, "target": 50.0 + target}
    for inputs, fed in (({"history": history}, None), (taught, teacher)):
        found = reference.forecast(family, patches, reference.named(made), steps, fed)
        values = channels_of(found.reshape(len(found), -1, 1)[:, :HORIZON], CHANNELS)
        np.testing.assert_allclose(made(inputs), values * scale + center, rtol=1e-5, atol=1e-5)
