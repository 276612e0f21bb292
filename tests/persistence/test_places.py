"""Where a file is saved: what is in the way, permissions, links and names."""

import errno
import os
import pathlib
import stat
import sys

import pytest
from forecaster_table import HORIZON, monthly

from tsattn import SeasonalNaiveForecaster, load_forecaster
from tsattn._utils import atomic_write as placing

LINUX = pytest.mark.skipif(sys.platform == "win32", reason="files of POSIX systems")


@pytest.fixture(scope="module")
def model():
    return SeasonalNaiveForecaster(HORIZON).fit(monthly())


def test_without_overwrite_nothing_is_replaced(model, folder):
    pathlib.Path("a.tsattn").write_text("old")
    with pytest.raises(FileExistsError, match=r"a\.tsattn exists. Pass another path, or replace"):
        model.save("a.tsattn")
    assert pathlib.Path("a.tsattn").read_text() == "old"


@pytest.mark.parametrize("links", [True, False])
def test_nor_is_what_appears_meanwhile(links, model, folder, monkeypatch):
    """Also on a disk that has no links."""
    sync, link = os.fsync, os.link

    def appears(descriptor):
        sync(descriptor)
        pathlib.Path("a.tsattn").write_text("of another")

    def linked(old, new):
        if not links:
            raise OSError(errno.EPERM, "no links")
        link(old, new)

    monkeypatch.setattr("os.fsync", appears)
    monkeypatch.setattr("os.link", linked)
    with pytest.raises(FileExistsError, match=r"a\.tsattn already exists \(created while saving\); not overwritten"):
        model.save("a.tsattn")
    assert [part.name for part in folder.iterdir()] == ["a.tsattn"]
    assert pathlib.Path("a.tsattn").read_text() == "of another"


def test_a_disk_without_links_holds_files_too(model, folder, monkeypatch):
    def linked(old, new):
        raise OSError(errno.ENOTSUP, "no links")

    monkeypatch.setattr("os.link", linked)
    model.save("a.tsattn")
    assert [part.name for part in folder.iterdir()] == ["a.tsattn"]
    assert len(load_forecaster("a.tsattn").predict()) == HORIZON


@LINUX
def test_a_file_keeps_its_permissions(model, folder):
    model.save("a.tsattn")
    os.chmod("a.tsattn", 0o600)
    model.save("a.tsattn", overwrite=True)
    assert stat.S_IMODE(os.stat("a.tsattn").st_mode) == 0o600


@LINUX
def test_a_link_is_followed(model, folder):
    os.symlink("there.tsattn", "a.tsattn")
    model.save("a.tsattn")
    assert pathlib.Path("a.tsattn").is_symlink() and not pathlib.Path("there.tsattn").is_symlink()


@LINUX
@pytest.mark.parametrize("make", [os.mkdir, getattr(os, "mkfifo", None), lambda path: os.symlink("/dev/null", path)])
def test_what_is_no_file_is_left_alone(make, model, folder):
    make("a.tsattn")
    before = os.lstat("a.tsattn")
    with pytest.raises(FileExistsError, match=r"a\.tsattn exists and is not a regular file"):
        model.save("a.tsattn", overwrite=True)
    assert os.path.samestat(os.lstat("a.tsattn"), before)
    with pytest.raises(ValueError, match="It is no file"):
        load_forecaster("a.tsattn")


NAMES = {
    "no folder": ("none/a.tsattn", FileNotFoundError, "The folder .*none does not exist"),
    "a file as a folder": ("file.tsattn/a.tsattn", FileNotFoundError, "The folder .*file.tsattn does not exist"),
    "too long": ("a" * 300 + ".tsattn", OSError, "too long"),
    "no name of a file": ("a\0.tsattn", ValueError, "a null character"),
}


@pytest.mark.parametrize(("name", "error", "message"), NAMES.values(), ids=NAMES)
def test_a_name_that_cannot_be_is_said_to_be_none(name, error, message, model, folder):
    pathlib.Path("file.tsattn").write_text("")
    with pytest.raises(error, match=message):
        model.save(name)
    assert [part.name for part in folder.iterdir()] == ["file.tsattn"]


@LINUX
def test_links_in_a_circle_are_said_to_be_so(model, folder):
    os.symlink("a.tsattn", "a.tsattn")
    with pytest.raises(OSError, match=r"a\.tsattn") as told:
        model.save("a.tsattn")
    assert told.value.errno == errno.ELOOP or isinstance(told.value, FileExistsError)


def test_a_long_name_that_can_be_is_one(model, folder):
    model.save("a" * 248 + ".tsattn")
    assert len(list(folder.iterdir())) == 1


def test_what_the_system_says_names_the_file_itself(model, folder, monkeypatch):
    def refused(path, mode):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(placing, "open", refused, raising=False)
    with pytest.raises(PermissionError, match=r"Permission denied: 'a\.tsattn'"):
        model.save("a.tsattn")
