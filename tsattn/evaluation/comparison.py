"""What a comparison found: forecasts, and all that can be read from them."""

import dataclasses
import functools
from collections.abc import Sequence
from os import PathLike

import numpy as np
import pandas as pd

from tsattn.evaluation.explain import agreement
from tsattn.evaluation.metrics import evaluate
from tsattn.evaluation.significance import Ranks, compare_losses, confidence_set, mean_ranks
from tsattn.evaluation.window_losses import LOSSES, window_losses

LEAST_SERIES = 5  # that mean ranks are shown of


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The result of `compare`.

    Args:
        forecasts: As of `backtest`, after the columns `model` and `seed`.
        costs: DataFrame model, seed, fit_seconds, predict_ms (for each origin), parameters,
            fell_back.
        errors: Of the candidates that failed, the error.
        metrics: Names for the leaderboard, the one that decides first.
        baseline: Name of the candidate that skill is measured against.
        overlap: Origins whose forecasts share a step.
        history: DataFrame series, channel, time, value: the end of what was compared on.
        insights: What each candidate looked at, a `Looked` by name.
        settings, versions, candidates: What was run: dicts of texts and numbers.
        command: What to run to get it again, as Python.
        seconds: How long all took.
    """

    forecasts: pd.DataFrame
    costs: pd.DataFrame
    errors: dict
    metrics: tuple
    baseline: str
    overlap: int
    history: pd.DataFrame
    insights: dict
    settings: dict
    versions: dict
    candidates: dict
    command: str
    seconds: float

    def evaluate(self, metrics: Sequence[str] | None = None, *, by: str | Sequence[str] = ("model",)) -> pd.DataFrame:
        """Metrics by model, seed, series, channel, origin or step, as `evaluate` gives them."""
        return evaluate(self.forecasts, metrics, by=by)

    @property
    def leading(self) -> str:
        """The metric that decides."""
        return self.metrics[0]

    @functools.cached_property
    def leaderboard(self) -> pd.DataFrame:
        """DataFrame with a row for each candidate, best first, and the columns:

        the metrics (mean over the seeds), `skill` (1 less the leading metric over that of the baseline: above 0 is
        better), `fit_seconds` (of all fits, mean over the seeds), `predict_ms` (for each origin), `parameters`,
        `seeds` (their number), `spread` (standard deviation of the leading metric over them); where a simpler
        forecast stood in for a network, `fell_back`, the share of such fits; and where a candidate failed, `error`.
        """
        seeds = self.evaluate(self.metrics, by=["model", "seed"]).groupby(level="model", sort=False)
        table = seeds.mean()
        if self.baseline in table.index:
            leading = table[self.leading]
            table["skill"] = 1 - leading / leading[self.baseline]
        costs = self.costs.groupby("model", sort=False)
        table = table.join(costs[["fit_seconds", "predict_ms"]].mean())
        table["parameters"] = costs["parameters"].first().astype("Int64")
        table["seeds"] = costs.size()
        table["spread"] = seeds[self.leading].std()
        if self.costs["fell_back"].any():
            table["fell_back"] = costs["fell_back"].mean()
        table = table.sort_values(self.leading)
        failed = pd.Series(self.errors, dtype="object", name="error")
        table = table.reindex([*table.index, *(name for name in failed.index if name not in table.index)])
        if len(failed):
            table["error"] = failed
        return table.rename_axis("model")

    @property
    def loss(self) -> str:
        """What the tests compare, in words: what the leading metric is the mean of."""
        return LOSSES[self.leading]

    @functools.cached_property
    def losses(self) -> pd.DataFrame:
        """DataFrame with a row for each origin, the earliest first, and a column for each model: the mean `loss`.

        The mean is over series, channels, steps and seeds.
        """
        return window_losses(self.forecasts, self.leading)

    @functools.cached_property
    def significance(self) -> pd.DataFrame:
        """Diebold-Mariano tests of all pairs with Holm's adjustment, as `compare_losses` gives them."""
        return compare_losses(self.losses[self._tested], horizon=self.overlap)

    @functools.cached_property
    def confidence_set(self) -> pd.DataFrame:
        """The models that may be the best with 90 % confidence, as `confidence_set` gives them."""
        return confidence_set(self.losses[self._tested], block=self.overlap)

    @functools.cached_property
    def ranks(self) -> Ranks | None:
        """The `mean_ranks` of the models over series and channels; None for fewer than 5 of these."""
        groups = ["series", *(["channel"] if "channel" in self.forecasts else [])]
        if len(self.forecasts[groups].drop_duplicates()) < LEAST_SERIES:
            return None
        scores = self.evaluate([self.leading], by=["model", *groups])[self.leading]
        return mean_ranks(scores.unstack("model")[self._tested])

    @functools.cached_property
    def by_step(self) -> pd.DataFrame:
        """The leading metric by step of the forecast: a column for each model."""
        scores = self.evaluate([self.leading], by=["model", "step"])[self.leading]
        return scores.unstack("model")[[name for name in self.leaderboard.index if name not in self.errors]]

    @property
    def _tested(self):
        """The models that have the loss, best first: without quantiles there is no CRPS."""
        return [name for name in self.leaderboard.index if name in self.losses and self.losses[name].notna().any()]

    def to_html(self, path: str | PathLike, *, title: str = "Comparison", command: str | None = None) -> None:
        """Write the report page: one file that needs no network.

        Args:
            path: Of the `.html` file; one that exists is replaced.
            title: What was compared.
            command: What to run to get it again. Defaults to `command` of the comparison.

        Raises:
            ValueError, OSError: the path cannot be written.
            ImportError: Plotly or Jinja2 is not installed.
        """
        from tsattn.report.page import Contents, write_page

        ranks = self.ranks
        contents = Contents(
            title=title,
            leaderboard=self.leaderboard,
            history=self.history,
            forecasts=self.forecasts,
            by_step=self.by_step,
            significance=self.significance,
            loss=self.loss,
            confidence_set=self.confidence_set,
            ranks=None if ranks is None else ranks.ranks,
            critical_difference=None if ranks is None else ranks.critical_difference,
            attention=self.attention,
            explained=self._by_lag(),
            agreement=self.agreement,
            teacher=self.teacher,
            settings=self.settings,
            versions=self.versions,
            command=command or self.command,
            seconds=self.seconds,
            metric=self.leading,
        )
        write_page(path, contents)

    @property
    def attention(self) -> dict[str, pd.DataFrame]:
        """By name the attention of the first series and channel from the last origin: forecast time x history time."""
        return {name: looked.weights for name, looked in self.insights.items() if looked.weights is not None}

    @property
    def agreement(self) -> dict[str, float]:
        """By name how attention by lag and the change when a lag is hidden agree: Spearman's rank correlation."""
        found = {name: looked.by_lag for name, looked in self.insights.items() if looked.by_lag is not None}
        return {name: agreement(by_lag["attention"], by_lag["occlusion"]) for name, by_lag in found.items()}

    @property
    def teacher(self) -> pd.DataFrame | None:
        """The error by step free running and with teacher forcing, of recursive candidates; None without one."""
        found = {name: looked.taught for name, looked in self.insights.items() if looked.taught is not None}
        return pd.concat(found, axis=1, names=["model", "mode"]) if found else None

    def _by_lag(self):
        found = {name: looked.by_lag for name, looked in self.insights.items() if looked.by_lag is not None}
        return pd.concat(found, names=["model"]).reset_index() if found else None

    def __repr__(self):
        with pd.option_context("display.precision", 3, "display.width", 120):
            return f"{self.leaderboard}\n{np.size(self.significance, 0)} pairs tested; {self.seconds:.0f} s"
