"""`tsattn forecast`: what follows a series."""

import warnings
from pathlib import Path
from typing import Annotated

import typer

import tsattn
from tsattn.cli.models import Kind, Model, Seed, made
from tsattn.cli.outputs import Overwrite, Quiet, drawing, refuse_outputs, write_all
from tsattn.cli.reading import File, Freq, Ids, Season, Target, Time, read
from tsattn.cli.telling import rows, told_to_people


def forecast(
    file: File,
    horizon: Annotated[int, typer.Option(min=1, help="Steps to forecast.")],
    model: Kind = Model.attention,
    target: Target = None,
    time: Time = None,
    ids: Ids = None,
    season: Season = None,
    freq: Freq = None,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Write the forecast to this CSV file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the forecast to this .png, .pdf or .svg file.")] = None,
    plot_attention: Annotated[Path | None, typer.Option(help="Draw the attention weights likewise.")] = None,
    save: Annotated[Path | None, typer.Option(help="Write the forecaster to this .tsattn file, for `predict`.")] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Forecast what follows a series, after measuring the error on its last horizon."""
    outputs = {"--out": out, "--plot": plot, "--plot-attention": plot_attention, "--save": save}
    refuse_outputs(file, outputs, overwrite)
    if plot_attention and model not in (Model.attention, Model.transformer):
        raise typer.BadParameter(
            f"{model} has no attention weights: use attention or transformer.", param_hint="--model"
        )
    if ids and (plot or plot_attention):
        raise typer.BadParameter("many series are not drawn: leave out --plot and --plot-attention.", param_hint="--id")
    with told_to_people():
        note = (lambda text: None) if quiet else (lambda text: typer.echo(text, err=True))
        y, options = read(file, time, ids, target, horizon, season, freq)
        forecaster = made(model, options, seed, verbose=not quiet)
        first, last = y.index.get_level_values(-1).sort_values()[[0, -1]].astype(str)
        note(f"Read {len(y)} rows from {first} to {last}. Fitting {model} without the last {horizon}.")
        unmeasured = None
        try:
            errors = _errors(
                {model: forecaster, Model.seasonal_naive: tsattn.SeasonalNaiveForecaster(**options)}, y, horizon
            )
            typer.echo(f"Error on the last {horizon} rows, held out:\n{errors}\n")
        except ValueError as problem:
            unmeasured = problem
        note(f"Fitting {model} on all rows.")
        ahead = forecaster.fit(y).predict()
        if unmeasured:  # said only here: if all rows do not do either, that error is enough
            warnings.warn(
                f"The error is not measured. With the last {horizon} rows held out: {unmeasured}", stacklevel=1
            )
        typer.echo(f"Forecast of the next {horizon} steps:\n{rows(ahead)}")
        writers = {}
        if out:
            writers[out] = ahead.to_csv
        if plot:
            writers[plot] = drawing(tsattn.plot_forecast(y, ahead), plot)
        if plot_attention:
            writers[plot_attention] = drawing(tsattn.plot_attention(forecaster.attention_weights()), plot_attention)
        if save:
            writers[save] = forecaster.save
        write_all(writers)
        for path in writers:
            note(f"Wrote {path}.")


def _errors(forecasters, y, horizon):
    """MAE and MASE on the last rows, held out, as text: a row for each, a column for each forecaster."""
    import pandas as pd

    errors = {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`y` lacks .* stamps")  # the fit on all rows says it
        for name, forecaster in forecasters.items():
            ahead = forecaster.fit(_without_last(y, horizon)).predict()
            actual = y[y.index.isin(ahead.index)]  # fewer than the horizon where rows are missing
            mae = (ahead - actual).abs().mean()
            parts = {f"MAE {channel}": mae[channel] for channel in y} if y.ndim > 1 else {"MAE": mae}
            errors[str(name)] = {**parts, "MASE": -forecaster.score(actual)}
    return pd.DataFrame(errors).to_string(float_format="{:.4g}".format, na_rep="-")


def _without_last(y, horizon):
    """The history of each series without its last rows."""
    if y.index.nlevels == 1:
        return y.iloc[:-horizon]
    return y[(y.groupby(level=0).cumcount(ascending=False) >= horizon).to_numpy()]
