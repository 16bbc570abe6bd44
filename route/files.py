"""Where the package's data files are, and how results are written."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from route.errors import InputError

__all__ = ["data_path", "write_atomic"]

_PACKAGE = Path(__file__).resolve().parent


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
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise InputError(f"Cannot write {path}: it is a folder. Give a file name with -o.")
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)  # noqa: PTH101 - mkstemp gives a path as text
        os.replace(temporary, path)  # noqa: PTH105
        temporary = None
    except OSError as error:
        raise InputError(f"Cannot write {path}: {error.strerror or error}.") from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108
