"""How a caller shows who it is, as OpenAPI says it."""

from typing import Any

from tally.service_contract.facts import required_security
from tally.service_contract.model import Security, SecurityScheme
from tally.service_contract.parts import DocumentPart, References

UNKNOWN = "unknown"


class SecurityReader:
    """Read `security` of operations; *home* holds the schemes of the document.

    *warnings* are about schemes that are described nowhere: callers cannot know what they ask for.
    """

    def __init__(self, root: DocumentPart, references: References, home: DocumentPart) -> None:
        self._root = root
        self._references = references
        self._home = home
        self.warnings: list[str] = []

    def of(self, operation: DocumentPart) -> Security | None:
        """Return what *operation* asks for, or else the document; None when neither says anything."""
        holder = next((part for part in (operation, self._root) if "security" in part.value), None)
        if holder is None:
            return None
        return required_security(holder.value["security"], holder / "security", self._scheme)

    def _scheme(self, name: str, place: str) -> SecurityScheme:
        if name not in self._home.value:
            self.warnings.append(f"{place}: no security scheme {name!r} is described in {self._home.pointer}")
            return SecurityScheme(name, UNKNOWN)
        part = self._references.follow("securityScheme", self._home.part(name))
        return scheme_of(name, part.value)


def scheme_of(name: str, written: dict[str, Any], scopes: tuple[str, ...] = ()) -> SecurityScheme:
    """Return the scheme that *written* describes, in OpenAPI 2 or 3 or a native document."""
    kind = written["type"]
    if kind == "basic":  # OpenAPI 2
        return SecurityScheme(name, "http", scheme="basic")
    scheme = written.get("scheme")
    return SecurityScheme(
        name,
        kind,
        written.get("in") if kind in {"apiKey", "httpApiKey"} else None,
        written.get("name") if kind in {"apiKey", "httpApiKey"} else None,
        scheme.lower() if isinstance(scheme, str) else None,
        scopes,
    )
