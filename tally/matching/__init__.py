"""Compare what a contract expects with what came: the rules of the Pact specification, versions 1 to 4."""

from tally.matching.bodies import BodyMatcher, BodyMatchers
from tally.matching.interactions import match_message, match_request, match_response
from tally.matching.mismatch import Mismatch

__all__ = ["BodyMatcher", "BodyMatchers", "Mismatch", "match_message", "match_request", "match_response"]
