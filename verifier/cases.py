"""Cases: what a contract of any kind is turned into, a question for the provider and the check of its answer.

Replaying knows only these; what a pact or a service contract is, it need not know.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from tally.matching import BodyMatchers, Mismatch, match_message, match_response
from tally.pact import (
    Body,
    HttpInteraction,
    Interaction,
    Message,
    MessageInteraction,
    Pact,
    ProviderState,
    Request,
    Response,
    RuleSet,
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One HTTP request, and the check that its answer must pass.

    *check* takes the provider's answer and returns every mismatch, empty when there is none; it is pure, so
    that cases may be replayed in any order and at once. Generators are applied just before the request is
    sent. *id* is what a broker knows the case by; *pending* says that its failure does not fail the run.
    """

    description: str
    request: Request
    check: Callable[[Response], tuple[Mismatch, ...]]
    states: tuple[ProviderState, ...] = ()
    id: str | None = None
    pending: bool = False


@dataclass(frozen=True, kw_only=True)
class MessageCase:
    """One message that the provider must be able to send, and the check that it must pass."""

    description: str
    check: Callable[[Message], tuple[Mismatch, ...]]
    states: tuple[ProviderState, ...] = ()
    id: str | None = None
    pending: bool = False


@dataclass(frozen=True, kw_only=True)
class UnsupportedCase:
    """What this verifier cannot check, and why: it is reported, and never counts as passed."""

    description: str
    reason: str
    states: tuple[ProviderState, ...] = ()
    id: str | None = None
    pending: bool = False


def _compare_xml(
    expected: Body, actual: Body, rules: Mapping[str, RuleSet], *, strict: bool
) -> tuple[Mismatch, ...]:
    from verifier.pact_core import compare_xml  # noqa: PLC0415 - a library of 11 MB, which few contracts need

    return compare_xml(expected, actual, rules, strict=strict)


BODIES: BodyMatchers = MappingProxyType({"*/xml": _compare_xml, "*/*+xml": _compare_xml})
"""Who compares the bodies that Tallystick itself does not, by media type."""


AnyCase = Case | MessageCase | UnsupportedCase


def pact_cases(pact: Pact) -> tuple[AnyCase, ...]:
    """Return one case for each interaction, in the order of the pact."""
    return tuple(_case(interaction) for interaction in pact.interactions)


def _case(interaction: Interaction) -> AnyCase:
    common: dict[str, Any] = {
        "description": interaction.description,
        "states": interaction.states,
        "id": interaction.id,
        "pending": interaction.pending,
    }
    if interaction.plugin:
        return UnsupportedCase(**common, reason=f"it needs the plugin {interaction.plugin!r}")
    if isinstance(interaction, HttpInteraction):
        check = partial(match_response, interaction.response, bodies=BODIES)
        return Case(**common, request=interaction.request, check=check)
    if isinstance(interaction, MessageInteraction):
        return MessageCase(**common, check=partial(match_message, interaction.message, bodies=BODIES))
    return UnsupportedCase(**common, reason="it is a synchronous message")
