"""Every setting of the broker. from_environment.py reads them from the environment, once."""

from dataclasses import Field
from typing import Any

from broker.settings.groups.access import AccessSettings
from broker.settings.groups.clean_up import CleanUpSettings
from broker.settings.groups.contents import ContentSettings
from broker.settings.groups.contracts import ContractSettings
from broker.settings.groups.server import ServerSettings
from broker.settings.groups.setting import InvalidSettingError
from broker.settings.groups.webhooks import WebhookSettings
from tally.values import dataclass

__all__ = ["PREFIXES", "InvalidSettingError", "Settings", "is_reloaded"]
PREFIXES = ("TALLY_", "PACT_BROKER_")


@dataclass(frozen=True)
class Settings(
    CleanUpSettings, ContentSettings, WebhookSettings, ContractSettings, AccessSettings, ServerSettings
):
    """The settings. The environment variable of `port` is TALLY_PORT or PACT_BROKER_PORT.

    Names and defaults are those of the Pact Broker (reference §12), so that an existing environment works.
    Fields come in the order of the last group to the first: so is the order of Python.
    """


_OF_APPLICATION = (ContractSettings, AccessSettings, WebhookSettings)
"""The groups that the application and the worker are made of, and which they can be made of anew."""


def is_reloaded(setting: Field[Any]) -> bool:
    """Return whether a running broker takes a new value of this setting, when SIGHUP asks it to."""
    said: bool | None = setting.metadata["is_reloaded"]
    if said is not None:
        return said
    return any(setting.name in group.__dataclass_fields__ for group in _OF_APPLICATION)
