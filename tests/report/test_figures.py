"""Figures: lines, gaps, labels and panels."""

import builtins
import io

import numpy as np
import pandas as pd
import pytest

from tsattn.report.figures import MAX_PANELS, plot_attention, plot_forecast

matplotlib_figure = pytest.importorskip("matplotlib.figure")

STEPS, HORIZON = 100, 5
INDEXES = {
    "days": pd.date_range("2024-01-01", periods=STEPS, name="day"),
    "hours with a clock change": pd.date_range("2024-03-29", periods=STEPS, freq="h", tz="Europe/Berlin"),
    "periods": pd.period_range("2001-01", periods=STEPS, freq="M"),
    "integers": pd.RangeIndex(10, 10 + STEPS),
    "ISO text": pd.date_range("2024-01-01", periods=STEPS).strftime("%Y-%m-%d"),
}


def png(figure):
    assert isinstance(figure, matplotlib_figure.Figure)
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=40)  # warnings are errors, so this also tests layout and fonts
    return content.getvalue()


def series(index, name="y"):
    return pd.Series(np.arange(len(index), dtype=float), index=index, name=name)


def lines(axes):
    return {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}


def texts(axis):
    return [tick.get_text() for tick in axis.get_ticklabels()]


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
@pytest.mark.parametrize("frame", [False, True])
def test_plot_forecast_accepts_every_kind_of_index(index, frame):
    y = series(index)
    y = pd.DataFrame({"a": y, "b": -y}) if frame else y
    figure = plot_forecast(y[:-HORIZON], y[-HORIZON:] + 1, actual=y[-HORIZON:])
    assert png(figure)
    assert len(figure.axes) == (2 if frame else 1)
    assert [axes.get_ylabel() for axes in figure.axes] == (["a", "b"] if frame else ["y"])
    assert figure.axes[-1].get_xlabel() == (index.name or "time")
    plotted = lines(figure.axes[0])
    assert [len(line.get_ydata()) for line in plotted.values()] == [48, HORIZON, HORIZON]
    assert plotted["forecast"].get_ydata()[0] == STEPS - HORIZON + 1
    assert plotted["history"].get_xdata().max() < plotted["forecast"].get_xdata().min()
    assert (np.diff(plotted["history"].get_xdata(orig=False)) > 0).all()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["history", "forecast", "actual"]


def test_eight_horizons_of_history_are_shown():
    y = series(INDEXES["days"])
    figure = plot_forecast(y[:-7], y[-7:])
    assert len(lines(figure.axes[0])["history"].get_ydata()) == 56
    assert list(lines(figure.axes[0])) == ["history", "forecast"]


def test_vertical_line_marks_the_end_of_the_history():
    y = series(INDEXES["integers"])
    figure = plot_forecast(y[:-HORIZON].sample(frac=1, random_state=0), y[-HORIZON:])
    origin = figure.axes[0].lines[-1]
    assert set(origin.get_xdata()) == {y.index[-HORIZON - 1]}
    assert list(lines(figure.axes[0])["history"].get_ydata()) == list(y[-HORIZON - 48 : -HORIZON])


def test_missing_values_are_gaps_and_isolated_values_are_dots():
    y = series(INDEXES["days"])
    y.iloc[[-20, -18]] = np.nan
    axes = plot_forecast(y, y[-1:].astype("Float64")).axes[0]
    assert np.isnan(lines(axes)["history"].get_ydata()).sum() == 2
    dots = [line.get_ydata().tolist() for line in axes.lines if line.get_marker() == "." and len(line.get_ydata())]
    assert dots == [[STEPS - 19], [STEPS - 1]]


def test_names_are_not_parsed_as_formulas():
    y = series(INDEXES["days"].rename("$t$"), name="cost_$ in $")
    axes = plot_forecast(y, y[-3:]).axes[0]
    assert not axes.yaxis.label.get_parse_math()
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("cost_$ in $", "$t$")
    assert plot_forecast(y.rename(None), y[-3:].rename("other")).axes[0].get_ylabel() == "value"


def test_times_are_shown_in_their_time_zone():
    y = series(pd.date_range("2024-07-01", periods=24, freq="h", tz="Asia/Kolkata"))
    figure = plot_forecast(y[:-1], y[-1:])
    png(figure)
    assert str(figure.axes[0].xaxis.get_major_formatter()._tz) == "Asia/Kolkata"


def test_excess_channels_are_omitted_with_a_warning():
    y = pd.DataFrame(np.zeros((20, MAX_PANELS + 1)), index=INDEXES["days"][:20])
    with pytest.warns(UserWarning, match="first 24 of 25 channels"):
        figure = plot_forecast(y, y[-2:])
    assert len(figure.axes) == MAX_PANELS
    assert figure.get_figheight() <= 24


Y = series(INDEXES["days"])
FRAME = pd.DataFrame({"a": Y, "b": Y})
INVALID = {
    "a list": (lambda: plot_forecast([1, 2], Y), TypeError, "`history` is a list"),
    "a frame for a series": (
        lambda: plot_forecast(Y, FRAME),
        TypeError,
        "`forecast` is a DataFrame.*must be a pandas Series like `history`",
    ),
    "a series for a frame": (lambda: plot_forecast(FRAME, FRAME, actual=Y), TypeError, "`actual` is a Series"),
    "no rows": (lambda: plot_forecast(Y, Y[:0]), ValueError, "`forecast` is empty"),
    "a missing column": (lambda: plot_forecast(FRAME, FRAME[["b"]]), ValueError, r"`forecast` lacks.*\['a'\]"),
    "text": (lambda: plot_forecast(Y.astype(str), Y), TypeError, "'y' of `history` has the dtype"),
    "text as times": (
        lambda: plot_forecast(Y.set_axis(list("ab") * 50), Y),
        TypeError,
        "`history` has an index.*'a', but must have dates",
    ),
    "mixed times": (
        lambda: plot_forecast(Y, Y.reset_index(drop=True)),
        TypeError,
        "`forecast` has an index of int64, but `history` has one of datetime64",
    ),
    "weights in a series": (lambda: plot_attention(Y), TypeError, "`weights` is a Series.*attention_weights"),
    "no weights": (lambda: plot_attention(FRAME[:0]), ValueError, "`weights` is empty"),
    "weights of text": (lambda: plot_attention(FRAME.astype(str)), TypeError, "'a' of `weights` has the dtype"),
    "columns of two levels": (
        lambda: plot_attention(FRAME.set_axis([["x", "x"], ["a", "b"]], axis=1)),
        ValueError,
        "2 column levels",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), INVALID.values(), ids=INVALID)
def test_invalid_arguments_raise(call, error, message):
    with pytest.raises(error, match=message):
        call()


LABELS = {
    "days": "2024-01-01",
    "hours with a clock change": "2024-03-29\n00:00",
    "periods": "2001-01",
    "integers": "10",
    "ISO text": "2024-01-01",
}


@pytest.mark.parametrize("kind", INDEXES)
def test_plot_attention_accepts_every_kind_of_index(kind):
    index = INDEXES[kind]
    weights = pd.DataFrame(np.random.default_rng(0).random((12, 30)), index=index[:12], columns=index[:30])
    figure = plot_attention(weights)
    assert png(figure)
    axes, bar = figure.axes
    assert np.array_equal(axes.images[0].get_array(), weights)
    assert (axes.get_xlabel(), axes.get_ylabel(), bar.get_ylabel()) == ("history", "forecast", "attention weight")
    assert texts(axes.xaxis)[0] == texts(axes.yaxis)[0] == LABELS[kind]
    assert len(texts(axes.xaxis)) <= 6 and len(texts(axes.yaxis)) <= 6


def test_weeks_and_months_have_short_labels():
    weeks, months = pd.period_range("2024-01-01", periods=4, freq="W-SUN"), pd.date_range("2024", periods=3, freq="MS")
    axes = plot_attention(pd.DataFrame(np.ones((4, 3)) / 3, index=weeks, columns=months)).axes[0]
    assert texts(axes.yaxis)[:2] == ["2024-01-01", "2024-01-08"]
    assert texts(axes.xaxis) == ["2024-01", "2024-02", "2024-03"]


@pytest.mark.parametrize("channels", [2, 7])
def test_channels_are_heat_maps_with_a_common_scale(channels):
    tables = [pd.DataFrame(np.full((3, 2), 0.1 * n), index=[7, 8, 9], columns=[5, 6]) for n in range(channels)]
    names = [f"c{n}" for n in range(channels)]
    figure = plot_attention(pd.concat(tables, keys=names, names=["channel", "time"]))
    assert png(figure)
    panels = [axes for axes in figure.axes if axes.images and axes.get_visible()]
    assert [axes.texts[0].get_text() for axes in panels] == names
    assert [axes.images[0].get_clim() for axes in panels] == [(0, pytest.approx(0.1 * (channels - 1)))] * channels
    assert (figure.get_supxlabel(), figure.get_supylabel()) == ("history", "forecast")


def test_missing_matplotlib_names_the_extra(monkeypatch):
    imported = builtins.__import__

    def without_matplotlib(name, *arguments, **options):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return imported(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_matplotlib)
    with pytest.raises(ImportError, match=r'pip install "tsattn\[plot\]"'):
        plot_forecast(Y, Y)


@pytest.mark.parametrize("columns", [None, ["a"], ["a", "b"], [("x", "a"), ("x", "b")]], ids=str)
def test_interval_is_a_band(columns):
    y = series(INDEXES["days"])
    interval = pd.DataFrame({"lower": y[-HORIZON:] - 2, "upper": y[-HORIZON:] + 3})
    if columns:
        y = pd.DataFrame(dict.fromkeys(columns, y))
        interval = pd.concat({column: interval - place for place, column in enumerate(columns)}, axis=1)
    figure = plot_forecast(y[:-HORIZON], y[-HORIZON:], interval=interval)
    assert png(figure)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["history", "forecast", "interval"]
    for place, axes in enumerate(figure.axes):
        heights = axes.collections[0].get_paths()[0].vertices[:, 1]
        assert (heights.min(), heights.max()) == (STEPS - HORIZON - 2 - place, STEPS - 1 + 3 - place)


def test_many_series_raise():
    y = pd.concat({"a": series(INDEXES["days"])}, names=["shop"])
    with pytest.raises(ValueError, match=r"`history` holds many series.*history\.loc"):
        plot_forecast(y, y)


def test_interval_of_another_forecast_raises():
    y = series(INDEXES["days"])
    interval = pd.DataFrame({"lower": y[-HORIZON:], "upper": y[-HORIZON:]})
    with pytest.raises(
        ValueError, match=r"`interval` must be a DataFrame with the index of `forecast`.*predict_interval"
    ):
        plot_forecast(y[:-HORIZON], y[-HORIZON:], interval=interval[1:])
    with pytest.raises(ValueError, match=r"lacks the column\(s\) \['upper'\]"):
        plot_forecast(y[:-HORIZON], y[-HORIZON:], interval=interval[["lower"]])
