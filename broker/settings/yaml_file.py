"""Reading settings from a YAML file."""

import json
from pathlib import Path
from typing import Any

import yaml

from broker.settings.settings import InvalidSettingError

LARGEST = 1024 * 1024
"""Bytes of a file: it takes seconds to read more, and no settings are that long."""


def read(path: Path, variable: str) -> dict[str, str]:
    """Return names in capitals with their values, as in the environment.

    Raises InvalidSettingError when there is no such file, or when it is not names with values.
    """
    try:
        return _all_texts(_names_and_values(path))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettingError(f"{variable} names {path}, which cannot be read: {error}") from error
    except _NotForSettingsError as error:
        raise InvalidSettingError(f"{variable} names {path}, which {error}") from error
    except yaml.YAMLError as error:
        raise InvalidSettingError(f"{variable} names {path}, which is not YAML{_where(error)}") from error
    except RecursionError as error:
        raise InvalidSettingError(f"{variable} names {path}, which is nested too deeply") from error


def _names_and_values(path: Path) -> dict[Any, Any]:
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise _NotForSettingsError(f"is larger than {LARGEST // 1024} KB")
    found = yaml.load(content.decode(), _Loader)  # noqa: S506 - a safe loader that refuses more
    if found is None:
        return {}  # nothing but comments
    if not isinstance(found, dict):
        raise _NotForSettingsError("must hold lines such as `port: 9292`")
    return found


def _all_texts(read: dict[Any, Any]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, value in read.items():
        found = _texts(str(name).upper(), value)
        if twice := next(iter(texts.keys() & found.keys()), None):
            raise _NotForSettingsError(f"has {twice} twice: leave one of them")
        texts |= found
    return texts


class _NotForSettingsError(Exception):
    """It is YAML that says something else than it seems to."""


class _Loader(yaml.SafeLoader):
    """Refuses a name that is there twice, and aliases, with which few bytes become gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Return the next value."""
        if self.check_event(yaml.AliasEvent):
            raise _NotForSettingsError("has an alias (*NAME): write the value where it is meant")
        node: yaml.Node | None = super().compose_node(parent, index)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - as in PyYAML
        """Return names and values."""
        names: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # YAML itself refuses it
            if key.value in names:
                raise _NotForSettingsError(f"has {key.value} twice, again in line {key.start_mark.line + 1}")
            names.add(key.value)
        return super().construct_mapping(node, deep)


def _where(error: yaml.YAMLError) -> str:
    """Return where, without what is there: it may be a password."""
    mark = getattr(error, "problem_mark", None)
    return f": see line {mark.line + 1}" if mark else ""


def _texts(name: str, value: Any) -> dict[str, str]:
    """Return a value as variables: one, or several when it is a list of certificates.

    Raises _NotForSettingsError when it is more than a list.
    """
    if isinstance(value, list) and name.endswith("_SELECTORS"):
        return {name: json.dumps(value, default=str)}
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return {
            f"{name}__{number}__{str(key).upper()}": _text(name, text)
            for number, item in enumerate(value)
            for key, text in item.items()
        }
    if isinstance(value, list):
        return {name: " ".join(_text(name, item) for item in value)}
    if isinstance(value, bool):
        return {name: str(value).lower()}
    return {name: "" if value is None else _text(name, value)}


def _text(name: str, value: Any) -> str:
    if isinstance(value, list | dict | set):
        raise _NotForSettingsError(f"has lists or names in {name} where only a value can be")
    return str(value)
