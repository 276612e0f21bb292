"""Paths of saved files: existing files, permissions, links and names."""

import errno
import os
import pathlib
import stat
import sys

import pytest
from forecaster_table import HORIZON, monthly

from tsattn import SeasonalNaiveForecaster, load_forecaster
from tsattn._utils import atomic_write

LINUX = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX file system")


@pytest.fixture(scope="module")
def model():
    return SeasonalNaiveForecaster(HORIZON).fit(monthly())


def test_without_overwrite_a_file_is_not_replaced(model, folder):
    pathlib.Path("a.tsattn").write_text("old")
    with pytest.raises(FileExistsError, match=r"a\.tsattn exists. Pass another path, or replace"):
        model.save("a.tsattn")
    assert pathlib.Path("a.tsattn").read_text() == "old"


@pytest.mark.parametrize("links", [True, False])
def test_a_file_created_while_saving_is_not_replaced(links, model, folder, monkeypatch):
    """This also holds on a disk without hard links."""
    sync, link = os.fsync, os.link

    def create(descriptor):
        sync(descriptor)
        pathlib.Path("a.tsattn").write_text("of another")

    def fake_link(old, new):
        if not links:
            raise OSError(errno.EPERM, "no links")
        link(old, new)

    monkeypatch.setattr("os.fsync", create)
    monkeypatch.setattr("os.link", fake_link)
    with pytest.raises(FileExistsError, match=r"a\.tsattn already exists \(created while saving\); not overwritten"):
        model.save("a.tsattn")
    assert [part.name for part in folder.iterdir()] == ["a.tsattn"]
    assert pathlib.Path("a.tsattn").read_text() == "of another"


def test_a_disk_without_hard_links_is_supported(model, folder, monkeypatch):
    def fake_link(old, new):
        raise OSError(errno.ENOTSUP, "no links")

    monkeypatch.setattr("os.link", fake_link)
    model.save("a.tsattn")
    assert [part.name for part in folder.iterdir()] == ["a.tsattn"]
    assert len(load_forecaster("a.tsattn").predict()) == HORIZON


@LINUX
def test_a_replaced_file_keeps_its_permissions(model, folder):
    model.save("a.tsattn")
    os.chmod("a.tsattn", 0o600)
    model.save("a.tsattn", overwrite=True)
    assert stat.S_IMODE(os.stat("a.tsattn").st_mode) == 0o600


@LINUX
def test_links_are_followed(model, folder):
    os.symlink("there.tsattn", "a.tsattn")
    model.save("a.tsattn")
    assert pathlib.Path("a.tsattn").is_symlink() and not pathlib.Path("there.tsattn").is_symlink()


@LINUX
@pytest.mark.parametrize("make", [os.mkdir, getattr(os, "mkfifo", None), lambda path: os.symlink("/dev/null", path)])
def test_a_path_that_is_not_a_file_is_not_replaced(make, model, folder):
    make("a.tsattn")
    before = os.lstat("a.tsattn")
    with pytest.raises(FileExistsError, match=r"a\.tsattn exists and is not a regular file"):
        model.save("a.tsattn", overwrite=True)
    assert os.path.samestat(os.lstat("a.tsattn"), before)
    with pytest.raises(ValueError, match="It is not a regular file"):
        load_forecaster("a.tsattn")


NAMES = {
    "a missing folder": ("none/a.tsattn", FileNotFoundError, "The folder .*none does not exist"),
    "a file as a folder": ("file.tsattn/a.tsattn", FileNotFoundError, "The folder .*file.tsattn does not exist"),
    "too long": ("a" * 300 + ".tsattn", OSError, "too long"),
    "a null character": ("a\0.tsattn", ValueError, "a null character"),
}


@pytest.mark.parametrize(("name", "error", "message"), NAMES.values(), ids=NAMES)
def test_invalid_names_are_refused(name, error, message, model, folder):
    pathlib.Path("file.tsattn").write_text("")
    with pytest.raises(error, match=message):
        model.save(name)
    assert [part.name for part in folder.iterdir()] == ["file.tsattn"]


@LINUX
def test_a_loop_of_links_is_refused(model, folder):
    os.symlink("a.tsattn", "a.tsattn")
    with pytest.raises(OSError, match=r"a\.tsattn") as caught:
        model.save("a.tsattn")
    assert caught.value.errno == errno.ELOOP or isinstance(caught.value, FileExistsError)


def test_a_long_name_is_accepted(model, folder):
    model.save("a" * 248 + ".tsattn")
    assert len(list(folder.iterdir())) == 1


def test_errors_of_the_system_name_the_file(model, folder, monkeypatch):
    def fake_open(path, mode):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(atomic_write, "open", fake_open, raising=False)
    with pytest.raises(PermissionError, match=r"Permission denied: 'a\.tsattn'"):
        model.save("a.tsattn")
