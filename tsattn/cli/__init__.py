"""The command line: parse the options, call the public functions and print. Tables go to stdout, all else to stderr."""

from tsattn.cli.app import app, main

__all__ = ["app", "main"]
