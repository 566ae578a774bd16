"""Work that each new broker would do again, and does once for all that a process of the tests makes.

What is shared depends on nothing that a test chooses. A broker that has run for an hour has done it too.
"""

import sys
from functools import cache
from typing import Any

CONTENTS = "contents_elsewhere"
"""The attribute of a dialect that `broker.storage.elsewhere` sets."""
STATEMENTS = 10_000
"""How many compiled statements are kept: those of all tests of a process."""


def share() -> None:
    """Share what can be shared of the libraries that are loaded; the others are not loaded for this."""
    if "sqlalchemy" in sys.modules:
        _share_compiled_statements()
    if "werkzeug.routing" in sys.modules:
        _share_parsed_routes()


@cache
def _share_compiled_statements() -> None:
    """Let all engines for one kind of database look into the same cache, whose keys hold the dialect."""
    from sqlalchemy import Engine  # noqa: PLC0415 - only where it is loaded
    from sqlalchemy.engine.default import DefaultDialect  # noqa: PLC0415 - ditto
    from sqlalchemy.util import LRUCache  # noqa: PLC0415 - ditto

    kept: Any = LRUCache(STATEMENTS)

    def are_alike(one: DefaultDialect, other: object) -> bool:
        is_alike = type(one) is type(other) and one.server_version_info == other.server_version_info
        # What results are made with belongs to a dialect, such as where contents are.
        return is_alike and vars(one).get(CONTENTS) is vars(other).get(CONTENTS)

    # An option of single connections alone; what an engine makes for itself is dropped.
    Engine._compiled_cache = property(lambda _: kept, lambda _, __: None)  # noqa: SLF001 - nothing public is between
    DefaultDialect.__eq__ = are_alike
    DefaultDialect.__hash__ = lambda dialect: hash(type(dialect))


@cache
def _share_parsed_routes() -> None:
    """Parse each path of a route once, and compile once how its addresses are built."""
    from werkzeug.routing import Rule  # noqa: PLC0415 - only where it is loaded

    read, build = Rule.compile, Rule._compile_builder  # noqa: SLF001 - nothing public is between
    parsed: dict[Any, Any] = {}
    builders: dict[Any, Any] = {}

    def compile_once(rule: Rule) -> None:
        key = _place(rule)
        if key not in parsed:
            read(rule)
            parsed[key] = (rule._parts, rule._trace, rule._converters, frozenset(rule.arguments))  # noqa: SLF001 - ditto
            return
        rule._parts, rule._trace, rule._converters, arguments = parsed[key]  # noqa: SLF001 - ditto
        rule.arguments |= arguments
        rule._build = rule._compile_builder(append_unknown=False).__get__(rule, None)  # noqa: SLF001 - ditto
        rule._build_unknown = rule._compile_builder(append_unknown=True).__get__(rule, None)  # noqa: SLF001 - ditto

    def build_once(rule: Rule, append_unknown: bool = True) -> Any:  # noqa: FBT001, FBT002 - werkzeug's
        key = (_place(rule), append_unknown)
        if key not in builders:
            builders[key] = build(rule, append_unknown)
        return builders[key]

    Rule.compile = compile_once
    Rule._compile_builder = build_once  # noqa: SLF001 - ditto


def _place(rule: Any) -> Any:
    """Return all that the parts of a rule follow from."""
    words = (rule.rule, rule.subdomain, rule.host, repr(rule.defaults))
    return words, rule.map.host_matching, rule.merge_slashes, tuple(rule.map.converters.items())
