"""Paths that a recursive schema describes by one and the same part, such as `$.next.next.id` and `$.id`.

Whoever removes the property `id` of that schema removes all of them.
"""

from collections.abc import Iterable, Iterator

from tally.json_schema.schema import Schema
from tally.pact.path_expressions import Token
from tally.usage.declared import Definitions
from tally.usage.lookup import branches_of, inside

MOST_PATHS = 200
"""Of one path; one that goes through a recursion more often than that has been shortened enough."""
_Path = tuple[Token, ...]


def shortened(schemas: Iterable[Schema], path: _Path) -> tuple[_Path, ...]:
    """Return the shorter paths that a recursion leads to the same properties as *path*."""
    found: dict[_Path, None] = {}
    for schema in schemas:
        waiting = [path]
        while waiting and len(found) < MOST_PATHS:
            for each in _without_one_turn(schema, waiting.pop()):
                if each not in found:
                    found[each] = None
                    waiting.append(each)
    return tuple(found)


def _without_one_turn(schema: Schema, path: _Path) -> Iterator[_Path]:
    """Yield *path* without the steps from a schema to that schema again."""
    definitions = Definitions(schema)
    schemas = branches_of([schema], definitions)
    first_at = {id(each): 0 for each in schemas}
    for at, step in enumerate(path, 1):
        schemas = branches_of([inner for each in schemas for inner in inside(each, step)], definitions)
        for start in {first_at.setdefault(id(each), at) for each in schemas} - {at}:
            yield (*path[:start], *path[at:])
