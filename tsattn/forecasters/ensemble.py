"""Several forecasters as one: what lies in the middle of what they say."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from sklearn.base import clone

from tsattn._utils.validation import check_choice, check_count, check_optional_count, is_same
from tsattn.forecasters.attention import AttentionForecaster
from tsattn.forecasters.base import Forecaster
from tsattn.forecasters.documented import documented
from tsattn.forecasters.linear import LinearForecaster
from tsattn.forecasters.seasonal_naive import SeasonalNaiveForecaster
from tsattn.forecasters.seq2seq import Seq2SeqForecaster
from tsattn.forecasters.transformer import TransformerForecaster
from tsattn.series.windows import sample_evenly
from tsattn.training.config import Training

FAMILIES = (Seq2SeqForecaster, AttentionForecaster, TransformerForecaster)
WEIGHTS = ("trimmed", "equal", "validation")
ROUNDS = 20  # of the selection: weights are multiples of a twentieth
# What concerns the data and the training is said to the ensemble, and its members are told.
SHARED = ("season", "freq", "past_covariates", "calendar", "positive", "calibrate", "training")


@documented
@dataclasses.dataclass(eq=False, repr=False)
class EnsembleForecaster(Forecaster):
    """Several forecasters as one, which mostly errs less than most of them do.

    By default one network of each family, seq2seq, attention and Transformer, the linear forecast and, where there is
    a season, its last cycle again: where data are few these err in other ways than networks, and often less. But where
    all three networks fall back on the last value, no other forecast is told from that, and it is forecast. The members
    are fitted one after the other and found in `members_`; those with quantiles are combined at each level.

    Args:
        members: List of forecasters, not fitted. What concerns the data (`season`, `freq`, `calendar` and so
            on) and the training is said to the ensemble alone, and its `horizon` counts. None for those
            above, with default arguments. Defaults to None.
        seeds: Networks of each member, which differ in their seeds. Defaults to 1.
        weights: `"trimmed"` for the mean without the lowest and the highest value, at each step anew, where there are
            more than two; `"equal"` for the mean of all; or `"validation"` for weights that do best on the held-out
            windows, chosen member by member with replacement. Defaults to `"trimmed"`.
        training: The `Training` of the networks; its `max_seconds` are shared out among them. Defaults to
            `Training()`.

    Reference:
        Trimmed means: Jose and Winkler, 2008, https://doi.org/10.1016/j.ijforecast.2007.06.001. Selection by
        validation: Caruana et al., 2004, https://doi.org/10.1145/1015330.1015432.

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

    def _settle(self):
        known = getattr(self, "members_", ())
        self.members_ = self._copies()
        for before, member in zip(known, self.members_, strict=False):
            if type(before) is type(member) and hasattr(before, "network_"):  # it goes on with what was compiled for it
                member.network_ = before.network_
        for member in self.members_:
            member.horizon_, member.layout_, member.schema_ = self.horizon_, self.layout_, self.schema_
            member._settle()
        super()._settle()

    def _copies(self):
        """The members, each as often as there are seeds, told what the ensemble is told."""
        check_choice("weights", self.weights, WEIGHTS)
        training, seeds, copies = Training.checked(self.training), check_count("seeds", self.seeds), []
        templates = self._default() if self.members is None else self.members
        if not isinstance(templates, list | tuple) or not templates:
            raise TypeError(f"`members` is {templates!r}, but must be a list of forecasters.")
        for place, template in enumerate(templates):
            if not isinstance(template, Forecaster) or isinstance(template, EnsembleForecaster):
                raise TypeError(
                    f"`members`[{place}] is {template!r}, but must be a forecaster of tsattn, and no ensemble."
                )
            told = self._told(template, place)
            for number in range(seeds if "training" in told else 1):
                copies.append(clone(template).set_params(**told))
                if "training" in told:
                    copies[-1].training = clone(training)
                    if training.random_state is not None:
                        copies[-1].training.random_state = training.random_state * seeds + number
        networks = [copy for copy in copies if hasattr(copy, "training")]
        if training.max_seconds is not None:
            for network in networks:
                network.training.max_seconds = training.max_seconds / len(networks)
        return copies

    def _default(self):
        held_out = {"validation_fraction": self.training.validation_fraction}
        members = [*(family(self.horizon) for family in FAMILIES), LinearForecaster(self.horizon, **held_out)]
        season, lookback = self._season(), check_optional_count("lookback", self.lookback)
        if 1 < season <= min(lookback or season, self.layout_.lengths.max()):
            # Of a cycle alone: its lookback is not to be longer than that of the networks.
            members.append(SeasonalNaiveForecaster(self.horizon, lookback=lookback or season, **held_out))
        return members

    def _told(self, template, place):
        """What a member is told: arguments by name."""
        own = template.get_params(deep=False)
        default = type(template)(self.horizon).get_params(deep=False)
        ours = {name: getattr(self, name) for name in SHARED if name in own}
        for name, value in ours.items():
            if not _equal(own[name], value) and not _equal(own[name], default[name]):
                raise ValueError(
                    f"`members`[{place}] has {name}={own[name]!r}, but the ensemble has {name}={value!r}. Say what "
                    "concerns the data and the training to the ensemble alone."
                )
        ours["horizon"] = self.horizon
        if self.weights == "validation":
            ours["calibrate"] = True  # until it has learnt: then none learns from the held-out windows
        if own["lookback"] is None:
            ours["lookback"] = self.lookback
        return ours

    def _levels(self):
        levels = {member.levels_ for member in self.members_}
        if len(levels) > 1:
            raise ValueError(
                f"The members forecast different quantiles, {sorted(levels)}. Give all of them the same `quantiles`, "
                "or none."
            )
        return levels.pop()

    def _choose(self):
        self.lookback_ = max(member.lookback_ for member in self.members_)

    def _learn(self, windows):
        parts = [member._take(windows.panel, windows.covariates) for member in self.members_]
        for member, part in zip(self.members_, parts, strict=True):
            member._learn(part)
        self.weights_ = None if self.weights == "trimmed" else np.full(len(self.members_), 1 / len(self.members_))
        if self.members is None and self.weights == "trimmed":
            simple = np.array([not hasattr(member, "fallback_") for member in self.members_])
            repeating = np.array([_repeats(member) for member in self.members_])
            if repeating.any() and (simple | repeating).all():
                self.weights_ = repeating / repeating.sum()
        if self.weights == "validation":
            held_out = self._held_out(windows)
            if not held_out:
                raise ValueError(
                    '`weights="validation"` needs windows that no member learns from, but none could be held out: the '
                    f"series are too short for lookback {self.lookback_} + horizon {self.horizon_}, or a "
                    '`validation_fraction` is 0. Change it, pass a longer history, or use `weights="trimmed"`.'
                )
            self.weights_ = self._selected(held_out)
        for member, part in zip(self.members_, parts, strict=True):
            member.calibrate = self.calibrate
            if hasattr(member, "fitted_params_"):
                member.fitted_params_ = member.get_params(deep=False)
            member.spread_ = member._measure(part)

    def _held_out(self, windows):
        parts = [member._held_out(windows) for member in self.members_]
        return None if None in parts else min(parts, key=len)

    def _selected(self, windows):
        """Weights of the members that do best on these windows: one is added at a time, each as often as it helps."""
        index, forecasts, targets = sample_evenly(len(windows), windows.horizon * windows.panel.channels), [], []
        for part in windows.batches(index):
            inputs, target = windows.gather(part)
            forecasts.append(self._each(inputs))
            targets.append(target)
        forecasts, targets = np.concatenate(forecasts, axis=1), np.concatenate(targets)
        counts, total = np.zeros(len(forecasts)), 0.0
        for chosen in range(ROUNDS):
            means = [(total + forecast) / (chosen + 1) for forecast in forecasts]
            best = int(np.argmin([_error(targets, mean, self.levels_) for mean in means]))
            counts[best] += 1
            total = total + forecasts[best]
        return counts / ROUNDS

    def _forecast(self, inputs):
        # A member that sees no observed value in its own, shorter history has nothing to say.
        histories = [self._seen_by(member, inputs)["history"] for member in self.members_]
        sees = np.stack([~np.isnan(history).all(axis=1) for history in histories])
        sees = np.where(sees.any(axis=0), sees, True)[:, :, None, :, None]
        forecasts = self._each(inputs)
        if self.weights_ is None:
            return _trimmed(forecasts, np.broadcast_to(sees, forecasts.shape))
        weights = sees * self.weights_[:, None, None, None, None]
        weights = np.where(weights.sum(axis=0) > 0, weights, sees)  # where those that have weigh nothing
        return np.sum(np.where(weights > 0, forecasts, 0.0) * weights, axis=0) / weights.sum(axis=0)

    def _each(self, inputs):
        """The forecasts of the members, `(members, n, horizon, channels, levels)`."""
        return np.stack([member._forecast(self._seen_by(member, inputs)) for member in self.members_])

    def _seen_by(self, member, inputs):
        """The inputs of a member, whose lookback may be shorter."""
        spans = {"history": member.lookback_, "past": member.lookback_, "known": member.lookback_ + self.horizon_}
        return {name: values[:, -spans[name] :] if name in spans else values for name, values in inputs.items()}


def _repeats(member):
    """Whether it is a network that falls back on the last value: no simple forecast was told from that either."""
    fallback = getattr(member, "fallback_", None)
    return fallback is not None and len(fallback) == 1


def _trimmed(forecasts, sees):
    """The mean over the first axis without the lowest and the highest, of those that see something.

    NaN where one of those is not finite: trimming is not to hide it.
    """
    ordered, count = np.sort(np.where(sees, forecasts, np.nan), axis=0), sees.sum(axis=0)  # NaN comes last
    out = (count > 2).astype(int)
    place = np.arange(len(ordered)).reshape(-1, *[1] * count.ndim)
    kept = (place >= out) & (place < count - out)
    mean = np.sum(np.where(kept, ordered, 0.0), axis=0) / (count - 2 * out)
    return np.where((sees & ~np.isfinite(forecasts)).any(axis=0), np.nan, mean)


def _equal(one, other):
    """Whether two arguments are the same; a `Training` is by its own arguments."""
    if isinstance(one, Training) and isinstance(other, Training):
        return is_same(one.get_params(deep=False), other.get_params(deep=False))
    return is_same(one, other)


def _error(targets, forecasts, levels):
    """Mean pinball loss of forecasts `(n, horizon, channels, levels)` where the target was observed."""
    errors = targets[..., None] - forecasts
    levels = np.asarray(levels)
    return np.nanmean(np.maximum(levels * errors, (levels - 1) * errors))
