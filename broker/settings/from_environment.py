"""Read the settings from environment variables, and write them as such."""

import os
from collections.abc import Mapping
from dataclasses import Field, fields, replace
from typing import Any
from urllib.parse import quote

from broker.domain.accounts import providers
from broker.domain.webhooks import certificates
from broker.settings.settings import PREFIXES, InvalidSettingError, Settings

_OF_SERVICES = ("tcp://", "udp://", "sctp://")


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises InvalidSettingError."""
    values: dict[str, Any] = {}
    for setting in fields(Settings):
        given = (_given(environment, prefix + setting.name.upper()) for prefix in PREFIXES)
        name, text = next((found for found in given if found[1]), ("", ""))
        if text:
            values[setting.name] = _parse(name, text, setting)
    if numbered := _numbered_certificates(environment):
        values["webhook_certificates"] = (*values.get("webhook_certificates", ()), *numbered)
    if names := values.get("oidc_providers"):
        values["oidc_providers"] = _providers(environment, names, values)
    if "database_url" not in values and "database_name" in values:
        values["database_url"] = _database_url(Settings(**values))
    return Settings(**values)


def _numbered_certificates(environment: Mapping[str, str]) -> tuple[str, ...]:
    try:
        return certificates.numbered(environment, PREFIXES)
    except certificates.InvalidCertificateError as error:
        raise InvalidSettingError(str(error)) from error


def _providers(
    environment: Mapping[str, str], names: tuple[str, ...], values: Mapping[str, Any]
) -> tuple[providers.Provider, ...]:
    def find(variable: str) -> str:
        found = (_given(environment, prefix + variable)[1] for prefix in PREFIXES)
        return next(filter(None, found), "")

    common = {
        "TALLY_OIDC_GROUPS_CLAIM": values.get("oidc_groups_claim", ""),
        "TALLY_OIDC_GROUPS": " ".join(values.get("oidc_groups", ())),
        "TALLY_OIDC_ALLOWED_GROUPS": " ".join(values.get("oidc_allowed_groups", ())),
        "TALLY_ADMIN_GROUP": values.get("admin_group", ""),
    }
    try:
        return providers.read(names, find, common)
    except providers.InvalidProviderError as error:
        raise InvalidSettingError(str(error)) from error


def _given(environment: Mapping[str, str], name: str) -> tuple[str, str]:
    """Return which variable has the value, and the value: *name*, or one that another variable names."""
    indirect = f"{name}_ENVIRONMENT_VARIABLE_NAME"
    if kept_in := environment.get(indirect, ""):
        if not environment.get(kept_in):
            raise InvalidSettingError(f"{indirect} names {kept_in}, which is not set")
        name = kept_in
    text = environment.get(name, "")
    # For a service that is named "tally" or "pact-broker", Kubernetes sets TALLY_PORT or PACT_BROKER_PORT. To
    # ignore it would hide a setting that was meant, to take it would fail later.
    if text.startswith(_OF_SERVICES):
        raise InvalidSettingError(
            f"{name} is {text!r}: Kubernetes sets it for a service of that name. Add enableServiceLinks: "
            "false to the pod, or rename the service"
        )
    return name, text


def _database_url(settings: Settings) -> str:
    if settings.database_adapter == "sqlite":
        return f"sqlite:///{settings.database_name}"
    user, password = quote(settings.database_username, ""), quote(settings.database_password, "")
    who = f"{user}:{password}@" if password else f"{user}@"
    options = f"?sslmode={settings.database_sslmode}" if settings.database_sslmode else ""
    where = f"{settings.database_host}:{settings.database_port}/{quote(settings.database_name, '')}"
    return f"postgresql://{who if user else ''}{where}{options}"


def to_environment(settings: Settings) -> dict[str, str]:
    """Return the variables that `from_environment` reads as these settings."""
    texts = certificates.as_variables(settings.webhook_certificates, "TALLY_WEBHOOK_CERTIFICATES")
    files = [item for item in settings.webhook_certificates if not certificates.is_text(item)]
    settings = replace(settings, webhook_certificates=tuple(files))
    for setting in fields(Settings):
        value = getattr(settings, setting.name)
        texts["TALLY_" + setting.name.upper()] = (
            " ".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)
        )
    for provider in settings.oidc_providers:
        texts |= {f"TALLY_{name}": text for name, text in providers.as_variables(provider).items()}
    return texts


def _parse(name: str, text: str, setting: Field[Any]) -> object:
    default, choices = setting.default, setting.metadata["choices"]
    if choices:
        chosen = text.lower()
        if "on" in choices:  # which YAML takes for true
            chosen = {"true": "on", "false": "off"}.get(chosen, chosen)
        if chosen not in choices:
            raise InvalidSettingError(f"{name} must be one of {', '.join(choices)}, not {text!r}")
        return chosen
    if isinstance(default, bool):
        if text.lower() not in {"true", "false", "1", "0", "yes", "no"}:
            raise InvalidSettingError(f"{name} must be true or false, not {text!r}")
        return text.lower() in {"true", "1", "yes"}
    if default is None or isinstance(default, int):
        if not text.isdecimal():
            raise InvalidSettingError(f"{name} must be a whole number, not {text!r}")
        if int(text) < (least := setting.metadata["least"]):
            raise InvalidSettingError(f"{name} must be {least} or more, not {text}")
        return int(text)
    if isinstance(default, tuple):
        return _parse_several(name, text.split(), default)
    return text


def _parse_several(name: str, texts: list[str], default: tuple[object, ...]) -> tuple[object, ...]:
    if not default or not isinstance(default[0], int):
        return tuple(texts)
    if not all(text.isdecimal() for text in texts):
        raise InvalidSettingError(
            f"{name} must be whole numbers separated by spaces, not {' '.join(texts)!r}"
        )
    return tuple(int(text) for text in texts)
