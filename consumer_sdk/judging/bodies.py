"""Bodies that the shared engine leaves to others: XML, compared by Pact's core where it is installed."""

from collections.abc import Mapping
from types import MappingProxyType
from xml.etree import ElementTree as ET

from consumer_sdk.errors import DeclarationError
from tally.matching import BodyMatchers, Mismatch
from tally.matching.mismatch import shown
from tally.pact import Body, RuleSet


def _compare_xml(
    expected: Body, actual: Body, rules: Mapping[str, RuleSet], *, strict: bool
) -> tuple[Mismatch, ...]:
    try:
        from tally.matching.xml_bodies import compare_xml  # noqa: PLC0415 - a library of 11 MB, which few tests need
    except ModuleNotFoundError as error:
        return _compare_without_core(expected, actual, rules, error)
    return compare_xml(expected, actual, rules, strict=strict)


def _compare_without_core(
    expected: Body, actual: Body, rules: Mapping[str, RuleSet], error: Exception
) -> tuple[Mismatch, ...]:
    """Compare two documents that must be the same but for white space; rules need Pact's core."""
    if rules:
        raise DeclarationError(
            "Matchers in a body of XML are judged by Pact's core: "
            "pip install 'tallystick[consumer-mock-server]'."
        ) from error
    if _canonical(expected.value) == _canonical(actual.value):
        return ()
    message = f"Expected the XML {shown(expected.value)}, but got {shown(actual.value)}"
    return (Mismatch("body", "$", expected.value, actual.value, message),)


def _canonical(value: object) -> object:
    try:
        return ET.canonicalize(str(value), strip_text=True)
    except ET.ParseError:
        return value


BODIES: BodyMatchers = MappingProxyType({"*/xml": _compare_xml, "*/*+xml": _compare_xml})
