"""`tsattn forecast`: forecast the next steps of a series."""

import warnings
from pathlib import Path
from typing import Annotated

import typer

import tsattn
from tsattn._utils.atomic_write import write_files_atomic
from tsattn.cli.errors import report_errors
from tsattn.cli.formatting import format_forecast, format_scores
from tsattn.cli.inputs import (
    DateFormat,
    Decimal,
    File,
    Freq,
    Ids,
    Season,
    Target,
    TargetTransform,
    Thousands,
    Time,
    read_inputs,
)
from tsattn.cli.models import Model, ModelName, Seed, check_attends_to_time
from tsattn.cli.outputs import Overwrite, Quiet, check_outputs, encode_figure
from tsattn.forecasters.registry import build


def forecast(
    file: File,
    horizon: Annotated[int, typer.Option(min=1, help="Number of steps to forecast.")],
    model: ModelName = Model.attention,
    target: Target = None,
    time: Time = None,
    ids: Ids = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    date_format: DateFormat = None,
    season: Season = None,
    freq: Freq = None,
    target_transform: TargetTransform = None,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Write the forecast to this CSV file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Plot the forecast to this .png, .pdf or .svg file.")] = None,
    plot_attention: Annotated[
        Path | None, typer.Option(help="Plot the attention weights to this .png, .pdf or .svg file.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="Save the fitted forecaster to this .tsattn file, for `tsattn predict`.")
    ] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Forecast the next steps of a series.

    Prints the error on the held-out last steps, and then the forecast of a fit on all rows.
    """
    outputs = {"--out": out, "--plot": plot, "--plot-attention": plot_attention, "--save": save}
    check_outputs(file, outputs, overwrite)
    if plot_attention:
        check_attends_to_time(model)
    if ids and (plot or plot_attention):
        raise typer.BadParameter(
            "Several series cannot be plotted. Omit --plot and --plot-attention.", param_hint="--id"
        )
    with report_errors():
        note = (lambda text: None) if quiet else (lambda text: typer.echo(text, err=True))
        columns = time, ids, target, decimal, thousands, date_format
        arguments = {"horizon": horizon, "season": season, "freq": freq, "target_transform": target_transform}
        y, options = read_inputs(file, *columns, **arguments)
        forecaster = build(model, random_state=seed, verbose=int(not quiet), **options)
        first, last = y.index.get_level_values(-1).sort_values()[[0, -1]].astype(str)
        note(f"Read {len(y)} rows from {first} to {last}. Fitting {model} without the last {horizon}.")
        evaluation_error = None
        try:
            scores = _held_out_scores(
                {model: forecaster, Model.seasonal_naive: tsattn.SeasonalNaiveForecaster(**options)}, y, horizon
            )
            typer.echo(f"Error on the last {horizon} rows, held out:\n{format_scores(scores)}\n")
        except ValueError as error:
            evaluation_error = error
        note(f"Fitting {model} on all rows.")
        ahead = forecaster.fit(y).predict()
        if evaluation_error:  # reported only now: if the fit on all rows also fails, its error is enough
            warnings.warn(
                f"The error could not be measured. With the last {horizon} rows held out: {evaluation_error}",
                stacklevel=1,
            )
        typer.echo(f"Forecast of the next {horizon} steps:\n{format_forecast(ahead)}")
        files = {}
        if out:
            files[out] = ahead.to_csv()
        if plot:
            files[plot] = encode_figure(tsattn.plot_forecast(y, ahead), plot)
        if plot_attention:
            figure = tsattn.plot_attention(forecaster.attention_weights())
            files[plot_attention] = encode_figure(figure, plot_attention)
        if save:
            from tsattn.forecasters.model_file.write import encode_forecaster

            files[save] = encode_forecaster(forecaster)
        write_files_atomic(files, overwrite=overwrite)
        for path in files:
            note(f"Wrote {path}.")


def _held_out_scores(forecasters, y, horizon):
    """Compute MAE and MASE on the held-out last rows.

    Returns:
        DataFrame with one row per score and one column per forecaster.
    """
    import pandas as pd

    scores = {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`y` lacks .* timestamps")  # the fit on all rows warns again
        for name, forecaster in forecasters.items():
            ahead = forecaster.fit(_without_last(y, horizon)).predict()
            actual = y[y.index.isin(ahead.index)]  # fewer than the horizon where rows are missing
            mae = (ahead - actual).abs().mean()
            parts = {f"MAE {channel}": mae[channel] for channel in y} if y.ndim > 1 else {"MAE": mae}
            scores[str(name)] = {**parts, "MASE": -forecaster.score(actual)}
    return pd.DataFrame(scores)


def _without_last(y, horizon):
    """Drop the last rows of each series."""
    if y.index.nlevels == 1:
        return y.iloc[:-horizon]
    return y[(y.groupby(level=0).cumcount(ascending=False) >= horizon).to_numpy()]
