"""A file that is there whole, old or new, at every moment."""

import os
import secrets
from contextlib import suppress


def place_file(data, path):
    """Write bytes beside a path, have them on the disk, and only then give them its name.

    If the call fails, or the process or the machine ends in it, the file is what it was before. What a killed process
    leaves is a file `NAME.partial-...` beside it.

    Args:
        data: The bytes.
        path: A `Path`; a link is followed.
    """
    path = path.resolve()
    partial = path.with_name(f"{path.name}.partial-{secrets.token_hex(8)}")
    try:
        with open(partial, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _flush_folder(folder):
    """Have the new name on the disk too, where folders can be flushed."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
