"""What a setting is: a field with a description, and how it is shown."""

from dataclasses import field
from typing import Any


class InvalidSettingError(ValueError):
    """A setting has an invalid value; the text names it and says what to do."""


def setting(  # noqa: PLR0913 - all that is said of a setting
    description: str,
    *,
    default: object,
    choices: tuple[str, ...] = (),
    least: int = 0,  # of a whole number
    section: str = "",  # a heading, for the first setting below it
    is_secret: bool = False,  # its value is shown nowhere
    is_reloaded: bool | None = None,  # whether SIGHUP changes it, where that is not as for its group
) -> Any:
    """Return the field of a setting."""
    return field(
        default=default,
        metadata={
            "description": description,
            "choices": choices,
            "least": least,
            "section": section,
            "is_secret": is_secret,
            "is_reloaded": is_reloaded,
        },
    )
