"""Results are written whole or not at all, and an error says what, where and what to do."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from route import cli, files
from route.errors import InputError
from route.files import write_atomic

as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root"
)
posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_written_over(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.csv"
    write_atomic(path, b"one")
    write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert names(path.parent) == ["a.csv"]


@posix
def test_permissions_follow_the_umask_and_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    before = os.umask(0o027)
    try:
        write_atomic(path, b"one")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o600)
    write_atomic(path, b"two")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@posix
def test_a_link_is_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    link.symlink_to(target)
    write_atomic(link, b"one")
    assert link.is_symlink()
    assert target.read_bytes() == b"one"


@posix
def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    write_atomic(path, b"content")
    reader.join(5)
    assert read == [b"content"]
    assert path.is_fifo()


@posix
def test_a_device_is_not_replaced() -> None:
    write_atomic(Path("/dev/null"), b"content")
    assert Path("/dev/null").is_char_device()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["legs", "--format", "csv", "-o", "/dev/full"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        "railroute: Cannot write /dev/full: no space left on device. Make room or write elsewhere.\n"
    )
    assert Path("/dev/full").is_char_device()


@pytest.mark.parametrize("step", ["open", "replace"])
@pytest.mark.parametrize(
    ("code", "told"),
    [
        (errno.ENOSPC, r"no space left on device\. Make room or write elsewhere\.$"),
        (errno.EACCES, r"permission denied\. Write elsewhere or ask for permission\.$"),
        (errno.EROFS, r"read-only file system\. Write elsewhere\.$"),
        (errno.EIO, r"input/output error\. Give another name\.$"),
    ],
)
def test_a_write_that_fails_leaves_everything_as_it_was(
    code: int, told: str, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: Path, *arguments: object) -> None:
        raise OSError(code, os.strerror(code))

    there = tmp_path / "there.csv"
    there.write_bytes(b"before")
    monkeypatch.setattr(Path, step, fails)
    for path in (there, tmp_path / "new" / "folder" / "a.csv"):
        with pytest.raises(InputError, match=told):
            write_atomic(path, b"after")
    monkeypatch.undo()
    assert names(tmp_path) == ["there.csv"]
    assert there.read_bytes() == b"before"


def test_an_interruption_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(tmp_path / "a.csv", b"content")
    assert names(tmp_path) == []


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"it is a folder\. Give a file name with -o\."):
        write_atomic(tmp_path, b"content")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"before")
    with pytest.raises(InputError, match=r"a\.csv is a file, not a folder\. Give another name\."):
        write_atomic(tmp_path / "a.csv" / "b.csv", b"content")
    assert (tmp_path / "a.csv").read_bytes() == b"before"


@posix
def test_a_name_may_be_as_long_as_the_system_lets_it(tmp_path: Path) -> None:
    write_atomic(tmp_path / ("n" * 255), b"content")
    with pytest.raises(InputError, match=r"file name too long\. Give another name\."):
        write_atomic(tmp_path / ("n" * 256), b"content")
    assert names(tmp_path) == ["n" * 255]


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_a_name_that_is_none_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Cannot write"):
        write_atomic(tmp_path / name, b"content")
    assert names(tmp_path) == []


@posix
def test_a_file_that_is_read_only_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"before")
    # Asked of the system, and not tried, because nothing is forbidden to root.
    monkeypatch.setattr(files.os, "access", lambda path, mode: False)
    with pytest.raises(InputError, match=r"the file is read-only\. Write elsewhere or ask for permission\."):
        write_atomic(path, b"after")
    assert path.read_bytes() == b"before"


@posix
@as_root
def test_a_read_only_folder_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tmp_path.chmod(0o500)
    try:
        assert cli.main(["legs", "--format", "csv", "-o", str(tmp_path / "a.csv")]) == 2
    finally:
        tmp_path.chmod(0o700)
    assert "permission denied. Write elsewhere or ask for permission." in capsys.readouterr().err
    assert names(tmp_path) == []
