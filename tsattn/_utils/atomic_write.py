"""Atomic file writes: a file always holds either its complete old or its complete new version."""

import errno
import os
import pathlib
import secrets
import stat
from contextlib import contextmanager, suppress

NO_HARD_LINKS = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.EMLINK)


def check_file_name(path):
    """Check that a path is a valid file name.

    Returns:
        The path as a `pathlib.Path`.

    Raises:
        ValueError: If it contains a null character.
        TypeError: If it is not a path.
    """
    path = pathlib.Path(path)
    if "\0" in str(path):
        raise ValueError(f"{str(path)!r} contains a null character, which is not allowed in a file name. Remove it.")
    return path


def check_target(path, overwrite=False):
    """Check that a file can be written to a path.

    Args:
        path: Path of the file; links are followed.
        overwrite: Whether an existing file may be replaced. Defaults to False.

    Returns:
        The resolved `pathlib.Path`.

    Raises:
        FileExistsError: If the file exists and `overwrite` is False, or if the path is not a regular file.
        FileNotFoundError: If the folder does not exist.
        OSError: If its links form a loop.
    """
    try:
        target = pathlib.Path(path).resolve()
    except RuntimeError as error:  # before Python 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from error
    if os.path.lexists(target):
        if not target.is_file():
            raise FileExistsError(f"{path} exists and is not a regular file. Pass another path.")
        check_overwrite(path, overwrite)
    check_folder(target.parent)
    return target


def check_overwrite(path, overwrite):
    """Raise a FileExistsError for an existing path, unless `overwrite` is True."""
    if not overwrite:
        raise FileExistsError(f"{path} exists. Pass another path, or replace it with `overwrite=True`.")


def check_folder(folder):
    """Raise a FileNotFoundError if a folder to write to does not exist."""
    if not folder.is_dir():
        raise FileNotFoundError(f"The folder {folder} does not exist. Create it, or pass another path.")


def write_atomic(path, data, *, overwrite=False):
    """Write a file; see `write_files_atomic`."""
    write_files_atomic({path: data}, overwrite=overwrite)


def write_files_atomic(files, *, overwrite=False):
    """Write files under temporary names in their folders and flush them to disk, then rename all.

    If the call fails, or the process or the machine stops before the first file is renamed, all previous files are
    unchanged. At any time each file is complete, old or new. A killed process can leave files `tsattn-....partial` in
    the folders.

    Args:
        files: Dict of data by path: bytes, or a str, which is encoded as UTF-8. Links are followed.
        overwrite: Whether existing files are replaced; a new file keeps the permissions. Defaults to False.

    Raises:
        OSError: As in `check_target`, if a file is created during the call, or if the file system reports an error.
    """
    targets = {path: check_target(path, overwrite) for path in files}
    partials = {path: target.with_name(f"tsattn-{secrets.token_hex(8)}.partial") for path, target in targets.items()}
    try:
        for path, data in files.items():
            with _errors_of(path):
                _write_partial(partials[path], targets[path], data)
        for path, target in targets.items():
            with _errors_of(path):
                _rename(partials[path], target, overwrite)
    finally:
        for partial in partials.values():
            with suppress(OSError):
                partial.unlink(missing_ok=True)
    for folder in dict.fromkeys(target.parent for target in targets.values()):
        _sync_folder(folder)


@contextmanager
def _errors_of(path):
    """Let the errors of the file system name the path of the caller instead of a temporary one."""
    try:
        yield
    except FileExistsError as error:
        raise FileExistsError(f"{path} already exists (created while saving); not overwritten.") from error
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def _write_partial(partial, target, data):
    with open(partial, "xb") as file:
        if target.exists():
            partial.chmod(stat.S_IMODE(target.stat().st_mode))
        file.write(data.encode("utf-8") if isinstance(data, str) else data)
        file.flush()
        os.fsync(file.fileno())


def _rename(partial, target, overwrite):
    if overwrite:
        os.replace(partial, target)
        return
    try:
        os.link(partial, target)  # fails if the target exists, whereas a rename would replace it
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        check_target(target, overwrite)  # a file system without hard links
        os.replace(partial, target)


def _sync_folder(folder):
    """Flush the new name to disk too, on systems that can flush folders."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
