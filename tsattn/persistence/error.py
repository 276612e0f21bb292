"""The error of model files."""


class ModelFileError(ValueError):
    """A file is not a valid model of tsattn, or a forecaster cannot be stored in one."""
