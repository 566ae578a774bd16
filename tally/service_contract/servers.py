"""What the paths of a document's servers begin with."""

import re
from collections.abc import Iterator
from typing import Any, Protocol
from urllib.parse import urlsplit

from tally.service_contract.parts import DocumentPart

_VARIABLE = re.compile(r"\{([^{}]*)\}")


class _HasItems(Protocol):
    def items(self, key: str) -> Iterator[DocumentPart]: ...


def base_paths(*holders: _HasItems) -> tuple[str, ...]:
    """Return the paths of the servers of the first of *holders* that has any, without a "/" at the end.

    Variables take their default. A URL that cannot be read says nothing.
    """
    for holder in holders:
        servers = [part.value for part in holder.items("servers")]
        if servers:
            found = [_path(server) for server in servers]
            return tuple(dict.fromkeys(path for path in found if path is not None))
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


def _path(server: object) -> str | None:
    if not isinstance(server, dict) or not isinstance(server.get("url"), str):
        return None
    variables = server.get("variables")

    def default(match: re.Match[str]) -> str:
        variable = variables.get(match[1]) if isinstance(variables, dict) else None
        return str(variable.get("default", match[0])) if isinstance(variable, dict) else match[0]

    try:
        return urlsplit(_VARIABLE.sub(default, server["url"])).path.rstrip("/")
    except ValueError:
        return None
