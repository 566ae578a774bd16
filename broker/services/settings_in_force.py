"""The settings that are in force, as they may be shown: without passwords, tokens and keys."""

from collections.abc import Mapping, Sequence
from dataclasses import Field, fields
from typing import Any

from broker.domain.webhooks.certificates import is_text
from broker.domain.webhooks.secret_texts import starred
from broker.settings.settings import Settings
from tally.values import dataclass

_SET, _NOT_SET = "set, and not shown", "not set"


@dataclass(frozen=True)
class SettingInForce:
    """A setting by its variable; *value* is what may be shown of it, *is_default* if nobody chose it."""

    variable: str
    value: str
    default: str
    is_default: bool
    description: str


def in_force(settings: Settings) -> Mapping[str, Sequence[SettingInForce]]:
    """Return the settings by section."""
    sections: dict[str, list[SettingInForce]] = {}
    section = ""
    for setting in fields(Settings):
        section = setting.metadata["section"] or section
        sections.setdefault(section, []).append(_shown(setting, getattr(settings, setting.name)))
    return sections


def _shown(setting: Field[Any], value: object) -> SettingInForce:
    is_secret = setting.metadata["is_secret"]
    return SettingInForce(
        f"TALLY_{setting.name.upper()}",
        (_SET if value else _NOT_SET) if is_secret else _text(value),
        _NOT_SET if is_secret else _text(setting.default),
        value == setting.default,
        setting.metadata["description"].replace("`", ""),
    )


def _text(value: object) -> str:
    if value is None or value in {"", ()}:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return " ".join(
            "a certificate as text" if is_text(str(item)) else starred(str(item)) for item in value
        )
    return starred(str(value))
