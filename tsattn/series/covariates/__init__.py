"""Covariates: reading, encoding as numbers, alignment with the series, and calendar features."""
