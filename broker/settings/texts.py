"""Refuse texts of settings that would break a header, a line of the log or a log-in later."""

import re
from dataclasses import fields

from broker.settings.settings import InvalidSettingError, Settings

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NOT_OF_A_HEADER = re.compile(r"[^ -~]")
_HEADERS = {"user_agent", "badge_default_cache_setting"}
_OF_SEVERAL_LINES = {
    "webhook_certificates",  # PEM
    "database_clean_keep_version_selectors",  # JSON
}


def check(settings: Settings) -> None:
    """Raise InvalidSettingError for a text that cannot be used; its value, perhaps a secret, is not shown."""
    for setting in fields(Settings):
        value = getattr(settings, setting.name)
        texts = value if isinstance(value, tuple) else (value,)
        if setting.name in _OF_SEVERAL_LINES:
            continue
        if any(isinstance(text, str) and _CONTROL.search(text) for text in texts):
            raise InvalidSettingError(
                f"TALLY_{setting.name.upper()} cannot have a new line, a tab or another control character: "
                "take it out. In a file of settings, `|` after the name adds a new line at the end"
            )
        if setting.name in _HEADERS and _NOT_OF_A_HEADER.search(value):
            raise InvalidSettingError(
                f"TALLY_{setting.name.upper()} is the value of a header, which can only have letters without "
                "accents, digits, spaces and signs of ASCII"
            )
