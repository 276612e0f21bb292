"""A file that is there whole, old or new, at every moment."""

import errno
import os
import pathlib
import secrets
import stat
from contextlib import suppress

NO_LINKS = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.EMLINK)


def checked_name(path):
    """A path that can be the name of a file, as a `Path`.

    Raises:
        ValueError: it has a character 0. TypeError: it is no path.
    """
    path = pathlib.Path(path)
    if "\0" in str(path):
        raise ValueError(f"{str(path)!r} has a character 0, which no name of a file can have. Leave it out.")
    return path


def checked_place(path, overwrite):
    """A path where a file can be written, links in it followed.

    Raises:
        FileExistsError: something is there that is not to be replaced, or that is no file. FileNotFoundError: its
            folder is not there. OSError: the links in it go round in a circle.
    """
    try:
        place = pathlib.Path(path).resolve()
    except RuntimeError as problem:  # before Python 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from problem
    if os.path.lexists(place):
        if not place.is_file():
            raise FileExistsError(f"{path} is there, and no file. Name another.")
        if not overwrite:
            raise FileExistsError(f"{path} exists. Name another file, or replace it with `overwrite=True`.")
    if not place.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {place.parent}. Make it, or name a file in one that there is.")
    return place


def place_file(data, path, overwrite=False):
    """Write bytes beside a path, have them on the disk, and only then give them its name.

    If the call fails, or the process or the machine ends in it, the file is what it was before. What a killed process
    leaves is a file `tsattn-....partial` in the same folder.

    Args:
        data: The bytes.
        path: A `Path`; a link is followed.
        overwrite: Whether a file of that name is replaced; the new one has its permissions. Defaults to False.

    Raises:
        OSError: as `checked_place`, also where a file appears meanwhile; or what the system says.
    """
    place = checked_place(path, overwrite)
    partial = place.with_name(f"tsattn-{secrets.token_hex(8)}.partial")
    try:
        try:
            with open(partial, "xb") as file:
                if place.exists():
                    partial.chmod(stat.S_IMODE(place.stat().st_mode))
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            _rename(partial, place, overwrite)
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
    except FileExistsError as problem:
        raise FileExistsError(f"{path} came to be there meanwhile, and was left alone.") from problem
    except OSError as problem:
        raise OSError(problem.errno, problem.strerror, str(path)) from problem
    _flush_folder(place.parent)


def _rename(partial, place, overwrite):
    if overwrite:
        os.replace(partial, place)
        return
    try:
        os.link(partial, place)  # fails where there is a file, which a renaming replaces
    except OSError as problem:
        if problem.errno not in NO_LINKS:
            raise
        checked_place(place, overwrite)  # a disk without links
        os.replace(partial, place)


def _flush_folder(folder):
    """Have the new name on the disk too, where folders can be flushed."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
