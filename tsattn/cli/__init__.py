"""The command line: parse the options, call the public functions and print. Tables are printed to stdout, everything
else to stderr."""

from tsattn.cli.app import app, main

__all__ = ["app", "main"]
