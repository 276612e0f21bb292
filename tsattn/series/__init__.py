"""Series as numbers: pandas tables are read into one buffer, and forecasts are returned in the caller's format."""
