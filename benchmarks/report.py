"""What the benchmarks hand on: tables that print themselves, and bars."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Table:
    """Figures with a heading, a sentence on how they were got, and a row for each thing measured."""

    title: str
    note: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def __str__(self) -> str:
        """Markdown, its columns aligned for a terminal."""
        lines = [self.header, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.header))]

        def written(cells: Sequence[str]) -> str:
            padded = [
                cell.ljust(width) if i == 0 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
            ]
            return f"| {' | '.join(padded)} |"

        rule = "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths))
        return "\n".join(
            [
                f"## {self.title}",
                "",
                self.note,
                "",
                written(self.header),
                f"|{rule}|",
                *map(written, self.rows),
            ]
        )


def seconds(value: float) -> str:
    """Duration with the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= 0.9995 * size:
            number = value / size
            return f"{number:.0f} {unit}" if number >= 99.95 else f"{number:.3g} {unit}"
    return f"{value / 1e-6:.2g} µs"


def child(words: Sequence[str], **settings: str) -> tuple[float, float, str]:
    """Wall-clock seconds, peak memory in MB and standard output of a new Python process; settings are its environment."""
    # Without compiled modules every start would compile the package anew, which an installed one never does.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment |= settings
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, env=environment, text=True
    )
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(words)} ended with {process.returncode}")
    return took, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2), said


def machine() -> str:
    """The machine, as far as Python knows it."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{model}, {cores} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def least(task: Callable[[], object], runs: int) -> float:
    """Least wall-clock time of several runs, in seconds."""
    import gc

    times = []
    for _ in range(runs):
        gc.collect()
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times)


def bars(path: Path, title: str, unit: str, values: dict[str, float], *, first: str) -> None:
    """Draws bars on a logarithmic scale, each with its figure; `first` is set off."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 0.5 + 0.42 * len(values)), layout="constrained")
    axes = figure.add_subplot()
    names = list(values)[::-1]
    colours = ["#b5342b" if name == first else "#8796a5" for name in names]
    drawn = axes.barh(names, [values[name] for name in names], color=colours)
    axes.bar_label(drawn, labels=[f" {values[name]:,.3g}" for name in names])
    axes.set_xscale("log")
    axes.margins(x=0.15)
    axes.set_title(title, loc="left")
    axes.set_xlabel(unit)
    axes.spines[["top", "right"]].set_visible(False)
    _save(figure, path)


def lines(path: Path, title: str, x: str, y: str, series: dict[str, dict[float, float]]) -> None:
    """Draws how figures grow, on logarithmic scales."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.6), layout="constrained")
    axes = figure.add_subplot()
    for name, points in series.items():
        axes.plot(list(points), list(points.values()), marker="o", label=name)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(list(next(iter(series.values()))))
    axes.get_xaxis().set_major_formatter(lambda value, _: f"{value:g}")
    axes.minorticks_off()
    axes.set_title(title, loc="left")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    _save(figure, path)


def _save(figure: object, path: Path) -> None:
    import matplotlib as mpl

    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "railroute"}):
        figure.savefig(path, metadata={"Date": None})
