"""The error of model files."""


class ModelFileError(ValueError):
    """Raised if a file is not a valid tsattn model, or a forecaster cannot be stored in one."""
