"""What holds for all tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# Hypothesis fails an example that takes a fifth of a second, which says how busy the machine is and nothing more.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

COMPILE = "from route.network import elimination as e; e.searches_work(); e.sums_work()"
compiling = pytest.StashKey[subprocess.Popen[bytes]]()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the searches of tables beside the first tests, where the tests are shared among processes.

    In a fresh clone each process that comes to them would compile them for itself, a quarter of a minute each: the
    tests', and those that they start. Without numba nothing comes of it, and nothing has to.
    """
    if session.config.getoption("numprocesses", None):
        session.config.stash[compiling] = subprocess.Popen(
            [sys.executable, "-c", COMPILE],
            cwd=Path(__file__).resolve().parents[1],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave no process behind."""
    if (process := session.config.stash.get(compiling, None)) is not None:
        process.wait()
