"""How a service shows who it is to the servers of AsyncAPI's channels."""

from itertools import product

from tally.service_contract.model import Security, SecurityScheme
from tally.service_contract.parts import DocumentPart, References
from tally.service_contract.security import scheme_of

_MOST = 100
"""Groups of schemes of one operation."""


class ChannelSecurity:
    """Read `security` of operations, and of the servers that their channels are on."""

    def __init__(self, root: DocumentPart, references: References) -> None:
        self._root = root
        self._references = references

    def of(self, operation: DocumentPart, channel: DocumentPart) -> Security | None:
        """Return what suffices for *operation*: a scheme of the server, together with one of its own.

        None when neither says anything.
        """
        own = self._groups(operation) if "security" in operation.value else None
        servers = self._servers(channel)
        if not any("security" in server.value for server in servers):
            return own
        of_servers = [group for server in servers for group in self._groups(server) or ((),)]
        groups = [one + other for one, other in product(of_servers, own or ((),))]
        return tuple(dict.fromkeys(groups))[:_MOST]

    def _servers(self, channel: DocumentPart) -> list[DocumentPart]:
        parts = list(channel.items("servers")) or [part for _, part in self._root.parts("servers")]
        return [self._references.follow("server", part) for part in parts]

    def _groups(self, holder: DocumentPart) -> Security:
        """Return the schemes of *holder*, any of which suffices."""
        return tuple((self._scheme(part),) for part in holder.items("security"))

    def _scheme(self, part: DocumentPart) -> SecurityScheme:
        found = self._references.follow("securityScheme", part)
        is_named = "$ref" in part.value
        name = found.pointer.rpartition("/")[2] if is_named else found.value["type"]
        return scheme_of(name, found.value, tuple(found.value.get("scopes", [])))
