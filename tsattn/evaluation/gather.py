"""The pieces of a comparison, put together."""

import numpy as np
import pandas as pd

from tsattn.evaluation.backtest import tidy
from tsattn.evaluation.insight import Looked
from tsattn.evaluation.rolling import Piece


def is_explained(key, seeds, plan):
    """Whether a task is the one that is looked into: the last fit with the first seed."""
    return key[1] in (None, seeds[0]) and key[2] == plan.parts[-1]


def insights(cuts, plan, answers, seeds):
    """By name the `Insight` of each candidate, as pandas tables."""
    back = plan.backs[-1]
    return {
        key[0]: Looked.of(piece.insight, cuts, back)
        for key, piece in answers.items()
        if isinstance(piece, Piece) and piece.insight is not None and is_explained(key, seeds, plan)
    }


def gathered(cuts, plan, tasks, answers, naive, levels, errors):
    """The forecasts of those that succeeded, what each cost, and the errors of the others.

    Args:
        cuts, plan: The data and the origins.
        tasks: Dict whose keys are candidate, seed and origins that share a fit.
        answers: Their `Piece`s, or errors.
        naive: What `naive_errors` gave.
        levels: Of the quantiles, which have columns even where all that forecast them failed.
        errors: Those of candidates that have no task.
    """
    parts, costs, errors = [], [], dict(errors)
    for name, seed in dict.fromkeys(key[:2] for key in tasks):
        pieces = [answers[name, seed, backs] for backs in plan.parts]
        if failed := [piece for piece in pieces if isinstance(piece, str)]:
            errors.setdefault(name, failed[0])
            continue
        parts.append(_of(name, seed, tidy(cuts, plan, pieces, naive)))
        costs.append(
            {
                "model": name,
                "seed": seed,
                "fit_seconds": sum(piece.fit_seconds for piece in pieces),
                "predict_ms": 1000 * sum(piece.predict_seconds for piece in pieces) / plan.windows,
                "parameters": pieces[-1].parameters,
                "fell_back": np.mean([piece.fell_back for piece in pieces]),
            }
        )
    columns = ["model", "seed", "fit_seconds", "predict_ms", "parameters", "fell_back"]
    parts = [table for table in parts if table["model"].iloc[0] not in errors]
    if not parts:
        nothing = np.full((len(cuts.layout), plan.windows, plan.horizon, cuts.panel.channels, 1), np.nan)
        parts = [_of(None, None, tidy(cuts, plan, [Piece(nothing, (), 0.0, 0.0, None)], naive))[:0]]
    forecasts = pd.concat(parts, ignore_index=True)
    forecasts[[level for level in levels if level not in forecasts]] = np.nan
    return forecasts, pd.DataFrame(costs, columns=columns).query("model not in @errors"), errors


def _of(name, seed, table):
    """The forecasts of one candidate and seed."""
    table.insert(0, "model", name)
    table.insert(1, "seed", pd.array([seed] * len(table), dtype="Int64"))
    return table


def recent(cuts, plan):
    """The end of the history, as a tidy table: series, channel, time, value."""
    steps = plan.backs[0] + 8 * plan.horizon
    values = cuts.panel.last(steps)
    times = cuts.stamps([0], range(1 - steps, 1))
    table = pd.DataFrame({"series": pd.Index(cuts.names, tupleize_cols=False).repeat(steps), "time": times})
    parts = []
    for channel, label in enumerate(cuts.channels or [None]):
        part = table.copy()
        if cuts.channels:
            part.insert(1, "channel", [label] * len(part))
        part["value"] = values[..., channel].ravel().astype("float64")
        parts.append(part)
    return pd.concat(parts, ignore_index=True).dropna(subset=["value"])
