"""How much of a service contract was seen, as text."""

from collections.abc import Iterator

from verifier.results.coverage import ABSENT, ERROR, KINDS, MEDIA_TYPE, OPERATION, PRESENT, STATUS, Coverage

_PLURALS = {
    OPERATION: "operations",
    STATUS: "statuses",
    MEDIA_TYPE: "media types",
    ERROR: "error conditions",
    PRESENT: "optional properties present",
    ABSENT: "absent",
}
_NEVER = {
    OPERATION: "Never asked",
    STATUS: "Never answered",
    MEDIA_TYPE: "Never answered as",
    ERROR: "Never seen to happen",
    PRESENT: "Never seen present, which proves nothing about them",
    ABSENT: "Never seen absent",
}
_MOST = 6


def coverage_lines(coverage: Coverage, *, everything: bool = False) -> Iterator[str]:
    """Yield the counts, then what was never seen, a few of each kind or *everything*."""
    most = len(coverage.parts) if everything else _MOST
    counts = [
        f"{sum(part.seen for part in parts)} of {len(parts)} {_PLURALS[kind]}"
        for kind in KINDS
        if (parts := coverage.of(kind))
    ]
    if not counts:
        return
    yield f"Coverage {coverage.percent:.0f} %: {', '.join(counts)}"
    for kind in KINDS:
        unseen = coverage.unseen(kind)
        if unseen:
            more = f" and {len(unseen) - most} more (--verbose lists all)" if len(unseen) > most else ""
            yield f"{_NEVER[kind]}: {', '.join(unseen[:most])}{more}"
