"""What the paths of a document's servers begin with."""

import re
from collections.abc import Iterator
from typing import Protocol
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
