"""Pact documents, V1 to V4: frozen values, and the one place that knows the format of a pact file.

The source of the rules is the Pact specification, versions 1, 1.1, 2, 3 and 4.
"""

from tally.pact.bodies import read_body
from tally.pact.model import (
    Body,
    HttpInteraction,
    Interaction,
    MatchingRules,
    Message,
    MessageInteraction,
    Pact,
    Presence,
    ProviderState,
    Request,
    Response,
    Rule,
    RuleSet,
    SynchronousMessageInteraction,
)
from tally.pact.parsing import load_pact, parse_pact

__all__ = [
    "Body",
    "HttpInteraction",
    "Interaction",
    "MatchingRules",
    "Message",
    "MessageInteraction",
    "Pact",
    "Presence",
    "ProviderState",
    "Request",
    "Response",
    "Rule",
    "RuleSet",
    "SynchronousMessageInteraction",
    "load_pact",
    "parse_pact",
    "read_body",
]
