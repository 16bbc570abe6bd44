"""Every public docstring follows numpydoc, as pyproject.toml asks."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import tomllib
from pathlib import Path

import route

ROOT = Path(__file__).resolve().parent.parent


def public_objects() -> dict[str, object]:
    """What the modules export, with the public methods and properties of exported classes."""
    objects: dict[str, object] = {}
    for found in pkgutil.walk_packages(route.__path__, "route."):
        module = importlib.import_module(found.name)
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)
            if getattr(value, "__module__", None) != found.name or not (
                inspect.isclass(value) or inspect.isfunction(value)
            ):
                continue  # a constant, or exported a second time
            objects[f"{found.name}.{name}"] = value
            for member, inner in vars(value).items() if inspect.isclass(value) else ():
                if not member.startswith("_") and (inspect.isfunction(inner) or isinstance(inner, property)):
                    objects[f"{found.name}.{name}.{member}"] = inner
    return objects


def takes_its_parameters_elsewhere(value: object) -> bool:
    """Whether it is a class with the constructor of its base, or a protocol, which has none."""
    if not inspect.isclass(value):
        return False
    return getattr(value, "_is_protocol", False) or not {"__init__", "__new__"} & vars(value).keys()


def test_every_public_docstring_is_numpydoc() -> None:
    from numpydoc.validate import validate

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    excepted = set(settings["tool"]["numpydoc_validation"]["checks"]) - {"all"}
    objects = public_objects()
    found = []
    for name, value in objects.items():
        allowed = excepted | ({"PR01"} if takes_its_parameters_elsewhere(value) else set())
        found += [f"{name}: {code} {text}" for code, text in validate(name)["errors"] if code not in allowed]
    assert len(objects) > 50
    assert found == []
