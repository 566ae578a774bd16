"""The messages on the page of troubles are those that the programs print."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `([^\n]+)`\n\n(.+?)(?=\n#|\Z)", PAGE, re.DOTALL | re.MULTILINE))
ANYTHING = "…"
PROGRAMS = ("tally", "broker", "verifier", "consumer_sdk")


@pytest.fixture(scope="module")
def texts():
    """Every text in the sources, one a line, with an ellipsis for what is filled in."""
    files = [file for program in PROGRAMS for file in (ROOT / program).rglob("*.py")]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]
    return "\n".join(filter(None, map(_text, nodes)))


def _text(node):
    """Return the text of a literal; of two that are added, the text of both."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return " ".join(node.value.split())
    if isinstance(node, ast.JoinedStr):
        return "".join(getattr(part, "value", "") or ANYTHING for part in map(_part, node.values))
    return None


def _part(value):
    return value if isinstance(value, ast.Constant) else ast.Constant(ANYTHING)


def pattern(message):
    """Return what finds *message*: its ellipses stand for anything, also for what is filled in."""
    return re.compile(".*?".join(re.escape(part) for part in re.split(rf"'?{ANYTHING}'?", message)))


@pytest.mark.parametrize("message", SECTIONS)
def test_a_message_of_the_page_is_one_that_a_program_prints(message, texts):
    assert pattern(message).search(texts)


def test_a_message_that_no_program_prints_would_be_found(texts):
    assert not pattern("The … has gone fishing").search(texts)


@pytest.mark.parametrize("message", SECTIONS)
def test_a_message_has_a_cause_and_what_to_do(message):
    assert len(SECTIONS[message].split()) >= 10


def test_the_page_has_messages_of_every_program():
    assert len(SECTIONS) == PAGE.count("\n### `") > 30
