"""Available memory of the machine, or of a container."""

import math
import os

from tsattn._utils import memory


def test_memory_of_the_machine(monkeypatch):
    monkeypatch.setattr(memory, "LIMITS", ())
    assert 10**8 < memory.available_memory() < 10**15
    monkeypatch.delattr(os, "sysconf")  # as on Windows
    assert memory.available_memory() == math.inf


def test_memory_limit_of_a_container(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "LIMITS", (tmp_path / "limit", tmp_path / "none"))
    memory.LIMITS[0].write_text("max\n")
    unlimited = memory.available_memory()
    memory.LIMITS[0].write_text("1000000\n")
    assert memory.available_memory() == 10**6 < unlimited
