"""A fitted forecaster as a model file: writing and loading."""
