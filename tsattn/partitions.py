"""Forecast panels larger than memory, partition by partition, with Dask."""

from typing import Any

import pandas as pd
from sklearn.utils.validation import check_is_fitted

from tsattn.forecasters.base import Forecaster
from tsattn.series.tables import ID


def predict_partitions(forecaster: Forecaster, y: Any) -> Any:
    """Forecast every series of a Dask DataFrame, one partition at a time per worker.

    Each worker of a `distributed` cluster receives the forecaster once.

    Args:
        forecaster: Forecaster fitted on a long frame with the columns unique_id, ds and y, of the same or other series.
        y: `dask.dataframe.DataFrame` with the same columns. All rows of a series must be in one partition;
            `y.shuffle("unique_id")` ensures this.

    Returns:
        `dask.dataframe.DataFrame`, not yet computed, of the forecasts that `forecaster.predict(y=...)` returns for each
        partition.

    Raises:
        NotFittedError: If the forecaster is not fitted.
        TypeError: If `y` is not a Dask DataFrame.
        ValueError: If the forecaster was not fitted on a long frame, if `y` lacks columns, or if a series is split
            across partitions.
        ImportError: If Dask is not installed. Install it with `pip install "tsattn[dask]"`.

    Example:

    >>> import dask.dataframe as dd
    >>> import pandas as pd
    >>> from tsattn import LinearForecaster, load_dataset, predict_partitions
    >>> y = load_dataset("air_passengers").rename("y").rename_axis("ds").reset_index()
    >>> shops = pd.concat([y.assign(unique_id=shop) for shop in "abcd"])[["unique_id", "ds", "y"]]
    >>> model = LinearForecaster(horizon=12).fit(shops[shops["unique_id"] < "c"])
    >>> forecast = predict_partitions(model, dd.from_pandas(shops.set_index("unique_id"), npartitions=2).reset_index())
    >>> len(forecast.compute())
    48
    """
    try:
        import dask.dataframe as dd
    except ImportError as error:
        raise ImportError(
            'predict_partitions requires dask.dataframe. Install it with: pip install "tsattn[dask]"'
        ) from error
    check_is_fitted(forecaster)
    empty = forecaster.predict().iloc[:0]
    if not isinstance(empty, pd.DataFrame) or ID not in empty:
        raise ValueError(
            f"The forecaster was fitted on a {type(empty).__name__} without the column {ID!r}. Fit it on a long frame "
            "with the columns unique_id, ds and y, like those of the Dask DataFrame."
        )
    if not isinstance(y, dd.DataFrame):
        raise TypeError(f"`y` is a {type(y).__name__}, expected a dask.dataframe.DataFrame. Use `predict(y=y)`.")
    if missing := set(empty) - set(y.columns):
        raise ValueError(
            f"`y` has the columns {list(y.columns)}, but {sorted(map(str, missing))} are missing. Add them."
        )
    _check_split_series(y)
    return y.map_partitions(_forecast, _scatter(forecaster), empty, meta=empty)


def _check_split_series(y):
    """Raise a ValueError if the rows of a series are in more than one partition."""
    ids = y[ID].map_partitions(lambda part: part.drop_duplicates()).compute()
    split = ids[ids.duplicated()]
    if len(split):
        raise ValueError(
            f"{split.nunique()} series of `y` are split across partitions, for example {split.iloc[0]!r}, and would be "
            f'forecast from the end of each part. Use `y.shuffle("{ID}")`.'
        )


def _scatter(forecaster):
    """Send the forecaster to the active cluster, from which each worker fetches it for its first partition. Return the
    forecaster itself if there is no cluster. It is not broadcast, because Dask drops all but one copy of data that no
    task needs, and a worker would then fetch it twice.
    """
    try:
        from distributed import get_client

        return get_client().scatter(forecaster, hash=False)
    except (ImportError, ValueError):  # no cluster: the threads of this process share the forecaster
        return forecaster


def _forecast(part, forecaster, empty):
    return forecaster.predict(y=part) if len(part) else empty
