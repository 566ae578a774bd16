"""The names of settings: which variables are unknown or ignored, and the list of all settings."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields
from typing import Any

from broker.domain.accounts.providers import is_of_provider, variables_of
from broker.domain.webhooks.certificates import is_numbered
from broker.settings import file
from broker.settings.from_environment import from_environment
from broker.settings.settings import PREFIXES, InvalidSettingError, Settings, is_reloaded

# Read under the same prefixes by the commands that are clients of a broker.
_OF_COMMANDS = re.compile(r"BASE_URL|TOKEN|USERNAME|PASSWORD|HTTP_RETRIES|CAN_I_DEPLOY_\w+|DEBUG")
# Set by Kubernetes for a service whose name begins like a prefix.
_OF_KUBERNETES = re.compile(r"(\w+_)?(SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP)(_\w+)?)")
_INDIRECT = "_ENVIRONMENT_VARIABLE_NAME"
_LOG = "the log goes to standard error"
_ALWAYS = "this is always so here"
_NOT_NEEDED = "nothing here needs it"
NOT_HERE = {
    "LOG_STREAM": _LOG,
    "LOG_DIR": _LOG,
    "LOG_OTEL_ENABLED": _LOG,
    "LOG_APPENDERS": _LOG,
    "LOG_APPLICATION": _LOG,
    "LOG_ENVIRONMENT": _LOG,
    "LOG_CONFIGURATION_ON_STARTUP": "settings are not logged: they hold secrets",
    "WARNING_ERROR_CLASS_NAMES": "an error is logged for what it is",
    "HTTP_DEBUG_LOGGING_ENABLED": "bodies may hold secrets, and are never logged",
    "SQL_LOG_LEVEL": "statements are not logged; /metrics tells how long requests take",
    "SQL_LOG_WARN_DURATION": "statements are not logged; /metrics tells how long requests take",
    "SQL_ENABLE_CALLER_LOGGING": "statements are not logged; /metrics tells how long requests take",
    "DATABASE_CONNECTION_VALIDATION_TIMEOUT": "a request whose connection was lost is run again",
    "METRICS_SQL_STATEMENT_TIMEOUT": "DATABASE_STATEMENT_TIMEOUT is for all statements",
    "AUTO_MIGRATE_DB_DATA": "AUTO_MIGRATE_DB covers schema and data",
    "ALLOW_MISSING_MIGRATION_FILES": "a database of a later release is refused",
    "MIGRATION_TARGET": "`tally migrate` always goes to the newest schema",
    "DATABASE_BETA_CLEAN_ENABLED": "DATABASE_CLEAN_ENABLED has taken its place",
    "ENABLE_DIAGNOSTIC_ENDPOINTS": _ALWAYS,
    "USE_RACK_PROTECTION": _ALWAYS,
    "RACK_PROTECTION_USE": _ALWAYS,
    "RACK_PROTECTION_EXCEPT": _ALWAYS,
    "HIDE_PACTFLOW_MESSAGES": _ALWAYS,
    "PACT_CONTENT_DIFF_TIMEOUT": _NOT_NEEDED,
    "VERIFIED_BY_OTHER_BRANCH_LOOKBACK_DAYS": _NOT_NEEDED,
    "NETWORK_DIAGRAM_MAX_PACTICIPANTS": _NOT_NEEDED,
    "FEATURES": _NOT_NEEDED,
    "PUMA_PERSISTENT_TIMEOUT": _NOT_NEEDED,
    "SEMVER_FORMATS": "versions are ordered by their creation",
    "SEED_EXAMPLE_DATA": "a new broker has no applications, and two environments, test and production",
}
"""Settings of the Pact Broker that have no effect here (reference §12), with the reason."""
FIXED = {
    "BASE_EQUALITY_ONLY_ON_CONTENT_THAT_AFFECTS_VERIFICATION_RESULTS": "contents that verify alike are equal",
    "ORDER_VERSIONS_BY_DATE": (
        "versions are ordered by their creation, whatever their numbers look like; "
        "to keep release lines apart, publish each on a branch of its own"
    ),
    "USE_CASE_SENSITIVE_RESOURCE_NAMES": (
        "names that differ in case are different names; "
        "agree on one spelling: a new application whose name resembles another one is refused"
    ),
}
"""Settings of the Pact Broker that are always true here. False is refused: it would need other answers."""


def check_names(environment: Mapping[str, str]) -> list[str]:
    """Return a warning for each variable of the Pact Broker that has no effect here, known to us or not.

    Raises InvalidSettingError for a variable of ours that is no setting, with the name that it resembles:
    otherwise a misspelt setting would silently keep its default. The Pact Broker's variables are not ours to
    refuse: its next release may have new ones.
    """
    names = {setting.name.upper() for setting in fields(Settings)} | {file.NAME}
    if any(environment.get(f"{prefix}OIDC_PROVIDERS") for prefix in PREFIXES):
        providers = from_environment(environment).oidc_providers
        names.update(*(variables_of(provider.name) for provider in providers))
    _check_users(environment)
    warnings = []
    for variable, prefix in _ours(environment):
        name = variable.removeprefix(prefix).removesuffix(_INDIRECT)
        if name in names or is_numbered(name):
            continue
        if name in FIXED:
            _check_fixed(variable, environment[variable], FIXED[name])
        elif (
            group := name.partition("__")[0]
        ) in NOT_HERE:  # one of several, such as LOG_APPENDERS__0__STREAM
            warnings.append(f"{variable} is ignored: {NOT_HERE[group]}.")
        elif prefix == PREFIXES[0] and is_of_provider(name):
            raise InvalidSettingError(
                f"{variable} is of an identity provider that TALLY_OIDC_PROVIDERS does not name"
            )
        elif prefix == PREFIXES[0]:
            raise InvalidSettingError(
                f"there is no setting {variable}. {_hint(variable, prefix, names)} "
                "Otherwise, take it out of the environment."
            )
        else:
            warnings.append(f"{variable} is ignored: it is not known here. {_hint(variable, prefix, names)}")
    return warnings


def _check_fixed(variable: str, text: str, because: str) -> None:
    if text.lower() not in {"true", "1", "yes"}:
        raise InvalidSettingError(f"{variable} can only be true: {because}. Take it out of the environment.")


def _check_users(environment: Mapping[str, str]) -> None:
    """Refuse BASIC_AUTH_ENABLED without a user: anybody could write, although it looks as if nobody could."""
    if not any(environment.get(f"{prefix}BASIC_AUTH_ENABLED") for prefix in PREFIXES):
        return
    settings = from_environment(environment)
    if settings.basic_auth_enabled and not settings.has_credentials:
        raise InvalidSettingError(
            "TALLY_BASIC_AUTH_ENABLED is true, but there is no user: set TALLY_BASIC_AUTH_USERNAME and "
            "TALLY_BASIC_AUTH_PASSWORD"
        )


def _ours(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the variables that look like settings, each with its prefix."""
    for variable, value in sorted(environment.items()):
        prefix = next((prefix for prefix in PREFIXES if variable.startswith(prefix)), None)
        if prefix is None or value.startswith(("tcp://", "udp://")):
            continue
        name = variable.removeprefix(prefix)
        if not _OF_COMMANDS.fullmatch(name) and not _OF_KUBERNETES.fullmatch(name):
            yield variable, prefix


def _hint(variable: str, prefix: str, names: set[str]) -> str:
    known = sorted(names.union(NOT_HERE, FIXED))
    near = difflib.get_close_matches(variable.removeprefix(prefix), known, n=1, cutoff=0.5)
    if not near:
        return "`tally serve --help` lists the settings."
    because = f" That one is ignored, too: {NOT_HERE[near[0]]}." if near[0] in NOT_HERE else ""
    return f"Did you mean {prefix}{near[0]}?{because}"


def sections() -> dict[str, list[tuple[str, str, str, bool]]]:
    """Return every setting as (variable, default, description, whether it is reloaded), by its heading."""
    found: dict[str, list[tuple[str, str, str, bool]]] = {}
    heading = ""
    for setting in fields(Settings):
        heading = setting.metadata["section"] or heading
        name = f"TALLY_{setting.name.upper()}"
        row = (name, _default(setting), _description(setting), is_reloaded(setting))
        found.setdefault(heading, []).append(row)
    return found


def _default(setting: Field[Any]) -> str:
    if isinstance(setting.default, bool):
        return str(setting.default).lower()
    if setting.default is None:
        return ""
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
        for variable, default, description, _ in rows:
            lines += [f"  {variable}" + (f" ({default})" if default else ""), f"      {description}"]
    return "\n".join(lines)
