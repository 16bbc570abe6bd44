"""What the package is made of: declared and used, free to use, of no known vulnerability, safe with its input.

An audit by a service such as that of pip-audit needs the network. What can be known without it is checked here.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SOURCES = sorted((ROOT / "route").rglob("*.py"))
ADVISORIES = tomllib.loads((ROOT / "tests" / "data" / "advisories.toml").read_text(encoding="utf-8"))[
    "advisory"
]

CORE = {canonicalize_name(Requirement(text).name): Requirement(text) for text in PROJECT["dependencies"]}
EXTRAS = {
    canonicalize_name(Requirement(text).name): Requirement(text)
    for extra in PROJECT["optional-dependencies"].values()
    for text in extra
}
# Not imported, and why they are needed all the same.
READ_BY_OTHERS = {"tzdata": "the zoneinfo of the standard library reads it"}
# Of packages whose metadata do not name a licence.
KNOWN_LICENCES = {"xstatic-leaflet": "BSD-2-Clause"}  # "same as Leaflet", which is that

PERMISSIVE = re.compile(
    r"0BSD|Apache([- ]2(\.0)?| Software License)?|BSD([- ][23]-Clause)?( License)?|CC0-1\.0|ISC|MIT(-CMU| License)?"
    r"|MPL-2\.0|Mozilla Public License 2\.0 \(MPL 2\.0\)|PSF-2\.0|Python Software Foundation License|Unicode-3\.0"
    r"|Unlicense|Zlib"
)
# Modules that run what they read, or leave a gap between a name and its use.
DANGEROUS_MODULES = {
    "pickle",
    "marshal",
    "shelve",
    "dill",
    "cloudpickle",
    "joblib",
    "yaml",
    "code",
    "imp",
    "pty",
}
DANGEROUS_CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "tempfile.mktemp", "ssl._create_unverified_context",
}  # fmt: skip
XML_READERS = {
    "parse",
    "fromstring",
    "fromstringlist",
    "iterparse",
    "XML",
    "XMLID",
    "XMLParser",
    "XMLPullParser",
}


@cache
def trees() -> list[tuple[Path, ast.Module]]:
    return [(path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES]


@cache
def imported() -> dict[str, str]:
    """Modules that `route` imports from elsewhere, lazily or not, each with one of the files that do."""
    found: dict[str, str] = {}
    for path, tree in trees():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += (
                [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            )
            for name in names:
                top = name.split(".")[0]
                if top not in sys.stdlib_module_names and top != "route":
                    found[top] = str(path)
    return found


@cache
def packages() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def distributions(module: str) -> set[str]:
    return {canonicalize_name(name) for name in packages().get(module, ())}


@cache
def installed() -> dict[str, metadata.Distribution]:
    """Packages that a plain installation has, the dependencies of dependencies too."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(CORE.values())
    while waiting:
        name = canonicalize_name(waiting.pop().name)
        if name not in found:
            found[name] = metadata.distribution(name)
            needs = map(Requirement, found[name].requires or ())
            waiting += [need for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found


def licences(name: str, package: metadata.Distribution) -> list[str]:
    """Names of the licences of a package, from the best source that has one."""
    told = package.metadata
    if name in KNOWN_LICENCES:
        return [KNOWN_LICENCES[name]]
    if expression := told.get("License-Expression"):
        return [part.strip("() ") for part in re.split(r"\s+(?:AND|OR)\s+", expression)]
    short = (told.get("License") or "").strip()
    if short and "\n" not in short:
        return [short]
    trove = [
        line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or () if line.startswith("License")
    ]
    if trove:
        return trove
    bills = [file for file in package.files or () if file.match("*.dist-info/sboms/*.json")]
    return [
        entry.get("expression") or entry["license"]["id"]
        for bill in bills
        for entry in json.loads(bill.read_text())["metadata"]["component"]["licenses"]
    ]


def declared() -> set[str]:
    """Packages that are asked for by name, or by an extra of one of them, as in ``dask[distributed]``."""
    found = {*CORE, *EXTRAS}
    for requirement in (*CORE.values(), *EXTRAS.values()):
        if requirement.extras:
            needs = map(Requirement, metadata.requires(requirement.name) or ())
            found |= {
                canonicalize_name(need.name)
                for need in needs
                for extra in requirement.extras
                if need.marker is not None
                and need.marker.evaluate({"extra": extra})
                and not need.marker.evaluate({"extra": ""})
            }
    return found


def test_everything_that_is_imported_is_declared() -> None:
    undeclared = {
        module: path for module, path in imported().items() if not distributions(module) & declared()
    }
    assert undeclared == {}


def test_everything_that_is_declared_is_imported() -> None:
    used = {name for module in imported() for name in distributions(module)}
    assert sorted(CORE.keys() - used - READ_BY_OTHERS.keys()) == []
    assert READ_BY_OTHERS.keys() <= CORE.keys() - used


def test_the_installed_packages_are_those_that_are_asked_for() -> None:
    for requirement in CORE.values():
        assert metadata.version(requirement.name) in requirement.specifier


def test_every_dependency_may_be_used_by_anyone() -> None:
    found = {name: licences(name, package) for name, package in installed().items()}
    assert len(found) > len(CORE)
    assert [name for name, named in found.items() if not named] == []
    assert {name: named for name, named in found.items() if not all(map(PERMISSIVE.fullmatch, named))} == {}


@pytest.mark.parametrize(
    ("licence", "fine"),
    [
        ("MIT", True),
        ("BSD-3-Clause", True),
        ("Apache-2.0", True),
        ("GPL-3.0-only", False),
        ("LGPLv3", False),
        ("MIT but not", False),
    ],
)
def test_a_licence_is_judged_by_its_whole_name(licence: str, fine: bool) -> None:
    assert bool(PERMISSIVE.fullmatch(licence)) is fine


def test_every_dependency_was_installed_from_a_wheel() -> None:
    # A source distribution runs code of its own when it is installed; pip leaves a WHEEL file either way, an
    # egg or a file of distutils does not have one.
    assert [name for name, package in installed().items() if not package.read_text("WHEEL")] == []


@pytest.mark.parametrize("advisory", ADVISORIES, ids=lambda advisory: advisory["id"])
def test_no_installed_package_has_a_known_vulnerability(advisory: dict[str, str]) -> None:
    package = installed().get(canonicalize_name(advisory["package"]))
    if package is not None:
        assert Version(package.version) >= Version(advisory["fixed"]), advisory["what"]


@pytest.mark.parametrize("advisory", ADVISORIES, ids=lambda advisory: advisory["id"])
def test_no_release_that_may_be_installed_has_one(advisory: dict[str, str]) -> None:
    requirement = CORE.get(canonicalize_name(advisory["package"]))
    if requirement is not None:
        (lowest,) = (part.version for part in requirement.specifier if part.operator == ">=")
        assert Version(lowest) >= Version(advisory["fixed"]), advisory["what"]


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def dangers(tree: ast.Module) -> list[str]:
    """What a module does that could run or believe its input."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.split(".")[0] in DANGEROUS_MODULES]
        elif isinstance(node, ast.ImportFrom):
            top = (node.module or "").split(".")[0]
            found += [node.module or ""] if top in DANGEROUS_MODULES and not node.level else []
            if (node.module or "").startswith(("xml.", "lxml")) and not node.level:
                found += [alias.name for alias in node.names if alias.name in XML_READERS]
        elif isinstance(node, ast.Call):
            name = dotted(node.func)
            found += [name] if name in DANGEROUS_CALLS else []
            found += (
                [name]
                if name.startswith(("ET.", "etree.", "xml.", "minidom.", "sax."))
                and (name.rpartition(".")[2] in XML_READERS | {"parseString"})
                else []
            )
            for word in node.keywords:
                is_true = isinstance(word.value, ast.Constant) and word.value.value is True
                is_false = isinstance(word.value, ast.Constant) and word.value.value is False
                found += [f"{name}({word.arg})"] if word.arg in {"shell", "allow_pickle"} and is_true else []
                found += [f"{name}({word.arg})"] if word.arg == "verify" and is_false else []
    return found


def test_nothing_that_is_read_is_run_or_believed() -> None:
    assert {str(path): found for path, tree in trees() if (found := dangers(tree))} == {}


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from yaml import load",
        "eval(text)",
        "subprocess.run(command, shell=True)",
        "numpy.load(file, allow_pickle=True)",
        "tempfile.mktemp()",
        "ET.fromstring(text)",
        "import xml.etree.ElementTree as ET\nET.parse(file)",
        "from xml.etree.ElementTree import fromstring",
        "requests.get(url, verify=False)",
    ],
)
def test_what_is_dangerous_is_found(code: str) -> None:
    assert dangers(ast.parse(code))


def test_what_is_not_dangerous_is_not_found() -> None:
    assert (
        dangers(
            ast.parse("re.compile(text)\njson.loads(text)\nET.SubElement(root, 'a')\nrun(x, shell=False)")
        )
        == []
    )


def test_security_rules_are_set_aside_only_where_that_is_argued_in_the_tests() -> None:
    # An assertion for the type checker; an address whose host was checked; markup of the page, which the tests
    # of the map fill with hostile texts.
    allowed = {"S101", "S310", "S704"}
    exempted = {
        rule: str(path.relative_to(ROOT))
        for path in SOURCES
        for rules in re.findall(r"# noqa: ([A-Z0-9, ]+)", path.read_text(encoding="utf-8"))
        for rule in re.findall(r"\bS\d{3}\b", rules)
    }
    assert {rule: path for rule, path in exempted.items() if rule not in allowed} == {}
