"""Fill README.md and the notebooks with what the package shows now.

    python tools/refresh_docs.py

The parts of README.md between ``<!-- story -->`` and ``<!-- accuracy -->`` marks are written anew. Notebooks
are run and keep what they show, without the times and names of the machine that the kernel adds to the cells.
The same package gives the same bytes.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

import route
from route.files import write_atomic

ROOT = Path(__file__).resolve().parent.parent
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# Kilometres as railways and handbooks publish them.
PUBLISHED = {
    ("Pyongyang", "Khasan"): 850,
    ("Khasan", "Vladivostok"): 327,
    ("Paris", "Lyon"): 427,
    ("London", "Edinburgh"): 632,
    ("Tokyo", "Osaka"): 515,
    ("Cairo", "Aswan"): 879,
    ("Moscow", "Vladivostok"): 9288,
}


def accuracy() -> str:
    """Table of a few journeys beside their published length."""
    lines = ["| by rail | railroute | published | difference |", "|---|--:|--:|--:|"]
    for (origin, destination), published in PUBLISHED.items():
        measured = route.plan([origin, destination]).distance_km
        off = (measured / published - 1) * 100
        lines.append(f"| {origin} - {destination} | {measured:,.0f} km | {published:,} km | {off:+.1f} % |")
    return "\n".join(lines) + "\n"


def refresh_readme(path: Path) -> None:
    """Write the parts of the README that the package prints."""
    text = path.read_text(encoding="utf-8")
    parts = {"story": f"```text\n{route.plan()}```\n", "accuracy": accuracy()}
    for name, part in parts.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        text, found = re.subn(f"{begin}.*?{end}", lambda _, p=begin + part + end: p, text, flags=re.DOTALL)
        if found != 1:
            raise SystemExit(f"{path.name} needs one part between {begin.strip()} and {end}.")
    write_atomic(path, text.encode())


def refresh_notebook(path: Path) -> None:
    """Run a notebook and keep what it shows."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        where = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=600, kernel_name="python3", resources=where).execute()
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02}"
        cell.metadata = {}
        for output in cell.get("outputs", ()):
            if "metadata" in output:
                output.metadata = {}
            # The text beside a richer form would name an address in memory.
            if "text/html" in output.get("data", {}):
                output.data.pop("text/plain", None)
    notebook.metadata = METADATA
    nbformat.validate(notebook)
    write_atomic(path, (nbformat.writes(notebook) + "\n").encode())
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = str(ROOT)
    refresh_readme(ROOT / "README.md")
    for notebook_path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        refresh_notebook(notebook_path)
