"""Model files: a fitted forecaster is written to a `.tsattn` file and loaded from it."""
