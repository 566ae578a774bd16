"""What CONTRIBUTING.md asks of code and no linter looks at."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAMS = [
    path for name in ("broker", "consumer_sdk", "tally", "verifier") for path in (ROOT / name).rglob("*.py")
]
MODULES = [path for path in PROGRAMS if "migrations/versions" not in path.as_posix()]
EXCEPTION = re.compile(r"# noqa\b(?!: [A-Z0-9]+(, [A-Z0-9]+)* - \S)")
MOST_LINES = 350
MOST_LINES_OF_A_FUNCTION = 60


def test_every_exception_to_a_rule_says_why():
    files = [*PROGRAMS, *(ROOT / "tests").rglob("*.py"), *(ROOT / "docs").rglob("*.py")]

    assert [place for path in files for place in lines_with(EXCEPTION, path)] == []


def test_a_module_can_be_read_at_once():
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}

    assert {path.name: length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_a_function_can_be_seen_at_once():
    functions = [(path, node) for path in MODULES for node in functions_of(path)]

    long = [
        (path, node) for path, node in functions if node.end_lineno - node.lineno >= MOST_LINES_OF_A_FUNCTION
    ]
    assert [f"{path.name}: {node.name}" for path, node in long] == []


@pytest.mark.parametrize(
    ("line", "is_bare"),
    [
        ("x = y  # noqa: E501 - a URL", False),
        ("x = y  # noqa: E501, PLR0913 - as click calls it", False),
        ("x = y  # noqa: E501", True),
        ("x = y  # noqa", True),
    ],
)
def test_an_exception_without_a_reason_is_found(line, is_bare):
    assert bool(EXCEPTION.search(line)) is is_bare


def lines_with(pattern, path):
    if path == Path(__file__):
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if pattern.search(line):
            yield f"{path.relative_to(ROOT)}:{number}"


def functions_of(path):
    tree = ast.parse(path.read_bytes())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
