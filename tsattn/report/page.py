"""The HTML page of a comparison: plain pandas tables in, one file out that needs no network."""

import math
import os
from dataclasses import dataclass, field, fields
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from tsattn._utils.atomic_write import write_atomic
from tsattn.report import charts
from tsattn.report.drawn import NOTHING, model_styles, text

LEVEL = 0.05  # at which two models are told apart
NEEDED = {
    "history": ("series", "time", "value"),
    "forecasts": ("model", "seed", "series", "origin", "time", "actual", "forecast"),
    "significance": ("model_a", "model_b", "mean_difference", "statistic", "p_value", "p_adjusted", "note"),
    "confidence_set": ("p_value", "included", "note"),
    "explained": ("model", "lag", "attention", "occlusion"),
}


@dataclass(frozen=True)
class Contents:
    """What the page shows. A part that is None or empty is left out.

    Args:
        title: Heading, such as "air_passengers, horizon 12".
        leaderboard: DataFrame with a row for each model, best first. Where a model failed, its column `error` says why.
        history: DataFrame with the columns series, perhaps channel, time and value.
        forecasts: DataFrame with the columns model, seed, series, perhaps channel, origin, time, actual and forecast,
            and perhaps quantiles, whose labels are floats.
        by_step: DataFrame of the leading metric: a row for each step ahead, a column for each model.
        significance: DataFrame with the columns model_a, model_b, mean_difference (of the losses, a less b), statistic,
            p_value, p_adjusted and note.
        loss: What it compares, in words.
        confidence_set: DataFrame with a row for each model and the columns p_value, included and note.
        ranks: Series of the mean rank of each model over many series.
        critical_difference: How far mean ranks must lie apart to be told apart.
        attention: Dict of model to what `attention_weights()` gave.
        explained: DataFrame with the columns model, lag, attention (`weights_by(weights, "lag")`) and `occlusion`.
        agreement: Dict of model to the rank correlation of these two.
        teacher: What `teacher_gap` gave, with the columns (model, "teacher forcing") and (model, "free running").
        settings: Dict of name to text or number.
        versions: Dict of library to version.
        command: What to run to get the numbers again.
        seconds: How long that took.
        metric: Column of the leaderboard that it is sorted by. Defaults to None, its first.
    """

    title: str
    leaderboard: pd.DataFrame
    history: pd.DataFrame | None = None
    forecasts: pd.DataFrame | None = None
    by_step: pd.DataFrame | None = None
    significance: pd.DataFrame | None = None
    loss: str | None = None
    confidence_set: pd.DataFrame | None = None
    ranks: pd.Series | None = None
    critical_difference: float | None = None
    attention: dict = field(default_factory=dict)
    explained: pd.DataFrame | None = None
    agreement: dict = field(default_factory=dict)
    teacher: pd.DataFrame | None = None
    settings: dict = field(default_factory=dict)
    versions: dict = field(default_factory=dict)
    command: str | None = None
    seconds: float | None = None
    metric: str | None = None


def write_page(path, contents):
    """Write the page of a comparison: one HTML file with its charts, its data and plotly.js in it.

    A file of that name is replaced, and only once the new one is complete.

    Args:
        path: Where to, a name that ends in .html.
        contents: A `Contents`.

    Returns:
        The `pathlib.Path` of the page.

    Raises:
        ValueError: another ending, no models, or a table that lacks columns.
        OSError: the folder does not exist or cannot be written to.
        ImportError: plotly or Jinja2 is not installed.

    Example:

    >>> import tempfile
    >>> import pandas as pd
    >>> from tsattn.report.page import Contents, write_page
    >>> board = pd.DataFrame({"MASE": [0.8, 1.1]}, index=["attention", "lstm"])
    >>> write_page(tempfile.mkdtemp() + "/report.html", Contents("air_passengers", board)).name
    'report.html'
    """
    check_path(path)
    write_atomic(path, _rendered(contents).encode("utf-8", errors="replace"), overwrite=True)
    return Path(path)


def check_path(path):
    """Make sure, before any work is done, that a page can be written.

    Args:
        path: Where to, a name that ends in .html.

    Raises:
        ValueError: another ending.
        OSError: the folder does not exist or cannot be written to, or a folder has that name.
        ImportError: plotly or Jinja2 is not installed.
    """
    path = Path(path)
    if path.suffix.lower() != ".html":
        raise ValueError(f"The report goes to {str(path)!r}, but a name that ends in .html is needed. Rename it.")
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder, but the report is a file. Pass a name inside it.")
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        raise FileNotFoundError(f"The folder {str(folder)!r} of the report does not exist. Create it, or pass another.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"The folder {str(folder)!r} of the report cannot be written to. Pass another.")
    _libraries()


def _libraries():
    try:
        import jinja2
        from plotly.offline import get_plotlyjs
    except ImportError as problem:
        raise ImportError('The report needs plotly and Jinja2: pip install "tsattn[report]"') from problem
    return jinja2, get_plotlyjs


def _rendered(contents):
    jinja2, get_plotlyjs = _libraries()
    given = {part.name: getattr(contents, part.name) for part in fields(contents)}
    given = {
        name: part for name, part in given.items() if part is not None and getattr(part, "size", part) not in (0, {})
    }
    _check(given)
    board = contents.leaderboard
    metric, styles = given.get("metric", board.columns[0]), model_styles(_models(given))
    failed = board["error"].notna() if "error" in board else pd.Series(False, index=board.index)
    draw = {
        "forecasts": lambda table: charts.forecast_windows(given.get("history"), table, styles),
        "by_step": lambda table: charts.error_by_step(table, metric, styles),
        "ranks": lambda ranks: charts.rank_diagram(ranks, given.get("critical_difference"), styles),
        "attention": charts.attention_maps,
        "explained": lambda table: charts.lags(table, styles),
        "teacher": lambda table: charts.teacher_gap(table, styles),
    }
    engine = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    engine.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    engine.filters |= {
        "text": text,
        "column": _column,
        "chance": _chance,
        "duration": _duration,
        "verdict": _verdict,
    }
    template = engine.from_string(resources.files("tsattn.report").joinpath("page.html").read_text(encoding="utf-8"))
    return template.render(
        **{part.name: given.get(part.name) for part in fields(contents)} | {"metric": metric},
        board=board[~failed | board[metric].notna()].drop(columns="error", errors="ignore"),  # some seeds may fail
        failures=board[failed],
        data={name: drawn for name in draw if name in given and (drawn := draw[name](given[name]))},
        plotly=get_plotlyjs(),
    )


def _check(given):
    if not isinstance(given.get("leaderboard"), pd.DataFrame):
        raise ValueError("`leaderboard` has no models or no columns. Pass a DataFrame with a row for each model.")
    for name, needed in NEEDED.items():
        if name in given and (missing := [column for column in needed if column not in given[name]]):
            found = list(given[name].columns)
            raise ValueError(
                f"`{name}` has the columns {found}, but needs {list(needed)}. Add the column(s) {missing}."
            )


def _models(given):
    """Every model of the page, those of the leaderboard first."""
    names = list(given["leaderboard"].index)
    for part in ("forecasts", "explained"):
        names += list(given[part]["model"].unique()) if part in given else []
    for part in ("by_step", "teacher"):
        names += list(given[part].columns.get_level_values(0)) if part in given else []
    return list(dict.fromkeys([*names, *given.get("ranks", pd.Series()).index]))


def _column(values, better=None):
    """A column for the template: its `texts`, whether they are numbers, and the places of the best, if asked for."""
    values = values.convert_dtypes()  # numbers among None are numbers
    if pd.api.types.is_bool_dtype(values):
        values = values.map({True: "yes", False: "no"})
    if not pd.api.types.is_numeric_dtype(values):
        return {"texts": [text(value) for value in values], "number": False, "best": []}
    numbers = values.to_numpy("float64", na_value=np.nan)
    sizes = np.abs(numbers[np.isfinite(numbers) & (numbers != 0)])
    digits = [_digits(np.median(sizes))] * len(numbers) if len(sizes) else [0] * len(numbers)
    if len(sizes) and sizes.max() > 1000 * sizes.min():  # one number of digits would not do
        digits = [_digits(number) for number in numbers]
    if np.array_equal(sizes, np.floor(sizes)):
        digits = [0] * len(numbers)
    texts = [
        f"{number:,.{places}f}".replace("-", "\u2212") if math.isfinite(number) else NOTHING
        for number, places in zip(numbers, digits, strict=True)
    ]
    best = {"less": np.fmin, "more": np.fmax}[better].reduce(numbers, initial=math.nan) if better else math.nan
    return {"texts": texts, "number": True, "best": np.flatnonzero(numbers == best).tolist()}


def _digits(number):
    """Decimal places that show three digits of a number."""
    return min(max(2 - math.floor(math.log10(abs(number))), 0), 9) if math.isfinite(number) and number else 0


def _chance(p_value):
    if not p_value >= 0:
        return NOTHING
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def _duration(seconds):
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes = int(seconds) // 60
    return f"{minutes} min {int(seconds) % 60} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _verdict(row):
    """What a row of `significance` says."""
    if not row.p_adjusted < LEVEL:
        return "not told apart" if row.p_adjusted >= LEVEL else "not tested"
    better, worse = (row.model_a, row.model_b) if row.mean_difference < 0 else (row.model_b, row.model_a)
    return f"{text(better)} is better than {text(worse)}"
