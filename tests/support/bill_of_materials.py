"""The packages that a release runs with, as a CycloneDX document: all extras, at the versions of the lock."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "tallystick"
_PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^\s;\\]+)(?P<rest>(?:.*\\\n)*.*)$", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_LICENCE = re.compile(r"^\| ([a-z0-9-]+) \| ([\w.() -]+) \|$", re.MULTILINE)


class IncompleteError(Exception):
    """The document would not say everything; the text says what is missing, and what to do."""


@dataclass(frozen=True)
class Locked:
    """A package at the version of the lock, and the SHA-256 of each file that it may be installed from."""

    version: str
    hashes: tuple[str, ...]


def locked(text: str) -> dict[str, Locked]:
    """Return the packages of a lock file by name."""
    return {
        found["name"]: Locked(found["version"], tuple(sorted(_HASH.findall(found["rest"]))))
        for found in _PIN.finditer(text)
    }


def dependencies(name: str = PROJECT) -> dict[str, set[str]]:
    """Return what each package asks for, beginning with the project and all its extras, as installed here."""
    found: dict[str, set[str]] = {}
    extras = tuple(distribution(name).metadata.get_all("Provides-Extra") or ())
    waiting = {(name, extra) for extra in ("", *extras)}
    seen = set()
    while waiting:
        package, extra = waiting.pop()
        seen.add((package, extra))
        asked = [
            need
            for line in distribution(package).requires or ()
            if _applies(need := Requirement(line), extra)
        ]
        found.setdefault(package, set()).update(canonicalize_name(need.name) for need in asked)
        waiting |= {
            (canonicalize_name(need.name), each) for need in asked for each in ("", *need.extras)
        } - seen
    return found


def _applies(need: Requirement, extra: str) -> bool:
    return need.marker is None or need.marker.evaluate({"extra": extra})


def document(version: str, moment: datetime, root: Path) -> str:
    """Return the document of a release, which was committed at *moment*; the same bytes each time.

    Raises IncompleteError.
    """
    try:
        graph = dependencies()
    except PackageNotFoundError as error:
        raise IncompleteError(f"{error.name} is not installed: run make") from error
    pins = locked((root / "requirements-dev.lock").read_text("utf-8"))
    licences = dict(_LICENCE.findall((root / "docs" / "licences.md").read_text("utf-8")))
    _check(graph.keys() - {PROJECT}, pins, licences)
    components = {
        name: _component(name, pins[name], licences[name]) for name in sorted(graph) if name != PROJECT
    }
    components[PROJECT] = _of_project(version)
    bom = Bom(
        components=[found for name, found in components.items() if name != PROJECT],
        serial_number=uuid5(NAMESPACE_URL, f"{PROJECT}:{version}:{moment.isoformat()}"),
    )
    bom.metadata.timestamp = moment.astimezone(UTC)
    bom.metadata.component = components[PROJECT]
    for name, needed in graph.items():
        bom.register_dependency(components[name], [components[each] for each in sorted(needed)])
    text = JsonV1Dot6(bom).output_as_string(indent=2) + "\n"
    check(text)
    return text


def check(text: str) -> None:
    """Raise IncompleteError when *text* is not what the schema of CycloneDX 1.6 says."""
    if errors := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise IncompleteError(f"the list of packages is not as CycloneDX 1.6 says: {errors}")


def _check(packages: set[str], pins: Mapping[str, Locked], licences: Mapping[str, str]) -> None:
    for name in sorted(packages):
        installed = distribution(name).version
        if name not in pins or pins[name].version != installed:
            raise IncompleteError(
                f"{name} {installed} is installed, and not in requirements-dev.lock: run make"
            )
        if name not in licences:
            raise IncompleteError(f"docs/licences.md has no licence of {name}: add it")


def _component(name: str, pin: Locked, licence: str) -> Component:
    address = PackageURL("pypi", name=name, version=pin.version)
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(str(address)),
        comment="The files that the lock allows",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in pin.hashes],
    )
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=pin.version,
        purl=address,
        bom_ref=str(address),
        licenses=[LicenseFactory().make_from_string(licence)],
        external_references=[files],
    )


def _of_project(version: str) -> Component:
    address = PackageURL("pypi", name=PROJECT, version=version)
    return Component(
        type=ComponentType.APPLICATION,
        name=PROJECT,
        version=version,
        purl=address,
        bom_ref=str(address),
        licenses=[LicenseFactory().make_from_string("MIT")],
    )
