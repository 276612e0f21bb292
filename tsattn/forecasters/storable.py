"""What can be written to a file."""

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from tsattn.forecasters.saving import save_forecaster


class Storable(BaseEstimator):
    """Abstract: an estimator that can be written to a file once it is fitted."""

    def save(self, path, *, overwrite=False):
        """Write the fitted forecaster to a file, to be read by `load_forecaster`.

        The file is written beside its place and then renamed: whatever happens, it is there whole, old or new.

        Args:
            path: Name of the file, which ends in `.tsattn`.
            overwrite: If True a file of that name is replaced. Defaults to False.

        Raises:
            ModelFileError: an argument, a name or an id is of a kind that a file cannot hold, such as a loss that is
                a function.
            FileExistsError: there is such a file. ValueError: it does not end in `.tsattn`.
        """
        check_is_fitted(self)
        save_forecaster(self, path, overwrite)
