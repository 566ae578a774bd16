"""The names of settings: which variables mean nothing, and how all of them are described."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields
from typing import Any

from broker.domain.certificates import is_numbered
from broker.settings import PREFIXES, InvalidSettingError, Settings

# What the commands read that talk to a broker, under the same prefixes.
_OF_COMMANDS = re.compile(r"BASE_URL|TOKEN|USERNAME|PASSWORD|HTTP_RETRIES|CAN_I_DEPLOY_\w+|DEBUG")
# What Kubernetes sets for a service whose name begins like a prefix.
_OF_KUBERNETES = re.compile(r"(\w+_)?(SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP)(_\w+)?)")
_INDIRECT = "_ENVIRONMENT_VARIABLE_NAME"
# Settings of the Pact Broker for which there is nothing to set here (reference §12).
_OF_THE_PACT_BROKER = re.compile(
    r"LOG_(FORMAT|STREAM|DIR|OTEL_ENABLED)|HTTP_DEBUG_LOGGING_ENABLED|SQL_LOG_LEVEL|SQL_LOG_WARN_DURATION|"
    r"SQL_ENABLE_CALLER_LOGGING|DATABASE_(MAX_CONNECTIONS|POOL_TIMEOUT|CONNECT_MAX_RETRIES|STATEMENT_TIMEOUT|"
    r"CONNECTION_VALIDATION_TIMEOUT|CLEAN_CRON_SCHEDULE)|METRICS_SQL_STATEMENT_TIMEOUT|"
    r"AUTO_MIGRATE_DB(_DATA)?|ALLOW_MISSING_MIGRATION_FILES|BASIC_AUTH_ENABLED|"
    r"USE_HAL_BROWSER|ENABLE_DIAGNOSTIC_ENDPOINTS|USE_RACK_PROTECTION|"
    r"USE_CASE_SENSITIVE_RESOURCE_NAMES|PACT_CONTENT_DIFF_TIMEOUT|ORDER_VERSIONS_BY_DATE|SEMVER_FORMATS|"
    r"BASE_EQUALITY_ONLY_ON_CONTENT_THAT_AFFECTS_VERIFICATION_RESULTS|SEED_EXAMPLE_DATA|"
    r"VERIFIED_BY_OTHER_BRANCH_LOOKBACK_DAYS|NETWORK_DIAGRAM_MAX_PACTICIPANTS|FEATURES|PUMA_PERSISTENT_TIMEOUT|CONF"
)


def check_names(environment: Mapping[str, str]) -> list[str]:
    """Return a warning for each setting of the Pact Broker that means nothing here.

    Raises InvalidSettingError for a variable that is no setting of either, with the name that it resembles:
    a misspelt setting must not be taken for its default.
    """
    names = {setting.name.upper() for setting in fields(Settings)}
    warnings = []
    for variable, prefix in _ours(environment):
        name = variable.removeprefix(prefix).removesuffix(_INDIRECT)
        if name in names or is_numbered(name):
            continue
        if not _OF_THE_PACT_BROKER.fullmatch(name):
            raise InvalidSettingError(_unknown(variable, prefix, names))
        warnings.append(f"{variable} is a setting of the Pact Broker that means nothing here; it is ignored.")
    return warnings


def _ours(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the variables that should be settings, each with its prefix."""
    for variable, value in sorted(environment.items()):
        prefix = next((prefix for prefix in PREFIXES if variable.startswith(prefix)), None)
        if prefix is None or value.startswith(("tcp://", "udp://")):
            continue
        name = variable.removeprefix(prefix)
        if not _OF_COMMANDS.fullmatch(name) and not _OF_KUBERNETES.fullmatch(name):
            yield variable, prefix


def _unknown(variable: str, prefix: str, names: set[str]) -> str:
    near = difflib.get_close_matches(variable.removeprefix(prefix), sorted(names), n=1, cutoff=0.5)
    hint = f"Did you mean {prefix}{near[0]}?" if near else "`tally serve --help` lists the settings."
    return f"there is no setting {variable}. {hint} Otherwise, take it out of the environment."


def sections() -> dict[str, list[tuple[str, str, str]]]:
    """Return every setting as (variable, default, description), by the heading it belongs under."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    heading = ""
    for setting in fields(Settings):
        heading = setting.metadata["section"] or heading
        row = (f"TALLY_{setting.name.upper()}", _default(setting), _description(setting))
        found.setdefault(heading, []).append(row)
    return found


def _default(setting: Field[Any]) -> str:
    if isinstance(setting.default, bool):
        return str(setting.default).lower()
    return " ".join(map(str, setting.default)) if isinstance(setting.default, tuple) else str(setting.default)


def _description(setting: Field[Any]) -> str:
    choices = setting.metadata["choices"]
    text = str(setting.metadata["description"])
    return f"{text.rstrip('.')}: {', '.join(choices)}." if choices else text


def as_help() -> str:
    """Return all settings as the epilog of a command that click leaves as it is."""
    lines = []
    for heading, rows in sections().items():
        lines += ["\n\b", f"{heading}:"]
        for variable, default, description in rows:
            lines += [f"  {variable}" + (f" ({default})" if default else ""), f"      {description}"]
    return "\n".join(lines)


def as_markdown() -> str:
    """Return all settings as tables, one for each heading."""
    lines = []
    for heading, rows in sections().items():
        lines += [f"## {heading}", "", "| variable | default | |", "|---|---|---|"]
        for variable, default, description in rows:
            shown = f"`{default}`" if default else ""
            lines.append(f"| `{variable}` | {shown} | {description} |")
        lines.append("")
    return "\n".join(lines)
