"""Compiled networks, shared by forecasters with equal specs without affecting their forecasts."""

import threading

import keras
import numpy as np
import pandas as pd
import pytest
from forecaster_table import FAST, HORIZON, NETWORKS, GatedCore, monthly

from tsattn import Training
from tsattn.networks.seq2seq import seq2seq
from tsattn.networks.skeleton import Skeleton
from tsattn.training.compiled import NETWORK_CACHE, NetworkCache, NetworkSpec

SKELETON = Skeleton(
    units=2,
    patch_size=1,
    normalization=None,
    embedding=None,
    decoding="direct",
    mix_channels=False,
    dropout=0.1,
    shortcut=None,
)
STEP = ("mae", 16, False)


def spec_of(lookback=4, **options):
    return NetworkSpec(seq2seq, {"layers": 1, "bidirectional": False, **options}, lookback, 2, 1, SKELETON)


@pytest.fixture
def cache():
    return NetworkCache()


@pytest.fixture
def builds(monkeypatch):
    """A list with one entry per network that is built."""
    entries, network = [], NetworkSpec.network
    monkeypatch.setattr(NetworkSpec, "network", lambda *arguments, **options: entries.append(1) or network(*arguments))
    return entries


def networks_of(cache):
    return list(cache._networks)


def test_network_of_a_spec_is_built_once(cache, builds):
    for _ in range(3):
        with cache.training(spec_of(), 0, STEP) as compiled:
            compiled.start(compiled.initial_values(0))
            weights = compiled.trained_weights()
        with cache.holding(spec_of(), weights) as network:
            assert network is compiled.network
    assert len(builds) == 1


def test_other_specs_and_steps_are_compiled_separately(cache):
    with cache.training(spec_of(), 0, STEP) as first:
        pass
    for other, step in (
        (spec_of(), ("mse", 16, False)),
        (spec_of(), ("mae", 32, False)),
        (spec_of(), ("mae", 16, True)),
        (spec_of(layers=2), STEP),
        (spec_of(5), STEP),
    ):
        with cache.training(other, 0, step) as second:
            assert second is not first
    with cache.holding(spec_of(5), second.network.get_weights()) as network:
        assert network is second.network


def test_network_that_only_forecast_is_compiled_for_training(cache, builds):
    weights = spec_of().network(1).get_weights()
    with cache.holding(spec_of(), weights) as network:
        np.testing.assert_array_equal(network.get_weights()[0], weights[0])
    with cache.training(spec_of(), 0, STEP) as compiled:
        assert compiled.network is network and compiled.step == STEP
    assert len(builds) == 2


def test_initial_values_are_those_of_a_new_network_with_the_seed(cache):
    for seed in (3, 3, 4):
        with cache.training(spec_of(), seed, STEP) as compiled:
            for value, expected in zip(compiled.initial_values(seed), spec_of().network(seed).variables, strict=True):
                np.testing.assert_array_equal(value, keras.ops.convert_to_numpy(expected))


def test_initial_values_without_a_seed_differ(cache):
    values = []
    for _ in range(3):
        with cache.training(spec_of(), None, STEP) as compiled:
            values.append(compiled.initial_values(None)[0])
    first, second, third = values
    assert not np.allclose(first, second) and not np.allclose(second, third)


def test_most_recently_used_idle_networks_are_kept():
    cache = NetworkCache(idle_megabytes=25)  # enough for two networks of little more than 10 MB
    for lookback in (4, 5, 6, 5):
        with cache.holding(spec_of(lookback), spec_of(lookback).network(0).get_weights()):
            pass
    assert [compiled.spec.lookback for compiled in networks_of(cache)] == [6, 5]
    with cache.training(spec_of(7), 0, STEP), cache.training(spec_of(8), 0, STEP):
        assert [compiled.spec.lookback for compiled in networks_of(cache)] == [6, 5, 7, 8]
    assert [compiled.spec.lookback for compiled in networks_of(cache)] == [7, 8]


def test_last_network_is_always_kept():
    cache = NetworkCache(idle_megabytes=1)
    for lookback in (4, 5):
        with cache.training(spec_of(lookback), 0, STEP):
            pass
    assert [compiled.spec.lookback for compiled in networks_of(cache)] == [5]


def test_weights_are_loaded_exactly(cache):
    """Variables are written one by one the first time, and then in one call."""
    several = [spec_of().network(seed).get_weights() for seed in range(3)]
    for weights in (*several, *several):
        with cache.holding(spec_of(), weights) as network:
            for actual, expected in zip(network.get_weights(), weights, strict=True):
                np.testing.assert_array_equal(actual, expected)
    assert len(networks_of(cache)) == 1


def test_network_that_cannot_be_built_is_not_kept(cache):
    with pytest.raises(ValueError, match="layers"), cache.training(spec_of(layers=0), 0, STEP):
        pass
    assert not networks_of(cache)


def test_training_has_exclusive_use_of_a_network(cache):
    with cache.training(spec_of(), 0, STEP) as first, cache.training(spec_of(), 0, STEP) as second:
        assert first is not second
        second.start(second.initial_values(0))
        with cache.holding(spec_of(), second.network.get_weights()) as network:
            assert network not in (first.network, second.network)


def test_threads_with_the_same_weights_share_a_network(cache):
    weights, used = spec_of().network(1).get_weights(), []
    barrier = threading.Barrier(4)

    def use():
        barrier.wait()
        with cache.holding(spec_of(), weights) as network:
            barrier.wait()
            used.append((network, network.get_weights()[0]))

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(network) for network, _ in used}) == 1
    for _, weight in used:
        np.testing.assert_array_equal(weight, weights[0])


def test_network_is_used_again_after_a_failure(cache):
    with pytest.raises(KeyboardInterrupt), cache.training(spec_of(), 0, STEP) as first:
        raise KeyboardInterrupt
    with cache.training(spec_of(), 0, STEP) as second:
        assert second is first


def test_spec_includes_the_dtype_policy():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    try:
        double = spec_of()
    finally:
        keras.config.set_dtype_policy(policy)
    assert double != spec_of() and spec_of() == spec_of()
    assert {weight.dtype for weight in double.network().weights} == {"float64"}
    assert keras.config.dtype_policy() == policy


def test_variables_have_the_same_names_in_each_build_and_names_of_the_caller_continue():
    """TensorFlow never releases some memory of each name, and a model rejects layers of the same name."""
    before = keras.layers.Dense(1).name
    first, second = ([variable.path for variable in spec_of().network().variables] for _ in range(2))
    assert first == second
    assert keras.layers.Dense(1).name != before


def test_network_may_use_another_network_while_it_is_built():
    """For example, a core may be built from the forecast of another forecaster."""
    teacher = NETWORKS["seq2seq"](horizon=HORIZON).fit(monthly())

    class Taught(GatedCore):
        def __init__(self, units):
            super().__init__(units)
            self.forecast = teacher.predict()

    NETWORK_CACHE._networks.clear()
    model = NETWORKS["core"](horizon=HORIZON, core=Taught).fit(monthly())
    with model.network_.in_use() as network:
        pd.testing.assert_series_equal(network.body.core.forecast, teacher.predict())


def test_forecast_does_not_change_after_fits_of_equal_specs():
    y = monthly()
    models = [NETWORKS["seq2seq"](horizon=HORIZON, training=Training(**{**FAST, "random_state": n})) for n in range(3)]
    before = [model.fit(y).predict() for model in models]
    for model, forecast in zip(models, before, strict=True):
        pd.testing.assert_series_equal(model.predict(), forecast, check_exact=True)
    again = NETWORKS["seq2seq"](horizon=HORIZON, training=Training(**{**FAST, "random_state": 0})).fit(y)
    pd.testing.assert_series_equal(again.predict(), before[0], check_exact=True)


def test_network_with_a_user_defined_core_is_not_shared():
    """The result of the function may depend on more than its arguments."""
    scale = [1.0]

    class Scaled(GatedCore):
        def __init__(self, units):
            super().__init__(units)
            self.factor = scale[0]

        def call(self, patches, queries, patches_mask=None):
            return self.factor * super().call(patches, queries, patches_mask)

    first = NETWORKS["core"](horizon=HORIZON, core=Scaled).fit(monthly())
    scale[0] = 0.0
    second = NETWORKS["core"](horizon=HORIZON, core=Scaled).fit(monthly())
    assert not np.allclose(first.predict(), second.predict())
    owned = [compiled for compiled in networks_of(NETWORK_CACHE) if compiled.spec == first.network_.spec]
    assert len(owned) == 1
    first.fit(monthly())
    assert [compiled for compiled in networks_of(NETWORK_CACHE) if compiled.spec == first.network_.spec] == owned


class Freeze(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.model.body.trainable = False


def test_changes_by_a_callback_do_not_affect_other_forecasters():
    y, expected = monthly(), NETWORKS["seq2seq"](horizon=HORIZON).fit(monthly()).predict()
    frozen = NETWORKS["seq2seq"](horizon=HORIZON).fit(y, callbacks=Freeze())
    assert not np.allclose(frozen.predict(), expected)
    again = NETWORKS["seq2seq"](horizon=HORIZON).fit(y)
    pd.testing.assert_series_equal(again.predict(), expected, check_exact=True)


def test_network_with_a_user_defined_loss_is_not_shared(builds):
    level = [0.1]

    def loss(true, forecast):
        error = true - forecast
        return keras.ops.mean(keras.ops.maximum(level[0] * error, (level[0] - 1) * error), axis=-1)

    training = Training(**{**FAST, "loss": loss, "learning_rate": 0.01})
    low = NETWORKS["seq2seq"](horizon=HORIZON, training=training).fit(monthly())
    level[0] = 0.9
    high = NETWORKS["seq2seq"](horizon=HORIZON, training=training).fit(monthly())
    assert (high.predict() > low.predict()).all()
    builds.clear()
    low.fit(monthly())
    assert not builds


def test_specs_with_options_of_different_types_are_not_equal():
    assert spec_of(layers=1) == spec_of(layers=1) != spec_of(layers=True)
    values = np.arange(2)
    assert spec_of(core=values) == spec_of(core=values)  # the same object
