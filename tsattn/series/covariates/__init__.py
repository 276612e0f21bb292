"""Covariates: the columns a forecaster was fitted with, their encoding, alignment and calendar features."""
