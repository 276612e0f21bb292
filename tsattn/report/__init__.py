"""Figures of forecasts and of attention weights."""
