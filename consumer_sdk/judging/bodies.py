"""Bodies that the shared engine leaves to others."""

from collections.abc import Mapping
from types import MappingProxyType

from tally.matching import BodyMatchers, Mismatch
from tally.pact import Body, RuleSet


def _compare_xml(
    expected: Body, actual: Body, rules: Mapping[str, RuleSet], *, strict: bool
) -> tuple[Mismatch, ...]:
    from consumer_sdk.judging.xml_bodies import compare_xml  # noqa: PLC0415 - few tests need it

    return compare_xml(expected, actual, rules, strict=strict)


BODIES: BodyMatchers = MappingProxyType({"*/xml": _compare_xml, "*/*+xml": _compare_xml})
