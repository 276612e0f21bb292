"""A graph as a file of another format, by the converters that Keras knows."""

import errno
import importlib.util
import os
import pathlib
import tempfile
import warnings

from tsattn._utils.atomic_write import check_file_name, check_target, write_atomic
from tsattn._utils.validation import check_choice

# What Keras calls each format, what its files end in, and the packages that make one.
FORMATS = {
    "saved_model": ("tf_saved_model", "", ("tensorflow",)),
    "onnx": ("onnx", ".onnx", ("tensorflow", "onnx", "tf2onnx")),
    "litert": ("litert", ".tflite", ("tensorflow",)),
}
GRAPH = "saved_model.pb"  # what a folder of TensorFlow's holds
IN_THE_WAY = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)


def checked_target(path, format, backend, overwrite):
    """The path, where a graph can be written to.

    Raises:
        ValueError: an unknown format, or a path that ends otherwise. FileExistsError, FileNotFoundError: the file is
            there, or its folder is not. ImportError: a converter is missing, or Keras runs on another backend.
    """
    _, suffix, packages = FORMATS[check_choice("format", format, tuple(FORMATS))]
    path = check_file_name(path)
    if path.suffix != suffix:
        wanted = f"end in {suffix!r}" if suffix else "be a folder, without a suffix"
        raise ValueError(f"{str(path)!r} must {wanted} for the format {format!r}.")
    if suffix:
        check_target(path, overwrite)
    else:
        _refuse_other(path, overwrite)
    lacking = [name for name in packages if importlib.util.find_spec(name) is None]
    if lacking:
        raise ImportError(
            f'The format {format!r} needs {lacking[0]}. Install it with: pip install "tsattn[export]"', name=lacking[0]
        )
    if backend != "tensorflow":
        raise ImportError(
            f"Graphs are exported on the TensorFlow backend, but Keras runs on {backend!r}. Save the forecaster, and "
            "load and export it with KERAS_BACKEND=tensorflow."
        )
    return path


def write_graph(graph, path, format, overwrite):
    """Writes a `ForecastGraph` beside its place, and moves it there when it is whole.

    Args:
        graph: The graph.
        path: From `checked_target`.
        format: "saved_model", "onnx" or "litert".
        overwrite: Whether a file, or a folder that holds a graph, is replaced.

    Raises:
        OSError: as `checked_target`, also where something appears meanwhile; or what the system says.
    """
    keras_name, suffix, _ = FORMATS[format]
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        partial = pathlib.Path(folder) / f"graph{suffix}"
        batch = 1 if format == "litert" else None  # LiteRT wants every size beforehand
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # tf2onnx asks NumPy for names that it no longer has
            graph.export(str(partial), format=keras_name, input_signature=graph.signature(batch), verbose=False)
        if suffix:
            write_atomic(path, partial.read_bytes(), overwrite=overwrite)
        else:
            _place_folder(partial, path, overwrite, pathlib.Path(folder) / "old")


def _place_folder(partial, path, overwrite, old):
    """Gives a folder its name; what is replaced goes to `old`, since no system replaces a folder in one step."""
    _refuse_other(path, overwrite)
    if os.path.lexists(path):
        os.rename(path, old)
    try:
        os.rename(partial, path)
    except BaseException as problem:
        if old.exists():
            os.rename(old, path)
        if isinstance(problem, OSError) and problem.errno in IN_THE_WAY:
            raise FileExistsError(f"{path} came to be there meanwhile, and was left alone.") from problem
        raise


def _refuse_other(path, overwrite):
    """An error where no folder can be written, or one is that is not to be replaced: what is no graph never is."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {path.parent}. Make it, or name one in a folder that there is.")
    if not os.path.lexists(path):
        return
    if not overwrite:
        raise FileExistsError(f"{path} exists. Name another folder, or replace it with `overwrite=True`.")
    if not (path / GRAPH).is_file() or path.is_symlink():
        raise FileExistsError(
            f"{path} is no folder of a graph, with a file {GRAPH}, and is not replaced. Name another, or remove it "
            "yourself."
        )
