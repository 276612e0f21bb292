"""For each check of the contract forecasters that break it: a `LinearForecaster` with other methods.

Each has the name of the check that is to find it, and after a colon what it does where there are several.
"""

import copy
import random
import threading

import numpy as np
import pandas as pd
from sklearn.base import clone

from tsattn import LinearForecaster as Sound


def answers(change):
    """`predict` with its answer changed."""

    def predict(self, *arguments, **options):
        return change(self, Sound.predict(self, *arguments, **options))

    return predict


def fits(before):
    """`fit` that does something first."""

    def fit(self, y, *arguments, **options):
        before(self, y)
        return Sound.fit(self, y, *arguments, **options)

    return fit


def count(self, _):
    self.count_ = getattr(self, "count_", 0) + 1


def add_noise(self, _):
    self.noise_ = np.random.default_rng().normal()


def note_first(self, y):
    self.first_ = float(y.iloc[0]) if isinstance(y, pd.Series) else 0.0


def set_anything(self, **arguments):
    vars(self).update(arguments)
    return self


def fit_quietly(self, y, *arguments, **options):
    try:
        return Sound.fit(self, y, *arguments, **options)
    except ValueError:
        raise ValueError("No.") from None


def predict_all_the_same(self, covariates=None, *, y=None, **options):
    try:
        return Sound.predict(self, covariates, y=y, **options)
    except (TypeError, ValueError):
        return Sound.predict(self)


def predict_by_place(self, covariates=None, *, y=None, **options):
    if isinstance(y, pd.DataFrame) and y.shape[1] == 2:
        y = y.set_axis(["north", "south"], axis=1)
    return Sound.predict(self, covariates, y=y, **options)


def refuse_new(self, covariates=None, *, y=None, **options):
    if y is not None and "new" in y.index.get_level_values(0):
        raise ValueError("'new' was not fitted.")
    return Sound.predict(self, covariates, y=y, **options)


def many(y):
    return isinstance(y, pd.Series) and isinstance(y.index, pd.MultiIndex)


def exchanged(forecast):
    """The numbers of each series under the name of another, the last for the first."""
    numbers = forecast.to_numpy().reshape(-1, 6)[::-1].ravel()
    return pd.Series(numbers, forecast.index, name=forecast.name)


def predict_in_another_order(self, covariates=None, *, y=None, **options):
    forecast = Sound.predict(self, covariates, y=y, **options)
    return exchanged(forecast) if many(y) and y.index[0] > y.index[-1] else forecast


def predict_static_by_place(self, covariates=None, *, static=None, **options):
    if static is not None:
        static = static.set_axis(static.index.sort_values())
    return Sound.predict(self, covariates, static=static, **options)


def predicts(before):
    """`predict` that does something to what it is given first."""

    def predict(self, covariates=None, *, y=None, **options):
        before(covariates, y)
        return Sound.predict(self, covariates, y=y, **options)

    return predict


def round_in_place(y):
    y.iloc[:] = y.round()


def write_the_same(self, y):
    y.iloc[0] = float(y.iloc[0])


def round_wide(covariates, y):
    if isinstance(y, pd.DataFrame):
        round_in_place(y)


def reverse_many(covariates, y):
    if many(y):
        y.iloc[:] = y.to_numpy()[::-1].copy()


def negate_covariates(covariates, y):
    if covariates is not None:
        covariates["promo"] *= -1


def keep(self, y):
    self.kept_ = y


def add_what_was_kept(self, forecast):
    return forecast + (self.kept_.iloc[-1] if isinstance(self.kept_, pd.Series) else 0.0)


def fit_and_repair(self, y, *arguments, **options):
    try:
        return Sound.fit(self, y, *arguments, **options)
    except ValueError:
        y.iloc[:] = 0.0
        raise


def restored(change):
    def __setstate__(self, state):
        Sound.__setstate__(self, state)
        change(self)

    return __setstate__


def halve(self):
    self.coefficients_ = self.coefficients_ / 2


def take_the_new_horizon(self):
    self.horizon_ = self.horizon


def turned(self, forecast):
    return forecast[forecast.columns[::-1]] if isinstance(forecast, pd.DataFrame) else forecast


def without_periods(self, forecast):
    return forecast.to_timestamp() if isinstance(forecast.index, pd.PeriodIndex) else forecast


BROKEN = {
    "arguments_are_kept_as_they_are": {
        "__setattr__": lambda self, name, value: object.__setattr__(
            self, name, list(value) if name == "past_covariates" else value
        )
    },
    "arguments_can_be_set": {"set_params": lambda self, **given: Sound.set_params(clone(self), **given)},
    "unknown_arguments_are_refused": {"set_params": set_anything},
    "a_clone_has_the_arguments_and_not_the_fit": {"__sklearn_clone__": copy.deepcopy},
    "it_shows_its_arguments": {"__repr__": lambda self: "a forecaster"},
    "a_horizon_that_is_none_is_refused_by_fit": {
        "fit": lambda self, y, *rest: Sound.fit(self, y, *rest) if self.horizon == 6 else self
    },
    "new_arguments_take_effect_with_the_next_fit": {
        "predict": lambda self, *rest, **more: Sound.predict(self, *rest, **{"horizon": self.horizon, **more})
    },
    "fit_returns_the_forecaster": {"fit": lambda self, y, *rest: Sound.fit(copy.deepcopy(self), y, *rest)},
    "what_fit_learns_ends_in_an_underscore": {"fit": fits(lambda self, y: setattr(self, "data", y))},
    "fit_and_predict_leave_the_data_alone": {"fit": fits(lambda self, y: setattr(y, "name", "y"))},
    "fit_and_predict_leave_the_data_alone: fit names the index": {
        "fit": fits(lambda self, y: setattr(y.index, "name", "time"))
    },
    "fit_and_predict_leave_the_data_alone: fit rounds": {"fit": fits(lambda self, y: round_in_place(y))},
    "fit_and_predict_leave_the_data_alone: fit writes": {"fit": fits(write_the_same)},
    "fit_and_predict_leave_the_data_alone: predict rounds a wide frame": {"predict": predicts(round_wide)},
    "fit_and_predict_leave_the_data_alone: predict reverses many series": {"predict": predicts(reverse_many)},
    "what_becomes_of_the_data_later_does_not_matter": {"fit": fits(keep), "predict": answers(add_what_was_kept)},
    "the_global_random_state_is_left_alone: Python's": {"fit": fits(lambda self, y: random.random())},
    "the_global_random_state_is_left_alone: NumPy's": {"fit": fits(lambda self, y: np.random.rand())},
    "the_global_random_state_is_left_alone: seeds": {"fit": fits(lambda self, y: np.random.seed(0))},
    "the_global_random_state_is_left_alone: predict": {"predict": predicts(lambda covariates, y: np.random.rand())},
    "it_must_be_fitted_first": {"predict": lambda self, *rest, **more: None},
    "two_fits_are_equal_to_the_bit": {"fit": fits(add_noise), "predict": answers(lambda self, f: f + self.noise_)},
    "a_refit_forgets_the_fit_before": {"fit": fits(count), "predict": answers(lambda self, f: f + self.count_)},
    "a_failed_first_fit_leaves_it_not_fitted": {"fit": fits(count)},
    "a_failed_first_fit_leaves_it_not_fitted: changes the data": {"fit": fit_and_repair},
    "a_failed_refit_leaves_it_as_it_was": {"fit": fits(count), "predict": answers(lambda self, f: f + self.count_)},
    "covariates_are_taken": {"fit": lambda self, y: Sound.fit(self, y)},
    "covariates_are_taken: predict changes them": {"predict": predicts(negate_covariates)},
    "covariates_of_the_future_are_required": {"fit": lambda self, y, covariates=None: Sound.fit(self, y)},
    "a_forecast_continues_the_series": {"predict": answers(lambda self, f: f.rename("forecast"))},
    "a_wide_frame_comes_back_as_one": {"predict": answers(turned)},
    "a_wide_frame_comes_back_as_one: exchanged": {
        "predict": answers(lambda self, f: f.set_axis(f.columns[::-1], axis=1)[f.columns])
    },
    "columns_are_matched_by_name": {"predict": predict_by_place},
    "a_history_may_be_passed": {"predict": lambda self, *rest, y=None, **more: Sound.predict(self, *rest, **more)},
    "a_history_that_is_another_thing_is_refused": {"predict": predict_all_the_same},
    "any_horizon_may_be_asked_for": {
        "predict": lambda self, *rest, horizon=None, **more: Sound.predict(self, *rest, **more)
    },
    "shifting_time_shifts_the_forecast": {"predict": answers(lambda self, f: f + f.index[0].year)},
    "missing_values_are_left_out": {"fit": lambda self, y: Sound.fit(self, y.fillna(0.0))},
    "an_index_of_any_kind_is_continued": {"predict": answers(without_periods)},
    "numbers_of_any_kind_are_taken": {"predict": answers(lambda self, f: f.astype("float64"))},
    "the_score_is_minus_the_mase": {"score": lambda self, y: -Sound.score(self, y)},
    "each_series_is_continued_from_its_own_end": {"predict": answers(lambda self, f: f.iloc[::-1])},
    "each_series_goes_on_at_its_own_level": {"predict": answers(lambda self, f: exchanged(f) if many(f) else f)},
    "a_long_frame_comes_back_as_one": {"predict": answers(turned)},
    "the_order_of_the_rows_does_not_matter": {
        "fit": fits(note_first),
        "predict": answers(lambda self, f: f + self.first_),
    },
    "a_forecast_follows_its_series": {"predict": predict_in_another_order},
    "series_do_not_change_each_other": {"predict": answers(lambda self, f: f + len(f))},
    "series_that_were_not_fitted_may_be_forecast": {"predict": refuse_new},
    "what_is_wrong_with_a_series_is_said_with_its_id": {"fit": fit_quietly},
    "static_covariates_are_taken": {"fit": lambda self, y, covariates=None: Sound.fit(self, y, covariates)},
    "static_covariates_are_taken: by place": {"predict": predict_static_by_place},
    "a_pickle_forecasts_the_same_bits": {"__setstate__": restored(halve)},
    "a_pickle_is_what_was_fitted": {"__setstate__": restored(take_the_new_horizon)},
    "a_copy_is_a_forecaster_of_its_own": {"__deepcopy__": lambda self, memo: self},
    "threads_may_predict_at_once": {
        "predict": answers(lambda self, f: f + (threading.current_thread() is not threading.main_thread()))
    },
}
