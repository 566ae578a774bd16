"""What reports in JUnit XML are made of."""

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

# XML 1.0 allows no other characters, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COUNTS = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def element(name: str, /, **attributes: str) -> ET.Element:
    """Return an element; what XML does not allow in a text is replaced."""
    return ET.Element(name, {key: _text(value) for key, value in attributes.items()})


def add(parent: ET.Element, name: str, text: str | None = None, /, **attributes: str) -> ET.Element:
    """Add an element to *parent*, and return it."""
    added = element(name, **attributes)
    added.text = None if text is None else _text(text)
    parent.append(added)
    return added


def filled(suite: ET.Element, cases: list[ET.Element]) -> ET.Element:
    """Add the cases to the suite, and set its counts and time."""
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    for kind, name in _COUNTS.items():
        suite.set(name, str(sum(case.find(kind) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.6f}")
    return suite


def document(suites: Iterable[ET.Element], *, name: str, duration_ms: float = 0) -> str:
    """Return the XML with all suites, whose counts are added up."""
    root = element("testsuites", name=name, time=seconds(duration_ms))
    root.extend(suites)
    for count in ("tests", *_COUNTS.values()):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def seconds(milliseconds: float) -> str:
    """Return a duration as JUnit has it."""
    return f"{milliseconds / 1000:.6f}"


def _text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
