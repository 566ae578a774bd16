"""Where requests may go, by which way, and how much time and space an answer may take."""

from broker.settings.settings import Settings
from tally.values import dataclass

_ISSUER_SECONDS = 5
_ISSUER_KILOBYTES = 256


@dataclass(frozen=True)
class SendingRules:
    """The rules of one kind of request; *hosts* is the value of the setting that is called *setting*."""

    hosts: tuple[str, ...]
    setting: str
    seconds: int
    """From the look-up of the name to the answer."""
    kilobytes: int
    proxy: str
    certificates: tuple[str, ...]
    verifies: bool
    """Whether certificates are checked."""


def webhook_rules(settings: Settings) -> SendingRules:
    """Return the rules of requests to receivers of webhooks."""
    return SendingRules(
        hosts=settings.webhook_host_whitelist,
        setting="TALLY_WEBHOOK_HOST_WHITELIST",
        seconds=settings.webhook_timeout,
        kilobytes=settings.webhook_response_kilobytes,
        proxy=settings.webhook_proxy,
        certificates=settings.webhook_certificates,
        verifies=not settings.disable_ssl_verification,
    )


def issuer_rules(settings: Settings) -> SendingRules:
    """Return the rules of requests to issuers of id tokens and to identity providers.

    Their certificates are always checked: who could pose as an issuer could be anybody.
    """
    return SendingRules(
        hosts=settings.issuer_host_whitelist,
        setting="TALLY_ISSUER_HOST_WHITELIST",
        seconds=_ISSUER_SECONDS,
        kilobytes=_ISSUER_KILOBYTES,
        proxy=settings.webhook_proxy,
        certificates=settings.webhook_certificates,
        verifies=True,
    )
