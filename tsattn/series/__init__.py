"""Conversion between pandas data and numeric buffers: reading of histories, and forecasts in the caller's format."""
