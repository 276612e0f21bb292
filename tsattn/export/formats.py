"""Writing of a graph in the format of another runtime, with the converters of Keras."""

import errno
import importlib.util
import os
import pathlib
import tempfile
import warnings

from tsattn._utils.atomic_write import check_file_name, check_folder, check_overwrite, check_target, write_atomic
from tsattn._utils.validation import check_choice
from tsattn.accelerators.backend import backend_name, on_tensorflow

# Name of each format in Keras, suffix of its files, and packages that write it.
FORMATS = {
    "saved_model": ("tf_saved_model", "", ("tensorflow",)),
    "onnx": ("onnx", ".onnx", ("tensorflow", "onnx", "tf2onnx")),
    "litert": ("litert", ".tflite", ("tensorflow",)),
}
GRAPH_FILE = "saved_model.pb"  # contained in every SavedModel folder
EXISTS = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)


def check_export_path(path, format, overwrite):
    """Check that a graph can be written to a path.

    Args:
        path: Path of a file, or for `"saved_model"` of a folder.
        format: `"saved_model"`, `"onnx"` or `"litert"`.
        overwrite: Whether an existing graph may be replaced.

    Returns:
        The path as a `Path`.

    Raises:
        ValueError: If the format is unknown, or the suffix of the path does not match it.
        FileExistsError: If the path exists and must not be replaced.
        FileNotFoundError: If the parent folder does not exist.
        ImportError: If a converter is not installed, or Keras does not run on TensorFlow.
    """
    _, suffix, packages = FORMATS[check_choice("format", format, tuple(FORMATS))]
    path = check_file_name(path)
    if path.suffix != suffix:
        expected = f"end in {suffix!r}" if suffix else "be a folder without a suffix"
        raise ValueError(f"{str(path)!r} must {expected}, because the format is {format!r}.")
    if suffix:
        check_target(path, overwrite)
    else:
        _check_graph_folder(path, overwrite)
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(
            f'The format {format!r} requires {missing[0]}. Install it with: pip install "tsattn[export]"',
            name=missing[0],
        )
    if not on_tensorflow():
        raise ImportError(
            f"Keras runs on the {backend_name()!r} backend, but export requires the TensorFlow backend. Save the "
            "forecaster, set KERAS_BACKEND=tensorflow, then load and export it."
        )
    return path


def write_graph(graph, path, format, overwrite):
    """Write a graph under a temporary name, and rename it when it is complete.

    Args:
        graph: `ForecastGraph`.
        path: Path that `check_export_path` returned.
        format: `"saved_model"`, `"onnx"` or `"litert"`.
        overwrite: Whether an existing file, or folder that contains a graph, is replaced.

    Raises:
        FileExistsError: If the path exists and must not be replaced, or was created in the meantime.
        OSError: If the graph cannot be written.
    """
    keras_name, suffix, _ = FORMATS[format]
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        partial = pathlib.Path(folder) / f"graph{suffix}"
        batch = 1 if format == "litert" else None  # LiteRT requires a fixed batch size
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # tf2onnx uses names that NumPy has removed
            graph.export(str(partial), format=keras_name, input_signature=graph.signature(batch), verbose=False)
        if suffix:
            write_atomic(path, partial.read_bytes(), overwrite=overwrite)
        else:
            _rename_folder(partial, path, overwrite, pathlib.Path(folder) / "old")


def _rename_folder(partial, path, overwrite, old):
    """Rename a folder. An existing folder is first moved to `old`, because folders cannot be replaced atomically."""
    _check_graph_folder(path, overwrite)
    if os.path.lexists(path):
        os.rename(path, old)
    try:
        os.rename(partial, path)
    except BaseException as error:
        if old.exists():
            os.rename(old, path)
        if isinstance(error, OSError) and error.errno in EXISTS:
            raise FileExistsError(f"{path} already exists (created while exporting); not overwritten.") from error
        raise


def _check_graph_folder(path, overwrite):
    """Check that a folder can be written. A folder that does not contain a graph is never replaced.

    Raises:
        FileExistsError: If the path exists and must not be replaced.
        FileNotFoundError: If the parent folder does not exist.
    """
    check_folder(path.parent)
    if not os.path.lexists(path):
        return
    check_overwrite(path, overwrite)
    if not (path / GRAPH_FILE).is_file() or path.is_symlink():
        raise FileExistsError(
            f"{path} is not a folder with a graph in a file {GRAPH_FILE}, so it is not replaced. Pass another path, or "
            "delete it."
        )
