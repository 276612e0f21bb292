"""Covariates: read from the caller's tables, encoded as numbers, aligned with the series, and calendar features."""
