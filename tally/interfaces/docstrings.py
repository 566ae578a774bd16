"""What a docstring says of a method: in the forms of Google, NumPy and Sphinx, with examples of doctest."""

import doctest
import inspect
import re
from dataclasses import field
from typing import Any

from tally.values import dataclass

_SECTIONS = {
    "args": "parameters",
    "arguments": "parameters",
    "parameters": "parameters",
    "keyword args": "parameters",
    "keyword arguments": "parameters",
    "other parameters": "parameters",
    "raises": "errors",
    "exceptions": "errors",
    "returns": "",
    "return": "",
    "yields": "",
    "example": "",
    "examples": "",
    "note": "",
    "notes": "",
    "see also": "",
    "warnings": "",
    "warns": "",
    "todo": "",
    "references": "",
}
_GOOGLE_ENTRY = re.compile(r"(?P<name>\*{0,2}[\w.]+)\s*(?:\([^)]*\))?\s*:\s*(?P<text>.*)")
_NUMPY_ENTRY = re.compile(r"(?P<name>\*{0,2}[\w.]+)(?:\s*:.*)?")
_SPHINX = re.compile(
    r":(?P<kind>param|parameter|arg|argument|key|keyword|raises?|except|exception|returns?|rtype|type)"
    r"(?:\s+(?P<what>[^:]+))?:\s*(?P<text>.*)"
)


@dataclass(frozen=True)
class DocExample:
    """One example of doctest: the expression, and what it gives, or the exception that it raises."""

    source: str
    wanted: str
    error: str | None = None


@dataclass
class Docstring:
    """The *text* before any section, and descriptions of *parameters* and *errors* by name."""

    text: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def read_docstring(documented: Any) -> Docstring:
    """Return what the own docstring of a method or class says; nothing when there is none."""
    text = _text(documented)
    found = Docstring()
    lines = text.splitlines()
    start = next((index for index in range(len(lines)) if _begins_section(lines, index)), len(lines))
    found.text = "\n".join(lines[:start]).split(">>>")[0].strip()
    _read_sections(lines, start, found)
    return found


def _section_at(lines: list[str], index: int) -> str | None:
    """Return what the section that begins at this line is about, or None when none begins."""
    line = lines[index]
    underlined = index + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[index + 1].strip())
    if line[:1].isspace() or not (line.rstrip().endswith(":") or underlined):
        return None
    return _SECTIONS.get(line.strip().rstrip(":").lower())


def _begins_section(lines: list[str], index: int) -> bool:
    return _section_at(lines, index) is not None or _SPHINX.match(lines[index]) is not None


def _read_sections(lines: list[str], start: int, found: Docstring) -> None:
    section, name = "", None
    for index in range(start, len(lines)):
        line = lines[index]
        begun = _section_at(lines, index)
        sphinx = _SPHINX.match(line)
        if begun is not None:
            section, name = begun, None
        elif sphinx:
            section, name = _sphinx_entry(sphinx, found)
        elif line.strip() and not re.fullmatch(r"-{3,}", line.strip()):
            name = _entry(line, section, name, found)


def _sphinx_entry(entry: re.Match[str], found: Docstring) -> tuple[str, str | None]:
    kind = entry["kind"]
    if kind in {"returns", "return", "rtype", "type"} or not entry["what"]:
        return "", None
    section = "errors" if kind in {"raise", "raises", "except", "exception"} else "parameters"
    name = _plain(entry["what"].split()[-1])
    _texts(found, section)[name] = entry["text"].strip()
    return section, name


def _entry(line: str, section: str, name: str | None, found: Docstring) -> str | None:
    """Read one line of a section: it begins an entry, or goes on with the one before."""
    if not section:
        return None
    texts = _texts(found, section)
    indentation = len(line) - len(line.lstrip())
    google = _GOOGLE_ENTRY.fullmatch(line.strip())
    if google and 0 < indentation <= _ENTRY_INDENT:
        name = _plain(google["name"])
        texts[name] = google["text"].strip()
    elif indentation == 0 and _NUMPY_ENTRY.fullmatch(line.strip()):
        name = _plain(line.split(":", maxsplit=1)[0].strip())
        texts[name] = ""
    elif name is not None and indentation:
        texts[name] = f"{texts[name]} {line.strip()}".strip()
    return name


_ENTRY_INDENT = 4


def _texts(found: Docstring, section: str) -> dict[str, str]:
    return found.errors if section == "errors" else found.parameters


def _plain(name: str) -> str:
    return name.lstrip("*").rpartition(".")[2]


def _text(documented: Any) -> str:
    written = getattr(documented, "__doc__", None)
    return inspect.cleandoc(written) if isinstance(written, str) else ""


def examples_in_docstring(documented: Any) -> tuple[DocExample, ...]:
    """Return the examples in the own docstring of a method. Raises ValueError for a malformed one."""
    examples = doctest.DocTestParser().get_examples(_text(documented))
    return tuple(
        DocExample(
            each.source.strip(),
            each.want.strip(),
            None if each.exc_msg is None else _plain(each.exc_msg.partition(":")[0].strip()),
        )
        for each in examples
    )
