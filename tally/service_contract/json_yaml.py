"""YAML that holds nothing but JSON: what a service contract may be written in."""

import re
from collections.abc import Hashable
from typing import Any, ClassVar

import yaml

from tally.errors import InvalidContractError
from tally.service_contract.size import MAX_NODES

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # pragma: no cover - a PyYAML built without libyaml: the same, and ten times slower
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]


def parse_yaml(text: bytes) -> Any:
    """Return the value of one YAML document. Raises InvalidContractError, which names the line."""
    try:
        _check_nodes(text)
        return yaml.load(text, Loader=_JsonYaml)  # noqa: S506 - a safe loader, made stricter
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise InvalidContractError(f"not YAML: {error.problem}{where}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidContractError(f"not YAML: {error}") from error


def _check_nodes(text: bytes) -> None:
    """Raise InvalidContractError for more than 2,000,000 values: each takes half a kilobyte of memory."""
    # Each value has one of these before it, but for the first.
    if sum(map(text.count, (b"\n", b"\r", b",", b":", b"-", b"[", b"{", b"?"))) < MAX_NODES:
        return
    found = 0
    for event in yaml.parse(text, Loader=_SafeLoader):
        found += isinstance(event, yaml.NodeEvent)
        if found > MAX_NODES:
            raise InvalidContractError(f"/: more than {MAX_NODES:,} values")


class _JsonYaml(_SafeLoader):
    """YAML whose values are those of JSON, as OpenAPI asks: no dates, "no" is a word, keys are strings."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - of the class, as PyYAML has it
    yaml_constructors: ClassVar[dict[Any, Any]] = {
        tag: constructor
        for tag, constructor in _SafeLoader.yaml_constructors.items()
        if tag is None or tag.rpartition(":")[2] in {"bool", "float", "int", "map", "null", "seq", "str"}
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        """Return a mapping whose keys are strings (a status may be written 200), none of them twice."""
        _refuse_odd_keys(node)
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}


for _tag, _pattern, _first in (
    ("null", r"(?:null|Null|NULL|~|)$", [*"nN~", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)$", [*"tTfF"]),
    ("int", r"-?(?:0|[1-9][0-9]*)$", [*"-0123456789"]),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$", [*"-0123456789"]),
    ("merge", r"<<$", ["<"]),
):
    _JsonYaml.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def _refuse_odd_keys(node: yaml.MappingNode) -> None:
    seen = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(
                problem="a key is not a string", problem_mark=key.start_mark
            )
        if key.value in seen:
            problem = f"the key {key.value!r} is there twice"
            raise yaml.constructor.ConstructorError(problem=problem, problem_mark=key.start_mark)
        seen.add(key.value)
