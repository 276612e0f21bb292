"""What can be written to files."""

from os import PathLike

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from tsattn.export.writing import checked_target, write_graph
from tsattn.forecasters.saving import save_forecaster


class Storable(BaseEstimator):
    """Abstract: an estimator that can be written to a file once it is fitted."""

    def save(self, path: str | PathLike, *, overwrite: bool = False) -> None:
        """Write the fitted forecaster to a file, to be read by `load_forecaster`.

        The file is written beside its place and then renamed: whatever happens, it is there whole, old or new.

        Args:
            path: Name of the file, which ends in `.tsattn`.
            overwrite: If True a file of that name is replaced; it keeps its permissions. Defaults to False.

        Raises:
            ModelFileError: an argument, a name or an id is of a kind that a file cannot hold, such as a loss that is
                a function.
            FileExistsError: there is such a file, or something of that name that is no file.
            ValueError: the path does not end in `.tsattn`.
            OSError: the file cannot be written, for example because the folder is not there or the disk is full.

        Example:

        >>> from tsattn import LinearForecaster, load_dataset
        >>> LinearForecaster(horizon=12).fit(load_dataset("air_passengers")).save("linear.tsattn")
        """
        check_is_fitted(self)
        save_forecaster(self, path, overwrite)

    def export(self, path: str | PathLike, *, format: str = "saved_model", overwrite: bool = False) -> dict:
        """Write the fitted network to a file that runs without tsattn: from a history to a forecast.

        One graph takes float32 arrays in the units of the data and gives the point forecast, or with `quantiles` the
        trained levels, not calibrated; scaling, normalisation and decoding are inside. Its inputs are `history`
        `(batch, lookback, channels)`, NaN where not observed; of the covariates that were fitted `past` `(batch,
        lookback, columns)`, `known` `(batch, lookback + horizon, columns)`, those of the calendar last, and `static`
        `(batch, columns)`, numbers as they are and categories as their codes; and `series` `(batch,)`, the number
        of the series, if several were fitted. Numbers far larger than their changes lose digits in float32.

        Args:
            path: A folder for `"saved_model"`, a file `.onnx` for `"onnx"` or `.tflite` for `"litert"`.
            format: `"saved_model"` for TensorFlow, `"onnx"` for ONNX Runtime, or `"litert"` for LiteRT, whose batch
                is 1. Defaults to `"saved_model"`.
            overwrite: If True a file, or a folder that holds a graph, is replaced. Defaults to False.

        Returns:
            Dict that says what goes in and comes out: `"channels"`, `"past"`, `"known"` and `"static"` are lists of
            columns, those of the calendar such as `"month_sin"` and `"month_cos"`, the sine and cosine of 2 pi times
            the part of the cycle that is over (1/12 in February); `"categories"` the levels of those that have
            some, of which the first has code 1 and 0 is for unknown, `"series"` the ids in the order of their
            numbers, and `"levels"` the quantiles.

        Raises:
            TypeError: the forecaster has no network of its own. ImportError: a converter is missing.
            ValueError: numbers that float32 does not hold. ValueError, OSError: `format` or `path` cannot be used.

        Example:

        >>> from tsattn import Seq2SeqForecaster, Training, load_dataset
        >>> training = Training(epochs=1, random_state=0, verbose=0)
        >>> model = Seq2SeqForecaster(horizon=12, units=4, fallback=False, training=training)
        >>> model.fit(load_dataset("air_passengers")).export("air_graph")["channels"]
        ['passengers']
        """
        check_is_fitted(self)
        graph, described, backend = self._graph()
        path = checked_target(path, format, backend, overwrite)
        write_graph(graph, path, format, overwrite)
        return described

    def _graph(self):
        """The `ForecastGraph`, what goes in and comes out, and the backend that it runs on."""
        raise TypeError(
            f"{type(self).__name__} has no network of its own to export. Export a network, of an ensemble each of its "
            "`members_`; or save the forecaster, and load it where it is to run."
        )
