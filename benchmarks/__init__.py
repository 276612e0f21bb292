"""Benchmarks of tsattn: one folder for each question, and the scripts in it run from the repository root."""
