"""Compiled networks that forecasters of one build use in turn: each forecasts as if it had its own."""

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
STEP = ("mae", 16)


def build(lookback=4, **options):
    return NetworkSpec(seq2seq, {"layers": 1, "bidirectional": False, **options}, lookback, 2, 1, SKELETON)


@pytest.fixture
def pool():
    return NetworkCache()


@pytest.fixture
def made(monkeypatch):
    """A list that grows by one with each network that is made."""
    count, network = [], NetworkSpec.network
    monkeypatch.setattr(NetworkSpec, "network", lambda *arguments, **options: count.append(1) or network(*arguments))
    return count


def learners(pool):
    return list(pool._networks)


def test_one_build_is_made_once(pool, made):
    for _ in range(3):
        with pool.training(build(), 0, STEP) as learner:
            learner.start(learner.initial_values(0))
            weights = learner.trained_weights()
        with pool.holding(build(), weights) as network:
            assert network is learner.network
    assert len(made) == 1


def test_what_is_trained_in_another_way_is_compiled_for_itself(pool):
    with pool.training(build(), 0, STEP) as first:
        pass
    for other, step in ((build(), ("mse", 16)), (build(), ("mae", 32)), (build(layers=2), STEP), (build(5), STEP)):
        with pool.training(other, 0, step) as second:
            assert second is not first
    with pool.holding(build(5), second.network.get_weights()) as network:
        assert network is second.network


def test_one_that_only_forecast_is_compiled_when_it_is_to_be_trained(pool, made):
    weights = build().network(1).get_weights()
    with pool.holding(build(), weights) as network:
        np.testing.assert_array_equal(network.get_weights()[0], weights[0])
    with pool.training(build(), 0, STEP) as learner:
        assert learner.network is network and learner.step == STEP
    assert len(made) == 2


def test_it_is_drawn_as_a_new_one_of_the_seed(pool):
    for seed in (3, 3, 4):
        with pool.training(build(), seed, STEP) as learner:
            for value, expected in zip(learner.initial_values(seed), build().network(seed).variables, strict=True):
                np.testing.assert_array_equal(value, keras.ops.convert_to_numpy(expected))


def test_without_a_seed_it_is_drawn_anew_each_time(pool):
    drawn = []
    for _ in range(3):
        with pool.training(build(), None, STEP) as learner:
            drawn.append(learner.initial_values(None)[0])
    first, second, third = drawn
    assert not np.allclose(first, second) and not np.allclose(second, third)


def test_of_those_that_nobody_uses_the_last_are_kept():
    pool = NetworkCache(idle_megabytes=25)  # for two of these, each of which takes 10 MB and little more
    for lookback in (4, 5, 6, 5):
        with pool.holding(build(lookback), build(lookback).network(0).get_weights()):
            pass
    assert [learner.spec.lookback for learner in learners(pool)] == [6, 5]
    with pool.training(build(7), 0, STEP), pool.training(build(8), 0, STEP):
        assert [learner.spec.lookback for learner in learners(pool)] == [6, 5, 7, 8]
    assert [learner.spec.lookback for learner in learners(pool)] == [7, 8]


def test_the_last_is_kept_in_any_case():
    pool = NetworkCache(idle_megabytes=1)
    for lookback in (4, 5):
        with pool.training(build(lookback), 0, STEP):
            pass
    assert [learner.spec.lookback for learner in learners(pool)] == [5]


def test_weights_that_are_put_in_again_and_again_are_just_those(pool):
    """The first time one by one, then all at once."""
    several = [build().network(seed).get_weights() for seed in range(3)]
    for weights in (*several, *several):
        with pool.holding(build(), weights) as network:
            for now, wanted in zip(network.get_weights(), weights, strict=True):
                np.testing.assert_array_equal(now, wanted)
    assert len(learners(pool)) == 1


def test_one_that_cannot_be_made_is_not_kept(pool):
    with pytest.raises(ValueError, match="layers"), pool.training(build(layers=0), 0, STEP):
        pass
    assert not learners(pool)


def test_who_trains_is_alone(pool):
    with pool.training(build(), 0, STEP) as first, pool.training(build(), 0, STEP) as second:
        assert first is not second
        second.start(second.initial_values(0))
        with pool.holding(build(), second.network.get_weights()) as network:
            assert network not in (first.network, second.network)


def test_who_forecasts_the_same_does_so_together(pool):
    weights, seen = build().network(1).get_weights(), []
    barrier = threading.Barrier(4)

    def use():
        barrier.wait()
        with pool.holding(build(), weights) as network:
            barrier.wait()
            seen.append((network, network.get_weights()[0]))

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(network) for network, _ in seen}) == 1
    for _, weight in seen:
        np.testing.assert_array_equal(weight, weights[0])


def test_after_a_failure_it_is_used_again(pool):
    with pytest.raises(KeyboardInterrupt), pool.training(build(), 0, STEP) as first:
        raise KeyboardInterrupt
    with pool.training(build(), 0, STEP) as second:
        assert second is first


def test_the_policy_on_dtypes_belongs_to_the_build():
    half = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    try:
        double = build()
    finally:
        keras.config.set_dtype_policy(half)
    assert double != build() and build() == build()
    assert {weight.dtype for weight in double.network().weights} == {"float64"}
    assert keras.config.dtype_policy() == half


def test_variables_have_the_same_names_each_time_and_the_callers_go_on():
    """TensorFlow keeps something for each name for ever, and a model refuses layers of one name."""
    before = keras.layers.Dense(1).name
    first, second = ([variable.path for variable in build().network().variables] for _ in range(2))
    assert first == second
    assert keras.layers.Dense(1).name != before


def test_what_is_made_may_use_another_network():
    """A core that was made from what another forecaster says."""
    teacher = NETWORKS["seq2seq"](horizon=HORIZON).fit(monthly())

    class Taught(GatedCore):
        def __init__(self, units):
            super().__init__(units)
            self.said = teacher.predict()

    NETWORK_CACHE._networks.clear()
    model = NETWORKS["core"](horizon=HORIZON, core=Taught).fit(monthly())
    with model.network_.in_use() as network:
        pd.testing.assert_series_equal(network.body.core.said, teacher.predict())


def test_a_forecaster_forecasts_the_same_after_others_of_its_build():
    y = monthly()
    models = [NETWORKS["seq2seq"](horizon=HORIZON, training=Training(**{**FAST, "random_state": n})) for n in range(3)]
    before = [model.fit(y).predict() for model in models]
    for model, forecast in zip(models, before, strict=True):
        pd.testing.assert_series_equal(model.predict(), forecast, check_exact=True)
    again = NETWORKS["seq2seq"](horizon=HORIZON, training=Training(**{**FAST, "random_state": 0})).fit(y)
    pd.testing.assert_series_equal(again.predict(), before[0], check_exact=True)


def test_a_core_of_ones_own_is_taken_over_by_no_other_forecaster():
    """What the function makes may hang on more than its arguments."""
    scale = [1.0]

    class Scaled(GatedCore):
        def __init__(self, units):
            super().__init__(units)
            self.by = scale[0]

        def call(self, patches, queries, patches_mask=None):
            return self.by * super().call(patches, queries, patches_mask)

    first = NETWORKS["core"](horizon=HORIZON, core=Scaled).fit(monthly())
    scale[0] = 0.0
    second = NETWORKS["core"](horizon=HORIZON, core=Scaled).fit(monthly())
    assert not np.allclose(first.predict(), second.predict())
    owned = [learner for learner in learners(NETWORK_CACHE) if learner.spec == first.network_.spec]
    assert len(owned) == 1
    first.fit(monthly())
    assert [learner for learner in learners(NETWORK_CACHE) if learner.spec == first.network_.spec] == owned


class Freeze(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.model.body.trainable = False


def test_what_a_callback_does_to_a_network_stays_with_its_forecaster():
    y, plain = monthly(), NETWORKS["seq2seq"](horizon=HORIZON).fit(monthly()).predict()
    frozen = NETWORKS["seq2seq"](horizon=HORIZON).fit(y, callbacks=Freeze())
    assert not np.allclose(frozen.predict(), plain)
    again = NETWORKS["seq2seq"](horizon=HORIZON).fit(y)
    pd.testing.assert_series_equal(again.predict(), plain, check_exact=True)


def test_a_loss_of_ones_own_is_compiled_for_its_forecaster_alone(made):
    level = [0.1]

    def loss(true, forecast):
        error = true - forecast
        return keras.ops.mean(keras.ops.maximum(level[0] * error, (level[0] - 1) * error), axis=-1)

    training = Training(**{**FAST, "loss": loss, "learning_rate": 0.01})
    low = NETWORKS["seq2seq"](horizon=HORIZON, training=training).fit(monthly())
    level[0] = 0.9
    high = NETWORKS["seq2seq"](horizon=HORIZON, training=training).fit(monthly())
    assert (high.predict() > low.predict()).all()
    made.clear()
    low.fit(monthly())
    assert not made


def test_options_of_other_types_are_others(pool):
    assert build(layers=1) == build(layers=1) != build(layers=True)
    values = np.arange(2)
    assert build(core=values) == build(core=values)  # one and the same
