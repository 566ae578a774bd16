"""What the paths of a document's servers begin with."""

import re
from collections.abc import Iterator
from itertools import islice, product
from typing import Any, Protocol
from urllib.parse import urlsplit

from tally.service_contract.parts import DocumentPart

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_MOST_PATHS = 50


class _HasItems(Protocol):
    def items(self, key: str) -> Iterator[DocumentPart]: ...


def base_paths(*holders: _HasItems) -> tuple[str, ...]:
    """Return the paths of the servers of the first of *holders* that has any, without a "/" at the end.

    Variables take their default, and what else they may be. A URL that cannot be read says nothing.
    """
    for holder in holders:
        servers = [part.value for part in holder.items("servers")]
        if servers:
            return tuple(dict.fromkeys(path for server in servers for path in _paths(server)))
    return ()


def default_base_path(document: dict[str, Any]) -> str:
    """Return what all paths of an OpenAPI document begin with, whatever the server.

    `x-opc-config-base-path` is how openapi-pact-comparator is told.
    """
    info = document.get("info", {})
    found = (
        document.get("x-contract-base-path"),
        document.get("basePath"),
        info.get("x-opc-config-base-path") if isinstance(info, dict) else None,
    )
    return next((path for path in found if isinstance(path, str)), "").rstrip("/")


def ignores_case(document: dict[str, Any]) -> bool:
    """Whether the paths of an OpenAPI document may be written in upper or lower case.

    `x-opc-config-case-insensitive` is how openapi-pact-comparator is told.
    """
    info = document.get("info", {})
    said = info.get("x-opc-config-case-insensitive") if isinstance(info, dict) else None
    return document.get("x-contract-ignore-case", said) is True


def _paths(server: object) -> Iterator[str]:
    if not isinstance(server, dict) or not isinstance(server.get("url"), str):
        return
    url, variables = server["url"], server.get("variables")
    names = list(dict.fromkeys(_VARIABLE.findall(url)))
    values = [_values(name, variables.get(name) if isinstance(variables, dict) else None) for name in names]
    for choice in islice(product(*values), _MOST_PATHS):
        written = url
        for name, value in zip(names, choice, strict=True):
            written = written.replace(f"{{{name}}}", value)
        try:
            yield urlsplit(written).path.rstrip("/")
        except ValueError:
            continue


def _values(name: str, variable: object) -> list[str]:
    """Return what a variable may be: its default first."""
    if not isinstance(variable, dict):
        return [f"{{{name}}}"]
    listed = variable.get("enum")
    others = listed if isinstance(listed, list) else []
    return list(dict.fromkeys(str(value) for value in (variable.get("default", f"{{{name}}}"), *others)))
