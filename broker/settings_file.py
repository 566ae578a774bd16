"""Settings in a YAML file, as for the Pact Broker (reference §12). Environment variables override them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from broker.settings import PREFIXES, InvalidSettingError

NAME = "CONF"


def with_file(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables, and those for the settings in the file that TALLY_CONF names.

    Raises InvalidSettingError when the file does not exist, or is not names with values.
    """
    variable = names_a_file(environment)
    if variable is None:
        return environment
    given = {name for name in environment for prefix in PREFIXES if name.startswith(prefix)}
    read = _read(Path(environment[variable]), variable)
    # As in the environment, what is unknown to us may be a setting of the Pact Broker.
    prefix = variable.removesuffix(NAME)
    found = {
        f"{prefix}{name}": text
        for name, text in read.items()
        if not given & {f"{prefix}{name}" for prefix in PREFIXES}
    }
    return {**environment, **found}


def names_a_file(environment: Mapping[str, str]) -> str | None:
    """Return the variable that names a file of settings, if there is one."""
    return next((prefix + NAME for prefix in PREFIXES if environment.get(prefix + NAME)), None)


def _read(path: Path, variable: str) -> dict[str, str]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettingError(f"{variable} names {path}, which cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise InvalidSettingError(f"{variable} names {path}, which is not YAML{_where(error)}") from error
    if not isinstance(content or {}, dict):
        raise InvalidSettingError(f"{variable} names {path}, which must hold lines such as `port: 9292`")
    texts: dict[str, str] = {}
    for name, value in (content or {}).items():
        texts |= _texts(str(name).upper(), value)
    return texts


def _where(error: yaml.YAMLError) -> str:
    """Return where, without what is there: it may be a password."""
    mark = getattr(error, "problem_mark", None)
    return f": see line {mark.line + 1}" if mark else ""


def _texts(name: str, value: Any) -> dict[str, str]:
    """Return a value as variables: one, or several when it is a list of certificates."""
    if isinstance(value, list) and name.endswith("_SELECTORS"):
        return {name: json.dumps(value, default=str)}
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return {
            f"{name}__{number}__{str(key).upper()}": str(text)
            for number, item in enumerate(value)
            for key, text in item.items()
        }
    if isinstance(value, list):
        return {name: " ".join(map(str, value))}
    if isinstance(value, bool):
        return {name: str(value).lower()}
    return {name: "" if value is None else str(value)}
