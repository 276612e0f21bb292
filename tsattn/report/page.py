"""The HTML report of a comparison: one file, generated from pandas tables, that works offline."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from tsattn._utils.atomic_write import check_target, write_atomic
from tsattn.report import charts
from tsattn.report.plotly_values import MISSING, model_styles, text
from tsattn.report.verdicts import LEVEL, confidence_set_verdict, p_value_text, pair_verdict, ranks_verdict

REQUIRED_COLUMNS = {
    "history": ("series", "time", "value"),
    "forecasts": ("model", "seed", "series", "origin", "time", "actual", "forecast"),
    "significance": ("model_a", "model_b", "mean_difference", "statistic", "p_value", "p_adjusted", "note"),
    "confidence_set": ("p_value", "included", "note"),
    "explained": ("model", "lag", "attention", "occlusion"),
}


@dataclass(frozen=True)
class ColumnDescription:
    """Description of a column of the leaderboard on the page.

    Args:
        heading: Heading of the column.
        meaning: What the column holds, for the legend.
        better: `"lower"` or `"higher"`, to highlight the best value; `""` if neither is better.
    """

    heading: str
    meaning: str
    better: str = ""


@dataclass(frozen=True)
class Contents:
    """Contents of the page. A part that is None, NaN or empty is omitted.

    Args:
        title: Heading, such as "air_passengers, horizon 12".
        leaderboard: DataFrame with one row per model, best first. A column `error` holds the errors of failed models.
        columns: Dict of column names of the leaderboard to `ColumnDescription`. Other columns are shown with their
            names.
        metric: Column of the leaderboard that it is sorted by. Defaults to the first.
        history: DataFrame with the columns series, channel (optional), time and value.
        forecasts: DataFrame with the columns model, seed, series, channel (optional), origin, time, actual, forecast
            and optional columns of quantiles, labeled by their levels as floats.
        by_step: DataFrame of the leading metric, with one row per forecast step and one column per model.
        significance: DataFrame with the columns model_a, model_b, mean_difference (mean loss of a minus that of b),
            statistic, p_value, p_adjusted and note.
        loss: Description of the tested loss.
        confidence_set: DataFrame with one row per model and the columns p_value, included and note.
        ranks: Series of the mean rank of each model over many series.
        critical_difference: Difference above which mean ranks differ significantly.
        attention: Dict of model to the DataFrame of `attention_weights`.
        explained: DataFrame with the columns model, lag, attention (of `weights_by(weights, "lag")`) and occlusion.
        agreement: Dict of model to the rank correlation of attention and occlusion.
        teacher: DataFrame of `teacher_gap` with the columns (model, "teacher forcing") and (model, "free running").
        settings: Dict of name to text or number.
        versions: Dict of library to version.
        command: Command or code that reproduces the results.
        seconds: Seconds that the comparison took.
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
    columns: Mapping[str, ColumnDescription] = field(default_factory=dict)


def write_page(path, contents, overwrite=False):
    """Write the report page: one HTML file that contains its charts, its data and plotly.js.

    Args:
        path: Path of the file, which must end in `.html`.
        contents: A `Contents`.
        overwrite: If True, replace an existing file once the new one is complete. Defaults to False.

    Returns:
        The `pathlib.Path` of the page.

    Raises:
        ValueError: If `path` does not end in `.html`, there are no models, or a table lacks columns.
        FileExistsError: If the file exists and `overwrite` is False.
        OSError: If the folder does not exist or is not writable.
        ImportError: If plotly or Jinja2 is not installed.

    Example:

    >>> import tempfile
    >>> import pandas as pd
    >>> from tsattn.report.page import Contents, write_page
    >>> board = pd.DataFrame({"MASE": [0.8, 1.1]}, index=["attention", "lstm"])
    >>> write_page(tempfile.mkdtemp() + "/report.html", Contents("air_passengers", board)).name
    'report.html'
    """
    check_path(path)
    check_target(path, overwrite)
    write_atomic(path, encode_page(contents), overwrite=overwrite)
    return Path(path)


def encode_page(contents):
    """Return the report page as bytes; see `write_page`."""
    return _render(contents).encode("utf-8", errors="replace")


def check_path(path):
    """Check that a page can be written, before it is computed.

    Args:
        path: Path of the file, which must end in `.html`.

    Raises:
        ValueError: If `path` does not end in `.html`.
        OSError: If the folder does not exist or is not writable, or `path` is a folder.
        ImportError: If plotly or Jinja2 is not installed.
    """
    path = Path(path)
    if path.suffix.lower() != ".html":
        raise ValueError(f"The path of the report is {str(path)!r}, but must end in .html. Rename it.")
    if path.is_dir():
        raise IsADirectoryError(f"The path of the report, {str(path)!r}, is a folder. Pass the path of a file in it.")
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        raise FileNotFoundError(
            f"The folder {str(folder)!r} of the report does not exist. Create it, or pass another path."
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"The folder {str(folder)!r} of the report is not writable. Pass another path.")
    _libraries()


def _libraries():
    try:
        import jinja2
        from plotly.offline import get_plotlyjs
    except ImportError as error:
        raise ImportError(
            'The report requires plotly and Jinja2. Install them with: pip install "tsattn[report]"'
        ) from error
    return jinja2, get_plotlyjs


def _render(contents):
    jinja2, get_plotlyjs = _libraries()
    names = [part.name for part in fields(contents)]
    parts = {name: part for name in names if not _is_empty(part := getattr(contents, name))}
    _check_tables(parts)
    board = contents.leaderboard
    metric, styles = parts.get("metric", board.columns[0]), model_styles(_models(parts))
    failed = board["error"].notna() if "error" in board else pd.Series(False, index=board.index)
    draw = {
        "forecasts": lambda table: charts.forecast_windows(parts.get("history"), table, styles),
        "by_step": lambda table: charts.error_by_step(table, metric, styles),
        "ranks": lambda ranks: charts.rank_diagram(ranks, parts.get("critical_difference"), styles),
        "attention": charts.attention_maps,
        "explained": lambda table: charts.attention_by_lag(table, styles),
        "teacher": lambda table: charts.teacher_forcing(table, styles),
    }
    engine = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    engine.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    engine.filters |= {
        "text": text,
        "column": _column,
        "p_value": p_value_text,
        "duration": _duration,
        "pair_verdict": pair_verdict,
        "confidence_set_verdict": confidence_set_verdict,
        "ranks_verdict": ranks_verdict,
    }
    template = engine.from_string(resources.files("tsattn.report").joinpath("page.html").read_text(encoding="utf-8"))
    return template.render(
        **{name: parts.get(name) for name in names} | {"metric": metric, "columns": contents.columns},
        board=board[~failed | board[metric].notna()].drop(columns="error", errors="ignore"),  # some seeds may fail
        failures=board[failed],
        data={name: chart for name in draw if name in parts and (chart := draw[name](parts[name]))},
        level=LEVEL,
        common_note=_common_note(parts.get("significance")),
        plotly=get_plotlyjs(),
    )


def _is_empty(part):
    if isinstance(part, pd.DataFrame | pd.Series):
        return part.size == 0
    return part is None or part in (0, {}) or (isinstance(part, float) and math.isnan(part))


def _common_note(tests):
    """Return the note that all tests share, or an empty string if there is none."""
    notes = [] if tests is None else [note or "" for note in tests["note"].unique()]
    return notes[0] if len(notes) == 1 else ""


def _check_tables(parts):
    if not isinstance(parts.get("leaderboard"), pd.DataFrame):
        raise ValueError("`leaderboard` has no models or no columns. Pass a DataFrame with one row per model.")
    for name, required in REQUIRED_COLUMNS.items():
        if name in parts and (missing := [column for column in required if column not in parts[name]]):
            raise ValueError(
                f"`{name}` has the columns {list(parts[name].columns)}, but requires {list(required)}. "
                f"Add the column(s) {missing}."
            )


def _models(parts):
    """Return the names of all models on the page, starting with those of the leaderboard."""
    names = list(parts["leaderboard"].index)
    for part in ("forecasts", "explained"):
        names += list(parts[part]["model"].unique()) if part in parts else []
    for part in ("by_step", "teacher"):
        names += list(parts[part].columns.get_level_values(0)) if part in parts else []
    return list(dict.fromkeys([*names, *parts.get("ranks", pd.Series()).index]))


def _column(values, better=""):
    """Format a column of a table.

    Args:
        values: Series of numbers, booleans or labels.
        better: As in `ColumnDescription`.

    Returns:
        Dict of the `texts`, whether they are a `number`, and the rows of the `best`.
    """
    values = values.convert_dtypes()  # objects of numbers and None become numbers
    if pd.api.types.is_bool_dtype(values):
        values = values.map({True: "yes", False: "no"})
    if not pd.api.types.is_numeric_dtype(values):
        return {"texts": [text(value) for value in values], "number": False, "best": []}
    numbers = values.to_numpy("float64", na_value=np.nan)
    sizes = np.abs(numbers[np.isfinite(numbers) & (numbers != 0)])
    digits = [_decimals(np.median(sizes))] * len(numbers) if len(sizes) else [0] * len(numbers)
    if len(sizes) and sizes.max() > 1000 * sizes.min():  # the range is too large for a common number of decimals
        digits = [_decimals(number) for number in numbers]
    if np.array_equal(sizes, np.floor(sizes)):
        digits = [0] * len(numbers)
    texts = [
        f"{number:,.{decimals}f}".replace("-", "\u2212") if math.isfinite(number) else MISSING
        for number, decimals in zip(numbers, digits, strict=True)
    ]
    best = {"lower": np.fmin, "higher": np.fmax}[better].reduce(numbers, initial=math.nan) if better else math.nan
    return {"texts": texts, "number": True, "best": np.flatnonzero(numbers == best).tolist()}


def _decimals(number):
    """Return the decimal places that show three significant digits of a number."""
    return min(max(2 - math.floor(math.log10(abs(number))), 0), 9) if math.isfinite(number) and number else 0


def _duration(seconds):
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes = int(seconds) // 60
    return f"{minutes} min {int(seconds) % 60} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
