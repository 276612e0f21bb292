"""For those who write a forecaster of their own: the contract that it is to keep, as one call."""

from tsattn.testing.check import CHECKS, check_forecaster
from tsattn.testing.subject import Subject

__all__ = ["CHECKS", "Subject", "check_forecaster"]
