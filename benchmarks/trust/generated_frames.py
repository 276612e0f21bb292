"""Fit and forecast generated frames: a correct forecast or a documented error, never a crash or an unreported NaN.

    python benchmarks/trust/generated_frames.py [--frames 10000] [--seed 0] [--networks 4] [--quick]

Counts the forecasts and the errors by type and writes them to `results/generated_frames.csv`. Stops at the first crash
or wrong forecast.
"""

import collections
import copy
import functools
import pathlib
import sys
import time
import warnings

if __name__ == "__main__":
    sys.path[0] = str(pathlib.Path(__file__).parents[2])

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

import tsattn
from benchmarks.common import results
from benchmarks.common.runner import make_parser
from benchmarks.trust import frames
from benchmarks.trust.documented_errors import is_documented

QUICK = 200  # frames

TRAINING = tsattn.Training(epochs=1, batches_per_epoch=2, batch_size=8, random_state=0, verbose=0)
TINY = {"horizon": 2, "lookback": 4, "units": 2, "normalization": "last_scaled", "fallback": False}
EXTRA = {
    tsattn.TransformerForecaster: {"patch_size": 2, "heads": 1, "layers": 1},
    tsattn.InvertedTransformerForecaster: {"heads": 1, "layers": 1},
}
# Network, columns of the covariates, those among them that are past covariates, and whether panels have static
# covariates. The number of plans is small, because each requires a compiled network.
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
def network(plan, *sizes):
    """Return the tiny network of a plan. Frames with equal sizes share it, so that it is compiled once."""
    kind, _, past, _ = PLANS[plan]
    return kind(**TINY, past_covariates=past, training=TRAINING, **EXTRA.get(kind, {"patch_size": 2}))


@st.composite
def networked(draw, plans=None, shapes=(frames.one, frames.many)):
    """Draw a network and its Frame. `plans` are indices of `PLANS`; None draws from all."""
    plan = draw(st.sampled_from(plans or range(len(PLANS))))
    _, columns, _, static = PLANS[plan]
    shape = draw(st.sampled_from(shapes))
    frame = draw(shape(columns, static) if shape is frames.many else shape(columns))
    channels = frame.y.shape[1] if isinstance(frame.y, pd.DataFrame) else 1
    texts = [] if frame.covariates is None else frame.covariates.select_dtypes(exclude=["number", "bool"])
    return network(plan, channels, frame.static is None, *[texts[name].nunique() for name in texts]), frame


@st.composite
def cases(draw, networks):
    """Draw a forecaster and its Frame. One in `networks` forecasters is a network, or none if `networks` is 0."""
    if networks and draw(st.integers(0, networks - 1)) == 0:
        return draw(networked())
    frame = draw(frames.one() | frames.many())
    kind = draw(st.sampled_from([tsattn.SeasonalNaiveForecaster, tsattn.LinearForecaster]))
    return kind(**draw(frames.arguments())), frame


def check(forecaster, frame):
    """Fit and forecast.

    Returns:
        "forecast", or the name of the error that rejected the frame.

    Raises:
        AssertionError: If the forecast is wrong, the data changed, or a failed fit left state behind.
        Exception: If the forecaster crashes.
    """
    data = {"y": frame.y, "covariates": frame.covariates, "static": frame.static}
    data = {name: table for name, table in data.items() if table is not None}
    before = copy.deepcopy(data)
    state = {name for name in vars(forecaster) if name.endswith("_")}
    fitted = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", UserWarning)
            # TensorFlow's variables do not support NumPy 2's copy argument yet
            warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
            forecaster.fit(**data)
            fitted = True
            forecast = forecaster.predict()
            check_forecast(forecast, frame, forecaster.horizon_, forecaster.freq)
            check_uses(forecaster, data, forecast)
        result = "forecast"
    except (ValueError, TypeError) as error:
        if not is_documented(error):
            raise
        result = type(error).__name__
    assert fitted or {name for name in vars(forecaster) if name.endswith("_")} == state, (
        "a failed fit left state behind"
    )
    for name, then in before.items():
        now = data[name]
        assert now.equals(then) and now.index.equals(then.index), f"{name} was changed"
    return result


def check_forecast(forecast, frame, horizon, freq):
    """Raise an AssertionError unless a forecast is finite, has the type of `y`, and is at the times that follow it."""
    y = frame.y
    assert type(forecast) is type(y), f"received a {type(y).__name__}, returned a {type(forecast).__name__}"
    is_long = frame.last is None and not isinstance(y.index, pd.MultiIndex)
    numbers = forecast["y"] if is_long else forecast
    assert np.isfinite(numbers.to_numpy(dtype="float64")).all(), f"not finite:\n{forecast}"
    if isinstance(y, pd.DataFrame):
        assert list(map(repr, forecast.columns)) == list(map(repr, y.columns)), f"columns {forecast.columns}"
    else:
        assert repr(forecast.name) == repr(y.name), f"name {forecast.name!r}"
    assert list(forecast.index.names) == list(y.index.names), f"index names {forecast.index.names}"
    if frame.last is None:
        assert len(forecast) % horizon == 0 and len(forecast)
        return
    assert len(forecast) == horizon and forecast.index.is_unique and forecast.index.is_monotonic_increasing
    assert type(forecast.index[0]) is type(y.index[0]), f"times {forecast.index}"
    if frame.step_is_known and freq is None:
        expected = frame.full[frame.last + 1 : frame.last + 1 + horizon]
        assert forecast.index.equals(expected), f"times {forecast.index}, expected {expected}"
        assert forecast.index.dtype == expected.dtype, (
            f"times of dtype {forecast.index.dtype}, expected {expected.dtype}"
        )


def check_uses(forecaster, data, forecast):
    """Make the other calls of a fitted forecaster on the same data and check their results."""
    longer = forecaster.predict(horizon=1)
    assert len(longer) * forecaster.horizon_ == len(forecast)
    forecaster.make_future_frame()
    if forecaster.calibrate:
        interval = forecaster.predict_interval(0.5)
        assert np.isfinite(interval.select_dtypes("number").to_numpy(dtype="float64")).all(), f"interval\n{interval}"
    again = forecaster.predict(**data)
    assert again.equals(forecast), f"the same history gave\n{again}\ninstead of\n{forecast}"
    if "covariates" not in data:
        score = forecaster.score(forecast)
        assert score <= 0 or np.isnan(score)


def main():
    parser = make_parser(__doc__, flags=("quick",))
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--networks", type=int, default=4, help="one in N forecasters is a network. Defaults to 4", metavar="N"
    )
    options = parser.parse_args()
    counts, start = collections.Counter(), time.perf_counter()

    @seed(options.seed)
    @settings(
        max_examples=QUICK if options.quick else options.frames,
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
    seconds = f"{time.perf_counter() - start:.0f}"
    for (kind, result), count in sorted(counts.items()):
        print(f"{kind:30} {result:12} {count:6}")
    print(f"{counts.total()} frames in {seconds} s, no other error and no wrong forecast")
    if not options.quick:
        common = {"seed": options.seed, "seconds": seconds}
        rows = [
            {"forecaster": kind, "answer": result, "frames": count, **common}
            for (kind, result), count in sorted(counts.items())
        ]
        results.write("generated_frames", rows)


if __name__ == "__main__":
    main()
