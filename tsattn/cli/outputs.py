"""Output files of a command: checked before any work, and written completely or not at all."""

import importlib.util
import io
import os
from pathlib import Path
from typing import Annotated

import typer

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing output files.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Hide progress and status messages.")]

FIGURE_SUFFIXES = (".png", ".pdf", ".svg")
SUFFIXES = {
    "--plot": FIGURE_SUFFIXES,
    "--plot-attention": FIGURE_SUFFIXES,
    "--report": (".html",),
    "--save": (".tsattn",),
}
REQUIREMENTS = {"--plot": ["matplotlib"], "--plot-attention": ["matplotlib"], "--report": ["plotly", "jinja2"]}


def check_outputs(file, outputs, overwrite):
    """Check that all output files can be written without destroying other files.

    Args:
        file: Path of the input file.
        outputs: Dict of output path, or None, by option.
        overwrite: Whether existing output files may be replaced.

    Raises:
        typer.BadParameter: If a folder is missing or not writable, a file exists or is used twice, a suffix is not
            supported, or a required package is not installed.
    """
    outputs = {option: path for option, path in outputs.items() if path is not None}
    for option, path in outputs.items():
        error = None
        if not path.parent.is_dir() or not os.access(path.parent, os.W_OK) or path.is_dir():
            error = f"{path} cannot be written. Pass the path of a file in an existing, writable folder."
        elif path.resolve() == Path(file).resolve() or list(outputs.values()).count(path) > 1:
            error = f"{path} is also the input or another output. Choose a different file."
        elif path.exists() and not overwrite:
            error = f"{path} exists. Choose a different file, or pass --overwrite to replace it."
        elif path.suffix.lower() not in SUFFIXES.get(option, (path.suffix.lower(),)):
            error = f"{path} must end in {' or '.join(SUFFIXES[option])}."
        elif missing := [name for name in REQUIREMENTS.get(option, ()) if importlib.util.find_spec(name) is None]:
            extra = "report" if option == "--report" else "plot"
            error = f'{option} requires {missing[0]}. Install it with: pip install "tsattn[{extra}]"'
        if error:
            raise typer.BadParameter(error, param_hint=option)


def encode_figure(figure, path):
    """Return the bytes of a figure, in the format that the suffix of `path` names."""
    content = io.BytesIO()
    figure.savefig(content, format=path.suffix[1:].lower(), dpi=150)
    return content.getvalue()
