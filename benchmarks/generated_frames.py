"""Fit and forecast what was generated: a right forecast or an error of ours, never a crash, never a silent NaN.

    python benchmarks/generated_frames.py [--frames 10000] [--seed 0]

prints how many were forecast, how many refused, and by which errors, and writes it to results/generated_frames.csv; it
ends at the first that is neither.
"""

import argparse
import collections
import copy
import functools
import time
import warnings

import generated
import numpy as np
import pandas as pd
import results
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from own_errors import is_ours

import tsattn

TRAINING = tsattn.Training(epochs=1, batches_per_epoch=2, batch_size=8, random_state=0, verbose=0)
TINY = {"horizon": 2, "lookback": 4, "units": 2, "normalization": "last_scaled", "fallback": False}
OWN = {
    tsattn.TransformerForecaster: {"patch_size": 2, "heads": 1, "layers": 1},
    tsattn.InvertedTransformerForecaster: {"heads": 1, "layers": 1},
}
# What a network is given beside `y`: columns of covariates, those among them that are not known in advance, and
# whether many series have static ones. Few, since a network is compiled for each.
PLANS = (
    (tsattn.Seq2SeqForecaster, (), (), False),
    (tsattn.AttentionForecaster, ("number", "kind"), ("number",), False),
    (tsattn.TransformerForecaster, ("promo", "level"), (), True),
    (tsattn.InvertedTransformerForecaster, ("number", "promo"), ("promo",), False),
    (tsattn.Seq2SeqForecaster, ("kind",), (), True),
    (tsattn.AttentionForecaster, (), (), True),
    (tsattn.TransformerForecaster, ("kind",), ("kind",), False),
    (tsattn.InvertedTransformerForecaster, (), (), False),
)


@functools.cache
def network(plan, *build):
    """The tiny network of a plan, one for all that are built alike: each is compiled once."""
    kind, _, past, _ = PLANS[plan]
    return kind(**TINY, past_covariates=past, training=TRAINING, **OWN.get(kind, {"patch_size": 2}))


@st.composite
def networked(draw, plans=None, shapes=(generated.one, generated.many)):
    """A network of one of these plans, by their places, or of any, and the Frame that it is given."""
    plan = draw(st.sampled_from(plans or range(len(PLANS))))
    _, columns, _, static = PLANS[plan]
    shape = draw(st.sampled_from(shapes))
    frame = draw(shape(columns, static) if shape is generated.many else shape(columns))
    channels = frame.y.shape[1] if isinstance(frame.y, pd.DataFrame) else 1
    texts = [] if frame.covariates is None else frame.covariates.select_dtypes(exclude=["number", "bool"])
    return network(plan, channels, frame.static is None, *[texts[name].nunique() for name in texts]), frame


@st.composite
def cases(draw, networks):
    """A forecaster, and the Frame that it is given; one in so many is a network, none with 0."""
    if networks and draw(st.integers(0, networks - 1)) == 0:
        return draw(networked())
    frame = draw(generated.one() | generated.many())
    kind = draw(st.sampled_from([tsattn.SeasonalNaiveForecaster, tsattn.LinearForecaster]))
    return kind(**draw(generated.arguments())), frame


def check(forecaster, frame):
    """Fits and forecasts. Returns "forecast", or the class of the error that refused the frame.

    Raises:
        AssertionError: a wrong forecast, or something changed that was to stay. Any other error: a crash.
    """
    given = {"y": frame.y, "covariates": frame.covariates, "static": frame.static}
    given = {name: table for name, table in given.items() if table is not None}
    before = copy.deepcopy(given)
    learnt = {name for name in vars(forecaster) if name.endswith("_")}
    fitted = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", UserWarning)
            # TensorFlow's variables do not know NumPy 2's copy argument yet
            warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
            forecaster.fit(**given)
            fitted = True
            forecast = forecaster.predict()
            check_forecast(forecast, frame, forecaster.horizon_, forecaster.freq)
            check_uses(forecaster, given, forecast)
        answer = "forecast"
    except (ValueError, TypeError) as problem:
        if not is_ours(problem):
            raise
        answer = type(problem).__name__
    assert fitted or {name for name in vars(forecaster) if name.endswith("_")} == learnt, "a failed fit left something"
    for name, then in before.items():
        now = given[name]
        assert now.equals(then) and now.index.equals(then.index), f"{name} was changed"
    return answer


def check_forecast(forecast, frame, horizon, freq):
    """An AssertionError unless a forecast is finite, of the kind of `y`, and on the stamps that follow it."""
    y = frame.y
    assert type(forecast) is type(y), f"of a {type(y).__name__} came a {type(forecast).__name__}"
    is_long = frame.last is None and not isinstance(y.index, pd.MultiIndex)
    numbers = forecast["y"] if is_long else forecast
    assert np.isfinite(numbers.to_numpy(dtype="float64")).all(), f"not finite:\n{forecast}"
    if isinstance(y, pd.DataFrame):
        assert list(map(repr, forecast.columns)) == list(map(repr, y.columns)), f"columns {forecast.columns}"
    else:
        assert repr(forecast.name) == repr(y.name), f"name {forecast.name!r}"
    assert list(forecast.index.names) == list(y.index.names), f"levels {forecast.index.names}"
    if frame.last is None:
        assert len(forecast) % horizon == 0 and len(forecast)
        return
    assert len(forecast) == horizon and forecast.index.is_unique and forecast.index.is_monotonic_increasing
    assert type(forecast.index[0]) is type(y.index[0]), f"stamps {forecast.index}"
    if frame.step_is_known and freq is None:
        wanted = frame.full[frame.last + 1 : frame.last + 1 + horizon]
        assert forecast.index.equals(wanted), f"stamps {forecast.index}, not {wanted}"
        assert forecast.index.dtype == wanted.dtype, f"stamps of the dtype {forecast.index.dtype}"


def check_uses(forecaster, given, forecast):
    """The other calls that a fitted forecaster takes, on the same data."""
    longer = forecaster.predict(horizon=1)
    assert len(longer) * forecaster.horizon_ == len(forecast)
    forecaster.make_future_frame()
    if forecaster.calibrate:
        interval = forecaster.predict_interval(0.5)
        assert np.isfinite(interval.select_dtypes("number").to_numpy(dtype="float64")).all(), f"interval\n{interval}"
    again = forecaster.predict(**given)
    assert again.equals(forecast), f"from the same history came\n{again}\nand not\n{forecast}"
    if "covariates" not in given:
        score = forecaster.score(forecast)
        assert score <= 0 or np.isnan(score)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--networks", type=int, default=4, help="one in so many forecasters is a network")
    options = parser.parse_args()
    counts, begun = collections.Counter(), time.perf_counter()

    @seed(options.seed)
    @settings(
        max_examples=options.frames,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(cases(options.networks))
    def run(case):
        counts[type(case[0]).__name__, check(*case)] += 1

    run()
    rows = [
        {"forecaster": kind, "answer": answer, "frames": count, "seed": options.seed}
        for (kind, answer), count in sorted(counts.items())
    ]
    for row in rows:
        print("{forecaster:30} {answer:12} {frames:6}".format(**row))
    results.write("generated_frames", rows)
    print(f"{sum(counts.values())} frames in {time.perf_counter() - begun:.0f} s, no other error and no wrong forecast")


if __name__ == "__main__":
    main()
