"""Benchmarks of tsattn: one folder for each question, with scripts that run from the repository root."""
