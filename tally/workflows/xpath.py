"""XPath, as far as a criterion needs it: paths of elements, attributes and texts, and one comparison.

The whole language would need a library of several megabytes, for answers that few services still give.
"""

import re
from functools import lru_cache
from typing import NoReturn
from xml.etree import ElementTree as ET

from tally.errors import InvalidContractError
from tally.values import dataclass

_FORM = re.compile(
    r"""\s*(?:
        count\(\s*(?P<counted>[^()]+?)\s*\)\s*(?P<comparison>=|!=|<=|>=|<|>)\s*(?P<number>\d+)
      | (?P<path>/[^=!<>\[\s]*(?:\[[^]]*\][^=!<>\[\s]*)*)\s*
        (?:(?P<equality>=|!=)\s*(?P<text>'[^']*'|"[^"]*"|-?\d+(?:\.\d+)?))?
    )\s*""",
    re.VERBOSE,
)
_END = re.compile(r"/(?:@(?P<attribute>[\w.-]+)|text\(\))$")
_SUPPORTED = "/a/b, //b[@kind='x']/c, a path that ends in /@name or /text(), = or != a text, count(path) > 0"


class XPathError(Exception):
    """The text that is looked at is no XML."""


@dataclass(frozen=True)
class XPath:
    """A path of elements, maybe to an *attribute*; *operator* compares each with *wanted*, or their count."""

    elements: str
    attribute: str | None = None
    operator: str | None = None
    wanted: str = ""
    counted: bool = False


@lru_cache(maxsize=512)
def parse_xpath(text: str) -> XPath:
    """Return the expression; raises InvalidContractError without a place."""
    found = _FORM.fullmatch(text)
    if found is None:
        _refuse(text)
    written = found["counted"] or found["path"]
    end = _END.search(written)
    elements = written[: end.start()] if end else written
    if not elements.startswith("/"):
        _refuse(text)
    path = XPath(
        elements,
        end["attribute"] if end else None,
        found["comparison"] or found["equality"],
        found["number"] or (found["text"] or "").strip("'\""),
        counted=found["counted"] is not None,
    )
    try:
        _elements(path.elements, ET.Element("none"))
    except (SyntaxError, KeyError, ValueError):
        _refuse(text)
    return path


def selects(path: XPath, document: str) -> bool:
    """Whether *path* holds of the XML in *document*; names are compared without their namespaces.

    Raises XPathError.
    """
    try:
        root = ET.fromstring(document)  # noqa: S314 - expat refuses entities that grow
    except ET.ParseError as error:
        raise XPathError(f"what XPath looks at is no XML ({error})") from error
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    values = [
        value
        for element in _elements(path.elements, root)
        if (value := element.get(path.attribute) if path.attribute else _text(element)) is not None
    ]
    if path.counted:
        return _holds(path.operator or "=", len(values), int(path.wanted))
    if path.operator is None:
        return bool(values)
    return any((value == path.wanted) == (path.operator == "=") for value in values)


def _elements(path: str, root: ET.Element) -> list[ET.Element]:
    # ElementTree's paths begin below an element: one above the root lets them name the root, too.
    above = ET.Element("document")
    above.append(root)
    return above.findall(f".{path}")


def _text(element: ET.Element) -> str:
    return "".join(element.itertext()).strip()


def _holds(operator: str, count: int, wanted: int) -> bool:
    comparisons = {
        "=": count == wanted,
        "!=": count != wanted,
        "<": count < wanted,
        "<=": count <= wanted,
        ">": count > wanted,
        ">=": count >= wanted,
    }
    return comparisons[operator]


def _refuse(text: str) -> NoReturn:
    raise InvalidContractError(
        f"the XPath {text!r} is not supported; supported are {_SUPPORTED}. Or use a regex criterion"
    )
