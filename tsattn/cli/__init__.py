"""The command line: it parses, calls the public names and prints. Tables go to stdout, all else to stderr."""

from tsattn.cli.app import app, main

__all__ = ["app", "main"]
