"""Forecasters that fail one check each: a `LinearForecaster` with some methods replaced.

Keys are the names of the checks that must fail. If there are several for a check, a description of the fault follows
after a colon.
"""

import copy
import random
import threading

import numpy as np
import pandas as pd
from sklearn.base import clone

from tsattn import LinearForecaster


def changed_forecast(change):
    """Return a `predict` that changes its forecast."""

    def predict(self, *arguments, **options):
        return change(self, LinearForecaster.predict(self, *arguments, **options))

    return predict


def before_fit(action):
    """Return a `fit` that first calls `action(self, y)`."""

    def fit(self, y, *arguments, **options):
        action(self, y)
        return LinearForecaster.fit(self, y, *arguments, **options)

    return fit


def count(self, _):
    self.count_ = getattr(self, "count_", 0) + 1


def add_noise(self, _):
    self.noise_ = np.random.default_rng().normal()


def store_first_value(self, y):
    self.first_ = float(y.iloc[0]) if isinstance(y, pd.Series) else 0.0


def set_any_attribute(self, **arguments):
    vars(self).update(arguments)
    return self


def fit_without_message(self, y, *arguments, **options):
    try:
        return LinearForecaster.fit(self, y, *arguments, **options)
    except ValueError:
        raise ValueError("No.") from None


def predict_despite_errors(self, covariates=None, *, y=None, **options):
    try:
        return LinearForecaster.predict(self, covariates, y=y, **options)
    except (TypeError, ValueError):
        return LinearForecaster.predict(self)


def predict_by_position(self, covariates=None, *, y=None, **options):
    if isinstance(y, pd.DataFrame) and y.shape[1] == 2:
        y = y.set_axis(["north", "south"], axis=1)
    return LinearForecaster.predict(self, covariates, y=y, **options)


def reject_new_series(self, covariates=None, *, y=None, **options):
    if y is not None and "new" in y.index.get_level_values(0):
        raise ValueError("'new' was not fitted.")
    return LinearForecaster.predict(self, covariates, y=y, **options)


def is_stacked(y):
    return isinstance(y, pd.Series) and isinstance(y.index, pd.MultiIndex)


def swap_series(forecast):
    """Assign the values of each series to another series, and those of the last series to the first."""
    numbers = forecast.to_numpy().reshape(-1, 6)[::-1].ravel()
    return pd.Series(numbers, forecast.index, name=forecast.name)


def predict_in_wrong_order(self, covariates=None, *, y=None, **options):
    forecast = LinearForecaster.predict(self, covariates, y=y, **options)
    return swap_series(forecast) if is_stacked(y) and y.index[0] > y.index[-1] else forecast


def predict_static_by_position(self, covariates=None, *, static=None, **options):
    if static is not None:
        static = static.set_axis(static.index.sort_values())
    return LinearForecaster.predict(self, covariates, static=static, **options)


def before_predict(action):
    """Return a `predict` that first calls `action(covariates, y)`."""

    def predict(self, covariates=None, *, y=None, **options):
        action(covariates, y)
        return LinearForecaster.predict(self, covariates, y=y, **options)

    return predict


def round_in_place(y):
    y.iloc[:] = y.round()


def write_same_value(self, y):
    y.iloc[0] = float(y.iloc[0])


def round_wide_frame(covariates, y):
    if isinstance(y, pd.DataFrame):
        round_in_place(y)


def reverse_stacked(covariates, y):
    if is_stacked(y):
        y.iloc[:] = y.to_numpy()[::-1].copy()


def negate_covariates(covariates, y):
    if covariates is not None:
        covariates["promo"] *= -1


def keep_data(self, y):
    self.kept_ = y


def add_kept_value(self, forecast):
    return forecast + (self.kept_.iloc[-1] if isinstance(self.kept_, pd.Series) else 0.0)


def fit_and_modify_data(self, y, *arguments, **options):
    try:
        return LinearForecaster.fit(self, y, *arguments, **options)
    except ValueError:
        y.iloc[:] = 0.0
        raise


def after_unpickling(change):
    """Return a `__setstate__` that then calls `change(self)`."""

    def __setstate__(self, state):
        LinearForecaster.__setstate__(self, state)
        change(self)

    return __setstate__


def halve_coefficients(self):
    self.coefficients_ = self.coefficients_ / 2


def use_new_horizon(self):
    self.horizon_ = self.horizon


def reverse_columns(self, forecast):
    return forecast[forecast.columns[::-1]] if isinstance(forecast, pd.DataFrame) else forecast


def convert_periods(self, forecast):
    return forecast.to_timestamp() if isinstance(forecast.index, pd.PeriodIndex) else forecast


BROKEN = {
    "init_keeps_arguments": {
        "__setattr__": lambda self, name, value: object.__setattr__(
            self, name, list(value) if name == "past_covariates" else value
        )
    },
    "set_params_sets_arguments": {
        "set_params": lambda self, **given: LinearForecaster.set_params(clone(self), **given)
    },
    "set_params_rejects_unknown_arguments": {"set_params": set_any_attribute},
    "clone_is_unfitted": {"__sklearn_clone__": copy.deepcopy},
    "repr_shows_arguments": {"__repr__": lambda self: "a forecaster"},
    "fit_rejects_invalid_horizons": {
        "fit": lambda self, y, *rest: LinearForecaster.fit(self, y, *rest) if self.horizon == 6 else self
    },
    "set_params_takes_effect_at_next_fit": {
        "predict": lambda self, *rest, **more: LinearForecaster.predict(
            self, *rest, **{"horizon": self.horizon, **more}
        )
    },
    "fit_returns_self": {"fit": lambda self, y, *rest: LinearForecaster.fit(copy.deepcopy(self), y, *rest)},
    "fitted_attributes_end_in_underscore": {"fit": before_fit(lambda self, y: setattr(self, "data", y))},
    "data_are_not_modified": {"fit": before_fit(lambda self, y: setattr(y, "name", "y"))},
    "data_are_not_modified: fit renames the index": {
        "fit": before_fit(lambda self, y: setattr(y.index, "name", "time"))
    },
    "data_are_not_modified: fit rounds in place": {"fit": before_fit(lambda self, y: round_in_place(y))},
    "data_are_not_modified: fit writes equal values": {"fit": before_fit(write_same_value)},
    "data_are_not_modified: predict rounds a wide frame": {"predict": before_predict(round_wide_frame)},
    "data_are_not_modified: predict reverses stacked series": {"predict": before_predict(reverse_stacked)},
    "later_changes_of_data_have_no_effect": {"fit": before_fit(keep_data), "predict": changed_forecast(add_kept_value)},
    "global_random_state_is_unchanged: Python": {"fit": before_fit(lambda self, y: random.random())},
    "global_random_state_is_unchanged: NumPy": {"fit": before_fit(lambda self, y: np.random.rand())},
    "global_random_state_is_unchanged: seed": {"fit": before_fit(lambda self, y: np.random.seed(0))},
    "global_random_state_is_unchanged: predict": {"predict": before_predict(lambda covariates, y: np.random.rand())},
    "fit_is_required_first": {"predict": lambda self, *rest, **more: None},
    "fits_are_reproducible": {
        "fit": before_fit(add_noise),
        "predict": changed_forecast(lambda self, f: f + self.noise_),
    },
    "refit_equals_first_fit": {"fit": before_fit(count), "predict": changed_forecast(lambda self, f: f + self.count_)},
    "failed_first_fit_leaves_no_state": {"fit": before_fit(count)},
    "failed_first_fit_leaves_no_state: data are modified": {"fit": fit_and_modify_data},
    "failed_refit_keeps_previous_fit": {
        "fit": before_fit(count),
        "predict": changed_forecast(lambda self, f: f + self.count_),
    },
    "covariates_are_accepted": {"fit": lambda self, y: LinearForecaster.fit(self, y)},
    "covariates_are_accepted: predict modifies them": {"predict": before_predict(negate_covariates)},
    "future_covariates_are_required": {"fit": lambda self, y, covariates=None: LinearForecaster.fit(self, y)},
    "forecast_continues_series": {"predict": changed_forecast(lambda self, f: f.rename("forecast"))},
    "wide_frame_returns_wide_frame": {"predict": changed_forecast(reverse_columns)},
    "wide_frame_returns_wide_frame: columns are swapped": {
        "predict": changed_forecast(lambda self, f: f.set_axis(f.columns[::-1], axis=1)[f.columns])
    },
    "columns_are_identified_by_name": {"predict": predict_by_position},
    "predict_accepts_another_history": {
        "predict": lambda self, *rest, y=None, **more: LinearForecaster.predict(self, *rest, **more)
    },
    "predict_rejects_incompatible_history": {"predict": predict_despite_errors},
    "predict_accepts_any_horizon": {
        "predict": lambda self, *rest, horizon=None, **more: LinearForecaster.predict(self, *rest, **more)
    },
    "time_shift_shifts_forecast": {"predict": changed_forecast(lambda self, f: f + f.index[0].year)},
    "missing_values_are_ignored": {"fit": lambda self, y: LinearForecaster.fit(self, y.fillna(0.0))},
    "every_index_type_is_continued": {"predict": changed_forecast(convert_periods)},
    "every_numeric_dtype_is_accepted": {"predict": changed_forecast(lambda self, f: f.astype("float64"))},
    "score_is_negative_mase": {"score": lambda self, y: -LinearForecaster.score(self, y)},
    "every_series_is_continued_from_its_end": {"predict": changed_forecast(lambda self, f: f.iloc[::-1])},
    "every_series_keeps_its_level": {
        "predict": changed_forecast(lambda self, f: swap_series(f) if is_stacked(f) else f)
    },
    "long_frame_returns_long_frame": {"predict": changed_forecast(reverse_columns)},
    "row_order_has_no_effect": {
        "fit": before_fit(store_first_value),
        "predict": changed_forecast(lambda self, f: f + self.first_),
    },
    "series_order_and_ids_have_no_effect": {"predict": predict_in_wrong_order},
    "series_are_forecast_independently": {"predict": changed_forecast(lambda self, f: f + len(f))},
    "new_series_are_accepted": {"predict": reject_new_series},
    "errors_name_the_series": {"fit": fit_without_message},
    "static_covariates_are_accepted": {
        "fit": lambda self, y, covariates=None: LinearForecaster.fit(self, y, covariates)
    },
    "static_covariates_are_accepted: by position": {"predict": predict_static_by_position},
    "pickle_returns_same_forecasts": {"__setstate__": after_unpickling(halve_coefficients)},
    "pickle_keeps_fit_and_arguments": {"__setstate__": after_unpickling(use_new_horizon)},
    "copies_are_independent": {"__deepcopy__": lambda self, memo: self},
    "predict_is_thread_safe": {
        "predict": changed_forecast(lambda self, f: f + (threading.current_thread() is not threading.main_thread()))
    },
}
