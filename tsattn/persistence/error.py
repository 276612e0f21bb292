"""What is wrong with a model file."""


class ModelFileError(ValueError):
    """A file that is no model of tsattn as it was saved, or a forecaster that a file cannot hold."""
