"""Available memory, checked before a large allocation."""

import math
import os
import pathlib

# Memory limits of a container on Linux: control groups of version 2 and of version 1.
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def available_memory():
    """Return the memory in bytes of this machine or its container; infinity if neither is known."""
    known = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")] if hasattr(os, "sysconf") else []
    for path in map(pathlib.Path, LIMITS):
        if path.exists() and (text := path.read_text(encoding="ascii").strip()).isdigit():  # "max" means no limit
            known.append(int(text))
    return min(known, default=math.inf)
