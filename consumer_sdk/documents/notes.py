"""What an interaction says beside its parts: comments, references, tags, whether it is pending, its key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from consumer_sdk.documents.json_values import json_value
from consumer_sdk.errors import DeclarationError


@dataclass(frozen=True)
class Notes:
    """Notes for people and tools; only V4 has a place for them."""

    texts: tuple[str, ...] = ()
    references: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Links to other systems: {"Jira": {"SHOP-7": "https://…"}}."""
    tags: tuple[str, ...] = ()
    comments: Mapping[str, object] = field(default_factory=dict)
    test_name: str | None = None
    pending: bool = False
    key: str | None = None

    def document(self, specification: str, description: str) -> dict[str, Any]:
        """Return the keys of the interaction; raises DeclarationError where the version has none."""
        comments = self._comments()
        if specification == "V4":
            found: dict[str, Any] = {"comments": comments} if comments else {}
            return found | ({"key": self.key} if self.key else {}) | {"pending": self.pending}
        # The name of the test alone says nothing to a provider; it is left out.
        if comments.keys() - {"testname"} or self.key or self.pending:
            what = "a key" if self.key else "the mark pending" if self.pending else "comments"
            raise DeclarationError(
                f'"{description}" has {what}, and {specification} has no place for it: '
                "choose V4, or leave it out."
            )
        return {}

    def _comments(self) -> dict[str, Any]:
        said: dict[str, object] = dict(self.comments)
        if self.texts:
            said["text"] = list(self.texts)
        if self.references:
            said["references"] = self.references
        if self.tags:
            said["tags"] = list(self.tags)
        if self.test_name:
            said["testname"] = self.test_name
        return dict(json_value(said, "comments"))
