"""How much memory there is, so that no more is asked for."""

import math
import os
import pathlib

LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # of a container on Linux


def memory():
    """Bytes of memory of this machine, or of the container that this process runs in; infinite where neither tells."""
    known = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")] if hasattr(os, "sysconf") else []
    for path in map(pathlib.Path, LIMITS):
        if path.exists() and (text := path.read_text(encoding="ascii").strip()).isdigit():  # "max" is no limit
            known.append(int(text))
    return min(known, default=math.inf)
