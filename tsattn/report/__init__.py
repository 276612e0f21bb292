"""Figures, charts and the HTML report."""
