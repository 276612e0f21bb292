"""A graph as a file of another format, by the converters that Keras knows."""

import importlib.util
import os
import pathlib
import tempfile
import warnings

# What Keras calls each format, what its files end in, and the packages that make one.
FORMATS = {
    "saved_model": ("tf_saved_model", "", ("tensorflow",)),
    "onnx": ("onnx", ".onnx", ("tensorflow", "onnx", "tf2onnx")),
    "litert": ("litert", ".tflite", ("tensorflow",)),
}
GRAPH = "saved_model.pb"  # what a folder of TensorFlow's holds


def checked_target(path, format, backend, overwrite):
    """The path, where a graph can be written to.

    Raises:
        ValueError: an unknown format, or a path that ends otherwise. FileExistsError, FileNotFoundError: the file is
            there, or its folder is not. ImportError: a converter is missing, or Keras runs on another backend.
    """
    if format not in FORMATS:
        raise ValueError(f"`format` is {format!r}, but must be one of {', '.join(map(repr, FORMATS))}.")
    path, (_, suffix, packages) = pathlib.Path(path), FORMATS[format]
    if path.suffix != suffix:
        wanted = f"end in {suffix!r}" if suffix else "be a folder, without a suffix"
        raise ValueError(f"{str(path)!r} must {wanted} for the format {format!r}.")
    _refuse_other(path, suffix, overwrite)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {path.parent}. Make it, or name a file in one that there is.")
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


def write_graph(graph, path, format):
    """Writes a `ForecastGraph` beside its place, and renames it when it is whole.

    Args:
        graph: The graph.
        path: From `checked_target`; what is there is replaced.
        format: "saved_model", "onnx" or "litert".
    """
    keras_name, suffix, _ = FORMATS[format]
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        partial = pathlib.Path(folder) / f"graph{suffix}"
        batch = 1 if format == "litert" else None  # LiteRT wants every size beforehand
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # tf2onnx asks NumPy for names that it no longer has
            graph.export(str(partial), format=keras_name, input_signature=graph.signature(batch), verbose=False)
        old = pathlib.Path(folder) / "old"
        if path.is_dir():  # no system replaces a folder in one step
            os.replace(path, old)
        try:
            os.replace(partial, path)
        except BaseException:
            if old.exists():
                os.replace(old, path)
            raise


def _refuse_other(path, suffix, overwrite):
    """A FileExistsError where something is that is not to be replaced: what is no graph never is."""
    if not os.path.lexists(path):
        return
    if not overwrite:
        raise FileExistsError(f"{path} exists. Name another file, or replace it with `overwrite=True`.")
    ours = path.is_file() if suffix else (path / GRAPH).is_file() and not path.is_symlink()
    if not ours:
        what = "no file" if suffix else f"no folder of a graph, with a file {GRAPH}"
        raise FileExistsError(f"{path} is {what}, and is not replaced. Name another, or remove it yourself.")
