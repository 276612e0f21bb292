"""Checks of the forecaster contract in one call, for authors of forecasters."""

from tsattn.testing.check import CHECKS, check_forecaster
from tsattn.testing.subject import Subject

__all__ = ["CHECKS", "Subject", "check_forecaster"]
