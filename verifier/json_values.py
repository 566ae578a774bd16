"""Values of a comparison as JSON, for the broker and for reports."""

from typing import Any

from tally.matching import Mismatch


def mismatch_body(mismatch: Mismatch) -> dict[str, Any]:
    """Return a mismatch as the Pact verifiers write it, with the two values beside it."""
    return {
        "attribute": mismatch.kind,
        "identifier": mismatch.path,
        "description": mismatch.message,
        "expected": jsonable(mismatch.expected),
        "actual": jsonable(mismatch.actual),
    }


def jsonable(value: Any) -> Any:  # noqa: ANN401 - whatever was compared
    """Return *value* when JSON can hold it, otherwise its text."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, dict):
        return {str(name): jsonable(item) for name, item in value.items()}
    return [jsonable(item) for item in value] if isinstance(value, list | tuple) else str(value)
