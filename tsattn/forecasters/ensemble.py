"""The ensemble: a combination of several forecasters."""

import dataclasses
from collections.abc import Sequence
from typing import Self

import numpy as np
from sklearn.base import clone

from tsattn._utils.argument_names import explain_names
from tsattn._utils.types import CovariateData, Data, SampleWeight
from tsattn._utils.validation import check_choice, check_count, check_optional_count, is_same
from tsattn.baselines.pinball import pinball_loss
from tsattn.forecasters.attention import AttentionForecaster
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.linear import LinearForecaster
from tsattn.forecasters.member import HasFallback, Member, StartsPretrained, Trains
from tsattn.forecasters.seasonal_naive import SeasonalNaiveForecaster
from tsattn.forecasters.seq2seq import Seq2SeqForecaster
from tsattn.forecasters.transformer import TransformerForecaster
from tsattn.series.history import History
from tsattn.series.windows import sample_evenly
from tsattn.training.config import Training

FAMILIES = (Seq2SeqForecaster, AttentionForecaster, TransformerForecaster)
WEIGHTS = ("trimmed", "equal", "validation")
SELECTION_ROUNDS = 20  # weights are multiples of 1/20
# Arguments on data and training, which the ensemble passes on to its members.
SHARED = (
    *("season", "freq", "past_covariates", "calendar", "positive", "counts", "target_transform", "calibrate"),
    *("training", "pretrained"),
)


@dataclasses.dataclass(eq=False, repr=False)
class EnsembleForecaster(Forecaster):
    """Combination of several forecasters, usually more accurate than most of its members.

    The default members are one network of each family (seq2seq, attention and Transformer), the linear forecaster and,
    for data with a season, the seasonal naive forecaster. On short series, the errors of the last two differ from those
    of networks and are often lower. If all three networks fall back to the last value, the ensemble does too, because
    no forecast is significantly better. Members are fitted sequentially and stored in `members_`. Quantiles are
    combined level by level.

    Args:
        horizon: Number of steps to forecast at once.
        lookback: Number of past steps that a forecast is based on. If None, it is chosen from the length of the series,
            the season and the horizon. Defaults to None.
        season: Number of steps in a cycle. If None, the cycle of the time step is used (24 for hourly, 7 for daily and
            12 for monthly data), or 1 for a series shorter than two cycles. Defaults to None.
        freq: Step of the time index: a pandas alias or offset, or an integer for an integer index. If None, the
            frequency of the index is used, or inferred if it is not set. Defaults to None.
        past_covariates: List of the columns of `covariates` that are not known in advance. Defaults to `()`.
        calendar: List of calendar features of the time index, such as `("hour", "dayofweek", "holidays:NO")`, or
            `"auto"` for the features that match its step. If None, no calendar features are used. Defaults to None.
        positive: If True, forecasts are clipped at 0, and negative values in the series raise an error. Defaults to
            False.
        counts: If True, forecasts, quantiles and sample paths are whole numbers of at least 0, and other values in the
            series raise an error. For this, noise that is uniform between -1/2 and 1/2 is added to the targets of
            networks, so that they learn quantiles between whole numbers. Defaults to False.
        target_transform: Function that is applied to the series before they are scaled, and inverted in forecasts:
            `"log"` for values above 0, `"log1p"` for values above -1, `"sqrt"` for values of at least 0, or `"asinh"`
            for all values. `SeasonalNaiveForecaster` ignores it, because it repeats values. If None, the series are
            only scaled. Defaults to None.
        calibrate: If True, shift quantiles and intervals to their nominal coverage by conformal calibration, separately
            for each step and jointly over all series. Calibration uses the held-out end of the series and the steps of
            a history `y` that follow the fit. It shifts the quantiles only; the held-out end is not used for the fit.
            Defaults to False.
        members: List of unfitted forecasters. The `horizon` of the ensemble replaces theirs. Set `training` and the
            arguments that concern the data (such as `season`, `freq` and `calendar`) on the ensemble only. If None, the
            default members with default arguments are used. Defaults to None.
        seeds: Number of networks per member, with different seeds. Defaults to 1.
        weights: `"trimmed"` is the mean without the lowest and the highest value at each step, or the plain mean of at
            most two members. `"equal"` is the mean over all members. `"validation"` uses the weights with the lowest
            error on the held-out windows, by greedy selection with replacement. Defaults to `"trimmed"`.
        training: `Training` of the networks, which share its `max_seconds` equally. With 0 epochs, the default members
            are the three networks only. Defaults to `Training()`.
        pretrained: If `"auto"`, networks start from pretrained weights, if these exist for the season and for the other
            arguments. If True, an error is raised otherwise. If False, they start from random weights. Defaults to
            `"auto"`.

    Attributes:
        horizon_: Number of steps to forecast at once.
        lookback_: Number of past steps that a forecast is based on.
        season_: Number of steps in a cycle.
        levels_: Tuple of the trained quantile levels, `(0.5,)` for a point forecast.
        layout_: `Layout` of the fitted series: their index, ids and columns.
        schema_: `Schema` of the covariates: their columns and categories.
        origins_: `Origins`: the ends of the fitted series, from which `predict` forecasts.
        naive_error_: In-sample mean absolute error of the seasonal naive forecast, array `(series, channels)`.
        error_distribution_: `ErrorDistribution` of the held-out errors; None without `quantiles` and `calibrate`.
        members_: List of the fitted forecasters.
        weights_: Weights of the members, array `(members,)`; None for the trimmed mean.
        pretrained_: Names of the pretrained networks from which the members started; None if there are none.

    Reference:
        Trimmed means: Jose and Winkler, 2008, https://doi.org/10.1016/j.ijforecast.2007.06.001. Ensemble selection:
        Caruana et al., 2004, https://doi.org/10.1145/1015330.1015432.

    Example:

    >>> from tsattn import EnsembleForecaster, LinearForecaster, SeasonalNaiveForecaster, load_dataset
    >>> members = [LinearForecaster(horizon=12), SeasonalNaiveForecaster(horizon=12)]
    >>> model = EnsembleForecaster(horizon=12, members=members, weights="validation")
    >>> len(model.fit(load_dataset("air_passengers")).predict())
    12
    """

    _: dataclasses.KW_ONLY
    members: Sequence | None = None
    seeds: int = 1
    weights: str = "trimmed"
    training: Training = dataclasses.field(default_factory=Training)
    pretrained: bool | str = "auto"

    @explain_names
    def fit(
        self,
        y: Data,
        covariates: CovariateData = None,
        *,
        static: CovariateData = None,
        sample_weight: SampleWeight = None,
    ) -> Self:
        """Fit the forecaster to one or many series.

        Args:
            y: A Series, or a wide DataFrame with one column per channel, with a `DatetimeIndex`, a `PeriodIndex` or an
                integer index. Pass many series as a Series or DataFrame with a MultiIndex (series, time), or as a long
                DataFrame with the columns `unique_id`, `ds` and `y`. Missing values and missing timestamps are masked.
            covariates: DataFrame of numbers, booleans, categories and text, with the index of `y`; for many series, an
                index of times alone is sufficient. Columns are known in advance, except those in `past_covariates`.
                Rows after the end of `y` are kept for `predict`. Defaults to None.
            static: DataFrame with one row per series, for many series; the ids are in its index or in a column
                `unique_id`. Defaults to None.
            sample_weight: Relative weights of the values of `y` in training: one number per row of `y`; a Series or
                DataFrame with the index of `y`; or, for many series, a Series with one number per id or per time. A
                value with the weight 0 is not trained on, but remains part of histories. Defaults to None.

        Returns:
            The fitted forecaster itself. If fitting fails, the forecaster is unchanged.

        Raises:
            ValueError: If the data or an argument is invalid.
            TypeError: If the data or an argument has the wrong type.
            MemoryError: If the series do not fit into memory.
        """
        return self._fit(y, covariates, static, sample_weight)

    @property
    def pretrained_(self) -> str | None:
        """Names of the pretrained networks from which the members started, or None."""
        names = [member.pretrained_ for member in self.members_ if isinstance(member, StartsPretrained)]
        return ", ".join(filter(None, names)) or None

    def _resolve(self, history):
        previous = getattr(self, "members_", ())
        self.members_ = self._copies(history)
        for before, member in zip(previous, self.members_, strict=False):
            if type(before) is type(member):  # as in a second fit, a compiled network is reused
                vars(member).update({name: value for name, value in vars(before).items() if name.endswith("_")})
        for member in self.members_:
            member._set_history(history)
            member._resolve(history)
        levels = {member.levels_ for member in self.members_}
        if len(levels) > 1:
            raise ValueError(
                f"The members forecast different quantiles, {sorted(levels)}. Set the same `quantiles` for all of "
                "them, or for none."
            )
        self.levels_ = levels.pop()
        self.lookback_ = max(member.lookback_ for member in self.members_)

    def _copies(self, history) -> list[Member]:
        """Return unfitted copies of the members, one per seed, with the arguments of the ensemble."""
        check_choice("weights", self.weights, WEIGHTS)
        training, seeds, copies = Training.checked(self.training), check_count("seeds", self.seeds), []
        templates = self._default_members(history) if self.members is None else self.members
        if not isinstance(templates, list | tuple):
            raise TypeError(f"`members` is {templates!r}, but must be a list of forecasters.")
        if not templates:
            raise TypeError(
                "`members` is empty, but must contain at least one forecaster. Pass forecasters, or None for the "
                "default members."
            )
        for index, template in enumerate(templates):
            if not isinstance(template, Forecaster) or isinstance(template, EnsembleForecaster):
                raise TypeError(
                    f"`members`[{index}] is {template!r}, but must be a forecaster of tsattn other than an ensemble."
                )
            shared = self._shared_arguments(template, index)
            for number in range(seeds if "training" in shared else 1):
                copies.append(clone(template).set_params(**shared))
                if "training" in shared:
                    copies[-1].training = clone(training)
                    if training.random_state is not None:
                        copies[-1].training.random_state = training.random_state * seeds + number
        networks = [copy for copy in copies if isinstance(copy, Trains)]
        if training.max_seconds is not None:
            for network in networks:
                network.training.max_seconds = training.max_seconds / len(networks)
        return copies

    def _default_members(self, history):
        held_out = {"validation_fraction": self.training.validation_fraction}
        members = [family(self.horizon) for family in FAMILIES]
        if self.training.epochs == 0:
            return members
        members.append(LinearForecaster(self.horizon, **held_out))
        season, lookback = self.season_, check_optional_count("lookback", self.lookback)
        if 1 < season <= min(lookback or season, history.layout.lengths.max()):
            # A lookback of one season, which is not longer than that of the networks.
            members.append(SeasonalNaiveForecaster(self.horizon, lookback=lookback or season, **held_out))
        return members

    def _shared_arguments(self, template, index):
        """Return the arguments that the ensemble sets for a member."""
        arguments = template.get_params(deep=False)
        default = type(template)(self.horizon).get_params(deep=False)
        shared = {name: getattr(self, name) for name in SHARED if name in arguments}
        for name, value in shared.items():
            if not _is_equal(arguments[name], value) and not _is_equal(arguments[name], default[name]):
                raise ValueError(
                    f"`members`[{index}] has {name}={arguments[name]!r}, but the ensemble has {name}={value!r}. "
                    "Set arguments that concern the data and the training on the ensemble only."
                )
        shared["horizon"] = self.horizon
        if arguments["lookback"] is None:
            shared["lookback"] = self.lookback
        return shared

    def _train(self, windows, *, keep_held_out):
        history = History(windows.panel, self.layout_, self.schema_, windows.covariates)
        parts = [member._start_fit(history) for member in self.members_]
        for member, part in zip(self.members_, parts, strict=True):
            member._train(part, keep_held_out=keep_held_out or self.weights == "validation")
        self.weights_ = None if self.weights == "trimmed" else np.full(len(self.members_), 1 / len(self.members_))
        if self.members is None and self.weights == "trimmed":
            networks = np.array([isinstance(member, HasFallback) for member in self.members_])
            last_values = np.array(
                [isinstance(member, HasFallback) and _is_last_value(member.fallback_) for member in self.members_]
            )
            if last_values.any() and (last_values == networks).all():
                self.weights_ = last_values / last_values.sum()
        if self.weights == "validation":
            held_out = self._held_out(windows)
            if not held_out:
                raise ValueError(
                    '`weights="validation"` needs windows that no member trains on, but there are none: the series are '
                    f"too short for lookback {self.lookback_} + horizon {self.horizon_}, or a `validation_fraction` is "
                    '0. Increase `validation_fraction`, pass a longer history, or use `weights="trimmed"`.'
                )
            self.weights_ = self._select_weights(held_out)
        for member, part in zip(self.members_, parts, strict=True):
            member._set_error_distribution(member._model(), part, member._held_out(part))

    def _held_out(self, windows):
        parts = [member._held_out(windows) for member in self.members_]
        return None if None in parts else min(parts, key=len)

    def _model(self):
        lookbacks = tuple(member.lookback_ for member in self.members_)
        return CombinedModel([member._model() for member in self.members_], lookbacks, self.horizon_, self.weights_)

    def _select_weights(self, windows):
        """Select the weights with the lowest error on windows, by adding one member at a time, with replacement."""
        model, generator = self._model(), np.random.default_rng(0)
        index, forecasts, targets = sample_evenly(len(windows), windows.horizon * windows.panel.channels), [], []
        for part in windows.batches(index):
            inputs, target = windows.gather(part, generator)
            forecasts.append(model.member_forecasts(inputs))
            targets.append(target)
        forecasts, targets = np.concatenate(forecasts, axis=1), np.concatenate(targets)
        counts, total = np.zeros(len(forecasts)), 0.0
        for chosen in range(SELECTION_ROUNDS):
            means = [(total + forecast) / (chosen + 1) for forecast in forecasts]
            best = int(np.argmin([np.nanmean(pinball_loss(targets, mean, self.levels_)) for mean in means]))
            counts[best] += 1
            total = total + forecasts[best]
        return counts / SELECTION_ROUNDS


@dataclasses.dataclass(frozen=True, eq=False)
class CombinedModel:
    """The weighted or trimmed mean of several models.

    Args:
        models: List of `WindowModel`s.
        lookbacks: Number of past steps that each of them uses.
        horizon: Number of steps to forecast.
        weights: Array `(models,)`, or None to use the trimmed mean.
    """

    models: list
    lookbacks: tuple
    horizon: int
    weights: np.ndarray | None

    def forecast(self, inputs):
        """Forecast windows, see `WindowModel.forecast`."""
        # A member whose lookback has no observed value is left out.
        histories = [self._inputs_of(lookback, inputs)["history"] for lookback in self.lookbacks]
        included = np.stack([~np.isnan(history).all(axis=1) for history in histories])
        included = np.where(included.any(axis=0), included, True)[:, :, None, :, None]
        forecasts = self.member_forecasts(inputs)
        if self.weights is None:
            return _trimmed_mean(forecasts, np.broadcast_to(included, forecasts.shape))
        weights = included * self.weights[:, None, None, None, None]
        weights = np.where(weights.sum(axis=0) > 0, weights, included)  # if all included members have weight 0
        return np.sum(np.where(weights > 0, forecasts, 0.0) * weights, axis=0) / weights.sum(axis=0)

    def member_forecasts(self, inputs):
        """Return the forecasts of all models, `(models, n, horizon, channels, outputs)`."""
        pairs = zip(self.models, self.lookbacks, strict=True)
        return np.stack([model.forecast(self._inputs_of(lookback, inputs)) for model, lookback in pairs])

    def _inputs_of(self, lookback, inputs):
        spans = {"history": lookback, "past": lookback, "known": lookback + self.horizon}
        return {name: values[:, -spans[name] :] if name in spans else values for name, values in inputs.items()}


def _trimmed_mean(forecasts, included):
    """Return the mean over the included members (the first axis) without the lowest and the highest value.

    It is NaN if an included forecast is not finite, so that trimming does not hide errors.
    """
    ordered, count = np.sort(np.where(included, forecasts, np.nan), axis=0), included.sum(axis=0)  # NaN is last
    trimmed = (count > 2).astype(int)
    rank = np.arange(len(ordered)).reshape(-1, *[1] * count.ndim)
    kept = (rank >= trimmed) & (rank < count - trimmed)
    mean = np.sum(np.where(kept, ordered, 0.0), axis=0) / (count - 2 * trimmed)
    return np.where((included & ~np.isfinite(forecasts)).any(axis=0), np.nan, mean)


def _is_last_value(coefficients):
    """Return whether a fallback, see `select_fallback`, is the last value."""
    return coefficients is not None and len(coefficients) == 1


def _is_equal(one, other):
    """Return whether two arguments are equal. A `Training` is compared by its arguments."""
    if isinstance(one, Training) and isinstance(other, Training):
        return is_same(one.get_params(deep=False), other.get_params(deep=False))
    return is_same(one, other)
