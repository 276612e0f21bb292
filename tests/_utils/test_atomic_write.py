"""Atomic writes of bytes and text; those of whole forecasters are in `persistence/test_save_paths.py`."""

import os

import pytest

from tsattn._utils.atomic_write import write_atomic, write_files_atomic


@pytest.mark.parametrize(("data", "written"), [(b"\r\n\xff", b"\r\n\xff"), ("a\nü", b"a\n\xc3\xbc")])
def test_bytes_and_text_are_written_unchanged(data, written, tmp_path):
    write_atomic(tmp_path / "file", data)
    assert (tmp_path / "file").read_bytes() == written
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_is_replaced_only_with_overwrite(tmp_path):
    write_atomic(tmp_path / "file", "old")
    with pytest.raises(FileExistsError, match=r"file exists. Pass another path, or replace it with `overwrite=True`"):
        write_atomic(tmp_path / "file", "new")
    assert (tmp_path / "file").read_text() == "old"
    write_atomic(tmp_path / "file", "new", overwrite=True)
    assert (tmp_path / "file").read_text() == "new"


@pytest.mark.parametrize("data", ["\ud800", b"new"])
def test_a_failed_write_leaves_the_old_file(data, tmp_path, monkeypatch):
    write_atomic(tmp_path / "file", "old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises((OSError, UnicodeEncodeError), match=r"disk|surrogates"):
        write_atomic(tmp_path / "file", data, overwrite=True)
    assert (tmp_path / "file").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_several_files_are_all_replaced_or_none(tmp_path):
    one, two = tmp_path / "one", tmp_path / "folder" / "two"
    one.write_text("old")
    with pytest.raises(FileNotFoundError, match="folder does not exist"):
        write_files_atomic({one: "new", two: b"new"}, overwrite=True)
    two.parent.mkdir()
    with pytest.raises(UnicodeEncodeError):
        write_files_atomic({one: "new", two: "\ud800"}, overwrite=True)
    assert one.read_text() == "old" and not any(two.parent.iterdir())
    write_files_atomic({one: "new", two: b"new"}, overwrite=True)
    assert one.read_text() == two.read_text() == "new"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "one", "two"]
