"""Forecasts of a panel that no memory holds, partition by partition, through Dask."""

from typing import Any

import pandas as pd
from sklearn.utils.validation import check_is_fitted

from tsattn.forecasters.base import Forecaster

ID = "unique_id"


def predict_partitions(forecaster: Forecaster, y: Any) -> Any:
    """Forecast every series of a Dask DataFrame, one partition after the other wherever Dask has room.

    A worker of a `distributed` cluster gets the forecaster once, and holds one partition at a time.

    Args:
        forecaster: Fitted on a long frame with the columns unique_id, ds and y: on some of these series, or on others.
        y: `dask.dataframe.DataFrame` of the same columns. All rows of a series are in one partition, as
            `y.shuffle("unique_id")` puts them.

    Returns:
        `dask.dataframe.DataFrame`, not computed yet: the forecasts as `forecaster.predict(y=...)` gives them of each
        partition.

    Raises:
        NotFittedError: the forecaster was not fitted. TypeError: `y` is no Dask DataFrame. ValueError: the forecaster
        was fitted to another shape, `y` has other columns or, when it is computed, a series lies in two partitions.
        ImportError: Dask is missing; it comes with `pip install "tsattn[dask]"`.

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
    except ImportError as problem:
        raise ImportError(
            'predict_partitions needs dask.dataframe. Install it with: pip install "tsattn[dask]"'
        ) from problem
    check_is_fitted(forecaster)
    empty = forecaster.predict().iloc[:0]
    if not isinstance(empty, pd.DataFrame) or ID not in empty:
        raise ValueError(
            f"The forecaster was fitted to a {type(empty).__name__} without the column {ID!r}. Fit it to a long frame "
            "with the columns unique_id, ds and y, as Dask has them."
        )
    if not isinstance(y, dd.DataFrame):
        raise TypeError(f"`y` is a {type(y).__name__}, but must be a dask.dataframe.DataFrame. Use `predict(y=y)`.")
    if missing := set(empty) - set(y.columns):
        raise ValueError(f"`y` has the columns {list(y.columns)}, but lacks {sorted(map(str, missing))}.")
    _refuse_split_series(y)
    return y.map_partitions(_forecast, _sent(forecaster), empty, meta=empty)


def _refuse_split_series(y):
    ids = y[ID].map_partitions(lambda part: part.drop_duplicates()).compute()
    split = ids[ids.duplicated()]
    if len(split):
        raise ValueError(
            f"{split.nunique()} series of `y` lie in more than one partition, {split.iloc[0]!r} among them, and would "
            f'be forecast from the end of each part. Use `y.shuffle("{ID}")`.'
        )


def _sent(forecaster):
    """The forecaster, held by the present cluster if there is one: a worker fetches it for its first partition.

    Not broadcast: of copies that no task waits for yet, Dask drops all but one within two seconds, so a worker would
    get it twice.
    """
    try:
        from distributed import get_client

        return get_client().scatter(forecaster, hash=False)
    except (ImportError, ValueError):  # no cluster: the threads of this process share it
        return forecaster


def _forecast(part, forecaster, empty):
    return forecaster.predict(y=part) if len(part) else empty
