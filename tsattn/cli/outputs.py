"""Files that a command writes: refused before any work, written whole or not at all."""

import importlib.util
import os
from pathlib import Path
from typing import Annotated

import typer

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace output files that exist.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no notes.")]

FIGURES = (".png", ".pdf", ".svg")
# What the files end in.
KINDS = {"--plot": FIGURES, "--plot-attention": FIGURES, "--report": (".html",), "--save": (".tsattn",)}
NEEDS = {"--plot": ["matplotlib"], "--plot-attention": ["matplotlib"], "--report": ["plotly", "jinja2"]}


def refuse_outputs(file, outputs, overwrite):
    """A usage error, before any work, where an output could not be written, or would destroy something."""
    outputs = {option: path for option, path in outputs.items() if path is not None}
    for option, path in outputs.items():
        problem = None
        if not path.parent.is_dir() or not os.access(path.parent, os.W_OK) or path.is_dir():
            problem = f"{path} cannot be written: {path.parent} must be a folder with the right to write."
        elif path.resolve() == Path(file).resolve() or list(outputs.values()).count(path) > 1:
            problem = f"{path} is named twice."
        elif path.exists() and not overwrite:
            problem = f"{path} exists. Name another file, or replace it with --overwrite."
        elif path.suffix.lower() not in KINDS.get(option, (path.suffix.lower(),)):
            problem = f"{path} does not end in {' or '.join(KINDS[option])}."
        elif lacking := [name for name in NEEDS.get(option, ()) if importlib.util.find_spec(name) is None]:
            extra = "report" if option == "--report" else "plot"
            problem = f'{option} needs {lacking[0]}. Install it with: pip install "tsattn[{extra}]"'
        if problem:
            raise typer.BadParameter(problem, param_hint=option)


def drawing(figure, path):
    return lambda partial: figure.savefig(partial, format=path.suffix[1:].lower(), dpi=150)


def write_all(writers):
    """Each file whole beside its place, and then all renamed, so that no partial file is left."""
    partial = {path: path.with_name(f"{path.stem}.partial-{os.getpid()}{path.suffix}") for path in writers}
    try:
        for path, write in writers.items():
            write(partial[path])
        for path in writers:
            os.replace(partial[path], path)
    finally:
        for path in partial.values():
            path.unlink(missing_ok=True)
