"""The result of a comparison: its forecasts, and the tables, tests and report derived from them."""

import dataclasses
import functools
from collections.abc import Sequence
from os import PathLike

import pandas as pd

from tsattn.evaluation.attribution import agreement
from tsattn.evaluation.leaderboard import Results, column_descriptions, leaderboard
from tsattn.evaluation.metrics import METRICS, evaluate, window_losses
from tsattn.evaluation.significance import MeanRanks, compare_losses, confidence_set, mean_ranks
from tsattn.report.verdicts import summary

MIN_SERIES = 5  # for mean ranks


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The result of `compare`.

    Args:
        forecasts: DataFrame of `backtest`, after the columns `model` and `seed`.
        costs: DataFrame with the columns model, seed, fit_seconds, predict_ms (per origin), parameters, fell_back
            and pretrained.
        errors: Dict of name to the errors of the candidates that failed.
        metrics: Names of the metrics of the leaderboard, the leading one first.
        baseline: Name of the candidate that skill refers to.
        overlap: Number of consecutive windows that share a forecast step.
        history: DataFrame with the columns series, channel (if several), time and value: the end of the history.
        insights: Dict of name to the `InsightTables` of a candidate.
        settings, versions, candidates: Dicts that describe the run.
        command: Python code that reproduces the comparison.
        seconds: Seconds that the comparison took.
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
        """Compute metrics by model, seed, series, channel, origin or step, as `evaluate` does."""
        return evaluate(self.forecasts, metrics, by=by)

    @property
    def leading(self) -> str:
        """The leading metric."""
        return self.metrics[0]

    @functools.cached_property
    def leaderboard(self) -> pd.DataFrame:
        """DataFrame with one row per candidate, best first.

        The metrics (means over the seeds) are followed by `skill` (1 minus the ratio of the leading metric to that of
        the baseline; above 0 is better than the baseline), `fit_seconds` (of all fits, mean over the seeds),
        `predict_ms` (per origin), `parameters`, `seeds` (their number) and `spread` (standard deviation of the leading
        metric over the seeds). `fell_back`, the share of fits in which a simpler forecast replaced that of a network,
        `pretrained`, the names of the pretrained networks from which the fits started, and `error` are present if they
        apply.
        """
        scores = self.evaluate(self.metrics, by=["model", "seed"])
        return leaderboard(Results(scores, self.costs, self.leading, self.baseline), self.errors)

    @property
    def loss(self) -> str:
        """Description of the tested loss, of which the leading metric is the mean."""
        return METRICS[self.leading].loss_name

    @functools.cached_property
    def losses(self) -> pd.DataFrame:
        """DataFrame of the mean `loss`, with one row per origin, the earliest first, and one column per model.

        The mean is over series, channels, steps and seeds.
        """
        return window_losses(self.forecasts, self.leading)

    @functools.cached_property
    def significance(self) -> pd.DataFrame:
        """Diebold-Mariano tests of all pairs with Holm's adjustment, as returned by `compare_losses`."""
        return compare_losses(self.losses[self._tested], horizon=self.overlap)

    @functools.cached_property
    def confidence_set(self) -> pd.DataFrame:
        """The set of models that contains the best one with 90 % confidence, as returned by `confidence_set`."""
        return confidence_set(self.losses[self._tested], block=self.overlap)

    @functools.cached_property
    def ranks(self) -> MeanRanks | None:
        """The `mean_ranks` of the models over series and channels; None for fewer than 5 of them."""
        groups = ["series", *(["channel"] if "channel" in self.forecasts else [])]
        if len(self.forecasts[groups].drop_duplicates()) < MIN_SERIES:
            return None
        scores = self.evaluate([self.leading], by=["model", *groups])[self.leading]
        return mean_ranks(scores.unstack("model")[self._tested])

    def summary(self) -> str:
        """Summarize in sentences the tests of pairs, of all models together, and of ranks over many series."""
        return summary(self.significance, self.loss, self.confidence_set, self.ranks)

    @functools.cached_property
    def by_step(self) -> pd.DataFrame:
        """DataFrame of the leading metric with one row per forecast step and one column per model."""
        scores = self.evaluate([self.leading], by=["model", "step"])[self.leading]
        return scores.unstack("model")[[name for name in self.leaderboard.index if name not in self.errors]]

    @property
    def _tested(self):
        """The models with a defined loss, best first. Without quantiles, for example, the CRPS is undefined."""
        return [name for name in self.leaderboard.index if name in self.losses and self.losses[name].notna().any()]

    def to_html(
        self, path: str | PathLike, *, title: str = "Comparison", command: str | None = None, overwrite: bool = False
    ) -> None:
        """Write the report page: one HTML file that works offline.

        Args:
            path: Path of the `.html` file.
            title: Title of the page. Defaults to "Comparison".
            command: Command that reproduces the comparison. Defaults to the attribute `command`.
            overwrite: If True, replace an existing file. Defaults to False.

        Raises:
            FileExistsError: If the file exists and `overwrite` is False.
            ValueError, OSError: If the file cannot be written.
            ImportError: If plotly or Jinja2 is not installed.
        """
        from tsattn.report.page import write_page

        write_page(path, self._contents(title, command), overwrite=overwrite)

    def _html(self, title, command):
        """Return the bytes of the report page, for the command line, which writes several files together."""
        from tsattn.report.page import encode_page

        return encode_page(self._contents(title, command))

    def _contents(self, title, command):
        from tsattn.report.page import Contents

        ranks = self.ranks
        return Contents(
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
            columns=column_descriptions(self.leading),
        )

    @property
    def attention(self) -> dict[str, pd.DataFrame]:
        """Dict of name to attention weights, forecast time x history time.

        The weights are for the first series and channel at the last origin.
        """
        return {name: insight.weights for name, insight in self.insights.items() if insight.weights is not None}

    @property
    def agreement(self) -> dict[str, float]:
        """Dict of name to Spearman's rank correlation between attention and the effect of occlusion, by lag."""
        tables = self._tables_by_lag()
        return {name: agreement(table["attention"], table["occlusion"]) for name, table in tables.items()}

    @property
    def teacher(self) -> pd.DataFrame | None:
        """DataFrame of the error by step, free running and with teacher forcing; None without recursive candidates."""
        tables = {name: insight.errors for name, insight in self.insights.items() if insight.errors is not None}
        return pd.concat(tables, axis=1, names=["model", "mode"]) if tables else None

    def _tables_by_lag(self):
        return {name: insight.by_lag for name, insight in self.insights.items() if insight.by_lag is not None}

    def _by_lag(self):
        tables = self._tables_by_lag()
        return pd.concat(tables, names=["model"]).reset_index() if tables else None

    def __repr__(self):
        with pd.option_context("display.precision", 3, "display.width", 120):
            return f"{self.leaderboard}\n{len(self.significance)} pairs tested; {self.seconds:.0f} s"
