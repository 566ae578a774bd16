"""What operations and messages of AsyncAPI share by traits."""

from typing import Any

from tally.service_contract.parts import DocumentPart, References


class MergedPart(DocumentPart):
    """A part with what its traits say put in; each key knows where it was written."""

    def __init__(self, value: dict[str, Any], place: str, origins: dict[str, str]) -> None:
        super().__init__(value, place)
        object.__setattr__(self, "_origins", origins)

    def __truediv__(self, key: str | int) -> str:
        """Return the pointer of what is under *key*, where it was written."""
        origins: dict[str, str] = self.__dict__["_origins"]
        return origins.get(str(key)) or super().__truediv__(key)


def with_traits(part: DocumentPart, kind: str, references: References) -> DocumentPart:
    """Return *part* merged with its traits: what it says itself counts, then its last trait.

    Objects that only refer ("$ref") are not merged with others.
    """
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for trait in [*(references.follow(kind, trait) for trait in part.items("traits")), part]:
        for key, value in trait.value.items():
            if key not in merged or not _can_be_merged(merged[key], value) or key in {"headers", "payload"}:
                origins[key] = trait / key
            merged[key] = _merge(merged.get(key), value)
    return MergedPart(merged, part.pointer, origins)


def _can_be_merged(one: Any, other: Any) -> bool:
    return isinstance(one, dict) and isinstance(other, dict) and "$ref" not in one and "$ref" not in other


def _merge(one: Any, other: Any) -> Any:
    """JSON Merge Patch (RFC 7396), without removing anything."""
    if not _can_be_merged(one, other):
        return other
    return {**one, **{key: _merge(one.get(key), value) for key, value in other.items()}}
