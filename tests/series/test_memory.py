"""How much memory there is: that of the machine, or of a container in it."""

import math
import os

from tsattn._utils import memory


def test_what_the_machine_has(monkeypatch):
    monkeypatch.setattr(memory, "LIMITS", ())
    assert 10**8 < memory.memory() < 10**15
    monkeypatch.delattr(os, "sysconf")  # as on Windows
    assert memory.memory() == math.inf


def test_what_the_container_has(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "LIMITS", (tmp_path / "limit", tmp_path / "none"))
    whole = memory.LIMITS[0].write_text("max\n") and memory.memory()
    memory.LIMITS[0].write_text("1000000\n")
    assert memory.memory() == 10**6 < whole
