"""Which operation of a service contract a request is for.

Paths are compared segment by segment, percent-decoded; upper and lower case and a slash at the end count, as
they do for most servers. What an operation's path names literally wins over a parameter. "*" stands for any
segment, and "**" at the end for all that follow.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from enum import Enum
from functools import cached_property
from heapq import nlargest
from typing import NamedTuple

from tally.comparison.path_segments import REST, Segment, path_segments, segment_of, template_segments
from tally.service_contract.model import HttpOperation
from tally.values import dataclass

MOST_NEAR_MISSES = 3
MOST_COMPARED = 200
"""Operations that one request without a route is compared with, to find the closest."""


@dataclass(frozen=True)
class Route:
    """The operation that a request is for, and the texts of its path parameters, percent-decoded."""

    operation: HttpOperation
    parameters: dict[str, str] = field(default_factory=dict)


class Nearness(Enum):
    """What keeps a request from being for an operation."""

    METHOD = "method"
    SLASH = "slash"
    CASE = "case"
    BASE_PATH = "base path"
    PATH = "path"


@dataclass(frozen=True)
class NearMiss:
    """An operation that a request was perhaps meant for."""

    operation: HttpOperation
    nearness: Nearness

    @property
    def text(self) -> str:
        """The operation, and what is different."""
        return f"{self.operation.method} {template_of(self.operation)}{_DIFFERENCE[self.nearness]}"


_DIFFERENCE = {
    Nearness.METHOD: "",
    Nearness.SLASH: " (the slash at the end)",
    Nearness.CASE: " (upper and lower case)",
    Nearness.BASE_PATH: " (what the path begins with)",
    Nearness.PATH: "",
}


def template_of(operation: HttpOperation) -> str:
    """Return the path of *operation* with what all paths of its document begin with: "/v1/orders/{id}"."""
    return operation.base_path.rstrip("/") + operation.path


class _Leaf(NamedTuple):
    operation: HttpOperation
    template: tuple[Segment, ...]


class _Node:
    __slots__ = ("patterns", "rest", "routes", "static")

    def __init__(self) -> None:
        self.static: dict[str, _Node] = {}
        self.patterns: list[tuple[Segment, _Node]] = []
        self.routes: dict[str, _Leaf] = {}
        self.rest: dict[str, _Leaf] = {}

    def below(self, segment: Segment) -> "_Node":
        if segment.is_static:
            return self.static.setdefault(segment.literals[0], _Node())
        for known, node in self.patterns:
            if known.literals == segment.literals:
                return node
        node = _Node()
        self.patterns.append((segment, node))
        self.patterns.sort(key=lambda pair: pair[0].rank)
        return node


class Router:
    """The operations of one contract, by their paths; built once, asked often.

    *with_servers* has the paths of requests begin as those of the document's `servers` do ("/v1"); otherwise
    the servers do not count, as a pact is recorded against a provider wherever it stands.
    """

    def __init__(self, operations: Iterable[HttpOperation], *, with_servers: bool = False) -> None:
        self.operations = tuple(operations)
        self._ignores_case = any(operation.ignores_case for operation in self.operations)
        self._root = _Node()
        for operation in self.operations:
            for template in _templates(operation, with_servers=with_servers):
                self._add(operation, template_segments(template))

    def _add(self, operation: HttpOperation, template: tuple[Segment, ...]) -> None:
        node = self._root
        has_rest = template[-1].literals == (REST,)
        for segment in template[: len(template) - has_rest]:
            node = node.below(segment.in_lower_case if self._ignores_case else segment)
        leaves = node.rest if has_rest else node.routes
        leaves.setdefault(operation.method.upper(), _Leaf(operation, template))

    def route(self, method: str, path: str) -> Route | None:
        """Return the operation that fits best, or None."""
        return next(iter(self.routes(method, path)), None)

    def routes(self, method: str, path: str) -> Iterator[Route]:
        """Yield every operation that the request may be for, the best first."""
        segments = path_segments(path)
        for leaf in self._found(self._root, self._folded(segments), 0, method.upper()):
            yield Route(leaf.operation, _parameters(leaf.template, segments, ignore_case=self._ignores_case))

    def methods(self, path: str) -> tuple[HttpOperation, ...]:
        """Return the operations of this path, whatever their method."""
        segments = self._folded(path_segments(path))
        found = (self._found(self._root, segments, 0, method) for method in self._methods)
        return tuple(leaf.operation for each in found for leaf in each)

    def _folded(self, segments: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text.lower() for text in segments) if self._ignores_case else segments

    def _found(self, node: _Node, segments: Sequence[str], at: int, method: str) -> Iterator[_Leaf]:
        if at == len(segments):
            if method in node.routes:
                yield node.routes[method]
            return
        static = node.static.get(segments[at])
        if static is not None:
            yield from self._found(static, segments, at + 1, method)
        for pattern, below in node.patterns:
            if pattern.spans(segments[at]) is not None:
                yield from self._found(below, segments, at + 1, method)
        if method in node.rest:
            yield node.rest[method]

    def near_misses(self, method: str, path: str) -> tuple[NearMiss, ...]:
        """Return the operations, at most three, that a request without a route was perhaps meant for."""
        found: dict[str, NearMiss] = {}
        for miss in self._near(method.upper(), path):
            found.setdefault(miss.operation.id, miss)
            if len(found) == MOST_NEAR_MISSES:
                break
        return tuple(found.values())

    def _near(self, method: str, path: str) -> Iterator[NearMiss]:
        for operation in self.methods(path):
            yield NearMiss(operation, Nearness.METHOD)
        other = path.rstrip("/") if path.endswith("/") else f"{path}/"
        if (route := self.route(method, other or "/")) is not None:
            yield NearMiss(route.operation, Nearness.SLASH)
        if (route := self._in_lower_case.route(method, path.lower())) is not None:
            yield NearMiss(self._by_id[route.operation.id], Nearness.CASE)
        if (under := self._under_another_base(method, path)) is not None:
            yield NearMiss(under, Nearness.BASE_PATH)
        for operation in self._similar(method, path):
            yield NearMiss(operation, Nearness.PATH)

    @cached_property
    def _methods(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(operation.method.upper() for operation in self.operations))

    @cached_property
    def _bases(self) -> tuple[str, ...]:
        found = (base for operation in self.operations for base in (operation.base_path, *operation.servers))
        return tuple(dict.fromkeys(base for base in found if base))

    @cached_property
    def _by_id(self) -> dict[str, HttpOperation]:
        return {operation.id: operation for operation in self.operations}

    @cached_property
    def _in_lower_case(self) -> "Router":
        return Router(_in_lower_case(operation) for operation in self.operations)

    def _under_another_base(self, method: str, path: str) -> HttpOperation | None:
        """Return the operation that the path would be for with more or less at its beginning."""
        segments = path_segments(path)
        for most in range(1, min(len(segments), 4)):
            route = self.route(method, "/" + "/".join(segments[most:]))
            if route is not None and any(
                segment_of(part).is_static for part in route.operation.path.split("/")[1:]
            ):
                return route.operation
        for base in self._bases:
            route = self.route(method, base.rstrip("/") + path)
            if route is not None:
                return route.operation
        return None

    def _similar(self, method: str, path: str) -> list[HttpOperation]:
        wanted = path_segments(path.lower())
        ranked = [
            (_similarity(wanted, own), operation.method.upper() == method, -at, operation)
            for at, own, operation in self._perhaps_similar(wanted)
        ]
        closest = nlargest(MOST_NEAR_MISSES, ranked, key=lambda each: each[:3])
        return [operation for similarity, _, _, operation in closest if similarity > 0]

    def _perhaps_similar(
        self, wanted: Sequence[str]
    ) -> Iterator[tuple[int, tuple[Segment, ...], HttpOperation]]:
        """Yield all operations of a small document; of a large one those that share most segments."""
        places: Iterable[int] = range(len(self._lower))
        if len(self._lower) > MOST_COMPARED:
            shared = Counter(
                at for text in set(wanted) for at in self._by_literal.get(text, ())[:MOST_COMPARED]
            )
            places = [at for at, _ in shared.most_common(MOST_COMPARED)]
        for at in places:
            yield at, self._lower[at], self.operations[at]

    @cached_property
    def _lower(self) -> list[tuple[Segment, ...]]:
        return [template_segments(template_of(operation).lower()) for operation in self.operations]

    @cached_property
    def _by_literal(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for at, segments in enumerate(self._lower):
            for segment in segments:
                if segment.is_static:
                    found.setdefault(segment.literals[0], []).append(at)
        return found


def _templates(operation: HttpOperation, *, with_servers: bool) -> Iterator[str]:
    template = template_of(operation)
    if not with_servers or not operation.servers:
        yield template
        return
    for server in dict.fromkeys(operation.servers):
        prefix = server.rstrip("/")
        yield template if operation.base_path and template.startswith(prefix + "/") else prefix + template


def _parameters(template: Sequence[Segment], segments: Sequence[str], *, ignore_case: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for segment, text in zip(template, segments, strict=False):
        if segment.is_static:
            continue
        folded = segment.in_lower_case.spans(text.lower()) if ignore_case else segment.spans(text)
        found.update(
            (name, text[start:end]) for name, (start, end) in zip(segment.names, folded or (), strict=False)
        )
    return found


def _in_lower_case(operation: HttpOperation) -> HttpOperation:
    return HttpOperation(
        operation.id, operation.method, operation.path.lower(), base_path=operation.base_path.lower()
    )


def _similarity(wanted: Sequence[str], own: Sequence[Segment]) -> float:
    """Return between 0 and 1 how many segments two paths share, at the same place from either end."""
    size = max(len(own), len(wanted))
    forward = sum(_alike(text, segment) for text, segment in zip(wanted, own, strict=False))
    backward = sum(
        _alike(text, segment) for text, segment in zip(reversed(wanted), reversed(own), strict=False)
    )
    return max(forward, backward) / size if size else 1.0


def _alike(text: str, segment: Segment) -> float:
    if not segment.is_static:
        return 0.4 if segment.values(text) is not None else 0
    literal = segment.literals[0]
    if text == literal:
        return 1.0
    common = _common_beginning(text, literal)
    longest = max(len(text), len(literal))
    return 0.8 * common / longest if common * 2 >= longest else 0


def _common_beginning(one: str, other: str) -> int:
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
