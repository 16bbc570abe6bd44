"""Where the package's data files are, and how results are written."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from route.errors import InputError

__all__ = ["data_path", "write_atomic"]

_PACKAGE = Path(__file__).resolve().parent
_REMEDIES = MappingProxyType(
    {
        errno.ENOSPC: "Make room or write elsewhere.",
        errno.EDQUOT: "Make room or write elsewhere.",
        errno.EACCES: "Write elsewhere or ask for permission.",
        errno.EPERM: "Write elsewhere or ask for permission.",
        errno.EROFS: "Write elsewhere.",
    }
)


def data_path(name: str) -> Path:
    """Path of a data file that comes with the package.

    Parameters
    ----------
    name : str
        File name below ``data/``.

    Returns
    -------
    Path
        In an installed package below ``route/data``, in a checkout below ``data`` beside the package.
    """
    installed = _PACKAGE / "data" / name
    return installed if installed.exists() else _PACKAGE.parent / "data" / name


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file so that it is either there whole or as it was before.

    A link is followed, and a file that is there keeps its permissions. A device or a pipe, such as
    ``/dev/stdout``, is written to and not replaced.

    Parameters
    ----------
    path : Path
        Where to; its folder is made if it is missing.
    content : bytes
        The whole content.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    try:
        if path.is_dir():
            raise InputError(f"Cannot write {path}: it is a folder. Give a file name with -o.")
        if path.exists() and not path.is_file():
            with path.open("wb") as device:
                device.write(content)
        else:
            _replace(Path(os.path.realpath(path)), content)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"Cannot write {path}: {_reason(path, error)}") from error


def _replace(target: Path, content: bytes) -> None:
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    if mode is not None and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "the file is read-only")
    missing = [folder for folder in target.parents if not folder.exists()]
    # A short name of its own: with that of the file in it, it could be longer than names may be.
    temporary = target.with_name(f".{secrets.token_hex(8)}.part")
    whole = False
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            file.write(content)
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
        whole = True
    finally:
        if not whole:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
                for folder in missing:
                    folder.rmdir()


def _reason(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError):
        blocking = [str(folder) for folder in path.absolute().parents if folder.is_file()]
        if blocking:
            return f"{blocking[0]} is a file, not a folder. Give another name."
    what, remedy = str(error), "Give another name."
    if isinstance(error, OSError) and error.errno is not None:
        what, remedy = error.strerror or what, _REMEDIES.get(error.errno, remedy)
    return f"{what[:1].lower()}{what[1:]}. {remedy}"
